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

// A value of JavaScript for a type of the table of tests/values.
function native(type, value) {
  const [kind, ...rest] = typeof type === "string" ? [type] : type;
  switch (kind) {
    case "s64": case "u64": return BigInt(value);
    case "f32": case "f64": return { nan: NaN, inf: Infinity, "-inf": -Infinity }[value] ?? value;
    case "list": case "array": return rest[0] === "u8" ? Uint8Array.from(value) : value.map((each) => native(rest[0], each));
    case "tuple": return value.map((each, i) => native(rest[i], each));
    case "map": return new Map(value.map(([key, each]) => [native(rest[0], key), native(rest[1], each)]));
    case "record": return Object.fromEntries(Object.entries(rest[1]).map(([label, part]) => [label, native(part, value[label])]));
    case "option":
      if (value === null) return null;
      return rest[0][0] === "option" ? { some: native(rest[0], value.some) } : native(rest[0], value);
    case "variant": case "result": {
      const [[label, payload]] = Object.entries(value);
      const part = kind === "variant" ? rest[1][label] : rest[label === "ok" ? 0 : 1];
      return { [label]: part === null ? null : native(part, payload) };
    }
    default: return value;
  }
}

function repeat(value, times) {
  if (times === undefined) return value;
  if (typeof value === "string") return value.repeat(times);
  return value instanceof Uint8Array ? Buffer.concat(Array(times).fill(value)) : Array(times).fill(value).flat();
}

test("the values of the table come back", async () => {
  const root = path.join(__dirname, "..", "..");
  const table = JSON.parse(fs.readFileSync(path.join(root, "tests", "values", "gen", "values.json"), "utf8"));
  const passed = async (row, each, flags) => {
    const guest = table.sets[row.set];
    const file = guest.guests.wat ?? guest.guests.rust;
    const value = repeat(native(row.type, each.json), each.times);
    const name = `${guest.interface.split("@")[0]}.${row.function}`;
    const found = await link(path.join(root, file), flags).call(name, row.spread ? value : [value]).catch((error) => {
      if (!(error instanceof ResultError)) throw error;
      return { err: error.payload };
    });
    assert.deepStrictEqual(found, repeat(each.json, each.times), `${row.function} of ${JSON.stringify(each.json)}`);
  };
  // Each call is a process, so only the last value of a row is passed to a domain of its own.
  const calls = table.rows.flatMap((row) => [...row.values.map((each) => () => passed(row, each, {})),
    ...row.values.slice(process.env.TENON_TEST_ALL ? 0 : -1).map((each) => () => passed(row, each, { isolate: true }))]);
  assert(calls.length > 2 * table.rows.length);
  while (calls.length > 0) await Promise.all(calls.splice(0, 8).map((call) => call()));
});

test("texts are not options, files or commands", async () => {
  const hostile = "a\u0000b \"'`$(rm -rf /)` ; -x --help @file \n\r\t \u2028 日本語 🎉";
  for (const text of [hostile, "@/etc/passwd", "--json"]) assert.strictEqual(await same("string", text), text);
});

test("values of JavaScript become those of WIT", async () => {
  assert.deepStrictEqual(await same("bytes", new Uint8Array([1, 2, 3]).subarray(1)), [2, 3]);
  assert.deepStrictEqual(await same("bytes", Buffer.from("hi")), [104, 105]);
  assert.strictEqual(await same("u32", -0), 0);
  assert.strictEqual(await call(kinds, "add", [1, 2]), 3);
  assert.strictEqual(await call(kinds, "nothing"), undefined);
});

// Prints `1` without a line feed, and then returns 5, nothing, or an error.
const PRINTS = `(component
  (import "wasi:io/error@0.2.0" (instance $io-error (export "error" (type (sub resource)))))
  (alias export $io-error "error" (type $error))
  (import "wasi:io/streams@0.2.0" (instance $streams
    (alias outer 1 $error (type $outer-error))
    (export "error" (type $error (eq $outer-error)))
    (export "output-stream" (type $output (sub resource)))
    (type $failure (variant (case "last-operation-failed" (own $error)) (case "closed")))
    (export "stream-error" (type $stream-error (eq $failure)))
    (export "[method]output-stream.blocking-write-and-flush"
      (func (param "self" (borrow $output)) (param "contents" (list u8)) (result (result (error $stream-error)))))))
  (alias export $streams "output-stream" (type $output-stream))
  (import "wasi:cli/stdout@0.2.0" (instance $stdout
    (alias outer 1 $output-stream (type $outer-output))
    (export "output-stream" (type $output (eq $outer-output)))
    (export "get-stdout" (func (result (own $output))))))
  (core module $memory (memory (export "memory") 1) (data (i32.const 16) "1"))
  (core instance $memory (instantiate $memory))
  (alias core export $memory "memory" (core memory $m))
  (core func $get (canon lower (func $stdout "get-stdout")))
  (core func $write (canon lower (func $streams "[method]output-stream.blocking-write-and-flush") (memory $m)))
  (core module $code
    (import "" "get" (func $get (result i32)))
    (import "" "write" (func $write (param i32 i32 i32 i32)))
    (func $print (export "nothing") (call $write (call $get) (i32.const 16) (i32.const 1) (i32.const 0)))
    (func (export "five") (result i32) (call $print) (i32.const 5))
    (func (export "fails") (result i32) (call $print) (i32.const 1)))
  (core instance $core (instantiate $code (with "" (instance (export "get" (func $get)) (export "write" (func $write))))))
  (func (export "nothing") (canon lift (core func $core "nothing")))
  (func (export "five") (result u32) (canon lift (core func $core "five")))
  (func (export "fails") (result (result)) (canon lift (core func $core "fails"))))`;

test("what a guest prints is not its result", async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "tenon-node-"));
  try {
    const prints = path.join(folder, "prints.wat");
    fs.writeFileSync(prints, PRINTS);
    assert.strictEqual(await call(prints, "five"), 5);
    assert.strictEqual(await call(prints, "nothing"), undefined);
    await assert.rejects(call(prints, "fails"), ResultError);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
});

test("two large values", async () => {
  const text = "ü".repeat(1_000_000);
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
