/* Made by `tenon bindgen c` from the WIT of demo:bindings/all-kinds@1.0.0. Do not edit.
 *
 * A function that calls a unit returns NULL, or an error that the caller deletes. Strings and lists of its
 * result lie in `arena`, until that is reset or deleted. `result` can be NULL. `own` handles of units in a
 * result are the caller's, and are used up when they are passed as `own`, whether the call fails or not. */
#ifndef TENON_BINDGEN_VALUES_H
#define TENON_BINDGEN_VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tenon/tenon_c.h>
#include <tenon/tenon_string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The functions of a composition or of one unit. Any number of threads can call them. */
typedef struct values values;
/* Looks up all functions. NULL if one is missing or has another type, or there is no memory. report: called
 * with the text of each problem, for people; can be NULL. */
values *values_find(tenon_composition *from, void (*report)(void *user, const char *text),
                    void *user);
values *values_find_in(tenon_unit *from, void (*report)(void *user, const char *text),
                       void *user);
/* No call may be in progress, except those that were started. */
void values_delete(values *self);

/* ---- demo:kinds/all@1.0.0, which the program provides ---- */

typedef struct values_option_f64 {
  bool is_some;
  double value;
} values_option_f64;
typedef struct values_list_string {
  const tenon_string *ptr;
  size_t len;
} values_list_string;
typedef struct values_list_u8 {
  const uint8_t *ptr;
  size_t len;
} values_list_u8;
typedef struct values_list_bool {
  const bool *ptr;
  size_t len;
} values_list_bool;
typedef struct values_all_item {
  tenon_string name;
  values_option_f64 price;
  values_list_string tags;
  values_list_u8 blob;
  values_list_bool flags;
} values_all_item;
typedef struct values_list_all_item {
  const values_all_item *ptr;
  size_t len;
} values_list_all_item;
typedef enum values_all_shape_tag {
  VALUES_ALL_SHAPE_EMPTY,
  VALUES_ALL_SHAPE_NUMBER,
  VALUES_ALL_SHAPE_TEXT,
  VALUES_ALL_SHAPE_OTHER_TEXT,
  VALUES_ALL_SHAPE_ITEMS,
  VALUES_ALL_SHAPE_LETTER,
} values_all_shape_tag;
typedef struct values_all_shape {
  values_all_shape_tag tag;
  union {
    double number;
    tenon_string text;
    tenon_string other_text;
    values_list_all_item items;
    uint32_t letter;
  } of;
} values_all_shape;
typedef enum values_all_color {
  VALUES_ALL_COLOR_RED,
  VALUES_ALL_COLOR_GREEN,
  VALUES_ALL_COLOR_BLUE,
} values_all_color;
typedef uint32_t values_all_access;
#define VALUES_ALL_ACCESS_READ (UINT32_C(1) << 0)
#define VALUES_ALL_ACCESS_WRITE (UINT32_C(1) << 1)
#define VALUES_ALL_ACCESS_EXECUTE (UINT32_C(1) << 2)
#define VALUES_ALL_ACCESS_A4 (UINT32_C(1) << 3)
#define VALUES_ALL_ACCESS_A5 (UINT32_C(1) << 4)
#define VALUES_ALL_ACCESS_A6 (UINT32_C(1) << 5)
#define VALUES_ALL_ACCESS_A7 (UINT32_C(1) << 6)
#define VALUES_ALL_ACCESS_A8 (UINT32_C(1) << 7)
#define VALUES_ALL_ACCESS_A9 (UINT32_C(1) << 8)
#define VALUES_ALL_ACCESS_A10 (UINT32_C(1) << 9)
#define VALUES_ALL_ACCESS_A11 (UINT32_C(1) << 10)
#define VALUES_ALL_ACCESS_A12 (UINT32_C(1) << 11)
#define VALUES_ALL_ACCESS_A13 (UINT32_C(1) << 12)
#define VALUES_ALL_ACCESS_A14 (UINT32_C(1) << 13)
#define VALUES_ALL_ACCESS_A15 (UINT32_C(1) << 14)
#define VALUES_ALL_ACCESS_A16 (UINT32_C(1) << 15)
#define VALUES_ALL_ACCESS_A17 (UINT32_C(1) << 16)
#define VALUES_ALL_ACCESS_A18 (UINT32_C(1) << 17)
#define VALUES_ALL_ACCESS_A19 (UINT32_C(1) << 18)
#define VALUES_ALL_ACCESS_A20 (UINT32_C(1) << 19)
#define VALUES_ALL_ACCESS_A21 (UINT32_C(1) << 20)
#define VALUES_ALL_ACCESS_A22 (UINT32_C(1) << 21)
#define VALUES_ALL_ACCESS_A23 (UINT32_C(1) << 22)
#define VALUES_ALL_ACCESS_A24 (UINT32_C(1) << 23)
#define VALUES_ALL_ACCESS_A25 (UINT32_C(1) << 24)
#define VALUES_ALL_ACCESS_A26 (UINT32_C(1) << 25)
#define VALUES_ALL_ACCESS_A27 (UINT32_C(1) << 26)
#define VALUES_ALL_ACCESS_A28 (UINT32_C(1) << 27)
#define VALUES_ALL_ACCESS_A29 (UINT32_C(1) << 28)
#define VALUES_ALL_ACCESS_A30 (UINT32_C(1) << 29)
#define VALUES_ALL_ACCESS_A31 (UINT32_C(1) << 30)
#define VALUES_ALL_ACCESS_LAST (UINT32_C(1) << 31)
typedef struct values_tuple2_all_color_all_access {
  values_all_color f0;
  values_all_access f1;
} values_tuple2_all_color_all_access;
typedef struct values_all_pair {
  values_all_shape left;
  values_tuple2_all_color_all_access right;
} values_all_pair;
typedef values_list_string values_all_words;
typedef uint64_t values_all_id;
typedef struct values_list_s16 {
  const int16_t *ptr;
  size_t len;
} values_list_s16;
typedef struct values_list_u64 {
  const uint64_t *ptr;
  size_t len;
} values_list_u64;
typedef struct values_list_f32 {
  const float *ptr;
  size_t len;
} values_list_f32;
typedef struct values_list_f64 {
  const double *ptr;
  size_t len;
} values_list_f64;
typedef struct values_list_char {
  const uint32_t *ptr;
  size_t len;
} values_list_char;
typedef struct values_list_list_string {
  const values_list_string *ptr;
  size_t len;
} values_list_list_string;
typedef struct values_list_list_u8 {
  const values_list_u8 *ptr;
  size_t len;
} values_list_list_u8;
typedef struct values_array4_u8 {
  uint8_t items[4];
} values_array4_u8;
typedef struct values_array2_string {
  tenon_string items[2];
} values_array2_string;
typedef struct values_entry_string_u32 {
  tenon_string key;
  uint32_t value;
} values_entry_string_u32;
typedef struct values_map_string_u32 {
  const values_entry_string_u32 *ptr;
  size_t len;
} values_map_string_u32;
typedef struct values_option_string {
  bool is_some;
  tenon_string value;
} values_option_string;
typedef struct values_option_u32 {
  bool is_some;
  uint32_t value;
} values_option_u32;
typedef struct values_option_option_u32 {
  bool is_some;
  values_option_u32 value;
} values_option_option_u32;
typedef struct values_result_list_u8_string {
  bool is_err;
  union {
    values_list_u8 ok;
    tenon_string err;
  } of;
} values_result_list_u8_string;
typedef struct values_result_string_void {
  bool is_err;
  union {
    tenon_string ok;
  } of;
} values_result_string_void;
typedef struct values_result_void_all_color {
  bool is_err;
  union {
    values_all_color err;
  } of;
} values_result_void_all_color;
typedef struct values_result_void_void {
  bool is_err;
} values_result_void_void;
typedef struct values_list_u16 {
  const uint16_t *ptr;
  size_t len;
} values_list_u16;
typedef struct values_option_char {
  bool is_some;
  uint32_t value;
} values_option_char;
typedef struct values_tuple4_string_s8_list_u16_option_char {
  tenon_string f0;
  int8_t f1;
  values_list_u16 f2;
  values_option_char f3;
} values_tuple4_string_s8_list_u16_option_char;
typedef struct values_list_all_color {
  const values_all_color *ptr;
  size_t len;
} values_list_all_color;

