// Calls of the C API whose allocations fail.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/tenon_c.h"
#include "tests/memory/c_units.h"
#include "tests/support/c_api.h"
#include "tests/support/failing_memory.h"

namespace tenon::c_api_test::calls_test {
namespace {

using failing_memory::call_failing;
using failing_memory::expect_no_allocation;
using failing_memory::fail_each;
using failing_memory::kNoMemory;
using failing_memory::Later;
using testing::AnyOf;
using testing::HasSubstr;
using testing::StartsWith;

// Arguments of all kinds.
class CallsOfLib : public testing::Test {
 protected:
  // Calls a function in each way.
  void call(const BuiltComposition& composition, const char* name,
            const std::vector<tenon_value>& args) {
    SCOPED_TRACE(name);
    const FoundFunction function = find(composition, "", name);
    const Arena arena(tenon_arena_new());
    tenon_value result;
    const auto resets = [&] { tenon_arena_reset(arena.get()); };
    fail_each(
        [&] {
          return CALL(tenon_function_call)(function.get(), args.data(), args.size(), arena.get(),
                                           &result);
        },
        {.clean = resets});
    fail_each([&] {
      return CALL(tenon_function_call)(function.get(), args.data(), args.size(), nullptr, nullptr);
    });
    fail_each(
        [&] {
          return CALL(tenon_function_call)(function.get(), args.data(), args.size() - 1,
                                           arena.get(), &result);
        },
        {.clean = resets, .expected = "value-type: "});
    // The error of a call that was started belongs to `done`.
    tenon_error* ended = nullptr;
    const auto done = [](void* user, tenon_error* error, const tenon_value*) {
      *static_cast<tenon_error**>(user) = error;
    };
    tenon_task* task = nullptr;
    fail_each(
        [&] {
          ended = nullptr;
          tenon_error* const error = CALL(tenon_function_start)(function.get(), args.data(),
                                                                args.size(), done, &ended, &task);
          return error != nullptr ? error : ended;
        },
        {.clean = [&] { tenon_task_delete(task); }});
  }

