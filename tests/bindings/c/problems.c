/* Functions that are missing or have other types, on both sides. */
#include "checks.h"
#include "tests/bindings/c/gen/house.h"
#include "tests/bindings/c/gen/values.h"

static size_t count_lines(const char* text, const char* part) {
  size_t count = 0;
  for (const char* at = strstr(text, part); at != NULL; at = strstr(at + 1, part)) ++count;
  return count;
}

static void check_exports(void) {
  static char text[65536];
  tenon_builder* const builder = tenon_builder_new();
  add_component(builder, "other-exports");
  tenon_composition* const composition = build(builder);
  CHECK(values_find(composition, collect, text) == NULL);
  CHECK(count_lines(text, "error[run-no-function]") > 30);
  const char* const differences[] = {
      "error[type-signature]: `demo:kinds/all@1.0.0#same-bool` at `$`: expected 1 parameters, "
      "found 2\n",
      "error[type-signature]: `demo:kinds/all@1.0.0#same-bool` at `$result`: expected bool, found "
      "u8\n",
      "error[type-signature]: `demo:kinds/all@1.0.0#same-option` at `$.value.some`: expected "
      "string, found u8\n",
      "error[type-signature]: `demo:kinds/all@1.0.0#same-quad` at `$.value`: expected 4 elements, "
      "found 3\n"};
  for (size_t i = 0; i < sizeof(differences) / sizeof(differences[0]); ++i)
    CHECK(strstr(text, differences[i]) != NULL);
  CHECK(count_lines(text, "error[type-signature]") == 4);
  CHECK(house_find(composition, NULL, NULL) == NULL);
  text[0] = '\0';
  CHECK(house_find(NULL, collect, text) == NULL);
  CHECK(count_lines(text, "error[api-usage]") == 4);
  tenon_composition_delete(composition);
}

/* A unit of a composition, found by its name. */
static void check_unit(void) {
  tenon_builder* const builder = tenon_builder_new();
  add_component(builder, "house");
  tenon_builder_isolate(builder, "house");
  tenon_composition* const composition = build(builder);
  tenon_unit* unit = NULL;
  CHECK_OK(tenon_composition_unit(composition, "house", &unit));
  house* const found = house_find_in(unit, report_failure, NULL);
  tenon_unit_delete(unit);
  uint32_t doors = 1;
  CHECK_OK(house_rooms_doors(found, &doors));
  CHECK(doors == 0);
  house_delete(found);
  tenon_composition_delete(composition);
}

static int calls;

static int32_t same_bool(void* user, tenon_call* call, bool value, bool* result) {
  (void)user, (void)call;
  ++calls;
  *result = value;
  return 0;
}
static int32_t same_u8(void* user, tenon_call* call, uint8_t value, uint8_t* result) {
  (void)user, (void)call;
  ++calls;
  *result = value;
  return 0;
}
static int32_t same_color(void* user, tenon_call* call, values_all_color value,
                          values_all_color* result) {
  (void)user, (void)call;
  ++calls;
  *result = value;
  return 0;
}
static int32_t same_item(void* user, tenon_call* call, const values_all_item* value,
                         values_all_item* result) {
  (void)user, (void)call;
  ++calls;
  *result = *value;
  return 0;
}
static int32_t same_pair(void* user, tenon_call* call, const values_all_pair* value,
                         values_all_pair* result) {
  (void)user, (void)call;
  ++calls;
  *result = *value;
  return 0;
}
static int32_t same_strings(void* user, tenon_call* call, values_list_string value,
                            values_list_string* result) {
  (void)user, (void)call;
  ++calls;
  *result = value;
  return 0;
}

/* A unit imports functions with other types than the program has: each call is a trap. */
static void check_imports(void) {
  values_all_functions functions;
  memset(&functions, 0, sizeof(functions));
  functions.same_bool = same_bool;
  functions.same_u8 = same_u8;
  functions.same_color = same_color;
  functions.same_item = same_item;
  functions.same_pair = same_pair;
  functions.same_strings = same_strings;
  const char* const names[] = {"u8()", "color()", "item()", "strings()", "pair()", "bool()"};
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); ++i) {
    tenon_builder* const builder = tenon_builder_new();
    values_all_provide(builder, &functions, NULL, NULL);
    add_component(builder, "other-imports");
    tenon_composition* const composition = build(builder);
    char* result = NULL;
    tenon_error* const error = tenon_composition_call(composition, names[i], &result);
    CHECK(error != NULL && strstr(tenon_error_text(error), "its types differ") != NULL);
    CHECK_FAILS(error, "run-trap");
    tenon_free(result);
    tenon_composition_delete(composition);
  }
  CHECK(calls == 0);
}

void check_problems(void) {
  check_exports();
  check_unit();
  check_imports();
}
