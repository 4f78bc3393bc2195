/* Made by `tenon bindgen c` from the WIT of demo:taker/taker. Do not edit.
 *
 * A function that calls a unit returns NULL, or an error that the caller deletes. Strings and lists of its
 * result lie in `arena`, until that is reset or deleted. `result` can be NULL. `own` handles of units in a
 * result are the caller's, and are used up when they are passed as `own`, whether the call fails or not. */
#ifndef TENON_BINDGEN_TAKER_H
#define TENON_BINDGEN_TAKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tenon/tenon_c.h>
#include <tenon/tenon_string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The functions of a composition or of one unit. Any number of threads can call them. */
typedef struct taker taker;
/* Looks up all functions. NULL if one is missing or has another type, or there is no memory. report: called
 * with the text of each problem, for people; can be NULL. */
taker *taker_find(tenon_composition *from, void (*report)(void *user, const char *text),
                  void *user);
taker *taker_find_in(tenon_unit *from, void (*report)(void *user, const char *text), void *user);
/* No call may be in progress, except those that were started. */
void taker_delete(taker *self);

/* ---- Items of the world itself, which units export ---- */

/* take: async func(bytes: stream<u8>) -> u32; */
tenon_error *taker_take(taker *self, tenon_stream bytes, uint32_t *result);
/* Starts it. done: called once, with an error that it deletes, or a result that ends with it. */
typedef void (*taker_take_done)(void *user, tenon_error *error, const uint32_t *result);
tenon_error *taker_take_start(taker *self, tenon_stream bytes, taker_take_done done, void *user,
                              tenon_task **task);

#ifdef __cplusplus
}
#endif
#endif
