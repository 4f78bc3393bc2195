/* Values of all types to a unit that passes them to this program, and back. */
#include "tests/bindings/c/gen/values.h"

#include <math.h>

#include "checks.h"

/* Functions by their names and types: those whose values are passed as they are, and those that get a pointer. */
#define FUNCTIONS_OF_VALUES(X)     \
  X(bool, bool)                    \
  X(s8, int8_t)                    \
  X(u8, uint8_t)                   \
  X(s16, int16_t)                  \
  X(u16, uint16_t)                 \
  X(s32, int32_t)                  \
  X(u32, uint32_t)                 \
  X(s64, int64_t)                  \
  X(u64, uint64_t)                 \
  X(f32, float)                    \
  X(f64, double)                   \
  X(char, uint32_t)                \
  X(string, tenon_string)          \
  X(id, values_all_id)             \
  X(bools, values_list_bool)       \
  X(bytes, values_list_u8)         \
  X(shorts, values_list_s16)       \
  X(longs, values_list_u64)        \
  X(floats, values_list_f32)       \
  X(doubles, values_list_f64)      \
  X(chars, values_list_char)       \
  X(strings, values_list_string)   \
  X(words, values_all_words)       \
  X(deep, values_list_list_string) \
  X(blobs, values_list_list_u8)    \
  X(map, values_map_string_u32)    \
  X(color, values_all_color)       \
  X(colors, values_list_all_color) \
  X(access, values_all_access)
#define FUNCTIONS_OF_STRUCTS(X)                          \
  X(quad, values_array4_u8)                              \
  X(twins, values_array2_string)                         \
  X(option, values_option_string)                        \
  X(options, values_option_option_u32)                   \
  X(result, values_result_list_u8_string)                \
  X(fine, values_result_string_void)                     \
  X(bad, values_result_void_all_color)                   \
  X(outcome, values_result_void_void)                    \
  X(tuple, values_tuple4_string_s8_list_u16_option_char) \
  X(item, values_all_item)                               \
  X(shape, values_all_shape)                             \
  X(pair, values_all_pair)

/* Each returns its argument. user: the number of calls. */
#define RETURN_VALUE(name, type)                                                       \
  static int32_t same_##name(void* user, tenon_call* call, type value, type* result) { \
    (void)call;                                                                        \
    ++*(int*)user;                                                                     \
    *result = value;                                                                   \
    return 0;                                                                          \
  }
FUNCTIONS_OF_VALUES(RETURN_VALUE)
#define RETURN_STRUCT(name, type)                                                             \
  static int32_t same_##name(void* user, tenon_call* call, const type* value, type* result) { \
    (void)call;                                                                               \
    ++*(int*)user;                                                                            \
    *result = *value;                                                                         \
    return 0;                                                                                 \
  }
FUNCTIONS_OF_STRUCTS(RETURN_STRUCT)

static int dropped;

static void drop(void* user) {
  (void)user;
  ++dropped;
}

static tenon_composition* build_all(int* calls) {
  values_all_functions functions;
  memset(&functions, 0, sizeof(functions));
#define SET(name, type) functions.same_##name = same_##name;
  FUNCTIONS_OF_VALUES(SET)
  FUNCTIONS_OF_STRUCTS(SET)
  tenon_builder* const builder = tenon_builder_new();
  values_all_provide(builder, &functions, calls, drop);
  add_component(builder, "all");
  return build(builder);
}

