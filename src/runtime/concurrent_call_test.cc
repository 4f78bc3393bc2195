// Calls of asynchronous functions: into concurrent domains, between them, and to functions of the
// program. tests/golden/call/async_crosses has every combination of lifting and lowering.
#include "runtime/concurrent_call.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "engine/wat.h"
#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/function.h"
#include "tests/support/package_test.h"
#include "tests/support/test_units.h"

namespace tenon::concurrent_call_test {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

// Exports functions that never return, not even when they are cancelled (`wait`), that return when they
// have run twice (`pause`), that trap (`fail`) and that count (`count`).
constexpr const char* kWaiter = R"((component
  (core func $new-set (canon waitable-set.new))
  (core func $return (canon task.return (result u32)))
  (core module $code
    (import "" "new-set" (func $new-set (result i32)))
    (import "" "return" (func $return (param i32)))
    (global $count (mut i32) (i32.const 0))
    (func $wait (export "wait") (result i32)
      (i32.or (i32.const 2) (i32.shl (call $new-set) (i32.const 4))))
    (func (export "pause") (result i32) (i32.const 1))
    (func (export "fail") (result i32) unreachable)
    (func (export "count") (result i32)
      (global.set $count (i32.add (global.get $count) (i32.const 1)))
      (call $return (global.get $count))
      (i32.const 0))
    (func (export "callback") (param $event i32) (param i32 i32) (result i32)
      (if (i32.eq (local.get $event) (i32.const 6)) (then (return (call $wait))))
      (call $return (i32.const 7))
      (i32.const 0)))
  (core instance $core (instantiate $code (with "" (instance
    (export "new-set" (func $new-set))
    (export "return" (func $return))))))
  (alias core export $core "callback" (core func $callback))
  (func $wait async (result u32)
    (canon lift (core func $core "wait") async (callback $callback)))
  (func $pause async (result u32)
    (canon lift (core func $core "pause") async (callback $callback)))
  (func $fail async (result u32)
    (canon lift (core func $core "fail") async (callback $callback)))
  (func $count async (result u32)
    (canon lift (core func $core "count") async (callback $callback)))
  (instance $lib (export "wait" (func $wait)) (export "pause" (func $pause))
    (export "fail" (func $fail)) (export "count" (func $count)))
  (export "x:y/lib" (instance $lib))
))";

// `wait` waits until it is cancelled. While `hold` waits, the unit takes no calls (backpressure). `begun` and
// `cancelled` count the tasks of `wait` that have begun and that were cancelled.
constexpr const char* kCancellable = R"((component
  (core func $new-set (canon waitable-set.new))
  (core func $cancel (canon task.cancel))
  (core func $more (canon backpressure.inc))
  (core func $less (canon backpressure.dec))
  (core module $code
    (import "" "new-set" (func $new-set (result i32)))
    (import "" "cancel" (func $cancel))
    (import "" "more" (func $more))
    (import "" "less" (func $less))
    (global $begun (mut i32) (i32.const 0))
    (global $cancelled (mut i32) (i32.const 0))
    (func $wait-for-ever (result i32)
      (i32.or (i32.const 2) (i32.shl (call $new-set) (i32.const 4))))
    (func $agree (param $event i32)
      (if (i32.ne (local.get $event) (i32.const 6)) (then unreachable))
      (call $cancel))
    (func (export "wait") (result i32)
      (global.set $begun (i32.add (global.get $begun) (i32.const 1)))
      (call $wait-for-ever))
    (func (export "end-wait") (param $event i32) (param i32 i32) (result i32)
      (call $agree (local.get $event))
      (global.set $cancelled (i32.add (global.get $cancelled) (i32.const 1)))
      (i32.const 0))
    (func (export "hold") (result i32)
      (call $more)
      (call $wait-for-ever))
    (func (export "end-hold") (param $event i32) (param i32 i32) (result i32)
      (call $agree (local.get $event))
      (call $less)
      (i32.const 0))
    (func (export "begun") (result i32) (global.get $begun))
    (func (export "cancelled") (result i32) (global.get $cancelled)))
  (core instance $core (instantiate $code (with "" (instance
    (export "new-set" (func $new-set)) (export "cancel" (func $cancel))
    (export "more" (func $more)) (export "less" (func $less))))))
  (alias core export $core "end-wait" (core func $end-wait))
  (alias core export $core "end-hold" (core func $end-hold))
  (func $wait async (canon lift (core func $core "wait") async (callback $end-wait)))
  (func $hold async (canon lift (core func $core "hold") async (callback $end-hold)))
  (func $begun (result u32) (canon lift (core func $core "begun")))
  (func $cancelled (result u32) (canon lift (core func $core "cancelled")))
  (instance $lib (export "wait" (func $wait)) (export "hold" (func $hold))
    (export "begun" (func $begun)) (export "cancelled" (func $cancelled)))
  (export "x:y/lib" (instance $lib))
))";

