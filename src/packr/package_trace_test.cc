// Calls of packages in the trace of a composition.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tenon/builder.h"
#include "tenon/host.h"
#include "tests/support/package_test.h"
#include "tests/support/test_units.h"

namespace tenon::package_trace_test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;
using testing::StartsWith;

// Forwards to a bare function.
constexpr std::string_view kRunner = R"((component
  (import "process" (func $process (param "n" s64) (result s64)))
  (core func $lowered (canon lower (func $process)))
  (core module $code
    (import "" "process" (func $process (param i64) (result i64)))
    (func (export "run") (param i64) (result i64) (call $process (local.get 0))))
  (core instance $i (instantiate $code
    (with "" (instance (export "process" (func $lowered))))))
  (func (export "run") (param "n" s64) (result s64) (canon lift (core func $i "run")))))";

constexpr std::string_view kMath = R"((component
  (core module $code
    (func (export "double") (param i64) (result i64)
      (if (i64.lt_s (local.get 0) (i64.const 0)) (then unreachable))
      (i64.mul (local.get 0) (i64.const 2))))
  (core instance $i (instantiate $code))
  (func $double (param "n" s64) (result s64) (canon lift (core func $i "double")))
  (instance $math (export "double" (func $double)))
  (export "math" (instance $math))))";

class PackageTrace : public UnitsTest {
 protected:
  Composition build() {
    BuildOptions options;
    options.trace_calls = [this](const TraceCall& call) { calls_.push_back(call); };
    Result<Composition> composition = builder_.build(options);
    if (!composition) ADD_FAILURE() << whole_text(composition.error());
    return *std::move(composition);
  }
  void add_component(std::string_view name, std::string_view text) {
    builder_.add_component(name, write(name, text), {.reachable = Reachable::Yes});
  }
  // "1 adder -> math math.double(5) = 10"
  std::vector<std::string> take() {
    std::vector<std::string> lines;
    for (const TraceCall& call : calls_)
      lines.push_back(fmt::format(
          "{} {} -> {} {}({}) = {}", call.depth, call.consumer, call.provider, call.function,
          call.arguments, call.failure ? fmt::format("!{}", call.failure->message) : call.result));
    calls_.clear();
    return lines;
  }

  CompositionBuilder builder_;
  std::vector<TraceCall> calls_;
};

TEST_F(PackageTrace, ShowsCallsFromPackageToPackage) {
  builder_.add_package("adder", package_guest("0.21.0", "adder"))
      .add_package("math", package_guest("0.5.4", "math"));
  const Composition composition = build();
  EXPECT_EQ(call_unit(composition, "adder", "process", Value::s64(5)), "11");
  ASSERT_THAT(calls_, SizeIs(1));
  EXPECT_GT(calls_[0].duration.count(), 0);
  EXPECT_EQ(calls_[0].bytes, 2u * 32);  // a number, in packr's form
  EXPECT_THAT(take(), ElementsAre("0 adder -> math math.double(5) = 10"));
}

TEST_F(PackageTrace, NamesABareFunction) {
  builder_.add_package("adder", package_guest("0.21.0", "adder"))
      .add_package("doubler", package_guest("0.21.0", "doubler_typed"));
  builder_.wire({.consumer = "adder",
                 .import = "math.double",
                 .provider = "doubler",
                 .export_name = "double"});
  const Composition composition = build();
  EXPECT_EQ(call_unit(composition, "adder", "process", Value::s64(-2)), "-3");
  EXPECT_THAT(take(), ElementsAre("0 adder -> doubler double(-2) = -4"));
}

TEST_F(PackageTrace, ShowsCallsOfTheProgram) {
  builder_.add_package("logger", package_guest("0.21.0", "logger"));
  builder_.add_host_function("host", "log", [](std::string_view) {});
  const Composition composition = build();
  EXPECT_EQ(call_unit(composition, "logger", "process", Value::string("tea")), "\"tea\"");
  EXPECT_THAT(take(), ElementsAre("0 logger -> program host.log(\"process: starts\") = ()",
                                  "0 logger -> program host.log(\"process: `tea`\") = ()",
                                  "0 logger -> program host.log(\"process: done\") = ()"));
}

