/* Calls that end later, in both directions, and streams. */
#include "checks.h"
#include "tests/bindings/c/gen/taker.h"
#include "tests/bindings/c/gen/visitor.h"

/* ---- Calls --------------------------------------------------------------------------------------- */

static tenon_completion held[4];
static size_t nheld;
static int cancelled;

/* Even numbers wait; 1 is a trap. */
static void hold(void* user, tenon_completion completion, uint32_t number) {
  (void)user;
  if (number == 1)
    tenon_host()->fail(completion, "%u is too small", (unsigned)number);
  else if (number % 2 == 1)
    CHECK(visitor_hold_complete(completion, number + 1) == 0);
  else
    held[nheld++] = completion;
}

static void cancel(void* user, tenon_completion completion) {
  (void)user;
  ++cancelled;
  tenon_host()->fail(completion, "cancelled");
}

struct outcome {
  int count;
  uint32_t result;
  char code[40];
};

static void on_visit(void* user, tenon_error* error, const uint32_t* result) {
  struct outcome* const outcome = (struct outcome*)user;
  ++outcome->count;
  CHECK((error == NULL) == (result != NULL));
  if (result != NULL) outcome->result = *result;
  if (error != NULL) snprintf(outcome->code, sizeof(outcome->code), "%s", tenon_error_code(error));
  tenon_error_delete(error);
}

static void check_starts(visitor* units) {
  struct outcome first = {0, 0, ""};
  struct outcome second = {0, 0, ""};
  struct outcome third = {0, 0, ""};
  tenon_task* task = NULL;
  tenon_task* ending = NULL;
  CHECK_OK(visitor_visit_start(units, 2, on_visit, &first, &task));
  CHECK_OK(visitor_visit_start(units, 4, on_visit, &second, &ending));
  CHECK_OK(visitor_visit_start(units, 3, on_visit, &third, NULL));
  CHECK(nheld == 2 && first.count == 0);
  CHECK(visitor_hold_complete(held[0], 20) == 0);
  CHECK(tenon_task_wait(task, UINT64_MAX) != 0);
  CHECK(first.count == 1 && first.result == 20);
  tenon_task_cancel(ending);
  CHECK(tenon_task_wait(ending, UINT64_MAX) != 0);
  CHECK(second.count == 1 && strcmp(second.code, "run-interrupted") == 0);
  /* The unit still waits. */
  CHECK(visitor_hold_complete(held[1], 4) == 0);
  tenon_task_delete(task);
  tenon_task_delete(ending);
  CHECK(third.count == 1 && third.result == 4);
  /* A result that nobody wants. */
  CHECK_OK(visitor_visit_start(units, 5, NULL, NULL, NULL));
  CHECK_FAILS(visitor_visit_start(NULL, 5, on_visit, &third, &task), "api-usage");
  CHECK(task == NULL && third.count == 1);
}

static tenon_composition* build_visitor(void) {
  visitor_functions functions;
  memset(&functions, 0, sizeof(functions));
  functions.hold = hold;
  functions.cancel = cancel;
  tenon_builder* const builder = tenon_builder_new();
  visitor_provide(builder, &functions, NULL, NULL);
  add_component(builder, "visitor");
  return build(builder);
}

static void check_visitor(void) {
  tenon_composition* const composition = build_visitor();
  visitor* const units = visitor_find(composition, report_failure, NULL);
  CHECK(units != NULL);
  uint32_t number = 0;
  CHECK_OK(visitor_visit(units, 41, &number));
  CHECK(number == 42);
  check_starts(units);
  while (tenon_composition_run_for(composition, 1000000)) continue;
  CHECK_FAILS(visitor_visit(units, 1, &number), "run-trap");
  CHECK(number == 0);
  visitor_delete(units);
  tenon_composition_delete(composition);
  CHECK(cancelled == 0);
}

/* A call that is in progress when its composition ends. */
static void check_end(void) {
  tenon_composition* const composition = build_visitor();
  visitor* const units = visitor_find(composition, report_failure, NULL);
  struct outcome last = {0, 0, ""};
  CHECK_OK(visitor_visit_start(units, 6, on_visit, &last, NULL));
  CHECK(last.count == 0);
  tenon_composition_delete(composition);
  CHECK(last.count == 1 && strcmp(last.code, "run-ended") == 0);
  CHECK(cancelled == 1);
  visitor_delete(units);
}

/* ---- Streams ------------------------------------------------------------------------------------- */

struct writing {
  tenon_stream stream;
  tenon_value items;
};

static void on_written(void* data, const tenon_value* items, size_t count, int32_t state) {
  struct writing* const writing = (struct writing*)data;
  (void)items, (void)state;
  CHECK(count == 11);
  tenon_host()->stream_close(writing->stream);
}

static void check_taker(void) {
  tenon_builder* const builder = tenon_builder_new();
  add_component(builder, "taker");
  tenon_composition* const composition = build(builder);
  taker* const units = taker_find(composition, report_failure, NULL);
  CHECK(units != NULL);
  struct writing writing = {tenon_host()->stream_new(),
                            tenon_value_packed(TENON_U8, "hello world", 11)};
  CHECK(tenon_host()->stream_write(writing.stream, &writing.items, on_written, &writing) == 0);
  uint32_t count = 0;
  CHECK_OK(taker_take(units, writing.stream, &count));
  CHECK(count == 11);
  taker_delete(units);
  tenon_composition_delete(composition);
}

void check_tasks(void) {
  check_visitor();
  check_end();
  check_taker();
}
