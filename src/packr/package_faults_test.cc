// Known faults of packr's own composers and hosts, by their line in the list of faults. Each test
// has the case and the correct behavior. Lines 19 and 20 are in packages_test.cc.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/builder.h"
#include "tenon/host.h"
#include "tests/support/package_test.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_units.h"

namespace tenon::package_faults_test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class PackageFaults : public testing::TestWithParam<std::string_view> {
 protected:
  static std::string guest(std::string_view name) { return package_guest(GetParam(), name); }
  // `a`, which forwards calls to `function` of `b`.
  static Composition build_pair(std::string_view b, std::string_view function) {
    CompositionBuilder builder;
    builder.add_package("a", guest("chain")).add_package("b", b);
    builder.limits("a").call_timeout = 60s;
    builder.wire({.consumer = "a",
                  .import = "next.call",
                  .provider = "b",
                  .export_name = std::string(function)});
    return built(builder);
  }
};

INSTANTIATE_TEST_SUITE_P(Versions, PackageFaults, testing::Values("0.5.4", "0.21.0"),
                         [](const auto& version) {
                           std::string name(version.param);
                           std::ranges::replace(name, '.', '_');
                           return name;
                         });

// 18. Results were written to a fixed address of the caller and overwrote its data.
TEST_P(PackageFaults, Line18LargeResultsTouchNothingOfTheCaller) {
  const Composition composition = build_pair(guest("echo"), "echo");
  for (const std::size_t size : {10'000U, 1U << 20U, 100U, 5U << 20U}) {
    const Value text = Value::string(std::string(size, 'x'));
    const auto result = composition.unit("a")->call("call", text);
    ASSERT_TRUE(result) << describe_outcome(result);
    EXPECT_TRUE(**result == text) << size;
    EXPECT_EQ(call_unit(composition, "a", "call", Value::s64(7)), "7");
  }
}

TEST_P(PackageFaults, Line18LargeResultsOfTheProgramTouchNothingEither) {
  CompositionBuilder builder;
  builder.add_package("a", guest("chain"));
  builder.add_host_function("next", "call",
                            [](std::span<const Value> values) { return values[0]; });
  const Composition composition = built(builder);
  for (const std::size_t size : {10'000U, 900'000U}) {
    const Value bytes = Value::list(std::vector<std::uint8_t>(size, 7));
    const auto result = composition.unit("a")->call("call", bytes);
    ASSERT_TRUE(result) << describe_outcome(result);
    EXPECT_TRUE(**result == bytes) << size;
  }
}

// 21. Every build compiled every module again.
TEST_P(PackageFaults, Line21ASecondBuildCompilesNothing) {
  const TemporaryFolder cache;
  const auto files = [&] {
    std::map<std::string, fs::file_time_type> times;
    for (const auto& entry : fs::recursive_directory_iterator(cache.path()))
      if (entry.is_regular_file()) times[entry.path().string()] = entry.last_write_time();
    return times;
  };
  const auto build = [&] {
    CompositionBuilder builder;
    builder.add_package("adder", guest("adder")).add_package("math", guest("math"));
    Result<Composition> composition = builder.build({.cache_dir = cache.path().string()});
    ASSERT_TRUE(composition) << whole_text(composition.error());
    EXPECT_EQ(call_unit(*composition, "adder", "process", Value::s64(5)), "11");
  };
  build();
  const auto first = files();
  EXPECT_GE(first.size(), 2u);
  build();
  EXPECT_EQ(files().size(), first.size());
  // Using a file can change its times; a file that is written again would be another file.
  for (const auto& [name, time] : files()) EXPECT_TRUE(first.contains(name)) << name;
}

// 23. An import that failed hung its caller.
TEST_P(PackageFaults, Line23AFailureOfAnImportEndsTheCallerWithItsText) {
  const auto ask = [](const Composition& composition, const Value& value) {
    return composition.unit("a")->call("call", value);
  };
  // An error value of the package: it continues.
  const Composition failing = build_pair(guest("failing"), "needs-number");
  const auto refused = ask(failing, Value::string("x"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, CallFailure::Kind::GuestError);
  EXPECT_EQ(refused.error().unit, "b");
  EXPECT_EQ(refused.error().function, "needs-number");
  EXPECT_THAT(refused.error().message, HasSubstr("failed to convert parameter"));
  EXPECT_EQ(call_unit(failing, "b", "needs-number", Value::s64(3)), "3");

  const Composition trapped = build_pair(guest("failing"), "sinks");
  const auto failed = ask(trapped, Value::s64(-1));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, CallFailure::Kind::Trap);
  EXPECT_EQ(failed.error().unit, "b");
  EXPECT_EQ(failed.error().function, "sinks");
  EXPECT_THAT(failed.error().message, Not(IsEmpty()));
  EXPECT_THAT(failed.error().backtrace, Not(IsEmpty()));
  const auto again = ask(trapped, Value::s64(-1));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, CallFailure::Kind::Ended);
}

