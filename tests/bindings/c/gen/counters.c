/* Made by `tenon bindgen c`. Do not edit. */
#include <tenon/detail/c_calls.h>

#include "counters.h"

#if TENON_C_CALLS_VERSION != 1
#error "this file was made for other headers of tenon: run `tenon bindgen c` again"
#endif

static const tenon_c_type type_0_ = {TENON_U32, false, 0, sizeof(uint32_t), 0, NULL};
static const tenon_c_type type_1_ = {TENON_OWN, true, 0, sizeof(void *), 0, NULL};
static const tenon_c_type type_2_ = {TENON_STRING, false, 0, sizeof(tenon_string), 0, NULL};
static const tenon_c_type type_3_ = {TENON_U8, false, 0, sizeof(uint8_t), 0, NULL};
static const tenon_c_part parts_4_[] = {
    {"", &type_3_, 0}};
static const tenon_c_type type_4_ = {TENON_LIST, false, 0, sizeof(tenon_c_list), 1, parts_4_};
static const tenon_c_type type_5_ = {TENON_U64, false, 0, sizeof(uint64_t), 0, NULL};
static const tenon_c_type type_6_ = {TENON_F64, false, 0, sizeof(double), 0, NULL};
static const tenon_c_part parts_7_[] = {
    {"x", &type_0_, offsetof(counters_lib_point, x)},
    {"y", &type_5_, offsetof(counters_lib_point, y)},
    {"z", &type_6_, offsetof(counters_lib_point, z)}};
static const tenon_c_type type_7_ = {TENON_RECORD, false, 0, sizeof(counters_lib_point), 3, parts_7_};
static const tenon_c_part parts_8_[] = {
    {"", &type_7_, 0}};
static const tenon_c_type type_8_ = {TENON_LIST, false, 0, sizeof(tenon_c_list), 1, parts_8_};
static const tenon_c_part parts_9_[] = {
    {"id", &type_0_, offsetof(counters_lib_named, id)},
    {"name", &type_2_, offsetof(counters_lib_named, name)},
    {"weight", &type_6_, offsetof(counters_lib_named, weight)}};
static const tenon_c_type type_9_ = {TENON_RECORD, false, 0, sizeof(counters_lib_named), 3, parts_9_};
static const tenon_c_part parts_10_[] = {
    {"", &type_9_, 0}};
static const tenon_c_type type_10_ = {TENON_LIST, false, 0, sizeof(tenon_c_list), 1, parts_10_};
static const tenon_c_part parts_11_[] = {
    {"none", NULL, 0},
    {"some", &type_2_, offsetof(counters_option_string, value)}};
static const tenon_c_type type_11_ = {TENON_OPTION, false, 0, sizeof(counters_option_string), 2, parts_11_};
static const tenon_c_part parts_12_[] = {
    {"ok", &type_3_, offsetof(counters_result_u8_string, of)},
    {"err", &type_2_, offsetof(counters_result_u8_string, of)}};
static const tenon_c_type type_12_ = {TENON_RESULT, false, 0, sizeof(counters_result_u8_string), 2, parts_12_};
static const tenon_c_type type_13_ = {TENON_CHAR, false, 0, sizeof(uint32_t), 0, NULL};
static const tenon_c_type type_14_ = {TENON_BOOL, false, 0, sizeof(bool), 0, NULL};
static const tenon_c_type type_15_ = {TENON_S64, false, 0, sizeof(int64_t), 0, NULL};
static const tenon_c_part parts_16_[] = {
    {"", &type_13_, offsetof(counters_tuple3_char_bool_s64, f0)},
    {"", &type_14_, offsetof(counters_tuple3_char_bool_s64, f1)},
    {"", &type_15_, offsetof(counters_tuple3_char_bool_s64, f2)}};
static const tenon_c_type type_16_ = {TENON_TUPLE, false, 0, sizeof(counters_tuple3_char_bool_s64), 3, parts_16_};
static const tenon_c_part parts_17_[] = {
    {"gone", &type_2_, offsetof(counters_lib_trouble, of)},
    {"other", NULL, 0}};