/* A type whose values have `==`. */
#define CHECK_SAME(name, type, number)                               \
  do {                                                               \
    const type expected = (number);                                  \
    type found;                                                      \
    CHECK_OK(values_exports_all_same_##name(all, expected, &found)); \
    CHECK(found == expected);                                        \
  } while (0)

static void check_numbers(values* all) {
  CHECK_SAME(bool, bool, false);
  CHECK_SAME(bool, bool, true);
  CHECK_SAME(s8, int8_t, INT8_MIN);
  CHECK_SAME(u8, uint8_t, UINT8_MAX);
  CHECK_SAME(s16, int16_t, INT16_MIN);
  CHECK_SAME(u16, uint16_t, UINT16_MAX);
  CHECK_SAME(s32, int32_t, INT32_MIN);
  CHECK_SAME(u32, uint32_t, UINT32_MAX);
  CHECK_SAME(s64, int64_t, INT64_MIN);
  CHECK_SAME(u64, uint64_t, UINT64_MAX);
  CHECK_SAME(id, values_exports_all_id, 7);
  CHECK_SAME(f32, float, -0.5F);
  CHECK_SAME(f64, double, 1e300);
  CHECK_SAME(char, uint32_t, 0x10ffff);
  CHECK_SAME(color, values_exports_all_color, VALUES_EXPORTS_ALL_COLOR_BLUE);
  CHECK_SAME(access, values_exports_all_access,
             VALUES_EXPORTS_ALL_ACCESS_WRITE | VALUES_EXPORTS_ALL_ACCESS_LAST);
  double nan = 0;
  CHECK_OK(values_exports_all_same_f64(all, NAN, &nan));
  CHECK(isnan(nan));
  /* A result that is not wanted. */
  CHECK_OK(values_exports_all_same_u8(all, 1, NULL));
  /* Numbers that the types do not have. */
  uint32_t character = 1;
  CHECK_FAILS(values_exports_all_same_char(all, 0xd800, &character), "value-type");
  CHECK(character == 0);
}

/* A list of numbers with three elements. */
#define CHECK_LIST(name, list, type, first, second, third)                     \
  do {                                                                         \
    const type numbers[] = {first, second, third};                             \
    const list expected = {numbers, 3};                                        \
    list found;                                                                \
    CHECK_OK(values_exports_all_same_##name(all, expected, arena, &found));    \
    CHECK(found.len == 3 && memcmp(found.ptr, numbers, sizeof(numbers)) == 0); \
  } while (0)

static bool are_texts(values_list_string found, const tenon_string* expected, size_t count) {
  bool is_same = found.len == count;
  for (size_t i = 0; is_same && i < count; ++i)
    is_same = found.ptr[i].len == expected[i].len &&
              memcmp(found.ptr[i].ptr, expected[i].ptr, expected[i].len) == 0;
  return is_same;
}

static void check_lists_of_numbers(values* all, tenon_arena* arena) {
  CHECK_LIST(bools, values_list_bool, bool, true, false, true);
  CHECK_LIST(bytes, values_list_u8, uint8_t, 0, 255, 7);
  CHECK_LIST(shorts, values_list_s16, int16_t, -1, 2, INT16_MIN);
  CHECK_LIST(longs, values_list_u64, uint64_t, UINT64_MAX, 0, 1);
  CHECK_LIST(floats, values_list_f32, float, 0.5F, -1, 2);
  CHECK_LIST(doubles, values_list_f64, double, 1e300, -0.5, 2);
  CHECK_LIST(chars, values_list_char, uint32_t, 'a', 0x1f980, 'b');
  const values_list_u8 nothing = {NULL, 0};
  values_list_u8 bytes;
  CHECK_OK(values_exports_all_same_bytes(all, nothing, arena, &bytes));
  CHECK(bytes.len == 0);
  static uint8_t many[100000];
  many[99999] = 1;
  const values_list_u8 large = {many, sizeof(many)};
  CHECK_OK(values_exports_all_same_bytes(all, large, arena, &bytes));
  CHECK(bytes.len == sizeof(many) && memcmp(bytes.ptr, many, sizeof(many)) == 0);
  /* An arena is needed for the result. */
  CHECK_FAILS(values_exports_all_same_bytes(all, large, NULL, &bytes), "api-usage");
  CHECK(bytes.ptr == NULL && bytes.len == 0);
}

static void check_texts(values* all, tenon_arena* arena) {
  const char* const texts[] = {"", "tea", "\xf0\x9f\xa6\x80"};
  tenon_string text;
  for (size_t i = 0; i < 3; ++i) {
    CHECK_OK(values_exports_all_same_string(all, tenon_string_of(texts[i]), arena, &text));
    CHECK(is_text(text, texts[i]));
  }
  CHECK_FAILS(values_exports_all_same_string(all, tenon_string_of("\xff"), arena, &text),
              "value-type");
  const tenon_string words[] = {tenon_string_of("a"), tenon_string_of(""), tenon_string_of("bc")};
  const values_list_string list = {words, 3};
  values_list_string strings;
  CHECK_OK(values_exports_all_same_strings(all, list, arena, &strings));
  CHECK(are_texts(strings, words, 3));
  values_exports_all_words same_words;
  CHECK_OK(values_exports_all_same_words(all, list, arena, &same_words));
  CHECK(are_texts(same_words, words, 3));
  const values_list_string parts[] = {{words, 1}, {NULL, 0}, {words, 3}};
  const values_list_list_string lists = {parts, 3};
  values_list_list_string deep;
  CHECK_OK(values_exports_all_same_deep(all, lists, arena, &deep));
  CHECK(deep.len == 3 && are_texts(deep.ptr[0], words, 1) && deep.ptr[1].len == 0 &&
        are_texts(deep.ptr[2], words, 3));
  const uint8_t bytes[] = {1, 2};
  const values_list_u8 each[] = {{bytes, 2}, {NULL, 0}};
  const values_list_list_u8 all_blobs = {each, 2};
  values_list_list_u8 blobs;
  CHECK_OK(values_exports_all_same_blobs(all, all_blobs, arena, &blobs));
  CHECK(blobs.len == 2 && blobs.ptr[0].len == 2 && blobs.ptr[0].ptr[1] == 2 &&
        blobs.ptr[1].len == 0);
  const values_entry_string_u32 entries[] = {{words[0], 1}, {words[2], 2}};
  const values_map_string_u32 numbers = {entries, 2};
  values_map_string_u32 map;
  CHECK_OK(values_exports_all_same_map(all, numbers, arena, &map));
  CHECK(map.len == 2 && is_text(map.ptr[0].key, "a") && map.ptr[0].value == 1 &&
        is_text(map.ptr[1].key, "bc") && map.ptr[1].value == 2);
}

static void check_structs(values* all, tenon_arena* arena) {
  const values_array4_u8 quad = {{1, 2, 3, 4}};
  values_array4_u8 same_quad;
  CHECK_OK(values_exports_all_same_quad(all, &quad, &same_quad));
  CHECK(memcmp(&quad, &same_quad, sizeof(quad)) == 0);
  CHECK_FAILS(values_exports_all_same_quad(all, NULL, &same_quad), "api-usage");
  const values_array2_string twins = {{tenon_string_of("a"), tenon_string_of("b")}};
  values_array2_string same_twins;
  CHECK_OK(values_exports_all_same_twins(all, &twins, arena, &same_twins));
  CHECK(is_text(same_twins.items[0], "a") && is_text(same_twins.items[1], "b"));
  const uint16_t numbers[] = {1, 2};
  const values_tuple4_string_s8_list_u16_option_char tuple = {
      tenon_string_of("t"), -1, {numbers, 2}, {true, 'z'}};
  values_tuple4_string_s8_list_u16_option_char same;
  CHECK_OK(values_exports_all_same_tuple(all, &tuple, arena, &same));
  CHECK(is_text(same.f0, "t") && same.f1 == -1 && same.f2.len == 2 && same.f2.ptr[1] == 2 &&
        same.f3.is_some && same.f3.value == 'z');
}

static void check_options_and_results(values* all, tenon_arena* arena) {
  values_option_string option = {true, tenon_string_of("x")};
  values_option_string same_option;
  CHECK_OK(values_exports_all_same_option(all, &option, arena, &same_option));
  CHECK(same_option.is_some && is_text(same_option.value, "x"));
  option.is_some = false;
  CHECK_OK(values_exports_all_same_option(all, &option, arena, &same_option));
  CHECK(!same_option.is_some);
  const values_option_option_u32 nested[] = {
      {false, {false, 0}}, {true, {false, 0}}, {true, {true, 3}}};
  values_option_option_u32 same_nested;
  for (size_t i = 0; i < 3; ++i) {
    CHECK_OK(values_exports_all_same_options(all, &nested[i], &same_nested));
    CHECK(same_nested.is_some == nested[i].is_some &&
          same_nested.value.is_some == nested[i].value.is_some &&
          same_nested.value.value == nested[i].value.value);
  }
  const uint8_t bytes[] = {1, 2};
  values_result_list_u8_string result = {false, {{bytes, 2}}};
  values_result_list_u8_string same_result;
  CHECK_OK(values_exports_all_same_result(all, &result, arena, &same_result));
  CHECK(!same_result.is_err && same_result.of.ok.len == 2 && same_result.of.ok.ptr[1] == 2);
  result.is_err = true;
  result.of.err = tenon_string_of("no");
  CHECK_OK(values_exports_all_same_result(all, &result, arena, &same_result));
  CHECK(same_result.is_err && is_text(same_result.of.err, "no"));
  values_result_string_void fine = {true, {{NULL, 0}}};
  CHECK_OK(values_exports_all_same_fine(all, &fine, arena, &fine));
  CHECK(fine.is_err);
  const values_result_void_exports_all_color bad = {true, {VALUES_EXPORTS_ALL_COLOR_BLUE}};
  values_result_void_exports_all_color same_bad;
  CHECK_OK(values_exports_all_same_bad(all, &bad, &same_bad));
  CHECK(same_bad.is_err && same_bad.of.err == VALUES_EXPORTS_ALL_COLOR_BLUE);
  const values_result_void_void outcomes[] = {{false}, {true}};
  values_result_void_void same_outcome;
  for (size_t i = 0; i < 2; ++i) {
    CHECK_OK(values_exports_all_same_outcome(all, &outcomes[i], &same_outcome));
    CHECK(same_outcome.is_err == outcomes[i].is_err);
  }
}

static values_exports_all_item make_item(const tenon_string* tag, const uint8_t* byte,
                                         const bool* flag) {
  const values_exports_all_item item = {
      tenon_string_of("tea"), {true, 2.5}, {tag, 1}, {byte, 1}, {flag, 1}};
  return item;
}

static bool is_item(const values_exports_all_item* item) {
  return is_text(item->name, "tea") && item->price.is_some && item->price.value == 2.5 &&
         item->tags.len == 1 && is_text(item->tags.ptr[0], "hot") && item->blob.len == 1 &&
         item->blob.ptr[0] == 1 && item->flags.len == 1 && item->flags.ptr[0];
}

static void check_named(values* all, tenon_arena* arena) {
  const tenon_string tag = tenon_string_of("hot");
  const uint8_t byte = 1;
  const bool flag = true;
  const values_exports_all_item items[] = {make_item(&tag, &byte, &flag),
                                           make_item(&tag, &byte, &flag)};
  values_exports_all_item item;
  CHECK_OK(values_exports_all_same_item(all, &items[0], arena, &item));
  CHECK(is_item(&item));
  values_exports_all_shape shape;
  values_exports_all_shape same;
  memset(&shape, 0, sizeof(shape));
  CHECK_OK(values_exports_all_same_shape(all, &shape, arena, &same));
  CHECK(same.tag == VALUES_EXPORTS_ALL_SHAPE_EMPTY);
  shape.tag = VALUES_EXPORTS_ALL_SHAPE_NUMBER;
  shape.of.number = 1.5;
  CHECK_OK(values_exports_all_same_shape(all, &shape, arena, &same));
  CHECK(same.tag == VALUES_EXPORTS_ALL_SHAPE_NUMBER && same.of.number == 1.5);
  shape.tag = VALUES_EXPORTS_ALL_SHAPE_OTHER_TEXT;
  shape.of.other_text = tag;
  CHECK_OK(values_exports_all_same_shape(all, &shape, arena, &same));
  CHECK(same.tag == VALUES_EXPORTS_ALL_SHAPE_OTHER_TEXT && is_text(same.of.other_text, "hot"));
  const values_exports_all_pair pair = {
      shape, {VALUES_EXPORTS_ALL_COLOR_RED, VALUES_EXPORTS_ALL_ACCESS_LAST}};
  values_exports_all_pair same_pair;
  CHECK_OK(values_exports_all_same_pair(all, &pair, arena, &same_pair));
  CHECK(is_text(same_pair.left.of.other_text, "hot") &&
        same_pair.right.f0 == VALUES_EXPORTS_ALL_COLOR_RED &&
        same_pair.right.f1 == VALUES_EXPORTS_ALL_ACCESS_LAST);
  shape.tag = VALUES_EXPORTS_ALL_SHAPE_ITEMS;
  shape.of.items.ptr = items;
  shape.of.items.len = 2;
  CHECK_OK(values_exports_all_same_shape(all, &shape, arena, &same));
  CHECK(same.tag == VALUES_EXPORTS_ALL_SHAPE_ITEMS && same.of.items.len == 2 &&
        is_item(&same.of.items.ptr[1]));
  const values_exports_all_color colors[] = {VALUES_EXPORTS_ALL_COLOR_GREEN,
                                             VALUES_EXPORTS_ALL_COLOR_RED};
  const values_list_exports_all_color list = {colors, 2};
  values_list_exports_all_color same_list;
  CHECK_OK(values_exports_all_same_colors(all, list, arena, &same_list));
  CHECK(same_list.len == 2 && memcmp(same_list.ptr, colors, sizeof(colors)) == 0);
  /* A case that the type does not have. */
  shape.tag = (values_exports_all_shape_tag)6;
  CHECK_FAILS(values_exports_all_same_shape(all, &shape, arena, &same), "value-type");
  CHECK(same.tag == VALUES_EXPORTS_ALL_SHAPE_EMPTY);
}

/* The same values as text, so that an error in both directions is noticed. */
static void check_text_forms(tenon_composition* composition) {
  const char* const calls[][2] = {
      {"same-item({name: \"tea\", price: some(2.5), tags: [\"hot\"], blob: [1, 2], flags: [true]})",
       "tea"},
      {"same-shape(other-text(\"oval\"))", "other-text(\"oval\")"},
      {"same-access({write, last})", "{write, last}"},
      {"same-result(err(\"no\"))", "err(\"no\")"},
      {"same-options(some(none))", "some(none)"},
      {"same-map({\"a\": 1, \"b\": 2})", "\"b\": 2"},
      {"same-tuple((\"t\", -1, [1, 2], some('z')))", "(\"t\", -1, [1, 2], some('z'))"},
      {"same-twins([\"a\", \"b\"])", "[\"a\", \"b\"]"}};
  for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); ++i) {
    char* result = NULL;
    CHECK_OK(tenon_composition_call(composition, calls[i][0], &result));
    CHECK(result != NULL && strstr(result, calls[i][1]) != NULL);
    tenon_free(result);
  }
}

void check_values(void) {
  int calls = 0;
  dropped = 0;
  tenon_composition* const composition = build_all(&calls);
  values* const all = values_find(composition, report_failure, NULL);
  CHECK(all != NULL);
  tenon_arena* const arena = tenon_arena_new();
  check_numbers(all);
  check_lists_of_numbers(all, arena);
  check_texts(all, arena);
  tenon_arena_reset(arena);
  check_structs(all, arena);
  check_options_and_results(all, arena);
  check_named(all, arena);
  tenon_arena_delete(arena);
  check_text_forms(composition);
  CHECK(calls > 60);
  values_delete(all);
  CHECK(dropped == 0);
  tenon_composition_delete(composition);
  CHECK(dropped == 1);
}