// Its `cancel` calls `wait`, cancels the call, and returns the status: 4 if the callee has ended. Its `wait`
// waits for `wait`.
constexpr const char* kCanceller = R"((component
  (import "x:y/lib" (instance $lib (export "wait" (func async))))
  (core func $wait (canon lower (func $lib "wait")))
  (core func $start (canon lower (func $lib "wait") async))
  (core func $cancel (canon subtask.cancel))
  (core func $drop (canon subtask.drop))
  (core func $return (canon task.return (result u32)))
  (core module $code
    (import "" "wait" (func $wait))
    (import "" "start" (func $start (result i32)))
    (import "" "cancel" (func $cancel (param i32) (result i32)))
    (import "" "drop" (func $drop (param i32)))
    (import "" "return" (func $return (param i32)))
    (func (export "wait") (call $wait) (call $return (i32.const 0)))
    (func (export "cancel") (local $task i32)
      (local.set $task (i32.shr_u (call $start) (i32.const 4)))
      (call $return (call $cancel (local.get $task)))
      (call $drop (local.get $task))))
  (core instance $core (instantiate $code (with "" (instance
    (export "wait" (func $wait)) (export "start" (func $start)) (export "cancel" (func $cancel))
    (export "drop" (func $drop)) (export "return" (func $return))))))
  (func (export "wait") async (result u32) (canon lift (core func $core "wait") async))
  (func (export "cancel") async (result u32) (canon lift (core func $core "cancel") async))
))";

// Calls each of these functions, lowered synchronously.
constexpr const char* kCaller = R"((component
  (import "x:y/lib" (instance $lib
    (export "wait" (func async (result u32)))
    (export "pause" (func async (result u32)))
    (export "fail" (func async (result u32)))
    (export "count" (func async (result u32)))))
  (core func $wait (canon lower (func $lib "wait")))
  (core func $pause (canon lower (func $lib "pause")))
  (core func $fail (canon lower (func $lib "fail")))
  (core func $count (canon lower (func $lib "count")))
  (core func $return (canon task.return (result u32)))
  (core module $code
    (import "" "wait" (func $wait (result i32)))
    (import "" "pause" (func $pause (result i32)))
    (import "" "fail" (func $fail (result i32)))
    (import "" "count" (func $count (result i32)))
    (import "" "return" (func $return (param i32)))
    (func (export "wait") (result i32) (call $return (call $wait)) (i32.const 0))
    (func (export "pause") (result i32) (call $return (call $pause)) (i32.const 0))
    (func (export "fail") (result i32) (call $return (call $fail)) (i32.const 0))
    (func (export "count") (result i32) (call $return (call $count)) (i32.const 0))
    (func (export "callback") (param i32 i32 i32) (result i32) unreachable))
  (core instance $core (instantiate $code (with "" (instance
    (export "wait" (func $wait)) (export "pause" (func $pause)) (export "fail" (func $fail))
    (export "count" (func $count)) (export "return" (func $return))))))
  (alias core export $core "callback" (core func $callback))
  (func (export "wait") async (result u32)
    (canon lift (core func $core "wait") async (callback $callback)))
  (func (export "pause") async (result u32)
    (canon lift (core func $core "pause") async (callback $callback)))
  (func (export "fail") async (result u32)
    (canon lift (core func $core "fail") async (callback $callback)))
  (func (export "count") async (result u32)
    (canon lift (core func $core "count") async (callback $callback)))
))";

std::vector<std::uint8_t> assemble(const char* text) {
  return *engine::wat_to_wasm("unit.wat", text);
}

// Each unit in a domain of its own. app: null for `lib` alone.
CompositionBuilder isolated(const char* app, const char* lib) {
  CompositionBuilder builder;
  if (app != nullptr) builder.add_component("app", assemble(app));
  builder.add_component("lib", assemble(lib));
  builder.isolate_all();
  return builder;
}

