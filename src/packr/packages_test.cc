// Packages linked to each other and to the program: matching of imports, and refused links.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tenon/builder.h"
#include "tenon/function.h"
#include "tenon/host.h"
#include "tests/support/package_test.h"
#include "tests/support/test_units.h"

namespace tenon::packages_test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Packages : public testing::TestWithParam<std::string_view> {
 protected:
  static std::string guest(std::string_view name) { return package_guest(GetParam(), name); }
  static std::string process(const Composition& composition, std::int64_t n) {
    return call_unit(composition, "adder", "process", Value::s64(n));
  }
};

INSTANTIATE_TEST_SUITE_P(Versions, Packages, testing::Values("0.5.4", "0.21.0", "0.24.1"),
                         [](const auto& version) {
                           std::string name(version.param);
                           std::ranges::replace(name, '.', '_');
                           return name;
                         });

TEST_P(Packages, AreWiredToEachOtherAndCalled) {
  std::vector<std::string> lines;
  CompositionBuilder builder;
  builder.add_package("doubler", guest("doubler"))
      .add_package("adder", guest("adder"))
      .add_package("logger", guest("logger"));
  builder.add_host_function("host", "log",
                            [&lines](std::string_view line) { lines.emplace_back(line); });
  builder.wire({.consumer = "adder",
                .import = "math.double",
                .provider = "doubler",
                .export_name = "double"});
  const Composition composition = built(builder);
  EXPECT_EQ(process(composition, 5), "11");
  EXPECT_EQ(call_unit(composition, "doubler", "double", Value::s64(21)), "42");
  EXPECT_EQ(call_unit(composition, "logger", "process", Value::string("tea")), "\"tea\"");
  EXPECT_THAT(lines, ElementsAre("process: starts", "process: `tea`", "process: done"));

  std::vector<std::string> names;
  for (const Unit& unit : composition.units()) names.push_back(unit.name());
  EXPECT_THAT(names, ElementsAre("adder", "doubler", "logger"));
  const UnitType type = composition.unit("adder")->type();
  ASSERT_EQ(type.imports.size(), 1u);
  EXPECT_EQ(type.imports[0].wit(), "math.double: func(n: s64) -> s64;");
  ASSERT_EQ(type.exports.size(), 1u);
  EXPECT_EQ(type.exports[0].wit(), "process: func(n: s64) -> s64;");
  ASSERT_EQ(type.import_hashes.size(), 1u);
  EXPECT_EQ(type.import_hashes[0].interface, "math");
}

TEST_P(Packages, ReturnCorrectResultsForEveryNumber) {
  CompositionBuilder builder;
  builder.add_package("doubler", guest("doubler_typed")).add_package("adder", guest("adder"));
  builder.wire({.consumer = "adder",
                .import = "math.double",
                .provider = "doubler",
                .export_name = "double"});
  const Composition composition = built(builder);
  for (const std::int64_t n : {0, 1, 5, 10, 100, -5})
    EXPECT_EQ(process(composition, n), fmt::format("{}", 2 * n + 1));
  EXPECT_EQ(process(composition, INT64_MAX), "-1");
}

TEST_P(Packages, FindEachOtherByNamesAndTypes) {
  CompositionBuilder builder;
  builder.add_package("adder", guest("adder")).add_package("math", guest("math"));
  const Composition composition = built(builder);
  EXPECT_EQ(process(composition, 5), "11");
  EXPECT_EQ(call_unit(composition, "math", "math#double", Value::s64(4)), "8");
}

