/* Made by `tenon bindgen c`. Do not edit. */
#include <tenon/detail/c_calls.h>

#include "hotel.h"

#if TENON_C_CALLS_VERSION != 1
#error "this file was made for other headers of tenon: run `tenon bindgen c` again"
#endif

static const tenon_c_type type_0_ = {TENON_STRING, false, 0, sizeof(tenon_string), 0, NULL};
static const tenon_c_type type_1_ = {TENON_OWN, true, 0, sizeof(void *), 0, NULL};
static const tenon_c_part parts_2_[] = {
    {"name", &type_0_, offsetof(hotel_rooms_room, name)},
    {"door", &type_1_, offsetof(hotel_rooms_room, door)}};
static const tenon_c_type type_2_ = {TENON_RECORD, false, 0, sizeof(hotel_rooms_room), 2, parts_2_};
static const tenon_c_part parts_3_[] = {
    {"ok", &type_2_, offsetof(hotel_result_rooms_room_string, of)},
    {"err", &type_0_, offsetof(hotel_result_rooms_room_string, of)}};
static const tenon_c_type type_3_ = {TENON_RESULT, false, 0, sizeof(hotel_result_rooms_room_string), 2, parts_3_};
static const tenon_c_type type_4_ = {TENON_U32, false, 0, sizeof(uint32_t), 0, NULL};
static const tenon_c_type type_5_ = {TENON_BORROW, true, 0, sizeof(void *), 0, NULL};
static const tenon_c_part called_params_0_[] = {
    {"name", &type_0_, 0}};
static const tenon_c_part called_params_1_[] = {
    {"room", &type_2_, 0}};
static const tenon_c_part called_params_3_[] = {
    {"self", &type_5_, 0}};
static const tenon_c_part provided_params_0_[] = {
    {"room", &type_2_, 0}};
static const tenon_c_part provided_params_1_[] = {
    {"room", &type_2_, 0}};
static const tenon_c_function called_[] = {
    {"demo:bindings/rooms@1.0.0", "open", called_params_0_, 1, &type_3_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS | TENON_C_GETS_OWN},
    {"demo:bindings/rooms@1.0.0", "close", called_params_1_, 1, &type_0_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS | TENON_C_GIVES_OWN},
    {"demo:bindings/rooms@1.0.0", "doors", NULL, 0, &type_4_, 0},
    {"demo:bindings/rooms@1.0.0", "[method]door.number", called_params_3_, 1, &type_4_, 0}};
static const tenon_c_function provided_[] = {
    {"demo:bindings/guests@1.0.0", "pass", provided_params_0_, 1, &type_2_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS | TENON_C_GETS_OWN | TENON_C_GIVES_OWN},
    {"demo:bindings/guests@1.0.0", "later", provided_params_1_, 1, &type_2_, TENON_C_IN_ARENA | TENON_C_HAS_PARTS | TENON_C_GETS_OWN | TENON_C_GIVES_OWN}};

void hotel_rooms_door_delete(hotel_rooms_door *handle) {
  tenon_resource_delete((tenon_resource *)handle);
}

tenon_error *hotel_rooms_open(hotel *self, tenon_string name, tenon_arena *arena,
                              hotel_result_rooms_room_string *result) {
  const void *const args_[] = {&name};
  return tenon_c_call((tenon_c_found *)self, 0, args_, arena, result);
}

tenon_error *hotel_rooms_close(hotel *self, const hotel_rooms_room *room, tenon_arena *arena,
                               tenon_string *result) {
  const void *const args_[] = {room};
  return tenon_c_call((tenon_c_found *)self, 1, args_, arena, result);
}

tenon_error *hotel_rooms_doors(hotel *self, uint32_t *result) {
  uint64_t number_ = 0;
  tenon_error *const error_ = tenon_function_call_flat(tenon_c_function_at((tenon_c_found *)self, 2), NULL, 0, &number_);
  if (result != NULL) *result = (uint32_t)number_;
  return error_;
}

tenon_error *hotel_rooms_door_number(hotel *self, hotel_rooms_door *door, uint32_t *result) {
  const void *const args_[] = {&door};
  return tenon_c_call((tenon_c_found *)self, 3, args_, NULL, result);
}

struct hotel_guests_provided_ {
  tenon_c_provided base;
  hotel_guests_functions functions;
};

static void hotel_guests_cancel_(void *self, tenon_completion completion) {
  const struct hotel_guests_provided_ *const to_ = (const struct hotel_guests_provided_ *)self;
  (to_->functions.cancel)(to_->base.user, completion);
}

static int32_t hotel_guests_pass_(void *self, tenon_call *call, const tenon_value *args,
                                  size_t nargs, tenon_value *result) {
  const struct hotel_guests_provided_ *const to_ = (const struct hotel_guests_provided_ *)self;
  hotel_rooms_room room;
  void *const places_[] = {&room};
  hotel_rooms_room value_;
  if (tenon_c_read_args(&provided_[0], call, args, nargs, places_) != 0) return 1;
  memset(&value_, 0, sizeof(value_));
  if ((to_->functions.pass)(to_->base.user, call, &room, &value_) != 0) return 1;
  return tenon_c_return(&provided_[0], call, &value_, result);
}

static int32_t hotel_guests_later_(void *self, tenon_call *call, const tenon_value *args,
                                   size_t nargs, tenon_value *result) {
  const struct hotel_guests_provided_ *const to_ = (const struct hotel_guests_provided_ *)self;
  hotel_rooms_room room;
  void *const places_[] = {&room};
  if (tenon_c_read_args(&provided_[1], call, args, nargs, places_) != 0) return 1;
  const tenon_completion completion = tenon_host()->defer(
      call, to_->functions.cancel != NULL ? hotel_guests_cancel_ : NULL);
  if (completion == 0) return tenon_host()->trap(call, "its call cannot be deferred");
  (to_->functions.later)(to_->base.user, completion, &room);
  (void)result;
  return 0;
}

int32_t hotel_guests_later_complete(tenon_completion completion, const hotel_rooms_room *result) {
  return tenon_c_complete(&provided_[1], completion, result);
}

void hotel_guests_provide(tenon_builder *builder, const hotel_guests_functions *functions,
                          void *user, void (*drop)(void *user)) {
  struct hotel_guests_provided_ *const to_ = (struct hotel_guests_provided_ *)tenon_c_provide(builder, sizeof(struct hotel_guests_provided_), user, drop);
  if (to_ == NULL) return;
  to_->functions = *functions;
  tenon_c_add(builder, &provided_[0], functions->pass != NULL ? hotel_guests_pass_ : NULL, &to_->base);
  tenon_c_add_deferred(builder, &provided_[1], functions->later != NULL ? hotel_guests_later_ : NULL, &to_->base);
  tenon_c_unprovide(to_);
}

hotel *hotel_find(tenon_composition *from, void (*report)(void *user, const char *text),
                  void *user) {
  return (struct hotel *)tenon_c_find(from, NULL, called_, 4, report, user);
}

hotel *hotel_find_in(tenon_unit *from, void (*report)(void *user, const char *text), void *user) {
  return (struct hotel *)tenon_c_find(NULL, from, called_, 4, report, user);
}

void hotel_delete(hotel *self) {
  tenon_c_found_delete((tenon_c_found *)self, 4);
}
