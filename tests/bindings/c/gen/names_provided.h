/* Made by `tenon bindgen c` from the WIT of demo:names/names-world@1.0.0. Do not edit.
 *
 * A function that calls a unit returns NULL, or an error that the caller deletes. Strings and lists of its
 * result lie in `arena`, until that is reset or deleted. `result` can be NULL. `own` handles of units in a
 * result are the caller's, and are used up when they are passed as `own`, whether the call fails or not. */
#ifndef TENON_BINDGEN_NAMES_PROVIDED_H
#define TENON_BINDGEN_NAMES_PROVIDED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tenon/tenon_c.h>
#include <tenon/tenon_string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- second:kit/only-types@1.0.0, which units export ---- */

typedef struct names_provided_only_types_point {
  int32_t x;
} names_provided_only_types_point;

/* ---- demo:names/std@1.0.0, which the program provides ---- */

/* A resource of the program, which defines the struct. */
typedef struct names_provided_std_exports names_provided_std_exports;
typedef names_provided_only_types_point names_provided_std_point;
typedef struct names_provided_std_class {
  uint8_t class_;
  tenon_string which;
  int32_t int_;
  names_provided_only_types_point value;
  uint8_t errno_;
} names_provided_std_class;
typedef enum names_provided_std_enum {
  NAMES_PROVIDED_STD_ENUM_ENUM,
  NAMES_PROVIDED_STD_ENUM_NEW,
  NAMES_PROVIDED_STD_ENUM_DELETE,
  NAMES_PROVIDED_STD_ENUM_AND,
  NAMES_PROVIDED_STD_ENUM_B_SIDE,
} names_provided_std_enum;
typedef uint32_t names_provided_std_flags;
#define NAMES_PROVIDED_STD_FLAGS_FLAGS (UINT32_C(1) << 0)
#define NAMES_PROVIDED_STD_FLAGS_WHICH (UINT32_C(1) << 1)
#define NAMES_PROVIDED_STD_FLAGS_VOLATILE (UINT32_C(1) << 2)
#define NAMES_PROVIDED_STD_FLAGS_LINUX (UINT32_C(1) << 3)
typedef tenon_string names_provided_std_string;
typedef enum names_provided_std_error_code {
  NAMES_PROVIDED_STD_ERROR_CODE_BAD,
} names_provided_std_error_code;
typedef struct names_provided_list_std_error_code {
  const names_provided_std_error_code *ptr;
  size_t len;
} names_provided_list_std_error_code;
typedef names_provided_list_std_error_code names_provided_std_tenon;
typedef struct names_provided_std_error {
  names_provided_std_string std_;
  names_provided_std_tenon tenon__;
} names_provided_std_error;
typedef struct names_provided_list_std_error {
  const names_provided_std_error *ptr;
  size_t len;
} names_provided_list_std_error;
typedef enum names_provided_std_union_tag {
  NAMES_PROVIDED_STD_UNION_UNION,
  NAMES_PROVIDED_STD_UNION_VALUE,
  NAMES_PROVIDED_STD_UNION_WHICH,
  NAMES_PROVIDED_STD_UNION_ERROR,
  NAMES_PROVIDED_STD_UNION_LIST,
  NAMES_PROVIDED_STD_UNION_NONE,
} names_provided_std_union_tag;
typedef struct names_provided_std_union {
  names_provided_std_union_tag tag;
  union {
    names_provided_std_class union_;
    uint32_t value;
    tenon_string which;
    names_provided_std_error error;
    names_provided_list_std_error list;
  } of;
} names_provided_std_union;
typedef uint32_t names_provided_std_borrow_count;
typedef struct names_provided_result_std_error_std_error_code {
  bool is_err;
  union {
    names_provided_std_error ok;
    names_provided_std_error_code err;
  } of;
} names_provided_result_std_error_std_error_code;
typedef struct names_provided_list_std_exports {
  names_provided_std_exports *const *ptr;
  size_t len;
} names_provided_list_std_exports;
typedef struct names_provided_option_std_exports {
  bool is_some;
  names_provided_std_exports *value;
} names_provided_option_std_exports;
typedef struct names_provided_list_option_std_exports {
  const names_provided_option_std_exports *ptr;
  size_t len;
} names_provided_list_option_std_exports;

