/* Made by `tenon bindgen c`. Do not edit. */
#include <tenon/detail/c_calls.h>

#include "keeper.h"

#if TENON_C_CALLS_VERSION != 1
#error "this file was made for other headers of tenon: run `tenon bindgen c` again"
#endif

static const tenon_c_type type_0_ = {TENON_U32, false, 0, sizeof(uint32_t), 0, NULL};
static const tenon_c_type type_1_ = {TENON_OWN, false, 0, sizeof(void *), 0, NULL};
static const tenon_c_type type_2_ = {TENON_STRING, false, 0, sizeof(tenon_string), 0, NULL};
static const tenon_c_type type_3_ = {TENON_U8, false, 0, sizeof(uint8_t), 0, NULL};
static const tenon_c_part parts_4_[] = {
    {"", &type_3_, 0}};
static const tenon_c_type type_4_ = {TENON_LIST, false, 0, sizeof(tenon_c_list), 1, parts_4_};
static const tenon_c_type type_5_ = {TENON_U64, false, 0, sizeof(uint64_t), 0, NULL};
static const tenon_c_type type_6_ = {TENON_F64, false, 0, sizeof(double), 0, NULL};
static const tenon_c_part parts_7_[] = {
    {"x", &type_0_, offsetof(keeper_lib_point, x)},
    {"y", &type_5_, offsetof(keeper_lib_point, y)},
    {"z", &type_6_, offsetof(keeper_lib_point, z)}};
static const tenon_c_type type_7_ = {TENON_RECORD, false, 0, sizeof(keeper_lib_point), 3, parts_7_};
static const tenon_c_part parts_8_[] = {
    {"", &type_7_, 0}};
static const tenon_c_type type_8_ = {TENON_LIST, false, 0, sizeof(tenon_c_list), 1, parts_8_};
static const tenon_c_part parts_9_[] = {
    {"id", &type_0_, offsetof(keeper_lib_named, id)},
    {"name", &type_2_, offsetof(keeper_lib_named, name)},
    {"weight", &type_6_, offsetof(keeper_lib_named, weight)}};
static const tenon_c_type type_9_ = {TENON_RECORD, false, 0, sizeof(keeper_lib_named), 3, parts_9_};
static const tenon_c_part parts_10_[] = {
    {"", &type_9_, 0}};
static const tenon_c_type type_10_ = {TENON_LIST, false, 0, sizeof(tenon_c_list), 1, parts_10_};
static const tenon_c_part parts_11_[] = {
    {"none", NULL, 0},
    {"some", &type_2_, offsetof(keeper_option_string, value)}};
static const tenon_c_type type_11_ = {TENON_OPTION, false, 0, sizeof(keeper_option_string), 2, parts_11_};
static const tenon_c_part parts_12_[] = {
    {"ok", &type_3_, offsetof(keeper_result_u8_string, of)},
    {"err", &type_2_, offsetof(keeper_result_u8_string, of)}};
static const tenon_c_type type_12_ = {TENON_RESULT, false, 0, sizeof(keeper_result_u8_string), 2, parts_12_};
static const tenon_c_type type_13_ = {TENON_CHAR, false, 0, sizeof(uint32_t), 0, NULL};
static const tenon_c_type type_14_ = {TENON_BOOL, false, 0, sizeof(bool), 0, NULL};
static const tenon_c_type type_15_ = {TENON_S64, false, 0, sizeof(int64_t), 0, NULL};
static const tenon_c_part parts_16_[] = {
    {"", &type_13_, offsetof(keeper_tuple3_char_bool_s64, f0)},
    {"", &type_14_, offsetof(keeper_tuple3_char_bool_s64, f1)},
    {"", &type_15_, offsetof(keeper_tuple3_char_bool_s64, f2)}};
static const tenon_c_type type_16_ = {TENON_TUPLE, false, 0, sizeof(keeper_tuple3_char_bool_s64), 3, parts_16_};
static const tenon_c_part parts_17_[] = {
    {"gone", &type_2_, offsetof(keeper_lib_trouble, of)},
    {"other", NULL, 0}};
