// Calls of the C++ API, with C++ types and dynamic values, whose allocations fail.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <numeric>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "tenon/composition.h"
#include "tenon/function.h"
#include "tenon/host.h"
#include "tenon/record.h"
#include "tenon/type.h"
#include "tenon/value.h"
#include "tests/memory/small_units.h"
#include "tests/support/async_gate.h"
#include "tests/support/call_test.h"
#include "tests/support/failing_memory.h"

namespace acme::memory {

struct Point {
  std::uint32_t x = 0;
  std::uint64_t y = 0;
  double z = 0;
};
TENON_RECORD(Point, x, y, z)

struct Named {
  std::uint32_t id = 0;
  std::string name;
  double weight = 0;
};
TENON_RECORD(Named, id, name, weight)

}  // namespace acme::memory

namespace tenon::memory_test::calls_test {
namespace {

using namespace std::chrono_literals;
using acme::memory::Named;
using acme::memory::Point;
using failing_memory::expect_no_allocation;
using failing_memory::fail_each;
using failing_memory::stride;

constexpr const char* kLib = "demo:domains/lib";
const std::string kLong = "a text that is longer than a short string";

Composition build_guest(const char* name) {
  CompositionBuilder builder;
  builder.add_component(name, domain_guest(name));
  return build_again(builder);
}

class CallsInCpp : public testing::Test {
 protected:
  template <class F>
  TypedFunction<F> find(const char* name) {
    auto function = lib_.function<F>(kLib, name);
    EXPECT_TRUE(function) << function.error().front().message;
    return *std::move(function);
  }

