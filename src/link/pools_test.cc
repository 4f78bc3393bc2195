// Units with a pool: each call gets an instance of its own.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <coroutine>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tenon/host.h"
#include "tenon/task.h"
#include "tests/support/test_units.h"

namespace tenon::link::pools_test {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;

class Pools : public UnitsTest {
 protected:
  // A unit that counts its calls: the first one returns its argument plus 1.
  static std::string counting(std::string_view imported = {}, std::string_view use = {}) {
    return function_unit(imported, "test:u/low",
                         fmt::format("{} (global.set $state (i32.add (global.get $state) "
                                     "(i32.const 1))) (i32.add (local.get 0) (global.get $state))",
                                     use));
  }
  void add_top() {
    add("top", function_unit("test:u/low", "test:u/top", "(call $f (call $f (local.get 0)))"));
  }
};

TEST_F(Pools, GiveEachCallAFreshInstance) {
  for (const int size : {1, 3}) {
    start_over();
    add("low", counting(), fmt::format("pool = {}", size));
    add_top();
    const Composition composition = build("top");
    for (int i = 0; i < 5; ++i)
      EXPECT_EQ(describe_outcome(call(composition, "test:u/top", 10)), "12");
    // The program calls it, too.
    const Result<Unit> low = composition.unit("low");
    ASSERT_TRUE(low);
    for (int i = 0; i < 5; ++i)
      EXPECT_EQ(describe_outcome(low->call("test:u/low", "f", std::vector{Value::u32(1)})), "2");
  }
}

TEST_F(Pools, AreShownInThePlan) {
  add("low", counting(), "pool = 3");
  add_top();
  const Result<Plan> plan = make_builder("top").plan();
  ASSERT_TRUE(plan);
  EXPECT_THAT(plan->edges.front().notes,
              testing::Contains("a fresh instance for each call, at most 3"));
  const auto domain = std::ranges::find(plan->domains, "low", &PlanDomain::name);
  ASSERT_NE(domain, plan->domains.end());
  EXPECT_EQ(domain->limits.pool, 3U);
}

// The instances of calls that wait exist at the same time, and further calls wait for them.
TEST_F(Pools, HaveAtMostSoManyInstances) {
  add("low", counting("test:u/gate", "(drop (call $f (local.get 0)))"), "pool = 2");
  add_top();
  CompositionBuilder builder = make_builder("top");
  builder.set_threads(4);
  std::atomic<int> inside = 0;
  std::atomic<int> most = 0;
  builder.add_host_function("test:u/gate", "f", [&](std::uint32_t n) {
    const int now = ++inside;
    int seen = most;
    while (now > seen && !most.compare_exchange_weak(seen, now)) {
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    --inside;
    return n;
  });
  const Composition composition = built(builder);
  std::vector<std::string> outcomes(32);
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread)
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 8; ++i)
        outcomes[static_cast<std::size_t>(thread * 8 + i)] =
            describe_outcome(call(composition, "test:u/top", 10));
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(outcomes, Each("12"));
  EXPECT_GE(most, 1);
  EXPECT_LE(most, 2);
}

// A trap ends one instance, and only the call that it serves.
TEST_F(Pools, GoOnAfterATrap) {
  add("low", counting({}, "(if (i32.eqz (local.get 0)) (then (unreachable)))"), "pool = 2");
  add("top", function_unit("test:u/low", "test:u/top", "(call $f (local.get 0))"),
      "isolated = true");
  say("[domains.top]\nrestart = { max = 100 }");
  const Composition composition = build("top");
  for (int i = 0; i < 5; ++i) {
    EXPECT_THAT(describe_outcome(call(composition, "test:u/top", 0)), HasSubstr("unreachable"));
    EXPECT_EQ(describe_outcome(call(composition, "test:u/top", 5)), "6");
  }
}

TEST_F(Pools, CanBeSwapped) {
  add("low", counting(), "pool = 2");
  add_top();
  Composition composition = build("top");
  EXPECT_EQ(describe_outcome(call(composition, "test:u/top", 10)), "12");
  const Result<void> swapped = composition.swap(
      "low",
      write("new", function_unit("", "test:u/low", "(i32.add (local.get 0) (i32.const 5))")));
  ASSERT_TRUE(swapped) << swapped.error().front().message;
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(describe_outcome(call(composition, "test:u/top", 10)), "20");
}

