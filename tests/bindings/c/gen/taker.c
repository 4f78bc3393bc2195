/* Made by `tenon bindgen c`. Do not edit. */
#include <tenon/detail/c_calls.h>

#include "taker.h"

#if TENON_C_CALLS_VERSION != 1
#error "this file was made for other headers of tenon: run `tenon bindgen c` again"
#endif

static const tenon_c_type type_0_ = {TENON_U8, false, 0, sizeof(uint8_t), 0, NULL};
static const tenon_c_part parts_1_[] = {
    {"", &type_0_, 0}};
static const tenon_c_type type_1_ = {TENON_STREAM, false, 0, sizeof(tenon_stream), 1, parts_1_};
static const tenon_c_type type_2_ = {TENON_U32, false, 0, sizeof(uint32_t), 0, NULL};
static const tenon_c_part called_params_0_[] = {
    {"bytes", &type_1_, 0}};
static const tenon_c_function called_[] = {
    {"", "take", called_params_0_, 1, &type_2_, 0}};

tenon_error *taker_take(taker *self, tenon_stream bytes, uint32_t *result) {
  const void *const args_[] = {&bytes};
  return tenon_c_call((tenon_c_found *)self, 0, args_, NULL, result);
}

static void taker_take_ended_(void *context, tenon_error *error, const tenon_value *value) {
  tenon_c_started started_;
  tenon_c_memory memory_;
  uint32_t result;
  error = tenon_c_end(context, error, value, &started_, &memory_, &result);
  ((taker_take_done)started_.done)(started_.user, error, error == NULL ? &result : NULL);
  tenon_c_close(&memory_);
}

tenon_error *taker_take_start(taker *self, tenon_stream bytes, taker_take_done done, void *user,
                              tenon_task **task) {
  const void *const args_[] = {&bytes};
  return tenon_c_start((tenon_c_found *)self, 0, args_, taker_take_ended_, (void (*)(void))done, user, task);
}

taker *taker_find(tenon_composition *from, void (*report)(void *user, const char *text),
                  void *user) {
  return (struct taker *)tenon_c_find(from, NULL, called_, 1, report, user);
}

taker *taker_find_in(tenon_unit *from, void (*report)(void *user, const char *text), void *user) {
  return (struct taker *)tenon_c_find(NULL, from, called_, 1, report, user);
}

void taker_delete(taker *self) {
  tenon_c_found_delete((tenon_c_found *)self, 1);
}
