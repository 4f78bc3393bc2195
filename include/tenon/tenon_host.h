/* The ABI of host bundles, version 1: native code whose functions components import.
 *
 * A bundle is a folder with `host.toml`, WIT and a shared library. The library exports one symbol,
 * `tenon_host_module_v1`, which returns a static table of its functions and resources, by their
 * names in the WIT. Types are only in the WIT.
 *
 *   static int32_t twice(void *self, tenon_call *call, const tenon_value *args, size_t nargs,
 *                        tenon_value *result) {
 *     result->kind = TENON_U32;
 *     result->of.u = args[0].of.u * 2;
 *     return 0;
 *   }
 *   static const tenon_func_def funcs[] = {{"acme:math/lib", "twice", twice, 0, TENON_PURE}};
 *   TENON_HOST_ENTRY(math) {
 *     static const tenon_host_module module = {
 *         sizeof module, TENON_HOST_ABI_MAJOR, TENON_HOST_ABI_MINOR, TENON_CONCURRENT,
 *         "math", "1.0.0", NULL, NULL, funcs, 1, NULL, 0};
 *     return &module;
 *   }
 *
 * For C11 and C++20, without dependencies. `tenon bindgen host-cpp` generates typed C++ from a WIT,
 * over tenon/host_glue.h. Native code is outside of the sandbox: a fault in it can affect the whole
 * process. docs/host-bundles.md is the guide.
 */
