/* The ABI of host bundles, version 1: native code whose functions components import.
 *
 * A bundle is a folder with `host.toml`, WIT and a shared library. The library exports one symbol,
 * `tenon_host_module_v1`, which returns a static table: its functions and resources by the names of
 * the WIT. The WIT has the types; the table has names alone.
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
 * C11 and C++20; depends on nothing. `tenon bindgen host-cpp` makes typed C++ of a WIT over it.
 * Native code is outside of the sandbox: what it does wrong, it does to the whole process.
 * docs/host-bundles.md is the guide.
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

/* Another major is refused; a larger minor has more fields at the end of its structs. */
#define TENON_HOST_ABI_MAJOR 1
#define TENON_HOST_ABI_MINOR 0

#if defined(_WIN32)
#define TENON_EXPORT __declspec(dllexport)
#else
#define TENON_EXPORT __attribute__((visibility("default")))
#endif

/* What a value is, and so which member of `tenon_value.of` it has. */
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
  TENON_STRING,  /* str: UTF-8, no NUL at its end */
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
  TENON_BORROW   /* rep */
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

/* What the host offers. Lifetime: the process's. */
typedef struct tenon_host_api {
  size_t size; /* sizeof(tenon_host_api) as the host knows it */
  /* Memory for a result, zeroed; freed when the call's result has been taken. align: a power of
   * two up to 4096. NULL: there is no more, or that is none; whatever the function returns then,
   * the call is a trap. */
  void* (*alloc)(tenon_call* call, size_t size, size_t align);
  /* Says why the call is a trap, as printf does; returns nonzero, for `return api->trap(..)`. */
  int32_t (*trap)(tenon_call* call, const char* format, ...);
  /* Whether the call has come to its deadline, or is cancelled. Long calls ask. Any thread. */
  int (*should_stop)(tenon_call* call);
  /* level: 0 error, 1 warning, 2 information, 3 details. Any thread. */
  void (*log)(int level, const char* target, const char* text);
  /* A key of the configuration as text, inner tables with dots: "pool.size". NULL: it is absent.
   * Lifetime: the instance's. */
  const char* (*config_get)(const tenon_config* config, const char* dotted_key);
} tenon_host_api;

/* self: what `create` made. args: as many as the WIT has parameters; a method's first is its
 * `TENON_BORROW`. result: zeroed; not looked at if the function has none.
 *
 * Arguments live until the function returns: strings and packed lists are views of the caller's
 * memory where that is possible. What the result points to may be memory of `alloc`, arguments, or
 * static.
 *
 * Returns 0, or nonzero: a trap, which ends the caller. Errors of the business are the `result` of
 * the WIT. C++ exceptions must not leave it. */
typedef int32_t (*tenon_fn)(void* self, tenon_call* call, const tenon_value* args, size_t nargs,
                            tenon_value* result);

enum {
  TENON_MAY_BLOCK = 1u << 0, /* it waits for others: files, locks, peers */
  TENON_PURE = 1u << 1       /* equal arguments give equal results, and nothing else happens */
};

typedef struct tenon_func_def {
  const char* interface; /* "tenon:duckdb/sql": without its version, which the WIT has */
  const char* name;      /* "query", "[static]database.open", "[method]connection.query" */
  tenon_fn fn;
  uint64_t signature; /* of the WIT that it was built for, from bindgen; 0: not compared */
  uint32_t flags;
} tenon_func_def;

typedef struct tenon_resource_def {
  const char* interface;
  const char* name;
  /* Called once for every `own` that guests let go; never after `destroy`. One that is passed as
   * an argument is the function's from then on. */
  void (*drop)(void* self, void* rep);
} tenon_resource_def;

/* How many calls at a time, drops included. */
enum {
  TENON_SERIAL_LIBRARY = 0, /* one, of all instances of the library */
  TENON_SERIAL_INSTANCE = 1,
  TENON_CONCURRENT = 2
};

typedef struct tenon_host_module {
  size_t size; /* sizeof(tenon_host_module) as the library knows it */
  uint16_t abi_major, abi_minor;
  uint32_t threading;
  const char *name, *version;
  /* Makes an instance, with a configuration of its own; NULL: it has none, and `self` is NULL.
   * Nonzero, with `api->trap`: it cannot be made. */
  int32_t (*create)(const tenon_host_api* api, const tenon_config* config, tenon_call* call,
                    void** self);
  /* The last call of an instance, before `main` returns; may be NULL. */
  void (*destroy)(void* self);
  const tenon_func_def* funcs;
  size_t nfuncs;
  const tenon_resource_def* resources;
  size_t nresources;
} tenon_host_module;

/* The symbol of a library. It does nothing but return a static table. */
TENON_EXPORT const tenon_host_module* tenon_host_module_v1(void);

/* Defines it: `TENON_HOST_ENTRY(duckdb) { static .. module = ..; return &module; }`. Linked into a
 * program with -DTENON_HOST_STATIC it is `tenon_host_module_duckdb`, beside those of others. */
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
