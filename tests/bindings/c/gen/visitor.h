/* Made by `tenon bindgen c` from the WIT of demo:bindings/visitor@1.0.0. Do not edit.
 *
 * A function that calls a unit returns NULL, or an error that the caller deletes. Strings and lists of its
 * result lie in `arena`, until that is reset or deleted. `result` can be NULL. `own` handles of units in a
 * result are the caller's, and are used up when they are passed as `own`, whether the call fails or not. */
#ifndef TENON_BINDGEN_VISITOR_H
#define TENON_BINDGEN_VISITOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tenon/tenon_c.h>
#include <tenon/tenon_string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The functions of a composition or of one unit. Any number of threads can call them. */
typedef struct visitor visitor;
/* Looks up all functions. NULL if one is missing or has another type, or there is no memory. report: called
 * with the text of each problem, for people; can be NULL. */
visitor *visitor_find(tenon_composition *from, void (*report)(void *user, const char *text),
                      void *user);
visitor *visitor_find_in(tenon_unit *from, void (*report)(void *user, const char *text),
                         void *user);
/* No call may be in progress, except those that were started. */
void visitor_delete(visitor *self);

/* ---- Items of the world itself, which the program provides ---- */

/* The functions that the program provides; those that are NULL are not provided. They return 0, or nonzero
 * for a trap: `return tenon_host()->trap(call, "..")`. */
typedef struct visitor_functions {
  /* hold: async func(number: u32) -> u32; */
  void (*hold)(void *user, tenon_completion completion, uint32_t number);
  /* The result of a call is not wanted any more: end it soon. Can be NULL. */
  void (*cancel)(void *user, tenon_completion completion);
} visitor_functions;
/* Ends a call of hold, on any thread, as `complete` of tenon_host(). `fail` makes it a trap. */
int32_t visitor_hold_complete(tenon_completion completion, uint32_t result);
/* Adds them to a builder. The struct is copied. drop: called with `user` once, when nothing calls them any
 * more; can be NULL. */
void visitor_provide(tenon_builder *builder, const visitor_functions *functions, void *user,
                     void (*drop)(void *user));

/* ---- Items of the world itself, which units export ---- */

/* visit: async func(number: u32) -> u32; */
tenon_error *visitor_visit(visitor *self, uint32_t number, uint32_t *result);
/* Starts it. done: called once, with an error that it deletes, or a result that ends with it. */
typedef void (*visitor_visit_done)(void *user, tenon_error *error, const uint32_t *result);
tenon_error *visitor_visit_start(visitor *self, uint32_t number, visitor_visit_done done,
                                 void *user, tenon_task **task);

#ifdef __cplusplus
}
#endif
#endif