/* The functions that the program provides; those that are NULL are not provided. They return 0, or nonzero
 * for a trap: `return tenon_host()->trap(call, "..")`. */
typedef struct values_all_functions {
  /* same-bool: func(value: bool) -> bool; */
  int32_t (*same_bool)(void *user, tenon_call *call, bool value, bool *result);
  /* same-s8: func(value: s8) -> s8; */
  int32_t (*same_s8)(void *user, tenon_call *call, int8_t value, int8_t *result);
  /* same-u8: func(value: u8) -> u8; */
  int32_t (*same_u8)(void *user, tenon_call *call, uint8_t value, uint8_t *result);
  /* same-s16: func(value: s16) -> s16; */
  int32_t (*same_s16)(void *user, tenon_call *call, int16_t value, int16_t *result);
  /* same-u16: func(value: u16) -> u16; */
  int32_t (*same_u16)(void *user, tenon_call *call, uint16_t value, uint16_t *result);
  /* same-s32: func(value: s32) -> s32; */
  int32_t (*same_s32)(void *user, tenon_call *call, int32_t value, int32_t *result);
  /* same-u32: func(value: u32) -> u32; */
  int32_t (*same_u32)(void *user, tenon_call *call, uint32_t value, uint32_t *result);
  /* same-s64: func(value: s64) -> s64; */
  int32_t (*same_s64)(void *user, tenon_call *call, int64_t value, int64_t *result);
  /* same-u64: func(value: u64) -> u64; */
  int32_t (*same_u64)(void *user, tenon_call *call, uint64_t value, uint64_t *result);
  /* same-f32: func(value: f32) -> f32; */
  int32_t (*same_f32)(void *user, tenon_call *call, float value, float *result);
  /* same-f64: func(value: f64) -> f64; */
  int32_t (*same_f64)(void *user, tenon_call *call, double value, double *result);
  /* same-char: func(value: char) -> char; */
  int32_t (*same_char)(void *user, tenon_call *call, uint32_t value, uint32_t *result);
  /* same-string: func(value: string) -> string; */
  int32_t (*same_string)(void *user, tenon_call *call, tenon_string value, tenon_string *result);
  /* same-id: func(value: id) -> id; */
  int32_t (*same_id)(void *user, tenon_call *call, values_all_id value, values_all_id *result);
  /* same-bools: func(value: list<bool>) -> list<bool>; */
  int32_t (*same_bools)(void *user, tenon_call *call, values_list_bool value,
                        values_list_bool *result);
  /* same-bytes: func(value: list<u8>) -> list<u8>; */
  int32_t (*same_bytes)(void *user, tenon_call *call, values_list_u8 value,
                        values_list_u8 *result);
  /* same-shorts: func(value: list<s16>) -> list<s16>; */
  int32_t (*same_shorts)(void *user, tenon_call *call, values_list_s16 value,
                         values_list_s16 *result);
  /* same-longs: func(value: list<u64>) -> list<u64>; */
  int32_t (*same_longs)(void *user, tenon_call *call, values_list_u64 value,
                        values_list_u64 *result);
  /* same-floats: func(value: list<f32>) -> list<f32>; */
  int32_t (*same_floats)(void *user, tenon_call *call, values_list_f32 value,
                         values_list_f32 *result);
  /* same-doubles: func(value: list<f64>) -> list<f64>; */
  int32_t (*same_doubles)(void *user, tenon_call *call, values_list_f64 value,
                          values_list_f64 *result);
  /* same-chars: func(value: list<char>) -> list<char>; */
  int32_t (*same_chars)(void *user, tenon_call *call, values_list_char value,
                        values_list_char *result);
  /* same-strings: func(value: list<string>) -> list<string>; */
  int32_t (*same_strings)(void *user, tenon_call *call, values_list_string value,
                          values_list_string *result);
  /* same-words: func(value: words) -> words; */
  int32_t (*same_words)(void *user, tenon_call *call, values_all_words value,
                        values_all_words *result);
  /* same-deep: func(value: list<list<string>>) -> list<list<string>>; */
  int32_t (*same_deep)(void *user, tenon_call *call, values_list_list_string value,
                       values_list_list_string *result);
  /* same-blobs: func(value: list<list<u8>>) -> list<list<u8>>; */
  int32_t (*same_blobs)(void *user, tenon_call *call, values_list_list_u8 value,
                        values_list_list_u8 *result);
  /* same-quad: func(value: list<u8, 4>) -> list<u8, 4>; */
  int32_t (*same_quad)(void *user, tenon_call *call, const values_array4_u8 *value,
                       values_array4_u8 *result);
  /* same-twins: func(value: list<string, 2>) -> list<string, 2>; */
  int32_t (*same_twins)(void *user, tenon_call *call, const values_array2_string *value,
                        values_array2_string *result);
  /* same-map: func(value: map<string, u32>) -> map<string, u32>; */
  int32_t (*same_map)(void *user, tenon_call *call, values_map_string_u32 value,
                      values_map_string_u32 *result);
  /* same-option: func(value: option<string>) -> option<string>; */
  int32_t (*same_option)(void *user, tenon_call *call, const values_option_string *value,
                         values_option_string *result);
  /* same-options: func(value: option<option<u32>>) -> option<option<u32>>; */
  int32_t (*same_options)(void *user, tenon_call *call, const values_option_option_u32 *value,
                          values_option_option_u32 *result);
  /* same-result: func(value: result<list<u8>, string>) -> result<list<u8>, string>; */
  int32_t (*same_result)(void *user, tenon_call *call, const values_result_list_u8_string *value,
                         values_result_list_u8_string *result);
  /* same-fine: func(value: result<string>) -> result<string>; */
  int32_t (*same_fine)(void *user, tenon_call *call, const values_result_string_void *value,
                       values_result_string_void *result);
  /* same-bad: func(value: result<_, color>) -> result<_, color>; */
  int32_t (*same_bad)(void *user, tenon_call *call, const values_result_void_all_color *value,
                      values_result_void_all_color *result);
  /* same-outcome: func(value: result) -> result; */
  int32_t (*same_outcome)(void *user, tenon_call *call, const values_result_void_void *value,
                          values_result_void_void *result);
  /* same-tuple: func(value: tuple<string, s8, list<u16>, option<char>>) -> tuple<string, s8, list<u16>, option<char>>; */
  int32_t (*same_tuple)(void *user, tenon_call *call,
                        const values_tuple4_string_s8_list_u16_option_char *value,
                        values_tuple4_string_s8_list_u16_option_char *result);
  /* same-item: func(value: item) -> item; */
  int32_t (*same_item)(void *user, tenon_call *call, const values_all_item *value,
                       values_all_item *result);
  /* same-shape: func(value: shape) -> shape; */
  int32_t (*same_shape)(void *user, tenon_call *call, const values_all_shape *value,
                        values_all_shape *result);
  /* same-color: func(value: color) -> color; */
  int32_t (*same_color)(void *user, tenon_call *call, values_all_color value,
                        values_all_color *result);
  /* same-colors: func(value: list<color>) -> list<color>; */
  int32_t (*same_colors)(void *user, tenon_call *call, values_list_all_color value,
                         values_list_all_color *result);
  /* same-access: func(value: access) -> access; */
  int32_t (*same_access)(void *user, tenon_call *call, values_all_access value,
                         values_all_access *result);
  /* same-pair: func(value: pair) -> pair; */
  int32_t (*same_pair)(void *user, tenon_call *call, const values_all_pair *value,
                       values_all_pair *result);
} values_all_functions;
/* Adds them to a builder. The struct is copied. drop: called with `user` once, when nothing calls them any
 * more; can be NULL. */