TEST_P(PackageFaults, Line23FunctionsOfTheProgramThatFailEndTheCaller) {
  const auto call = [](auto function) {
    CompositionBuilder builder;
    builder.add_package("a", guest("adder"));
    builder.limits("a").call_timeout = 60s;
    builder.add_host_function("math", "double", function);
    return call_unit(built(builder), "a", "process", Value::s64(5));
  };
  EXPECT_THAT(call([](std::int64_t) -> std::int64_t { throw std::runtime_error("no luck"); }),
              AllOf(HasSubstr("trap: "), HasSubstr("double"), HasSubstr("no luck")));
  EXPECT_THAT(call([](std::int64_t) -> HostResult<std::int64_t> { return Trap{"not today"}; }),
              AllOf(HasSubstr("trap: "), HasSubstr("not today")));
  EXPECT_THAT(call([](std::span<const Value>) -> Value { throw std::runtime_error("no luck"); }),
              AllOf(HasSubstr("trap: "), HasSubstr("no luck")));
  EXPECT_THAT(call([](std::span<const Value>) -> Value { throw 7; }),
              AllOf(HasSubstr("trap: "), HasSubstr("not a std::exception")));
  EXPECT_THAT(call([](std::span<const Value>) -> HostResult<Value> { return Trap{"not today"}; }),
              AllOf(HasSubstr("trap: "), HasSubstr("not today")));
  EXPECT_THAT(call([](std::span<const Value>) { return Value::string("no number"); }),
              AllOf(HasSubstr("trap: "), HasSubstr("expected s64")));
  EXPECT_THAT(call([](std::span<const Value>) {}),
              AllOf(HasSubstr("trap: "), HasSubstr("it returned nothing")));
}

TEST_P(PackageFaults, Line23AnOpenImportEndsItsCaller) {
  CompositionBuilder builder;
  builder.add_package("a", guest("adder"));
  builder.limits("a").call_timeout = 60s;
  builder.allow_unresolved();
  EXPECT_THAT(call_unit(built(builder), "a", "process", Value::s64(5)),
              AllOf(HasSubstr("math.double"), HasSubstr("a#process")));
  CompositionBuilder wired;
  wired.add_package("a", guest("adder"));
  wired.limits("a").call_timeout = 60s;
  wired.wire({.consumer = "a", .import = "math", .target = Wire::Target::Trap});
  EXPECT_THAT(call_unit(built(wired), "a", "process", Value::s64(5)), HasSubstr("math"));
}

// 22. Both readers aborted on a count of 2^32 - 1, and overflowed the stack on deep nesting.
TEST(PackageFaultsOfResults, Line22HostileCountsAndDepthAreErrors) {
  CompositionBuilder builder;
  builder.add_package("a", package_guest("c", "hostile_results"));
  builder.limits("a").call_timeout = 60s;
  builder.restart("a", {.max = 100});
  const Composition composition = built(builder);
  for (const std::string_view name :
       {"counts-too-much", "list-too-long", "deep", "cycle", "not-a-value"})
    EXPECT_THAT(call_unit(composition, "a", name, Value::s64(1)),
                AllOf(HasSubstr(fmt::format("trap: a#{}: ", name)),
                      HasSubstr("its result does not match its type")));
}

// 24. Equal hashes hid that cases had another order, and values were read as another case.
TEST(PackageFaultsOfHashes, Line24AnotherOrderOfCasesIsRejectedWithBothSides) {
  const auto unit_of = [](std::string_view name) {
    CompositionBuilder builder;
    builder.add_package("a", package_guest("c", name));
    builder.allow_unresolved();
    return builder.plan()->units[0];
  };
  const PlanUnit left = unit_of("cases_left");
  const PlanUnit right = unit_of("cases_right");
  ASSERT_EQ(left.import_hashes.size(), 1u);
  EXPECT_EQ(left.import_hashes, right.export_hashes);

  CompositionBuilder builder;
  builder.add_package("left", package_guest("c", "cases_left"));
  builder.add_package("right", package_guest("c", "cases_right"));
  EXPECT_THAT(problems_of_plan(builder),
              AllOf(HasSubstr("resolve-type-mismatch"), HasSubstr("`left` imports `shapes`"),
                    HasSubstr("`right` exports `shapes`"), HasSubstr("`flip -> of.left`")));
}

}  // namespace
}  // namespace tenon::package_faults_test
