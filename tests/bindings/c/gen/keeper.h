/* Made by `tenon bindgen c` from the WIT of demo:domains/keeper-unit@1.0.0. Do not edit.
 *
 * A function that calls a unit returns NULL, or an error that the caller deletes. Strings and lists of its
 * result lie in `arena`, until that is reset or deleted. `result` can be NULL. `own` handles of units in a
 * result are the caller's, and are used up when they are passed as `own`, whether the call fails or not. */
#ifndef TENON_BINDGEN_KEEPER_H
#define TENON_BINDGEN_KEEPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tenon/tenon_c.h>
#include <tenon/tenon_string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The functions of a composition or of one unit. Any number of threads can call them. */
typedef struct keeper keeper;
/* Looks up all functions. NULL if one is missing or has another type, or there is no memory. report: called
 * with the text of each problem, for people; can be NULL. */
keeper *keeper_find(tenon_composition *from, void (*report)(void *user, const char *text),
                    void *user);
keeper *keeper_find_in(tenon_unit *from, void (*report)(void *user, const char *text),
                       void *user);
/* No call may be in progress, except those that were started. */
void keeper_delete(keeper *self);

/* ---- demo:domains/lib@1.0.0, which the program provides ---- */

/* A resource of the program, which defines the struct. */
typedef struct keeper_lib_counter keeper_lib_counter;
typedef struct keeper_lib_point {
  uint32_t x;
  uint64_t y;
  double z;
} keeper_lib_point;
typedef struct keeper_lib_named {
  uint32_t id;
  tenon_string name;
  double weight;
} keeper_lib_named;
typedef enum keeper_lib_trouble_tag {
  KEEPER_LIB_TROUBLE_GONE,
  KEEPER_LIB_TROUBLE_OTHER,
} keeper_lib_trouble_tag;
typedef struct keeper_lib_trouble {
  keeper_lib_trouble_tag tag;
  union {
    tenon_string gone;
  } of;
} keeper_lib_trouble;
typedef enum keeper_lib_reason {
  KEEPER_LIB_REASON_DOWN,
  KEEPER_LIB_REASON_BAD,
} keeper_lib_reason;
typedef uint32_t keeper_lib_marks;
#define KEEPER_LIB_MARKS_RED (UINT32_C(1) << 0)
#define KEEPER_LIB_MARKS_GREEN (UINT32_C(1) << 1)
#define KEEPER_LIB_MARKS_BLUE (UINT32_C(1) << 2)
typedef struct keeper_list_u8 {
  const uint8_t *ptr;
  size_t len;
} keeper_list_u8;
typedef struct keeper_list_lib_point {
  const keeper_lib_point *ptr;
  size_t len;
} keeper_list_lib_point;
typedef struct keeper_list_lib_named {
  const keeper_lib_named *ptr;
  size_t len;
} keeper_list_lib_named;
typedef struct keeper_option_string {
  bool is_some;
  tenon_string value;
} keeper_option_string;
typedef struct keeper_result_u8_string {
  bool is_err;
  union {
    uint8_t ok;
    tenon_string err;
  } of;
} keeper_result_u8_string;
typedef struct keeper_tuple3_char_bool_s64 {
  uint32_t f0;
  bool f1;
  int64_t f2;
} keeper_tuple3_char_bool_s64;
typedef struct keeper_tuple5_1 {
  keeper_option_string f0;
  keeper_result_u8_string f1;
  keeper_tuple3_char_bool_s64 f2;
  keeper_lib_trouble f3;
  keeper_lib_marks f4;
} keeper_tuple5_1;
typedef struct keeper_result_u32_string {
  bool is_err;
  union {
    uint32_t ok;
    tenon_string err;
  } of;
} keeper_result_u32_string;
typedef struct keeper_result_u32_lib_trouble {
  bool is_err;
  union {
    uint32_t ok;
    keeper_lib_trouble err;
  } of;
} keeper_result_u32_lib_trouble;
typedef struct keeper_result_u32_lib_reason {
  bool is_err;
  union {
    uint32_t ok;
    keeper_lib_reason err;
  } of;
} keeper_result_u32_lib_reason;

/* The functions that the program provides; those that are NULL are not provided. They return 0, or nonzero
 * for a trap: `return tenon_host()->trap(call, "..")`. */
