/* The C interface of the crate tenon-engine: calls that wasmtime's C API lacks. Names begin with `tnengine_`, because
 * `tenon_` is the prefix of the public API.
 *
 * Ownership, in the words of wasmtime's headers: a function *borrows* an object for the duration
 * of the call, *takes* an object that it then owns, and *gives* an object that the caller then
 * owns and must delete. Pointers are borrowed unless stated otherwise, and no function keeps a
 * borrowed pointer. A parameter `wasmtime_context_t*` acquires exclusive access to its store for
 * the call.
 *
 * Errors: a result `wasmtime_error_t*` or `tnengine_problem_t*` is null on success;
 * otherwise it is given. A `**` out-parameter must point to a null pointer and is set only on
 * success. A panic in the crate is caught and returned as an error.
 *
 *   tnengine_bytes_t wasm = {0};
 *   tnengine_problem_t* problem = tnengine_wat_to_wasm(&file, &text, &wasm);
 *   if (problem == NULL) {
 *     ... wasm.data ...
 *     tnengine_bytes_delete(&wasm);
 *   } else {
 *     tnengine_problem_view_t view;
 *     tnengine_problem_get(problem, &view);
 *     ... view.message ...
 *     tnengine_problem_delete(problem);
 *   }
 *
 * tenon_engine_loop.h has the calls that end later than they begin, and tenon_engine_http.h has HTTP.
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

/* Borrowed bytes. Texts are UTF-8 and not null-terminated. `data` can be null if `size` is 0. A
 * slice from a getter is valid as long as the object that it came from. */
typedef struct tnengine_slice {
  const uint8_t* data;
  size_t size;
} tnengine_slice_t;

/* Bytes allocated by this library. Must be zero before it is filled. */
typedef struct tnengine_bytes {
  uint8_t* data;
  size_t size;
  size_t capacity;
} tnengine_bytes_t;

/* Frees the bytes and zeroes `bytes`. */
void tnengine_bytes_delete(tnengine_bytes_t* bytes);

/* Writes the 32 bytes of the SHA-256 digest of the parts, one after the other. */
void tnengine_sha256(const tnengine_slice_t* parts, size_t count, uint8_t* digest);

/* The reason why text or bytes were refused, and the position. */
typedef struct tnengine_problem tnengine_problem_t;

typedef struct tnengine_problem_view {
  tnengine_slice_t message;
  tnengine_slice_t file;    /* can be empty */
  tnengine_slice_t excerpt; /* lines of text, the last one with a caret; can be empty */
  tnengine_slice_t note;    /* a fact that explains the problem; can be empty */
  tnengine_slice_t hint;    /* what can be done; can be empty */
  uint64_t offset;          /* byte offset, if `has_offset` */
  bool has_offset;
  uint32_t line;   /* 1-based; 0 if unknown */
  uint32_t column; /* 1-based, in characters; 0 if unknown */
  uint8_t cause;   /* TNENGINE_CAUSE_* */
} tnengine_problem_view_t;

#define TNENGINE_CAUSE_INPUT 0
#define TNENGINE_CAUSE_SWITCHED_OFF 1 /* valid, but uses a feature that is not enabled */
#define TNENGINE_CAUSE_PANIC 2        /* a bug in the engine */

/* Borrows `problem` for as long as `view` is used. */
void tnengine_problem_get(const tnengine_problem_t* problem, tnengine_problem_view_t* view);
/* Takes `problem`. */
void tnengine_problem_delete(tnengine_problem_t* problem);

/* ---- Configuration ---- */

/* Sets the WebAssembly features: wasmtime's defaults, and every part of the component model that
 * this version supports. `concurrent` adds async functions and their built-ins, and the engine's
 * support for them. */
void tnengine_config_language_set(wasm_config_t* config, bool concurrent);
/* Enables inlining of functions across core modules, including the engine's own adapters. Within
 * one module only code that uses GC is inlined, since other compilers have done that already. */
void tnengine_config_inlining_set(wasm_config_t* config, bool enable);
/* Sets the maximum number of frames in a backtrace (0 disables backtraces), and whether compiled
 * code keeps debug information for source positions. */
void tnengine_config_backtrace_set(wasm_config_t* config, size_t max_frames, bool sources);
/* Keeps the mappings of this many memories and stacks for the next instances, instead of unmapping them. More can
 * exist at the same time. Code does not depend on it. */
void tnengine_config_kept_memories_set(wasm_config_t* config, uint32_t count);
/* Like `wasm_engine_new_with_config`, but an impossible configuration is an error.
 * Takes `config`, gives `engine`. */
