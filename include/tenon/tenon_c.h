/* The C API of tenon: links separately built WebAssembly components into one running composition.
 *
 *   tenon_builder *builder = tenon_builder_new();
 *   tenon_builder_add_component(builder, "cart", "cart.wasm", NULL);
 *   tenon_builder_add_component(builder, "tax", "tax.wasm", NULL);
 *   tenon_composition *shop = NULL;
 *   tenon_error *error = tenon_builder_build(builder, &shop);
 *   tenon_builder_delete(builder);
 *   if (error != NULL) {
 *     fputs(tenon_error_text(error), stderr);
 *     tenon_error_delete(error);
 *     return 1;
 *   }
 *   tenon_function *total = NULL;
 *   error = tenon_composition_function(shop, "acme:cart/api", "total", &total);
 *   ...
 *   const tenon_value args[] = {tenon_value_u32(3)};
 *   tenon_value sum;
 *   error = tenon_function_call(total, args, 1, NULL, &sum);   // sum.of.f64
 *   ...
 *   tenon_function_delete(total);
 *   tenon_composition_delete(shop);
 *
 * For C11 and C++. Link with `pkg-config --libs tenon-c`, or with the CMake target `tenon::c`.
 * docs/c-api.md is the guide; this file is the manual. The library is the one of tenon/tenon.h, which
 * describes what the parts do; a function here has the name of its C++ function, so that hints in
 * messages fit: `tenon_builder_set_root` is `CompositionBuilder::set_root`.
 *
 * Rules that hold unless a function says otherwise
 *
 * Errors. A function that can fail returns a `tenon_error *`: NULL is success. The caller deletes it
 *   (tenon_error_delete). After a failure, out parameters are NULL or 0. Nothing is printed, and
 *   nothing ends the process but a broken invariant of tenon itself, and in part a lack of memory.
 * Memory. If there is none, a function returns api-memory, and the next call works. One that returns no error
 *   returns NULL, 0 or "" if it needs memory: counts, tenon_composition_run_for, tenon_task_wait,
 *   tenon_server_run; tenon_task_cancel and tenon_composition_end_deadlock do nothing. Functions that only read an
 *   object need none. The process ends if the engine has no memory.
 *   It also ends if JSON has none: tenon_plan_json, tenon_plan_svg, tenon_builder_explain_import, tenon_error_json,
 *   and traces (tenon/result.h says why).
 * Ownership. What a function stores in an out parameter of type `X **` belongs to the caller, who
 *   deletes it by the `_delete` of its type, or by tenon_free if it is text or bytes. `_delete` and
 *   tenon_free take NULL. A `const char *` that is returned belongs to the object of the function.
 * Lifetime. Objects can be deleted in any order: a function that outlives its composition fails with
 *   run-no-function. Input is copied before a function returns, if nothing else is said.
 * Text is UTF-8. Names and paths end with NUL; text and bytes of other parameters have a size. Text
 *   that is returned ends with NUL.
 * Threads. A builder, a plan, an error, an arena and a value: one thread at a time. Everything else:
 *   any number of threads; calls of one composition wait for each other. Callbacks run on threads
 *   that use the composition, one at a time, and may call functions of this header, but those of
 *   `on_log` and `on_trace`, which must not use the composition.
 * fork. A child process can call what was linked before, and link. Deadlines, and domains that compute for
 *   milliseconds, need threads that the child does not have: it links again what has them.
 * Misuse. NULL where an object is needed, an object of another kind, or one that was deleted, if that
 *   can be noticed, is the error api-usage. A pointer to memory that is not what it should be, and a
 *   size that is too large, cannot be checked: the behavior is undefined. So is an exception, or a
 *   longjmp, that leaves a callback.
 * Options are structs whose first member is their size: `tenon_unit_options options =
 *   TENON_UNIT_OPTIONS_INIT;`. A later version adds members at the end, where 0 is the default.
 *   NULL stands for the defaults.
 */
#ifndef TENON_C_H
#define TENON_C_H

#include <stddef.h>
#include <stdint.h>

#include "tenon/tenon_host.h"

#if defined(_WIN32)
#define TENON_API __declspec(dllimport)
#else
#define TENON_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* The version of this header. A larger minor version has more functions and members. Before 1.0, the
 * SONAME of the library, libtenon.so.0, changes with the first number after the dot. */
#define TENON_C_ABI_MAJOR 0
#define TENON_C_ABI_MINOR 1

/* The version of the loaded library, as TENON_C_ABI_MAJOR * 65536 + TENON_C_ABI_MINOR. */
TENON_API uint32_t tenon_abi_version(void);
/* "0.1.0". Static. */
TENON_API const char* tenon_version(void);

/* Frees text or bytes that a function of this header returned in an out parameter. */
TENON_API void tenon_free(void* memory);

/* ---- Errors -------------------------------------------------------------------------------------- */

typedef struct tenon_error tenon_error;

enum { TENON_SEVERITY_ERROR = 0, TENON_SEVERITY_WARNING = 1, TENON_SEVERITY_NOTE = 2 };

/* A fact that explains a problem, and lines that show it: source text with carets, or both sides of a
 * difference, marked with `-` and `+`. */
typedef struct tenon_note {
  const char* text;
  const char* const* lines;
  size_t nlines;
} tenon_note;