static const tenon_c_type type_17_ = {TENON_VARIANT, false, 0, sizeof(keeper_lib_trouble), 2, parts_17_};
static const tenon_c_part parts_18_[] = {
    {"red", NULL, 0},
    {"green", NULL, 0},
    {"blue", NULL, 0}};
static const tenon_c_type type_18_ = {TENON_FLAGS, false, 0, sizeof(keeper_lib_marks), 3, parts_18_};
static const tenon_c_part parts_19_[] = {
    {"", &type_11_, offsetof(keeper_tuple5_1, f0)},
    {"", &type_12_, offsetof(keeper_tuple5_1, f1)},
    {"", &type_16_, offsetof(keeper_tuple5_1, f2)},
    {"", &type_17_, offsetof(keeper_tuple5_1, f3)},
    {"", &type_18_, offsetof(keeper_tuple5_1, f4)}};
static const tenon_c_type type_19_ = {TENON_TUPLE, false, 0, sizeof(keeper_tuple5_1), 5, parts_19_};
static const tenon_c_part parts_20_[] = {
    {"ok", &type_0_, offsetof(keeper_result_u32_string, of)},
    {"err", &type_2_, offsetof(keeper_result_u32_string, of)}};
static const tenon_c_type type_20_ = {TENON_RESULT, false, 0, sizeof(keeper_result_u32_string), 2, parts_20_};
static const tenon_c_part parts_21_[] = {
    {"ok", &type_0_, offsetof(keeper_result_u32_lib_trouble, of)},
    {"err", &type_17_, offsetof(keeper_result_u32_lib_trouble, of)}};
static const tenon_c_type type_21_ = {TENON_RESULT, false, 0, sizeof(keeper_result_u32_lib_trouble), 2, parts_21_};
static const tenon_c_part parts_22_[] = {
    {"down", NULL, 0},
    {"bad", NULL, 0}};
static const tenon_c_type type_22_ = {TENON_ENUM, false, 0, sizeof(keeper_lib_reason), 2, parts_22_};
static const tenon_c_part parts_23_[] = {
    {"ok", &type_0_, offsetof(keeper_result_u32_lib_reason, of)},
    {"err", &type_22_, offsetof(keeper_result_u32_lib_reason, of)}};
static const tenon_c_type type_23_ = {TENON_RESULT, false, 0, sizeof(keeper_result_u32_lib_reason), 2, parts_23_};
static const tenon_c_type type_24_ = {TENON_BORROW, false, 0, sizeof(void *), 0, NULL};
static const tenon_c_part parts_25_[] = {
    {"none", NULL, 0},
    {"some", &type_1_, offsetof(keeper_option_lib_counter, value)}};
static const tenon_c_type type_25_ = {TENON_OPTION, false, 0, sizeof(keeper_option_lib_counter), 2, parts_25_};
static const tenon_c_part parts_26_[] = {
    {"", &type_1_, 0}};
static const tenon_c_type type_26_ = {TENON_LIST, false, 0, sizeof(tenon_c_list), 1, parts_26_};
static const tenon_c_part provided_params_0_[] = {
    {"start", &type_0_, 0}};
static const tenon_c_part provided_params_1_[] = {
    {"a", &type_1_, 0},
    {"b", &type_1_, 0}};
static const tenon_c_part provided_params_2_[] = {
    {"a", &type_0_, 0},
    {"b", &type_0_, 0}};
static const tenon_c_part provided_params_3_[] = {
    {"s", &type_2_, 0}};
static const tenon_c_part provided_params_4_[] = {
    {"bytes", &type_4_, 0}};
static const tenon_c_part provided_params_5_[] = {
    {"points", &type_8_, 0}};
static const tenon_c_part provided_params_6_[] = {
    {"named", &type_10_, 0}};
