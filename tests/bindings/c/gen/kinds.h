/* Made by `tenon bindgen c` from the WIT of demo:kinds/host@1.0.0. Do not edit.
 *
 * A function that calls a unit returns NULL, or an error that the caller deletes. Strings and lists of its
 * result lie in `arena`, until that is reset or deleted. `result` can be NULL. `own` handles of units in a
 * result are the caller's, and are used up when they are passed as `own`, whether the call fails or not. */
#ifndef TENON_BINDGEN_KINDS_H
#define TENON_BINDGEN_KINDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tenon/tenon_c.h>
#include <tenon/tenon_string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The functions of a composition or of one unit. Any number of threads can call them. */
typedef struct kinds kinds;
/* Looks up all functions. NULL if one is missing or has another type, or there is no memory. report: called
 * with the text of each problem, for people; can be NULL. */
kinds *kinds_find(tenon_composition *from, void (*report)(void *user, const char *text),
                  void *user);
kinds *kinds_find_in(tenon_unit *from, void (*report)(void *user, const char *text), void *user);
/* No call may be in progress, except those that were started. */
void kinds_delete(kinds *self);

/* ---- demo:kinds/all@1.0.0, which units export ---- */

typedef struct kinds_option_f64 {
  bool is_some;
  double value;
} kinds_option_f64;
typedef struct kinds_list_string {
  const tenon_string *ptr;
  size_t len;
} kinds_list_string;
typedef struct kinds_list_u8 {
  const uint8_t *ptr;
  size_t len;
} kinds_list_u8;
typedef struct kinds_list_bool {
  const bool *ptr;
  size_t len;
} kinds_list_bool;
typedef struct kinds_all_item {
  tenon_string name;
  kinds_option_f64 price;
  kinds_list_string tags;
  kinds_list_u8 blob;
  kinds_list_bool flags;
} kinds_all_item;
typedef struct kinds_list_all_item {
  const kinds_all_item *ptr;
  size_t len;
} kinds_list_all_item;
typedef enum kinds_all_shape_tag {
  KINDS_ALL_SHAPE_EMPTY,
  KINDS_ALL_SHAPE_NUMBER,
  KINDS_ALL_SHAPE_TEXT,
  KINDS_ALL_SHAPE_OTHER_TEXT,
  KINDS_ALL_SHAPE_ITEMS,
  KINDS_ALL_SHAPE_LETTER,
} kinds_all_shape_tag;
typedef struct kinds_all_shape {
  kinds_all_shape_tag tag;
  union {
    double number;
    tenon_string text;
    tenon_string other_text;
    kinds_list_all_item items;
    uint32_t letter;
  } of;
} kinds_all_shape;
typedef enum kinds_all_color {
  KINDS_ALL_COLOR_RED,
  KINDS_ALL_COLOR_GREEN,
  KINDS_ALL_COLOR_BLUE,
} kinds_all_color;
typedef uint32_t kinds_all_access;
#define KINDS_ALL_ACCESS_READ (UINT32_C(1) << 0)
#define KINDS_ALL_ACCESS_WRITE (UINT32_C(1) << 1)
#define KINDS_ALL_ACCESS_EXECUTE (UINT32_C(1) << 2)
#define KINDS_ALL_ACCESS_A4 (UINT32_C(1) << 3)
#define KINDS_ALL_ACCESS_A5 (UINT32_C(1) << 4)
#define KINDS_ALL_ACCESS_A6 (UINT32_C(1) << 5)
#define KINDS_ALL_ACCESS_A7 (UINT32_C(1) << 6)
#define KINDS_ALL_ACCESS_A8 (UINT32_C(1) << 7)
#define KINDS_ALL_ACCESS_A9 (UINT32_C(1) << 8)
#define KINDS_ALL_ACCESS_A10 (UINT32_C(1) << 9)
#define KINDS_ALL_ACCESS_A11 (UINT32_C(1) << 10)
#define KINDS_ALL_ACCESS_A12 (UINT32_C(1) << 11)
#define KINDS_ALL_ACCESS_A13 (UINT32_C(1) << 12)
#define KINDS_ALL_ACCESS_A14 (UINT32_C(1) << 13)
#define KINDS_ALL_ACCESS_A15 (UINT32_C(1) << 14)
#define KINDS_ALL_ACCESS_A16 (UINT32_C(1) << 15)
#define KINDS_ALL_ACCESS_A17 (UINT32_C(1) << 16)
#define KINDS_ALL_ACCESS_A18 (UINT32_C(1) << 17)
#define KINDS_ALL_ACCESS_A19 (UINT32_C(1) << 18)
#define KINDS_ALL_ACCESS_A20 (UINT32_C(1) << 19)
#define KINDS_ALL_ACCESS_A21 (UINT32_C(1) << 20)
#define KINDS_ALL_ACCESS_A22 (UINT32_C(1) << 21)
#define KINDS_ALL_ACCESS_A23 (UINT32_C(1) << 22)
#define KINDS_ALL_ACCESS_A24 (UINT32_C(1) << 23)
#define KINDS_ALL_ACCESS_A25 (UINT32_C(1) << 24)
#define KINDS_ALL_ACCESS_A26 (UINT32_C(1) << 25)
#define KINDS_ALL_ACCESS_A27 (UINT32_C(1) << 26)
#define KINDS_ALL_ACCESS_A28 (UINT32_C(1) << 27)
#define KINDS_ALL_ACCESS_A29 (UINT32_C(1) << 28)
#define KINDS_ALL_ACCESS_A30 (UINT32_C(1) << 29)
#define KINDS_ALL_ACCESS_A31 (UINT32_C(1) << 30)
#define KINDS_ALL_ACCESS_LAST (UINT32_C(1) << 31)
typedef struct kinds_tuple2_all_color_all_access {
  kinds_all_color f0;
  kinds_all_access f1;
} kinds_tuple2_all_color_all_access;
typedef struct kinds_all_pair {
  kinds_all_shape left;
  kinds_tuple2_all_color_all_access right;
} kinds_all_pair;
typedef kinds_list_string kinds_all_words;
typedef uint64_t kinds_all_id;
typedef struct kinds_list_s16 {
  const int16_t *ptr;
  size_t len;
} kinds_list_s16;
typedef struct kinds_list_u64 {
  const uint64_t *ptr;
  size_t len;
} kinds_list_u64;
typedef struct kinds_list_f32 {
  const float *ptr;
  size_t len;
} kinds_list_f32;
typedef struct kinds_list_f64 {
  const double *ptr;
  size_t len;
} kinds_list_f64;
typedef struct kinds_list_char {
  const uint32_t *ptr;
  size_t len;
} kinds_list_char;
typedef struct kinds_list_list_string {
  const kinds_list_string *ptr;
  size_t len;
} kinds_list_list_string;
typedef struct kinds_list_list_u8 {
  const kinds_list_u8 *ptr;
  size_t len;
} kinds_list_list_u8;
typedef struct kinds_array4_u8 {
  uint8_t items[4];
} kinds_array4_u8;
typedef struct kinds_array2_string {
  tenon_string items[2];
} kinds_array2_string;
typedef struct kinds_entry_string_u32 {
  tenon_string key;
  uint32_t value;
} kinds_entry_string_u32;
typedef struct kinds_map_string_u32 {
  const kinds_entry_string_u32 *ptr;
  size_t len;
} kinds_map_string_u32;
typedef struct kinds_option_string {
  bool is_some;
  tenon_string value;
} kinds_option_string;
typedef struct kinds_option_u32 {
  bool is_some;
  uint32_t value;
} kinds_option_u32;
typedef struct kinds_option_option_u32 {
  bool is_some;
  kinds_option_u32 value;
} kinds_option_option_u32;
typedef struct kinds_result_list_u8_string {
  bool is_err;
  union {
    kinds_list_u8 ok;
    tenon_string err;
  } of;
} kinds_result_list_u8_string;
typedef struct kinds_result_string_void {
  bool is_err;
  union {
    tenon_string ok;
  } of;
} kinds_result_string_void;
typedef struct kinds_result_void_all_color {
  bool is_err;
  union {
    kinds_all_color err;
  } of;
} kinds_result_void_all_color;
typedef struct kinds_result_void_void {
  bool is_err;
} kinds_result_void_void;
typedef struct kinds_list_u16 {
  const uint16_t *ptr;
  size_t len;
} kinds_list_u16;
typedef struct kinds_option_char {
  bool is_some;
  uint32_t value;
} kinds_option_char;
typedef struct kinds_tuple4_string_s8_list_u16_option_char {
  tenon_string f0;
  int8_t f1;
  kinds_list_u16 f2;
  kinds_option_char f3;
} kinds_tuple4_string_s8_list_u16_option_char;
typedef struct kinds_list_all_color {
  const kinds_all_color *ptr;
  size_t len;
} kinds_list_all_color;