TEST_F(PackageTrace, ShowsCallsFromPackageToComponent) {
  builder_.add_package("adder", package_guest("0.21.0", "adder"));
  add_component("math", kMath);
  const Composition composition = build();
  EXPECT_EQ(call_unit(composition, "adder", "process", Value::s64(5)), "11");
  EXPECT_THAT(take(), ElementsAre("0 adder -> math math.double(5) = 10"));
  EXPECT_THAT(call_unit(composition, "adder", "process", Value::s64(-1)), HasSubstr("unreachable"));
  ASSERT_THAT(calls_, SizeIs(1));
  EXPECT_EQ(calls_[0].failure->unit, "math");
  EXPECT_THAT(take(), ElementsAre(StartsWith("0 adder -> math math.double(-1) = !wasm `unr")));
}

TEST_F(PackageTrace, ShowsCallsFromComponentToPackage) {
  add_component("adder", kAdderComponent);
  builder_.add_package("math", package_guest("0.21.0", "math"));
  const Composition composition = build();
  EXPECT_EQ(call_unit(composition, "adder", "process", Value::s64(5)), "11");
  ASSERT_THAT(calls_, SizeIs(1));
  EXPECT_EQ(calls_[0].bytes, 16u);
  EXPECT_THAT(take(), ElementsAre("0 adder -> math math.double(5) = 10"));
}

// A component calls a package, which calls another.
TEST_F(PackageTrace, NestedCallsAreDeeperAndShownFirst) {
  add_component("runner", kRunner);
  builder_.add_package("adder", package_guest("0.21.0", "adder"))
      .add_package("math", package_guest("0.21.0", "math"));
  const Composition composition = build();
  EXPECT_EQ(call_unit(composition, "runner", "run", Value::s64(4)), "9");
  ASSERT_THAT(calls_, SizeIs(2));
  EXPECT_GE(calls_[0].start, calls_[1].start);
  EXPECT_LE(calls_[0].duration, calls_[1].duration);
  EXPECT_THAT(take(), ElementsAre("1 adder -> math math.double(4) = 8",
                                  "0 runner -> adder process(4) = 9"));
}

// Each call that fails because of a package names that package.
TEST_F(PackageTrace, AFailureGoesThroughAllCalls) {
  add_component("runner", kRunner);
  builder_.add_package("adder", package_guest("0.21.0", "adder"));
  builder_.add_host_function("math", "double", [](std::int64_t n) -> HostResult<std::int64_t> {
    if (n == 0) return Trap("nothing to double");
    return 2 * n;
  });
  const Composition composition = build();
  EXPECT_THAT(call_unit(composition, "runner", "run", Value::s64(0)),
              HasSubstr("nothing to double"));
  const std::vector<std::string> lines = take();
  ASSERT_THAT(lines, SizeIs(2));
  EXPECT_THAT(lines[0], AllOf(StartsWith("1 adder -> program math.double(0) = !"),
                              HasSubstr("nothing to double")));
  EXPECT_THAT(lines[1], AllOf(StartsWith("0 runner -> adder process(0) = !"),
                              HasSubstr("nothing to double")));
}

TEST_F(PackageTrace, ShowsFailuresThatTheConsumerGetsAsValues) {
  builder_.add_package("asks", package_guest("c", "asks"))
      .add_package("answers", package_guest("c", "answers"));
  builder_.restart("answers", {.max = 100});
  builder_.restart("asks", {.max = 100});
  const Composition composition = build();
  EXPECT_EQ(call_unit(composition, "asks", "ask", Value::s64(7)), "ok(7)");
  EXPECT_EQ(call_unit(composition, "asks", "ask", Value::s64(1)), "err(\"one is too few\")");
  ASSERT_THAT(calls_, SizeIs(2));
  EXPECT_EQ(calls_[1].failure->kind, CallFailure::Kind::GuestError);
  EXPECT_EQ(calls_[1].failure->unit, "answers");
  EXPECT_EQ(calls_[1].result, "");
  EXPECT_THAT(take(), ElementsAre("0 asks -> answers answer.ask(7) = ok(7)",
                                  "0 asks -> answers answer.ask(1) = !one is too few"));
  EXPECT_THAT(call_unit(composition, "asks", "plain", Value::s64(0)), HasSubstr("unreachable"));
  ASSERT_THAT(calls_, SizeIs(1));
  EXPECT_EQ(calls_[0].failure->kind, CallFailure::Kind::Trap);
}