static const tenon_c_part provided_params_7_[] = {
    {"a", &type_11_, 0},
    {"b", &type_12_, 0},
    {"c", &type_16_, 0},
    {"d", &type_17_, 0},
    {"e", &type_18_, 0}};
static const tenon_c_part provided_params_11_[] = {
    {"pages", &type_0_, 0}};
static const tenon_c_part provided_params_12_[] = {
    {"n", &type_0_, 0}};
static const tenon_c_part provided_params_13_[] = {
    {"n", &type_0_, 0}};
static const tenon_c_part provided_params_14_[] = {
    {"n", &type_0_, 0}};
static const tenon_c_part provided_params_16_[] = {
    {"c", &type_1_, 0}};
static const tenon_c_part provided_params_18_[] = {
    {"self", &type_24_, 0}};
static const tenon_c_part provided_params_19_[] = {
    {"self", &type_24_, 0},
    {"other", &type_24_, 0}};
static const tenon_c_part called_params_0_[] = {
    {"c", &type_1_, 0}};
static const tenon_c_part called_params_3_[] = {
    {"counters", &type_26_, 0}};
static const tenon_c_part called_params_4_[] = {
    {"a", &type_24_, 0},
    {"b", &type_24_, 0}};
static const tenon_c_part called_params_5_[] = {
    {"c", &type_1_, 0}};
static const tenon_c_function called_[] = {
    {"demo:domains/keeper@1.0.0", "keep", called_params_0_, 1, NULL, 0},
    {"demo:domains/keeper@1.0.0", "take", NULL, 0, &type_25_, TENON_C_HAS_PARTS},
    {"demo:domains/keeper@1.0.0", "kept", NULL, 0, &type_0_, 0},
    {"demo:domains/keeper@1.0.0", "keep-all", called_params_3_, 1, &type_0_, 0},
    {"demo:domains/keeper@1.0.0", "sum", called_params_4_, 2, &type_0_, 0},
    {"demo:domains/keeper@1.0.0", "swallow", called_params_5_, 1, NULL, 0}};