/* The functions that the program provides; those that are NULL are not provided. They return 0, or nonzero
 * for a trap: `return tenon_host()->trap(call, "..")`. */
typedef struct names_provided_std_functions {
  /* constructor(); */
  int32_t (*exports_new)(void *user, tenon_call *call, names_provided_std_exports **result);
  /* operator: static func(exports: borrow<exports>) -> exports; */
  int32_t (*exports_operator)(void *user, tenon_call *call, names_provided_std_exports *exports,
                              names_provided_std_exports **result);
  /* fail: func(error: error, other: error) -> result<error, error-code>; */
  int32_t (*fail)(void *user, tenon_call *call, const names_provided_std_error *error,
                  const names_provided_std_error *other,
                  names_provided_result_std_error_std_error_code *result);
  /* auto: func(self: u8, this: union, made: class) -> %enum; */
  int32_t (*auto_)(void *user, tenon_call *call, uint8_t self_,
                   const names_provided_std_union *this_, const names_provided_std_class *made,
                   names_provided_std_enum *result);
  /* exports-operator: func(); */
  int32_t (*exports_operator_)(void *user, tenon_call *call);
  /* make-exports: func() -> exports; */
  int32_t (*make_exports)(void *user, tenon_call *call, names_provided_std_exports **result);
  /* all: func() -> borrow-count; */
  int32_t (*exports_all)(void *user, tenon_call *call, names_provided_std_exports *exports,
                         names_provided_std_borrow_count *result);
  /* get: func(exports: list<exports>) -> list<option<exports>>; */
  int32_t (*exports_get)(void *user, tenon_call *call, names_provided_std_exports *exports,
                         names_provided_list_std_exports exports_,
                         names_provided_list_option_std_exports *result);
  /* A unit has dropped an `own` handle. Can be NULL. */
  void (*exports_drop)(void *user, names_provided_std_exports *dropped);
} names_provided_std_functions;
/* Adds them to a builder. The struct is copied. drop: called with `user` once, when nothing calls them any
 * more; can be NULL. */
void names_provided_std_provide(tenon_builder *builder,
                                const names_provided_std_functions *functions, void *user,
                                void (*drop)(void *user));

/* ---- demo:names/tenon@1.0.0, which the program provides ---- */

typedef uint32_t names_provided_tenon_flags;
#define NAMES_PROVIDED_TENON_FLAGS_A (UINT32_C(1) << 0)

/* The functions that the program provides; those that are NULL are not provided. They return 0, or nonzero
 * for a trap: `return tenon_host()->trap(call, "..")`. */
typedef struct names_provided_tenon_functions {
  /* create: func(); */
  int32_t (*create)(void *user, tenon_call *call);
  /* function-flags: func(); */
  int32_t (*function_flags)(void *user, tenon_call *call);
  /* run: func(labels: %flags); */
  int32_t (*run)(void *user, tenon_call *call, names_provided_tenon_flags labels);
} names_provided_tenon_functions;
/* Adds them to a builder. The struct is copied. drop: called with `user` once, when nothing calls them any
 * more; can be NULL. */
void names_provided_tenon_provide(tenon_builder *builder,
                                  const names_provided_tenon_functions *functions, void *user,
                                  void (*drop)(void *user));

/* ---- demo:names/instance@1.0.0, which the program provides ---- */

typedef names_provided_std_exports names_provided_instance_exports;
typedef names_provided_std_union names_provided_instance_either;

/* The functions that the program provides; those that are NULL are not provided. They return 0, or nonzero
 * for a trap: `return tenon_host()->trap(call, "..")`. */
