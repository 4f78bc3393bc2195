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
  uint8_t cause;   /* of TENON_ENGINE_CAUSE_ */
} tenon_engine_problem_view_t;

#define TENON_ENGINE_CAUSE_INPUT 0
#define TENON_ENGINE_CAUSE_SWITCHED_OFF 1 /* valid, with a feature that is not enabled */
#define TENON_ENGINE_CAUSE_PANIC 2        /* a bug of the engine */

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

/* What guests ask for where nothing of its kind is granted. */
typedef struct tenon_engine_denials tenon_engine_denials_t;

#define TENON_ENGINE_DENIED_ENVIRONMENT 1
#define TENON_ENGINE_DENIED_FILE_SYSTEM 2
#define TENON_ENGINE_DENIED_NETWORK 4
#define TENON_ENGINE_DENIED_OUTPUT 8

/* Gives one in which nothing is noted yet. */
tenon_engine_denials_t* tenon_engine_denials_new(void);
/* Takes `denials`; linkers and contexts that note in it keep what they need. */
void tenon_engine_denials_delete(tenon_engine_denials_t* denials);
/* The kinds that were asked for so far. On any thread. */
uint32_t tenon_engine_denials_asked(const tenon_engine_denials_t* denials);

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
 * name is resolved. */
wasmtime_error_t* tenon_engine_wasi_allow_network(tenon_engine_wasi_t* wasi,
                                                  const tenon_engine_slice_t* host, uint16_t port,
                                                  bool any_port);
/* Notes in `denials` what is asked of a network while no address of one is allowed, and that
 * something was written while standard output and error are closed. */
void tenon_engine_wasi_watch(tenon_engine_wasi_t* wasi, const tenon_engine_denials_t* denials);
void tenon_engine_wasi_inherit_stdin(tenon_engine_wasi_t* wasi);
/* Standard output and error. */
void tenon_engine_wasi_inherit_output(tenon_engine_wasi_t* wasi);
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
/* After that: whoever asks for an environment or directories, as far as they are `kinds`, is told
 * that there are none, and it is noted in `denials`. */
wasmtime_error_t* tenon_engine_linker_watch(wasmtime_component_linker_t* linker,
                                            const tenon_engine_denials_t* denials, uint32_t kinds);
/* Limits name look-ups to the `count` names `names`, ignoring case. Any other name is refused before
 * a query is sent, and recorded in `denials`, which may be null. Look-ups also need a store that
 * allows a network. Requires `tenon_engine_linker_add_wasi`. */
wasmtime_error_t* tenon_engine_linker_limit_names(wasmtime_component_linker_t* linker,
                                                  const tenon_engine_slice_t* names, size_t count,
                                                  const tenon_engine_denials_t* denials);

/* ---- Limits ---- */

/* UINT64_MAX: no limit. */
typedef struct {
  uint64_t memory_bytes;   /* of all memories of the store together */
  uint64_t table_elements; /* of each table */
  uint64_t instances;
  uint64_t tables;
  uint64_t memories;
} tenon_engine_limits_t;
/* Replaces `wasmtime_store_limiter`, which can only limit each memory. */
wasmtime_error_t* tenon_engine_store_limit(wasmtime_store_t* store,
                                           const tenon_engine_limits_t* limits);
typedef bool (*tenon_engine_goes_on_t)(void* env);
/* At each interruption while a guest runs, `goes_on` says whether it goes on; without this call,
 * the first one ends it. `env` outlives the store's last guest. */
void tenon_engine_store_ask_at_interruptions(wasmtime_store_t* store,
                                             tenon_engine_goes_on_t goes_on, void* env);

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

/* ---- Raw calls ----
 *
 * Calls whose values C lifts and lowers itself. The engine passes flat values, a guest's memory,
 * its realloc and its handles; it enters and leaves guests, calls post-return and counts borrows.
 *
 * Counts of flat values: a function has up to 16 flat params and one flat result; if its type has
 * more, they are *spilled*: passed in memory, as a tuple laid out by the Canonical ABI, and the one
 * flat value is its address.
 *
 * Values are `wasmtime_val_raw_t`. One of 32 bits is in the lower half of its first word; the rest
 * of what the engine passes is undefined.
 */
#define TENON_ENGINE_SPILLED 255

/* One guest's side of a call. Lives in the callback that it is passed to, on that thread. Three
 * kinds, by callback:
 *   lower   the callee, before it runs: memory can be written and allocated, handles are lowered;
 *   lift    the callee, after it returned: memory can be read, handles are lifted;
 *   caller  the caller of a host function: memory can be read, written and allocated, handles of
 *           its params are lifted, those of its result are lowered.
 * Inside a host function another guest can be called, and both sides be used in that call's
 * callbacks: so values go from memory to memory. */
typedef struct tenon_engine_guest tenon_engine_guest_t;

#define TENON_ENGINE_UTF8 0
#define TENON_ENGINE_UTF16 1
#define TENON_ENGINE_LATIN1_UTF16 2

