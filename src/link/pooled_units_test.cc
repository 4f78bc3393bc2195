// Units with a pool: each call gets an instance of its own.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tenon/host.h"
#include "tests/support/test_units.h"

namespace tenon::link::pooled_units_test {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;

class PooledUnits : public UnitsTest {
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

TEST_F(PooledUnits, GiveEachCallAFreshInstance) {
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

TEST_F(PooledUnits, AreShownInThePlan) {
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
TEST_F(PooledUnits, HaveAtMostSoManyInstances) {
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
TEST_F(PooledUnits, GoOnAfterATrap) {
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

TEST_F(PooledUnits, CanBeSwapped) {
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
TEST_F(PooledUnits, ServeNestedCalls) {
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

TEST_F(PooledUnits, MustHaveNothingThatOutlivesACall) {
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
}  // namespace tenon::link::pooled_units_test
