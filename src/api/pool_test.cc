// Domains that compute at the same time.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "tenon/task.h"
#include "tests/support/test_units.h"

namespace tenon::pool_test {
namespace {

using Function = TypedFunction<std::uint32_t(std::uint32_t)>;

constexpr std::string_view kHost = "test:t/host";

// f(n) with n below 8 calls the program with n until it returns 1, and returns how often it did not;
// otherwise it computes for a while. With n = 7 it traps.
constexpr std::string_view kBody = R"(
  (local $left i32)
  (if (i32.eq (local.get 0) (i32.const 7)) (then unreachable))
  (if (i32.ge_u (local.get 0) (i32.const 8)) (then
    (local.set $left (local.get 0))
    (loop $again
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (br_if $again (local.get $left)))
    (return (local.get 0))))
  (local.set $left (i32.const 3000000))
  (loop $again
    (if (call $f (local.get 0)) (then (return (i32.sub (i32.const 3000000) (local.get $left)))))
    (local.set $left (i32.sub (local.get $left) (i32.const 1)))
    (br_if $again (local.get $left)))
  (i32.const -1))";

// Long enough for a domain to be known as one that computes.
constexpr std::uint32_t kLong = 200'000'000;

class Pool : public UnitsTest {
 protected:
  // `left` and `right`, each isolated. `f` of them is as in kBody.
  CompositionBuilder make(std::string_view settings) {
    for (const std::string_view name : {"left", "right"}) {
      add(name, unit(name), "isolated = true");
      say(fmt::format("[[export]]\nunit = \"{0}\"\nitem = \"test:t/{0}\"\n[domains.{0}]\n{1}", name,
                      settings));
    }
    CompositionBuilder builder = make_builder("left");
    builder.add_host_function(kHost, "f", [this](std::uint32_t side) -> std::uint32_t {
      if (is_in_program_.exchange(true)) was_called_twice_ = true;
      has_come_[side] = true;
      const bool has_other = has_come_[1 - side];
      is_in_program_ = false;
      return has_other ? 1 : 0;
    });
    return builder;
  }
  [[nodiscard]] virtual std::string unit(std::string_view name) const {
    return function_unit(kHost, fmt::format("test:t/{}", name), kBody);
  }

  static Function find(const Composition& all, std::string_view name) {
    return *all.function<std::uint32_t(std::uint32_t)>(fmt::format("test:t/{}", name), "f");
  }

  static std::uint32_t take(Task<CallResult<std::uint32_t>> task) {
    const std::optional<CallResult<std::uint32_t>> result = task.wait();
    if (result && *result) return **result;
    ADD_FAILURE() << (result ? result->error().message : "the wait ended");
    return 0;
  }

  // Whether both units run at the same time.
  bool meet(const Function& left, const Function& right) {
    has_come_[0] = false;
    has_come_[1] = false;
    Task<CallResult<std::uint32_t>> first = left.start(0);
    Task<CallResult<std::uint32_t>> second = right.start(1);
    const std::uint32_t a = take(std::move(first));
    const std::uint32_t b = take(std::move(second));
    return a != UINT32_MAX && b != UINT32_MAX;
  }

