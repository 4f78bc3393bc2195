/* Made by `tenon bindgen c` from the WIT of demo:names/names-world@1.0.0. Do not edit.
 *
 * A function that calls a unit returns NULL, or an error that the caller deletes. Strings and lists of its
 * result lie in `arena`, until that is reset or deleted. `result` can be NULL. `own` handles of units in a
 * result are the caller's, and are used up when they are passed as `own`, whether the call fails or not. */
#ifndef TENON_BINDGEN_NAMES_H
#define TENON_BINDGEN_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tenon/tenon_c.h>
#include <tenon/tenon_string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The functions of a composition or of one unit. Any number of threads can call them. */
typedef struct names names;
/* Looks up all functions. NULL if one is missing or has another type, or there is no memory. report: called
 * with the text of each problem, for people; can be NULL. */
names *names_find(tenon_composition *from, void (*report)(void *user, const char *text),
                  void *user);
names *names_find_in(tenon_unit *from, void (*report)(void *user, const char *text), void *user);
/* No call may be in progress, except those that were started. */
void names_delete(names *self);

/* ---- second:kit/only-types@1.0.0, which the program provides ---- */

typedef struct names_only_types_point {
  int32_t x;
} names_only_types_point;

/* ---- demo:names/std@1.0.0, which units export ---- */

/* A handle of a resource of a unit. */
typedef struct names_std_exports names_std_exports;
void names_std_exports_delete(names_std_exports *handle);
typedef names_only_types_point names_std_point;
typedef struct names_std_class {
  uint8_t class_;
  tenon_string which;
  int32_t int_;
  names_only_types_point value;
  uint8_t errno_;
} names_std_class;
typedef enum names_std_enum {
  NAMES_STD_ENUM_ENUM,
  NAMES_STD_ENUM_NEW,
  NAMES_STD_ENUM_DELETE,
  NAMES_STD_ENUM_AND,
  NAMES_STD_ENUM_B_SIDE,
} names_std_enum;
typedef uint32_t names_std_flags;
#define NAMES_STD_FLAGS_FLAGS (UINT32_C(1) << 0)
#define NAMES_STD_FLAGS_WHICH (UINT32_C(1) << 1)
#define NAMES_STD_FLAGS_VOLATILE (UINT32_C(1) << 2)
#define NAMES_STD_FLAGS_LINUX (UINT32_C(1) << 3)
typedef tenon_string names_std_string;
typedef enum names_std_error_code {
  NAMES_STD_ERROR_CODE_BAD,
} names_std_error_code;
typedef struct names_list_std_error_code {
  const names_std_error_code *ptr;
  size_t len;
} names_list_std_error_code;
typedef names_list_std_error_code names_std_tenon;
typedef struct names_std_error {
  names_std_string std_;
  names_std_tenon tenon__;
} names_std_error;
typedef struct names_list_std_error {
  const names_std_error *ptr;
  size_t len;
} names_list_std_error;
typedef enum names_std_union_tag {
  NAMES_STD_UNION_UNION,
  NAMES_STD_UNION_VALUE,
  NAMES_STD_UNION_WHICH,
  NAMES_STD_UNION_ERROR,
  NAMES_STD_UNION_LIST,
  NAMES_STD_UNION_NONE,
} names_std_union_tag;
typedef struct names_std_union {
  names_std_union_tag tag;
  union {
    names_std_class union_;
    uint32_t value;
    tenon_string which;
    names_std_error error;
    names_list_std_error list;
  } of;
} names_std_union;
typedef uint32_t names_std_borrow_count;
typedef struct names_result_std_error_std_error_code {
  bool is_err;
  union {
    names_std_error ok;
    names_std_error_code err;
  } of;
} names_result_std_error_std_error_code;
typedef struct names_list_std_exports {
  names_std_exports *const *ptr;
  size_t len;
} names_list_std_exports;
typedef struct names_option_std_exports {
  bool is_some;
  names_std_exports *value;
} names_option_std_exports;
typedef struct names_list_option_std_exports {
  const names_option_std_exports *ptr;
  size_t len;
} names_list_option_std_exports;

/* constructor(); */
tenon_error *names_std_exports_new(names *self, names_std_exports **result);

/* operator: static func(exports: borrow<exports>) -> exports; */
tenon_error *names_std_exports_operator(names *self, names_std_exports *exports,
                                        names_std_exports **result);

/* fail: func(error: error, other: error) -> result<error, error-code>; */
tenon_error *names_std_fail(names *self, const names_std_error *error_,
                            const names_std_error *other, tenon_arena *arena,
                            names_result_std_error_std_error_code *result);

/* auto: func(self: u8, this: union, made: class) -> %enum; */
tenon_error *names_std_auto(names *self, uint8_t self_, const names_std_union *this_,
                            const names_std_class *made, names_std_enum *result);

/* exports-operator: func(); */
tenon_error *names_std_exports_operator_(names *self);

/* make-exports: func() -> exports; */
tenon_error *names_std_make_exports(names *self, names_std_exports **result);

/* all: func() -> borrow-count; */
tenon_error *names_std_exports_all(names *self, names_std_exports *exports,
                                   names_std_borrow_count *result);

/* get: func(exports: list<exports>) -> list<option<exports>>; */
tenon_error *names_std_exports_get(names *self, names_std_exports *exports,
                                   names_list_std_exports exports_, tenon_arena *arena,
                                   names_list_option_std_exports *result);

/* ---- demo:names/tenon@1.0.0, which units export ---- */

typedef uint32_t names_tenon_flags;
#define NAMES_TENON_FLAGS_A (UINT32_C(1) << 0)

/* create: func(); */
tenon_error *names_tenon_create(names *self);

/* function-flags: func(); */
tenon_error *names_tenon_function_flags(names *self);

/* run: func(labels: %flags); */
tenon_error *names_tenon_run(names *self, names_tenon_flags labels);

/* ---- demo:names/instance@1.0.0, which units export ---- */

typedef names_std_exports names_instance_exports;
typedef names_std_union names_instance_either;

/* run: func(e: borrow<exports>) -> either; */
tenon_error *names_instance_run(names *self, names_std_exports *e, tenon_arena *arena,
                                names_std_union *result);

/* module-name: func() -> string; */
tenon_error *names_instance_module_name(names *self, tenon_arena *arena, tenon_string *result);

/* ---- first:kit/types@1.0.0, which units export ---- */

typedef struct names_first_kit_types_error {
  tenon_string error;
} names_first_kit_types_error;

/* make: func() -> error; */
tenon_error *names_first_kit_types_make(names *self, tenon_arena *arena,
                                        names_first_kit_types_error *result);

/* ---- second:kit/types@1.0.0, which units export ---- */

typedef names_first_kit_types_error names_second_kit_types_fault;
typedef names_first_kit_types_error names_second_kit_types_again;

/* make: func(fault: fault) -> fault; */
tenon_error *names_second_kit_types_make(names *self, const names_first_kit_types_error *fault,
                                         tenon_arena *arena, names_first_kit_types_error *result);

/* ---- inline, which units export ---- */

typedef struct names_inline_inline {
  uint8_t inline_;
} names_inline_inline;

/* fill: func(inline: inline) -> inline; */
tenon_error *names_inline_fill(names *self, const names_inline_inline *inline_,
                               names_inline_inline *result);

/* ---- Items of the world itself, which units export ---- */

/* alone: func(%string: string) -> string; */
tenon_error *names_alone(names *self, tenon_string string, tenon_arena *arena,
                         tenon_string *result);

#ifdef __cplusplus
}
#endif
#endif