typedef struct tenon_engine_guest_view {
  uint8_t* data; /* the memory, until the guest allocates or runs; not to be written in a lift */
  size_t size;   /* 0: the function has no memory */
  uint8_t encoding;
  bool can_allocate; /* false: in a lift; for a function without realloc; for a caller while the
                      * callee runs on a stack of its own (a store with asynchronous functions):
                      * its result must be kept and lowered after the call */
} tenon_engine_guest_view_t;

/* `view` must be zero before it is filled. */
void tenon_engine_guest_get(tenon_engine_guest_t* guest, tenon_engine_guest_view_t* view);
/* Calls the guest's realloc. The result is aligned and within the memory, or it is an error, which
 * the callback should return: the guest has trapped or broken a rule. `align` is a power of two.
 * `data` and `size` of `view` are set, since the memory may have moved. */
wasmtime_error_t* tenon_engine_guest_realloc(tenon_engine_guest_t* guest, uint32_t old,
                                             uint32_t old_size, uint32_t align, uint32_t new_size,
                                             uint32_t* address, tenon_engine_guest_view_t* view);

/* Handles. Which resource a handle is of is told by its number among the handles of the function's
 * params, or among those of its result. Both count from 0. Every `own` and `borrow` that is written
 * in the type counts, however often its resource or its type appears, in this order, depth first:
 * params in order; fields of records and tuples in order; payloads of a variant's cases in order;
 * ok, then error of a result; key, then value of a map; the element of a list or of a list of fixed
 * length once. Streams, futures and their elements have no number.
 *
 * A resource that the embedder defined is known by its rep, the 32 bits that the embedder chose. */

/* Takes a handle out of the guest's table: it is the embedder's then. */
wasmtime_error_t* tenon_engine_guest_lift_own(tenon_engine_guest_t* guest, size_t number,
                                              uint32_t handle, uint32_t* rep);
/* Lends a handle for the time of the call. */
wasmtime_error_t* tenon_engine_guest_lift_borrow(tenon_engine_guest_t* guest, size_t number,
                                                 uint32_t handle, uint32_t* rep);

/* Where a handle goes when it is lowered. */
#define TENON_ENGINE_PLACE_SLOT 0   /* flat value `at` */
#define TENON_ENGINE_PLACE_MEMORY 1 /* four bytes at address `at` of the guest's memory */
#define TENON_ENGINE_PLACE_RESULT 2 /* four bytes at `at` in `tenon_engine_guest_result` */

typedef struct tenon_engine_place {
  uint32_t at;
  uint8_t kind;
} tenon_engine_place_t;

/* Puts a handle into the guest's table and its index into `place`: into a caller when its host
 * function has returned, because no earlier does the engine tell the result's type. */
wasmtime_error_t* tenon_engine_guest_lower_own(tenon_engine_guest_t* guest, size_t number,
                                               uint32_t rep, tenon_engine_place_t place);
/* The guest must drop it before it returns. */
wasmtime_error_t* tenon_engine_guest_lower_borrow(tenon_engine_guest_t* guest, size_t number,
                                                  uint32_t rep, tenon_engine_place_t place);

/* A resource that a guest defined, held by the embedder: in no table of the engine, so that nothing
 * but the embedder knows of it. A value that may be copied and kept; its bytes must not be changed,
 * and it means something in its store alone. It is given away or dropped once, and not while it is
 * lent. */
typedef struct tenon_engine_resource {
  uint64_t words[6];
} tenon_engine_resource_t;

/* What the engine has to know of a store to drop such resources. Made by the first that is lifted. */
typedef struct tenon_engine_home tenon_engine_home_t;

/* `home`: may be null. */
void tenon_engine_home_delete(tenon_engine_home_t* home);

/* Takes an `own` of a resource that a guest defined. `home`: of its store; null at first. */
wasmtime_error_t* tenon_engine_guest_lift_resource(tenon_engine_guest_t* guest, size_t number,
                                                   uint32_t handle, tenon_engine_home_t** home,
                                                   tenon_engine_resource_t* resource);
/* Gives it back to a guest, as `own` or `borrow` by the type. Not to a caller. */
wasmtime_error_t* tenon_engine_guest_lower_resource(tenon_engine_guest_t* guest, size_t number,
                                                    const tenon_engine_resource_t* resource,
                                                    tenon_engine_place_t place);
/* Drops what was lifted; its destructor runs. */
wasmtime_error_t* tenon_engine_resource_drop(wasmtime_context_t* context,
                                             const tenon_engine_home_t* home,
                                             const tenon_engine_resource_t* resource);

/* Gives an error for a callback to return: a trap with `message`. `payload` comes back in the
 * failure's view. */
wasmtime_error_t* tenon_engine_error_new(const tenon_engine_slice_t* message, uint64_t payload);

/* An export that can be called. */
typedef struct tenon_engine_raw_func tenon_engine_raw_func_t;

