/* Made by `tenon bindgen c`. Do not edit. */
#include <tenon/detail/c_calls.h>

#include "names_provided.h"

#if TENON_C_CALLS_VERSION != 1
#error "this file was made for other headers of tenon: run `tenon bindgen c` again"
#endif

static const tenon_c_type type_0_ = {TENON_OWN, false, 0, sizeof(void *), 0, NULL};
static const tenon_c_type type_1_ = {TENON_BORROW, false, 0, sizeof(void *), 0, NULL};
static const tenon_c_type type_2_ = {TENON_STRING, false, 0, sizeof(tenon_string), 0, NULL};
static const tenon_c_part parts_3_[] = {
    {"bad", NULL, 0}};
static const tenon_c_type type_3_ = {TENON_ENUM, false, 0, sizeof(names_provided_std_error_code), 1, parts_3_};
static const tenon_c_part parts_4_[] = {
    {"", &type_3_, 0}};
static const tenon_c_type type_4_ = {TENON_LIST, false, 0, sizeof(tenon_c_list), 1, parts_4_};
static const tenon_c_part parts_5_[] = {
    {"std", &type_2_, offsetof(names_provided_std_error, std_)},
    {"tenon", &type_4_, offsetof(names_provided_std_error, tenon__)}};
static const tenon_c_type type_5_ = {TENON_RECORD, false, 0, sizeof(names_provided_std_error), 2, parts_5_};
static const tenon_c_part parts_6_[] = {
    {"ok", &type_5_, offsetof(names_provided_result_std_error_std_error_code, of)},
    {"err", &type_3_, offsetof(names_provided_result_std_error_std_error_code, of)}};
static const tenon_c_type type_6_ = {TENON_RESULT, false, 0, sizeof(names_provided_result_std_error_std_error_code), 2, parts_6_};
static const tenon_c_type type_7_ = {TENON_U8, false, 0, sizeof(uint8_t), 0, NULL};
static const tenon_c_type type_8_ = {TENON_S32, false, 0, sizeof(int32_t), 0, NULL};
static const tenon_c_part parts_9_[] = {
    {"x", &type_8_, offsetof(names_provided_only_types_point, x)}};
static const tenon_c_type type_9_ = {TENON_RECORD, false, 0, sizeof(names_provided_only_types_point), 1, parts_9_};
static const tenon_c_part parts_10_[] = {
    {"class", &type_7_, offsetof(names_provided_std_class, class_)},
    {"which", &type_2_, offsetof(names_provided_std_class, which)},
    {"int", &type_8_, offsetof(names_provided_std_class, int_)},
    {"value", &type_9_, offsetof(names_provided_std_class, value)},
    {"errno", &type_7_, offsetof(names_provided_std_class, errno_)}};
static const tenon_c_type type_10_ = {TENON_RECORD, false, 0, sizeof(names_provided_std_class), 5, parts_10_};
static const tenon_c_type type_11_ = {TENON_U32, false, 0, sizeof(uint32_t), 0, NULL};
static const tenon_c_part parts_12_[] = {
    {"", &type_5_, 0}};
static const tenon_c_type type_12_ = {TENON_LIST, false, 0, sizeof(tenon_c_list), 1, parts_12_};
static const tenon_c_part parts_13_[] = {
    {"union", &type_10_, offsetof(names_provided_std_union, of)},
    {"value", &type_11_, offsetof(names_provided_std_union, of)},
    {"which", &type_2_, offsetof(names_provided_std_union, of)},
    {"error", &type_5_, offsetof(names_provided_std_union, of)},
    {"list", &type_12_, offsetof(names_provided_std_union, of)},
    {"none", NULL, 0}};
static const tenon_c_type type_13_ = {TENON_VARIANT, false, 0, sizeof(names_provided_std_union), 6, parts_13_};
static const tenon_c_part parts_14_[] = {
    {"enum", NULL, 0},
    {"new", NULL, 0},
    {"delete", NULL, 0},
    {"and", NULL, 0},
    {"B-SIDE", NULL, 0}};