wasmtime_error_t* tnengine_new(wasm_config_t* config, wasm_engine_t** engine);
/* Gives bytes that are equal for two engines if they can exchange compiled code. They depend on
 * version, configuration, compiler settings and processor. */
wasmtime_error_t* tnengine_compatibility(const wasm_engine_t* engine, tnengine_bytes_t* bytes);
/* The version of wasmtime. Static. */
tnengine_slice_t tnengine_version(void);

/* ---- Stacks ---- */

/* Runs `body` on a new stack, whose lowest address and end it is passed, and returns true when it has
 * returned. False, without running it, if there is no memory for a stack of `size` bytes. A thread keeps
 * a few of these stacks, so `size` must always be the same. `body` must not unwind. */
bool tnengine_run_on_new_stack(size_t size, void (*body)(void* env, size_t low, size_t high),
                               void* env);
/* Runs `body` on the stack that the innermost `tnengine_run_on_new_stack` was called on: the code of a
 * guest must run on the stack that the guest was entered on. To be called on the new stack itself, not
 * on one of a guest of a concurrent engine. `body` must not unwind. */
void tnengine_run_on_outer_stack(void (*body)(void* env), void* env);

/* ---- Validation and text of binaries ---- */

/* Validates a component for a concurrent engine, without compiling it. */
tnengine_problem_t* tnengine_validate(const tnengine_slice_t* component);
/* Assembles `text`, or copies it if it is a binary, and gives `wasm`. `file` is its name in
 * problems. */
tnengine_problem_t* tnengine_wat_to_wasm(const tnengine_slice_t* file, const tnengine_slice_t* text,
                                         tnengine_bytes_t* wasm);
/* Gives the text of a binary. */
tnengine_problem_t* tnengine_wasm_to_wat(const tnengine_slice_t* wasm, tnengine_bytes_t* text);

/* ---- WASI ---- */

/* A builder of a WASI context. At first it grants nothing. */
typedef struct tnengine_wasi tnengine_wasi_t;
/* The captured output of guests. */
typedef struct tnengine_capture tnengine_capture_t;

/* A record of the kinds of resources that guests request and that are not granted. */
typedef struct tnengine_denials tnengine_denials_t;

#define TNENGINE_DENIED_ENVIRONMENT 1
#define TNENGINE_DENIED_FILE_SYSTEM 2
#define TNENGINE_DENIED_NETWORK 4
#define TNENGINE_DENIED_OUTPUT 8

/* Gives an empty record. */
tnengine_denials_t* tnengine_denials_new(void);
/* Takes `denials`. Linkers and contexts that record into it keep working. */
void tnengine_denials_delete(tnengine_denials_t* denials);
/* The kinds requested so far: TNENGINE_DENIED_* bits. Can be called on any thread. */
uint32_t tnengine_denials_asked(const tnengine_denials_t* denials);

/* Gives a context. */
tnengine_wasi_t* tnengine_wasi_new(void);
/* Takes `wasi`. */
void tnengine_wasi_delete(tnengine_wasi_t* wasi);
wasmtime_error_t* tnengine_wasi_add_arg(tnengine_wasi_t* wasi, const tnengine_slice_t* arg);
wasmtime_error_t* tnengine_wasi_add_env(tnengine_wasi_t* wasi, const tnengine_slice_t* name,
                                        const tnengine_slice_t* value);
/* Grants the directory `host` (a path, as the system's bytes) under the name `guest`. */
wasmtime_error_t* tnengine_wasi_add_directory(tnengine_wasi_t* wasi, const tnengine_slice_t* host,
                                              const tnengine_slice_t* guest, bool writable);
/* Grants TCP and UDP with the addresses that `host` (a name, an address, or "*") resolves to, at
 * `port`, or at every port if `any_port`: to connect to, to send to, to receive from, and to listen
 * at. Blocks while the name is resolved. */
wasmtime_error_t* tnengine_wasi_allow_network(tnengine_wasi_t* wasi, const tnengine_slice_t* host,
                                              uint16_t port, bool any_port);
/* Records into `denials` uses of the network while no address is granted, and writes while standard
 * output and error are closed. */
