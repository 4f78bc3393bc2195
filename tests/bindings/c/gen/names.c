/* Made by `tenon bindgen c`. Do not edit. */
#include <tenon/detail/c_calls.h>

#include "names.h"

#if TENON_C_CALLS_VERSION != 1
#error "this file was made for other headers of tenon: run `tenon bindgen c` again"
#endif

static const tenon_c_type type_0_ = {TENON_OWN, true, 0, sizeof(void *), 0, NULL};
static const tenon_c_type type_1_ = {TENON_BORROW, true, 0, sizeof(void *), 0, NULL};
static const tenon_c_type type_2_ = {TENON_STRING, false, 0, sizeof(tenon_string), 0, NULL};
static const tenon_c_part parts_3_[] = {
    {"bad", NULL, 0}};
static const tenon_c_type type_3_ = {TENON_ENUM, false, 0, sizeof(names_std_error_code), 1, parts_3_};
static const tenon_c_part parts_4_[] = {
    {"", &type_3_, 0}};
static const tenon_c_type type_4_ = {TENON_LIST, false, 0, sizeof(tenon_c_list), 1, parts_4_};
static const tenon_c_part parts_5_[] = {
    {"std", &type_2_, offsetof(names_std_error, std_)},
    {"tenon", &type_4_, offsetof(names_std_error, tenon__)}};
static const tenon_c_type type_5_ = {TENON_RECORD, false, 0, sizeof(names_std_error), 2, parts_5_};
static const tenon_c_part parts_6_[] = {
    {"ok", &type_5_, offsetof(names_result_std_error_std_error_code, of)},
    {"err", &type_3_, offsetof(names_result_std_error_std_error_code, of)}};
static const tenon_c_type type_6_ = {TENON_RESULT, false, 0, sizeof(names_result_std_error_std_error_code), 2, parts_6_};
static const tenon_c_type type_7_ = {TENON_U8, false, 0, sizeof(uint8_t), 0, NULL};
static const tenon_c_type type_8_ = {TENON_S32, false, 0, sizeof(int32_t), 0, NULL};
static const tenon_c_part parts_9_[] = {
    {"x", &type_8_, offsetof(names_only_types_point, x)}};
static const tenon_c_type type_9_ = {TENON_RECORD, false, 0, sizeof(names_only_types_point), 1, parts_9_};
static const tenon_c_part parts_10_[] = {
    {"class", &type_7_, offsetof(names_std_class, class_)},
    {"which", &type_2_, offsetof(names_std_class, which)},
    {"int", &type_8_, offsetof(names_std_class, int_)},
    {"value", &type_9_, offsetof(names_std_class, value)},
    {"errno", &type_7_, offsetof(names_std_class, errno_)}};
static const tenon_c_type type_10_ = {TENON_RECORD, false, 0, sizeof(names_std_class), 5, parts_10_};
static const tenon_c_type type_11_ = {TENON_U32, false, 0, sizeof(uint32_t), 0, NULL};
static const tenon_c_part parts_12_[] = {
    {"", &type_5_, 0}};
static const tenon_c_type type_12_ = {TENON_LIST, false, 0, sizeof(tenon_c_list), 1, parts_12_};
static const tenon_c_part parts_13_[] = {
    {"union", &type_10_, offsetof(names_std_union, of)},
    {"value", &type_11_, offsetof(names_std_union, of)},
    {"which", &type_2_, offsetof(names_std_union, of)},
    {"error", &type_5_, offsetof(names_std_union, of)},
    {"list", &type_12_, offsetof(names_std_union, of)},
    {"none", NULL, 0}};
static const tenon_c_type type_13_ = {TENON_VARIANT, false, 0, sizeof(names_std_union), 6, parts_13_};
static const tenon_c_part parts_14_[] = {
    {"enum", NULL, 0},
    {"new", NULL, 0},
    {"delete", NULL, 0},
    {"and", NULL, 0},
    {"B-SIDE", NULL, 0}};
static const tenon_c_type type_14_ = {TENON_ENUM, false, 0, sizeof(names_std_enum), 5, parts_14_};
static const tenon_c_part parts_15_[] = {
    {"", &type_0_, 0}};
static const tenon_c_type type_15_ = {TENON_LIST, false, 0, sizeof(tenon_c_list), 1, parts_15_};
static const tenon_c_part parts_16_[] = {
    {"none", NULL, 0},
    {"some", &type_0_, offsetof(names_option_std_exports, value)}};
