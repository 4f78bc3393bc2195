// Domains that end at unusual times: in their start functions, in a destructor, during calls of
// others, or during a restart.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/builder.h"
#include "tenon/host.h"
#include "tests/support/test_units.h"

namespace tenon::endings_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

constexpr std::string_view kIsolated = "isolated = true";
constexpr std::string_view kEcho = "(local.get 0)";
// Traps for 0.
constexpr std::string_view kPicky = "(if (i32.eqz (local.get 0)) (then unreachable)) (local.get 0)";
// Counts its calls.
constexpr std::string_view kCount =
    "(global.set $state (i32.add (global.get $state) (i32.const 1))) (global.get $state)";
// Traps in its second life.
constexpr std::string_view kSecondTraps =
    "(if (i32.eq (call $f (i32.const 0)) (i32.const 2)) (then unreachable))";

class Endings : public UnitsTest {
 protected:
  void restarts(std::string_view domain, int max) {
    say(fmt::format("[domains.{}]\nrestart = {{ on-trap = true, max = {}, within = \"1h\" }}",
                    domain, max));
  }
};

TEST_F(Endings, AStartThatTrapsInARestartIsReportedAndTheNextRestartSucceeds) {
  if (has_async_guests()) GTEST_SKIP() << "a start function cannot wait for an async call";
  add("shaky", function_unit("test:e/count", "test:e/shaky", kPicky, kSecondTraps), kIsolated);
  add("count", function_unit("", "test:e/count", kCount), kIsolated);
  restarts("shaky", 3);
  const Composition all = build("shaky");
  EXPECT_EQ(describe_outcome(call(all, "test:e/shaky", 7)), "7");
  EXPECT_THAT(describe_outcome(call(all, "test:e/shaky", 0)), StartsWith("trap: "));
  const auto failed = call(all, "test:e/shaky", 7);
  EXPECT_THAT(describe_outcome(failed), StartsWith("ended: the domain `shaky` has ended: "));
  EXPECT_THAT(describe_outcome(failed), HasSubstr("unreachable"));
  EXPECT_EQ(failed.error().unit, "shaky");
  // The third life.
  EXPECT_EQ(describe_outcome(call(all, "test:e/shaky", 7)), "7");
  EXPECT_THAT(describe_outcome(call(all, "test:e/shaky", 0)), StartsWith("trap: "));
  EXPECT_EQ(describe_outcome(call(all, "test:e/shaky", 7)), "7");
  EXPECT_THAT(describe_outcome(call(all, "test:e/shaky", 0)), StartsWith("trap: "));
  EXPECT_THAT(describe_outcome(call(all, "test:e/shaky", 7)),
              HasSubstr("its 3 restarts are used up"));
}

TEST_F(Endings, ACompositionRunsUntilItsCommandReturns) {
  add("command", R"((component
    (import "test:e/host" (instance $needs (export "f" (func (param "n" u32) (result u32)))))
    (core func $f (canon lower (func $needs "f")))
    (core module $code
      (import "needs" "f" (func $f (param i32) (result i32)))
      (func (export "run") (result i32) (call $f (i32.const 0))))
    (core instance $i (instantiate $code (with "needs" (instance (export "f" (func $f))))))
    (func $run (result (result)) (canon lift (core func $i "run")))
    (instance $exported (export "run" (func $run)))
    (export "wasi:cli/run@0.2.6" (instance $exported))))");
  std::optional<Composition> all;
  CompositionBuilder command = make_builder("command");
  command.add_host_function("test:e/host", "f", [&](std::uint32_t) {
    all.reset();
    return std::uint32_t{1};
  });
  Result<Composition> built = command.build();
  ASSERT_TRUE(built) << built.error().front().message;
  all.emplace(*std::move(built));
  const CallResult<int> code = all->run_command();
  ASSERT_TRUE(code) << code.error().message;
  EXPECT_EQ(*code, 1);
}