TEST_P(Packages, GiveTheSameResultInEveryOrder) {
  std::vector<std::string> order = {"adder", "doubler", "logger", "echo"};
  std::optional<Plan> first;
  do {
    CompositionBuilder builder;
    for (const std::string& name : order) builder.add_package(name, guest(name));
    builder.add_host_function("host", "log", [](std::string_view) {});
    builder.wire({.consumer = "adder",
                  .import = "math.double",
                  .provider = "doubler",
                  .export_name = "double"});
    const Result<Plan> plan = builder.plan();
    ASSERT_TRUE(plan) << whole_text(plan.error());
    if (!first) first = *plan;
    EXPECT_TRUE(*plan == *first);
  } while (std::ranges::next_permutation(order).found);
  CompositionBuilder last;
  last.add_package("doubler", guest("doubler")).add_package("adder", guest("adder"));
  last.wire({.consumer = "adder",
             .import = "math.double",
             .provider = "doubler",
             .export_name = "double"});
  EXPECT_EQ(process(built(last), 100), "201");
}

TEST_P(Packages, TwoConsumersShareOneProvider) {
  for (const bool second_first : {false, true}) {
    CompositionBuilder builder;
    const char* const names[] = {second_first ? "b" : "a", second_first ? "a" : "b"};
    for (const char* const name : names) builder.add_package(name, guest("adder"));
    builder.add_package("math", guest("math"));
    const Composition composition = built(builder);
    EXPECT_EQ(call_unit(composition, "a", "process", Value::s64(5)), "11");
    EXPECT_EQ(call_unit(composition, "b", "process", Value::s64(6)), "13");
    EXPECT_EQ(call_unit(composition, "a", "process", Value::s64(7)), "15");
  }
}

TEST_P(Packages, ConsumersAndProviderCanImportOneInterface) {
  std::vector<std::string> lines;
  CompositionBuilder builder;
  for (const char* const name : {"one", "two"}) builder.add_package(name, guest("logger"));
  builder.add_host_function("host", "log",
                            [&lines](std::string_view line) { lines.emplace_back(line); });
  const Composition composition = built(builder);
  EXPECT_EQ(call_unit(composition, "one", "process", Value::string("1")), "\"1\"");
  EXPECT_EQ(call_unit(composition, "two", "process", Value::string("2")), "\"2\"");
  EXPECT_THAT(lines, ElementsAre("process: starts", "process: `1`", "process: done",
                                 "process: starts", "process: `2`", "process: done"));
}

TEST_P(Packages, OfOneVersionCallThoseOfAnother) {
  for (const std::string_view other : {"0.5.4", "0.21.0", "0.24.1"}) {
    CompositionBuilder builder;
    builder.add_package("adder", guest("adder")).add_package("math", package_guest(other, "math"));
    EXPECT_EQ(process(built(builder), 5), "11") << other;
  }
}

TEST_P(Packages, TheProgramProvidesAnImportUnlessAWireOverridesIt) {
  CompositionBuilder builder;
  builder.add_package("adder", guest("adder")).add_package("math", guest("math"));
  builder.add_host_function("math", "double", [](std::int64_t n) { return 1000 * n; });
  EXPECT_EQ(process(built(builder), 5), "5001");

  CompositionBuilder wired;
  wired.add_package("adder", guest("adder")).add_package("math", guest("math"));
  wired.add_host_function("math", "double", [](std::int64_t n) { return 1000 * n; });
  wired.wire({.consumer = "adder", .import = "math.double", .provider = "math"});
  EXPECT_EQ(process(built(wired), 5), "11");
}

TEST_P(Packages, AWireToTheProgramNamesAFunction) {
  CompositionBuilder builder;
  builder.add_package("adder", guest("adder")).add_package("math", guest("math"));
  builder.add_host_function("math", "double", [](std::int64_t n) { return 1000 * n; });
  builder.wire({.consumer = "adder", .import = "math.double", .provider = "program"});
  EXPECT_EQ(process(built(builder), 5), "5001");
}

// --- What is refused ---

TEST_P(Packages, AnImportWithoutAProviderFailsThePlan) {
  CompositionBuilder builder;
  builder.add_package("adder", guest("adder"));
  EXPECT_THAT(problems_of_plan(builder),
              AllOf(HasSubstr("resolve-no-provider"), HasSubstr("`adder`"), HasSubstr("`math`")));
}