  void call_all(const BuiltComposition& composition) {
    call(composition, "add", {tenon_value_u32(3), tenon_value_u32(4)});
    call(composition, "echo", {tenon_value_string("hello", 5)});
    const std::string large(100'000, 'x');
    call(composition, "echo", {tenon_value_string(large.data(), large.size())});
    const std::array<std::uint8_t, 4> bytes = {0, 255, 7, 9};
    call(composition, "echo-bytes", {tenon_value_packed(TENON_U8, bytes.data(), bytes.size())});
    std::array<tenon_value, 3> point = {tenon_value_u32(1), tenon_value_u64(UINT64_MAX),
                                        tenon_value_f64(-0.5)};
    tenon_value record = tenon_value_items(TENON_RECORD, point.data(), 3);
    call(composition, "echo-points", {tenon_value_items(TENON_LIST, &record, 1)});
    tenon_value text = tenon_value_string("x", 1);
    std::array<tenon_value, 3> tuple = {tenon_value_char('c'), tenon_value_bool(1),
                                        tenon_value_s64(-5)};
    call(composition, "echo-mixed",
         {tenon_value_option(&text), tenon_value_case(TENON_RESULT, 1, &text),
          tenon_value_items(TENON_TUPLE, tuple.data(), 3),
          tenon_value_case(TENON_VARIANT, 0, &text), tenon_value_flags(5)});
  }

  void fail(const BuiltComposition& composition, const char* name) {
    const FoundFunction boom = find(composition, "", name);
    fail_each([&] { return CALL(tenon_function_call)(boom.get(), nullptr, 0, nullptr, nullptr); },
              {.expected = "run-trap: "});
  }
};

TEST_F(CallsOfLib, FailWithoutMemory) {
  const BuiltComposition lib = build_again(make_guests({"lib"}));
  call_all(lib);
  fail(lib, "boom");
  call(lib, "[constructor]counter", {tenon_value_u32(3)});
}

TEST_F(CallsOfLib, BetweenDomainsFailWithoutMemory) {
  const Builder builder = make_guests({"front", "keeper", "lib"});
  tenon_builder_set_root(builder.get(), "front");
  tenon_builder_isolate_all(builder.get());
  const BuiltComposition front = build_again(builder);
  call_all(front);
  call(front, "merge", {tenon_value_u32(3), tenon_value_u32(4)});
  call(front, "keep-all", {tenon_value_items(TENON_LIST, nullptr, 0)});
  fail(front, "boom");
}

TEST_F(CallsOfLib, OfFunctionsInCFailWithoutMemory) {
  const Builder builder = make_guests({"front", "keeper"});
  add_library(builder);
  tenon_builder_set_root(builder.get(), "front");
  const BuiltComposition front = build_again(builder);
  call_all(front);
  call(front, "merge", {tenon_value_u32(3), tenon_value_u32(4)});
  fail(front, "boom");
}

TEST_F(CallsOfLib, InTextFailWithoutMemory) {
  const BuiltComposition lib = build_again(make_guests({"lib"}));
  char* text = nullptr;
  const auto call_text = [&](const char* call, const char* expected) {
    fail_each([&] { return CALL(tenon_composition_call)(lib.get(), call, &text); },
              {.clean = [&] { tenon_free(text); }, .expected = expected});
  };
  call_text(R"(echo-mixed(some("x"), err("e"), ('c', true, -5), gone("g"), {red, blue}))", "");
  call_text("echo-points([{x: 1, y: 2, z: nan}, {x: 2, y: 3, z: -0.5}])", "");
  const FoundFunction points = find(lib, kLib, "echo-points");
  const auto call_json = [&](std::string_view args, const char* expected) {
    fail_each(
        [&] {
          return CALL(tenon_function_call_json)(points.get(), args.data(), args.size(), &text);
        },
        {.clean = [&] { tenon_free(text); }, .expected = expected});
  };
  call_json(R"([[{"x": 1, "y": 2, "z": 0.5}, {"x": 1, "y": 2, "z": 0.5}]])", "");
  call_json("[[{}", "value-syntax: ");
  call_json(R"([["]"]])", "value-type: ");
  call_text("add(1, ", "value-syntax: ");
  call_text("add(1, -1)", "value-range: ");
  call_text("ad(1)", "run-no-function: ");
}

TEST_F(CallsOfLib, OfNumbersFailWithoutMemory) {
  const BuiltComposition lib = build_again(make_guests({"lib"}));
  const FoundFunction add = find(lib, kLib, "add");
  const std::uint64_t params[] = {3, 4};
  std::uint64_t sum = 0;
  // After the first call.
  fail_each([&] { return CALL(tenon_function_call_flat)(add.get(), params, 2, &sum); });
  expect_no_allocation([&] {
    EXPECT_EQ(CALL(tenon_function_call_flat)(add.get(), params, 2, &sum), nullptr);
    EXPECT_EQ(sum, 7U);
  });
  fail_each([&] { return CALL(tenon_function_call_flat)(add.get(), params, 1, &sum); },
            {.expected = "value-type: "});
  const FoundFunction boom = find(lib, kLib, "boom");
  fail_each([&] { return CALL(tenon_function_call_flat)(boom.get(), nullptr, 0, nullptr); },
            {.expected = "run-trap: "});
}

class ValuesOfLib : public testing::Test {
 protected:
  tenon_error* make_counter() {
    const tenon_value start = tenon_value_u32(1);
    return tenon_function_call(make_.get(), &start, 1, arena_.get(), &counter_);
  }
  void expect_alive(const char* count) { EXPECT_EQ(call(lib_, "alive()"), count); }

