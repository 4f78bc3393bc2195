/* What wasmtime's C API lacks: the C side of the crate tenon-engine.
 *
 * Words, as in wasmtime's headers: a function *borrows* what a pointer points to for the call,
 * *takes* what it then owns, and *gives* what the caller then owns and must delete. Taking a
 * `wasmtime_context_t*` acquires exclusive access to its store for the call. No function keeps a
 * borrowed pointer. A panic inside is caught and comes back as an error.
 *
 * `wasmtime_error_t*` and `tenon_engine_problem_t*` results: null is success; else it is given.
 * A `**` out-parameter must point to a null pointer and is set on success only.
 */
#ifndef TENON_ENGINE_H
#define TENON_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wasmtime.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Bytes, texts and problems ---- */

/* Bytes that someone else owns. Texts are UTF-8 and not terminated. `data` may be null if `size` is
 * 0. One that comes out of a getter is borrowed from the object that was asked. */
typedef struct tenon_engine_slice {
  const uint8_t* data;
  size_t size;
} tenon_engine_slice_t;

/* Bytes that this library allocated. Must be zero before it is filled. */
typedef struct tenon_engine_bytes {
  uint8_t* data;
  size_t size;
  size_t capacity;
} tenon_engine_bytes_t;

/* Frees the bytes and zeroes `bytes`. */
void tenon_engine_bytes_delete(tenon_engine_bytes_t* bytes);

/* Why text or bytes were refused, and where. */
typedef struct tenon_engine_problem tenon_engine_problem_t;

typedef struct tenon_engine_problem_view {
  tenon_engine_slice_t message;
  tenon_engine_slice_t file;    /* empty: none */
  tenon_engine_slice_t excerpt; /* lines of text, the last one with a caret; empty: none */
  uint64_t offset;              /* byte offset, if `has_offset` */
  bool has_offset;
  uint32_t line;   /* 1-based; 0: none */
  uint32_t column; /* 1-based, in characters; 0: none */
} tenon_engine_problem_view_t;

/* Borrows `problem` for as long as `view` is used. */
void tenon_engine_problem_get(const tenon_engine_problem_t* problem,
                              tenon_engine_problem_view_t* view);
/* Takes `problem`. */
void tenon_engine_problem_delete(tenon_engine_problem_t* problem);

/* ---- Configuration ---- */

/* Sets the WebAssembly features: wasmtime's defaults and the whole component model that this
 * version runs; with `concurrent` also async functions with all their built-ins, and the engine's
 * support for them. */
void tenon_engine_config_language_set(wasm_config_t* config, bool concurrent);
/* Whether functions are inlined across core modules, the engine's own adapters among them. Inside
 * one module only code that uses GC is inlined: other languages' compilers have done that. */
void tenon_engine_config_inlining_set(wasm_config_t* config, bool enable);
/* Frames that a backtrace holds at most (0: no backtraces), and whether compiled code keeps the
 * debug information that gives them source positions. */
void tenon_engine_config_backtrace_set(wasm_config_t* config, size_t max_frames, bool sources);
/* As `wasm_engine_new_with_config`, but a configuration that cannot be is an error.
 * Takes `config`, gives `engine`. */
wasmtime_error_t* tenon_engine_new(wasm_config_t* config, wasm_engine_t** engine);
/* Gives the bytes that two engines must have in common to exchange compiled code: version,
 * configuration, compiler settings, processor. */
wasmtime_error_t* tenon_engine_compatibility(const wasm_engine_t* engine,
                                             tenon_engine_bytes_t* bytes);
/* Version of wasmtime. Static. */
tenon_engine_slice_t tenon_engine_version(void);

/* ---- Validation and text of binaries ---- */

/* Succeeds if `component` is one that a concurrent engine takes. Nothing is compiled. */
tenon_engine_problem_t* tenon_engine_validate(const tenon_engine_slice_t* component);
/* Assembles `text` (binaries pass through) and gives `wasm`. `file` names it in problems. */
tenon_engine_problem_t* tenon_engine_wat_to_wasm(const tenon_engine_slice_t* file,
                                                 const tenon_engine_slice_t* text,
                                                 tenon_engine_bytes_t* wasm);
/* Gives the text of a binary. */
tenon_engine_problem_t* tenon_engine_wasm_to_wat(const tenon_engine_slice_t* wasm,
                                                 tenon_engine_bytes_t* text);

