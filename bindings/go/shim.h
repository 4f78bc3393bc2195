/* What cgo cannot do: functions of tenon_host() by their pointers, callbacks, and thread-local state. */
#ifndef TENON_GO_SHIM_H
#define TENON_GO_SHIM_H

#include <stdlib.h>
#include <tenon/tenon_c.h>

/* Callbacks get numbers of Go objects (cgo.Handle) as their `user`. */
void tenon_go_set_executor(tenon_builder* builder, uintptr_t executor);
void tenon_go_run(uintptr_t run, uintptr_t work);
void tenon_go_add_function(tenon_builder* builder, const char* interface, const char* name,
                           uintptr_t function, int is_async);
void tenon_go_add_resource(tenon_builder* builder, const char* interface, const char* name,
                           uintptr_t resource);
tenon_error* tenon_go_start(tenon_function* function, const tenon_value* args, size_t nargs,
                            uintptr_t call, tenon_task** task);

/* How many functions of the program are on the stack of this thread. */
int tenon_go_depth(void);

void* tenon_go_alloc(tenon_call* call, size_t size);
int tenon_go_complete(tenon_completion completion, const tenon_value* result);
void tenon_go_fail(tenon_completion completion, const char* message);

tenon_stream tenon_go_stream_new(void);
int tenon_go_stream_read(tenon_stream stream, size_t most, uintptr_t operation);
int tenon_go_stream_write(tenon_stream stream, const tenon_value* items, uintptr_t operation);
void tenon_go_stream_close(tenon_stream stream);

#endif