/* same-bool: func(value: bool) -> bool; */
tenon_error *kinds_all_same_bool(kinds *self, bool value_, bool *result);

/* same-s8: func(value: s8) -> s8; */
tenon_error *kinds_all_same_s8(kinds *self, int8_t value_, int8_t *result);

/* same-u8: func(value: u8) -> u8; */
tenon_error *kinds_all_same_u8(kinds *self, uint8_t value_, uint8_t *result);

/* same-s16: func(value: s16) -> s16; */
tenon_error *kinds_all_same_s16(kinds *self, int16_t value_, int16_t *result);

/* same-u16: func(value: u16) -> u16; */
tenon_error *kinds_all_same_u16(kinds *self, uint16_t value_, uint16_t *result);

/* same-s32: func(value: s32) -> s32; */
tenon_error *kinds_all_same_s32(kinds *self, int32_t value_, int32_t *result);

/* same-u32: func(value: u32) -> u32; */
tenon_error *kinds_all_same_u32(kinds *self, uint32_t value_, uint32_t *result);

/* same-s64: func(value: s64) -> s64; */
tenon_error *kinds_all_same_s64(kinds *self, int64_t value_, int64_t *result);

/* same-u64: func(value: u64) -> u64; */
tenon_error *kinds_all_same_u64(kinds *self, uint64_t value_, uint64_t *result);