static const tenon_c_type type_16_ = {TENON_OPTION, false, 0, sizeof(names_option_std_exports), 2, parts_16_};
static const tenon_c_part parts_17_[] = {
    {"", &type_16_, 0}};
static const tenon_c_type type_17_ = {TENON_LIST, false, 0, sizeof(tenon_c_list), 1, parts_17_};
static const tenon_c_part parts_18_[] = {
    {"a", NULL, 0}};
static const tenon_c_type type_18_ = {TENON_FLAGS, false, 0, sizeof(names_tenon_flags), 1, parts_18_};
static const tenon_c_part parts_19_[] = {
    {"error", &type_2_, offsetof(names_first_kit_types_error, error)}};
static const tenon_c_type type_19_ = {TENON_RECORD, false, 0, sizeof(names_first_kit_types_error), 1, parts_19_};
static const tenon_c_part parts_20_[] = {
    {"inline", &type_7_, offsetof(names_inline_inline, inline_)}};
static const tenon_c_type type_20_ = {TENON_RECORD, false, 0, sizeof(names_inline_inline), 1, parts_20_};
static const tenon_c_part called_params_1_[] = {
    {"exports", &type_1_, 0}};
static const tenon_c_part called_params_2_[] = {
    {"error", &type_5_, 0},
    {"other", &type_5_, 0}};
static const tenon_c_part called_params_3_[] = {
    {"self", &type_7_, 0},
    {"this", &type_13_, 0},
    {"made", &type_10_, 0}};
static const tenon_c_part called_params_6_[] = {
    {"self", &type_1_, 0}};
static const tenon_c_part called_params_7_[] = {
    {"self", &type_1_, 0},
    {"exports", &type_15_, 0}};
static const tenon_c_part called_params_10_[] = {
    {"labels", &type_18_, 0}};
static const tenon_c_part called_params_11_[] = {
    {"e", &type_1_, 0}};
static const tenon_c_part called_params_14_[] = {
    {"fault", &type_19_, 0}};
static const tenon_c_part called_params_15_[] = {
    {"inline", &type_20_, 0}};
static const tenon_c_part called_params_16_[] = {
    {"string", &type_2_, 0}};