  std::array<std::atomic<bool>, 8> has_come_ = {};
  std::atomic<bool> is_in_program_ = false;
  std::atomic<bool> was_called_twice_ = false;
};

TEST_F(Pool, RunsDomainsWithThreadsOfTheirOwnAtOnce) {
  CompositionBuilder builder = make("thread = \"own\"");
  builder.set_threads(1);
  const Composition all = built(builder);
  const Function left = find(all, "left");
  const Function right = find(all, "right");
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(meet(left, right));
  EXPECT_FALSE(was_called_twice_);
}

TEST_F(Pool, TakesDomainsThatCompute) {
  CompositionBuilder builder = make("");
  builder.set_threads(2);
  const Composition all = built(builder);
  const Function left = find(all, "left");
  const Function right = find(all, "right");
  for (const Function* const side : {&left, &right, &left, &right})
    EXPECT_EQ(take(side->start(kLong)), kLong);
  EXPECT_TRUE(meet(left, right));
}

TEST_F(Pool, IsNotUsedWithOneThread) {
  CompositionBuilder builder = make("");
  builder.set_threads(1);
  const Composition all = built(builder);
  const Function left = find(all, "left");
  const Function right = find(all, "right");
  for (const Function* const side : {&left, &right, &left, &right})
    EXPECT_EQ(take(side->start(kLong)), kLong);
  EXPECT_FALSE(meet(left, right));
}

TEST_F(Pool, CallsOneDomainOnceAtATime) {
  const Composition all = built(make("thread = \"own\""));
  const Function left = find(all, "left");
  has_come_[1] = true;
  std::vector<Task<CallResult<std::uint32_t>>> tasks;
  for (int i = 0; i < 100; ++i) tasks.push_back(left.start(0));
  for (auto& task : tasks) EXPECT_EQ(take(std::move(task)), 0U);
  EXPECT_EQ(*left(0), 0U);
}

TEST_F(Pool, ReportsATrap) {
  const Composition all = built(make("thread = \"own\""));
  const Function left = find(all, "left");
  Task<CallResult<std::uint32_t>> task = left.start(7);
  const auto outcome = task.wait();
  ASSERT_FALSE(*outcome);
  EXPECT_EQ(outcome->error().kind, CallFailure::Kind::Trap);
  EXPECT_EQ(outcome->error().unit, "left");
}

TEST_F(Pool, CanBeLeftWithCallsInProgress) {
  for (int i = 0; i < 10; ++i) {
    start_over();
    const Composition all = built(make("thread = \"own\"\ncall-timeout = \"20s\""));
    const Function left = find(all, "left");
    const Function right = find(all, "right");
    std::vector<Task<CallResult<std::uint32_t>>> tasks;
    // They end because the composition does, not with their loops.
    for (int j = 0; j < 3; ++j) {
      tasks.push_back(left.start(UINT32_MAX));
      tasks.push_back(right.start(UINT32_MAX));
    }
    if (i % 2 == 0) tasks.clear();
  }
}

TEST_F(Pool, ServesSeveralThreadsOfTheProgram) {
  CompositionBuilder builder = make("thread = \"own\"");
  const Composition all = built(builder);
  has_come_[0] = true;
  has_come_[1] = true;
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      const Function mine = find(all, t % 2 == 0 ? "left" : "right");
      for (std::uint32_t i = 0; i < 200; ++i)
        if (*mine(i % 7 == 0 ? i % 2 : 1'000 + i) != (i % 7 == 0 ? 0 : 1'000 + i)) ++wrong;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_FALSE(was_called_twice_);
}

// The same units with an event loop: `f` is lifted `async`.
class LoopPool : public Pool {
 protected:
  [[nodiscard]] std::string unit(std::string_view name) const override {
    return fmt::format(R"((component
  (import "test:t/host" (instance $host (export "f" (func (param "n" u32) (result u32)))))
  (core func $f (canon lower (func $host "f")))
  (core func $return (canon task.return (result u32)))
  (core module $code
    (import "" "f" (func $f (param i32) (result i32)))
    (import "" "return" (func $return (param i32)))
    (func $run (param i32) (result i32) {})
    (func (export "f") (param i32) (call $return (call $run (local.get 0)))))
  (core instance $i (instantiate $code (with "" (instance
    (export "f" (func $f)) (export "return" (func $return))))))
  (func $out async (param "n" u32) (result u32) (canon lift (core func $i "f") async))
  (instance $exported (export "f" (func $out)))
  (export "test:t/{}" (instance $exported))))",
                       kBody, name);
  }
};

TEST_F(LoopPool, RunsDomainsWithThreadsOfTheirOwnAtOnce) {
  CompositionBuilder builder = make("thread = \"own\"");
  builder.set_threads(1);
  const Composition all = built(builder);
  const Function left = find(all, "left");
  const Function right = find(all, "right");
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(meet(left, right));
  EXPECT_FALSE(was_called_twice_);
}

TEST_F(LoopPool, TakesDomainsThatCompute) {
  CompositionBuilder builder = make("");
  builder.set_threads(2);
  const Composition all = built(builder);
  const Function left = find(all, "left");
  const Function right = find(all, "right");
  for (const Function* const side : {&left, &right, &left, &right})
    EXPECT_EQ(take(side->start(kLong)), kLong);
  EXPECT_TRUE(meet(left, right));
}

TEST_F(LoopPool, ReportsATrapToAllCallsOfTheDomain) {
  const Composition all = built(make("thread = \"own\""));
  const Function left = find(all, "left");
  const Function right = find(all, "right");
  has_come_[0] = true;
  Task<CallResult<std::uint32_t>> other = right.start(1);
  Task<CallResult<std::uint32_t>> task = left.start(7);
  EXPECT_EQ(task.wait()->error().kind, CallFailure::Kind::Trap);
  EXPECT_EQ(take(std::move(other)), 0U);
}

TEST_F(LoopPool, CanBeLeftWithCallsInProgress) {
  for (int i = 0; i < 10; ++i) {
    start_over();
    const Composition all = built(make("thread = \"own\"\ncall-timeout = \"20s\""));
    const Function left = find(all, "left");
    const Function right = find(all, "right");
    std::vector<Task<CallResult<std::uint32_t>>> tasks;
    for (int j = 0; j < 3; ++j) {
      tasks.push_back(left.start(UINT32_MAX));
      tasks.push_back(right.start(UINT32_MAX));
    }
    if (i % 2 == 0) tasks.clear();
  }
}

}  // namespace
}  // namespace tenon::pool_test