static const tenon_c_function provided_[] = {
    {"demo:domains/lib@1.0.0", "[constructor]counter", provided_params_0_, 1, &type_1_, TENON_C_HAS_PARTS},
    {"demo:domains/lib@1.0.0", "[static]counter.merge", provided_params_1_, 2, &type_1_, TENON_C_HAS_PARTS},
    {"demo:domains/lib@1.0.0", "add", provided_params_2_, 2, &type_0_, 0},
    {"demo:domains/lib@1.0.0", "echo", provided_params_3_, 1, &type_2_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:domains/lib@1.0.0", "echo-bytes", provided_params_4_, 1, &type_4_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:domains/lib@1.0.0", "echo-points", provided_params_5_, 1, &type_8_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:domains/lib@1.0.0", "echo-named", provided_params_6_, 1, &type_10_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:domains/lib@1.0.0", "echo-mixed", provided_params_7_, 5, &type_19_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:domains/lib@1.0.0", "calls", NULL, 0, &type_0_, 0},
    {"demo:domains/lib@1.0.0", "boom", NULL, 0, NULL, 0},
    {"demo:domains/lib@1.0.0", "spin", NULL, 0, NULL, 0},
    {"demo:domains/lib@1.0.0", "grow", provided_params_11_, 1, &type_0_, 0},
    {"demo:domains/lib@1.0.0", "check-text", provided_params_12_, 1, &type_20_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:domains/lib@1.0.0", "check-trouble", provided_params_13_, 1, &type_21_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:domains/lib@1.0.0", "check-reason", provided_params_14_, 1, &type_23_, TENON_C_HAS_PARTS},
    {"demo:domains/lib@1.0.0", "alive", NULL, 0, &type_0_, 0},
    {"demo:domains/lib@1.0.0", "consume", provided_params_16_, 1, &type_0_, 0},
    {"demo:domains/lib@1.0.0", "make-bad", NULL, 0, &type_1_, TENON_C_HAS_PARTS},
    {"demo:domains/lib@1.0.0", "[method]counter.next", provided_params_18_, 1, &type_0_, 0},
    {"demo:domains/lib@1.0.0", "[method]counter.peek", provided_params_19_, 2, &type_0_, 0}};

struct keeper_lib_provided_ {
  tenon_c_provided base;
  keeper_lib_functions functions;
};

static int32_t keeper_lib_counter_new_(void *self, tenon_call *call, const tenon_value *args,
                                       size_t nargs, tenon_value *result) {
  const struct keeper_lib_provided_ *const to_ = (const struct keeper_lib_provided_ *)self;
  uint32_t start;
  void *const places_[] = {&start};
  keeper_lib_counter *value_;
  if (tenon_c_read_args(&provided_[0], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.counter_new)(to_->base.user, call, start, &value_) != 0) return 1;
  return tenon_c_return(&provided_[0], call, &value_, result);
}

static int32_t keeper_lib_counter_merge_(void *self, tenon_call *call, const tenon_value *args,
                                         size_t nargs, tenon_value *result) {
  const struct keeper_lib_provided_ *const to_ = (const struct keeper_lib_provided_ *)self;
  keeper_lib_counter *a;
  keeper_lib_counter *b;
  void *const places_[] = {&a, &b};
  keeper_lib_counter *value_;
  if (tenon_c_read_args(&provided_[1], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.counter_merge)(to_->base.user, call, a, b, &value_) != 0) return 1;
  return tenon_c_return(&provided_[1], call, &value_, result);
}

static int32_t keeper_lib_add_(void *self, tenon_call *call, const tenon_value *args,
                               size_t nargs, tenon_value *result) {
  const struct keeper_lib_provided_ *const to_ = (const struct keeper_lib_provided_ *)self;
  uint32_t a;
  uint32_t b;
  void *const places_[] = {&a, &b};
  uint32_t value_;
  if (tenon_c_read_args(&provided_[2], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.add)(to_->base.user, call, a, b, &value_) != 0) return 1;
  return tenon_c_return(&provided_[2], call, &value_, result);
}

static int32_t keeper_lib_echo_(void *self, tenon_call *call, const tenon_value *args,
                                size_t nargs, tenon_value *result) {
  const struct keeper_lib_provided_ *const to_ = (const struct keeper_lib_provided_ *)self;
  tenon_string s;
  void *const places_[] = {&s};
  tenon_string value_;
  if (tenon_c_read_args(&provided_[3], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.echo)(to_->base.user, call, s, &value_) != 0) return 1;
  return tenon_c_return(&provided_[3], call, &value_, result);
}

static int32_t keeper_lib_echo_bytes_(void *self, tenon_call *call, const tenon_value *args,
                                      size_t nargs, tenon_value *result) {
  const struct keeper_lib_provided_ *const to_ = (const struct keeper_lib_provided_ *)self;
  keeper_list_u8 bytes;
  void *const places_[] = {&bytes};
  keeper_list_u8 value_;
  if (tenon_c_read_args(&provided_[4], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.echo_bytes)(to_->base.user, call, bytes, &value_) != 0) return 1;
  return tenon_c_return(&provided_[4], call, &value_, result);
}

static int32_t keeper_lib_echo_points_(void *self, tenon_call *call, const tenon_value *args,
                                       size_t nargs, tenon_value *result) {
  const struct keeper_lib_provided_ *const to_ = (const struct keeper_lib_provided_ *)self;
  keeper_list_lib_point points;
  void *const places_[] = {&points};
  keeper_list_lib_point value_;
  if (tenon_c_read_args(&provided_[5], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.echo_points)(to_->base.user, call, points, &value_) != 0) return 1;
  return tenon_c_return(&provided_[5], call, &value_, result);
}

static int32_t keeper_lib_echo_named_(void *self, tenon_call *call, const tenon_value *args,
                                      size_t nargs, tenon_value *result) {
  const struct keeper_lib_provided_ *const to_ = (const struct keeper_lib_provided_ *)self;
  keeper_list_lib_named named;
  void *const places_[] = {&named};
  keeper_list_lib_named value_;
  if (tenon_c_read_args(&provided_[6], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.echo_named)(to_->base.user, call, named, &value_) != 0) return 1;
  return tenon_c_return(&provided_[6], call, &value_, result);
}

static int32_t keeper_lib_echo_mixed_(void *self, tenon_call *call, const tenon_value *args,
                                      size_t nargs, tenon_value *result) {
  const struct keeper_lib_provided_ *const to_ = (const struct keeper_lib_provided_ *)self;
  keeper_option_string a;
  keeper_result_u8_string b;
  keeper_tuple3_char_bool_s64 c;
  keeper_lib_trouble d;
  keeper_lib_marks e;
  void *const places_[] = {&a, &b, &c, &d, &e};
  keeper_tuple5_1 value_;
  if (tenon_c_read_args(&provided_[7], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.echo_mixed)(to_->base.user, call, &a, &b, &c, &d, e, &value_) != 0) return 1;
  return tenon_c_return(&provided_[7], call, &value_, result);
}

static int32_t keeper_lib_calls_(void *self, tenon_call *call, const tenon_value *args,
                                 size_t nargs, tenon_value *result) {
  const struct keeper_lib_provided_ *const to_ = (const struct keeper_lib_provided_ *)self;
  uint32_t value_;
  if (tenon_c_read_args(&provided_[8], call, args, nargs, NULL) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.calls)(to_->base.user, call, &value_) != 0) return 1;
  return tenon_c_return(&provided_[8], call, &value_, result);
}

