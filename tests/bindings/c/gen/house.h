/* Made by `tenon bindgen c` from the WIT of demo:bindings/house@1.0.0. Do not edit.
 *
 * A function that calls a unit returns NULL, or an error that the caller deletes. Strings and lists of its
 * result lie in `arena`, until that is reset or deleted. `result` can be NULL. `own` handles of units in a
 * result are the caller's, and are used up when they are passed as `own`, whether the call fails or not. */
#ifndef TENON_BINDGEN_HOUSE_H
#define TENON_BINDGEN_HOUSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tenon/tenon_c.h>
#include <tenon/tenon_string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The functions of a composition or of one unit. Any number of threads can call them. */
typedef struct house house;
/* Looks up all functions. NULL if one is missing or has another type, or there is no memory. report: called
 * with the text of each problem, for people; can be NULL. */
house *house_find(tenon_composition *from, void (*report)(void *user, const char *text),
                  void *user);
house *house_find_in(tenon_unit *from, void (*report)(void *user, const char *text), void *user);
/* No call may be in progress, except those that were started. */
void house_delete(house *self);

/* ---- demo:bindings/rooms@1.0.0, which units export ---- */

/* A handle of a resource of a unit. */
typedef struct house_rooms_door house_rooms_door;
void house_rooms_door_delete(house_rooms_door *handle);
typedef struct house_rooms_room {
  tenon_string name;
  house_rooms_door *door;
} house_rooms_room;
typedef struct house_result_rooms_room_string {
  bool is_err;
  union {
    house_rooms_room ok;
    tenon_string err;
  } of;
} house_result_rooms_room_string;

/* An error if the name is empty.
 * open: func(name: string) -> result<room, string>; */
tenon_error *house_rooms_open(house *self, tenon_string name, tenon_arena *arena,
                              house_result_rooms_room_string *result);

/* Drops the door, and returns the name.
 * close: func(room: room) -> string; */
tenon_error *house_rooms_close(house *self, const house_rooms_room *room, tenon_arena *arena,
                               tenon_string *result);

/* Doors that exist.
 * doors: func() -> u32; */
tenon_error *house_rooms_doors(house *self, uint32_t *result);

/* number: func() -> u32; */
tenon_error *house_rooms_door_number(house *self, house_rooms_door *door, uint32_t *result);

#ifdef __cplusplus
}
#endif
#endif
