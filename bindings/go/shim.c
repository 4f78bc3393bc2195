#include "shim.h"

#include "_cgo_export.h"

static __thread int depth;

int tenon_go_depth(void) { return depth; }

static void post(void* user, void (*run)(void* work), void* work) {
  tenonGoPost((uintptr_t)user, (uintptr_t)run, (uintptr_t)work);
}

void tenon_go_set_executor(tenon_builder* builder, uintptr_t executor) {
  const tenon_executor calls = {post, (void*)executor};
  tenon_builder_set_executor(builder, &calls);
}

void tenon_go_run(uintptr_t run, uintptr_t work) { ((void (*)(void*))run)((void*)work); }

static int32_t call_function(void* self, tenon_call* call, const tenon_value* args, size_t nargs,
                             tenon_value* result) {
  ++depth;
  char* const message = tenonGoCall((uintptr_t)self, call, (tenon_value*)args, nargs, result);
  --depth;
  if (message == NULL) return 0;
  tenon_host()->trap(call, "%s", message);
  free(message);
  return 1;
}

static void cancel_call(void* self, tenon_completion completion) {
  tenonGoCancel((uintptr_t)self, completion);
}

static int32_t start_function(void* self, tenon_call* call, const tenon_value* args, size_t nargs,
                              tenon_value* result) {
  (void)result;
  const tenon_completion completion = tenon_host()->defer(call, cancel_call);
  if (completion == 0) return tenon_host()->trap(call, "the call cannot be deferred");
  tenonGoStart((uintptr_t)self, completion, (tenon_value*)args, nargs);
  return 0;
}

static void drop_user(void* user) { tenonGoDrop((uintptr_t)user); }

void tenon_go_add_function(tenon_builder* builder, const char* interface, const char* name,
                           uintptr_t function, int is_async) {
  (is_async ? tenon_builder_add_async_function : tenon_builder_add_function)(
      builder, interface, name, is_async ? start_function : call_function, (void*)function,
      drop_user);
}

static void drop_object(void* user, void* rep) {
  ++depth;
  tenonGoDropObject((uintptr_t)user, (uintptr_t)rep);
  --depth;
}

void tenon_go_add_resource(tenon_builder* builder, const char* interface, const char* name,
                           uintptr_t resource) {
  tenon_builder_add_resource(builder, interface, name, drop_object, (void*)resource, drop_user);
}

static void on_done(void* user, tenon_error* error, const tenon_value* result) {
  tenonGoDone((uintptr_t)user, error, (tenon_value*)result);
}

tenon_error* tenon_go_start(tenon_function* function, const tenon_value* args, size_t nargs,
                            uintptr_t call, tenon_task** task) {
  return tenon_function_start(function, args, nargs, on_done, (void*)call, task);
}

void* tenon_go_alloc(tenon_call* call, size_t size) { return tenon_host()->alloc(call, size, 16); }

int tenon_go_complete(tenon_completion completion, const tenon_value* result) {
  return tenon_host()->complete(completion, result);
}

void tenon_go_fail(tenon_completion completion, const char* message) {
  tenon_host()->fail(completion, "%s", message);
}

tenon_stream tenon_go_stream_new(void) { return tenon_host()->stream_new(); }

static void on_stream(void* data, const tenon_value* items, size_t count, int32_t state) {
  tenonGoStreamDone((uintptr_t)data, (tenon_value*)items, count, state);
}

int tenon_go_stream_read(tenon_stream stream, size_t most, uintptr_t operation) {
  return tenon_host()->stream_read(stream, most, on_stream, (void*)operation);
}

int tenon_go_stream_write(tenon_stream stream, const tenon_value* items, uintptr_t operation) {
  return tenon_host()->stream_write(stream, items, on_stream, (void*)operation);
}

void tenon_go_stream_close(tenon_stream stream) { tenon_host()->stream_close(stream); }