TEST_F(PackageTrace, ShowsValuesOfAnyType) {
  builder_.add_package("chain", package_guest("0.21.0", "chain"))
      .add_package("echo", package_guest("0.5.4", "echo"));
  builder_.wire(
      {.consumer = "chain", .import = "next.call", .provider = "echo", .export_name = "echo"});
  const Composition composition = build();
  EXPECT_EQ(call_text_of(composition, "chain", "call([1, 2])"), "[1, 2]");
  EXPECT_THAT(call_text_of(composition, "chain", "call({name: \"x\", at: (1, true)})"),
              HasSubstr("name: \"x\""));
  const std::vector<std::string> lines = take();
  ASSERT_THAT(lines, SizeIs(2));
  EXPECT_EQ(lines[0], "0 chain -> echo echo([1, 2]) = [1, 2]");
  EXPECT_THAT(lines[1], StartsWith("0 chain -> echo echo({name: \"x\", at: (1, true)}) = {"));
}

TEST_F(PackageTrace, TruncatesLongValues) {
  builder_.add_package("chain", package_guest("0.21.0", "chain"))
      .add_package("sink", package_guest("c", "sink"));
  builder_.wire(
      {.consumer = "chain", .import = "next.call", .provider = "sink", .export_name = "pass"});
  const Composition composition = build();
  const std::string text(100'000, 'x');
  EXPECT_EQ(call_unit(composition, "chain", "call", Value::string(text)), '"' + text + '"');
  ASSERT_THAT(calls_, SizeIs(1));
  EXPECT_EQ(calls_[0].arguments, '"' + std::string(63, 'x') + "...\"");
  EXPECT_EQ(calls_[0].result, calls_[0].arguments);
  EXPECT_GT(calls_[0].bytes, 2u * text.size());
}

// A package is passed the result of its import unread; the unit that reads it detects the problem.
TEST_F(PackageTrace, ShowsInvalidValuesAsSuch) {
  builder_.add_package("forward", package_guest("c", "forward"))
      .add_package("hostile", package_guest("c", "hostile_results"));
  builder_.wire({.consumer = "forward",
                 .import = "next.pass",
                 .provider = "hostile",
                 .export_name = "not-a-value"});
  const Composition composition = build();
  const std::string failed = call_unit(composition, "forward", "pass", Value::s64(1));
  EXPECT_THAT(failed, HasSubstr("trap: forward#pass"));
  EXPECT_THAT(take(), ElementsAre("0 forward -> hostile not-a-value(1) = <bad>"));
}

// It overwrites the memory of its argument: the trace shows the argument as it was passed.
TEST_F(PackageTrace, AHostileConsumerDoesNotChangeTheTrace) {
  builder_.add_package("hostile", package_guest("c", "hostile_calls"))
      .add_package("sink", package_guest("c", "sink"));
  builder_.wire(
      {.consumer = "hostile", .import = "next.pass", .provider = "sink", .export_name = "pass"});
  builder_.restart("hostile", {.max = 100});
  const Composition composition = build();
  for (const char* const function : {"fine", "negative", "slots-outside", "slots-in-argument",
                                     "slots-unaligned", "not-a-value", "outside", "twice"})
    (void)call_unit(composition, "hostile", function, Value::s64(1));
  ASSERT_GE(calls_.size(), 2u);
  EXPECT_EQ(calls_.front().result, "1");
  for (const TraceCall& call : calls_) EXPECT_EQ(call.function, "pass");
}

}  // namespace
}  // namespace tenon::package_trace_test