  const Composition lib_ = build_guest("lib");
};

TEST_F(CallsInCpp, AreFound) {
  fail_each([&] { return lib_.functions(); });
  fail_each([&] { return lib_.find_function(kLib, "echo"); });
  fail_each([&] { return lib_.find_function(kLib, "ech"); }, {.expected = "run-no-function: "});
  fail_each(
      [&] { return lib_.function<std::vector<Point>(std::vector<Point>)>(kLib, "echo-points"); });
  fail_each([&] { return lib_.function<void(std::string)>(kLib, "echo-points"); },
            {.expected = "type-signature: "});
  fail_each([&] { return lib_.units(); });
  fail_each([&] { return lib_.unit("lib"); }, {.expected = "run-no-unit: "});
  fail_each([&] { return lib_.denials(); });
  fail_each([&] { return lib_.remotes(); });
  // The plan is made at the first call.
  std::optional<Composition> fresh(build_guest("lib"));
  fail_each([&] { (void)fresh->plan(); },
            {.clean = [&] { fresh.emplace(build_guest("lib")); }, .stride = stride(97)});
}

TEST_F(CallsInCpp, HaveTypes) {
  const Result<Function> function = lib_.find_function(kLib, "echo-mixed");
  ASSERT_TRUE(function);
  const FunctionType& type = function->type();
  fail_each([&] { return type.wit("echo-mixed"); });
  fail_each([&] { return type.params(); });
  fail_each([&] {
    for (const TypeField& param : type.params()) {
      (void)param.type.wit();
      (void)param.type.elements();
      (void)param.type.cases();
      (void)param.type.labels();
    }
  });
}

TEST_F(CallsInCpp, TakeCppTypes) {
  const auto add = find<std::uint32_t(std::uint32_t, std::uint32_t)>("add");
  ASSERT_TRUE(add(3, 4));
  expect_no_allocation([&] { EXPECT_EQ(*add(3, 4), 7U); });
  const auto echo = find<std::string(std::string)>("echo");
  fail_each([&] { return echo(kLong); });
  const auto points = find<std::vector<Point>(std::vector<Point>)>("echo-points");
  fail_each([&] { return points({{1, 2, 0.5}, {3, 4, -0.5}}); });
  const auto named = find<std::vector<Named>(std::vector<Named>)>("echo-named");
  const std::vector<Named> items = {{1, kLong, 0.5}, {2, kLong, 1.5}};
  fail_each([&] { return named(items); });
  const auto checked = find<Expected<std::uint32_t, std::string>(std::uint32_t)>("check-text");
  fail_each([&] { return checked(3); });
  fail_each([&] { return find<void()>("boom")(); }, {.expected = "run-trap: "});
}

// A resource is dropped once, whatever fails.
TEST_F(CallsInCpp, TakeResources) {
  const auto make = find<Resource(std::uint32_t)>("[constructor]counter");
  const auto next = find<std::uint32_t(Borrow)>("[method]counter.next");
  const auto consume = find<std::uint32_t(Resource)>("consume");
  const auto alive = find<std::uint32_t()>("alive");
  const auto expect_none = [&] { EXPECT_EQ(*alive(), 0U); };
  fail_each([&] { return make(1); }, {.clean = expect_none});
  std::optional<CallResult<Resource>> counter(make(1));
  ASSERT_TRUE(*counter);
  fail_each([&] { return next(**counter); });
  const auto remake = [&] {
    counter.reset();
    expect_none();
    counter.emplace(make(1));
  };
  fail_each([&] { return consume(std::move(**counter)); }, {.clean = remake});
  fail_each([&] { counter.reset(); }, {.clean = remake});
}

TEST_F(CallsInCpp, TakeValues) {
  const Result<Function> named = lib_.find_function(kLib, "echo-named");
  ASSERT_TRUE(named);
  const std::string text = "[{id: 1, name: \"" + kLong + "\", weight: 0.5}]";
  const Type type = named->type().params()[0].type;
  fail_each([&] { return parse_wave(text, type); });
  fail_each([&] { return parse_wave("[{id: 1}]", type); }, {.expected = "value-type: "});
  const Result<Value> value = parse_wave(text, type);
  ASSERT_TRUE(value);
  fail_each([&] { return Value(*value); });
  fail_each([&] { return print_wave(*value); });
  fail_each([&] { return print_json(*value); });
  const std::vector<Value> arguments = {*value};
  fail_each([&] { return named->call(arguments); });
  fail_each([&] { return named->call({}); }, {.expected = "value-type: "});
  fail_each([&] { return lib_.call(kLib, "echo-named", arguments); });
}

TEST_F(CallsInCpp, AreStarted) {
  const auto echo = find<std::string(std::string)>("echo");
  fail_each([&] { return echo.start(kLong).wait(); });
  fail_each([&] {
    std::optional<CallResult<std::string>> answer;
    echo.start_then([&](CallResult<std::string> text) { answer = std::move(text); }, kLong);
    return answer;
  });
  const Result<Function> function = lib_.find_function(kLib, "echo");
  ASSERT_TRUE(function);
  const std::vector<Value> arguments = {Value::string(kLong)};
  fail_each([&] { return function->start(arguments).wait(); });
  CompositionBuilder builder;
  builder.add_component("gate", assemble(kGate));
  const Composition gate = build_again(builder);
  const auto hold = gate.function<std::uint32_t(std::uint32_t)>("", "hold");
  const auto release = gate.function<std::uint32_t()>("", "release");
  ASSERT_TRUE(hold && release);
  using Held = std::optional<Task<CallResult<std::uint32_t>>>;
  Held held;
  const auto lets_go = [&] {
    EXPECT_TRUE((*release)());
    EXPECT_TRUE(!held || held->wait(10s));
    held.reset();
  };
  fail_each([&] { held.emplace(hold->start(1)); }, {.clean = lets_go});
  held.emplace(hold->start(1));
  const auto restart = [&] {
    lets_go();
    held.emplace(hold->start(1));
  };
  // The end of a call, while the thread waits for another one.
  fail_each([&] { return (*release)(); }, {.clean = restart});
  fail_each([&] { (void)held->wait(0ns); }, {.clean = restart});
  std::stop_source stop;
  fail_each([&] { (void)held->cancel_on(stop.get_token()); }, {.clean = restart});
  fail_each([&] { held->cancel(); }, {.clean = restart});
  fail_each([&] { held.reset(); }, {.clean = restart});
  lets_go();
}

// A coroutine of the program, whose frame and whose calls need memory.
Task<CallResult<std::string>> echo_twice(const TypedFunction<std::string(std::string)>& echo) {
  CallResult<std::string> once = co_await echo.start(kLong);
  if (!once) co_return std::move(once).error();
  co_return co_await echo.start(*std::move(once));
}

TEST_F(CallsInCpp, AreAwaited) {
  const auto echo = find<std::string(std::string)>("echo");
  fail_each([&] { return echo_twice(echo).wait(); });
}

// `f` passes its text and its list on to the program.
constexpr const char* kCaller = R"((component
  (import "acme:memory/host" (instance $host
    (export "echo" (func (param "s" string) (result string)))
    (export "sum" (func (param "n" (list u64)) (result u64)))
    (export "fail" (func))))
  (core module $libc
    (memory (export "memory") 1)
    (global $next (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
      (global.set $next (i32.add (local.get $at) (local.get 3)))
      ;; There are many calls, of a few bytes each.
      (if (i32.gt_u (global.get $next) (i32.const 60000)) (then (global.set $next (i32.const 1024))))
      (local.get $at)))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (alias core export $libc "realloc" (core func $realloc))
  (core func $echo (canon lower (func $host "echo") (memory $memory) (realloc $realloc)))
  (core func $sum (canon lower (func $host "sum") (memory $memory)))
  (core func $fail (canon lower (func $host "fail")))
  (core module $code
    (import "" "echo" (func $echo (param i32 i32 i32)))
    (import "" "sum" (func $sum (param i32 i32) (result i64)))
    (import "" "fail" (func $fail))
    (func (export "echo") (param i32 i32) (result i32)
      (call $echo (local.get 0) (local.get 1) (i32.const 16))
      (i32.const 16))
    (func (export "sum") (param i32 i32) (result i64) (call $sum (local.get 0) (local.get 1)))
    (func (export "fail") (call $fail)))
  (core instance $core (instantiate $code (with "" (instance
    (export "echo" (func $echo)) (export "sum" (func $sum)) (export "fail" (func $fail))))))
  (func (export "echo") (param "s" string) (result string)
    (canon lift (core func $core "echo") (memory $memory) (realloc $realloc)))
  (func (export "sum") (param "n" (list u64)) (result u64)
    (canon lift (core func $core "sum") (memory $memory) (realloc $realloc)))
  (func (export "fail") (canon lift (core func $core "fail")))))";

TEST(HostFunctionsInCpp, AreCalled) {
  for (const bool is_dynamic : {false, true}) {
    CompositionBuilder builder;
    builder.add_component("caller", assemble(kCaller));
    if (is_dynamic)
      builder.add_host_function(
          "acme:memory/host", "echo",
          [](const Caller&, std::span<const Value> arguments) -> HostResult<std::optional<Value>> {
            return std::optional<Value>(arguments[0]);
          });
    else
      builder.add_host_function("acme:memory/host", "echo", [](std::string s) { return s; });
    builder.add_host_function("acme:memory/host", "sum", [](std::vector<std::uint64_t> n) {
      return std::accumulate(n.begin(), n.end(), std::uint64_t{0});
    });
    builder.add_host_function("acme:memory/host", "fail",
                              []() -> HostResult<void> { return Trap{kLong}; });
    const Composition caller = build_again(builder);
    const auto echo = caller.function<std::string(std::string)>("", "echo");
    const auto sum = caller.function<std::uint64_t(std::vector<std::uint64_t>)>("", "sum");
    const auto fail = caller.function<void()>("", "fail");
    ASSERT_TRUE(echo && sum && fail);
    fail_each([&] { return (*echo)(kLong); });
    fail_each([&] { return (*sum)({1, 2, 3}); });
    fail_each([&] { return (*fail)(); }, {.expected = "run-trap: "});
    EXPECT_EQ(*(*echo)(kLong), kLong);
  }
}

TEST(HostFunctionsInCpp, ReturnTasks) {
  CompositionBuilder builder;
  builder.add_component("visitor", assemble(kVisitor));
  builder.add_host_function(
      "", "hold", [](std::uint32_t number) -> Task<std::uint32_t> { co_return number + 1; });
  const Composition visitor = build_again(builder);
  const auto visit = visitor.function<std::uint32_t(std::uint32_t)>("", "visit");
  ASSERT_TRUE(visit);
  fail_each([&] { return (*visit)(1); });
  fail_each([&] { return visit->start(1).wait(); });
}

TEST(UnitsInCpp, AreCalled) {
  CompositionBuilder builder = make_pair();
  builder.isolate("lib");
  const Composition composition = build_again(builder);
  const Result<Unit> unit = composition.unit("lib");
  ASSERT_TRUE(unit);
  fail_each([&] { return composition.unit("lib"); });
  fail_each([&] { return composition.unit("lb"); }, {.expected = "run-no-unit: "});
  fail_each([&] { return unit->functions(); });
  fail_each([&] { return unit->type(); });
  fail_each([&] { return unit->type().exports.front().wit(); });
  fail_each([&] { return unit->call("twice", Value::u32(3)); });
}

}  // namespace
}  // namespace tenon::memory_test::calls_test