void values_all_provide(tenon_builder *builder, const values_all_functions *functions,
                        void *user, void (*drop)(void *user));

/* ---- demo:kinds/all@1.0.0, which units export ---- */

typedef struct values_exports_all_item {
  tenon_string name;
  values_option_f64 price;
  values_list_string tags;
  values_list_u8 blob;
  values_list_bool flags;
} values_exports_all_item;
typedef struct values_list_exports_all_item {
  const values_exports_all_item *ptr;
  size_t len;
} values_list_exports_all_item;
typedef enum values_exports_all_shape_tag {
  VALUES_EXPORTS_ALL_SHAPE_EMPTY,
  VALUES_EXPORTS_ALL_SHAPE_NUMBER,
  VALUES_EXPORTS_ALL_SHAPE_TEXT,
  VALUES_EXPORTS_ALL_SHAPE_OTHER_TEXT,
  VALUES_EXPORTS_ALL_SHAPE_ITEMS,
  VALUES_EXPORTS_ALL_SHAPE_LETTER,
} values_exports_all_shape_tag;
typedef struct values_exports_all_shape {
  values_exports_all_shape_tag tag;
  union {
    double number;
    tenon_string text;
    tenon_string other_text;
    values_list_exports_all_item items;
    uint32_t letter;
  } of;
} values_exports_all_shape;
typedef enum values_exports_all_color {
  VALUES_EXPORTS_ALL_COLOR_RED,
  VALUES_EXPORTS_ALL_COLOR_GREEN,
  VALUES_EXPORTS_ALL_COLOR_BLUE,
} values_exports_all_color;
typedef uint32_t values_exports_all_access;
#define VALUES_EXPORTS_ALL_ACCESS_READ (UINT32_C(1) << 0)
#define VALUES_EXPORTS_ALL_ACCESS_WRITE (UINT32_C(1) << 1)
#define VALUES_EXPORTS_ALL_ACCESS_EXECUTE (UINT32_C(1) << 2)
#define VALUES_EXPORTS_ALL_ACCESS_A4 (UINT32_C(1) << 3)
#define VALUES_EXPORTS_ALL_ACCESS_A5 (UINT32_C(1) << 4)
#define VALUES_EXPORTS_ALL_ACCESS_A6 (UINT32_C(1) << 5)
#define VALUES_EXPORTS_ALL_ACCESS_A7 (UINT32_C(1) << 6)
#define VALUES_EXPORTS_ALL_ACCESS_A8 (UINT32_C(1) << 7)
#define VALUES_EXPORTS_ALL_ACCESS_A9 (UINT32_C(1) << 8)
#define VALUES_EXPORTS_ALL_ACCESS_A10 (UINT32_C(1) << 9)
#define VALUES_EXPORTS_ALL_ACCESS_A11 (UINT32_C(1) << 10)
#define VALUES_EXPORTS_ALL_ACCESS_A12 (UINT32_C(1) << 11)
#define VALUES_EXPORTS_ALL_ACCESS_A13 (UINT32_C(1) << 12)
#define VALUES_EXPORTS_ALL_ACCESS_A14 (UINT32_C(1) << 13)
#define VALUES_EXPORTS_ALL_ACCESS_A15 (UINT32_C(1) << 14)
#define VALUES_EXPORTS_ALL_ACCESS_A16 (UINT32_C(1) << 15)
#define VALUES_EXPORTS_ALL_ACCESS_A17 (UINT32_C(1) << 16)
#define VALUES_EXPORTS_ALL_ACCESS_A18 (UINT32_C(1) << 17)
#define VALUES_EXPORTS_ALL_ACCESS_A19 (UINT32_C(1) << 18)
#define VALUES_EXPORTS_ALL_ACCESS_A20 (UINT32_C(1) << 19)
#define VALUES_EXPORTS_ALL_ACCESS_A21 (UINT32_C(1) << 20)
#define VALUES_EXPORTS_ALL_ACCESS_A22 (UINT32_C(1) << 21)
#define VALUES_EXPORTS_ALL_ACCESS_A23 (UINT32_C(1) << 22)
#define VALUES_EXPORTS_ALL_ACCESS_A24 (UINT32_C(1) << 23)
#define VALUES_EXPORTS_ALL_ACCESS_A25 (UINT32_C(1) << 24)
#define VALUES_EXPORTS_ALL_ACCESS_A26 (UINT32_C(1) << 25)
#define VALUES_EXPORTS_ALL_ACCESS_A27 (UINT32_C(1) << 26)
#define VALUES_EXPORTS_ALL_ACCESS_A28 (UINT32_C(1) << 27)
#define VALUES_EXPORTS_ALL_ACCESS_A29 (UINT32_C(1) << 28)
#define VALUES_EXPORTS_ALL_ACCESS_A30 (UINT32_C(1) << 29)
#define VALUES_EXPORTS_ALL_ACCESS_A31 (UINT32_C(1) << 30)
#define VALUES_EXPORTS_ALL_ACCESS_LAST (UINT32_C(1) << 31)
typedef struct values_tuple2_exports_all_color_exports_all_access {
  values_exports_all_color f0;
  values_exports_all_access f1;
} values_tuple2_exports_all_color_exports_all_access;
typedef struct values_exports_all_pair {
  values_exports_all_shape left;
  values_tuple2_exports_all_color_exports_all_access right;
} values_exports_all_pair;
typedef values_list_string values_exports_all_words;
typedef uint64_t values_exports_all_id;
typedef struct values_result_void_exports_all_color {
  bool is_err;
  union {
    values_exports_all_color err;
  } of;
} values_result_void_exports_all_color;
typedef struct values_list_exports_all_color {
  const values_exports_all_color *ptr;
  size_t len;
} values_list_exports_all_color;

