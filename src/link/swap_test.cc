// Swaps of units that are in use.
#include <fmt/core.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "link/link.h"
#include "support/files.h"
#include "tenon/host.h"
#include "tests/support/test_scale.h"
#include "tests/support/test_units.h"

namespace tenon::link::swap_test {
namespace {

using testing::ElementsAre;
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

// A counter: `f` adds to its state, and returns the sum. It hands its state over, as four bytes.
// restore: core instructions that take the address and the number of bytes, and return the address of
// the result.
std::string counter(std::string_view interface, std::string_view restore) {
  const std::string code = fmt::format(R"((core module $code
    (memory (export "memory") 1)
    (global $n (mut i32) (i32.const 0))
    (data (i32.const 64) "too old")
    (data (i32.const 32) "\01\00\00\00\40\00\00\00\07\00\00\00")
    (func (export "f") (param i32) (result i32)
      (global.set $n (i32.add (global.get $n) (local.get 0)))
      (global.get $n))
    (func (export "save") (result i32)
      (i32.store (i32.const 16) (global.get $n))
      (i32.store (i32.const 4) (i32.const 4))
      (i32.store (i32.const 0) (i32.const 16))
      (i32.const 0))
    (func (export "restore") (param i32 i32) (result i32) {})
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024)))
  (core instance $i (instantiate $code))
  (alias core export $i "memory" (core memory $memory))
  (alias core export $i "realloc" (core func $realloc))
  (func $save (result (list u8)) (canon lift (core func $i "save") (memory $memory)))
  (func $restore (param "state" (list u8)) (result (result (error string)))
    (canon lift (core func $i "restore") (memory $memory) (realloc $realloc)))
  (instance $handover (export "save" (func $save)) (export "restore" (func $restore)))
  (export "tenon:state/handover" (instance $handover)))",
                                       restore);
  return core_unit(code, interface);
}
constexpr std::string_view kTakes =
    "(global.set $n (i32.load (local.get 0))) (i32.store8 (i32.const 128) (i32.const 0)) "
    "(i32.const 128)";
constexpr std::string_view kRefuses = "(i32.const 32)";

std::string print_losses(const SwapLosses& losses) {
  std::string text = fmt::format("loses {}, hands over {}", fmt::join(losses.units, " "),
                                 fmt::join(losses.handed_over, " "));
  for (const SwapLosses::Handles& handles : losses.handles)
    text += fmt::format(", {} {} of {}", handles.count, handles.type, handles.holder);
  return text;
}

TEST_F(Swaps, HandStateOver) {
  add_pair(counter("test:u/low", kTakes));
  Composition composition = build("top");
  EXPECT_EQ(describe_outcome(call(composition, "test:u/top", 40)), "40");
  EXPECT_EQ(problem_of(composition.swap("low", write("trial", adds(7)), {.is_trial = true})),
            "fine");
  std::string lost;
  const SwapOptions options{
      .on_losses = [&](const SwapLosses& losses) { lost = print_losses(losses); }};
  EXPECT_EQ(
      problem_of(composition.swap("low", write("two", counter("test:u/low", kTakes)), options)),
      "fine");
  EXPECT_EQ(lost, "loses , hands over low");
  EXPECT_EQ(describe_outcome(call(composition, "test:u/top", 2)), "42");
  // A unit without a handover loses the state.
  EXPECT_EQ(problem_of(composition.swap("low", write("three", adds(1)), options)), "fine");
  EXPECT_EQ(lost, "loses low, hands over ");
  EXPECT_EQ(describe_outcome(call(composition, "test:u/top", 2)), "3");
}

TEST_F(Swaps, AreRolledBackIfStateCannotBeRestored) {
  add_pair(counter("test:u/low", kTakes));
  Composition composition = build("top");
  EXPECT_EQ(describe_outcome(call(composition, "test:u/top", 40)), "40");
  EXPECT_EQ(problem_of(composition.swap("low", write("two", counter("test:u/low", kRefuses)))),
            "`low` cannot be swapped: the new unit refuses the state of the old one: too old");
  EXPECT_EQ(describe_outcome(call(composition, "test:u/top", 1)), "41");
  EXPECT_THAT(
      problem_of(composition.swap("low", write("three", counter("test:u/low", "unreachable")))),
      HasSubstr("unreachable"));
  EXPECT_EQ(describe_outcome(call(composition, "test:u/top", 1)), "42");
}