static int32_t keeper_lib_boom_(void *self, tenon_call *call, const tenon_value *args,
                                size_t nargs, tenon_value *result) {
  const struct keeper_lib_provided_ *const to_ = (const struct keeper_lib_provided_ *)self;
  if (tenon_c_read_args(&provided_[9], call, args, nargs, NULL) != 0) return 1;
  (void)result;
  return (to_->functions.boom)(to_->base.user, call);
}

static int32_t keeper_lib_spin_(void *self, tenon_call *call, const tenon_value *args,
                                size_t nargs, tenon_value *result) {
  const struct keeper_lib_provided_ *const to_ = (const struct keeper_lib_provided_ *)self;
  if (tenon_c_read_args(&provided_[10], call, args, nargs, NULL) != 0) return 1;
  (void)result;
  return (to_->functions.spin)(to_->base.user, call);
}

static int32_t keeper_lib_grow_(void *self, tenon_call *call, const tenon_value *args,
                                size_t nargs, tenon_value *result) {
  const struct keeper_lib_provided_ *const to_ = (const struct keeper_lib_provided_ *)self;
  uint32_t pages;
  void *const places_[] = {&pages};
  uint32_t value_;
  if (tenon_c_read_args(&provided_[11], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.grow)(to_->base.user, call, pages, &value_) != 0) return 1;
  return tenon_c_return(&provided_[11], call, &value_, result);
}

static int32_t keeper_lib_check_text_(void *self, tenon_call *call, const tenon_value *args,
                                      size_t nargs, tenon_value *result) {
  const struct keeper_lib_provided_ *const to_ = (const struct keeper_lib_provided_ *)self;
  uint32_t n;
  void *const places_[] = {&n};
  keeper_result_u32_string value_;
  if (tenon_c_read_args(&provided_[12], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.check_text)(to_->base.user, call, n, &value_) != 0) return 1;
  return tenon_c_return(&provided_[12], call, &value_, result);
}

static int32_t keeper_lib_check_trouble_(void *self, tenon_call *call, const tenon_value *args,
                                         size_t nargs, tenon_value *result) {
  const struct keeper_lib_provided_ *const to_ = (const struct keeper_lib_provided_ *)self;
  uint32_t n;
  void *const places_[] = {&n};
  keeper_result_u32_lib_trouble value_;
  if (tenon_c_read_args(&provided_[13], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.check_trouble)(to_->base.user, call, n, &value_) != 0) return 1;
  return tenon_c_return(&provided_[13], call, &value_, result);
}