/* One problem. Text that is unknown is "". */
typedef struct tenon_problem {
  const char* code; /* stable, from docs/diagnostics.md: "resolve-cycle" */
  const char* message;
  int severity;
  const char* file;         /* as it was given */
  const char* unit;         /* name of the unit */
  const char* item;         /* import, export or key: "acme:tax/lib@1.2.0" */
  uint64_t offset;          /* of a byte in the file; UINT64_MAX: unknown */
  uint32_t line;            /* from 1; 0: unknown */
  uint32_t column;          /* from 1, in characters; 0: unknown */
  const char* const* lines; /* as in a note */
  size_t nlines;
  const tenon_note* notes;
  size_t nnotes;
  const char* const* hints; /* what to do, for a program that uses this header */
  size_t nhints;
} tenon_problem;

/* Why a call failed. */
enum {
  TENON_FAILURE_TRAP = 0,
  TENON_FAILURE_OPEN_IMPORT = 1, /* the guest called an import that nothing provides */
  TENON_FAILURE_DEADLINE = 2,
  TENON_FAILURE_ENDED = 3,      /* the function's domain had ended before */
  TENON_FAILURE_REENTRANCE = 4, /* the call would wait for itself */
  TENON_FAILURE_ENGINE = 5,
  TENON_FAILURE_BAD_CALL = 6,    /* the guest was not entered; the problems say why */
  TENON_FAILURE_GUEST_ERROR = 7, /* a packr package returned an error, and goes on */
  TENON_FAILURE_INTERRUPTED = 8,
  TENON_FAILURE_DEADLOCK = 9,
  TENON_FAILURE_REMOTE = 10,
  TENON_FAILURE_REFUSED = 11 /* by middleware */
};

/* A frame of a guest's stack. */
typedef struct tenon_frame {
  const char* unit; /* "": the host or an adapter */
  const char* function;
  const char* module;
  const char* source; /* "tax.c:7:3" */
  uint64_t offset;    /* in bytes, into the unit's component; UINT64_MAX: unknown */
} tenon_frame;

/* A failed call. Text that is unknown is "". */
typedef struct tenon_failure {
  int kind; /* TENON_FAILURE_TRAP, ... */
  const char* unit;
  const char* function;
  const char* message;
  const char* import;        /* of TENON_FAILURE_OPEN_IMPORT */
  const char* domain;        /* to which the limits belong */
  const char* const* limits; /* that ended the call, named as in a manifest: "call-timeout" */
  size_t nlimits;
  const char* const* waits; /* what the composition waited for, of a deadlock or a deadline */
  size_t nwaits;
  const tenon_frame* frames; /* innermost first */
  size_t nframes;
} tenon_failure;

TENON_API void tenon_error_delete(tenon_error* error);
/* The number of problems, at least 1. */
TENON_API size_t tenon_error_count(const tenon_error* error);
/* A problem, in input order; NULL if there are not so many. */
TENON_API const tenon_problem* tenon_error_problem(const tenon_error* error, size_t index);
/* The code and the message of the first problem. */
TENON_API const char* tenon_error_code(const tenon_error* error);
TENON_API const char* tenon_error_message(const tenon_error* error);
/* The failure, if the error is that of a call; else NULL. */
TENON_API const tenon_failure* tenon_error_failure(const tenon_error* error);
/* All problems as text for people, several lines, as the command prints them. */
TENON_API const char* tenon_error_text(const tenon_error* error);
/* All problems as a JSON array; docs/command.md describes the members. */
TENON_API const char* tenon_error_json(const tenon_error* error);
/* The explanation of a code as Markdown. NULL: the code is unknown, or there is no memory. Free it with
 * tenon_free. */
TENON_API char* tenon_explain_code(const char* code);

/* ---- Builder ------------------------------------------------------------------------------------- */

/* Collects the units and settings of a composition (tenon/builder.h). Functions without a result do not
 * fail: plan, compose and build report the problems of earlier calls, also api-usage: first those of
 * settings and files, all together, then those of planning, all together. */
typedef struct tenon_builder tenon_builder;
typedef struct tenon_imports tenon_imports;
typedef struct tenon_function tenon_function;
typedef struct tenon_plan tenon_plan;
typedef struct tenon_composition tenon_composition;

typedef struct tenon_unit_options {
  size_t size;
  /* Nonzero: tenon_composition_unit finds the unit. Isolated units are always found. A composition
   * whose units are all found needs no root. */
  int reachable;
  /* Expected SHA-256 of the file in lower-case hex; NULL: not checked. */
  const char* sha256;
  /* Not 0: the unit is isolated, and each call gets a fresh instance; so many can exist at once. */
  uint32_t pool;
} tenon_unit_options;
#define TENON_UNIT_OPTIONS_INIT {sizeof(tenon_unit_options), 0, NULL, 0}

/* NULL only if there is no memory. */
TENON_API tenon_builder* tenon_builder_new(void);
TENON_API void tenon_builder_delete(tenon_builder* builder);

/* The name of the composition in plans and messages; the default is that of the root. */
TENON_API void tenon_builder_set_name(tenon_builder* builder, const char* name);

/* Add a component or a packr package from a file (binary or `.wat`), or from memory (binary). */
TENON_API void tenon_builder_add_component(tenon_builder* builder, const char* name,
                                           const char* path, const tenon_unit_options* options);
