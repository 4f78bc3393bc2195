/* Made by `tenon bindgen c`. Do not edit. */
#include <tenon/detail/c_calls.h>

#include "visitor.h"

#if TENON_C_CALLS_VERSION != 1
#error "this file was made for other headers of tenon: run `tenon bindgen c` again"
#endif

static const tenon_c_type type_0_ = {TENON_U32, false, 0, sizeof(uint32_t), 0, NULL};
static const tenon_c_part provided_params_0_[] = {
    {"number", &type_0_, 0}};
static const tenon_c_part called_params_0_[] = {
    {"number", &type_0_, 0}};
static const tenon_c_function called_[] = {
    {"", "visit", called_params_0_, 1, &type_0_, 0}};
static const tenon_c_function provided_[] = {
    {"", "hold", provided_params_0_, 1, &type_0_, 0}};

struct visitor_provided_ {
  tenon_c_provided base;
  visitor_functions functions;
};

static void visitor_cancel_(void *self, tenon_completion completion) {
  const struct visitor_provided_ *const to_ = (const struct visitor_provided_ *)self;
  (to_->functions.cancel)(to_->base.user, completion);
}

static int32_t visitor_hold_(void *self, tenon_call *call, const tenon_value *args,
                             size_t nargs, tenon_value *result) {
  const struct visitor_provided_ *const to_ = (const struct visitor_provided_ *)self;
  uint32_t number;
  void *const places_[] = {&number};
  if (tenon_c_read_args(&provided_[0], call, args, nargs, places_) != 0) return 1;
  const tenon_completion completion = tenon_host()->defer(
      call, to_->functions.cancel != NULL ? visitor_cancel_ : NULL);
  if (completion == 0) return tenon_host()->trap(call, "its call cannot be deferred");
  (to_->functions.hold)(to_->base.user, completion, number);
  (void)result;
  return 0;
}

int32_t visitor_hold_complete(tenon_completion completion, uint32_t result) {
  return tenon_c_complete(&provided_[0], completion, &result);
}

void visitor_provide(tenon_builder *builder, const visitor_functions *functions, void *user,
                     void (*drop)(void *user)) {
  struct visitor_provided_ *const to_ = (struct visitor_provided_ *)tenon_c_provide(builder, sizeof(struct visitor_provided_), user, drop);
  if (to_ == NULL) return;
  to_->functions = *functions;
  tenon_c_add_deferred(builder, &provided_[0], functions->hold != NULL ? visitor_hold_ : NULL, &to_->base);
  tenon_c_unprovide(to_);
}

tenon_error *visitor_visit(visitor *self, uint32_t number, uint32_t *result) {
  const uint64_t flat_[] = {(uint64_t)number};
  uint64_t number_ = 0;
  tenon_error *const error_ = tenon_function_call_flat(tenon_c_function_at((tenon_c_found *)self, 0), flat_, 1, &number_);
  if (result != NULL) *result = (uint32_t)number_;
  return error_;
}

static void visitor_visit_ended_(void *context, tenon_error *error, const tenon_value *value) {
  tenon_c_started started_;
  tenon_c_memory memory_;
  uint32_t result;
  error = tenon_c_end(context, error, value, &started_, &memory_, &result);
  ((visitor_visit_done)started_.done)(started_.user, error, error == NULL ? &result : NULL);
  tenon_c_close(&memory_);
}

tenon_error *visitor_visit_start(visitor *self, uint32_t number, visitor_visit_done done,
                                 void *user, tenon_task **task) {
  const void *const args_[] = {&number};
  return tenon_c_start((tenon_c_found *)self, 0, args_, visitor_visit_ended_, (void (*)(void))done, user, task);
}

visitor *visitor_find(tenon_composition *from, void (*report)(void *user, const char *text),
                      void *user) {
  return (struct visitor *)tenon_c_find(from, NULL, called_, 1, report, user);
}

visitor *visitor_find_in(tenon_unit *from, void (*report)(void *user, const char *text),
                         void *user) {
  return (struct visitor *)tenon_c_find(NULL, from, called_, 1, report, user);
}

void visitor_delete(visitor *self) {
  tenon_c_found_delete((tenon_c_found *)self, 1);
}