typedef struct keeper_lib_functions {
  /* constructor(start: u32); */
  int32_t (*counter_new)(void *user, tenon_call *call, uint32_t start,
                         keeper_lib_counter **result);
  /* merge: static func(a: counter, b: counter) -> counter; */
  int32_t (*counter_merge)(void *user, tenon_call *call, keeper_lib_counter *a,
                           keeper_lib_counter *b, keeper_lib_counter **result);
  /* add: func(a: u32, b: u32) -> u32; */
  int32_t (*add)(void *user, tenon_call *call, uint32_t a, uint32_t b, uint32_t *result);
  /* echo: func(s: string) -> string; */
  int32_t (*echo)(void *user, tenon_call *call, tenon_string s, tenon_string *result);
  /* echo-bytes: func(bytes: list<u8>) -> list<u8>; */
  int32_t (*echo_bytes)(void *user, tenon_call *call, keeper_list_u8 bytes,
                        keeper_list_u8 *result);
  /* echo-points: func(points: list<point>) -> list<point>; */
  int32_t (*echo_points)(void *user, tenon_call *call, keeper_list_lib_point points,
                         keeper_list_lib_point *result);
  /* echo-named: func(named: list<named>) -> list<named>; */
  int32_t (*echo_named)(void *user, tenon_call *call, keeper_list_lib_named named,
                        keeper_list_lib_named *result);
  /* echo-mixed: func(a: option<string>, b: result<u8, string>, c: tuple<char, bool, s64>, d: trouble, e: marks) -> tuple<option<string>, result<u8, string>, tuple<char, bool, s64>, trouble, marks>; */
  int32_t (*echo_mixed)(void *user, tenon_call *call, const keeper_option_string *a,
                        const keeper_result_u8_string *b, const keeper_tuple3_char_bool_s64 *c,
                        const keeper_lib_trouble *d, keeper_lib_marks e, keeper_tuple5_1 *result);
  /* How often it was called, in this life.
   * calls: func() -> u32; */
  int32_t (*calls)(void *user, tenon_call *call, uint32_t *result);
  /* boom: func(); */
  int32_t (*boom)(void *user, tenon_call *call);
  /* spin: func(); */
  int32_t (*spin)(void *user, tenon_call *call);
  /* Grows the memory; how many pages it has then, or 0.
   * grow: func(pages: u32) -> u32; */
  int32_t (*grow)(void *user, tenon_call *call, uint32_t pages, uint32_t *result);
  /* These trap for 0.
   * check-text: func(n: u32) -> result<u32, string>; */
  int32_t (*check_text)(void *user, tenon_call *call, uint32_t n,
                        keeper_result_u32_string *result);
  /* check-trouble: func(n: u32) -> result<u32, trouble>; */
  int32_t (*check_trouble)(void *user, tenon_call *call, uint32_t n,
                           keeper_result_u32_lib_trouble *result);
  /* check-reason: func(n: u32) -> result<u32, reason>; */
  int32_t (*check_reason)(void *user, tenon_call *call, uint32_t n,
                          keeper_result_u32_lib_reason *result);
  /* Counters that live.
   * alive: func() -> u32; */
  int32_t (*alive)(void *user, tenon_call *call, uint32_t *result);
  /* consume: func(c: counter) -> u32; */
  int32_t (*consume)(void *user, tenon_call *call, keeper_lib_counter *c, uint32_t *result);
  /* Traps in its destructor.
   * make-bad: func() -> counter; */
  int32_t (*make_bad)(void *user, tenon_call *call, keeper_lib_counter **result);
  /* next: func() -> u32; */
  int32_t (*counter_next)(void *user, tenon_call *call, keeper_lib_counter *counter,
                          uint32_t *result);
  /* peek: func(other: borrow<counter>) -> u32; */
  int32_t (*counter_peek)(void *user, tenon_call *call, keeper_lib_counter *counter,
                          keeper_lib_counter *other, uint32_t *result);
  /* A unit has dropped an `own` handle. Can be NULL. */
  void (*counter_drop)(void *user, keeper_lib_counter *dropped);
} keeper_lib_functions;
/* Adds them to a builder. The struct is copied. drop: called with `user` once, when nothing calls them any
 * more; can be NULL. */
void keeper_lib_provide(tenon_builder *builder, const keeper_lib_functions *functions,
                        void *user, void (*drop)(void *user));

/* ---- demo:domains/keeper@1.0.0, which units export ---- */

typedef keeper_lib_counter keeper_keeper_counter;
typedef struct keeper_option_lib_counter {
  bool is_some;
  keeper_lib_counter *value;
} keeper_option_lib_counter;
typedef struct keeper_list_lib_counter {
  keeper_lib_counter *const *ptr;
  size_t len;
} keeper_list_lib_counter;

/* keep: func(c: counter); */
tenon_error *keeper_keeper_keep(keeper *self, keeper_lib_counter *c);

/* take: func() -> option<counter>; */
tenon_error *keeper_keeper_take(keeper *self, keeper_option_lib_counter *result);

/* kept: func() -> u32; */
tenon_error *keeper_keeper_kept(keeper *self, uint32_t *result);

/* keep-all: func(counters: list<counter>) -> u32; */
tenon_error *keeper_keeper_keep_all(keeper *self, keeper_list_lib_counter counters,
                                    uint32_t *result);

/* sum: func(a: borrow<counter>, b: borrow<counter>) -> u32; */
tenon_error *keeper_keeper_sum(keeper *self, keeper_lib_counter *a, keeper_lib_counter *b,
                               uint32_t *result);

/* swallow: func(c: counter); */
tenon_error *keeper_keeper_swallow(keeper *self, keeper_lib_counter *c);

#ifdef __cplusplus
}
#endif
#endif
