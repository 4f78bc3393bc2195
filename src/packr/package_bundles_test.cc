// Imports of packages that host bundles provide (tests/bundles/math).
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/package_test.h"

namespace tenon::package_bundles_test {
namespace {

using testing::HasSubstr;

class PackagesWithBundles : public testing::TestWithParam<std::string_view> {
 protected:
  static Composition build() {
    CompositionBuilder builder;
    builder.add_package("adder", package_guest(GetParam(), "adder"));
    builder.add_host_bundle("math", fmt::format("{}/bundles/math", TENON_BINARY_DIR));
    Result<Composition> built = builder.build();
    EXPECT_TRUE(built) << whole_text(built.error());
    return *std::move(built);
  }
  static std::string process(const Composition& composition, std::int64_t n) {
    return call_unit(composition, "adder", "process", Value::s64(n));
  }
};

TEST_P(PackagesWithBundles, CallTheBundles) {
  const Composition built = build();
  EXPECT_EQ(process(built, 21), "43");
  EXPECT_EQ(process(built, -1), "-1");
}

TEST_P(PackagesWithBundles, EndWhenTheyTrap) {
  const Composition built = build();
  EXPECT_THAT(process(built, 13), HasSubstr("`math#double` of host `math`: 13 is not doubled"));
}

TEST_P(PackagesWithBundles, EndWhenTheirResultsAreWrong) {
  const Composition built = build();
  EXPECT_THAT(process(built, 14),
              HasSubstr("it returned an invalid value at result: expected s64, found string"));
}

INSTANTIATE_TEST_SUITE_P(Packr, PackagesWithBundles, testing::Values("0.5.4", "0.21.0"),
                         [](const auto& version) {
                           std::string name(version.param);
                           std::ranges::replace(name, '.', '_');
                           return name;
                         });

}  // namespace
}  // namespace tenon::package_bundles_test