TEST_F(Endings, AStartThatTrapsFailsTheBuildWithItsName) {
  add("shaky", function_unit("", "test:e/shaky", kPicky, "unreachable"), kIsolated);
  add("front", function_unit("test:e/shaky", "test:e/front", "(call $f (local.get 0))"));
  const Diagnostics reported = problems("front");
  ASSERT_EQ(reported.size(), 1U);
  EXPECT_EQ(reported[0].code, "run-trap");
  EXPECT_EQ(reported[0].where.unit, "shaky");
}

TEST_F(Endings, AStartThatTrapsAtTheFirstCallOfALazyDomainEndsTheCaller) {
  add("shaky", function_unit("", "test:e/shaky", kPicky, "unreachable"), kIsolated);
  add("front", function_unit("test:e/shaky", "test:e/front", "(call $f (local.get 0))"));
  say("[[wire]]\nimport = \"test:e/shaky\"\nprovider = \"shaky\"\nlazy = true");
  const Composition all = build("front");
  const auto failed = call(all, "test:e/front", 1);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().unit, "shaky");
  EXPECT_THAT(describe_outcome(failed), HasSubstr("unreachable"));
}

TEST_F(Endings, AStartThatNeverReturnsIsStopped) {
  add("stuck", function_unit("", "test:e/stuck", kEcho, "(loop (br 0))"), kIsolated);
  say("[domains.stuck]\ncall-timeout = \"50ms\"");
  const Diagnostics reported = problems("stuck");
  ASSERT_EQ(reported.size(), 1U);
  EXPECT_EQ(reported[0].code, "run-deadline");
  EXPECT_EQ(reported[0].where.unit, "stuck");
}

TEST_F(Endings, AStartCanCallAndACallBackIsRefused) {
  if (has_async_guests()) GTEST_SKIP() << "a start function cannot wait for an async call";
  add("first",
      function_unit("test:e/second", "test:e/first", kEcho, "(drop (call $f (i32.const 1)))"),
      kIsolated);
  add("second", function_unit("test:e/first", "test:e/second", "(call $f (local.get 0))"),
      kIsolated);
  say("[[wire]]\nimport = \"test:e/first\"\nprovider = \"first\"\nlazy = true");
  const Composition all = build("first");
  const auto failed = call(all, "test:e/first", 1);
  EXPECT_THAT(describe_outcome(failed), HasSubstr("first -> second -> first"));
  EXPECT_EQ(failed.error().unit, "second");
}

// A domain that exceeds its deadline ends with all domains that it called, and with a caller that
// cannot receive the failure.
TEST_F(Endings, ADeadlineInAChainEndsTheRunningDomains) {
  add("spin",
      function_unit("", "test:e/spin",
                    "(if (i32.eqz (local.get 0)) (then (loop (br 0)))) (local.get 0)"),
      kIsolated);
  add("middle", function_unit("test:e/spin", "test:e/middle", "(call $f (local.get 0))"),
      kIsolated);
  add("front", function_unit("test:e/middle", "test:e/front", "(call $f (local.get 0))"),
      kIsolated);
  add("aside", function_unit("", "test:e/aside", kCount), kIsolated);
  say("[domains.middle]\ncall-timeout = \"50ms\"");
  for (const std::string_view name : {"middle", "spin", "aside"}) {
    say(fmt::format("[[export]]\nunit = \"{0}\"\nitem = \"test:e/{0}\"", name));
  }
  restarts("spin", 1);
  const Composition all = build("front");
  EXPECT_EQ(describe_outcome(call(all, "test:e/front", 3)), "3");
  const auto failed = call(all, "test:e/front", 0);
  EXPECT_THAT(describe_outcome(failed), StartsWith("deadline: "));
  EXPECT_EQ(failed.error().unit, "spin");
  EXPECT_THAT(describe_outcome(call(all, "test:e/middle", 3)), StartsWith("ended: "));
  EXPECT_THAT(describe_outcome(call(all, "test:e/front", 3)), StartsWith("ended: "));
  EXPECT_EQ(describe_outcome(call(all, "test:e/spin", 3)), "3");
  EXPECT_EQ(describe_outcome(call(all, "test:e/aside", 3)), "1");
}