/* same-bool: func(value: bool) -> bool; */
tenon_error *values_exports_all_same_bool(values *self, bool value_, bool *result);

/* same-s8: func(value: s8) -> s8; */
tenon_error *values_exports_all_same_s8(values *self, int8_t value_, int8_t *result);

/* same-u8: func(value: u8) -> u8; */
tenon_error *values_exports_all_same_u8(values *self, uint8_t value_, uint8_t *result);

/* same-s16: func(value: s16) -> s16; */
tenon_error *values_exports_all_same_s16(values *self, int16_t value_, int16_t *result);

/* same-u16: func(value: u16) -> u16; */
tenon_error *values_exports_all_same_u16(values *self, uint16_t value_, uint16_t *result);

/* same-s32: func(value: s32) -> s32; */
tenon_error *values_exports_all_same_s32(values *self, int32_t value_, int32_t *result);

/* same-u32: func(value: u32) -> u32; */
tenon_error *values_exports_all_same_u32(values *self, uint32_t value_, uint32_t *result);

/* same-s64: func(value: s64) -> s64; */
tenon_error *values_exports_all_same_s64(values *self, int64_t value_, int64_t *result);

/* same-u64: func(value: u64) -> u64; */
tenon_error *values_exports_all_same_u64(values *self, uint64_t value_, uint64_t *result);