TENON_API void tenon_builder_add_component_bytes(tenon_builder* builder, const char* name,
                                                 const void* bytes, size_t size,
                                                 const tenon_unit_options* options);
TENON_API void tenon_builder_add_package(tenon_builder* builder, const char* name, const char* path,
                                         const tenon_unit_options* options);
TENON_API void tenon_builder_add_package_bytes(tenon_builder* builder, const char* name,
                                               const void* bytes, size_t size,
                                               const tenon_unit_options* options);
/* Sets a value of a unit's configuration, which it reads by `wasi:config` (docs/wasi-services.md). Overrides a
 * manifest. */
TENON_API void tenon_builder_set_config(tenon_builder* builder, const char* unit, const char* key,
                                        const char* value);
/* Adds what the command line takes: FILE, NAME=FILE, a folder or a glob. A folder with a tenon.toml is
 * read as a manifest. */
TENON_API tenon_error* tenon_builder_add_argument(tenon_builder* builder, const char* argument);
/* Adds a host bundle: native code in a folder, or by the name of one that is installed. name: NULL: that
 * in its host.toml. */
TENON_API void tenon_builder_add_host_bundle(tenon_builder* builder, const char* name,
                                             const char* path);
/* Adds functions and resources of the program with a table as host bundles have it. wit: text of its
 * WIT. manifest: text of its host.toml, whose `lib` and `wit` must be there and are not used; NULL: one
 * that has only the name. The table is static. */
TENON_API void tenon_builder_add_host_module(tenon_builder* builder, const char* name,
                                             const tenon_host_module* module, const char* wit,
                                             const char* manifest);
/* Adds a unit on another machine. url: "tcp://host:port", "unix:PATH". interfaces: those that it
 * provides, with commas between them: "acme:stock/api,acme:tax/lib". */
TENON_API void tenon_builder_add_remote(tenon_builder* builder, const char* name, const char* url,
                                        const char* interfaces);

/* Read a tenon.toml: units, wires, exports, grants, limits, policies, middleware; everything that this
 * header has no function for. The text can use paths, which are relative to `folder`. What it requests
 * outside of the folder of a file must be allowed by tenon_builder_trust; the text is the
 * program's own, and needs no consent. */
TENON_API tenon_error* tenon_builder_read_manifest(tenon_builder* builder, const char* path);
TENON_API tenon_error* tenon_builder_read_manifest_text(tenon_builder* builder, const char* text,
                                                        size_t size, const char* folder);
/* Reads a composition in the language of wac, whose packages are in `folder` (NULL: `deps` beside it). */
TENON_API tenon_error* tenon_builder_read_wac(tenon_builder* builder, const char* path,
                                              const char* folder);
/* Reads a hosts.toml: bundles with names, configuration and pins. */
TENON_API tenon_error* tenon_builder_read_hosts(tenon_builder* builder, const char* path);

typedef struct tenon_wire {
  size_t size;
  const char* consumer;    /* NULL: every unit except the provider */
  const char* import;      /* any form of the name; can be a glob */
  const char* provider;    /* NULL: the resolver chooses */
  const char* export_name; /* NULL: the name of the import */
  const char* const* via;  /* units and middleware, consumer's side first */
  size_t nvia;
  int target; /* TENON_TARGET_PROVIDER, ... */
  int lazy;   /* start the provider's domain at the first call */
  int optional;
  int adapt; /* convert values of another version of the interface */
  const char*
      on_failure; /* case of the error type that reports that the provider ended; NULL: none */
} tenon_wire;
enum { TENON_TARGET_PROVIDER = 0, TENON_TARGET_OPEN = 1, TENON_TARGET_TRAP = 2 };
#define TENON_WIRE_INIT {sizeof(tenon_wire), NULL, NULL, NULL, NULL, NULL, 0, 0, 0, 0, 0, NULL}

/* Sets the provider of an import. Strings are copied. */
TENON_API void tenon_builder_wire(tenon_builder* builder, const tenon_wire* wire);
/* Hides an export from all consumers, or all but this one of a unit. item: an interface, `iface.func`,
 * `iface.resource.f` or a plain name. */
TENON_API void tenon_builder_hide(tenon_builder* builder, const char* unit, const char* item);
TENON_API void tenon_builder_expose(tenon_builder* builder, const char* unit, const char* item);
/* Exports an item of a unit from the composition. as: NULL: under its own name. */
TENON_API void tenon_builder_export_item(tenon_builder* builder, const char* unit, const char* item,
                                         const char* as);
/* Exports every item that no unit imports. */
TENON_API void tenon_builder_export_all(tenon_builder* builder);
/* The unit whose exports become those of the composition. */
TENON_API void tenon_builder_set_root(tenon_builder* builder, const char* unit);
/* Plans although imports have no provider: they stay open, and calling one is TENON_FAILURE_OPEN_IMPORT. */
TENON_API void tenon_builder_allow_unresolved(tenon_builder* builder);

/* Place a unit in a domain, which fails alone; in one of its own; each unit in one of its own. */
TENON_API void tenon_builder_place(tenon_builder* builder, const char* unit, const char* domain);
TENON_API void tenon_builder_isolate(tenon_builder* builder, const char* unit);
TENON_API void tenon_builder_isolate_all(tenon_builder* builder);