// The guests of tests/guests/domains. A counter with the greatest number traps when it is dropped.
class EndingDestructors : public Endings {
 protected:
  static std::string guest(std::string_view name) {
    return fmt::format("{}/tests/guests/domains/wasm/{}.wasm", TENON_SOURCE_DIR, name);
  }
  Composition build_guests() {
    for (const std::string_view name : {"front", "keeper", "lib"})
      say(fmt::format("[components.{}]\npath = \"{}\"\nisolated = true", name, guest(name)));
    say(R"([[export]]
unit = "lib"
item = "demo:domains/lib")");
    return build("front");
  }
  static CallResultOfValue ask(const Composition& all, std::string_view unit, std::string_view name,
                               const std::vector<Value>& arguments = {}) {
    return all.call(fmt::format("demo:domains/{}", unit), name, arguments);
  }
};

TEST_F(EndingDestructors, ATrapWhileAnEndedDomainIsClearedEndsOnlyItsHome) {
  restarts("front", 9);
  restarts("keeper", 9);
  restarts("lib", 1);
  const Composition all = build_guests();
  const Value numbers = Value::list(std::vector<std::uint32_t>{1, UINT32_MAX, 2});
  EXPECT_EQ(describe_outcome(ask(all, "front", "keep-all", {numbers})), "3");
  EXPECT_EQ(describe_outcome(ask(all, "lib", "calls")), "1");
  // The keeper ends with all three, and so does `front`.
  const auto failed = ask(all, "front", "swallow", {Value::u32(7)});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().unit, "keeper");
  // A new life, without the state of the previous one.
  EXPECT_EQ(describe_outcome(ask(all, "lib", "calls")), "1");
  EXPECT_EQ(describe_outcome(ask(all, "lib", "alive")), "0");
  EXPECT_EQ(describe_outcome(ask(all, "front", "keep-all", {numbers})), "3");
  EXPECT_EQ(describe_outcome(ask(all, "front", "alive")), "3");
}

TEST_F(EndingDestructors, ATrapInADropOfTheProgramIsReportedToTheNextCaller) {
  const Composition all = build_guests();
  EXPECT_EQ(describe_outcome(ask(all, "lib", "calls")), "1");
  {
    const auto resource = ask(all, "lib", "make-bad");
    ASSERT_TRUE(resource);
  }
  const auto failed = ask(all, "lib", "calls");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, CallFailure::Kind::Ended);
  EXPECT_EQ(failed.error().unit, "lib");
  EXPECT_THAT(failed.error().message, HasSubstr("unreachable"));
  EXPECT_THAT(describe_outcome(ask(all, "front", "alive")), StartsWith("ended: "));
}

TEST_F(EndingDestructors, ACalleeThatOwnsATrappingResourceEndsWithItsHome) {
  restarts("front", 1);
  const Composition all = build_guests();
  // `lib` drops it at the end of the call.
  const auto failed = ask(all, "front", "consume", {Value::u32(UINT32_MAX)});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, CallFailure::Kind::Trap);
  EXPECT_EQ(failed.error().unit, "lib");
  EXPECT_THAT(describe_outcome(ask(all, "front", "alive")),
              HasSubstr("the domain `lib` has ended"));
}

TEST_F(EndingDestructors, HandlesOfAnEndedHomeAreDroppedSafely) {
  restarts("lib", 1);
  restarts("front", 2);
  restarts("keeper", 1);
  const Composition all = build_guests();
  EXPECT_EQ(describe_outcome(
                ask(all, "front", "keep-all", {Value::list(std::vector<std::uint32_t>{1, 2})})),
            "2");
  EXPECT_FALSE(ask(all, "front", "check-trouble", {Value::u32(0)}));
  // `lib` and `front` have ended and were restarted; the keeper has two counters of the previous
  // life.
  EXPECT_TRUE(ask(all, "front", "hold", {Value::u32(3)}));
  EXPECT_EQ(describe_outcome(ask(all, "front", "alive")), "1");
  EXPECT_EQ(ask(all, "front", "swallow", {Value::u32(4)}).error().unit, "keeper");
  EXPECT_EQ(describe_outcome(ask(all, "front", "alive")), "0");
}

}  // namespace
}  // namespace tenon::endings_test