/* same-f32: func(value: f32) -> f32; */
tenon_error *values_exports_all_same_f32(values *self, float value_, float *result);

/* same-f64: func(value: f64) -> f64; */
tenon_error *values_exports_all_same_f64(values *self, double value_, double *result);

/* same-char: func(value: char) -> char; */
tenon_error *values_exports_all_same_char(values *self, uint32_t value_, uint32_t *result);

/* same-string: func(value: string) -> string; */
tenon_error *values_exports_all_same_string(values *self, tenon_string value_,
                                            tenon_arena *arena, tenon_string *result);

/* same-id: func(value: id) -> id; */
tenon_error *values_exports_all_same_id(values *self, values_exports_all_id value_,
                                        values_exports_all_id *result);

/* same-bools: func(value: list<bool>) -> list<bool>; */
tenon_error *values_exports_all_same_bools(values *self, values_list_bool value_,
                                           tenon_arena *arena, values_list_bool *result);

/* same-bytes: func(value: list<u8>) -> list<u8>; */
tenon_error *values_exports_all_same_bytes(values *self, values_list_u8 value_,
                                           tenon_arena *arena, values_list_u8 *result);

/* same-shorts: func(value: list<s16>) -> list<s16>; */
tenon_error *values_exports_all_same_shorts(values *self, values_list_s16 value_,
                                            tenon_arena *arena, values_list_s16 *result);