/* same-f32: func(value: f32) -> f32; */
tenon_error *kinds_all_same_f32(kinds *self, float value_, float *result);

/* same-f64: func(value: f64) -> f64; */
tenon_error *kinds_all_same_f64(kinds *self, double value_, double *result);

/* same-char: func(value: char) -> char; */
tenon_error *kinds_all_same_char(kinds *self, uint32_t value_, uint32_t *result);

/* same-string: func(value: string) -> string; */
tenon_error *kinds_all_same_string(kinds *self, tenon_string value_, tenon_arena *arena,
                                   tenon_string *result);

/* same-id: func(value: id) -> id; */
tenon_error *kinds_all_same_id(kinds *self, kinds_all_id value_, kinds_all_id *result);

/* same-bools: func(value: list<bool>) -> list<bool>; */
tenon_error *kinds_all_same_bools(kinds *self, kinds_list_bool value_, tenon_arena *arena,
                                  kinds_list_bool *result);

/* same-bytes: func(value: list<u8>) -> list<u8>; */
tenon_error *kinds_all_same_bytes(kinds *self, kinds_list_u8 value_, tenon_arena *arena,
                                  kinds_list_u8 *result);

/* same-shorts: func(value: list<s16>) -> list<s16>; */
tenon_error *kinds_all_same_shorts(kinds *self, kinds_list_s16 value_, tenon_arena *arena,
                                   kinds_list_s16 *result);

/* same-longs: func(value: list<u64>) -> list<u64>; */
tenon_error *kinds_all_same_longs(kinds *self, kinds_list_u64 value_, tenon_arena *arena,
                                  kinds_list_u64 *result);

/* same-floats: func(value: list<f32>) -> list<f32>; */
tenon_error *kinds_all_same_floats(kinds *self, kinds_list_f32 value_, tenon_arena *arena,
                                   kinds_list_f32 *result);

