/* Made by `tenon bindgen c` from the WIT of x:y/host. Do not edit.
 *
 * A function that calls a unit returns NULL, or an error that the caller deletes. Strings and lists of its
 * result lie in `arena`, until that is reset or deleted. `result` can be NULL. `own` handles of units in a
 * result are the caller's, and are used up when they are passed as `own`, whether the call fails or not. */
#ifndef TENON_BINDGEN_STREAMS_H
#define TENON_BINDGEN_STREAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tenon/tenon_c.h>
#include <tenon/tenon_string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The functions of a composition or of one unit. Any number of threads can call them. */
typedef struct streams streams;
/* Looks up all functions. NULL if one is missing or has another type, or there is no memory. report: called
 * with the text of each problem, for people; can be NULL. */
streams *streams_find(tenon_composition *from, void (*report)(void *user, const char *text),
                      void *user);
streams *streams_find_in(tenon_unit *from, void (*report)(void *user, const char *text),
                         void *user);
/* No call may be in progress, except those that were started. */
void streams_delete(streams *self);

/* ---- x:y/lib, which units export ---- */

typedef struct streams_lib_upload {
  tenon_string name;
  tenon_stream body;
} streams_lib_upload;
typedef struct streams_result_u64_string {
  bool is_err;
  union {
    uint64_t ok;
    tenon_string err;
  } of;
} streams_result_u64_string;

/* open: async func() -> stream<string>; */
tenon_error *streams_lib_open(streams *self, tenon_stream *result);
/* Starts it. done: called once, with an error that it deletes, or a result that ends with it. */
typedef void (*streams_lib_open_done)(void *user, tenon_error *error, const tenon_stream *result);
tenon_error *streams_lib_open_start(streams *self, streams_lib_open_done done, void *user,
                                    tenon_task **task);

/* join: async func(a: future<string>, b: future<string>) -> string; */
tenon_error *streams_lib_join(streams *self, tenon_stream a, tenon_stream b, tenon_arena *arena,
                              tenon_string *result);
/* Starts it. done: called once, with an error that it deletes, or a result that ends with it. */
typedef void (*streams_lib_join_done)(void *user, tenon_error *error, const tenon_string *result);
tenon_error *streams_lib_join_start(streams *self, tenon_stream a, tenon_stream b,
                                    streams_lib_join_done done, void *user, tenon_task **task);

/* after: async func(signal: future) -> future; */
tenon_error *streams_lib_after(streams *self, tenon_stream signal, tenon_stream *result);
/* Starts it. done: called once, with an error that it deletes, or a result that ends with it. */
typedef void (*streams_lib_after_done)(void *user, tenon_error *error, const tenon_stream *result);
tenon_error *streams_lib_after_start(streams *self, tenon_stream signal,
                                     streams_lib_after_done done, void *user, tenon_task **task);

/* bytes: async func(upload: upload) -> result<u64, string>; */
tenon_error *streams_lib_bytes(streams *self, const streams_lib_upload *upload,
                               tenon_arena *arena, streams_result_u64_string *result);
/* Starts it. done: called once, with an error that it deletes, or a result that ends with it. */
typedef void (*streams_lib_bytes_done)(void *user, tenon_error *error, const streams_result_u64_string *result);
tenon_error *streams_lib_bytes_start(streams *self, const streams_lib_upload *upload,
                                     streams_lib_bytes_done done, void *user, tenon_task **task);

/* copy: func(%from: stream<u8>) -> stream<u8>; */
tenon_error *streams_lib_copy(streams *self, tenon_stream from, tenon_stream *result);

#ifdef __cplusplus
}
#endif
#endif