// A call of a function without parameters that returns a number, or the failure's text.
std::string call(const Composition& composition, std::string_view unit, std::string_view interface,
                 std::string_view name) {
  const Result<Unit> callee = composition.unit(unit);
  if (!callee) return callee.error()[0].message;
  const auto result = callee->call(interface, name, {});
  return describe_outcome(result);
}

TEST(ConcurrentCalls, TheProgramWaitsForAFunctionThatYields) {
  CompositionBuilder builder = isolated(nullptr, kWaiter);
  const Composition composition = built(builder);
  EXPECT_EQ(call(composition, "lib", "x:y/lib", "pause"), "7");
  EXPECT_EQ(call(composition, "lib", "x:y/lib", "count"), "1");
  EXPECT_EQ(call(composition, "lib", "x:y/lib", "count"), "2");
}

// `app` waits for `lib`, which waits for ever.
TEST(ConcurrentCalls, ADeadlineThatATaskIgnoresEndsItsDomain) {
  CompositionBuilder builder = isolated(kCaller, kWaiter);
  builder.limits("lib").call_timeout = 50ms;
  builder.restart("app", {.max = 1});
  const Composition composition = built(builder);
  EXPECT_EQ(call(composition, "app", "", "count"), "1");
  EXPECT_THAT(call(composition, "app", "", "wait"), HasSubstr("deadline: lib#"));
  EXPECT_THAT(call(composition, "app", "", "count"),
              HasSubstr("the domain `lib` has ended: a call did not end before its deadline"));
}

TEST(ConcurrentCalls, ADeadlineLeavesOtherCallsOfTheDomain) {
  CompositionBuilder builder = isolated(kCaller, kWaiter);
  builder.limits("app").call_timeout = 50ms;
  builder.restart("lib", {.max = 1});
  const Composition composition = built(builder);
  {
    const auto waiting = composition.unit("lib")->find_function("x:y/lib", "wait")->start({});
    EXPECT_THAT(call(composition, "app", "", "wait"), HasSubstr("deadline: "));
    EXPECT_EQ(call(composition, "lib", "x:y/lib", "count"), "1");
    EXPECT_EQ(call(composition, "lib", "x:y/lib", "count"), "2");
    EXPECT_FALSE(waiting.is_done());
  }
  EXPECT_EQ(call(composition, "lib", "x:y/lib", "count"), "1");
}

TEST(ConcurrentCalls, ATaskIsCancelledWithItsCall) {
  CompositionBuilder builder = isolated(nullptr, kCancellable);
  const Composition composition = built(builder);
  const Result<Function> wait = composition.unit("lib")->find_function("x:y/lib", "wait");
  {
    const auto first = wait->start({});
    const auto second = wait->start({});
    EXPECT_EQ(call(composition, "lib", "x:y/lib", "begun"), "2");
    EXPECT_EQ(call(composition, "lib", "x:y/lib", "cancelled"), "0");
  }
  EXPECT_EQ(call(composition, "lib", "x:y/lib", "cancelled"), "2");
}

TEST(ConcurrentCalls, ACallThatWasNotTakenNeverStarts) {
  CompositionBuilder builder = isolated(nullptr, kCancellable);
  const Composition composition = built(builder);
  const Result<Unit> lib = composition.unit("lib");
  const Result<Function> wait = lib->find_function("x:y/lib", "wait");
  {
    const auto held = lib->find_function("x:y/lib", "hold")->start({});
    for (int i = 0; i < 3; ++i) (void)wait->start({});
    const auto other = wait->start({});
    EXPECT_FALSE(other.is_done());
  }
  EXPECT_EQ(call(composition, "lib", "x:y/lib", "begun"), "0");
  EXPECT_EQ(call(composition, "lib", "x:y/lib", "cancelled"), "0");
  const auto later = wait->start({});
  EXPECT_EQ(call(composition, "lib", "x:y/lib", "begun"), "1");
}