void tnengine_wasi_watch(tnengine_wasi_t* wasi, const tnengine_denials_t* denials);
void tnengine_wasi_inherit_stdin(tnengine_wasi_t* wasi);
/* Standard output and error. */
void tnengine_wasi_inherit_output(tnengine_wasi_t* wasi);
/* The label of the output of a domain. Thread: any. */
typedef struct tnengine_label tnengine_label_t;
/* Gives a label without text. */
tnengine_label_t* tnengine_label_new(void);
/* Takes `label`. Stores that use it keep it. */
void tnengine_label_delete(tnengine_label_t* label);
/* Sets the text that is written before each line, and ends the lines that are incomplete. */
void tnengine_label_set(const tnengine_label_t* label, const tnengine_slice_t* text);
/* As `tnengine_wasi_inherit_output`, but complete lines are written, each after the text of `label`. */
void tnengine_wasi_label_output(tnengine_wasi_t* wasi, const tnengine_label_t* label);
/* Captures at most `limit` bytes of each output stream; a guest that writes more gets an error.
 * Gives the capture, which can outlive the store. */
tnengine_capture_t* tnengine_wasi_capture_stdio(tnengine_wasi_t* wasi, size_t limit);
/* Gives copies of the output so far. */
void tnengine_capture_read(const tnengine_capture_t* capture, tnengine_bytes_t* out,
                           tnengine_bytes_t* err);
/* Takes `capture`. */
void tnengine_capture_delete(tnengine_capture_t* capture);
/* Makes `wasi` the WASI context of a store. Takes `wasi`. */
wasmtime_error_t* tnengine_context_set_wasi(wasmtime_context_t* context, tnengine_wasi_t* wasi);
/* The handles of a store's WASI resources. Their reps are the numbers of entries in a table. */
typedef struct tnengine_wasi_table tnengine_wasi_table_t;
/* A WASI resource that is in no store. */
typedef struct tnengine_wasi_resource tnengine_wasi_resource_t;
/* One guest's side of a call: see "Raw calls". */
typedef struct tnengine_guest tnengine_guest_t;

#define TNENGINE_WASI_INPUT_STREAM 0
#define TNENGINE_WASI_OUTPUT_STREAM 1
#define TNENGINE_WASI_POLLABLE 2
#define TNENGINE_WASI_DESCRIPTOR 3
#define TNENGINE_WASI_ERROR 4
/* Of wasi:http. They are not shared. */
#define TNENGINE_WASI_FIELDS 5
#define TNENGINE_WASI_INCOMING_REQUEST 6
#define TNENGINE_WASI_OUTGOING_REQUEST 7
#define TNENGINE_WASI_REQUEST_OPTIONS_02 8
#define TNENGINE_WASI_RESPONSE_OUTPARAM 9
#define TNENGINE_WASI_INCOMING_RESPONSE 10
#define TNENGINE_WASI_INCOMING_BODY 11
#define TNENGINE_WASI_FUTURE_TRAILERS 12
#define TNENGINE_WASI_OUTGOING_RESPONSE 13
#define TNENGINE_WASI_OUTGOING_BODY 14
#define TNENGINE_WASI_FUTURE_INCOMING_RESPONSE 15
#define TNENGINE_WASI_REQUEST 16
#define TNENGINE_WASI_REQUEST_OPTIONS_03 17
#define TNENGINE_WASI_RESPONSE 18

/* Defines a resource type of an imported instance, or a direct import if `interface` is empty, as
 * that of WASI, by its TNENGINE_WASI_* kind. */
wasmtime_error_t* tnengine_linker_define_wasi(wasmtime_component_linker_t* linker,
                                              const tnengine_slice_t* interface,
                                              const tnengine_slice_t* name, uint8_t kind);
/* Gives the table of a store, which needs a WASI context that is not replaced. The store must outlive
 * it. The functions below can be called while values of the store are lifted or lowered, but not
 * while a WASI function of it runs. */
tnengine_wasi_table_t* tnengine_wasi_table_new(wasmtime_context_t* context);
/* Takes `table`. */
void tnengine_wasi_table_delete(tnengine_wasi_table_t* table);
/* The guests of the store end before they are done: whoever reads a body of HTTP that they have not
 * ended gets an error. To be called before the store is deleted. */
void tnengine_wasi_table_break_off(const tnengine_wasi_table_t* table);
/* Removes the entry `rep` of a TNENGINE_WASI_* kind, and gives its resource. Fails if the entry
 * has children, or is a pollable of a resource of another kind. `guest` passes the handle; the body
 * of a request or response is read once its call no longer uses the store. */
wasmtime_error_t* tnengine_wasi_table_take(tnengine_wasi_table_t* table, tnengine_guest_t* guest,
                                           uint8_t kind, uint32_t rep,
                                           tnengine_wasi_resource_t** resource);