TEST_F(Swaps, CheckTheTypeOfAHandover) {
  const std::string other = core_unit(
      R"((core module $code (func (export "f") (param i32) (result i32) (local.get 0)))
  (core instance $i (instantiate $code))
  (func $f (param "n" u32) (result u32) (canon lift (core func $i "f")))
  (instance $handover (export "restore" (func $f)))
  (export "tenon:state/handover@0.2.0" (instance $handover)))",
      "test:u/low");
  add_pair(counter("test:u/low", kTakes));
  Composition composition = build("top");
  EXPECT_EQ(describe_outcome(call(composition, "test:u/top", 40)), "40");
  const Result<void> swapped = composition.swap("low", write("two", other));
  ASSERT_FALSE(swapped);
  EXPECT_EQ(
      swapped.error().front().message,
      "`low` cannot be swapped: `restore` of its `tenon:state/handover@0.2.0` has the wrong type");
  ASSERT_EQ(swapped.error().front().notes.size(), 2U);
  EXPECT_EQ(swapped.error().front().notes.back().text, "it is `func(n: u32) -> u32`");
  EXPECT_EQ(describe_outcome(call(composition, "test:u/top", 1)), "41");
}

// Units of one domain start anew together, and each hands its own state over.
TEST_F(Swaps, ReplaceWholeDomains) {
  add("low", counter("test:u/low", kTakes));
  add("top", function_unit("test:u/low", "test:u/top", "(call $f (local.get 0))"));
  Composition composition = build("top");
  EXPECT_EQ(describe_outcome(call(composition, "test:u/top", 40)), "40");
  const std::string twice = write(
      "twice",
      function_unit("test:u/low", "test:u/top", "(i32.mul (i32.const 2) (call $f (local.get 0)))"));
  EXPECT_EQ(problem_of(composition.swap("top", twice)),
            "`top` cannot be swapped: it shares its domain with other units");
  std::string lost;
  const SwapOptions options{.whole_domains = true, .on_losses = [&](const SwapLosses& losses) {
                              lost = print_losses(losses);
                            }};
  EXPECT_EQ(problem_of(composition.swap("top", twice, options)), "fine");
  EXPECT_EQ(lost, "loses top, hands over low");
  EXPECT_EQ(describe_outcome(call(composition, "test:u/top", 1)), "82");
}

// Both ends of an edge change their type at the same time.
TEST_F(Swaps, ReplaceSeveralUnitsAtOnce) {
  add("low", adds(1), "isolated = true");
  add("middle", function_unit("test:u/low", "test:u/middle", "(call $f (local.get 0))"),
      "isolated = true");
  add("top", function_unit("test:u/middle", "test:u/top", "(call $f (local.get 0))"));
  Composition composition = build("top");
  EXPECT_EQ(describe_outcome(call(composition, "test:u/top", 40)), "41");
  const auto wide = [](std::string text) {
    for (std::size_t at = 0; (at = text.find("test:u/low", at)) != std::string::npos; ++at)
      text.replace(at, 10, "test:u/new");
    return text;
  };
  const std::vector<SwapUnit> units = {
      {.name = "low", .path = write("low2", wide(adds(2)))},
      {.name = "middle",
       .path = write("middle2", wide(function_unit("test:u/low", "test:u/middle",
                                                   "(call $f (call $f (local.get 0)))")))}};
  EXPECT_THAT(problem_of(composition.swap("low", units[0].path)), HasSubstr("test:u/low"));
  EXPECT_THAT(problem_of(composition.swap(units)), "fine");
  EXPECT_EQ(describe_outcome(call(composition, "test:u/top", 40)), "44");
  // If one of them does not start, none is replaced.
  const std::vector<SwapUnit> broken = {
      {.name = "low", .path = write("low3", wide(adds(3)))},
      {.name = "middle",
       .path = write("middle3", function_unit("test:u/new", "test:u/middle",
                                              "(call $f (local.get 0))", "unreachable"))}};
  EXPECT_THAT(problem_of(composition.swap(broken)), HasSubstr("unreachable"));
  EXPECT_EQ(describe_outcome(call(composition, "test:u/top", 40)), "44");
  const std::vector<SwapUnit> wrong = {{.name = "low"}, {.name = "midle"}, {.name = "low"}};
  EXPECT_THAT(texts(composition.swap(wrong).error()),
              ElementsAre("run-swap: `midle` cannot be swapped: there is no such unit",
                          "run-swap: `low` cannot be swapped: it is named twice"));
}