TEST(ConcurrentCalls, AGuestCancelsATaskOfAnotherDomain) {
  for (const bool is_isolated : {false, true}) {
    CompositionBuilder builder;
    builder.add_component("app", assemble(kCanceller));
    builder.add_component("lib", assemble(kCancellable));
    if (is_isolated) builder.isolate_all();
    const Composition composition = built(builder);
    for (int i = 0; i < 2; ++i)
      EXPECT_EQ(describe_outcome(composition.call("", "cancel", {})), "4") << is_isolated;
    if (!is_isolated) continue;
    EXPECT_EQ(call(composition, "lib", "x:y/lib", "begun"), "2");
    EXPECT_EQ(call(composition, "lib", "x:y/lib", "cancelled"), "2");
  }
}

// A deadline does not end the domain if the task of its call agrees to be cancelled.
TEST(ConcurrentCalls, ADeadlineCancelsATask) {
  CompositionBuilder builder = isolated(kCanceller, kCancellable);
  builder.limits("app").call_timeout = 50ms;
  const Composition composition = built(builder);
  const auto other = composition.unit("lib")->find_function("x:y/lib", "wait")->start({});
  EXPECT_THAT(call(composition, "app", "", "wait"), HasSubstr("deadline: "));
  EXPECT_EQ(call(composition, "lib", "x:y/lib", "cancelled"), "1");
  EXPECT_FALSE(other.is_done());
}

// A task that ignores that it is cancelled does not end its domain, and is counted.
TEST(ConcurrentCalls, ACancelledTaskCanRunOn) {
  CompositionBuilder builder = isolated(kCaller, kWaiter);
  std::uint64_t left_behind = 0;
  BuildOptions options;
  options.trace_calls = [&](const TraceCall& traced) { left_behind = traced.left_behind; };
  const Result<Composition> composition = builder.build(options);
  ASSERT_TRUE(composition) << composition.error()[0].message;
  const Result<Function> wait = composition->unit("lib")->find_function("x:y/lib", "wait");
  for (int i = 0; i < 3; ++i) (void)wait->start({});
  EXPECT_EQ(call(*composition, "app", "", "count"), "1");
  EXPECT_EQ(left_behind, 3U);
  EXPECT_EQ(call(*composition, "app", "", "count"), "2");
}

TEST(ConcurrentCalls, AWaitThatNothingCanEndIsAFailure) {
  CompositionBuilder builder = isolated(nullptr, kWaiter);
  const Composition composition = built(builder);
  EXPECT_THAT(call(composition, "lib", "x:y/lib", "wait"), HasSubstr("deadlock: lib#"));
  EXPECT_EQ(call(composition, "lib", "x:y/lib", "count"), "1");
}

TEST(ConcurrentCalls, ADeadlockListsWhatWaits) {
  CompositionBuilder builder = isolated(kCaller, kWaiter);
  const Composition composition = built(builder);
  const auto result = composition.call("", "wait", {});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, CallFailure::Kind::Deadlock);
  EXPECT_THAT(result.error().waits,
              testing::ElementsAre("`wait` of `app` waits for `x:y/lib#wait` of `lib`",
                                   "`x:y/lib#wait` of `lib` waits for something within its domain",
                                   "the program waits for `wait` of `app`"));
}

TEST(ConcurrentCalls, DomainsCallEachOther) {
  CompositionBuilder builder = isolated(kCaller, kWaiter);
  const Composition composition = built(builder);
  EXPECT_EQ(call(composition, "app", "", "pause"), "7");
  EXPECT_EQ(call(composition, "app", "", "count"), "1");
  EXPECT_EQ(call(composition, "lib", "x:y/lib", "count"), "2");
  const std::string failure = call(composition, "app", "", "fail");
  EXPECT_THAT(failure, HasSubstr("lib"));
  EXPECT_THAT(failure, HasSubstr("unreachable"));
}

// The loop of `lib` begins within a turn of the loop of `app`.
TEST(ConcurrentCalls, TheFirstCallStartsALazyDomain) {
  CompositionBuilder builder = isolated(kCaller, kWaiter);
  builder.wire(
      {.consumer = "app", .import = "x:y/lib", .provider = "lib", .export_name = {}, .lazy = true});
  const Composition composition = built(builder);
  EXPECT_EQ(call(composition, "app", "", "pause"), "7");
  EXPECT_EQ(call(composition, "app", "", "count"), "1");
}

