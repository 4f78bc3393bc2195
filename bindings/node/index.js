// Calls functions of WebAssembly components by the command `tenon`, which is in this package: one process for each call.
// docs/node.md is the guide.
"use strict";

const { spawn } = require("node:child_process");
const { randomUUID } = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");

// The system passes no argument of more bytes. A larger one goes to standard input, which takes one.
const LARGEST_ARGUMENT = 100_000;

const EXIT_ERR = 1;

// Of the command: guests write to standard output and standard error, but not to this.
const RESULT_FD = 3;

// Stands for -0 until a value is text: JSON.stringify writes that as 0. No argument can have it.
const MINUS_ZERO = `-0 ${randomUUID()}`;

class TenonError extends Error {
  constructor(diagnostics, exitCode, text) {
    const first = diagnostics.find((diagnostic) => diagnostic.level === "error");
    super(first ? `${first.code}: ${first.message}` : text || `tenon ended with exit code ${exitCode}`);
    this.name = "TenonError";
    this.code = first ? first.code : undefined;
    this.diagnostics = diagnostics;
    this.exitCode = exitCode;
  }
}

class ResultError extends Error {
  constructor(name, payload) {
    super(`${name}: ${payload === undefined || payload === null ? "error" : typeof payload === "string" ? payload : JSON.stringify(payload)}`);
    this.name = "ResultError";
    this.payload = payload;
  }
}

function findCommand() {
  if (process.env.TENON_COMMAND) return process.env.TENON_COMMAND;
  const own = path.join(__dirname, "bin", "tenon");
  return fs.existsSync(own) ? own : "tenon";
}

// A value as JSON of tenon: bytes in base64, integers of any size, maps as pairs.
function encode(value, what) {
  if (value === undefined || typeof value === "function" || typeof value === "symbol")
    throw new TypeError(`${what} is ${typeof value}, which is not a value of WIT`);
  const text = JSON.stringify(value, function (key, converted) {
    const original = this[key]; // before `toJSON`
    if (typeof original === "bigint") return original.toString();
    if (Object.is(original, -0)) return MINUS_ZERO;
    if (typeof original === "number" && !Number.isFinite(original))
      return Number.isNaN(original) ? "nan" : original > 0 ? "inf" : "-inf";
    if (original instanceof Uint8Array) return { $b64: Buffer.from(original.buffer, original.byteOffset, original.length).toString("base64") };
    if (ArrayBuffer.isView(original) && !(original instanceof DataView)) return Array.from(original);
    if (original instanceof Map) return [...original];
    return converted;
  });
  return text.replaceAll(`"${MINUS_ZERO}"`, "-0");
}

// `{ timeout: "5s", with: ["a.wasm", "b.wasm"], isolate: true }` as flags. Each is one argument, whatever is in it.
function makeFlags(flags) {
  const made = [];
  for (const [name, value] of Object.entries(flags)) {
    if (!/^[a-z][a-zA-Z]*$/.test(name)) throw new TypeError(`\`${name}\` is not the name of a flag`);
    const flag = "--" + name.replace(/[A-Z]/g, (letter) => "-" + letter.toLowerCase());
    const values = Array.isArray(value) ? value
      : value !== null && typeof value === "object" ? Object.entries(value).map(([key, of]) => `${key}=${of}`) : [value];
    for (const one of values) {
      if (one === true) made.push(flag);
      else if (typeof one === "string" || typeof one === "number") made.push(`${flag}=${one}`);
      else if (one !== false && one !== undefined) throw new TypeError(`the flag \`${name}\` cannot be ${one === null ? "null" : typeof one}`);
    }
  }
  return made;
}

function makeArguments(target, flags, name, args) {
  if (typeof target !== "string" || target === "" || target === "-") throw new TypeError("a composition is the path of a component or a folder");
  if (typeof name !== "string" || !/^[^\s(){}"'@-][^\s(){}"']*$/.test(name)) throw new TypeError(`\`${name}\` is not the name of a function`);
  if (!Array.isArray(args)) throw new TypeError("the arguments of a function are an array");
  const texts = args.map((value, i) => encode(value, `argument ${i + 1}`));
  let input = "";
  const words = texts.map((text) => {
    if (Buffer.byteLength(text) <= LARGEST_ARGUMENT) return text;
    if (input !== "") throw new RangeError(`two arguments have more than ${LARGEST_ARGUMENT} bytes of JSON; the command takes one`);
    input = text;
    return "@-";
  });
  return { words: ["call", "--json", "--error-format=json", `--result-fd=${RESULT_FD}`, ...makeFlags(flags), "--", target, name, ...words], input };
}

function readDiagnostics(text) {
  const diagnostics = [];
  const rest = [];
  for (const line of text.split("\n").filter((found) => found !== "")) {
    try {
      const found = JSON.parse(line);
      if (typeof found.code !== "string") throw new SyntaxError("another object");
      diagnostics.push(found);
    } catch {
      rest.push(line); // of the guest
    }
  }
  return { diagnostics, rest: rest.join("\n") };
}

function readResult(text) {
  return text === "" ? undefined : JSON.parse(text);
}

function finish(name, code, signal, result, errors) {
  const { diagnostics, rest } = readDiagnostics(errors);
  if (signal !== null) throw new TenonError(diagnostics, null, `tenon was ended by ${signal}`);
  if (code === 0) return readResult(result);
  if (code === EXIT_ERR && !diagnostics.some((diagnostic) => diagnostic.level === "error")) {
    const value = readResult(result);
    if (value && typeof value === "object" && "err" in value) throw new ResultError(name, value.err);
  }
  throw new TenonError(diagnostics, code, rest);
}

function run(command, words, input, { signal, cwd, env }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, words, { shell: false, signal, killSignal: "SIGKILL", cwd, env, stdio: ["pipe", "ignore", "pipe", "pipe"] });
    const result = [];
    const errors = [];
    child.stdio[RESULT_FD].on("data", (data) => result.push(data));
    child.stderr.on("data", (data) => errors.push(data));
    child.stdin.on("error", () => {}); // the command can end before it has read everything
    child.on("error", reject);
    child.on("close", (code, ended) => resolve({ code, ended, result: Buffer.concat(result).toString(), errors: Buffer.concat(errors).toString() }));
    child.stdin.end(input);
  });
}

async function callTarget(target, flags, name, args, options = {}) {
  const { words, input } = makeArguments(target, flags, name, args);
  options.signal?.throwIfAborted();
  const { code, ended, result, errors } = await run(options.command ?? findCommand(), words, input, options);
  return finish(name, code, ended, result, errors);
}

// A composition whose functions can be called: its target and flags. Nothing is read or started yet.
class Composition {
  #target;
  #flags;
  constructor(target, flags) {
    this.#target = target;
    this.#flags = flags;
    makeFlags(flags); // throws
  }
  call(name, args = [], options = {}) {
    return callTarget(this.#target, this.#flags, name, args, options);
  }
}

function link(target, flags = {}) {
  return new Composition(target, flags);
}

async function call(composition, name, args = [], options = {}) {
  return (composition instanceof Composition ? composition : link(composition)).call(name, args, options);
}

module.exports = { link, call, Composition, TenonError, ResultError };