/* The same without removing the entry: both are the same stream, file or time. */
wasmtime_error_t* tnengine_wasi_table_share(tnengine_wasi_table_t* table, uint8_t kind,
                                            uint32_t rep, tnengine_wasi_resource_t** resource);
/* Adds an entry. Takes `resource`, also if it fails. */
wasmtime_error_t* tnengine_wasi_table_put(tnengine_wasi_table_t* table,
                                          tnengine_wasi_resource_t* resource, uint32_t* rep);
/* Removes an entry that was added for the time of a call. If it has children, this happens at the
 * end of a later call. */
void tnengine_wasi_table_end_loan(tnengine_wasi_table_t* table, uint8_t kind, uint32_t rep);
/* Gives a resource that is the same stream, file or time. Fails for those of wasi:http. */
wasmtime_error_t* tnengine_wasi_resource_share(tnengine_wasi_resource_t* resource,
                                               tnengine_wasi_resource_t** same);
/* Takes `resource`. */
void tnengine_wasi_resource_delete(tnengine_wasi_resource_t* resource);

/* Defines WASI 0.2, and WASI 0.3 if the linker's engine is concurrent, for use with
 * `tnengine_instantiate` and `tnengine_run_command`. */
wasmtime_error_t* tnengine_linker_add_wasi(wasmtime_component_linker_t* linker);
/* Records requests for the environment or for directories into `denials`, for those that are in
 * `kinds`. The guest gets an empty answer. Requires `tnengine_linker_add_wasi`. */
wasmtime_error_t* tnengine_linker_watch(wasmtime_component_linker_t* linker,
                                        const tnengine_denials_t* denials, uint32_t kinds);
/* Limits name look-ups to the `count` host names in `names`, ignoring case. Any other name is
 * refused before a query is sent, and recorded into `denials`, which can be null. Look-ups also
 * need a store with a network grant. Requires `tnengine_linker_add_wasi`. */
wasmtime_error_t* tnengine_linker_limit_names(wasmtime_component_linker_t* linker,
                                              const tnengine_slice_t* names, size_t count,
                                              const tnengine_denials_t* denials);

/* ---- Limits ---- */

/* Limits of a store. UINT64_MAX means unlimited. */
typedef struct {
  uint64_t memory_bytes;   /* in all memories of the store together, and in all tables, of 8 bytes an element */
  uint64_t table_elements; /* in each table */
  uint64_t instances;
  uint64_t tables;
  uint64_t memories;
} tnengine_limits_t;
/* Sets the limits. A replacement for `wasmtime_store_limiter`, which can only limit each memory. */
wasmtime_error_t* tnengine_store_limit(wasmtime_store_t* store, const tnengine_limits_t* limits);
/* Is called when a guest is interrupted: it continues if `goes_on` returns true. */
typedef struct tnengine_interrupts {
  bool (*goes_on)(void* env);
  void* env;
} tnengine_interrupts_t;
/* Sets it for guests that compute. Without it, the first interruption ends the guest. `env` must outlive the
 * store's last guest. */
void tnengine_store_ask_at_interruptions(wasmtime_store_t* store,
                                         const tnengine_interrupts_t* interrupts);

/* ---- Code ---- */

/* Like `wasmtime_component_new` and `wasmtime_module_new`, where a panic of the compiler would end the
 * process. */
wasmtime_error_t* tnengine_compile_component(const wasm_engine_t* engine,
                                             const tnengine_slice_t* bytes,
                                             wasmtime_component_t** component);
wasmtime_error_t* tnengine_compile_module(const wasm_engine_t* engine,
                                          const tnengine_slice_t* bytes,
                                          wasmtime_module_t** module);

/* ---- Instances and commands ---- */

/* A component whose imports are looked up and checked. It keeps the component and the definitions
 * that it uses, and needs its linker no more. */
typedef struct tnengine_prepared tnengine_prepared_t;
wasmtime_error_t* tnengine_prepare(const wasmtime_component_linker_t* linker,
                                   const wasmtime_component_t* component,
                                   tnengine_prepared_t** prepared);
/* Instantiates it, any number of times. On a concurrent engine this runs on the event loop until it
 * is done. interrupts: is also called while a guest of such an engine waits, some of the time; can be null. */
wasmtime_error_t* tnengine_instantiate(const tnengine_prepared_t* prepared,
                                       wasmtime_context_t* context,
                                       const tnengine_interrupts_t* interrupts,
                                       wasmtime_component_instance_t* instance);