TEST_P(Packages, AProviderWithASimilarNameIsSuggested) {
  CompositionBuilder builder;
  builder.add_package("adder", guest("adder")).add_package("doubler", guest("doubler_typed"));
  const std::string text = problems_of_plan(builder);
  EXPECT_THAT(text, AllOf(HasSubstr("resolve-no-provider"), HasSubstr("`adder`")));
}

// Known faults, line 20: it was built, but the call never returned.
TEST_P(Packages, WiresToUnknownNamesAreRejectedWithSimilarNames) {
  const auto problems = [&](Wire wire) {
    CompositionBuilder builder;
    builder.add_package("adder", guest("adder")).add_package("math", guest("math"));
    builder.wire(std::move(wire));
    return problems_of_plan(builder);
  };
  EXPECT_THAT(problems({.consumer = "adder", .import = "math.double", .provider = "mth"}),
              AllOf(HasSubstr("resolve-wire-unused"), HasSubstr("`mth`"), HasSubstr("`math`")));
  EXPECT_THAT(problems({.consumer = "addr", .import = "math.double", .provider = "math"}),
              AllOf(HasSubstr("resolve-wire-unused"), HasSubstr("`addr`"), HasSubstr("`adder`")));
  EXPECT_THAT(problems({.consumer = "adder", .import = "math.duoble", .provider = "math"}),
              AllOf(HasSubstr("resolve-wire-unused"), HasSubstr("math.duoble"),
                    HasSubstr("`math.double`")));
  EXPECT_THAT(problems({.consumer = "adder",
                        .import = "math.double",
                        .provider = "math",
                        .export_name = "tripel"}),
              AllOf(HasSubstr("tripel"), HasSubstr("double")));
}

TEST_P(Packages, DuplicateNamesAreRejected) {
  CompositionBuilder builder;
  builder.add_package("math", guest("math")).add_package("math", guest("doubler"));
  EXPECT_THAT(problems_of_plan(builder),
              AllOf(HasSubstr("resolve-unit-name"), HasSubstr("`math`")));
}

TEST_P(Packages, TwoProvidersOfOneImportAreAmbiguous) {
  CompositionBuilder builder;
  builder.add_package("adder", guest("adder"))
      .add_package("math-a", guest("math"))
      .add_package("math-b", guest("math"));
  EXPECT_THAT(problems_of_plan(builder),
              AllOf(HasSubstr("resolve-ambiguous"), HasSubstr("`math-a`"), HasSubstr("`math-b`")));
}

TEST_P(Packages, EmptyBytesAreRejected) {
  CompositionBuilder builder;
  builder.add_package("nothing", std::vector<std::uint8_t>());
  EXPECT_THAT(problems_of_plan(builder), AllOf(HasSubstr("read-"), testing::Not(IsEmpty())));
}

TEST_P(Packages, AnUnknownFunctionIsReportedWithSimilarNames) {
  CompositionBuilder builder;
  builder.add_package("math", guest("math"));
  const Composition composition = built(builder);
  EXPECT_THAT(call_unit(composition, "math", "duoble", Value::s64(1)),
              AllOf(HasSubstr("bad call"), HasSubstr("run-no-function")));
  EXPECT_THAT(call_unit(composition, "mth", "double", Value::s64(1)),
              AllOf(HasSubstr("run-no-unit")));
  EXPECT_THAT(call_unit(composition, "math", "math#double", Value::string("x")),
              AllOf(HasSubstr("bad call"), HasSubstr("value-type")));
  EXPECT_THAT(call_unit(composition, "math", "math#double"), HasSubstr("bad call"));
}

// --- Cycles ---

// Known faults, line 19: it was built, but the call waited for itself.
TEST(PackageCycles, APackageCannotBeWiredToItself) {
  CompositionBuilder builder;
  builder.add_package("self", package_guest("c", "self"));
  builder.wire(
      {.consumer = "self", .import = "self.count", .provider = "self", .export_name = "count"});
  EXPECT_THAT(problems_of_plan(builder), AllOf(HasSubstr("resolve-wire-unused"),
                                               HasSubstr("a unit never provides for itself")));
}

