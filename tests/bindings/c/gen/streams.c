/* Made by `tenon bindgen c`. Do not edit. */
#include <tenon/detail/c_calls.h>

#include "streams.h"

#if TENON_C_CALLS_VERSION != 1
#error "this file was made for other headers of tenon: run `tenon bindgen c` again"
#endif

static const tenon_c_type type_0_ = {TENON_STRING, false, 0, sizeof(tenon_string), 0, NULL};
static const tenon_c_part parts_1_[] = {
    {"", &type_0_, 0}};
static const tenon_c_type type_1_ = {TENON_STREAM, false, 0, sizeof(tenon_stream), 1, parts_1_};
static const tenon_c_part parts_2_[] = {
    {"", &type_0_, 0}};
static const tenon_c_type type_2_ = {TENON_FUTURE, false, 0, sizeof(tenon_stream), 1, parts_2_};
static const tenon_c_type type_3_ = {TENON_FUTURE, false, 0, sizeof(tenon_stream), 0, NULL};
static const tenon_c_type type_4_ = {TENON_U8, false, 0, sizeof(uint8_t), 0, NULL};
static const tenon_c_part parts_5_[] = {
    {"", &type_4_, 0}};
static const tenon_c_type type_5_ = {TENON_STREAM, false, 0, sizeof(tenon_stream), 1, parts_5_};
static const tenon_c_part parts_6_[] = {
    {"name", &type_0_, offsetof(streams_lib_upload, name)},
    {"body", &type_5_, offsetof(streams_lib_upload, body)}};
static const tenon_c_type type_6_ = {TENON_RECORD, false, 0, sizeof(streams_lib_upload), 2, parts_6_};
static const tenon_c_type type_7_ = {TENON_U64, false, 0, sizeof(uint64_t), 0, NULL};
static const tenon_c_part parts_8_[] = {
    {"ok", &type_7_, offsetof(streams_result_u64_string, of)},
    {"err", &type_0_, offsetof(streams_result_u64_string, of)}};
static const tenon_c_type type_8_ = {TENON_RESULT, false, 0, sizeof(streams_result_u64_string), 2, parts_8_};
static const tenon_c_part called_params_1_[] = {
    {"a", &type_2_, 0},
    {"b", &type_2_, 0}};
static const tenon_c_part called_params_2_[] = {
    {"signal", &type_3_, 0}};
static const tenon_c_part called_params_3_[] = {
    {"upload", &type_6_, 0}};
static const tenon_c_part called_params_4_[] = {
    {"from", &type_5_, 0}};
static const tenon_c_function called_[] = {
    {"x:y/lib", "open", NULL, 0, &type_1_, 0},
    {"x:y/lib", "join", called_params_1_, 2, &type_0_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"x:y/lib", "after", called_params_2_, 1, &type_3_, 0},
    {"x:y/lib", "bytes", called_params_3_, 1, &type_8_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS},
    {"x:y/lib", "copy", called_params_4_, 1, &type_5_, 0}};

tenon_error *streams_lib_open(streams *self, tenon_stream *result) {
  return tenon_c_call((tenon_c_found *)self, 0, NULL, NULL, result);
}

static void streams_lib_open_ended_(void *context, tenon_error *error, const tenon_value *value) {
  tenon_c_started started_;
  tenon_c_memory memory_;
  tenon_stream result;
  error = tenon_c_end(context, error, value, &started_, &memory_, &result);
  ((streams_lib_open_done)started_.done)(started_.user, error, error == NULL ? &result : NULL);
  tenon_c_close(&memory_);
}

tenon_error *streams_lib_open_start(streams *self, streams_lib_open_done done, void *user,
                                    tenon_task **task) {
  return tenon_c_start((tenon_c_found *)self, 0, NULL, streams_lib_open_ended_, (void (*)(void))done, user, task);
}

tenon_error *streams_lib_join(streams *self, tenon_stream a, tenon_stream b, tenon_arena *arena,
                              tenon_string *result) {
  const void *const args_[] = {&a, &b};
  return tenon_c_call((tenon_c_found *)self, 1, args_, arena, result);
}

static void streams_lib_join_ended_(void *context, tenon_error *error, const tenon_value *value) {
  tenon_c_started started_;
  tenon_c_memory memory_;
  tenon_string result;
  error = tenon_c_end(context, error, value, &started_, &memory_, &result);
  ((streams_lib_join_done)started_.done)(started_.user, error, error == NULL ? &result : NULL);
  tenon_c_close(&memory_);
}

tenon_error *streams_lib_join_start(streams *self, tenon_stream a, tenon_stream b,
                                    streams_lib_join_done done, void *user, tenon_task **task) {
  const void *const args_[] = {&a, &b};
  return tenon_c_start((tenon_c_found *)self, 1, args_, streams_lib_join_ended_, (void (*)(void))done, user, task);
}

tenon_error *streams_lib_after(streams *self, tenon_stream signal, tenon_stream *result) {
  const void *const args_[] = {&signal};
  return tenon_c_call((tenon_c_found *)self, 2, args_, NULL, result);
}

static void streams_lib_after_ended_(void *context, tenon_error *error, const tenon_value *value) {
  tenon_c_started started_;
  tenon_c_memory memory_;
  tenon_stream result;
  error = tenon_c_end(context, error, value, &started_, &memory_, &result);
  ((streams_lib_after_done)started_.done)(started_.user, error, error == NULL ? &result : NULL);
  tenon_c_close(&memory_);
}

tenon_error *streams_lib_after_start(streams *self, tenon_stream signal,
                                     streams_lib_after_done done, void *user, tenon_task **task) {
  const void *const args_[] = {&signal};
  return tenon_c_start((tenon_c_found *)self, 2, args_, streams_lib_after_ended_, (void (*)(void))done, user, task);
}

tenon_error *streams_lib_bytes(streams *self, const streams_lib_upload *upload,
                               tenon_arena *arena, streams_result_u64_string *result) {
  const void *const args_[] = {upload};
  return tenon_c_call((tenon_c_found *)self, 3, args_, arena, result);
}

static void streams_lib_bytes_ended_(void *context, tenon_error *error, const tenon_value *value) {
  tenon_c_started started_;
  tenon_c_memory memory_;
  streams_result_u64_string result;
  error = tenon_c_end(context, error, value, &started_, &memory_, &result);
  ((streams_lib_bytes_done)started_.done)(started_.user, error, error == NULL ? &result : NULL);
  tenon_c_close(&memory_);
}

tenon_error *streams_lib_bytes_start(streams *self, const streams_lib_upload *upload,
                                     streams_lib_bytes_done done, void *user, tenon_task **task) {
  const void *const args_[] = {upload};
  return tenon_c_start((tenon_c_found *)self, 3, args_, streams_lib_bytes_ended_, (void (*)(void))done, user, task);
}

tenon_error *streams_lib_copy(streams *self, tenon_stream from, tenon_stream *result) {
  const void *const args_[] = {&from};
  return tenon_c_call((tenon_c_found *)self, 4, args_, NULL, result);
}

streams *streams_find(tenon_composition *from, void (*report)(void *user, const char *text),
                      void *user) {
  return (struct streams *)tenon_c_find(from, NULL, called_, 5, report, user);
}

streams *streams_find_in(tenon_unit *from, void (*report)(void *user, const char *text),
                         void *user) {
  return (struct streams *)tenon_c_find(NULL, from, called_, 5, report, user);
}

void streams_delete(streams *self) {
  tenon_c_found_delete((tenon_c_found *)self, 5);
}