TEST(ConcurrentCalls, ADomainThatTrappedIsStartedAgain) {
  CompositionBuilder builder = isolated(kCaller, kWaiter);
  builder.restart("app", {.max = 10}).restart("lib", {.max = 10});
  const Composition composition = built(builder);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(call(composition, "app", "", "count"), "1");
    EXPECT_EQ(call(composition, "lib", "x:y/lib", "count"), "2");
    EXPECT_THAT(call(composition, "app", "", "fail"), HasSubstr("trap: lib#"));
  }
}

TEST(ConcurrentCalls, ADeadlineOfTheCallerEndsItsWait) {
  CompositionBuilder builder = isolated(kCaller, kWaiter);
  builder.limits("app").call_timeout = 50ms;
  const Composition composition = built(builder);
  EXPECT_EQ(call(composition, "app", "", "count"), "1");
  const auto late = composition.call("", "wait", {});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind, CallFailure::Kind::Deadline);
  EXPECT_THAT(late.error().waits,
              testing::Contains("`wait` of `app` waits for `x:y/lib#wait` of `lib`"));
  EXPECT_THAT(call(composition, "lib", "x:y/lib", "count"), HasSubstr("`lib` has ended"));
}

// The call of `lib` starts within that of `app`, and ends in a later turn.
TEST(ConcurrentCalls, ATraceShowsACallThatEndsLater) {
  CompositionBuilder builder = isolated(kCaller, kWaiter);
  std::vector<TraceCall> traced;
  BuildOptions options;
  options.trace_calls = [&](const TraceCall& traced_call) { traced.push_back(traced_call); };
  Result<Composition> composition = builder.build(options);
  ASSERT_TRUE(composition) << composition.error()[0].message;
  EXPECT_EQ(call(*composition, "app", "", "pause"), "7");
  EXPECT_EQ(call(*composition, "app", "", "count"), "1");
  ASSERT_THAT(traced, testing::SizeIs(3));
  EXPECT_EQ(traced[0].event, TraceCall::Event::Suspended);
  EXPECT_EQ(traced[0].function, "x:y/lib.pause");
  EXPECT_EQ(traced[0].number, 1U);
  EXPECT_EQ(traced[0].result, "");
  EXPECT_EQ(traced[1].event, TraceCall::Event::Ended);
  EXPECT_EQ(traced[1].function, "x:y/lib.pause");
  EXPECT_EQ(traced[1].number, 1U);
  EXPECT_EQ(traced[1].result, "7");
  EXPECT_EQ(traced[1].start, traced[0].start);
  EXPECT_GT(traced[1].duration, traced[0].duration);
  // It returns in the turn that its caller gives it.
  EXPECT_EQ(traced[2].event, TraceCall::Event::Ended);
  EXPECT_EQ(traced[2].function, "x:y/lib.count");
  EXPECT_EQ(traced[2].number, 0U);
}

TEST(ConcurrentCalls, ATraceShowsACallThatEndsWithItsComposition) {
  CompositionBuilder builder = isolated(kCaller, kWaiter);
  std::vector<TraceCall> traced;
  BuildOptions options;
  options.trace_calls = [&](const TraceCall& traced_call) { traced.push_back(traced_call); };
  {
    Result<Composition> composition = builder.build(options);
    ASSERT_TRUE(composition) << composition.error()[0].message;
    const auto waiting = composition->unit("app")->find_function("", "wait")->start({});
    ASSERT_THAT(traced, testing::SizeIs(1));
  }
  ASSERT_THAT(traced, testing::SizeIs(2));
  EXPECT_EQ(traced[1].event, TraceCall::Event::Ended);
  EXPECT_EQ(traced[1].number, traced[0].number);
  ASSERT_TRUE(traced[1].failure);
  EXPECT_EQ(traced[1].failure->kind, CallFailure::Kind::Ended);
}

TEST(ConcurrentCalls, AFunctionOfTheProgramAnswersAnAsyncImport) {
  CompositionBuilder builder;
  builder.add_component("app", assemble(kCaller));
  for (const char* const name : {"wait", "pause", "fail"})
    builder.add_host_function("x:y/lib", name,
                              [](std::span<const Value>) { return Value::u32(0); });
  builder.add_host_function("x:y/lib", "count", [] { return std::uint32_t{42}; });
  builder.isolate_all();
  const Composition composition = built(builder);
  EXPECT_EQ(call(composition, "app", "", "count"), "42");
}

}  // namespace
}  // namespace tenon::concurrent_call_test
