/** A problem, as `tenon --error-format json` prints it (docs/command.md, "Problems"). */
export interface Diagnostic {
  /** Stable: `tenon explain CODE` describes it. */
  code: string;
  level: "error" | "warning" | "note";
  message: string;
  file: string | null;
  unit: string | null;
  path: string | null;
  span: { offset: number | null; line: number | null; column: number | null } | null;
  excerpt: string[];
  notes: { text: string; excerpt: string[] }[];
  hints: string[];
  related: { file: string | null; unit: string | null; path: string | null; span: Diagnostic["span"] }[];
}

/** A link or a call failed. */
export class TenonError extends Error {
  /** Of the first error; undefined if the command did not say why it ended. */
  code: string | undefined;
  diagnostics: Diagnostic[];
  /** Of the command (docs/command.md, "Exit codes"); null: a signal ended it. */
  exitCode: number | null;
}

/** The function returned the error of a WIT `result`. */
export class ResultError extends Error {
  payload: unknown;
}

export interface CallOptions {
  /** Ends the call; the promise is then rejected with an AbortError. */
  signal?: AbortSignal;
  /** The folder of relative paths. */
  cwd?: string;
  /** The environment of the command, not of guests. */
  env?: NodeJS.ProcessEnv;
  /** The command; the default is that of this package, `TENON_COMMAND`, or `tenon` on PATH. */
  command?: string;
}

/**
 * Flags of `tenon call` in camelCase: `{ with: ["tax.wasm"], timeout: "5s", dir: "ro:data", env: { LANG: "en" }, isolate: true }`.
 * A list repeats the flag, and an object has KEY=VALUE.
 */
export type Flags = Record<string, string | number | boolean | undefined | (string | number)[] | Record<string, string | number>>;

export class Composition {
  private constructor();
  /**
   * Calls a function: "total", "acme:shop/api.total". Arguments and the result are JSON values of tenon (docs/wave.md, "JSON");
   * an argument can also be a bigint, a typed array or a Map. Every call is a process with a new instance.
   */
  call(name: string, args?: unknown[], options?: CallOptions): Promise<any>;
}

/** A component, or a folder with a tenon.toml or components, and flags. Nothing is read before the first call. */
export function link(target: string, flags?: Flags): Composition;

/** Calls a function of a component, a folder or a composition. */
export function call(composition: string | Composition, name: string, args?: unknown[], options?: CallOptions): Promise<any>;