static const tenon_c_type type_14_ = {TENON_ENUM, false, 0, sizeof(names_provided_std_enum), 5, parts_14_};
static const tenon_c_part parts_15_[] = {
    {"", &type_0_, 0}};
static const tenon_c_type type_15_ = {TENON_LIST, false, 0, sizeof(tenon_c_list), 1, parts_15_};
static const tenon_c_part parts_16_[] = {
    {"none", NULL, 0},
    {"some", &type_0_, offsetof(names_provided_option_std_exports, value)}};
static const tenon_c_type type_16_ = {TENON_OPTION, false, 0, sizeof(names_provided_option_std_exports), 2, parts_16_};
static const tenon_c_part parts_17_[] = {
    {"", &type_16_, 0}};
static const tenon_c_type type_17_ = {TENON_LIST, false, 0, sizeof(tenon_c_list), 1, parts_17_};
static const tenon_c_part parts_18_[] = {
    {"a", NULL, 0}};
static const tenon_c_type type_18_ = {TENON_FLAGS, false, 0, sizeof(names_provided_tenon_flags), 1, parts_18_};
static const tenon_c_part parts_19_[] = {
    {"error", &type_2_, offsetof(names_provided_first_kit_types_error, error)}};
static const tenon_c_type type_19_ = {TENON_RECORD, false, 0, sizeof(names_provided_first_kit_types_error), 1, parts_19_};
static const tenon_c_part parts_20_[] = {
    {"inline", &type_7_, offsetof(names_provided_inline_inline, inline_)}};
static const tenon_c_type type_20_ = {TENON_RECORD, false, 0, sizeof(names_provided_inline_inline), 1, parts_20_};
static const tenon_c_part provided_params_1_[] = {
    {"exports", &type_1_, 0}};
static const tenon_c_part provided_params_2_[] = {
    {"error", &type_5_, 0},
    {"other", &type_5_, 0}};
static const tenon_c_part provided_params_3_[] = {
    {"self", &type_7_, 0},
    {"this", &type_13_, 0},
    {"made", &type_10_, 0}};
static const tenon_c_part provided_params_6_[] = {
    {"self", &type_1_, 0}};
static const tenon_c_part provided_params_7_[] = {
    {"self", &type_1_, 0},
    {"exports", &type_15_, 0}};
static const tenon_c_part provided_params_10_[] = {
    {"labels", &type_18_, 0}};
static const tenon_c_part provided_params_11_[] = {
    {"e", &type_1_, 0}};
static const tenon_c_part provided_params_14_[] = {
    {"fault", &type_19_, 0}};
static const tenon_c_part provided_params_15_[] = {
    {"inline", &type_20_, 0}};
static const tenon_c_part provided_params_16_[] = {
    {"string", &type_2_, 0}};