/* Grant access to the outside. domain: NULL: that of the root. */
TENON_API void tenon_builder_inherit_stdio(tenon_builder* builder);
/* directory: `[ro:|rw:]HOST[::GUEST]`. */
TENON_API void tenon_builder_grant_directory(tenon_builder* builder, const char* domain,
                                             const char* directory);
TENON_API void tenon_builder_grant_variable(tenon_builder* builder, const char* domain,
                                            const char* name, const char* value);
/* host: "*", "host" or "host:port". */
TENON_API void tenon_builder_grant_network(tenon_builder* builder, const char* domain,
                                           const char* host);
TENON_API void tenon_builder_add_program_argument(tenon_builder* builder, const char* domain,
                                                  const char* argument);
/* Sets a limit of a domain by its name and value in a manifest: "memory" "256MiB", "fuel" "1000000",
 * "timeout" "5s", "call-timeout" "500ms", "tables" "1000", "instances" "10". domain: NULL: that of the
 * root. */
TENON_API void tenon_builder_set_limit(tenon_builder* builder, const char* domain,
                                       const char* limit, const char* value);
/* Restarts a domain after it has ended, at most so often within a time; 0: in total. domain: NULL: every
 * domain. */
TENON_API void tenon_builder_restart(tenon_builder* builder, const char* domain, uint32_t most,
                                     uint64_t within_milliseconds);
/* Lets tenon_composition_interrupt end calls, which makes calls between units of a domain slower. */
TENON_API void tenon_builder_allow_interrupt(tenon_builder* builder);

/* Consent to what manifests request outside of their folders: all of them, or those below a path. */
TENON_API void tenon_builder_trust(tenon_builder* builder);
TENON_API void tenon_builder_trust_path(tenon_builder* builder, const char* path);
/* Refuses native libraries whose digest is not pinned. */
TENON_API void tenon_builder_require_pins(tenon_builder* builder);
/* Refuses native libraries from files; those of a hosts.toml are not offered then. */
TENON_API void tenon_builder_forbid_native(tenon_builder* builder);
/* Sets a key of the configuration of a host bundle. key: "pool.size". value: text, number or boolean. */
TENON_API void tenon_builder_set_host_config(tenon_builder* builder, const char* host,
                                             const char* key, const char* value);

/* What the process of a host bundle can do (docs/host-process.md). */
typedef struct tenon_process_options {
  size_t size;
  int no_files; /* nonzero: no path can be opened, created or looked at, once its library is loaded */
  int no_network;            /* nonzero: it can make no sockets */
  uint64_t memory;           /* bytes that it can write; 0: not limited */
  uint64_t cpu_milliseconds; /* processor time of its life, rounded up to seconds; 0: not limited */
  uint64_t descriptors;      /* open at once, at least 16; 0: as many as the program */
  uint32_t restarts;         /* how many times a process that ended is replaced, by the next call */
  uint64_t within_milliseconds; /* restarts are counted within this time; 0: in total */
} tenon_process_options;
#define TENON_PROCESS_OPTIONS_INIT {sizeof(tenon_process_options), 0, 0, 0, 0, 0, 0, 0}

/* Runs a host bundle in a process of its own, which its first call starts: a crash fails calls, and not the
 * program. Overrides the files. options: NULL: it can do what the program can, and is not replaced. */
TENON_API void tenon_builder_run_in_process(tenon_builder* builder, const char* host,
                                            const tenon_process_options* options);
/* Sets the program of these processes, which calls tenon_run_bundle_process. Default: the command `tenon`,
 * beside this library or in `bin` of its prefix. */
TENON_API void tenon_builder_set_process_program(tenon_builder* builder, const char* path);
/* Runs this process for a host bundle, if a composition started it for that: returns nonzero when it is done,
 * and `main` returns `exit_code`. 0: this is an ordinary process. A program calls it first in `main`, to be the
 * program of its own bundles: `tenon_builder_set_process_program(builder, "/proc/self/exe")`. */
TENON_API int tenon_run_bundle_process(int argc, char* const* argv, int* exit_code);

/* The folder for compiled code and what is known of units. It is created with access for the owner
 * only. Without it, each build compiles. */
TENON_API void tenon_builder_set_cache(tenon_builder* builder, const char* folder);
/* How many domains can compute at the same time, on threads of the composition; the default is the
 * number of processors. */
TENON_API void tenon_builder_set_threads(tenon_builder* builder, size_t count);
/* Lets other threads call while tenon_composition_run_command runs. */
TENON_API void tenon_builder_allow_threads(tenon_builder* builder);

/* Runs work soon, on the thread of an event loop, and not within `post`. `post` is called on any thread;
 * it must lead to one call of `run(work)`. */
typedef struct tenon_executor {
  void (*post)(void* user, void (*run)(void* work), void* work);
  void* user;
} tenon_executor;
/* Where the composition and the callbacks of its calls run. Without one, they run while a thread waits
 * in a function of this header. `user` must outlive the composition. */
TENON_API void tenon_builder_set_executor(tenon_builder* builder, const tenon_executor* executor);

/* Called with lines of middleware that logs without a file. drop: called once, with the data, when it
 * is not needed any more; can be NULL. */
TENON_API void tenon_builder_on_log(tenon_builder* builder,
                                    void (*on_log)(void* user, const char* line, size_t size),
                                    void* user, void (*drop)(void* user));