TEST_P(Packages, ACycleIsNamed) {
  CompositionBuilder builder;
  builder.add_package("a", guest("chain")).add_package("b", guest("chain"));
  builder.wire({.consumer = "a", .import = "next.call", .provider = "b", .export_name = "call"});
  builder.wire({.consumer = "b", .import = "next.call", .provider = "a", .export_name = "call"});
  EXPECT_THAT(
      problems_of_plan(builder),
      AllOf(HasSubstr("resolve-cycle"), HasSubstr("Circular dependency detected: a -> b -> a")));
}

TEST_P(Packages, ACallThatEntersAnAllowedCycleAgainIsRefused) {
  CompositionBuilder builder;
  for (const char* const name : {"a", "b"}) {
    builder.add_package(name, guest("chain"));
    builder.limits(name).call_timeout = 20s;
  }
  builder.wire({.consumer = "a", .import = "next.call", .provider = "b", .export_name = "call"});
  builder.wire({.consumer = "b",
                .import = "next.call",
                .provider = "a",
                .export_name = "call",
                .lazy = true});
  const Composition composition = built(builder);
  EXPECT_THAT(call_unit(composition, "a", "call", Value::s64(1)),
              AllOf(HasSubstr("reentrance"), HasSubstr("a -> b -> a")));
  // Both have ended: a package cannot continue after its import failed.
  EXPECT_THAT(call_unit(composition, "b", "call", Value::s64(1)), HasSubstr("a -> b -> a"));
}

TEST_P(Packages, AChainOfAnyLengthWorks) {
  constexpr int kLinks = 30;
  CompositionBuilder builder;
  for (int i = 0; i < kLinks; ++i) builder.add_package(fmt::format("p{}", i), guest("chain"));
  builder.add_package(fmt::format("p{}", kLinks), guest("echo"));
  for (int i = 0; i < kLinks; ++i)
    builder.wire({.consumer = fmt::format("p{}", i),
                  .import = "next.call",
                  .provider = fmt::format("p{}", i + 1),
                  .export_name = i + 1 == kLinks ? "echo" : "call"});
  EXPECT_EQ(call_unit(built(builder), "p0", "call", Value::string("through")), "\"through\"");
}

// --- Versions ---

// The import is `acme:math/ops@1.2.0`.
std::string call_versioned(CompositionBuilder& builder) {
  builder.add_package("client", package_guest("0.21.0", "versioned_client"));
  return call_unit(built(builder), "client", "process", Value::s64(5));
}

TEST(Packages, AnImportIsMetByAnExportOfItsTrack) {
  CompositionBuilder builder;
  builder.add_package("one", package_guest("0.21.0", "versioned_math_1"))
      .add_package("two", package_guest("0.21.0", "versioned_math_2"));
  EXPECT_EQ(call_versioned(builder), "11");
  CompositionBuilder program;
  program.add_host_function("acme:math/ops", "double", [](std::span<const Value> values) {
    return Value::s64(3 * *values[0].get_if<std::int64_t>());
  });
  EXPECT_EQ(call_versioned(program), "16");
}

TEST(Packages, AnExportOfAnotherTrackDoesNotFit) {
  CompositionBuilder builder;
  builder.add_package("two", package_guest("0.21.0", "versioned_math_2"))
      .add_package("client", package_guest("0.21.0", "versioned_client"));
  EXPECT_THAT(problems_of_plan(builder),
              AllOf(HasSubstr("acme:math/ops@1.2.0"), HasSubstr("acme:math/ops@2.0.0")));
  CompositionBuilder wired;
  wired.add_package("two", package_guest("0.21.0", "versioned_math_2"));
  wired.wire({.consumer = "client",
              .import = "acme:math/ops@1.2.0",
              .provider = "two",
              .export_name = "acme:math/ops@2.0.0"});
  EXPECT_EQ(call_versioned(wired), "111");
}

}  // namespace
}  // namespace tenon::packages_test