/* same-doubles: func(value: list<f64>) -> list<f64>; */
tenon_error *kinds_all_same_doubles(kinds *self, kinds_list_f64 value_, tenon_arena *arena,
                                    kinds_list_f64 *result);

/* same-chars: func(value: list<char>) -> list<char>; */
tenon_error *kinds_all_same_chars(kinds *self, kinds_list_char value_, tenon_arena *arena,
                                  kinds_list_char *result);

/* same-strings: func(value: list<string>) -> list<string>; */
tenon_error *kinds_all_same_strings(kinds *self, kinds_list_string value_, tenon_arena *arena,
                                    kinds_list_string *result);

/* same-words: func(value: words) -> words; */
tenon_error *kinds_all_same_words(kinds *self, kinds_all_words value_, tenon_arena *arena,
                                  kinds_all_words *result);

/* same-deep: func(value: list<list<string>>) -> list<list<string>>; */
tenon_error *kinds_all_same_deep(kinds *self, kinds_list_list_string value_, tenon_arena *arena,
                                 kinds_list_list_string *result);

/* same-blobs: func(value: list<list<u8>>) -> list<list<u8>>; */
tenon_error *kinds_all_same_blobs(kinds *self, kinds_list_list_u8 value_, tenon_arena *arena,
                                  kinds_list_list_u8 *result);

/* same-quad: func(value: list<u8, 4>) -> list<u8, 4>; */
tenon_error *kinds_all_same_quad(kinds *self, const kinds_array4_u8 *value_,
                                 kinds_array4_u8 *result);

/* same-twins: func(value: list<string, 2>) -> list<string, 2>; */
tenon_error *kinds_all_same_twins(kinds *self, const kinds_array2_string *value_,
                                  tenon_arena *arena, kinds_array2_string *result);

/* same-map: func(value: map<string, u32>) -> map<string, u32>; */
tenon_error *kinds_all_same_map(kinds *self, kinds_map_string_u32 value_, tenon_arena *arena,
                                kinds_map_string_u32 *result);

/* same-option: func(value: option<string>) -> option<string>; */
tenon_error *kinds_all_same_option(kinds *self, const kinds_option_string *value_,
                                   tenon_arena *arena, kinds_option_string *result);

/* same-options: func(value: option<option<u32>>) -> option<option<u32>>; */
tenon_error *kinds_all_same_options(kinds *self, const kinds_option_option_u32 *value_,
                                    kinds_option_option_u32 *result);

/* same-result: func(value: result<list<u8>, string>) -> result<list<u8>, string>; */
tenon_error *kinds_all_same_result(kinds *self, const kinds_result_list_u8_string *value_,
                                   tenon_arena *arena, kinds_result_list_u8_string *result);

/* same-fine: func(value: result<string>) -> result<string>; */
tenon_error *kinds_all_same_fine(kinds *self, const kinds_result_string_void *value_,
                                 tenon_arena *arena, kinds_result_string_void *result);

/* same-bad: func(value: result<_, color>) -> result<_, color>; */
tenon_error *kinds_all_same_bad(kinds *self, const kinds_result_void_all_color *value_,
                                kinds_result_void_all_color *result);

/* same-outcome: func(value: result) -> result; */
tenon_error *kinds_all_same_outcome(kinds *self, const kinds_result_void_void *value_,
                                    kinds_result_void_void *result);

/* same-tuple: func(value: tuple<string, s8, list<u16>, option<char>>) -> tuple<string, s8, list<u16>, option<char>>; */
tenon_error *kinds_all_same_tuple(kinds *self,
                                  const kinds_tuple4_string_s8_list_u16_option_char *value_,
                                  tenon_arena *arena,
                                  kinds_tuple4_string_s8_list_u16_option_char *result);

/* same-item: func(value: item) -> item; */
tenon_error *kinds_all_same_item(kinds *self, const kinds_all_item *value_, tenon_arena *arena,
                                 kinds_all_item *result);

