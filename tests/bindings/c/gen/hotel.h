/* Made by `tenon bindgen c` from the WIT of demo:bindings/hotel@1.0.0. Do not edit.
 *
 * A function that calls a unit returns NULL, or an error that the caller deletes. Strings and lists of its
 * result lie in `arena`, until that is reset or deleted. `result` can be NULL. `own` handles of units in a
 * result are the caller's, and are used up when they are passed as `own`, whether the call fails or not. */
#ifndef TENON_BINDGEN_HOTEL_H
#define TENON_BINDGEN_HOTEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tenon/tenon_c.h>
#include <tenon/tenon_string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The functions of a composition or of one unit. Any number of threads can call them. */
typedef struct hotel hotel;
/* Looks up all functions. NULL if one is missing or has another type, or there is no memory. report: called
 * with the text of each problem, for people; can be NULL. */
hotel *hotel_find(tenon_composition *from, void (*report)(void *user, const char *text),
                  void *user);
hotel *hotel_find_in(tenon_unit *from, void (*report)(void *user, const char *text), void *user);
/* No call may be in progress, except those that were started. */
void hotel_delete(hotel *self);

/* ---- demo:bindings/rooms@1.0.0, which units export ---- */

/* A handle of a resource of a unit. */
typedef struct hotel_rooms_door hotel_rooms_door;
void hotel_rooms_door_delete(hotel_rooms_door *handle);
typedef struct hotel_rooms_room {
  tenon_string name;
  hotel_rooms_door *door;
} hotel_rooms_room;
typedef struct hotel_result_rooms_room_string {
  bool is_err;
  union {
    hotel_rooms_room ok;
    tenon_string err;
  } of;
} hotel_result_rooms_room_string;

/* An error if the name is empty.
 * open: func(name: string) -> result<room, string>; */
tenon_error *hotel_rooms_open(hotel *self, tenon_string name, tenon_arena *arena,
                              hotel_result_rooms_room_string *result);

/* Drops the door, and returns the name.
 * close: func(room: room) -> string; */
tenon_error *hotel_rooms_close(hotel *self, const hotel_rooms_room *room, tenon_arena *arena,
                               tenon_string *result);

/* Doors that exist.
 * doors: func() -> u32; */
tenon_error *hotel_rooms_doors(hotel *self, uint32_t *result);

/* number: func() -> u32; */
tenon_error *hotel_rooms_door_number(hotel *self, hotel_rooms_door *door, uint32_t *result);

/* ---- demo:bindings/guests@1.0.0, which the program provides ---- */

typedef hotel_rooms_room hotel_guests_room;

/* The functions that the program provides; those that are NULL are not provided. They return 0, or nonzero
 * for a trap: `return tenon_host()->trap(call, "..")`. */
typedef struct hotel_guests_functions {
  /* pass: func(room: room) -> room; */
  int32_t (*pass)(void *user, tenon_call *call, const hotel_rooms_room *room,
                  hotel_rooms_room *result);
  /* later: async func(room: room) -> room; */
  void (*later)(void *user, tenon_completion completion, const hotel_rooms_room *room);
  /* The result of a call is not wanted any more: end it soon. Can be NULL. */
  void (*cancel)(void *user, tenon_completion completion);
} hotel_guests_functions;
/* Ends a call of later, on any thread, as `complete` of tenon_host(). `fail` makes it a trap. */
int32_t hotel_guests_later_complete(tenon_completion completion, const hotel_rooms_room *result);
/* Adds them to a builder. The struct is copied. drop: called with `user` once, when nothing calls them any
 * more; can be NULL. */
void hotel_guests_provide(tenon_builder *builder, const hotel_guests_functions *functions,
                          void *user, void (*drop)(void *user));

#ifdef __cplusplus
}
#endif
#endif