static int32_t keeper_lib_check_reason_(void *self, tenon_call *call, const tenon_value *args,
                                        size_t nargs, tenon_value *result) {
  const struct keeper_lib_provided_ *const to_ = (const struct keeper_lib_provided_ *)self;
  uint32_t n;
  void *const places_[] = {&n};
  keeper_result_u32_lib_reason value_;
  if (tenon_c_read_args(&provided_[14], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.check_reason)(to_->base.user, call, n, &value_) != 0) return 1;
  return tenon_c_return(&provided_[14], call, &value_, result);
}

static int32_t keeper_lib_alive_(void *self, tenon_call *call, const tenon_value *args,
                                 size_t nargs, tenon_value *result) {
  const struct keeper_lib_provided_ *const to_ = (const struct keeper_lib_provided_ *)self;
  uint32_t value_;
  if (tenon_c_read_args(&provided_[15], call, args, nargs, NULL) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.alive)(to_->base.user, call, &value_) != 0) return 1;
  return tenon_c_return(&provided_[15], call, &value_, result);
}

static int32_t keeper_lib_consume_(void *self, tenon_call *call, const tenon_value *args,
                                   size_t nargs, tenon_value *result) {
  const struct keeper_lib_provided_ *const to_ = (const struct keeper_lib_provided_ *)self;
  keeper_lib_counter *c;
  void *const places_[] = {&c};
  uint32_t value_;
  if (tenon_c_read_args(&provided_[16], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.consume)(to_->base.user, call, c, &value_) != 0) return 1;
  return tenon_c_return(&provided_[16], call, &value_, result);
}

static int32_t keeper_lib_make_bad_(void *self, tenon_call *call, const tenon_value *args,
                                    size_t nargs, tenon_value *result) {
  const struct keeper_lib_provided_ *const to_ = (const struct keeper_lib_provided_ *)self;
  keeper_lib_counter *value_;
  if (tenon_c_read_args(&provided_[17], call, args, nargs, NULL) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.make_bad)(to_->base.user, call, &value_) != 0) return 1;
  return tenon_c_return(&provided_[17], call, &value_, result);
}

static int32_t keeper_lib_counter_next_(void *self, tenon_call *call, const tenon_value *args,
                                        size_t nargs, tenon_value *result) {
  const struct keeper_lib_provided_ *const to_ = (const struct keeper_lib_provided_ *)self;
  keeper_lib_counter *counter;
  void *const places_[] = {&counter};
  uint32_t value_;
  if (tenon_c_read_args(&provided_[18], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.counter_next)(to_->base.user, call, counter, &value_) != 0) return 1;
  return tenon_c_return(&provided_[18], call, &value_, result);
}

static int32_t keeper_lib_counter_peek_(void *self, tenon_call *call, const tenon_value *args,
                                        size_t nargs, tenon_value *result) {
  const struct keeper_lib_provided_ *const to_ = (const struct keeper_lib_provided_ *)self;
  keeper_lib_counter *counter;
  keeper_lib_counter *other;
  void *const places_[] = {&counter, &other};
  uint32_t value_;
  if (tenon_c_read_args(&provided_[19], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.counter_peek)(to_->base.user, call, counter, other, &value_) != 0) return 1;
  return tenon_c_return(&provided_[19], call, &value_, result);
}

static void keeper_lib_counter_drop_(void *self, void *rep) {
  const struct keeper_lib_provided_ *const to_ = (const struct keeper_lib_provided_ *)self;
  (to_->functions.counter_drop)(to_->base.user, (keeper_lib_counter *)rep);
}