typedef struct names_provided_instance_functions {
  /* run: func(e: borrow<exports>) -> either; */
  int32_t (*run)(void *user, tenon_call *call, names_provided_std_exports *e,
                 names_provided_std_union *result);
  /* module-name: func() -> string; */
  int32_t (*module_name)(void *user, tenon_call *call, tenon_string *result);
} names_provided_instance_functions;
/* Adds them to a builder. The struct is copied. drop: called with `user` once, when nothing calls them any
 * more; can be NULL. */
void names_provided_instance_provide(tenon_builder *builder,
                                     const names_provided_instance_functions *functions,
                                     void *user, void (*drop)(void *user));

/* ---- first:kit/types@1.0.0, which the program provides ---- */

typedef struct names_provided_first_kit_types_error {
  tenon_string error;
} names_provided_first_kit_types_error;

/* The functions that the program provides; those that are NULL are not provided. They return 0, or nonzero
 * for a trap: `return tenon_host()->trap(call, "..")`. */
typedef struct names_provided_first_kit_types_functions {
  /* make: func() -> error; */
  int32_t (*make)(void *user, tenon_call *call, names_provided_first_kit_types_error *result);
} names_provided_first_kit_types_functions;
/* Adds them to a builder. The struct is copied. drop: called with `user` once, when nothing calls them any
 * more; can be NULL. */
void names_provided_first_kit_types_provide(tenon_builder *builder,
                                            const names_provided_first_kit_types_functions *functions,
                                            void *user, void (*drop)(void *user));

/* ---- second:kit/types@1.0.0, which the program provides ---- */

typedef names_provided_first_kit_types_error names_provided_second_kit_types_fault;
typedef names_provided_first_kit_types_error names_provided_second_kit_types_again;

/* The functions that the program provides; those that are NULL are not provided. They return 0, or nonzero
 * for a trap: `return tenon_host()->trap(call, "..")`. */
typedef struct names_provided_second_kit_types_functions {
  /* make: func(fault: fault) -> fault; */
  int32_t (*make)(void *user, tenon_call *call,
                  const names_provided_first_kit_types_error *fault,
                  names_provided_first_kit_types_error *result);
} names_provided_second_kit_types_functions;
/* Adds them to a builder. The struct is copied. drop: called with `user` once, when nothing calls them any
 * more; can be NULL. */
void names_provided_second_kit_types_provide(tenon_builder *builder,
                                             const names_provided_second_kit_types_functions *functions,
                                             void *user, void (*drop)(void *user));

/* ---- inline, which the program provides ---- */

typedef struct names_provided_inline_inline {
  uint8_t inline_;
} names_provided_inline_inline;

/* The functions that the program provides; those that are NULL are not provided. They return 0, or nonzero
 * for a trap: `return tenon_host()->trap(call, "..")`. */
typedef struct names_provided_inline_functions {
  /* fill: func(inline: inline) -> inline; */
  int32_t (*fill)(void *user, tenon_call *call, const names_provided_inline_inline *inline_,
                  names_provided_inline_inline *result);
} names_provided_inline_functions;
/* Adds them to a builder. The struct is copied. drop: called with `user` once, when nothing calls them any
 * more; can be NULL. */
void names_provided_inline_provide(tenon_builder *builder,
                                   const names_provided_inline_functions *functions, void *user,
                                   void (*drop)(void *user));

/* ---- Items of the world itself, which the program provides ---- */

/* The functions that the program provides; those that are NULL are not provided. They return 0, or nonzero
 * for a trap: `return tenon_host()->trap(call, "..")`. */
typedef struct names_provided_functions {
  /* alone: func(%string: string) -> string; */
  int32_t (*alone)(void *user, tenon_call *call, tenon_string string, tenon_string *result);
} names_provided_functions;
/* Adds them to a builder. The struct is copied. drop: called with `user` once, when nothing calls them any
 * more; can be NULL. */
void names_provided_provide(tenon_builder *builder, const names_provided_functions *functions,
                            void *user, void (*drop)(void *user));

#ifdef __cplusplus
}
#endif
#endif
