// Run by `node --test`, with the command in TENON_COMMAND.
"use strict";

const assert = require("node:assert");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const test = require("node:test");
const { link, call, TenonError, ResultError } = require("./index.js");

const guests = path.join(__dirname, "..", "..", "tests", "guests");
const kinds = path.join(guests, "kinds", "kinds.wat");
const lib = path.join(guests, "domains", "wasm", "lib.wasm");
const same = (name, value) => call(kinds, `acme:kinds/same.same-${name}`, [value]);

test("values come back", async () => {
  const hostile = "a\u0000b \"'`$(rm -rf /)` ; -x --help @file \n\r\t \u2028 日本語 🎉";
  const values = [["bool", true], ["s8", -128], ["u8", 255], ["s64", -5], ["f64", -0.5], ["char", "ß"], ["string", ""],
    ["string", hostile], ["string", "@/etc/passwd"], ["string", "--json"], ["bytes", [0, 255]], ["pair", [1, "x"]],
    ["item", { name: "a", price: null, tags: [] }], ["items", [{ name: "", price: 1.5, tags: [hostile] }]],
    ["color", "red"], ["access", ["read", "none"]], ["option", null], ["option", "x"], ["result", { ok: 5 }]];
  for (const [name, value] of values) assert.deepStrictEqual(await same(name, value), value, name);
});

test("values of JavaScript become those of WIT", async () => {
  assert.deepStrictEqual(await same("bytes", new Uint8Array([1, 2, 3]).subarray(1)), [2, 3]);
  assert.deepStrictEqual(await same("bytes", Buffer.from("hi")), [104, 105]);
  assert.strictEqual(await same("u64", 2n ** 64n - 1n), "18446744073709551615");
  assert.strictEqual(await same("s64", -(2n ** 63n)), "-9223372036854775808");
  assert.strictEqual(await same("f64", NaN), "nan");
  assert.strictEqual(await same("f64", -Infinity), "-inf");
  assert.strictEqual(await call(kinds, "add", [1, 2]), 3);
  assert.strictEqual(await call(kinds, "nothing"), undefined);
});

test("large values", async () => {
  const text = "ü".repeat(1_000_000);
  assert.strictEqual(await same("string", text), text);
  await assert.rejects(link(lib).call("add", [text, text]), RangeError);
});

test("errors have the diagnostics", async () => {
  await assert.rejects(same("u32", "a"), (error) => {
    assert(error instanceof TenonError);
    assert.strictEqual(error.code, "value-type");
    assert.strictEqual(error.exitCode, 125);
    assert.match(error.message, /^value-type: expected `u32`, found the string `a`/);
    assert.strictEqual(error.diagnostics[0].file, "argument 1");
    assert.deepStrictEqual(error.diagnostics[0].hints, ["write an integer from 0 to 4294967295"]);
    return true;
  });
  const code = (expected) => (error) => error instanceof TenonError && error.code === expected;
  await assert.rejects(call(kinds, "crash"), (error) => code("run-trap")(error) && error.diagnostics[0].unit === "kinds" && error.exitCode === 134);
  await assert.rejects(call(kinds, "missing"), code("run-no-function"));
  await assert.rejects(call("missing.wasm", "f"), code("read-file"));
  await assert.rejects(call("--help", "f"), code("read-file"));
  await assert.rejects(link(kinds, { nonsense: "x" }).call("add", [1, 2]), code("config-usage"));
  await assert.rejects(link(lib, { timeout: "100ms" }).call("spin"), code("run-deadline"));
  await assert.rejects(call(kinds, "add", [1, 2], { command: "/does/not/exist" }), { code: "ENOENT" });
});

test("the error of a result is an exception", async () => {
  await assert.rejects(same("result", { err: "no such file" }), (error) => {
    assert(error instanceof ResultError);
    assert.strictEqual(error.payload, "no such file");
    return true;
  });
  await assert.rejects(same("outcome", { err: null }), ResultError);
});

test("wrong uses", async () => {
  for (const composition of [undefined, 3, "", "-", null, {}]) await assert.rejects(call(composition, "f"), TypeError);
  for (const name of [undefined, "", "f(1)", "-f", "@f", "a b", 'x"', "f\n"]) await assert.rejects(call(kinds, name), TypeError);
  for (const value of [undefined, () => 1, Symbol("x")]) await assert.rejects(call(kinds, "add", [value, 1]), TypeError);
  for (const args of ["ab", 5, {}, null]) await assert.rejects(call(kinds, "add", args), TypeError);
  await assert.rejects(call(kinds + "\0", "add", [1, 2]), { code: "ERR_INVALID_ARG_VALUE" });
  for (const flags of [{ "a b": "x" }, { "--dir": "x" }, { timeout: null }, { timeout: () => 1 }, { with: [{}] }])
    assert.throws(() => link(kinds, flags), TypeError);
  const circle = [];
  circle.push(circle);
  await assert.rejects(call(kinds, "add", [circle, 1]), TypeError);
});

test("an AbortSignal ends a call", async () => {
  const begun = Date.now();
  await assert.rejects(call(lib, "spin", [], { signal: AbortSignal.timeout(200) }), { name: "AbortError" });
  assert(Date.now() - begun < 20_000);
  await assert.rejects(call(lib, "spin", [], { signal: AbortSignal.abort() }), { name: "AbortError" });
});

test("flags grant access, and calls run at the same time", async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "tenon-node-"));
  try {
    const calc = link(kinds, { isolate: true, memory: "16MiB", env: { A: "b c" }, dir: [`ro:${folder}`], noCache: true, trustPath: undefined });
    const sums = await Promise.all([...Array(8).keys()].map((i) => calc.call("add", [i, i])));
    assert.deepStrictEqual(sums, [0, 2, 4, 6, 8, 10, 12, 14]);
    assert.strictEqual(await call(calc, "count"), 1);
    assert.strictEqual(await call(calc, "count"), 1); // a new instance
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
});
