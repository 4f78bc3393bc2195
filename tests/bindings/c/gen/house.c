/* Made by `tenon bindgen c`. Do not edit. */
#include <tenon/detail/c_calls.h>

#include "house.h"

#if TENON_C_CALLS_VERSION != 1
#error "this file was made for other headers of tenon: run `tenon bindgen c` again"
#endif

static const tenon_c_type type_0_ = {TENON_STRING, false, 0, sizeof(tenon_string), 0, NULL};
static const tenon_c_type type_1_ = {TENON_OWN, true, 0, sizeof(void *), 0, NULL};
static const tenon_c_part parts_2_[] = {
    {"name", &type_0_, offsetof(house_rooms_room, name)},
    {"door", &type_1_, offsetof(house_rooms_room, door)}};
static const tenon_c_type type_2_ = {TENON_RECORD, false, 0, sizeof(house_rooms_room), 2, parts_2_};
static const tenon_c_part parts_3_[] = {
    {"ok", &type_2_, offsetof(house_result_rooms_room_string, of)},
    {"err", &type_0_, offsetof(house_result_rooms_room_string, of)}};
static const tenon_c_type type_3_ = {TENON_RESULT, false, 0, sizeof(house_result_rooms_room_string), 2, parts_3_};
static const tenon_c_type type_4_ = {TENON_U32, false, 0, sizeof(uint32_t), 0, NULL};
static const tenon_c_type type_5_ = {TENON_BORROW, true, 0, sizeof(void *), 0, NULL};
static const tenon_c_part called_params_0_[] = {
    {"name", &type_0_, 0}};
static const tenon_c_part called_params_1_[] = {
    {"room", &type_2_, 0}};
static const tenon_c_part called_params_3_[] = {
    {"self", &type_5_, 0}};
static const tenon_c_function called_[] = {
    {"demo:bindings/rooms@1.0.0", "open", called_params_0_, 1, &type_3_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS | TENON_C_GETS_OWN},
    {"demo:bindings/rooms@1.0.0", "close", called_params_1_, 1, &type_0_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS | TENON_C_GIVES_OWN},
    {"demo:bindings/rooms@1.0.0", "doors", NULL, 0, &type_4_, 0},
    {"demo:bindings/rooms@1.0.0", "[method]door.number", called_params_3_, 1, &type_4_, 0}};

void house_rooms_door_delete(house_rooms_door *handle) {
  tenon_resource_delete((tenon_resource *)handle);
}

tenon_error *house_rooms_open(house *self, tenon_string name, tenon_arena *arena,
                              house_result_rooms_room_string *result) {
  const void *const args_[] = {&name};
  return tenon_c_call((tenon_c_found *)self, 0, args_, arena, result);
}

tenon_error *house_rooms_close(house *self, const house_rooms_room *room, tenon_arena *arena,
                               tenon_string *result) {
  const void *const args_[] = {room};
  return tenon_c_call((tenon_c_found *)self, 1, args_, arena, result);
}

tenon_error *house_rooms_doors(house *self, uint32_t *result) {
  uint64_t number_ = 0;
  tenon_error *const error_ = tenon_function_call_flat(tenon_c_function_at((tenon_c_found *)self, 2), NULL, 0, &number_);
  if (result != NULL) *result = (uint32_t)number_;
  return error_;
}

tenon_error *house_rooms_door_number(house *self, house_rooms_door *door, uint32_t *result) {
  const void *const args_[] = {&door};
  return tenon_c_call((tenon_c_found *)self, 3, args_, NULL, result);
}

house *house_find(tenon_composition *from, void (*report)(void *user, const char *text),
                  void *user) {
  return (struct house *)tenon_c_find(from, NULL, called_, 4, report, user);
}

house *house_find_in(tenon_unit *from, void (*report)(void *user, const char *text), void *user) {
  return (struct house *)tenon_c_find(NULL, from, called_, 4, report, user);
}

void house_delete(house *self) {
  tenon_c_found_delete((tenon_c_found *)self, 4);
}