/* same-shape: func(value: shape) -> shape; */
tenon_error *kinds_all_same_shape(kinds *self, const kinds_all_shape *value_, tenon_arena *arena,
                                  kinds_all_shape *result);

/* same-color: func(value: color) -> color; */
tenon_error *kinds_all_same_color(kinds *self, kinds_all_color value_, kinds_all_color *result);

/* same-colors: func(value: list<color>) -> list<color>; */
tenon_error *kinds_all_same_colors(kinds *self, kinds_list_all_color value_, tenon_arena *arena,
                                   kinds_list_all_color *result);

/* same-access: func(value: access) -> access; */
tenon_error *kinds_all_same_access(kinds *self, kinds_all_access value_,
                                   kinds_all_access *result);

/* same-pair: func(value: pair) -> pair; */
tenon_error *kinds_all_same_pair(kinds *self, const kinds_all_pair *value_, tenon_arena *arena,
                                 kinds_all_pair *result);

/* ---- demo:kinds/nodes@1.0.0, which units export ---- */

/* A handle of a resource of a unit. */
typedef struct kinds_nodes_node kinds_nodes_node;
void kinds_nodes_node_delete(kinds_nodes_node *handle);
typedef kinds_all_color kinds_nodes_color;
typedef struct kinds_option_nodes_node {
  bool is_some;
  kinds_nodes_node *value;
} kinds_option_nodes_node;
typedef struct kinds_nodes_holder {
  tenon_string label;
  kinds_option_nodes_node held;
} kinds_nodes_holder;
typedef struct kinds_result_nodes_node_string {
  bool is_err;
  union {
    kinds_nodes_node *ok;
    tenon_string err;
  } of;
} kinds_result_nodes_node_string;
typedef struct kinds_list_nodes_node {
  kinds_nodes_node *const *ptr;
  size_t len;
} kinds_list_nodes_node;
typedef struct kinds_tuple2_string_nodes_node {
  tenon_string f0;
  kinds_nodes_node *f1;
} kinds_tuple2_string_nodes_node;
typedef struct kinds_result_tuple2_string_nodes_node_nodes_holder {
  bool is_err;
  union {
    kinds_tuple2_string_nodes_node ok;
    kinds_nodes_holder err;
  } of;
} kinds_result_tuple2_string_nodes_node_nodes_holder;

/* constructor(value: u32); */
tenon_error *kinds_nodes_node_new(kinds *self, uint32_t value_, kinds_nodes_node **result);

/* try-make: static func(value: u32) -> result<node, string>; */
tenon_error *kinds_nodes_node_try_make(kinds *self, uint32_t value_, tenon_arena *arena,
                                       kinds_result_nodes_node_string *result);

/* turn: func(all: list<node>) -> list<node>; */
tenon_error *kinds_nodes_turn(kinds *self, kinds_list_nodes_node all, tenon_arena *arena,
                              kinds_list_nodes_node *result);

/* unwrap: func(holder: holder) -> result<tuple<string, node>, holder>; */
tenon_error *kinds_nodes_unwrap(kinds *self, const kinds_nodes_holder *holder,
                                tenon_arena *arena,
                                kinds_result_tuple2_string_nodes_node_nodes_holder *result);

/* alive: func() -> u32; */
tenon_error *kinds_nodes_alive(kinds *self, uint32_t *result);

/* paint: func(color: color); */
tenon_error *kinds_nodes_node_paint(kinds *self, kinds_nodes_node *node, kinds_all_color color);

/* color: func() -> color; */
tenon_error *kinds_nodes_node_color(kinds *self, kinds_nodes_node *node, kinds_all_color *result);

/* value: func() -> u32; */
tenon_error *kinds_nodes_node_value(kinds *self, kinds_nodes_node *node, uint32_t *result);

/* join: func(others: list<borrow<node>>) -> u32; */
tenon_error *kinds_nodes_node_join(kinds *self, kinds_nodes_node *node,
                                   kinds_list_nodes_node others, uint32_t *result);

#ifdef __cplusplus
}
#endif
#endif