/* Takes `prepared`. */
void tnengine_prepared_delete(tnengine_prepared_t* prepared);

typedef struct tnengine_command_end {
  int32_t exit_code; /* 0 for ok and 1 for err, or the argument of `wasi:cli/exit` */
  bool exited;       /* whether the guest called `wasi:cli/exit` */
} tnengine_command_end_t;

/* Calls `run` of the exported instance `interface`: a `func() -> result` or an async one.
 * interrupts: as for `tnengine_instantiate`. */
wasmtime_error_t* tnengine_run_command(wasmtime_context_t* context,
                                       const tnengine_interrupts_t* interrupts,
                                       const wasmtime_component_instance_t* instance,
                                       const tnengine_slice_t* interface,
                                       tnengine_command_end_t* end);

/* ---- Raw calls ----
 *
 * In a raw call, C lifts and lowers the values, instead of passing trees of
 * `wasmtime_component_val_t`. The engine provides the flat values and access to the guest: its
 * memory, its realloc and its handle table. It still enters and leaves the guest, runs
 * post-return and counts borrows.
 *
 * A call of an export runs two callbacks, each with a `tnengine_guest_t*` for the callee:
 *
 *   tnengine_raw_call
 *     lower(env, callee, slots, n)   writes the params: flat values, and bytes in guest memory
 *     (the guest runs)
 *     lift(env, callee, slots, n)    reads the result
 *     (post-return)
 *
 * A host function is one callback, `tnengine_host_function_t`, with a
 * `tnengine_guest_t*` for its caller. If it makes a raw call itself, both guests can be used
 * in that call's callbacks, so that values are copied from memory to memory.
 *
 * Flat values: a function has up to 16 flat params and one flat result. If its type has more,
 * they are *spilled*: they are a tuple in memory, in the layout of the Canonical ABI, and the
 * one flat value is its address.
 *
 * A flat value is a `wasmtime_val_raw_t`. A value of 32 bits is in the lower half of the first
 * word; the other bits of values that the engine passes are undefined.
 */
#define TNENGINE_SPILLED 255

/* One guest's side of a call. Valid inside the callback that receives it, on that thread. What it
 * permits depends on the callback:
 *   lower   the callee before it runs: write and allocate memory, lower handles;
 *   lift    the callee after it returned: read memory, lift handles;
 *   caller  the caller of a host function: read, write and allocate memory, lift handles of the
 *           params, lower handles of the result. */
typedef struct tnengine_guest tnengine_guest_t;

#define TNENGINE_UTF8 0
#define TNENGINE_UTF16 1
#define TNENGINE_LATIN1_UTF16 2

typedef struct tnengine_guest_view {
  uint8_t* data;    /* the memory, until the guest allocates or runs; read-only in a lift */
  size_t size;      /* 0 if the function has no memory */
  uint8_t encoding; /* of strings: TNENGINE_UTF8, .. */
} tnengine_guest_view_t;

/* `view` must be zero before it is filled. */
void tnengine_guest_get(tnengine_guest_t* guest, tnengine_guest_view_t* view);
/* Calls the guest's realloc. `align` is a power of two. The resulting address is aligned and its
 * bytes are in bounds. An error in a lift, for a function without realloc, and for a caller while a
 * callee on a concurrent engine runs on its own stack: keep the result and lower it after that call.
 * On any other error the guest has trapped or broken a rule. The callback should return the error.
 * Sets `data` and `size` of `view`, because the memory can move. */
wasmtime_error_t* tnengine_guest_realloc(tnengine_guest_t* guest, uint32_t old, uint32_t old_size,
                                         uint32_t align, uint32_t new_size, uint32_t* address,
                                         tnengine_guest_view_t* view);

/* Handles are identified by their position in the type, so that C can name a handle's resource
 * without the engine's types. The handles in the params are numbered from 0, and those in the
 * result are numbered from 0 again. Each `own`, `borrow`, `stream` and `future` in the type counts,
 * even if the same resource or type occurs several times, in this order, depth first: params in
 * order; fields of records and tuples in order; payloads of a variant's cases in order; ok, then
 * error of a result; key, then value of a map; the element of a list, or of a list of fixed length,
 * once. The handles in the items of a stream or future are numbered on their own, from 0.
 *
 * A resource that the embedder defined is identified by its rep, 32 bits of its own choice. */

/* Removes an own handle from the guest's table. The embedder owns the resource afterwards. */
wasmtime_error_t* tnengine_guest_lift_own(tnengine_guest_t* guest, size_t number, uint32_t handle,
                                          uint32_t* rep);