/* Finds the function that `path` leads to: names of exported instances, then its own. `params` and
 * `result` are its numbers of flat values, or `TENON_ENGINE_SPILLED`; a call is an error if they
 * are not. Gives `func`. */
wasmtime_error_t* tenon_engine_raw_func_new(wasmtime_context_t* context,
                                            const wasmtime_component_instance_t* instance,
                                            const tenon_engine_slice_t* path, size_t path_size,
                                            uint8_t params, uint8_t result,
                                            tenon_engine_raw_func_t** func);
/* Takes `func`. */
void tenon_engine_raw_func_delete(tenon_engine_raw_func_t* func);

/* Writes the params into `slots`, which are `size` zeroes. */
typedef wasmtime_error_t* (*tenon_engine_lower_t)(void* env, tenon_engine_guest_t* callee,
                                                  wasmtime_val_raw_t* slots, size_t size);
/* Reads the result before post-return runs: its flat values, or the address of it. More than one
 * value: the function is lifted `async`, and its result has 2 to 16. Not called if there is none. */
typedef wasmtime_error_t* (*tenon_engine_lift_t)(void* env, tenon_engine_guest_t* callee,
                                                 const wasmtime_val_raw_t* slots, size_t size);

/* Calls a function of the store that it was found in. A callback's error ends the call and is its
 * result. A store of an engine with concurrency is entered by the event loop, until the function has
 * returned. */
wasmtime_error_t* tenon_engine_raw_call(const tenon_engine_raw_func_t* func,
                                        wasmtime_context_t* context, tenon_engine_lower_t lower,
                                        tenon_engine_lift_t lift, void* env);

/* For a function whose params and result are flat and have no handles. */
typedef struct tenon_engine_numbers {
  const uint64_t* params; /* as many as the function has */
  uint64_t result;        /* set by a call that succeeds, if there is one */
  bool entered;           /* set: whether the engine came to ask for the params */
} tenon_engine_numbers_t;

/* The same call, without callbacks. */
wasmtime_error_t* tenon_engine_raw_call_numbers(const tenon_engine_raw_func_t* func,
                                                wasmtime_context_t* context,
                                                tenon_engine_numbers_t* numbers);

typedef struct tenon_engine_host_call {
  tenon_engine_guest_t* caller;
  const wasmtime_val_raw_t* params; /* flat values, unless `params_in_memory` */
  size_t param_count;
  wasmtime_val_raw_t* result; /* zero; for a flat result */
  uint32_t params_at;         /* an address that is aligned, with the whole tuple in bounds */
  bool params_in_memory;      /* they are spilled */
  const uint32_t* reps;       /* of the handles in the params, by number; null: to be lifted */
} tenon_engine_host_call_t;

/* A host function. It may be called on any thread that runs a store, also from itself. */
typedef wasmtime_error_t* (*tenon_engine_host_function_t)(void* env,
                                                          tenon_engine_host_call_t* call);

/* The bytes of a spilled result: `size` zeroes to be filled before the callback returns. They are
 * the tuple of the result, which the engine copies to where the caller wants it. */
wasmtime_error_t* tenon_engine_guest_result(tenon_engine_guest_t* caller, uint32_t size,
                                            uint8_t** data);

/* Defines a function of the imported instance `interface` (empty: of the component itself). A
 * component whose type of it has other numbers of flat values is not instantiated; functions of
 * `async` type are refused. `takes_host_handles`: the handles in its params are of resources that the
 * host defined, so that they can be lifted before it is called, which is faster: then a handle that
 * is none ends the call, and own ones are taken from the caller whatever the function does.
 * `finalizer` is called once, when the linker and all that was made by it are gone or on error. */
wasmtime_error_t* tenon_engine_linker_define(wasmtime_component_linker_t* linker,
                                             const tenon_engine_slice_t* interface,
                                             const tenon_engine_slice_t* name, uint8_t params,
                                             uint8_t result, bool takes_host_handles,
                                             tenon_engine_host_function_t call, void* env,
                                             void (*finalizer)(void*));

/* ---- Failures ---- */

#define TENON_ENGINE_FAILURE_TRAP 0        /* a guest broke a rule, or gave up */
#define TENON_ENGINE_FAILURE_INTERRUPTED 1 /* the epoch's deadline passed */
#define TENON_ENGINE_FAILURE_OUT_OF_FUEL 2
#define TENON_ENGINE_FAILURE_EXIT 3  /* `wasi:cli/exit` */
#define TENON_ENGINE_FAILURE_ERROR 4 /* no guest was running */
#define TENON_ENGINE_FAILURE_PANIC 5 /* a bug: the store is in an unknown state */

typedef struct tenon_engine_failure tenon_engine_failure_t;

typedef struct tenon_engine_failure_view {
  tenon_engine_slice_t message; /* without the backtrace */
  size_t frame_count;
  uint64_t payload; /* of `tenon_engine_error_new`, if `has_payload` */
  int32_t exit_code;
  uint8_t kind;
  bool has_payload;
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