/* Called with each call between domains, and from and to peers, as one JSON object (docs/c-api.md, "Traces"); not
 * with calls of functions of the program. */
TENON_API void tenon_builder_on_trace(tenon_builder* builder,
                                      void (*on_trace)(void* user, const char* json, size_t size),
                                      void* user, void (*drop)(void* user));

/* The functions that units import, whoever provides them, with their types: what functions of the program
 * can be added for. In the order of the units, and of the imports of each. Reads the units, and decides
 * nothing. */
TENON_API tenon_error* tenon_builder_imports(tenon_builder* builder, tenon_imports** imports);
TENON_API void tenon_imports_delete(tenon_imports* imports);
TENON_API size_t tenon_imports_count(const tenon_imports* imports);
/* Describes one of them; NULL if there are not so many. It cannot be called. Lifetime: that of `imports`. */
TENON_API const tenon_function* tenon_imports_function(const tenon_imports* imports, size_t index);

/* Decides which export satisfies each import. Compiles and runs nothing. */
TENON_API tenon_error* tenon_builder_plan(tenon_builder* builder, tenon_plan** plan);
/* Explains the choice of a provider for each import that matches a name, as JSON. */
TENON_API tenon_error* tenon_builder_explain_import(tenon_builder* builder, const char* import,
                                                    char** json);
/* Writes the composition as one component. */
TENON_API tenon_error* tenon_builder_compose(tenon_builder* builder, uint8_t** bytes, size_t* size);
/* Compiles, and starts nothing: a later build with the same cache is fast. */
TENON_API tenon_error* tenon_builder_prepare(tenon_builder* builder);
/* Links, compiles and starts the composition. The builder can be deleted, or build again. */
TENON_API tenon_error* tenon_builder_build(tenon_builder* builder, tenon_composition** composition);

/* ---- Plan ---------------------------------------------------------------------------------------- */

TENON_API void tenon_plan_delete(tenon_plan* plan);
/* As `tenon plan` prints it: JSON (schema 1, docs/command.md) and text for people. */
TENON_API tenon_error* tenon_plan_json(const tenon_plan* plan, char** json);
TENON_API tenon_error* tenon_plan_text(const tenon_plan* plan, char** text);
/* A picture. It needs the program `dot` of Graphviz, and runs it. Errors: config-usage. */
TENON_API tenon_error* tenon_plan_svg(const tenon_plan* plan, char** svg);

/* ---- Composition --------------------------------------------------------------------------------- */

typedef struct tenon_unit tenon_unit;
typedef struct tenon_type tenon_type;
typedef struct tenon_arena tenon_arena;
typedef struct tenon_resource tenon_resource;
typedef struct tenon_task tenon_task;
typedef struct tenon_server tenon_server;

/* Ends the composition: calls that were started fail with TENON_FAILURE_ENDED. No other thread may use
 * it at that time. */
TENON_API void tenon_composition_delete(tenon_composition* composition);
/* Calls `wasi:cli/run`. exit_code: that of the guest, or 0 for ok and 1 for err. */
TENON_API tenon_error* tenon_composition_run_command(tenon_composition* composition,
                                                     int* exit_code);

/* Finds an exported function. interface: any form of its name; NULL or "": a bare function, or one of
 * any interface. name: as in WIT's binary form: "total", "[method]account.close".
 * Errors: run-no-function, run-ambiguous-function. */
TENON_API tenon_error* tenon_composition_function(tenon_composition* composition,
                                                  const char* interface, const char* name,
                                                  tenon_function** function);
/* The exported functions, in the order of the exports: their number, and one of them. */
TENON_API size_t tenon_composition_function_count(const tenon_composition* composition);
TENON_API tenon_error* tenon_composition_function_at(tenon_composition* composition, size_t index,
                                                     tenon_function** function);
/* Calls a function by text: `total([])`, `lib.add(1, 2)`. result: WAVE; "" if there is none.
 * Errors: value-syntax and others of parsing. */
TENON_API tenon_error* tenon_composition_call(tenon_composition* composition, const char* call,
                                              char** result);
/* Finds a unit that is isolated or reachable. Errors: run-no-unit. */
TENON_API tenon_error* tenon_composition_unit(tenon_composition* composition, const char* name,
                                              tenon_unit** unit);
TENON_API size_t tenon_composition_unit_count(const tenon_composition* composition);
TENON_API tenon_error* tenon_composition_unit_at(tenon_composition* composition, size_t index,
                                                 tenon_unit** unit);

/* Lets guests run that have something to do, until the time has passed. Returns 0, perhaps early, if no guest
 * waits for anything but the program's next call; a guest that waits for a call which the program has deferred counts as
 * waiting, so the result is not 0 then. nanoseconds: 0: without waiting. */
TENON_API int tenon_composition_run_for(tenon_composition* composition, uint64_t nanoseconds);
/* Ends the calls that were started, if none of them can go on before the program does something: they fail
 * with TENON_FAILURE_DEADLOCK, which has what they wait for. A call of tenon_task_wait without a limit does the
 * same. This is for event loops: only the program knows that it has nothing else to do. */
TENON_API void tenon_composition_end_deadlock(tenon_composition* composition);
/* Ends the calls in progress, if the builder allowed that, also those that a function of the program makes
 * for a guest of another composition. A guest that waits in the host (for a clock, a file, a socket) ends
 * when that wait is over. Async-signal-safe. */
