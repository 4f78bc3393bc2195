/* Made by `tenon bindgen c` from the WIT of demo:bindings/counters@1.0.0. Do not edit.
 *
 * A function that calls a unit returns NULL, or an error that the caller deletes. Strings and lists of its
 * result lie in `arena`, until that is reset or deleted. `result` can be NULL. `own` handles of units in a
 * result are the caller's, and are used up when they are passed as `own`, whether the call fails or not. */
#ifndef TENON_BINDGEN_COUNTERS_H
#define TENON_BINDGEN_COUNTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tenon/tenon_c.h>
#include <tenon/tenon_string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The functions of a composition or of one unit. Any number of threads can call them. */
typedef struct counters counters;
/* Looks up all functions. NULL if one is missing or has another type, or there is no memory. report: called
 * with the text of each problem, for people; can be NULL. */
counters *counters_find(tenon_composition *from, void (*report)(void *user, const char *text),
                        void *user);
counters *counters_find_in(tenon_unit *from, void (*report)(void *user, const char *text),
                           void *user);
/* No call may be in progress, except those that were started. */
void counters_delete(counters *self);

/* ---- demo:domains/lib@1.0.0, which units export ---- */

/* A handle of a resource of a unit. */
typedef struct counters_lib_counter counters_lib_counter;
void counters_lib_counter_delete(counters_lib_counter *handle);
typedef struct counters_lib_point {
  uint32_t x;
  uint64_t y;
  double z;
} counters_lib_point;
typedef struct counters_lib_named {
  uint32_t id;
  tenon_string name;
  double weight;
} counters_lib_named;
typedef enum counters_lib_trouble_tag {
  COUNTERS_LIB_TROUBLE_GONE,
  COUNTERS_LIB_TROUBLE_OTHER,
} counters_lib_trouble_tag;
typedef struct counters_lib_trouble {
  counters_lib_trouble_tag tag;
  union {
    tenon_string gone;
  } of;
} counters_lib_trouble;
typedef enum counters_lib_reason {
  COUNTERS_LIB_REASON_DOWN,
  COUNTERS_LIB_REASON_BAD,
} counters_lib_reason;
typedef uint32_t counters_lib_marks;
#define COUNTERS_LIB_MARKS_RED (UINT32_C(1) << 0)
#define COUNTERS_LIB_MARKS_GREEN (UINT32_C(1) << 1)
#define COUNTERS_LIB_MARKS_BLUE (UINT32_C(1) << 2)
typedef struct counters_list_u8 {
  const uint8_t *ptr;
  size_t len;
} counters_list_u8;
typedef struct counters_list_lib_point {
  const counters_lib_point *ptr;
  size_t len;
} counters_list_lib_point;
typedef struct counters_list_lib_named {
  const counters_lib_named *ptr;
  size_t len;
} counters_list_lib_named;
typedef struct counters_option_string {
  bool is_some;
  tenon_string value;
} counters_option_string;
typedef struct counters_result_u8_string {
  bool is_err;
  union {
    uint8_t ok;
    tenon_string err;
  } of;
} counters_result_u8_string;
typedef struct counters_tuple3_char_bool_s64 {
  uint32_t f0;
  bool f1;
  int64_t f2;
} counters_tuple3_char_bool_s64;
typedef struct counters_tuple5_1 {
  counters_option_string f0;
  counters_result_u8_string f1;
  counters_tuple3_char_bool_s64 f2;
  counters_lib_trouble f3;
  counters_lib_marks f4;
} counters_tuple5_1;
typedef struct counters_result_u32_string {
  bool is_err;
  union {
    uint32_t ok;
    tenon_string err;
  } of;
} counters_result_u32_string;
typedef struct counters_result_u32_lib_trouble {
  bool is_err;
  union {
    uint32_t ok;
    counters_lib_trouble err;
  } of;
} counters_result_u32_lib_trouble;
typedef struct counters_result_u32_lib_reason {
  bool is_err;
  union {
    uint32_t ok;
    counters_lib_reason err;
  } of;
} counters_result_u32_lib_reason;

/* constructor(start: u32); */
tenon_error *counters_lib_counter_new(counters *self, uint32_t start,
                                      counters_lib_counter **result);

/* merge: static func(a: counter, b: counter) -> counter; */
tenon_error *counters_lib_counter_merge(counters *self, counters_lib_counter *a,
                                        counters_lib_counter *b, counters_lib_counter **result);

/* add: func(a: u32, b: u32) -> u32; */
tenon_error *counters_lib_add(counters *self, uint32_t a, uint32_t b, uint32_t *result);