/* ---- WASI ---- */

/* A WASI context that is being put together; at first nothing is open. */
typedef struct tenon_engine_wasi tenon_engine_wasi_t;
/* What guests wrote, where it is kept. */
typedef struct tenon_engine_capture tenon_engine_capture_t;

/* Gives a context. */
tenon_engine_wasi_t* tenon_engine_wasi_new(void);
/* Takes `wasi`. */
void tenon_engine_wasi_delete(tenon_engine_wasi_t* wasi);
wasmtime_error_t* tenon_engine_wasi_add_arg(tenon_engine_wasi_t* wasi,
                                            const tenon_engine_slice_t* arg);
wasmtime_error_t* tenon_engine_wasi_add_env(tenon_engine_wasi_t* wasi,
                                            const tenon_engine_slice_t* name,
                                            const tenon_engine_slice_t* value);
/* Opens the directory `host` (a path in the system's bytes) as `guest`. */
wasmtime_error_t* tenon_engine_wasi_add_directory(tenon_engine_wasi_t* wasi,
                                                  const tenon_engine_slice_t* host,
                                                  const tenon_engine_slice_t* guest, bool writable);
/* Allows TCP and UDP with the addresses that `host` (a name, an address, or "*") resolves to, at
 * `port` or `any_port`: to connect, to send, to receive from, and to listen at. Blocks while the
 * name is resolved. Any such grant allows name lookup. */
wasmtime_error_t* tenon_engine_wasi_allow_network(tenon_engine_wasi_t* wasi,
                                                  const tenon_engine_slice_t* host, uint16_t port,
                                                  bool any_port);
void tenon_engine_wasi_inherit_stdio(tenon_engine_wasi_t* wasi);
/* Keeps at most `limit` bytes of each output stream; a guest that writes more is stopped.
 * Gives the capture, which may outlive the store. */
tenon_engine_capture_t* tenon_engine_wasi_capture_stdio(tenon_engine_wasi_t* wasi, size_t limit);
/* Gives copies of what is there so far. */
void tenon_engine_capture_read(const tenon_engine_capture_t* capture, tenon_engine_bytes_t* out,
                               tenon_engine_bytes_t* err);
/* Takes `capture`. */
void tenon_engine_capture_delete(tenon_engine_capture_t* capture);
/* Makes `wasi` the WASI context of a store. Takes `wasi`. */
wasmtime_error_t* tenon_engine_context_set_wasi(wasmtime_context_t* context,
                                                tenon_engine_wasi_t* wasi);
/* Defines WASI 0.2 (and 0.3 if the linker's engine is concurrent) as `tenon_engine_instantiate` and
 * `tenon_engine_run_command` need it. */
wasmtime_error_t* tenon_engine_linker_add_wasi(wasmtime_component_linker_t* linker);

/* ---- Instances and commands ---- */

/* As `wasmtime_component_linker_instantiate`, and on a concurrent engine by its event loop, until
 * done. */
wasmtime_error_t* tenon_engine_instantiate(const wasmtime_component_linker_t* linker,
                                           wasmtime_context_t* context,
                                           const wasmtime_component_t* component,
                                           wasmtime_component_instance_t* instance);

typedef struct tenon_engine_command_end {
  int32_t exit_code; /* 0 for ok and 1 for err, or what the guest exited with */
  bool exited;       /* by `wasi:cli/exit` */
} tenon_engine_command_end_t;

/* Calls `run` of the exported instance `interface`, a `func() -> result` or its async form. */
wasmtime_error_t* tenon_engine_run_command(wasmtime_context_t* context,
                                           const wasmtime_component_instance_t* instance,
                                           const tenon_engine_slice_t* interface,
                                           tenon_engine_command_end_t* end);

/* ---- Failures ---- */

#define TENON_ENGINE_FAILURE_TRAP 0        /* a guest broke a rule, or gave up */
#define TENON_ENGINE_FAILURE_INTERRUPTED 1 /* the epoch's deadline passed */
#define TENON_ENGINE_FAILURE_OUT_OF_FUEL 2
#define TENON_ENGINE_FAILURE_EXIT 3  /* `wasi:cli/exit` */
#define TENON_ENGINE_FAILURE_ERROR 4 /* no guest was running */

typedef struct tenon_engine_failure tenon_engine_failure_t;