static const tenon_c_function provided_[] = {
    {"demo:names/std@1.0.0", "[constructor]exports", NULL, 0, &type_0_, TENON_C_HAS_PARTS},
    {"demo:names/std@1.0.0", "[static]exports.operator", provided_params_1_, 1, &type_0_, TENON_C_HAS_PARTS},
    {"demo:names/std@1.0.0", "fail", provided_params_2_, 2, &type_6_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:names/std@1.0.0", "auto", provided_params_3_, 3, &type_14_, 0},
    {"demo:names/std@1.0.0", "exports-operator", NULL, 0, NULL, 0},
    {"demo:names/std@1.0.0", "make-exports", NULL, 0, &type_0_, TENON_C_HAS_PARTS},
    {"demo:names/std@1.0.0", "[method]exports.all", provided_params_6_, 1, &type_11_, 0},
    {"demo:names/std@1.0.0", "[method]exports.get", provided_params_7_, 2, &type_17_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:names/tenon@1.0.0", "create", NULL, 0, NULL, 0},
    {"demo:names/tenon@1.0.0", "function-flags", NULL, 0, NULL, 0},
    {"demo:names/tenon@1.0.0", "run", provided_params_10_, 1, NULL, 0},
    {"demo:names/instance@1.0.0", "run", provided_params_11_, 1, &type_13_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"demo:names/instance@1.0.0", "module-name", NULL, 0, &type_2_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"first:kit/types@1.0.0", "make", NULL, 0, &type_19_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"second:kit/types@1.0.0", "make", provided_params_14_, 1, &type_19_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"inline", "fill", provided_params_15_, 1, &type_20_, TENON_C_HAS_PARTS},
    {"", "alone", provided_params_16_, 1, &type_2_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS}};

struct names_provided_std_provided_ {
  tenon_c_provided base;
  names_provided_std_functions functions;
};

static int32_t names_provided_std_exports_new_(void *self, tenon_call *call,
                                               const tenon_value *args, size_t nargs,
                                               tenon_value *result) {
  const struct names_provided_std_provided_ *const to_ = (const struct names_provided_std_provided_ *)self;
  names_provided_std_exports *value_;
  if (tenon_c_read_args(&provided_[0], call, args, nargs, NULL) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.exports_new)(to_->base.user, call, &value_) != 0) return 1;
  return tenon_c_return(&provided_[0], call, &value_, result);
}

static int32_t names_provided_std_exports_operator_(
    void *self, tenon_call *call, const tenon_value *args, size_t nargs, tenon_value *result) {
  const struct names_provided_std_provided_ *const to_ = (const struct names_provided_std_provided_ *)self;
  names_provided_std_exports *exports;
  void *const places_[] = {&exports};
  names_provided_std_exports *value_;
  if (tenon_c_read_args(&provided_[1], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.exports_operator)(to_->base.user, call, exports, &value_) != 0) return 1;
  return tenon_c_return(&provided_[1], call, &value_, result);
}

static int32_t names_provided_std_fail_(void *self, tenon_call *call, const tenon_value *args,
                                        size_t nargs, tenon_value *result) {
  const struct names_provided_std_provided_ *const to_ = (const struct names_provided_std_provided_ *)self;
  names_provided_std_error error;
  names_provided_std_error other;
  void *const places_[] = {&error, &other};
  names_provided_result_std_error_std_error_code value_;
  if (tenon_c_read_args(&provided_[2], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.fail)(to_->base.user, call, &error, &other, &value_) != 0) return 1;
  return tenon_c_return(&provided_[2], call, &value_, result);
}

static int32_t names_provided_std_auto_(void *self, tenon_call *call, const tenon_value *args,
                                        size_t nargs, tenon_value *result) {
  const struct names_provided_std_provided_ *const to_ = (const struct names_provided_std_provided_ *)self;
  uint8_t self_;
  names_provided_std_union this_;
  names_provided_std_class made;
  void *const places_[] = {&self_, &this_, &made};
  names_provided_std_enum value_;
  if (tenon_c_read_args(&provided_[3], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.auto_)(to_->base.user, call, self_, &this_, &made, &value_) != 0) return 1;
  return tenon_c_return(&provided_[3], call, &value_, result);
}

static int32_t names_provided_std_exports_operator__(
    void *self, tenon_call *call, const tenon_value *args, size_t nargs, tenon_value *result) {
  const struct names_provided_std_provided_ *const to_ = (const struct names_provided_std_provided_ *)self;
  if (tenon_c_read_args(&provided_[4], call, args, nargs, NULL) != 0) return 1;
  (void)result;
  return (to_->functions.exports_operator_)(to_->base.user, call);
}

static int32_t names_provided_std_make_exports_(void *self, tenon_call *call,
                                                const tenon_value *args, size_t nargs,
                                                tenon_value *result) {
  const struct names_provided_std_provided_ *const to_ = (const struct names_provided_std_provided_ *)self;
  names_provided_std_exports *value_;
  if (tenon_c_read_args(&provided_[5], call, args, nargs, NULL) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.make_exports)(to_->base.user, call, &value_) != 0) return 1;
  return tenon_c_return(&provided_[5], call, &value_, result);
}