/* Borrows a handle for the duration of the call. */
wasmtime_error_t* tnengine_guest_lift_borrow(tnengine_guest_t* guest, size_t number,
                                             uint32_t handle, uint32_t* rep);

/* The destination of a lowered handle. */
#define TNENGINE_PLACE_SLOT 0   /* flat value `at` */
#define TNENGINE_PLACE_MEMORY 1 /* four bytes at address `at` of the guest's memory */
#define TNENGINE_PLACE_RESULT 2 /* four bytes at `at` in `tnengine_guest_result` */

typedef struct tnengine_place {
  uint32_t at;
  uint8_t kind;
} tnengine_place_t;

/* Adds a handle to the guest's table and writes its index to `place`. For a caller that happens
 * after its host function has returned, because the engine reveals the type of the result only
 * then. */
wasmtime_error_t* tnengine_guest_lower_own(tnengine_guest_t* guest, size_t number, uint32_t rep,
                                           tnengine_place_t place);
/* The guest must drop the handle before it returns. */
wasmtime_error_t* tnengine_guest_lower_borrow(tnengine_guest_t* guest, size_t number, uint32_t rep,
                                              tnengine_place_t place);

/* A resource that a guest defined, held by the embedder. It is in no table of the engine: the
 * embedder must lower it as own or drop it exactly once, and not while it is borrowed. The value
 * can be copied and kept. Its bytes must not be changed, and it is valid only with its own
 * store. */
typedef struct tnengine_resource {
  uint64_t words[6];
} tnengine_resource_t;

/* The access to a store that dropping such resources needs. Created by the first lift of one. */
typedef struct tnengine_home tnengine_home_t;

/* Takes `home`, which can be null. */
void tnengine_home_delete(tnengine_home_t* home);

/* Removes an own handle to a resource that a guest defined from the guest's table. `home` is the
 * store's: `*home` is null before the first such call, which gives it. */
wasmtime_error_t* tnengine_guest_lift_resource(tnengine_guest_t* guest, size_t number,
                                               uint32_t handle, tnengine_home_t** home,
                                               tnengine_resource_t* resource);
/* Lowers the resource into a guest, as own or borrowed handle according to the type. Not into a
 * caller. */
wasmtime_error_t* tnengine_guest_lower_resource(tnengine_guest_t* guest, size_t number,
                                                const tnengine_resource_t* resource,
                                                tnengine_place_t place);
/* Drops a resource that was lifted; its destructor runs. Not in a concurrent store: there,
 * `tnengine_loop_drop` does it. */
wasmtime_error_t* tnengine_resource_drop(wasmtime_context_t* context, const tnengine_home_t* home,
                                         const tnengine_resource_t* resource);

/* Gives an error for a callback to return: it becomes a trap with `message`. `payload` is
 * returned in the view of the failure. */
wasmtime_error_t* tnengine_error_new(const tnengine_slice_t* message, uint64_t payload);

/* An exported function. */
typedef struct tnengine_raw_func tnengine_raw_func_t;

/* Finds an exported function. `path` has the names of exported instances, outermost first, and
 * then the function's own. `params` and `result` are its counts of flat values, or
 * `TNENGINE_SPILLED`; calls fail if they do not match its type. Gives `func`. An error for a
 * concurrent store, whose functions are called on its loop (tenon_engine_loop.h). */
wasmtime_error_t* tnengine_raw_func_new(wasmtime_context_t* context,
                                        const wasmtime_component_instance_t* instance,
                                        const tnengine_slice_t* path, size_t path_size,
                                        uint8_t params, uint8_t result, tnengine_raw_func_t** func);
/* Takes `func`. */
void tnengine_raw_func_delete(tnengine_raw_func_t* func);

/* Writes the params into `slots`: `size` values that are zero. */
typedef wasmtime_error_t* (*tnengine_lower_t)(void* env, tnengine_guest_t* callee,
                                              wasmtime_val_raw_t* slots, size_t size);
/* Reads the result before post-return runs: its flat values, or the address of the spilled tuple. A
 * function that is lifted `async` can have 2 to 16 values. Not called for a function without a
 * result. */
typedef wasmtime_error_t* (*tnengine_lift_t)(void* env, tnengine_guest_t* callee,
                                             const wasmtime_val_raw_t* slots, size_t size);

/* Calls a function in the store that it was found in. An error of a callback ends the call and is
 * returned. */
wasmtime_error_t* tnengine_raw_call(const tnengine_raw_func_t* func, wasmtime_context_t* context,
                                    tnengine_lower_t lower, tnengine_lift_t lift, void* env);