TENON_API void tenon_composition_interrupt(tenon_composition* composition);
/* The first failure of a destructor that had no caller to report it to; NULL: there was none. */
TENON_API tenon_error* tenon_composition_take_drop_failure(tenon_composition* composition);

typedef struct tenon_swap_options {
  size_t size;
  int make_stale;    /* go on if handles are lost, instead of failing */
  int whole_domains; /* other units of the domains may lose their state, too */
  int is_trial;      /* check everything, and change nothing */
} tenon_swap_options;
#define TENON_SWAP_OPTIONS_INIT {sizeof(tenon_swap_options), 0, 0, 0}

/* Replaces the component of a unit while the others keep running. Errors: those of planning; run-swap. */
TENON_API tenon_error* tenon_composition_swap(tenon_composition* composition, const char* unit,
                                              const char* path, const tenon_swap_options* options);
TENON_API tenon_error* tenon_composition_swap_bytes(tenon_composition* composition,
                                                    const char* unit, const void* bytes,
                                                    size_t size, const tenon_swap_options* options);

/* Serves the exports to peers. addresses: with commas between them: "tcp://[::1]:0". insecure: nonzero:
 * others on the network may connect without encryption. Errors: remote-. The server must be deleted
 * before the composition. */
TENON_API tenon_error* tenon_composition_serve(tenon_composition* composition,
                                               const char* addresses, int insecure,
                                               tenon_server** server);
/* An address with its port; NULL if there are not so many. */
TENON_API const char* tenon_server_address(const tenon_server* server, size_t index);
/* Serves until tenon_server_stop, then waits for calls in progress. Returns nonzero if all of them had
 * ended in that time. */
TENON_API int tenon_server_run(tenon_server* server, uint64_t drain_milliseconds);
/* Ends tenon_server_run. */
TENON_API void tenon_server_stop(tenon_server* server);
TENON_API void tenon_server_delete(tenon_server* server);

TENON_API void tenon_unit_delete(tenon_unit* unit);
TENON_API const char* tenon_unit_name(const tenon_unit* unit);
/* As the functions of a composition. */
TENON_API tenon_error* tenon_unit_function(tenon_unit* unit, const char* interface,
                                           const char* name, tenon_function** function);
TENON_API size_t tenon_unit_function_count(const tenon_unit* unit);
TENON_API tenon_error* tenon_unit_function_at(tenon_unit* unit, size_t index,
                                              tenon_function** function);

/* ---- Functions and types ------------------------------------------------------------------------- */

TENON_API void tenon_function_delete(tenon_function* function);
/* Of a function that a unit imports: that unit, or the domain if several of its units share the import.
 * Else "". */
TENON_API const char* tenon_function_unit(const tenon_function* function);
/* "acme:shop/api@1.0.0"; "": a bare function. */
TENON_API const char* tenon_function_interface(const tenon_function* function);
TENON_API const char* tenon_function_name(const tenon_function* function);
/* "total: func(items: list<item>) -> f64;" */
TENON_API const char* tenon_function_wit(const tenon_function* function);
TENON_API int tenon_function_is_async(const tenon_function* function);
TENON_API size_t tenon_function_param_count(const tenon_function* function);
/* NULL if there are not so many. Lifetime of types: that of the function. */
TENON_API const char* tenon_function_param_name(const tenon_function* function, size_t index);
TENON_API const tenon_type* tenon_function_param_type(const tenon_function* function, size_t index);
/* NULL: there is no result. */
TENON_API const tenon_type* tenon_function_result_type(const tenon_function* function);

/* The kind of the type's values: TENON_BOOL, ...; TENON_LIST for every list; 0: `error-context`, or
 * packr's `value`. */
TENON_API int tenon_type_kind(const tenon_type* type);
/* The declared name, such as "item"; "" for an anonymous type. The name of the resource of a handle. */
TENON_API const char* tenon_type_name(const tenon_type* type);
/* "list<item>" */
TENON_API const char* tenon_type_wit(const tenon_type* type);
/* The resource of a handle with its interface, as tenon_resource_type names it:
 * "acme:db/sql@1.0.0.connection". "" for other types. */
TENON_API const char* tenon_type_resource(const tenon_type* type);
/* The unit that makes the resources of a handle. "program": the program does, so the values are its pointers;
 * else they are `tenon_resource *`. Two resources with one name can have different owners. "" for other types,
 * for resources of WASI, and in tenon_builder_imports, where it is not decided. */
TENON_API const char* tenon_type_owner(const tenon_type* type);
/* The fields of a record, elements of a tuple, cases of a variant, enum, option or result, labels of
 * flags; 1 for a list, stream or future with elements; 2 for a map: key and value. */
TENON_API size_t tenon_type_part_count(const tenon_type* type);
/* "" if the part has no label; NULL if there are not so many. */
TENON_API const char* tenon_type_part_label(const tenon_type* type, size_t index);
/* NULL: a case without payload, or there are not so many. */
TENON_API const tenon_type* tenon_type_part(const tenon_type* type, size_t index);
/* Of a list of fixed length; 0: of any length. */
TENON_API uint32_t tenon_type_length(const tenon_type* type);