#ifndef TENON_HOST_H
#define TENON_HOST_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define TENON_C_LINKAGE extern "C"
extern "C" {
#else
#define TENON_C_LINKAGE extern
#endif

/* A library of another major version is rejected. A larger minor version has more fields at the end
 * of its structs. */
#define TENON_HOST_ABI_MAJOR 1
#define TENON_HOST_ABI_MINOR 1

#if defined(_WIN32)
#define TENON_EXPORT __declspec(dllexport)
#else
#define TENON_EXPORT __attribute__((visibility("default")))
#endif

/* The kind of a value, which decides the member of `tenon_value.of` that is set. */
enum {
  TENON_BOOL = 1, /* u: 0 or 1 */
  TENON_S8,       /* s */
  TENON_U8,       /* u */
  TENON_S16,
  TENON_U16,
  TENON_S32,
  TENON_U32,
  TENON_S64,
  TENON_U64,
  TENON_F32,     /* f32 */
  TENON_F64,     /* f64 */
  TENON_CHAR,    /* u: a Unicode scalar value */
  TENON_STRING,  /* str: UTF-8, not NUL-terminated */
  TENON_LIST,    /* items */
  TENON_PACKED,  /* packed: a list of numbers, characters or booleans; `elem` is their kind */
  TENON_RECORD,  /* items: the fields, in WIT order */
  TENON_TUPLE,   /* items */
  TENON_MAP,     /* items: key, value, key, value */
  TENON_VARIANT, /* index; payload, or NULL */
  TENON_ENUM,    /* index */
  TENON_OPTION,  /* payload; NULL: none */
  TENON_RESULT,  /* index: 0 ok, 1 err; payload, or NULL */
  TENON_FLAGS,   /* u: bit i is label i; 64 labels at most */
  TENON_OWN,     /* rep */
  TENON_BORROW,  /* rep */
  /* Since 1.1. */
  TENON_STREAM, /* u: a tenon_stream */
  TENON_FUTURE  /* u: a tenon_stream */
};

/* A value. Sizes of packed elements: 1 for bool, s8 and u8, 2 for s16 and u16, 4 for s32, u32, f32
 * and char, 8 for s64, u64 and f64. */
typedef struct tenon_value {
  uint8_t kind;
  uint8_t elem;
  uint16_t reserved;
  uint32_t index;
  union {
    uint64_t u;
    int64_t s;
    float f32;
    double f64;
    struct {
      const char* ptr;
      size_t len; /* bytes */
    } str;
    struct {
      const void* ptr; /* aligned for its elements */
      size_t len;      /* elements */
    } packed;
    struct {
      struct tenon_value* ptr;
      size_t len;
    } items;
    struct tenon_value* payload;
    void* rep;
  } of;
} tenon_value;

typedef struct tenon_call tenon_call;     /* one call: its arena, deadline and error */
typedef struct tenon_config tenon_config; /* the configuration of one instance */

/* A call that ends after its function has returned, by its number. 0: none. Never reused in a
 * process. */
typedef uint64_t tenon_completion;

/* An end of a stream or future that the library has, by its number. 0: none. Never reused. */
typedef uint64_t tenon_stream;

enum {
  TENON_STREAM_OPEN = 0,
  TENON_STREAM_CLOSED = 1, /* the other end is gone, or this one was closed */
  TENON_STREAM_FAILED =
      2 /* the items do not match the WIT, or take too much memory; logged for a host bundle */
};

/* An operation has ended. count: of items that were read, or taken from a write. items: of a read,
 * a list of them, which is valid during this call; else NULL. Called like a function of the library,
 * on any thread of the host, and not within the call that began the operation. */
typedef void (*tenon_stream_done)(void* data, const struct tenon_value* items, size_t count,
                                  int32_t state);

/* Functions of the host. Lifetime: the process's. */
typedef struct tenon_host_api {
  /* sizeof(tenon_host_api) in the host's version. A library that uses functions of a later version
   * than 1.0 checks in `create` that they are there. */
  size_t size;
  /* Memory for a result, zeroed; freed when the host has read the result of the call. align: a
   * power of two up to 4096. Returns NULL if there is not enough memory or the alignment is
   * invalid; the call is then a trap, whatever the function returns. */
  void* (*alloc)(tenon_call* call, size_t size, size_t align);
  /* Sets the message of a trap, formatted as by printf. Returns nonzero, so that a function can
   * `return api->trap(..)`. */
  int32_t (*trap)(tenon_call* call, const char* format, ...);
  /* Whether the call has reached its deadline or was canceled. Long calls should ask regularly.
   * Any thread. */
  int (*should_stop)(tenon_call* call);
  /* level: 0 error, 1 warning, 2 information, 3 details. Any thread. */
  void (*log)(int level, const char* target, const char* text);
  /* The value of a configuration key as text. A key of an inner table has dots: "pool.size". NULL
   * if the key is absent. Lifetime: the instance's. */
  const char* (*config_get)(const tenon_config* config, const char* dotted_key);

  /* Since 1.1: functions that are `async` in the WIT. */

  /* Lets the call end later than its function, which then returns 0; its result is ignored. The
   * call ends by `complete` or `fail`. Other calls run meanwhile. If the function is not `async` in
   * the WIT, its caller is blocked until then.
   *
   * cancel: called at most once, when nobody waits for the call any more: its caller was canceled or
   * ended, or its deadline has passed. The library should then end the call soon, as usual. It is
   * called like a function of the library, but on any thread of the host, and can itself end the
   * call. Can be NULL.
   *
   * Returns 0 if the call cannot be deferred: in `create`, or if it is already. */
  tenon_completion (*defer)(tenon_call* call,
                            void (*cancel)(void* self, tenon_completion completion));
  /* Ends a deferred call with its result, or as a trap. Every deferred call is ended once, also one
   * that was canceled. result: read before `complete` returns; NULL if the function has no result.
   *
   * Returns 0 if the result was taken. Otherwise it was not, and handles in it still belong to the
   * library: the call was canceled; the result does not match the WIT, which is a trap; or the call
   * has ended before, perhaps together with its composition. Any thread, also before the function
   * returns. */
  int32_t (*complete)(tenon_completion completion, const tenon_value* result);
  int32_t (*fail)(tenon_completion completion, const char* format, ...);

  /* Since 1.1: streams and futures. Any thread. An end has one operation at a time. */

  /* Makes a stream or future. A result with its number passes the readable end to the caller, once.
   * The writable end is the library's, under the same number, until `stream_close`. */
  tenon_stream (*stream_new)(void);
  /* Reads items from a stream that was passed to the library: at most `most`, and as soon as there
   * are any. When there are none left, and none will come, the state is TENON_STREAM_CLOSED. A
   * future has one item.
   *
   * Returns 0, and calls `done` once, later. Otherwise nothing happens: the number is unknown or of
   * a writable end, or an operation is in progress. */
  int32_t (*stream_read)(tenon_stream stream, size_t most, tenon_stream_done done, void* data);
  /* Writes items, all of them: `done` is called when they are taken, or the reader is gone. It is
   * begun before or after the stream was passed, and waits for that.
   *
   * items: a TENON_LIST or TENON_PACKED, of one item for a future; it stays in place until `done`.
   * Without payload, only its length counts. Returns as `stream_read`. */
  int32_t (*stream_write)(tenon_stream stream, const tenon_value* items, tenon_stream_done done,
                          void* data);
  /* Gives an end up; the number is not valid any more. An operation in progress ends as
   * TENON_STREAM_CLOSED. Every end is given up, or passed: a readable end that was passed to the
   * library, and not read, can be a result again. A stream that the library made and closed before it passed it
   * can be a result, too, whose reader finds its end. Whoever reads a future that is closed before it was
   * written ends. */
  void (*stream_close)(tenon_stream stream);
} tenon_host_api;

/* self: the instance from `create`. args: one for each parameter in the WIT; the first of a method
 * is the TENON_BORROW of its resource. result: zeroed; ignored if the function has no result.
 *
 * Arguments are valid until the function returns. Strings and packed lists are views of the
 * caller's memory where possible. A result can point to memory of `alloc`, to arguments, or to
 * static data.
 *
 * Returns 0, or nonzero for a trap, which ends the caller. An error that the caller can handle is a
 * `result` of the WIT. C++ exceptions must not leave the function. */
typedef int32_t (*tenon_fn)(void* self, tenon_call* call, const tenon_value* args, size_t nargs,
                            tenon_value* result);

enum {
  TENON_MAY_BLOCK = 1u << 0, /* it can wait for files, locks or peers */
  TENON_PURE = 1u << 1       /* equal arguments give equal results, without side effects */
};

typedef struct tenon_func_def {
  const char* interface; /* "tenon:duckdb/sql", without the version, which is in the WIT */
  const char* name;      /* "query", "[static]database.open", "[method]connection.query" */
  tenon_fn fn;
  uint64_t signature; /* hash of its type, from bindgen; 0: not compared with the WIT */
  uint32_t flags;
} tenon_func_def;

typedef struct tenon_resource_def {
  const char* interface;
  const char* name;
  /* Called once for each `own` handle that a guest drops; never after `destroy`. An `own` handle
   * that is passed as an argument belongs to the called function. */
  void (*drop)(void* self, void* rep);
} tenon_resource_def;

/* How many calls the library accepts at a time, drops included. */
enum {
  TENON_SERIAL_LIBRARY = 0,  /* one, counting all instances of the library */
  TENON_SERIAL_INSTANCE = 1, /* one for each instance */
  TENON_CONCURRENT = 2       /* any number */
};

typedef struct tenon_host_module {
  size_t size; /* sizeof(tenon_host_module) in the library's version */
  uint16_t abi_major, abi_minor;
  uint32_t threading;
  const char *name, *version;
  /* Creates an instance with its configuration. NULL if the library needs none; `self` is then
   * NULL. Returns nonzero, by `api->trap`, if the instance cannot be created. */
  int32_t (*create)(const tenon_host_api* api, const tenon_config* config, tenon_call* call,
                    void** self);
  /* The last call of an instance, before `main` returns. All deferred calls have been canceled by
   * then, and are ended before it returns. Can be NULL. */
  void (*destroy)(void* self);
  const tenon_func_def* funcs;
  size_t nfuncs;
  const tenon_resource_def* resources;
  size_t nresources;
} tenon_host_module;

/* The exported symbol. It only returns a static table. */
TENON_EXPORT const tenon_host_module* tenon_host_module_v1(void);

/* Defines the symbol: `TENON_HOST_ENTRY(duckdb) { static .. module = ..; return &module; }`. For a
 * bundle that is linked into a program, with -DTENON_HOST_STATIC, the symbol is
 * `tenon_host_module_duckdb`, so that several bundles can be linked. */
#if defined(TENON_HOST_STATIC)
#define TENON_HOST_ENTRY(name) \
  TENON_C_LINKAGE const tenon_host_module* tenon_host_module_##name(void)
#else
#define TENON_HOST_ENTRY(name) \
  TENON_C_LINKAGE TENON_EXPORT const tenon_host_module* tenon_host_module_v1(void)
#endif

#ifdef __cplusplus
}
#endif
#endif