/* A call of a function whose params and result are flat and have no handles. */
typedef struct tnengine_numbers {
  const uint64_t* params; /* as many as the function has */
  uint64_t result;        /* set by a call that succeeds, if the function has a result */
  bool entered;           /* set: whether the call got as far as reading the params */
} tnengine_numbers_t;

/* Like `tnengine_raw_call`, without callbacks. */
wasmtime_error_t* tnengine_raw_call_numbers(const tnengine_raw_func_t* func,
                                            wasmtime_context_t* context,
                                            tnengine_numbers_t* numbers);

/* A call of a host function. */
typedef struct tnengine_host_call {
  tnengine_guest_t* caller;
  const wasmtime_val_raw_t* params; /* flat values, unless `params_in_memory` */
  size_t param_count;
  wasmtime_val_raw_t* result; /* zero; to be set for a flat result */
  uint32_t params_at;         /* address of spilled params: aligned, the whole tuple in bounds */
  bool params_in_memory;      /* whether the params are spilled */
  const uint32_t* reps;       /* of the handles in the params, by number; null if not lifted yet */
} tnengine_host_call_t;

/* A host function. It can be called on any thread that runs a store, and recursively. */
typedef wasmtime_error_t* (*tnengine_host_function_t)(void* env, tnengine_host_call_t* call);

/* Sets `data` to the tuple of a spilled result: `size` zero bytes to fill before the host function
 * returns. The engine then copies them to the address that the caller passed. */
wasmtime_error_t* tnengine_guest_result(tnengine_guest_t* caller, uint32_t size, uint8_t** data);

/* Defines a function of the imported instance `interface`, or a direct import of the component
 * if `interface` is empty. A component whose import has other counts of flat values, or an
 * `async` type, cannot be instantiated.
 * `takes_host_handles`: the host defined the resources of all handles in the params. The engine can
 * then lift them before it calls the function, which is faster; an own handle is then removed from
 * the caller even if the function fails, and an unknown handle ends the call.
 * `finalizer` is called once: on an error, or when the linker and everything made by it are
 * deleted. */
wasmtime_error_t* tnengine_linker_define(wasmtime_component_linker_t* linker,
                                         const tnengine_slice_t* interface,
                                         const tnengine_slice_t* name, uint8_t params,
                                         uint8_t result, bool takes_host_handles,
                                         tnengine_host_function_t call, void* env,
                                         void (*finalizer)(void*));

/* ---- Failures ---- */

#define TNENGINE_FAILURE_TRAP 0        /* a guest broke a rule or executed `unreachable` */
#define TNENGINE_FAILURE_INTERRUPTED 1 /* the epoch deadline passed */
#define TNENGINE_FAILURE_OUT_OF_FUEL 2
#define TNENGINE_FAILURE_EXIT 3  /* `wasi:cli/exit` */
#define TNENGINE_FAILURE_ERROR 4 /* no guest was running */
#define TNENGINE_FAILURE_PANIC 5 /* a bug; the state of the store is unknown */

typedef struct tnengine_failure tnengine_failure_t;

typedef struct tnengine_failure_view {
  tnengine_slice_t message; /* without the backtrace */
  size_t frame_count;
  uint64_t payload; /* from `tnengine_error_new`, if `has_payload` */
  int32_t exit_code;
  uint8_t kind;
  bool has_payload;
} tnengine_failure_view_t;

typedef struct tnengine_frame {
  tnengine_slice_t function; /* demangled; empty if it has no name */
  tnengine_slice_t module;   /* empty if it has no name */
  uint64_t offset; /* in the bytes that were compiled: the module or outermost component, if
                     * `has_offset` */
  uintptr_t image; /* where the machine code of these bytes begins: the start of
                     * `wasmtime_module_image_range` for a module */
  size_t source_count;
  uint32_t function_index;
  bool has_offset;
  bool is_inlined; /* the instruction belongs to a function inlined into this one, for which the
                    * engine keeps no position: `offset` is the beginning of this function */
} tnengine_frame_t;

typedef struct tnengine_source {
  tnengine_slice_t function; /* demangled; empty if it has no name */
  tnengine_slice_t file;
  uint32_t line;   /* 1-based; 0 if unknown */
  uint32_t column; /* 1-based; 0 if unknown */
} tnengine_source_t;