static int32_t names_provided_std_exports_all_(void *self, tenon_call *call,
                                               const tenon_value *args, size_t nargs,
                                               tenon_value *result) {
  const struct names_provided_std_provided_ *const to_ = (const struct names_provided_std_provided_ *)self;
  names_provided_std_exports *exports;
  void *const places_[] = {&exports};
  names_provided_std_borrow_count value_;
  if (tenon_c_read_args(&provided_[6], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.exports_all)(to_->base.user, call, exports, &value_) != 0) return 1;
  return tenon_c_return(&provided_[6], call, &value_, result);
}

static int32_t names_provided_std_exports_get_(void *self, tenon_call *call,
                                               const tenon_value *args, size_t nargs,
                                               tenon_value *result) {
  const struct names_provided_std_provided_ *const to_ = (const struct names_provided_std_provided_ *)self;
  names_provided_std_exports *exports;
  names_provided_list_std_exports exports_;
  void *const places_[] = {&exports, &exports_};
  names_provided_list_option_std_exports value_;
  if (tenon_c_read_args(&provided_[7], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.exports_get)(to_->base.user, call, exports, exports_, &value_) != 0) return 1;
  return tenon_c_return(&provided_[7], call, &value_, result);
}

static void names_provided_std_exports_drop_(void *self, void *rep) {
  const struct names_provided_std_provided_ *const to_ = (const struct names_provided_std_provided_ *)self;
  (to_->functions.exports_drop)(to_->base.user, (names_provided_std_exports *)rep);
}

void names_provided_std_provide(tenon_builder *builder,
                                const names_provided_std_functions *functions, void *user,
                                void (*drop)(void *user)) {
  struct names_provided_std_provided_ *const to_ = (struct names_provided_std_provided_ *)tenon_c_provide(builder, sizeof(struct names_provided_std_provided_), user, drop);
  if (to_ == NULL) return;
  to_->functions = *functions;
  tenon_builder_add_resource(builder, "demo:names/std@1.0.0", "exports",
                             functions->exports_drop != NULL ? names_provided_std_exports_drop_ : NULL, tenon_c_share(&to_->base),
                             tenon_c_unprovide);
  tenon_c_add(builder, &provided_[0], functions->exports_new != NULL ? names_provided_std_exports_new_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[1], functions->exports_operator != NULL ? names_provided_std_exports_operator_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[2], functions->fail != NULL ? names_provided_std_fail_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[3], functions->auto_ != NULL ? names_provided_std_auto_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[4], functions->exports_operator_ != NULL ? names_provided_std_exports_operator__ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[5], functions->make_exports != NULL ? names_provided_std_make_exports_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[6], functions->exports_all != NULL ? names_provided_std_exports_all_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[7], functions->exports_get != NULL ? names_provided_std_exports_get_ : NULL, &to_->base);
  tenon_c_unprovide(to_);
}

struct names_provided_tenon_provided_ {
  tenon_c_provided base;
  names_provided_tenon_functions functions;
};

static int32_t names_provided_tenon_create_(void *self, tenon_call *call,
                                            const tenon_value *args, size_t nargs,
                                            tenon_value *result) {
  const struct names_provided_tenon_provided_ *const to_ = (const struct names_provided_tenon_provided_ *)self;
  if (tenon_c_read_args(&provided_[8], call, args, nargs, NULL) != 0) return 1;
  (void)result;
  return (to_->functions.create)(to_->base.user, call);
}

static int32_t names_provided_tenon_function_flags_(
    void *self, tenon_call *call, const tenon_value *args, size_t nargs, tenon_value *result) {
  const struct names_provided_tenon_provided_ *const to_ = (const struct names_provided_tenon_provided_ *)self;
  if (tenon_c_read_args(&provided_[9], call, args, nargs, NULL) != 0) return 1;
  (void)result;
  return (to_->functions.function_flags)(to_->base.user, call);
}

static int32_t names_provided_tenon_run_(void *self, tenon_call *call, const tenon_value *args,
                                         size_t nargs, tenon_value *result) {
  const struct names_provided_tenon_provided_ *const to_ = (const struct names_provided_tenon_provided_ *)self;
  names_provided_tenon_flags labels;
  void *const places_[] = {&labels};
  if (tenon_c_read_args(&provided_[10], call, args, nargs, places_) != 0) return 1;
  (void)result;
  return (to_->functions.run)(to_->base.user, call, labels);
}

