// The ends of calls of packages: by a deadline, fuel, memory or a trap; and that none of them
// leaves memory behind in a package.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/builder.h"
#include "tenon/host.h"
#include "tests/support/package_test.h"
#include "tests/support/test_scale.h"
#include "tests/support/test_units.h"

namespace tenon::package_endings_test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

using Kind = CallFailure::Kind;

class PackageEndings : public testing::TestWithParam<std::string_view> {
 protected:
  static std::string guest(std::string_view name) { return package_guest(GetParam(), name); }
  static CallFailure failure_of(const Composition& composition, std::string_view unit,
                                std::string_view function, const Value& value) {
    const auto result = composition.unit(unit)->call(function, value);
    EXPECT_FALSE(result) << describe_outcome(result);
    return result ? CallFailure() : result.error();
  }
};

INSTANTIATE_TEST_SUITE_P(Versions, PackageEndings, testing::Values("0.5.4", "0.21.0", "0.24.1"),
                         [](const auto& version) {
                           std::string name(version.param);
                           std::ranges::replace(name, '.', '_');
                           return name;
                         });

TEST_P(PackageEndings, LoopsAndPanicsEndAtTheDeadline) {
  CompositionBuilder builder;
  builder.add_package("a", guest("failing"));
  builder.limits("a").call_timeout = kShortCall;
  builder.restart("a", {.max = 1});
  const Composition composition = built(builder);
  const CallFailure spun = failure_of(composition, "a", "spins", Value::s64(-1));
  EXPECT_EQ(spun.kind, Kind::Deadline);
  EXPECT_EQ(spun.unit, "a");
  EXPECT_EQ(spun.function, "spins");
  EXPECT_THAT(spun.limits, ElementsAre("call-timeout"));
  EXPECT_EQ(spun.domain, "a");
  // Before 0.24, a panic loops forever.
  const auto panicked = composition.unit("a")->call("panics");
  ASSERT_FALSE(panicked);
  EXPECT_EQ(panicked.error().kind,
            GetParam() == std::string("0.24.1") ? Kind::Trap : Kind::Deadline);
  EXPECT_EQ(failure_of(composition, "a", "spins", Value::s64(3)).kind, Kind::Ended);
}

TEST_P(PackageEndings, ALoopInACalledPackageEndsAtTheEarlierDeadline) {
  for (const bool is_inner : {true, false}) {
    CompositionBuilder builder;
    builder.add_package("a", guest("chain")).add_package("b", guest("failing"));
    builder.limits(is_inner ? "b" : "a").call_timeout = kShortCall;
    builder.restart("a", {.max = 1}).restart("b", {.max = 1});
    builder.wire({.consumer = "a", .import = "next.call", .provider = "b", .export_name = "spins"});
    const Composition composition = built(builder);
    const CallFailure spun = failure_of(composition, "a", "call", Value::s64(-1));
    EXPECT_EQ(spun.kind, Kind::Deadline);
    EXPECT_EQ(spun.unit, "b");
    EXPECT_EQ(spun.function, "spins");
    EXPECT_EQ(spun.domain, is_inner ? "b" : "a");
    EXPECT_EQ(call_unit(composition, "a", "call", Value::s64(3)), "3");
    EXPECT_EQ(call_unit(composition, "b", "spins", Value::s64(4)), "4");
  }
}

TEST_P(PackageEndings, FuelRunsOut) {
  CompositionBuilder builder;
  builder.add_package("a", guest("failing"));
  builder.limits("a").fuel = 1'000'000;
  const Composition composition = built(builder);
  EXPECT_EQ(call_unit(composition, "a", "spins", Value::s64(10)), "10");
  const CallFailure spun = failure_of(composition, "a", "spins", Value::s64(-1));
  EXPECT_EQ(spun.unit, "a");
  EXPECT_THAT(spun.limits, ElementsAre("fuel"));
}

TEST_P(PackageEndings, TheMemoryLimitIsReported) {
  CompositionBuilder builder;
  builder.add_package("a", guest("echo"));
  builder.limits("a").memory = std::uint64_t{4} << 20U;
  builder.limits("a").call_timeout = 5s;
  builder.restart("a", {.max = 1});
  const Composition composition = built(builder);
  const CallFailure full =
      failure_of(composition, "a", "echo", Value::string(std::string(5U << 20U, 'x')));
  EXPECT_EQ(full.unit, "a");
  EXPECT_THAT(full.message, HasSubstr("could not allocate"));
  EXPECT_EQ(call_unit(composition, "a", "echo", Value::s64(7)), "7");
}