static const tenon_c_type type_17_ = {TENON_VARIANT, false, 0, sizeof(counters_lib_trouble), 2, parts_17_};
static const tenon_c_part parts_18_[] = {
    {"red", NULL, 0},
    {"green", NULL, 0},
    {"blue", NULL, 0}};
static const tenon_c_type type_18_ = {TENON_FLAGS, false, 0, sizeof(counters_lib_marks), 3, parts_18_};
static const tenon_c_part parts_19_[] = {
    {"", &type_11_, offsetof(counters_tuple5_1, f0)},
    {"", &type_12_, offsetof(counters_tuple5_1, f1)},
    {"", &type_16_, offsetof(counters_tuple5_1, f2)},
    {"", &type_17_, offsetof(counters_tuple5_1, f3)},
    {"", &type_18_, offsetof(counters_tuple5_1, f4)}};
static const tenon_c_type type_19_ = {TENON_TUPLE, false, 0, sizeof(counters_tuple5_1), 5, parts_19_};
static const tenon_c_part parts_20_[] = {
    {"ok", &type_0_, offsetof(counters_result_u32_string, of)},
    {"err", &type_2_, offsetof(counters_result_u32_string, of)}};
static const tenon_c_type type_20_ = {TENON_RESULT, false, 0, sizeof(counters_result_u32_string), 2, parts_20_};
static const tenon_c_part parts_21_[] = {
    {"ok", &type_0_, offsetof(counters_result_u32_lib_trouble, of)},
    {"err", &type_17_, offsetof(counters_result_u32_lib_trouble, of)}};
static const tenon_c_type type_21_ = {TENON_RESULT, false, 0, sizeof(counters_result_u32_lib_trouble), 2, parts_21_};
static const tenon_c_part parts_22_[] = {
    {"down", NULL, 0},
    {"bad", NULL, 0}};
static const tenon_c_type type_22_ = {TENON_ENUM, false, 0, sizeof(counters_lib_reason), 2, parts_22_};
static const tenon_c_part parts_23_[] = {
    {"ok", &type_0_, offsetof(counters_result_u32_lib_reason, of)},
    {"err", &type_22_, offsetof(counters_result_u32_lib_reason, of)}};
static const tenon_c_type type_23_ = {TENON_RESULT, false, 0, sizeof(counters_result_u32_lib_reason), 2, parts_23_};
static const tenon_c_type type_24_ = {TENON_BORROW, true, 0, sizeof(void *), 0, NULL};
static const tenon_c_part parts_25_[] = {
    {"none", NULL, 0},
    {"some", &type_1_, offsetof(counters_option_lib_counter, value)}};
static const tenon_c_type type_25_ = {TENON_OPTION, false, 0, sizeof(counters_option_lib_counter), 2, parts_25_};
static const tenon_c_part parts_26_[] = {
    {"", &type_1_, 0}};
static const tenon_c_type type_26_ = {TENON_LIST, false, 0, sizeof(tenon_c_list), 1, parts_26_};
static const tenon_c_part called_params_0_[] = {
    {"start", &type_0_, 0}};
static const tenon_c_part called_params_1_[] = {
    {"a", &type_1_, 0},
    {"b", &type_1_, 0}};
static const tenon_c_part called_params_2_[] = {
    {"a", &type_0_, 0},
    {"b", &type_0_, 0}};
static const tenon_c_part called_params_3_[] = {
    {"s", &type_2_, 0}};
static const tenon_c_part called_params_4_[] = {
    {"bytes", &type_4_, 0}};
static const tenon_c_part called_params_5_[] = {
    {"points", &type_8_, 0}};
static const tenon_c_part called_params_6_[] = {
    {"named", &type_10_, 0}};
static const tenon_c_part called_params_7_[] = {
    {"a", &type_11_, 0},
    {"b", &type_12_, 0},
    {"c", &type_16_, 0},
    {"d", &type_17_, 0},
    {"e", &type_18_, 0}};