void names_provided_tenon_provide(tenon_builder *builder,
                                  const names_provided_tenon_functions *functions, void *user,
                                  void (*drop)(void *user)) {
  struct names_provided_tenon_provided_ *const to_ = (struct names_provided_tenon_provided_ *)tenon_c_provide(builder, sizeof(struct names_provided_tenon_provided_), user, drop);
  if (to_ == NULL) return;
  to_->functions = *functions;
  tenon_c_add(builder, &provided_[8], functions->create != NULL ? names_provided_tenon_create_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[9], functions->function_flags != NULL ? names_provided_tenon_function_flags_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[10], functions->run != NULL ? names_provided_tenon_run_ : NULL, &to_->base);
  tenon_c_unprovide(to_);
}

struct names_provided_instance_provided_ {
  tenon_c_provided base;
  names_provided_instance_functions functions;
};

static int32_t names_provided_instance_run_(void *self, tenon_call *call,
                                            const tenon_value *args, size_t nargs,
                                            tenon_value *result) {
  const struct names_provided_instance_provided_ *const to_ = (const struct names_provided_instance_provided_ *)self;
  names_provided_std_exports *e;
  void *const places_[] = {&e};
  names_provided_std_union value_;
  if (tenon_c_read_args(&provided_[11], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.run)(to_->base.user, call, e, &value_) != 0) return 1;
  return tenon_c_return(&provided_[11], call, &value_, result);
}

static int32_t names_provided_instance_module_name_(
    void *self, tenon_call *call, const tenon_value *args, size_t nargs, tenon_value *result) {
  const struct names_provided_instance_provided_ *const to_ = (const struct names_provided_instance_provided_ *)self;
  tenon_string value_;
  if (tenon_c_read_args(&provided_[12], call, args, nargs, NULL) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.module_name)(to_->base.user, call, &value_) != 0) return 1;
  return tenon_c_return(&provided_[12], call, &value_, result);
}

void names_provided_instance_provide(tenon_builder *builder,
                                     const names_provided_instance_functions *functions,
                                     void *user, void (*drop)(void *user)) {
  struct names_provided_instance_provided_ *const to_ = (struct names_provided_instance_provided_ *)tenon_c_provide(builder, sizeof(struct names_provided_instance_provided_), user, drop);
  if (to_ == NULL) return;
  to_->functions = *functions;
  tenon_c_add(builder, &provided_[11], functions->run != NULL ? names_provided_instance_run_ : NULL, &to_->base);
  tenon_c_add(builder, &provided_[12], functions->module_name != NULL ? names_provided_instance_module_name_ : NULL, &to_->base);
  tenon_c_unprovide(to_);
}

struct names_provided_first_kit_types_provided_ {
  tenon_c_provided base;
  names_provided_first_kit_types_functions functions;
};

static int32_t names_provided_first_kit_types_make_(
    void *self, tenon_call *call, const tenon_value *args, size_t nargs, tenon_value *result) {
  const struct names_provided_first_kit_types_provided_ *const to_ = (const struct names_provided_first_kit_types_provided_ *)self;
  names_provided_first_kit_types_error value_;
  if (tenon_c_read_args(&provided_[13], call, args, nargs, NULL) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.make)(to_->base.user, call, &value_) != 0) return 1;
  return tenon_c_return(&provided_[13], call, &value_, result);
}

void names_provided_first_kit_types_provide(tenon_builder *builder,
                                            const names_provided_first_kit_types_functions *functions,
                                            void *user, void (*drop)(void *user)) {
  struct names_provided_first_kit_types_provided_ *const to_ = (struct names_provided_first_kit_types_provided_ *)tenon_c_provide(builder, sizeof(struct names_provided_first_kit_types_provided_), user, drop);
  if (to_ == NULL) return;
  to_->functions = *functions;
  tenon_c_add(builder, &provided_[13], functions->make != NULL ? names_provided_first_kit_types_make_ : NULL, &to_->base);
  tenon_c_unprovide(to_);
}