TEST_P(PackageEndings, ATrapHasABacktraceWithNames) {
  CompositionBuilder builder;
  builder.add_package("a", guest("failing"));
  const auto crashed = built(builder).unit("a")->call("crashes");
  ASSERT_FALSE(crashed);
  EXPECT_EQ(crashed.error().kind, Kind::Trap);
  EXPECT_THAT(crashed.error().message, HasSubstr("unreachable"));
  std::vector<std::string> functions;
  for (const CallFailure::Frame& frame : crashed.error().backtrace) {
    functions.push_back(frame.function);
    EXPECT_EQ(frame.unit, "a");
  }
  EXPECT_THAT(functions, Contains(HasSubstr("crashes")));
}

// If each call left memory behind, the memory would not suffice.
class PackageLeaks : public testing::Test {
 protected:
  static constexpr int kCalls = 2000;
  // 2,000 such calls take 20 MB.
  static Value argument() { return Value::string(std::string(10'000, 'x')); }
  static void bound(CompositionBuilder& builder, std::string_view unit) {
    builder.limits(unit).memory = std::uint64_t{5} << 20U;
    builder.limits(unit).call_timeout = 60s;
  }
};

TEST_F(PackageLeaks, SuccessfulCallsLeaveNothing) {
  for (const std::string_view set : {"0.5.4", "0.21.0", "0.24.1"}) {
    CompositionBuilder builder;
    builder.add_package("a", package_guest(set, "chain"));
    builder.add_package("b", package_guest("c", "forward"));
    builder.add_package("c", package_guest(set, "chain"));
    builder.add_package("d", package_guest(set, "echo"));
    const auto wire = [&](std::string_view from, std::string_view import, std::string_view to,
                          std::string_view name) {
      builder.wire({.consumer = std::string(from),
                    .import = std::string(import),
                    .provider = std::string(to),
                    .export_name = std::string(name)});
    };
    wire("a", "next.call", "b", "pass");
    wire("b", "next.pass", "c", "call");
    wire("c", "next.call", "d", "echo");
    for (const char* const unit : {"a", "b", "c", "d"}) bound(builder, unit);
    const Composition composition = built(builder);
    for (int i = 0; i < kCalls; ++i) {
      const auto result = composition.unit("a")->call("call", argument());
      ASSERT_TRUE(result) << i << ": " << describe_outcome(result);
    }
  }
}

TEST_F(PackageLeaks, ErrorsLeaveNothing) {
  for (const std::string_view set : {"0.5.4", "0.21.0", "0.24.1"}) {
    CompositionBuilder builder;
    builder.add_package("a", package_guest(set, "failing"));
    bound(builder, "a");
    const Composition composition = built(builder);
    for (int i = 0; i < kCalls; ++i)
      ASSERT_THAT(call_unit(composition, "a", "refuses"), HasSubstr("encode error")) << i;
  }
}

// For a result that carries a failure, and for results that fit and do not fit.
TEST_F(PackageLeaks, ResultsOfImportsLeaveNothing) {
  CompositionBuilder builder;
  builder.add_package("a", package_guest("c", "hostile_calls"));
  bound(builder, "a");
  builder.add_host_function("next", "pass",
                            [](std::span<const Value> values) { return values[0]; });
  const Composition composition = built(builder);
  const Value value = argument();
  for (int i = 0; i < kCalls; ++i)
    for (const char* const name : {"fine", "slots-in-argument", "slots-unaligned", "twice"}) {
      const auto result = composition.unit("a")->call(name, value);
      ASSERT_TRUE(result) << i << ": " << describe_outcome(result);
    }
}

TEST_F(PackageLeaks, ResultsThatAreArgumentsLeaveNothing) {
  CompositionBuilder builder;
  builder.add_package("a", package_guest("c", "sink"));
  bound(builder, "a");
  const Composition composition = built(builder);
  const Value value = argument();
  for (int i = 0; i < kCalls; ++i)
    for (const char* const name : {"pass", "copy", "size"}) {
      const auto result = composition.unit("a")->call(name, value);
      ASSERT_TRUE(result) << i << ": " << describe_outcome(result);
    }
}

TEST_F(PackageLeaks, FailuresAsValuesLeaveNothing) {
  CompositionBuilder builder;
  builder.add_package("asks", package_guest("c", "asks"));
  builder.add_package("answers", package_guest("c", "answers"));
  bound(builder, "asks");
  bound(builder, "answers");
  const Composition composition = built(builder);
  for (std::uint32_t i = 0; i < repetitions(100'000); ++i)
    ASSERT_EQ(call_unit(composition, "asks", "ask", Value::s64(1)), "err(\"one is too few\")") << i;
}

}  // namespace
}  // namespace tenon::package_endings_test