static const tenon_c_function called_[] = {
    {"demo:names/std@1.0.0", "[constructor]exports", NULL, 0, &type_0_, TENON_C_HAS_PARTS | TENON_C_GETS_OWN},
    {"demo:names/std@1.0.0", "[static]exports.operator", called_params_1_, 1, &type_0_, TENON_C_HAS_PARTS | TENON_C_GETS_OWN},
    {"demo:names/std@1.0.0", "fail", called_params_2_, 2, &type_6_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:names/std@1.0.0", "auto", called_params_3_, 3, &type_14_, 0},
    {"demo:names/std@1.0.0", "exports-operator", NULL, 0, NULL, 0},
    {"demo:names/std@1.0.0", "make-exports", NULL, 0, &type_0_, TENON_C_HAS_PARTS | TENON_C_GETS_OWN},
    {"demo:names/std@1.0.0", "[method]exports.all", called_params_6_, 1, &type_11_, 0},
    {"demo:names/std@1.0.0", "[method]exports.get", called_params_7_, 2, &type_17_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS | TENON_C_GETS_OWN | TENON_C_GIVES_OWN},
    {"demo:names/tenon@1.0.0", "create", NULL, 0, NULL, 0},
    {"demo:names/tenon@1.0.0", "function-flags", NULL, 0, NULL, 0},
    {"demo:names/tenon@1.0.0", "run", called_params_10_, 1, NULL, 0},
    {"demo:names/instance@1.0.0", "run", called_params_11_, 1, &type_13_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:names/instance@1.0.0", "module-name", NULL, 0, &type_2_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"first:kit/types@1.0.0", "make", NULL, 0, &type_19_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"second:kit/types@1.0.0", "make", called_params_14_, 1, &type_19_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"inline", "fill", called_params_15_, 1, &type_20_, TENON_C_HAS_PARTS},
    {"", "alone", called_params_16_, 1, &type_2_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS}};

void names_std_exports_delete(names_std_exports *handle) {
  tenon_resource_delete((tenon_resource *)handle);
}

tenon_error *names_std_exports_new(names *self, names_std_exports **result) {
  return tenon_c_call((tenon_c_found *)self, 0, NULL, NULL, result);
}

tenon_error *names_std_exports_operator(names *self, names_std_exports *exports,
                                        names_std_exports **result) {
  const void *const args_[] = {&exports};
  return tenon_c_call((tenon_c_found *)self, 1, args_, NULL, result);
}

tenon_error *names_std_fail(names *self, const names_std_error *error_,
                            const names_std_error *other, tenon_arena *arena,
                            names_result_std_error_std_error_code *result) {
  const void *const args_[] = {error_, other};
  return tenon_c_call((tenon_c_found *)self, 2, args_, arena, result);
}

tenon_error *names_std_auto(names *self, uint8_t self_, const names_std_union *this_,
                            const names_std_class *made, names_std_enum *result) {
  const void *const args_[] = {&self_, this_, made};
  return tenon_c_call((tenon_c_found *)self, 3, args_, NULL, result);
}

tenon_error *names_std_exports_operator_(names *self) {
  return tenon_function_call_flat(tenon_c_function_at((tenon_c_found *)self, 4), NULL, 0, NULL);
}

tenon_error *names_std_make_exports(names *self, names_std_exports **result) {
  return tenon_c_call((tenon_c_found *)self, 5, NULL, NULL, result);
}

tenon_error *names_std_exports_all(names *self, names_std_exports *exports,
                                   names_std_borrow_count *result) {
  const void *const args_[] = {&exports};
  return tenon_c_call((tenon_c_found *)self, 6, args_, NULL, result);
}

tenon_error *names_std_exports_get(names *self, names_std_exports *exports,
                                   names_list_std_exports exports_, tenon_arena *arena,
                                   names_list_option_std_exports *result) {
  const void *const args_[] = {&exports, &exports_};
  return tenon_c_call((tenon_c_found *)self, 7, args_, arena, result);
}

tenon_error *names_tenon_create(names *self) {
  return tenon_function_call_flat(tenon_c_function_at((tenon_c_found *)self, 8), NULL, 0, NULL);
}

tenon_error *names_tenon_function_flags(names *self) {
  return tenon_function_call_flat(tenon_c_function_at((tenon_c_found *)self, 9), NULL, 0, NULL);
}

tenon_error *names_tenon_run(names *self, names_tenon_flags labels) {
  const uint64_t flat_[] = {(uint64_t)labels};
  return tenon_function_call_flat(tenon_c_function_at((tenon_c_found *)self, 10), flat_, 1, NULL);
}

tenon_error *names_instance_run(names *self, names_std_exports *e, tenon_arena *arena,
                                names_std_union *result) {
  const void *const args_[] = {&e};
  return tenon_c_call((tenon_c_found *)self, 11, args_, arena, result);
}

tenon_error *names_instance_module_name(names *self, tenon_arena *arena, tenon_string *result) {
  return tenon_c_call((tenon_c_found *)self, 12, NULL, arena, result);
}

tenon_error *names_first_kit_types_make(names *self, tenon_arena *arena,
                                        names_first_kit_types_error *result) {
  return tenon_c_call((tenon_c_found *)self, 13, NULL, arena, result);
}

tenon_error *names_second_kit_types_make(names *self, const names_first_kit_types_error *fault,
                                         tenon_arena *arena,
                                         names_first_kit_types_error *result) {
  const void *const args_[] = {fault};
  return tenon_c_call((tenon_c_found *)self, 14, args_, arena, result);
}

tenon_error *names_inline_fill(names *self, const names_inline_inline *inline_,
                               names_inline_inline *result) {
  const void *const args_[] = {inline_};
  return tenon_c_call((tenon_c_found *)self, 15, args_, NULL, result);
}

tenon_error *names_alone(names *self, tenon_string string, tenon_arena *arena,
                         tenon_string *result) {
  const void *const args_[] = {&string};
  return tenon_c_call((tenon_c_found *)self, 16, args_, arena, result);
}

names *names_find(tenon_composition *from, void (*report)(void *user, const char *text),
                  void *user) {
  return (struct names *)tenon_c_find(from, NULL, called_, 17, report, user);
}

names *names_find_in(tenon_unit *from, void (*report)(void *user, const char *text), void *user) {
  return (struct names *)tenon_c_find(NULL, from, called_, 17, report, user);
}

void names_delete(names *self) {
  tenon_c_found_delete((tenon_c_found *)self, 17);
}