// Its request is planned again when a lazy unit is called, which can be after the `timeout` of the swap.
TEST_F(Swaps, LeaveNoDeadlineBehind) {
  Request request;
  request.name = "test";
  request.policy.root = "top";
  request.limits.timeout = std::chrono::hours(1);
  request.units = {
      {.name = "low", .path = write("low", adds(1)), .is_isolated = true},
      {.name = "top",
       .path = write("top", function_unit("test:u/low", "test:u/top", "(call $f (local.get 0))"))}};
  set_deadline(request);
  PhaseClock clock;
  const auto running = run_link(std::move(request), RealFiles(), build_options(), clock);
  ASSERT_TRUE(running) << running.error().front().message;
  EXPECT_FALSE((*running)->request.deadline);
  EXPECT_EQ(problem_of(swap_units(**running, {{.name = "low", .path = write("two", adds(2))}}, {},
                                  RealFiles(), build_options())),
            "fine");
  EXPECT_FALSE((*running)->request.deadline);
}

// `f` of `test:u/lib` gives ten times the field `a`, and `b`. fields: in the order of its record.
std::string record_unit(std::string_view fields, std::string_view ten_times, std::string_view one) {
  return fmt::format(R"((component
  (type $pair' (record {0}))
  (export $pair "pair-type" (type $pair'))
  (core module $code
    (func (export "f") (param i32 i32) (result i32)
      (i32.add (i32.mul (local.get {1}) (i32.const 10)) (local.get {2}))))
  (core instance $i (instantiate $code))
  (func $f (param "p" $pair) (result u32) (canon lift (core func $i "f")))
  (instance $exported (export "pair" (type $pair)) (export "f" (func $f)))
  (export "test:u/lib" (instance $exported))))",
                     fields, ten_times, one);
}

// A consumer converts values to the type that its provider had when it started.
TEST_F(Swaps, RefuseOtherTypesBehindAnAdaptedEdge) {
  const std::string ab = record_unit(R"((field "a" u32) (field "b" u32))", "0", "1");
  const std::string ba = record_unit(R"((field "b" u32) (field "a" u32))", "1", "0");
  const std::string_view top = R"((component
  (import "test:u/lib" (instance $lib
    (type $pair' (record (field "a" u32) (field "b" u32)))
    (export "pair" (type $pair (eq $pair')))
    (export "f" (func (param "p" $pair) (result u32)))))
  (core func $f (canon lower (func $lib "f")))
  (core module $code
    (import "lib" "f" (func $f (param i32 i32) (result i32)))
    (func (export "f") (param i32) (result i32) (call $f (local.get 0) (i32.const 2))))
  (core instance $i (instantiate $code (with "lib" (instance (export "f" (func $f))))))
  (func $out (param "n" u32) (result u32) (canon lift (core func $i "f")))
  (instance $exported (export "f" (func $out)))
  (export "test:u/top" (instance $exported))))";
  for (const bool is_first : {true, false}) {
    start_over();
    add("low", is_first ? ab : ba, "isolated = true");
    add("top", top);
    say("[[wire]]\nimport = \"test:u/lib\"\nprovider = \"low\"\nadapt = true");
    Composition composition = build("top");
    EXPECT_EQ(describe_outcome(call(composition, "test:u/top", 1)), "12");
    const std::string other = write("other", is_first ? ba : ab);
    const Result<void> swapped = composition.swap("low", other);
    ASSERT_FALSE(swapped);
    EXPECT_THAT(problem_of(swapped), HasSubstr("the type of `test:u/lib#f` would change"));
    ASSERT_EQ(swapped.error().front().notes.size(), 3U);
    EXPECT_EQ(swapped.error().front().notes.back().text, "`top` calls it with its current type");
    EXPECT_EQ(describe_outcome(call(composition, "test:u/top", 1)), "12");
    EXPECT_EQ(problem_of(composition.swap("low", write("same", is_first ? ab : ba))), "fine");
    EXPECT_EQ(describe_outcome(call(composition, "test:u/top", 1)), "12");
    // As the hint says.
    EXPECT_EQ(problem_of(composition.swap(std::vector<SwapUnit>{
                  {.name = "low", .path = other}, {.name = "top", .path = write("top", top)}})),
              "fine");
    EXPECT_EQ(describe_outcome(call(composition, "test:u/top", 1)), "12");
  }
}

}  // namespace
}  // namespace tenon::link::swap_test