struct names_provided_second_kit_types_provided_ {
  tenon_c_provided base;
  names_provided_second_kit_types_functions functions;
};

static int32_t names_provided_second_kit_types_make_(
    void *self, tenon_call *call, const tenon_value *args, size_t nargs, tenon_value *result) {
  const struct names_provided_second_kit_types_provided_ *const to_ = (const struct names_provided_second_kit_types_provided_ *)self;
  names_provided_first_kit_types_error fault;
  void *const places_[] = {&fault};
  names_provided_first_kit_types_error value_;
  if (tenon_c_read_args(&provided_[14], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.make)(to_->base.user, call, &fault, &value_) != 0) return 1;
  return tenon_c_return(&provided_[14], call, &value_, result);
}

void names_provided_second_kit_types_provide(tenon_builder *builder,
                                             const names_provided_second_kit_types_functions *functions,
                                             void *user, void (*drop)(void *user)) {
  struct names_provided_second_kit_types_provided_ *const to_ = (struct names_provided_second_kit_types_provided_ *)tenon_c_provide(builder, sizeof(struct names_provided_second_kit_types_provided_), user, drop);
  if (to_ == NULL) return;
  to_->functions = *functions;
  tenon_c_add(builder, &provided_[14], functions->make != NULL ? names_provided_second_kit_types_make_ : NULL, &to_->base);
  tenon_c_unprovide(to_);
}

struct names_provided_inline_provided_ {
  tenon_c_provided base;
  names_provided_inline_functions functions;
};

static int32_t names_provided_inline_fill_(void *self, tenon_call *call,
                                           const tenon_value *args, size_t nargs,
                                           tenon_value *result) {
  const struct names_provided_inline_provided_ *const to_ = (const struct names_provided_inline_provided_ *)self;
  names_provided_inline_inline inline_;
  void *const places_[] = {&inline_};
  names_provided_inline_inline value_;
  if (tenon_c_read_args(&provided_[15], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.fill)(to_->base.user, call, &inline_, &value_) != 0) return 1;
  return tenon_c_return(&provided_[15], call, &value_, result);
}

void names_provided_inline_provide(tenon_builder *builder,
                                   const names_provided_inline_functions *functions, void *user,
                                   void (*drop)(void *user)) {
  struct names_provided_inline_provided_ *const to_ = (struct names_provided_inline_provided_ *)tenon_c_provide(builder, sizeof(struct names_provided_inline_provided_), user, drop);
  if (to_ == NULL) return;
  to_->functions = *functions;
  tenon_c_add(builder, &provided_[15], functions->fill != NULL ? names_provided_inline_fill_ : NULL, &to_->base);
  tenon_c_unprovide(to_);
}

struct names_provided_provided_ {
  tenon_c_provided base;
  names_provided_functions functions;
};

static int32_t names_provided_alone_(void *self, tenon_call *call, const tenon_value *args,
                                     size_t nargs, tenon_value *result) {
  const struct names_provided_provided_ *const to_ = (const struct names_provided_provided_ *)self;
  tenon_string string;
  void *const places_[] = {&string};
  tenon_string value_;
  if (tenon_c_read_args(&provided_[16], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.alone)(to_->base.user, call, string, &value_) != 0) return 1;
  return tenon_c_return(&provided_[16], call, &value_, result);
}

void names_provided_provide(tenon_builder *builder, const names_provided_functions *functions,
                            void *user, void (*drop)(void *user)) {
  struct names_provided_provided_ *const to_ = (struct names_provided_provided_ *)tenon_c_provide(builder, sizeof(struct names_provided_provided_), user, drop);
  if (to_ == NULL) return;
  to_->functions = *functions;
  tenon_c_add(builder, &provided_[16], functions->alone != NULL ? names_provided_alone_ : NULL, &to_->base);
  tenon_c_unprovide(to_);
}