  const BuiltComposition lib_ = build_again(make_guests({"lib"}));
  const FoundFunction make_ = find(lib_, kLib, "[constructor]counter");
  const Arena arena_{tenon_arena_new()};
  tenon_value counter_ = {};
};

// No resource is lost: the guest's destructor runs also if there is no memory for its failure.
TEST_F(ValuesOfLib, AreResources) {
  const FoundFunction next = find(lib_, kLib, "[method]counter.next");
  ASSERT_EQ(take(make_counter()), "");
  auto* const counter = static_cast<tenon_resource*>(counter_.of.rep);
  tenon_resource* kept = nullptr;
  fail_each([&] { return kept = CALL(tenon_resource_keep)(counter); },
            {.clean = [&] { tenon_resource_delete(kept); }});
  const tenon_value borrow = tenon_value_borrow(counter);
  fail_each([&] { return CALL(tenon_function_call)(next.get(), &borrow, 1, nullptr, nullptr); });
  expect_no_allocation([&] {
    EXPECT_STREQ(CALL(tenon_resource_type)(counter), "demo:domains/lib@1.0.0.counter");
    tenon_resource_delete(nullptr);
  });
  const auto keeps = [&] {
    expect_alive("0");
    ASSERT_EQ(take(make_counter()), "");
    kept = tenon_resource_keep(static_cast<tenon_resource*>(counter_.of.rep));
    tenon_arena_reset(arena_.get());
    expect_alive("1");
  };
  tenon_arena_reset(arena_.get());
  keeps();
  fail_each([&] { CALL(tenon_resource_delete)(kept); }, {.clean = keeps});
  tenon_resource_delete(kept);
  const auto makes = [&] {
    expect_alive("0");
    ASSERT_EQ(take(make_counter()), "");
  };
  makes();
  fail_each([&] { CALL(tenon_arena_reset)(arena_.get()); }, {.clean = makes});
}

TEST_F(ValuesOfLib, AreText) {
  const FoundFunction mixed = find(lib_, kLib, "echo-mixed");
  const FoundFunction points = find(lib_, kLib, "echo-points");
  std::array<tenon_value, 3> point = {tenon_value_u32(1), tenon_value_u64(2),
                                      tenon_value_f64(-0.5)};
  tenon_value record = tenon_value_items(TENON_RECORD, point.data(), 3);
  const tenon_value list = tenon_value_items(TENON_LIST, &record, 1);
  tenon_value inner = tenon_value_string("x", 1);
  const tenon_value option = tenon_value_option(&inner);
  char* text = nullptr;
  const auto fail = [&](const FoundFunction& function, const tenon_value& value,
                        const char* expected) {
    const tenon_type* const type = tenon_function_param_type(function.get(), 0);
    const failing_memory::Attempt attempt{.clean = [&] { tenon_free(text); }, .expected = expected};
    fail_each([&] { return CALL(tenon_value_wave)(type, &value, &text); }, attempt);
    fail_each([&] { return CALL(tenon_value_json)(type, &value, &text); }, attempt);
  };
  fail(points, list, "");
  fail(mixed, option, "");
  fail(mixed, list, "value-type: ");
  ASSERT_EQ(take(make_counter()), "");
  const tenon_type* const type = tenon_function_result_type(make_.get());
  fail_each([&] { return CALL(tenon_value_wave)(type, &counter_, &text); },
            {.clean = [&] { tenon_free(text); }});
}

// Questions about functions and types need no memory, except for the parts of a type, which are made when they are first
// asked for.
TEST_F(ValuesOfLib, HaveTypes) {
  const FoundFunction points = find(lib_, kLib, "echo-points");
  const tenon_type* type = nullptr;
  expect_no_allocation([&] {
    const tenon_function* const function = points.get();
    EXPECT_STREQ(CALL(tenon_function_interface)(function), "demo:domains/lib@1.0.0");
    EXPECT_STREQ(CALL(tenon_function_name)(function), "echo-points");
    EXPECT_STREQ(CALL(tenon_function_wit)(function),
                 "echo-points: func(points: list<point>) -> list<point>;");
    EXPECT_EQ(CALL(tenon_function_is_async)(function), 0);
    EXPECT_EQ(CALL(tenon_function_param_count)(function), 1U);
    EXPECT_STREQ(CALL(tenon_function_param_name)(function, 0), "points");
    EXPECT_NE(CALL(tenon_function_result_type)(function), nullptr);
    type = CALL(tenon_function_param_type)(function, 0);
    EXPECT_EQ(CALL(tenon_type_kind)(type), TENON_LIST);
    EXPECT_STREQ(CALL(tenon_type_name)(type), "");
    EXPECT_STREQ(CALL(tenon_type_wit)(type), "list<point>");
    EXPECT_STREQ(CALL(tenon_type_resource)(type), "");
    EXPECT_STREQ(CALL(tenon_type_owner)(type), "");
    EXPECT_EQ(CALL(tenon_type_length)(type), 0U);
  });
  for (std::size_t n = 1;; ++n) {
    const FoundFunction function = find(lib_, kLib, "echo-points");
    const tenon_type* const list = tenon_function_param_type(function.get(), 0);
    const auto count = [&] { return CALL(tenon_type_part_count)(list); };
    if (!call_failing(n, count).has_failed) break;
    EXPECT_EQ(tenon_type_part_count(list), 1U) << "after allocation " << n;
    expect_no_allocation([&] {
      EXPECT_STREQ(CALL(tenon_type_part_label)(list, 0), "");
      EXPECT_STREQ(tenon_type_name(CALL(tenon_type_part)(list, 0)), "point");
    });
  }
  // A type with several parts has each of them once.
  for (std::size_t n = 1;; ++n) {
    const FoundFunction function = find(lib_, kLib, "echo-mixed");
    const tenon_type* const trouble = tenon_function_param_type(function.get(), 3);
    const auto count = [&] { return CALL(tenon_type_part_count)(trouble); };
    if (!call_failing(n, count).has_failed) break;
    EXPECT_EQ(tenon_type_part_count(trouble), 2U) << "after allocation " << n;
  }
}

// The first one, in a process that has had none.
TEST(ErrorsInC, NeedNoMemoryToSayThatThereIsNone) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        tenon_error* error = nullptr;
        const auto misuse = [&] { error = CALL(tenon_builder_build)(nullptr, nullptr); };
        (void)call_failing(1, misuse, Later::Fails);
        std::_Exit(std::string_view(tenon_error_code(error)) == "api-memory" ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

TEST(ErrorsInC, NeedNoMemory) {
  const Builder app(tenon_builder_new());
  add_unit(app, "app", kConsumer);
  for (const Later later : {Later::Succeeds, Later::Fails})
    for (std::size_t n = 1;; ++n) {
      tenon_plan* plan = nullptr;
      const Problem problem(tenon_builder_plan(app.get(), &plan));
      std::string_view text;
      const auto print = [&] { text = CALL(tenon_error_text)(problem.get()); };
      if (!call_failing(n, print, later).has_failed) break;
      // The message alone. Later there is more.
      EXPECT_EQ(text, tenon_error_message(problem.get()));
      EXPECT_THAT(tenon_error_text(problem.get()), HasSubstr("error[resolve-no-provider]"));
    }
  for (const Later later : {Later::Succeeds, Later::Fails})
    for (std::size_t n = 1;; ++n) {
      const auto misuse = [] { return CALL(tenon_builder_build)(nullptr, nullptr); };
      const failing_memory::Outcome outcome = call_failing(n, misuse, later);
      EXPECT_THAT(outcome.problem, AnyOf(kNoMemory, StartsWith("api-usage: ")));
      if (!outcome.has_failed) break;
    }
  const BuiltComposition lib = build(make_guests({"lib"}));
  const FoundFunction boom = find(lib, kLib, "boom");
  tenon_error* const error = tenon_function_call(boom.get(), nullptr, 0, nullptr, nullptr);
  expect_no_allocation([&] {
    EXPECT_EQ(CALL(tenon_error_count)(error), 1U);
    EXPECT_STREQ(CALL(tenon_error_code)(error), "run-trap");
    EXPECT_NE(CALL(tenon_error_message)(error), nullptr);
    EXPECT_NE(CALL(tenon_error_problem)(error, 0), nullptr);
    EXPECT_NE(CALL(tenon_error_failure)(error), nullptr);
    CALL(tenon_error_delete)(error);
  });
}

TEST(ObjectsInC, AreNullWithoutMemory) {
  tenon_arena* arena = nullptr;
  fail_each([&] { return arena = CALL(tenon_arena_new)(); },
            {.clean = [&] { tenon_arena_delete(arena); }});
  arena = tenon_arena_new();
  fail_each([&] { return CALL(tenon_arena_alloc)(arena, 100'000, 8); },
            {.clean = [&] { tenon_arena_reset(arena); }});
  expect_no_allocation([&] { CALL(tenon_arena_delete)(arena); });
  char* text = nullptr;
  fail_each([&] { return text = CALL(tenon_explain_code)("run-trap"); },
            {.clean = [&] { tenon_free(text); }});
  const BuiltComposition lib = build(make_guests({"lib"}));
  tenon_function* const function = find(lib, kLib, "add").release();
  char program[] = "program";
  char* const arguments[] = {program, nullptr};
  expect_no_allocation([&] {
    CALL(tenon_function_delete)(function);
    EXPECT_NE(CALL(tenon_abi_version)(), 0U);
    EXPECT_NE(CALL(tenon_version)(), nullptr);
    EXPECT_NE(CALL(tenon_host)(), nullptr);
    EXPECT_EQ(CALL(tenon_call_function)(nullptr), nullptr);
    EXPECT_EQ(CALL(tenon_run_bundle_process)(1, arguments, nullptr), 0);
  });
}

}  // namespace
}  // namespace tenon::c_api_test::calls_test