/* same-longs: func(value: list<u64>) -> list<u64>; */
tenon_error *values_exports_all_same_longs(values *self, values_list_u64 value_,
                                           tenon_arena *arena, values_list_u64 *result);

/* same-floats: func(value: list<f32>) -> list<f32>; */
tenon_error *values_exports_all_same_floats(values *self, values_list_f32 value_,
                                            tenon_arena *arena, values_list_f32 *result);

/* same-doubles: func(value: list<f64>) -> list<f64>; */
tenon_error *values_exports_all_same_doubles(values *self, values_list_f64 value_,
                                             tenon_arena *arena, values_list_f64 *result);

/* same-chars: func(value: list<char>) -> list<char>; */
tenon_error *values_exports_all_same_chars(values *self, values_list_char value_,
                                           tenon_arena *arena, values_list_char *result);

/* same-strings: func(value: list<string>) -> list<string>; */
tenon_error *values_exports_all_same_strings(values *self, values_list_string value_,
                                             tenon_arena *arena, values_list_string *result);

/* same-words: func(value: words) -> words; */
tenon_error *values_exports_all_same_words(values *self, values_exports_all_words value_,
                                           tenon_arena *arena, values_exports_all_words *result);

/* same-deep: func(value: list<list<string>>) -> list<list<string>>; */
tenon_error *values_exports_all_same_deep(values *self, values_list_list_string value_,
                                          tenon_arena *arena, values_list_list_string *result);