/* ---- Values -------------------------------------------------------------------------------------- */

/* Values are `tenon_value` (tenon/tenon_host.h), in both directions: records and tuples are arrays in
 * the order of the WIT, variants have the index of their case, and lists of numbers, characters and
 * booleans are packed: a pointer, a length and the kind of the elements.
 *
 * A handle of a resource is a `tenon_resource *` in `of.rep`; for a resource of the program, it is the
 * pointer that the program made it with (tenon_type_owner). One in place of the other is value-handle; a
 * pointer of the program is never read.
 *
 * A stream or future is a number in `of.u`, and tenon_host() has its functions. An end that a call gives to
 * the program, as a result or as an argument, is the program's: it reads it by `stream_read`, or passes it
 * on, and gives it up by `stream_close`. `stream_new` makes a stream whose readable end is passed as an
 * argument or a result, and which the program writes by `stream_write`. `done` is called while the
 * composition runs (tenon_composition_run_for, tenon_task_wait, an executor, any call), once for each operation; when
 * the composition is deleted, with TENON_STREAM_CLOSED. */

/* Memory for results, and for arguments that are built of parts. NULL only if there is no memory. */
TENON_API tenon_arena* tenon_arena_new(void);
/* Frees everything in it. Resources in it are dropped, unless they were passed on or kept. */
TENON_API void tenon_arena_delete(tenon_arena* arena);
/* The same, and the arena can be used again, which is faster than a new one. */
TENON_API void tenon_arena_reset(tenon_arena* arena);
/* Zeroed memory; NULL if there is none, or `align` is not a power of two up to 4096. */
TENON_API void* tenon_arena_alloc(tenon_arena* arena, size_t size, size_t align);

/* The text of a value, for logs and messages: in WAVE, which tenon_composition_call reads, and in JSON, as
 * tenon_function_call_json has it. A handle is its resource and a number, `<acme:db/sql.connection #3>`.
 * Errors: value-type, also for a stream that cannot be passed any more; value-too-large. */
TENON_API tenon_error* tenon_value_wave(const tenon_type* type, const tenon_value* value,
                                        char** text);
TENON_API tenon_error* tenon_value_json(const tenon_type* type, const tenon_value* value,
                                        char** text);

/* Calls a function with one value for each parameter. Arguments are read before the function returns.
 *
 * arena: keeps the parts of the result. Strings and packed lists in it are the memory that the guest's
 * bytes were copied to, once. Can be NULL if the result has no parts: a number, an enum, flags, or none.
 * result: can be NULL, if it is not wanted, and its handles are dropped; and the place of an argument.
 *
 * A resource that is passed as `own` belongs to the guest, or is dropped, unless this fails without a
 * tenon_failure or with TENON_FAILURE_BAD_CALL; passing it again is value-handle.
 * Errors: those of `Function::call` (tenon/function.h). */
TENON_API tenon_error* tenon_function_call(tenon_function* function, const tenon_value* args,
                                           size_t nargs, tenon_arena* arena, tenon_value* result);
/* The same for a function whose parameters and result are at most 16 numbers, booleans, characters,
 * enums, flags, or records of these: as the Canonical ABI flattens them, f32 as its bits. result: can
 * be NULL if there is none. Errors also: type-unsupported-value, for other functions. */
TENON_API tenon_error* tenon_function_call_flat(tenon_function* function, const uint64_t* params,
                                                size_t nparams, uint64_t* result);
/* Calls a function with a JSON array of its arguments. result: JSON; "null" if there is none. Works for
 * every type but handles. */
TENON_API tenon_error* tenon_function_call_json(tenon_function* function, const char* args,
                                                size_t size, char** result);

/* The end of a call that was started, once. Exactly one of `error` and success: the error belongs to
 * the callee, the result is valid during the call. result: NULL if the function has none. */
typedef void (*tenon_call_done)(void* user, tenon_error* error, const tenon_value* result);
/* Starts a function, and returns before it has ended, unless it ends at once. Any number of calls can be
 * in progress. task: can be NULL. If this returns an error (misuse, or a type that C cannot pass), `done`
 * is not called; every other failure is reported by `done`. After api-memory, nothing was started. */
TENON_API tenon_error* tenon_function_start(tenon_function* function, const tenon_value* args,
                                            size_t nargs, tenon_call_done done, void* user,
                                            tenon_task** task);
/* Ends the call early: it fails with TENON_FAILURE_INTERRUPTED, unless it has ended. A guest that waits in a
 * synchronous call goes on, and its answer is dropped. */
TENON_API void tenon_task_cancel(tenon_task* task);
/* Lets the composition run until the call has ended, or the time has passed; UINT64_MAX: without a
 * limit. Returns nonzero if it has ended. */
TENON_API int tenon_task_wait(tenon_task* task, uint64_t nanoseconds);
/* Gives up the handle; the call goes on. */
TENON_API void tenon_task_delete(tenon_task* task);

/* Another handle of a resource, which is not in an arena. NULL if there is no memory. */
TENON_API tenon_resource* tenon_resource_keep(const tenon_resource* resource);
/* "acme:db/sql@1.0.0.connection" */
TENON_API const char* tenon_resource_type(const tenon_resource* resource);
/* Gives up a handle that tenon_resource_keep made. The resource is dropped with its last handle. */
TENON_API void tenon_resource_delete(tenon_resource* resource);