static const tenon_c_part called_params_11_[] = {
    {"pages", &type_0_, 0}};
static const tenon_c_part called_params_12_[] = {
    {"n", &type_0_, 0}};
static const tenon_c_part called_params_13_[] = {
    {"n", &type_0_, 0}};
static const tenon_c_part called_params_14_[] = {
    {"n", &type_0_, 0}};
static const tenon_c_part called_params_16_[] = {
    {"c", &type_1_, 0}};
static const tenon_c_part called_params_18_[] = {
    {"self", &type_24_, 0}};
static const tenon_c_part called_params_19_[] = {
    {"self", &type_24_, 0},
    {"other", &type_24_, 0}};
static const tenon_c_part called_params_20_[] = {
    {"c", &type_1_, 0}};
static const tenon_c_part called_params_23_[] = {
    {"counters", &type_26_, 0}};
static const tenon_c_part called_params_24_[] = {
    {"a", &type_24_, 0},
    {"b", &type_24_, 0}};
static const tenon_c_part called_params_25_[] = {
    {"c", &type_1_, 0}};
static const tenon_c_function called_[] = {
    {"demo:domains/lib@1.0.0", "[constructor]counter", called_params_0_, 1, &type_1_, TENON_C_HAS_PARTS | TENON_C_GETS_OWN},
    {"demo:domains/lib@1.0.0", "[static]counter.merge", called_params_1_, 2, &type_1_, TENON_C_HAS_PARTS | TENON_C_GETS_OWN | TENON_C_GIVES_OWN},
    {"demo:domains/lib@1.0.0", "add", called_params_2_, 2, &type_0_, 0},
    {"demo:domains/lib@1.0.0", "echo", called_params_3_, 1, &type_2_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:domains/lib@1.0.0", "echo-bytes", called_params_4_, 1, &type_4_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:domains/lib@1.0.0", "echo-points", called_params_5_, 1, &type_8_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:domains/lib@1.0.0", "echo-named", called_params_6_, 1, &type_10_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:domains/lib@1.0.0", "echo-mixed", called_params_7_, 5, &type_19_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:domains/lib@1.0.0", "calls", NULL, 0, &type_0_, 0},
    {"demo:domains/lib@1.0.0", "boom", NULL, 0, NULL, 0},
    {"demo:domains/lib@1.0.0", "spin", NULL, 0, NULL, 0},
    {"demo:domains/lib@1.0.0", "grow", called_params_11_, 1, &type_0_, 0},
    {"demo:domains/lib@1.0.0", "check-text", called_params_12_, 1, &type_20_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:domains/lib@1.0.0", "check-trouble", called_params_13_, 1, &type_21_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:domains/lib@1.0.0", "check-reason", called_params_14_, 1, &type_23_, TENON_C_HAS_PARTS},
    {"demo:domains/lib@1.0.0", "alive", NULL, 0, &type_0_, 0},
    {"demo:domains/lib@1.0.0", "consume", called_params_16_, 1, &type_0_, TENON_C_GIVES_OWN},
    {"demo:domains/lib@1.0.0", "make-bad", NULL, 0, &type_1_, TENON_C_HAS_PARTS | TENON_C_GETS_OWN},
    {"demo:domains/lib@1.0.0", "[method]counter.next", called_params_18_, 1, &type_0_, 0},
    {"demo:domains/lib@1.0.0", "[method]counter.peek", called_params_19_, 2, &type_0_, 0},
    {"demo:domains/keeper@1.0.0", "keep", called_params_20_, 1, NULL, TENON_C_GIVES_OWN},
    {"demo:domains/keeper@1.0.0", "take", NULL, 0, &type_25_, TENON_C_HAS_PARTS | TENON_C_GETS_OWN},
    {"demo:domains/keeper@1.0.0", "kept", NULL, 0, &type_0_, 0},
    {"demo:domains/keeper@1.0.0", "keep-all", called_params_23_, 1, &type_0_, TENON_C_GIVES_OWN},
    {"demo:domains/keeper@1.0.0", "sum", called_params_24_, 2, &type_0_, 0},
    {"demo:domains/keeper@1.0.0", "swallow", called_params_25_, 1, NULL, TENON_C_GIVES_OWN}};

void counters_lib_counter_delete(counters_lib_counter *handle) {
  tenon_resource_delete((tenon_resource *)handle);
}

tenon_error *counters_lib_counter_new(counters *self, uint32_t start,
                                      counters_lib_counter **result) {
  const void *const args_[] = {&start};
  return tenon_c_call((tenon_c_found *)self, 0, args_, NULL, result);
}

tenon_error *counters_lib_counter_merge(counters *self, counters_lib_counter *a,
                                        counters_lib_counter *b, counters_lib_counter **result) {
  const void *const args_[] = {&a, &b};
  return tenon_c_call((tenon_c_found *)self, 1, args_, NULL, result);
}

tenon_error *counters_lib_add(counters *self, uint32_t a, uint32_t b, uint32_t *result) {
  const uint64_t flat_[] = {(uint64_t)a, (uint64_t)b};
  uint64_t number_ = 0;
  tenon_error *const error_ = tenon_function_call_flat(tenon_c_function_at((tenon_c_found *)self, 2), flat_, 2, &number_);
  if (result != NULL) *result = (uint32_t)number_;
  return error_;
}

tenon_error *counters_lib_echo(counters *self, tenon_string s, tenon_arena *arena,
                               tenon_string *result) {
  const void *const args_[] = {&s};
  return tenon_c_call((tenon_c_found *)self, 3, args_, arena, result);
}

tenon_error *counters_lib_echo_bytes(counters *self, counters_list_u8 bytes, tenon_arena *arena,
                                     counters_list_u8 *result) {
  const void *const args_[] = {&bytes};
  return tenon_c_call((tenon_c_found *)self, 4, args_, arena, result);
}

tenon_error *counters_lib_echo_points(counters *self, counters_list_lib_point points,
                                      tenon_arena *arena, counters_list_lib_point *result) {
  const void *const args_[] = {&points};
  return tenon_c_call((tenon_c_found *)self, 5, args_, arena, result);
}

tenon_error *counters_lib_echo_named(counters *self, counters_list_lib_named named,
                                     tenon_arena *arena, counters_list_lib_named *result) {
  const void *const args_[] = {&named};
  return tenon_c_call((tenon_c_found *)self, 6, args_, arena, result);
}

tenon_error *counters_lib_echo_mixed(counters *self, const counters_option_string *a,
                                     const counters_result_u8_string *b,
                                     const counters_tuple3_char_bool_s64 *c,
                                     const counters_lib_trouble *d, counters_lib_marks e,
                                     tenon_arena *arena, counters_tuple5_1 *result) {
  const void *const args_[] = {a, b, c, d, &e};
  return tenon_c_call((tenon_c_found *)self, 7, args_, arena, result);
}

tenon_error *counters_lib_calls(counters *self, uint32_t *result) {
  uint64_t number_ = 0;
  tenon_error *const error_ = tenon_function_call_flat(tenon_c_function_at((tenon_c_found *)self, 8), NULL, 0, &number_);
  if (result != NULL) *result = (uint32_t)number_;
  return error_;
}

tenon_error *counters_lib_boom(counters *self) {
  return tenon_function_call_flat(tenon_c_function_at((tenon_c_found *)self, 9), NULL, 0, NULL);
}

tenon_error *counters_lib_spin(counters *self) {
  return tenon_function_call_flat(tenon_c_function_at((tenon_c_found *)self, 10), NULL, 0, NULL);
}

tenon_error *counters_lib_grow(counters *self, uint32_t pages, uint32_t *result) {
  const uint64_t flat_[] = {(uint64_t)pages};
  uint64_t number_ = 0;
  tenon_error *const error_ = tenon_function_call_flat(tenon_c_function_at((tenon_c_found *)self, 11), flat_, 1, &number_);
  if (result != NULL) *result = (uint32_t)number_;
  return error_;
}

tenon_error *counters_lib_check_text(counters *self, uint32_t n, tenon_arena *arena,
                                     counters_result_u32_string *result) {
  const void *const args_[] = {&n};
  return tenon_c_call((tenon_c_found *)self, 12, args_, arena, result);
}

tenon_error *counters_lib_check_trouble(counters *self, uint32_t n, tenon_arena *arena,
                                        counters_result_u32_lib_trouble *result) {
  const void *const args_[] = {&n};
  return tenon_c_call((tenon_c_found *)self, 13, args_, arena, result);
}

tenon_error *counters_lib_check_reason(counters *self, uint32_t n,
                                       counters_result_u32_lib_reason *result) {
  const void *const args_[] = {&n};
  return tenon_c_call((tenon_c_found *)self, 14, args_, NULL, result);
}

tenon_error *counters_lib_alive(counters *self, uint32_t *result) {
  uint64_t number_ = 0;
  tenon_error *const error_ = tenon_function_call_flat(tenon_c_function_at((tenon_c_found *)self, 15), NULL, 0, &number_);
  if (result != NULL) *result = (uint32_t)number_;
  return error_;
}

tenon_error *counters_lib_consume(counters *self, counters_lib_counter *c, uint32_t *result) {
  const void *const args_[] = {&c};
  return tenon_c_call((tenon_c_found *)self, 16, args_, NULL, result);
}

tenon_error *counters_lib_make_bad(counters *self, counters_lib_counter **result) {
  return tenon_c_call((tenon_c_found *)self, 17, NULL, NULL, result);
}

tenon_error *counters_lib_counter_next(counters *self, counters_lib_counter *counter,
                                       uint32_t *result) {
  const void *const args_[] = {&counter};
  return tenon_c_call((tenon_c_found *)self, 18, args_, NULL, result);
}

tenon_error *counters_lib_counter_peek(counters *self, counters_lib_counter *counter,
                                       counters_lib_counter *other, uint32_t *result) {
  const void *const args_[] = {&counter, &other};
  return tenon_c_call((tenon_c_found *)self, 19, args_, NULL, result);
}

tenon_error *counters_keeper_keep(counters *self, counters_lib_counter *c) {
  const void *const args_[] = {&c};
  return tenon_c_call((tenon_c_found *)self, 20, args_, NULL, NULL);
}

tenon_error *counters_keeper_take(counters *self, counters_option_lib_counter *result) {
  return tenon_c_call((tenon_c_found *)self, 21, NULL, NULL, result);
}

tenon_error *counters_keeper_kept(counters *self, uint32_t *result) {
  uint64_t number_ = 0;
  tenon_error *const error_ = tenon_function_call_flat(tenon_c_function_at((tenon_c_found *)self, 22), NULL, 0, &number_);
  if (result != NULL) *result = (uint32_t)number_;
  return error_;
}

tenon_error *counters_keeper_keep_all(counters *self, counters_list_lib_counter counters_,
                                      uint32_t *result) {
  const void *const args_[] = {&counters_};
  return tenon_c_call((tenon_c_found *)self, 23, args_, NULL, result);
}

tenon_error *counters_keeper_sum(counters *self, counters_lib_counter *a,
                                 counters_lib_counter *b, uint32_t *result) {
  const void *const args_[] = {&a, &b};
  return tenon_c_call((tenon_c_found *)self, 24, args_, NULL, result);
}

tenon_error *counters_keeper_swallow(counters *self, counters_lib_counter *c) {
  const void *const args_[] = {&c};
  return tenon_c_call((tenon_c_found *)self, 25, args_, NULL, NULL);
}

counters *counters_find(tenon_composition *from, void (*report)(void *user, const char *text),
                        void *user) {
  return (struct counters *)tenon_c_find(from, NULL, called_, 26, report, user);
}

counters *counters_find_in(tenon_unit *from, void (*report)(void *user, const char *text),
                           void *user) {
  return (struct counters *)tenon_c_find(NULL, from, called_, 26, report, user);
}

void counters_delete(counters *self) {
  tenon_c_found_delete((tenon_c_found *)self, 26);
}
