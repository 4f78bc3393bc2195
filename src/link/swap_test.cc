// Swaps of units that are in use.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "tenon/host.h"
#include "tests/support/test_scale.h"
#include "tests/support/test_units.h"

namespace tenon::link::swap_test {
namespace {

using testing::HasSubstr;

class Swaps : public UnitsTest {
 protected:
  // `top` calls `low`, which can be swapped.
  void add_pair(std::string_view low) {
    add("low", low, "isolated = true");
    add("top", function_unit("test:u/low", "test:u/top", "(call $f (local.get 0))"));
  }
  static std::string adds(int number) {
    return function_unit("", "test:u/low",
                         fmt::format("(i32.add (local.get 0) (i32.const {}))", number));
  }
  static std::string problem_of(const Result<void>& result) {
    return result ? "fine" : result.error().front().message;
  }
};

// Each call is answered once, by the old unit or by the new one.
TEST_F(Swaps, LoseNoCallUnderLoad) {
  add_pair(adds(1));
  CompositionBuilder builder = make_builder("top");
  builder.set_threads(8);
  Composition composition = built(builder);
  const std::string one = write("one", adds(1));
  const std::string two = write("two", adds(2));
  std::atomic<bool> is_over = false;
  std::vector<std::thread> threads;
  std::atomic<std::size_t> by_one = 0;
  std::atomic<std::size_t> by_two = 0;
  std::atomic<std::size_t> by_none = 0;
  for (int thread = 0; thread < 8; ++thread)
    threads.emplace_back([&] {
      while (!is_over) {
        const std::string outcome = describe_outcome(call(composition, "test:u/top", 40));
        ++(outcome == "41" ? by_one : outcome == "42" ? by_two : by_none);
      }
    });
  const std::uint32_t swaps = repetitions(100);
  for (std::uint32_t i = 0; i < swaps; ++i)
    ASSERT_EQ(problem_of(composition.swap("low", i % 2 == 0 ? two : one)), "fine") << i;
  // Calls that begin after a swap go to the new unit.
  EXPECT_EQ(describe_outcome(call(composition, "test:u/top", 40)), swaps % 2 == 0 ? "41" : "42");
  is_over = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(by_one, 0U);
  EXPECT_GT(by_two, 0U);
  EXPECT_EQ(by_none, 0U);
}

// A call that waits in the program ends in the unit that it began in.
TEST_F(Swaps, WaitForCallsInProgress) {
  add_pair(function_unit("test:u/gate", "test:u/low",
                         "(i32.add (call $f (local.get 0)) (i32.const 1))"));
  CompositionBuilder builder = make_builder("top");
  builder.set_threads(2);
  std::atomic<bool> is_inside = false;
  std::atomic<bool> is_open = false;
  builder.add_host_function("test:u/gate", "f", [&](std::uint32_t n) {
    is_inside = true;
    while (!is_open) std::this_thread::yield();
    return n;
  });
  Composition composition = built(builder);
  const std::string two = write("two", adds(2));
  std::string first;
  std::thread caller([&] { first = describe_outcome(call(composition, "test:u/top", 40)); });
  while (!is_inside) std::this_thread::yield();
  std::atomic<bool> is_swapped = false;
  std::string swapped;
  std::thread swapper([&] {
    swapped = problem_of(composition.swap("low", two));
    is_swapped = true;
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_FALSE(is_swapped);
  is_open = true;
  caller.join();
  swapper.join();
  EXPECT_EQ(first, "41");
  EXPECT_EQ(swapped, "fine");
  EXPECT_EQ(describe_outcome(call(composition, "test:u/top", 40)), "42");
}

TEST_F(Swaps, AreRefusedWithinACallOfTheUnit) {
  if (has_async_guests()) GTEST_SKIP() << "the guest of an async call is not on the stack";
  add_pair(function_unit("test:u/gate", "test:u/low", "(call $f (local.get 0))"));
  CompositionBuilder builder = make_builder("top");
  const std::string two = write("two", adds(2));
  Composition* composition = nullptr;
  std::string swapped;
  builder.add_host_function("test:u/gate", "f", [&](std::uint32_t n) {
    swapped = problem_of(composition->swap("low", two));
    return n;
  });
  Composition made = built(builder);
  composition = &made;
  EXPECT_EQ(describe_outcome(call(made, "test:u/top", 7)), "7");
  EXPECT_EQ(swapped, "`low` cannot be swapped: a call of it is in progress");
}

// A new unit that traps at its start is not used, and calls that waited for it go to the old one.
TEST_F(Swaps, AreRolledBackUnderLoad) {
  add_pair(adds(1));
  CompositionBuilder builder = make_builder("top");
  builder.set_threads(4);
  Composition composition = built(builder);
  const std::string broken =
      write("broken", function_unit("", "test:u/low", "(i32.const 0)", "unreachable"));
  std::atomic<bool> is_over = false;
  std::vector<std::string> outcomes(4);
  std::vector<std::thread> threads;
  for (std::string& outcome : outcomes)
    threads.emplace_back([&] {
      do outcome = describe_outcome(call(composition, "test:u/top", 40));
      while (outcome == "41" && !is_over);
    });
  for (int i = 0; i < 10; ++i)
    EXPECT_THAT(problem_of(composition.swap("low", broken)), HasSubstr("unreachable"));
  is_over = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(outcomes, testing::Each("41"));
}

}  // namespace
}  // namespace tenon::link::swap_test