void keeper_lib_provide(tenon_builder *builder, const keeper_lib_functions *functions,
                        void *user, void (*drop)(void *user)) {
  struct keeper_lib_provided_ *const to_ = (struct keeper_lib_provided_ *)tenon_c_provide(builder, sizeof(struct keeper_lib_provided_), user, drop);
  if (to_ == NULL) return;
  to_->functions = *functions;
  tenon_builder_add_resource(builder, "demo:domains/lib@1.0.0", "counter",
                             functions->counter_drop != NULL ? keeper_lib_counter_drop_ : NULL, tenon_c_share(&to_->base),
                             tenon_c_unprovide);
  tenon_c_add(builder, &provided_[0], functions->counter_new != NULL ? keeper_lib_counter_new_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[1], functions->counter_merge != NULL ? keeper_lib_counter_merge_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[2], functions->add != NULL ? keeper_lib_add_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[3], functions->echo != NULL ? keeper_lib_echo_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[4], functions->echo_bytes != NULL ? keeper_lib_echo_bytes_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[5], functions->echo_points != NULL ? keeper_lib_echo_points_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[6], functions->echo_named != NULL ? keeper_lib_echo_named_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[7], functions->echo_mixed != NULL ? keeper_lib_echo_mixed_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[8], functions->calls != NULL ? keeper_lib_calls_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[9], functions->boom != NULL ? keeper_lib_boom_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[10], functions->spin != NULL ? keeper_lib_spin_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[11], functions->grow != NULL ? keeper_lib_grow_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[12], functions->check_text != NULL ? keeper_lib_check_text_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[13], functions->check_trouble != NULL ? keeper_lib_check_trouble_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[14], functions->check_reason != NULL ? keeper_lib_check_reason_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[15], functions->alive != NULL ? keeper_lib_alive_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[16], functions->consume != NULL ? keeper_lib_consume_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[17], functions->make_bad != NULL ? keeper_lib_make_bad_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[18], functions->counter_next != NULL ? keeper_lib_counter_next_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[19], functions->counter_peek != NULL ? keeper_lib_counter_peek_ : NULL, &to_->base);
  tenon_c_unprovide(to_);
}

tenon_error *keeper_keeper_keep(keeper *self, keeper_lib_counter *c) {
  const void *const args_[] = {&c};
  return tenon_c_call((tenon_c_found *)self, 0, args_, NULL, NULL);
}

tenon_error *keeper_keeper_take(keeper *self, keeper_option_lib_counter *result) {
  return tenon_c_call((tenon_c_found *)self, 1, NULL, NULL, result);
}

tenon_error *keeper_keeper_kept(keeper *self, uint32_t *result) {
  uint64_t number_ = 0;
  tenon_error *const error_ = tenon_function_call_flat(tenon_c_function_at((tenon_c_found *)self, 2), NULL, 0, &number_);
  if (result != NULL) *result = (uint32_t)number_;
  return error_;
}

tenon_error *keeper_keeper_keep_all(keeper *self, keeper_list_lib_counter counters,
                                    uint32_t *result) {
  const void *const args_[] = {&counters};
  return tenon_c_call((tenon_c_found *)self, 3, args_, NULL, result);
}

tenon_error *keeper_keeper_sum(keeper *self, keeper_lib_counter *a, keeper_lib_counter *b,
                               uint32_t *result) {
  const void *const args_[] = {&a, &b};
  return tenon_c_call((tenon_c_found *)self, 4, args_, NULL, result);
}

tenon_error *keeper_keeper_swallow(keeper *self, keeper_lib_counter *c) {
  const void *const args_[] = {&c};
  return tenon_c_call((tenon_c_found *)self, 5, args_, NULL, NULL);
}

keeper *keeper_find(tenon_composition *from, void (*report)(void *user, const char *text),
                    void *user) {
  return (struct keeper *)tenon_c_find(from, NULL, called_, 6, report, user);
}

keeper *keeper_find_in(tenon_unit *from, void (*report)(void *user, const char *text),
                       void *user) {
  return (struct keeper *)tenon_c_find(NULL, from, called_, 6, report, user);
}

void keeper_delete(keeper *self) {
  tenon_c_found_delete((tenon_c_found *)self, 6);
}