/* same-blobs: func(value: list<list<u8>>) -> list<list<u8>>; */
tenon_error *values_exports_all_same_blobs(values *self, values_list_list_u8 value_,
                                           tenon_arena *arena, values_list_list_u8 *result);

/* same-quad: func(value: list<u8, 4>) -> list<u8, 4>; */
tenon_error *values_exports_all_same_quad(values *self, const values_array4_u8 *value_,
                                          values_array4_u8 *result);

/* same-twins: func(value: list<string, 2>) -> list<string, 2>; */
tenon_error *values_exports_all_same_twins(values *self, const values_array2_string *value_,
                                           tenon_arena *arena, values_array2_string *result);

/* same-map: func(value: map<string, u32>) -> map<string, u32>; */
tenon_error *values_exports_all_same_map(values *self, values_map_string_u32 value_,
                                         tenon_arena *arena, values_map_string_u32 *result);

/* same-option: func(value: option<string>) -> option<string>; */
tenon_error *values_exports_all_same_option(values *self, const values_option_string *value_,
                                            tenon_arena *arena, values_option_string *result);

/* same-options: func(value: option<option<u32>>) -> option<option<u32>>; */
tenon_error *values_exports_all_same_options(values *self,
                                             const values_option_option_u32 *value_,
                                             values_option_option_u32 *result);

/* same-result: func(value: result<list<u8>, string>) -> result<list<u8>, string>; */
tenon_error *values_exports_all_same_result(values *self,
                                            const values_result_list_u8_string *value_,
                                            tenon_arena *arena,
                                            values_result_list_u8_string *result);

/* same-fine: func(value: result<string>) -> result<string>; */
tenon_error *values_exports_all_same_fine(values *self, const values_result_string_void *value_,
                                          tenon_arena *arena, values_result_string_void *result);

/* same-bad: func(value: result<_, color>) -> result<_, color>; */
tenon_error *values_exports_all_same_bad(values *self,
                                         const values_result_void_exports_all_color *value_,
                                         values_result_void_exports_all_color *result);

/* same-outcome: func(value: result) -> result; */
tenon_error *values_exports_all_same_outcome(values *self, const values_result_void_void *value_,
                                             values_result_void_void *result);

/* same-tuple: func(value: tuple<string, s8, list<u16>, option<char>>) -> tuple<string, s8, list<u16>, option<char>>; */
tenon_error *values_exports_all_same_tuple(values *self,
                                           const values_tuple4_string_s8_list_u16_option_char *value_,
                                           tenon_arena *arena,
                                           values_tuple4_string_s8_list_u16_option_char *result);

/* same-item: func(value: item) -> item; */
tenon_error *values_exports_all_same_item(values *self, const values_exports_all_item *value_,
                                          tenon_arena *arena, values_exports_all_item *result);

/* same-shape: func(value: shape) -> shape; */
tenon_error *values_exports_all_same_shape(values *self, const values_exports_all_shape *value_,
                                           tenon_arena *arena, values_exports_all_shape *result);

/* same-color: func(value: color) -> color; */
tenon_error *values_exports_all_same_color(values *self, values_exports_all_color value_,
                                           values_exports_all_color *result);

/* same-colors: func(value: list<color>) -> list<color>; */
tenon_error *values_exports_all_same_colors(values *self, values_list_exports_all_color value_,
                                            tenon_arena *arena,
                                            values_list_exports_all_color *result);

/* same-access: func(value: access) -> access; */
tenon_error *values_exports_all_same_access(values *self, values_exports_all_access value_,
                                            values_exports_all_access *result);

/* same-pair: func(value: pair) -> pair; */
tenon_error *values_exports_all_same_pair(values *self, const values_exports_all_pair *value_,
                                          tenon_arena *arena, values_exports_all_pair *result);

#ifdef __cplusplus
}
#endif
#endif