/* ---- Functions of the program -------------------------------------------------------------------- */

/* Adds a function that units import. It has the type that the import has.
 *
 * fn: as in a host bundle; `user` is its `self`. It can use `alloc`, `trap`, `should_stop`, `log` and the
 * functions for streams of tenon_host().
 * interface: "acme:log/log", "acme:log/log@1.0.0"; "": a bare function. name: "write",
 * "[method]bucket.get". drop: called once with `user` when nothing calls the function any more; can be
 * NULL. */
TENON_API void tenon_builder_add_function(tenon_builder* builder, const char* interface,
                                          const char* name, tenon_fn fn, void* user,
                                          void (*drop)(void* user));
/* The same for a function that can end its calls later: `fn` then uses `defer` of tenon_host(), returns 0,
 * and the call ends by `complete` or `fail`, on any thread. Other calls run meanwhile. If the function is not
 * `async` in the WIT, its caller is blocked until then. A call that has ended, also with its composition, cannot
 * be ended: the two then return nonzero, and do nothing. */
TENON_API void tenon_builder_add_async_function(tenon_builder* builder, const char* interface,
                                                const char* name, tenon_fn fn, void* user,
                                                void (*drop)(void* user));
/* Adds a resource of the program; its functions are added by tenon_builder_add_function. Functions get
 * and return `of.rep`, which is never NULL. drop_rep: called once for each `own` handle that a guest, or
 * a call that was not refused (tenon_function_call), drops; can be NULL. An `own` handle that is passed to
 * a function belongs to the function. */
TENON_API void tenon_builder_add_resource(tenon_builder* builder, const char* interface,
                                          const char* name, void (*drop_rep)(void* user, void* rep),
                                          void* user, void (*drop)(void* user));
/* Describes the import that a call is of: who calls, and the types of arguments and result. NULL for a
 * function of a module (tenon_builder_add_host_module). It cannot be called. Lifetime: until `fn` returns. */
TENON_API const tenon_function* tenon_call_function(const tenon_call* call);
/* The functions that `fn` can use. Static. */
TENON_API const tenon_host_api* tenon_host(void);

/* ---- Values by name ------------------------------------------------------------------------------ */

static inline tenon_value tenon_value_make(uint8_t kind) {
  tenon_value value = {0, 0, 0, 0, {0}};
  value.kind = kind;
  return value;
}
#define TENON_VALUE_OF(name, kind_, type, member)        \
  static inline tenon_value tenon_value_##name(type v) { \
    tenon_value value = tenon_value_make(kind_);         \
    value.of.member = v;                                 \
    return value;                                        \
  }
TENON_VALUE_OF(bool, TENON_BOOL, uint8_t, u)
TENON_VALUE_OF(s8, TENON_S8, int8_t, s)
TENON_VALUE_OF(u8, TENON_U8, uint8_t, u)
TENON_VALUE_OF(s16, TENON_S16, int16_t, s)
TENON_VALUE_OF(u16, TENON_U16, uint16_t, u)
TENON_VALUE_OF(s32, TENON_S32, int32_t, s)
TENON_VALUE_OF(u32, TENON_U32, uint32_t, u)
TENON_VALUE_OF(s64, TENON_S64, int64_t, s)
TENON_VALUE_OF(u64, TENON_U64, uint64_t, u)
TENON_VALUE_OF(f32, TENON_F32, float, f32)
TENON_VALUE_OF(f64, TENON_F64, double, f64)
TENON_VALUE_OF(char, TENON_CHAR, uint32_t, u)
TENON_VALUE_OF(flags, TENON_FLAGS, uint64_t, u)
TENON_VALUE_OF(own, TENON_OWN, void*, rep)
TENON_VALUE_OF(borrow, TENON_BORROW, void*, rep)
TENON_VALUE_OF(stream, TENON_STREAM, tenon_stream, u)
TENON_VALUE_OF(future, TENON_FUTURE, tenon_stream, u)
/* NULL is `none`. */
TENON_VALUE_OF(option, TENON_OPTION, tenon_value*, payload)
#undef TENON_VALUE_OF

static inline tenon_value tenon_value_string(const char* text, size_t size) {
  tenon_value value = tenon_value_make(TENON_STRING);
  value.of.str.ptr = text;
  value.of.str.len = size;
  return value;
}
/* A list of numbers, characters or booleans. elem: TENON_U8, ... */
static inline tenon_value tenon_value_packed(uint8_t elem, const void* elements, size_t count) {
  tenon_value value = tenon_value_make(TENON_PACKED);
  value.elem = elem;
  value.of.packed.ptr = elements;
  value.of.packed.len = count;
  return value;
}
/* A list, record, tuple or map (keys and values in turn). */
static inline tenon_value tenon_value_items(uint8_t kind, tenon_value* items, size_t count) {
  tenon_value value = tenon_value_make(kind);
  value.of.items.ptr = items;
  value.of.items.len = count;
  return value;
}
/* A variant, enum or result (0 ok, 1 err). payload: can be NULL. */
static inline tenon_value tenon_value_case(uint8_t kind, uint32_t index, tenon_value* payload) {
  tenon_value value = tenon_value_make(kind);
  value.index = index;
  value.of.payload = payload;
  return value;
}

#ifdef __cplusplus
}
#endif
#endif
