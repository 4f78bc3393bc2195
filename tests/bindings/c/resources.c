/* Resources of units and of this program, alone and within other values. */
#include "checks.h"
#include "tests/bindings/c/gen/counters.h"
#include "tests/bindings/c/gen/hotel.h"
#include "tests/bindings/c/gen/house.h"
#include "tests/bindings/c/gen/keeper.h"

/* ---- Resources of units -------------------------------------------------------------------------- */

static uint32_t alive(counters* units) {
  uint32_t count = 0;
  CHECK_OK(counters_lib_alive(units, &count));
  return count;
}

static counters_lib_counter* make_counter(counters* units, uint32_t start) {
  counters_lib_counter* counter = NULL;
  CHECK_OK(counters_lib_counter_new(units, start, &counter));
  CHECK(counter != NULL);
  return counter;
}

static void check_methods(counters* units) {
  counters_lib_counter* const a = make_counter(units, 3);
  counters_lib_counter* const b = make_counter(units, 40);
  uint32_t first = 0;
  uint32_t second = 0;
  CHECK_OK(counters_lib_counter_next(units, a, &first));
  CHECK_OK(counters_lib_counter_next(units, a, &second));
  CHECK(second == first + 1);
  CHECK_OK(counters_lib_counter_peek(units, b, a, &second));
  CHECK(alive(units) == 2);
  counters_lib_counter* merged = NULL;
  CHECK_OK(counters_lib_counter_merge(units, a, b, &merged));
  CHECK(alive(units) == 1);
  CHECK_OK(counters_lib_consume(units, merged, NULL));
  CHECK(alive(units) == 0);
  counters_lib_counter_delete(make_counter(units, 1));
  CHECK(alive(units) == 0);
  /* A handle that nobody wants. */
  CHECK_OK(counters_lib_counter_new(units, 1, NULL));
  CHECK(alive(units) == 0);
}

static void check_lists_of_handles(counters* units) {
  counters_lib_counter* const all[] = {make_counter(units, 5), make_counter(units, 7)};
  const counters_list_lib_counter list = {all, 2};
  uint32_t kept = 0;
  CHECK_OK(counters_keeper_keep_all(units, list, &kept));
  CHECK(kept == 2 && alive(units) == 2);
  CHECK_OK(counters_keeper_keep(units, make_counter(units, 9)));
  counters_option_lib_counter taken;
  for (size_t i = 0; i < 3; ++i) {
    CHECK_OK(counters_keeper_take(units, &taken));
    CHECK(taken.is_some && taken.value != NULL);
    CHECK_OK(counters_lib_counter_next(units, taken.value, NULL));
    counters_lib_counter_delete(taken.value);
    CHECK(alive(units) == 2 - i);
  }
  CHECK_OK(counters_keeper_take(units, &taken));
  CHECK(!taken.is_some);
  counters_lib_counter_delete(NULL);
  /* A handle is used up by a call that does not reach the unit. */
  counters_lib_counter* const other = make_counter(units, 1);
  CHECK_FAILS(counters_lib_consume(NULL, NULL, NULL), "api-usage");
  CHECK_FAILS(counters_lib_counter_merge(units, other, NULL, NULL), "value-handle");
  CHECK(alive(units) == 0);
}

static void check_counters(void) {
  tenon_builder* const builder = tenon_builder_new();
  add_guest(builder, "lib");
  add_guest(builder, "keeper");
  tenon_builder_export_item(builder, "lib", "demo:domains/lib@1.0.0", NULL);
  tenon_builder_export_item(builder, "keeper", "demo:domains/keeper@1.0.0", NULL);
  tenon_composition* const composition = build(builder);
  counters* const units = counters_find(composition, report_failure, NULL);
  CHECK(units != NULL);
  check_methods(units);
  check_lists_of_handles(units);
  CHECK_FAILS(counters_lib_boom(units), "run-trap");
  counters_delete(units);
  tenon_composition_delete(composition);
}

/* ---- Handles beside text ------------------------------------------------------------------------- */

static uint32_t doors(house* units) {
  uint32_t count = 0;
  CHECK_OK(house_rooms_doors(units, &count));
  return count;
}

static void check_rooms(house* units, tenon_arena* arena) {
  house_result_rooms_room_string result;
  CHECK_OK(house_rooms_open(units, tenon_string_of("kitchen"), arena, &result));
  CHECK(!result.is_err && is_text(result.of.ok.name, "kitchen") && doors(units) == 1);
  uint32_t number = 0;
  CHECK_OK(house_rooms_door_number(units, result.of.ok.door, &number));
  CHECK(number == 1);
  tenon_string name;
  CHECK_OK(house_rooms_close(units, &result.of.ok, arena, &name));
  CHECK(is_text(name, "kitchen") && doors(units) == 0);

  /* Deleting a handle drops the resource, although the arena of the result exists. */
  CHECK_OK(house_rooms_open(units, tenon_string_of("hall"), arena, &result));
  house_rooms_door_delete(result.of.ok.door);
  CHECK(doors(units) == 0 && is_text(result.of.ok.name, "hall"));
  CHECK_FAILS(house_rooms_open(units, tenon_string_of("hall"), NULL, &result), "api-usage");
  CHECK(!result.is_err && result.of.ok.door == NULL);

  CHECK_OK(house_rooms_open(units, tenon_string_of(""), arena, &result));
  CHECK(result.is_err && is_text(result.of.err, "no name"));
}