// A unit whose calls begin other calls of it needs as many instances.
TEST_F(Pools, ServeNestedCalls) {
  add("low", counting("test:u/back", "(if (local.get 0) (then (drop (call $f (local.get 0)))))"),
      "pool = 3");
  add_top();
  CompositionBuilder builder = make_builder("top");
  const Composition* made = nullptr;
  builder.add_host_function("test:u/back", "f", [&](std::uint32_t n) {
    const auto inner = made->unit("low")->call("test:u/low", "f", std::vector{Value::u32(n - 1)});
    return inner ? 1U : 0U;
  });
  const Composition composition = built(builder);
  made = &composition;
  EXPECT_EQ(describe_outcome(
                composition.unit("low")->call("test:u/low", "f", std::vector{Value::u32(2)})),
            "3");
}

// Waits until the test resumes it.
struct Later {
  std::vector<std::coroutine_handle<>>& waiting;

  [[nodiscard]] bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> waiter) const { waiting.push_back(waiter); }
  void await_resume() const {}
};

// Calls of a unit with an event loop wait for the call that its only instance serves, also if that call
// ends with a trap. Each of them returns how many calls the instance had before it, plus its argument.
TEST_F(Pools, ServeSuspendedCallsOneAfterTheOther) {
  constexpr std::string_view kVisitor = R"((component
  (import "hold" (func $hold async (param "n" u32) (result u32)))
  (core func $hold (canon lower (func $hold)))
  (core func $return (canon task.return (result u32)))
  (core module $code
    (import "" "hold" (func $hold (param i32) (result i32)))
    (import "" "return" (func $return (param i32)))
    (global $calls (mut i32) (i32.const 0))
    (func (export "visit") (param i32)
      (local.set 0 (call $hold (local.get 0)))
      (if (i32.eqz (local.get 0)) (then (unreachable)))
      (call $return (i32.add (local.get 0) (global.get $calls)))
      (global.set $calls (i32.add (global.get $calls) (i32.const 1)))))
  (core instance $core (instantiate $code (with "" (instance
    (export "hold" (func $hold)) (export "return" (func $return))))))
  (func (export "visit") async (param "n" u32) (result u32)
    (canon lift (core func $core "visit") async))))";
  std::vector<std::coroutine_handle<>> waiting;
  CompositionBuilder builder;
  builder.add_component("visitor", write("visitor", kVisitor), {.pool = 1});
  builder.add_host_function("", "hold", [&waiting](std::uint32_t n) -> Task<std::uint32_t> {
    co_await Later{waiting};
    co_return n;
  });
  Composition composition = built(builder);
  const auto visit = *composition.function<std::uint32_t(std::uint32_t)>("", "visit");
  std::vector<Task<CallResult<std::uint32_t>>> tasks;
  for (const std::uint32_t n : {7U, 0U, 8U, 9U}) tasks.push_back(visit.start(n));
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    composition.poll();
    // The others have not begun.
    ASSERT_EQ(waiting.size(), 1U) << i;
    const std::coroutine_handle<> waiter = waiting.front();
    waiting.clear();
    waiter.resume();
    composition.poll();
    ASSERT_TRUE(tasks[i].is_done()) << i;
    const CallResult<std::uint32_t> result = *tasks[i].wait();
    if (i == 1)
      EXPECT_THAT(result.error().message, HasSubstr("unreachable"));
    else
      EXPECT_EQ(*result, i == 0 ? 7U : i + 6U);
  }
}

TEST_F(Pools, MustKeepADomainOfTheirOwn) {
  add("low", counting(), "pool = 2");
  add_top();
  CompositionBuilder builder = make_builder("top");
  builder.place("low", "shared");
  const Result<Plan> plan = builder.plan();
  ASSERT_FALSE(plan);
  EXPECT_EQ(
      plan.error().front().message,
      "`low` cannot have a `pool`: it is placed in the domain `shared`, and a pool has its own");
}

TEST_F(Pools, MustHaveNothingThatOutlivesACall) {
  add("thing",
      fmt::format(R"((component
  (type $thing (resource (rep i32)))
  (core func $new (canon resource.new $thing))
  (core module $m
    (import "" "new" (func $new (param i32) (result i32)))
    (func (export "make") (result i32) (call $new (i32.const 1)))
    (func (export "count") (result i32) (i32.const 1)))
  (core instance $i (instantiate $m (with "" (instance (export "new" (func $new))))))
  (func $make (result (own $thing)) (canon lift (core func $i "make")))
  (func $count (result u32) (canon lift (core func $i "count")))
  {}))",
                  export_thing("test:u/thing", "", "count")),
      "pool = 2");
  EXPECT_THAT(texts(problems("thing")),
              ElementsAre("config-value: `thing` cannot have a `pool`: it makes the resource "
                          "`test:u/thing.thing`, which would end with the call"));
}

}  // namespace
}  // namespace tenon::link::pools_test