/* echo: func(s: string) -> string; */
tenon_error *counters_lib_echo(counters *self, tenon_string s, tenon_arena *arena,
                               tenon_string *result);

/* echo-bytes: func(bytes: list<u8>) -> list<u8>; */
tenon_error *counters_lib_echo_bytes(counters *self, counters_list_u8 bytes, tenon_arena *arena,
                                     counters_list_u8 *result);

/* echo-points: func(points: list<point>) -> list<point>; */
tenon_error *counters_lib_echo_points(counters *self, counters_list_lib_point points,
                                      tenon_arena *arena, counters_list_lib_point *result);

/* echo-named: func(named: list<named>) -> list<named>; */
tenon_error *counters_lib_echo_named(counters *self, counters_list_lib_named named,
                                     tenon_arena *arena, counters_list_lib_named *result);

/* echo-mixed: func(a: option<string>, b: result<u8, string>, c: tuple<char, bool, s64>, d: trouble, e: marks) -> tuple<option<string>, result<u8, string>, tuple<char, bool, s64>, trouble, marks>; */
tenon_error *counters_lib_echo_mixed(counters *self, const counters_option_string *a,
                                     const counters_result_u8_string *b,
                                     const counters_tuple3_char_bool_s64 *c,
                                     const counters_lib_trouble *d, counters_lib_marks e,
                                     tenon_arena *arena, counters_tuple5_1 *result);

/* How often it was called, in this life.
 * calls: func() -> u32; */
tenon_error *counters_lib_calls(counters *self, uint32_t *result);

/* boom: func(); */
tenon_error *counters_lib_boom(counters *self);

/* spin: func(); */
tenon_error *counters_lib_spin(counters *self);

/* Grows the memory; how many pages it has then, or 0.
 * grow: func(pages: u32) -> u32; */
tenon_error *counters_lib_grow(counters *self, uint32_t pages, uint32_t *result);

/* These trap for 0.
 * check-text: func(n: u32) -> result<u32, string>; */
tenon_error *counters_lib_check_text(counters *self, uint32_t n, tenon_arena *arena,
                                     counters_result_u32_string *result);

/* check-trouble: func(n: u32) -> result<u32, trouble>; */
tenon_error *counters_lib_check_trouble(counters *self, uint32_t n, tenon_arena *arena,
                                        counters_result_u32_lib_trouble *result);

/* check-reason: func(n: u32) -> result<u32, reason>; */
tenon_error *counters_lib_check_reason(counters *self, uint32_t n,
                                       counters_result_u32_lib_reason *result);

/* Counters that live.
 * alive: func() -> u32; */
tenon_error *counters_lib_alive(counters *self, uint32_t *result);

/* consume: func(c: counter) -> u32; */
tenon_error *counters_lib_consume(counters *self, counters_lib_counter *c, uint32_t *result);

/* Traps in its destructor.
 * make-bad: func() -> counter; */
tenon_error *counters_lib_make_bad(counters *self, counters_lib_counter **result);

/* next: func() -> u32; */
tenon_error *counters_lib_counter_next(counters *self, counters_lib_counter *counter,
                                       uint32_t *result);

/* peek: func(other: borrow<counter>) -> u32; */
tenon_error *counters_lib_counter_peek(counters *self, counters_lib_counter *counter,
                                       counters_lib_counter *other, uint32_t *result);

/* ---- demo:domains/keeper@1.0.0, which units export ---- */

typedef counters_lib_counter counters_keeper_counter;
typedef struct counters_option_lib_counter {
  bool is_some;
  counters_lib_counter *value;
} counters_option_lib_counter;
typedef struct counters_list_lib_counter {
  counters_lib_counter *const *ptr;
  size_t len;
} counters_list_lib_counter;

/* keep: func(c: counter); */
tenon_error *counters_keeper_keep(counters *self, counters_lib_counter *c);

/* take: func() -> option<counter>; */
tenon_error *counters_keeper_take(counters *self, counters_option_lib_counter *result);

/* kept: func() -> u32; */
tenon_error *counters_keeper_kept(counters *self, uint32_t *result);

/* keep-all: func(counters: list<counter>) -> u32; */
tenon_error *counters_keeper_keep_all(counters *self, counters_list_lib_counter counters_,
                                      uint32_t *result);

/* sum: func(a: borrow<counter>, b: borrow<counter>) -> u32; */
tenon_error *counters_keeper_sum(counters *self, counters_lib_counter *a,
                                 counters_lib_counter *b, uint32_t *result);

/* swallow: func(c: counter); */
tenon_error *counters_keeper_swallow(counters *self, counters_lib_counter *c);

#ifdef __cplusplus
}
#endif
#endif