static void check_house(void) {
  tenon_builder* const builder = tenon_builder_new();
  add_component(builder, "house");
  tenon_composition* const composition = build(builder);
  house* const units = house_find(composition, report_failure, NULL);
  CHECK(units != NULL);
  tenon_arena* const arena = tenon_arena_new();
  check_rooms(units, arena);
  tenon_arena_delete(arena);
  /* Calls fail after the end of the composition. */
  tenon_composition_delete(composition);
  CHECK_FAILS(house_rooms_doors(units, NULL), "run-no-function");
  house_delete(units);
  house_delete(NULL);
}

/* Adds a `!` to the name. */
static int32_t pass(void* user, tenon_call* call, const hotel_rooms_room* room,
                    hotel_rooms_room* result) {
  char* const name = (char*)tenon_host()->alloc(call, room->name.len + 1, 1);
  if (name == NULL) return 1;
  memcpy(name, room->name.ptr, room->name.len);
  name[room->name.len] = '!';
  result->name.ptr = name;
  result->name.len = room->name.len + 1;
  result->door = room->door;
  ++*(int*)user;
  return 0;
}
static void later(void* user, tenon_completion completion, const hotel_rooms_room* room) {
  ++*(int*)user;
  CHECK(hotel_guests_later_complete(completion, room) == 0);
}

/* One unit gives the handles of another to the program, which returns them. */
static void check_hotel(void) {
  int calls = 0;
  hotel_guests_functions functions;
  memset(&functions, 0, sizeof(functions));
  functions.pass = pass;
  functions.later = later;
  tenon_builder* const builder = tenon_builder_new();
  hotel_guests_provide(builder, &functions, &calls, NULL);
  add_component(builder, "house");
  tenon_builder_isolate(builder, "house");
  add_component(builder, "lobby");
  tenon_builder_set_root(builder, "lobby");
  tenon_builder_export_item(builder, "house", "demo:bindings/rooms@1.0.0", NULL);
  tenon_composition* const composition = build(builder);
  hotel* const units = hotel_find(composition, report_failure, NULL);
  CHECK(units != NULL);
  char* length = NULL;
  CHECK_OK(tenon_composition_call(composition, "visit()", &length));
  CHECK(length != NULL && strcmp(length, "6") == 0 && calls == 2);
  tenon_free(length);
  uint32_t doors_left = 1;
  CHECK_OK(hotel_rooms_doors(units, &doors_left));
  CHECK(doors_left == 0);
  hotel_delete(units);
  tenon_composition_delete(composition);
}

/* ---- Resources of the program -------------------------------------------------------------------- */

struct keeper_lib_counter {
  uint32_t value;
  int drops;
};

static int32_t counter_next(void* user, tenon_call* call, keeper_lib_counter* counter,
                            uint32_t* result) {
  if (counter->value == 100) return tenon_host()->trap(call, "%s", (const char*)user);
  *result = ++counter->value;
  return 0;
}

static void counter_drop(void* user, keeper_lib_counter* dropped) {
  (void)user;
  ++dropped->drops;
}

static void check_objects(keeper* units) {
  keeper_lib_counter a = {1, 0};
  keeper_lib_counter b = {5, 0};
  uint32_t number = 0;
  CHECK_OK(keeper_keeper_keep(units, &a));
  CHECK_OK(keeper_keeper_kept(units, &number));
  CHECK(number == 1);
  /* The program owns it again. */
  keeper_option_lib_counter taken;
  CHECK_OK(keeper_keeper_take(units, &taken));
  CHECK(taken.is_some && taken.value == &a && a.drops == 0);
  CHECK_OK(keeper_keeper_sum(units, &a, &b, &number));
  CHECK(number == 8 && a.drops == 0 && b.drops == 0);
  keeper_lib_counter last = {100, 0};
  keeper_lib_counter* const all[] = {&a, &last};
  const keeper_list_lib_counter list = {all, 2};
  CHECK_OK(keeper_keeper_keep_all(units, list, &number));
  CHECK(number == 2);
  /* The trap of the program ends the unit, which drops what it has. */
  tenon_error* const error = keeper_keeper_sum(units, &b, &last, &number);
  CHECK(error != NULL && strstr(tenon_error_text(error), "too large") != NULL);
  CHECK_FAILS(error, "run-trap");
  CHECK(number == 0 && a.drops == 1 && last.drops == 1 && b.drops == 0);
}

static void check_keeper(void) {
  static char text[] = "too large";
  keeper_lib_functions functions;
  memset(&functions, 0, sizeof(functions));
  functions.counter_next = counter_next;
  functions.counter_drop = counter_drop;
  tenon_builder* const builder = tenon_builder_new();
  keeper_lib_provide(builder, &functions, text, NULL);
  add_guest(builder, "keeper");
  tenon_composition* const composition = build(builder);
  keeper* const units = keeper_find(composition, report_failure, NULL);
  CHECK(units != NULL);
  check_objects(units);
  keeper_delete(units);
  tenon_composition_delete(composition);

  /* A function that is not provided. */
  functions.counter_next = NULL;
  tenon_builder* const other = tenon_builder_new();
  keeper_lib_provide(other, &functions, text, NULL);
  add_guest(other, "keeper");
  tenon_composition* none = NULL;
  CHECK_FAILS(tenon_builder_build(other, &none), "resolve-type-mismatch");
  tenon_builder_delete(other);
}

void check_resources(void) {
  check_counters();
  check_house();
  check_hotel();
  check_keeper();
}