/* Takes `error`, gives its content as data. */
tnengine_failure_t* tnengine_failure_new(wasmtime_error_t* error);
void tnengine_failure_get(const tnengine_failure_t* failure, tnengine_failure_view_t* view);
/* Frame 0 is the innermost. Returns false if there is no such frame. */
bool tnengine_failure_frame(const tnengine_failure_t* failure, size_t index,
                            tnengine_frame_t* view);
/* Source positions of a frame, innermost inlined function first. Returns false if there is no such
 * position. */
bool tnengine_failure_source(const tnengine_failure_t* failure, size_t frame, size_t index,
                             tnengine_source_t* view);
/* Takes `failure`. */
void tnengine_failure_delete(tnengine_failure_t* failure);

/* ---- WIT ---- */

#define TNENGINE_WIT_INTERFACE 0
#define TNENGINE_WIT_WORLD 1
#define TNENGINE_WIT_TYPE 2
#define TNENGINE_WIT_FUNCTION 3
#define TNENGINE_WIT_IMPORT 4
#define TNENGINE_WIT_EXPORT 5
/* An item with an `@unstable` attribute, which is left out. */
#define TNENGINE_WIT_LEFT_OUT 6
/* The first use of a package name with a keyword in it. `path` is the name with the `%` that other
 * readers of WIT want: "example:%interface". */
#define TNENGINE_WIT_KEYWORD_NAME 7
/* A field or case that is documented. */
#define TNENGINE_WIT_MEMBER 8

/* An encoded WIT package, and what the texts contain. */
typedef struct tnengine_wit tnengine_wit_t;

/* A file: text, or a binary WIT package. */
typedef struct tnengine_wit_source {
  tnengine_slice_t file; /* its name in positions; no file is opened */
  tnengine_slice_t bytes;
  /* Text files with the same number are one package; 0 is the main one. The files of a package
   * follow each other. A binary is a package of its own. */
  uint32_t group;
} tnengine_wit_source_t;

typedef struct tnengine_wit_request {
  const tnengine_wit_source_t* sources;
  size_t source_count;
  /* Items with `@unstable(feature = NAME)` are left out unless NAME is one of these. */
  const tnengine_slice_t* features;
  size_t feature_count;
  /* A world with its package, such as "wasi:http/proxy@0.2.6": its package is encoded instead of the
   * main one. Ignored if it is empty or there is no such world. */
  tnengine_slice_t world;
  bool all_features;
} tnengine_wit_request_t;

typedef struct tnengine_wit_view {
  tnengine_slice_t package; /* the encoded one, such as "acme:tax@1.2.0" */
  tnengine_slice_t binary;  /* a binary WIT package */
  size_t item_count;
  size_t feature_count;
} tnengine_wit_view_t;

typedef struct tnengine_wit_item {
  tnengine_slice_t path;
  tnengine_slice_t docs;    /* the `///` before it; empty for items of binaries */
  tnengine_slice_t feature; /* of an item that is left out; else empty */
  tnengine_slice_t file;    /* can be empty */
  uint32_t line;            /* 1-based; 0 for worlds of binary packages */
  uint32_t column;          /* 1-based, in characters */
  uint8_t kind;
} tnengine_wit_item_t;

/* Parses the files of a package and of those that it uses, and encodes one. Gives `wit`. Keywords are
 * accepted in the names of packages. */
tnengine_problem_t* tnengine_wit_encode(const tnengine_wit_request_t* request,
                                        tnengine_wit_t** wit);
void tnengine_wit_get(const tnengine_wit_t* wit, tnengine_wit_view_t* view);
/* Items of dependencies first, then in the order of the text; then those that are left out, then the
 * names with keywords. Returns false if there is no such item. */
bool tnengine_wit_item_get(const tnengine_wit_t* wit, size_t index, tnengine_wit_item_t* view);
/* A feature that an attribute names, sorted. REQUIRES: there is one of this index. */
tnengine_slice_t tnengine_wit_feature_get(const tnengine_wit_t* wit, size_t index);
/* Takes `wit`. */
void tnengine_wit_delete(tnengine_wit_t* wit);
/* Gives the WIT text of a binary WIT package or of a component. */
tnengine_problem_t* tnengine_wit_print(const tnengine_slice_t* binary, tnengine_bytes_t* text);
/* The packages of WASI 0.`minor` as binary WIT packages, dependencies first. Static. Returns
 * false if there is no such package. */
bool tnengine_wasi_package(uint32_t minor, size_t index, tnengine_slice_t* name,
                           tnengine_slice_t* binary);

#ifdef __cplusplus
}
#endif

#endif /* TENON_ENGINE_H */