typedef struct tenon_engine_failure_view {
  tenon_engine_slice_t message; /* without the backtrace */
  size_t frame_count;
  int32_t exit_code;
  uint8_t kind;
} tenon_engine_failure_view_t;

typedef struct tenon_engine_frame {
  tenon_engine_slice_t function; /* demangled; empty: no name */
  tenon_engine_slice_t module;   /* empty: no name */
  uint64_t offset;               /* in the outermost component's bytes, if `has_offset` */
  size_t source_count;
  uint32_t function_index;
  bool has_offset;
  bool is_inlined; /* the instruction is of a function inlined in this one, for which the engine
                    * keeps no position: `offset` is where this function begins */
} tenon_engine_frame_t;

typedef struct tenon_engine_source {
  tenon_engine_slice_t function; /* demangled; empty: no name */
  tenon_engine_slice_t file;
  uint32_t line;   /* 1-based; 0: none */
  uint32_t column; /* 1-based; 0: none */
} tenon_engine_source_t;

/* Takes `error`, gives what can be read out of it. */
tenon_engine_failure_t* tenon_engine_failure_new(wasmtime_error_t* error);
void tenon_engine_failure_get(const tenon_engine_failure_t* failure,
                              tenon_engine_failure_view_t* view);
/* Frames are counted from the innermost; false if there is none. */
bool tenon_engine_failure_frame(const tenon_engine_failure_t* failure, size_t index,
                                tenon_engine_frame_t* view);
/* Positions of a frame, innermost inlined function first; false if there is none. */
bool tenon_engine_failure_source(const tenon_engine_failure_t* failure, size_t frame, size_t index,
                                 tenon_engine_source_t* view);
/* Takes `failure`. */
void tenon_engine_failure_delete(tenon_engine_failure_t* failure);

/* ---- WIT ---- */

#define TENON_ENGINE_WIT_INTERFACE 0
#define TENON_ENGINE_WIT_WORLD 1
#define TENON_ENGINE_WIT_TYPE 2
#define TENON_ENGINE_WIT_FUNCTION 3
#define TENON_ENGINE_WIT_IMPORT 4
#define TENON_ENGINE_WIT_EXPORT 5

/* An encoded WIT package and where its items are written. */
typedef struct tenon_engine_wit tenon_engine_wit_t;

typedef struct tenon_engine_wit_view {
  tenon_engine_slice_t package; /* such as "acme:tax@1.2.0" */
  tenon_engine_slice_t binary;  /* a binary WIT package */
  size_t item_count;
} tenon_engine_wit_view_t;

typedef struct tenon_engine_wit_item {
  tenon_engine_slice_t path;
  tenon_engine_slice_t file;
  uint32_t line;   /* 1-based */
  uint32_t column; /* 1-based, in characters */
  uint8_t kind;
} tenon_engine_wit_item_t;

/* Parses a directory or a file of WIT, encodes its main package and gives `wit`. */
tenon_engine_problem_t* tenon_engine_wit_encode_path(const tenon_engine_slice_t* path,
                                                     tenon_engine_wit_t** wit);
/* The same from a text; `file` names it in positions. */
tenon_engine_problem_t* tenon_engine_wit_encode_text(const tenon_engine_slice_t* file,
                                                     const tenon_engine_slice_t* text,
                                                     tenon_engine_wit_t** wit);
void tenon_engine_wit_get(const tenon_engine_wit_t* wit, tenon_engine_wit_view_t* view);
/* Items of dependencies first, then in the order of the text; false if there is none. */
bool tenon_engine_wit_item_get(const tenon_engine_wit_t* wit, size_t index,
                               tenon_engine_wit_item_t* view);
/* Takes `wit`. */
void tenon_engine_wit_delete(tenon_engine_wit_t* wit);
/* Gives the WIT text of a binary WIT package or a component. */
tenon_engine_problem_t* tenon_engine_wit_print(const tenon_engine_slice_t* binary,
                                               tenon_engine_bytes_t* text);
/* The packages of WASI 0.`minor` as binary WIT packages, dependencies first; false if there is no
 * such. Static. */
bool tenon_engine_wasi_package(uint32_t minor, size_t index, tenon_engine_slice_t* name,
                               tenon_engine_slice_t* binary);

#ifdef __cplusplus
}
#endif

#endif /* TENON_ENGINE_H */
