// Functions of packages called with C++ types.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/builder.h"
#include "tenon/function.h"
#include "tenon/record.h"
#include "tests/support/package_test.h"
#include "tests/support/test_units.h"

namespace tenon::package_port_test {
namespace {

using testing::HasSubstr;

struct TypedItem {
  std::string name;
  std::optional<double> price;
  std::vector<std::string> tags;
  bool operator==(const TypedItem&) const = default;
};
TENON_RECORD(TypedItem, name, price, tags)

Composition built_package(std::string_view version, std::string_view name) {
  CompositionBuilder builder;
  builder.add_package(name, package_guest(version, name));
  return built(builder);
}

TEST(PackagePort, ValuesHaveTheirCppTypes) {
  for (const std::string_view version : {"0.5.4", "0.21.0"}) {
    const Composition composition = built_package(version, "kinds");
    const Result<Unit> kinds = composition.unit("kinds");
    ASSERT_TRUE(kinds);
    constexpr std::string_view kSame = "acme:kinds/same";
    const auto number = kinds->function<std::int64_t(std::int64_t)>(kSame, "same-s64");
    ASSERT_TRUE(number) << whole_text(number.error());
    EXPECT_EQ(*(*number)(-7), -7);
    EXPECT_EQ(*(*number)(8), 8);
    const auto text = kinds->function<std::string(std::string_view)>(kSame, "same-string");
    ASSERT_TRUE(text) << whole_text(text.error());
    EXPECT_EQ(*(*text)("tea"), "tea");
    const auto items =
        kinds->function<std::vector<TypedItem>(std::vector<TypedItem>)>(kSame, "same-items");
    ASSERT_TRUE(items) << whole_text(items.error());
    const std::vector<TypedItem> two = {{"tea", 2.5, {"hot", "green"}}, {"cup", {}, {}}};
    EXPECT_EQ(*(*items)(two), two);
  }
}

TEST(PackagePort, ATypeWithoutACppFormIsRejected) {
  const Composition composition = built_package("0.21.0", "sexpr");
  const auto evaluate =
      composition.unit("sexpr")->function<std::int64_t(std::int64_t)>("", "evaluate");
  ASSERT_FALSE(evaluate);
  EXPECT_THAT(whole_text(evaluate.error()), HasSubstr("type-unsupported-value"));
  const Composition typed = built_package("0.21.0", "kinds");
  const auto wrong =
      typed.unit("kinds")->function<std::string(std::int64_t)>("acme:kinds/same", "same-s64");
  ASSERT_FALSE(wrong);
  EXPECT_THAT(whole_text(wrong.error()), HasSubstr("type-signature"));
}

TEST(PackagePort, FailuresAreTheSameAsForOtherCalls) {
  CompositionBuilder builder;
  builder.add_package("failing", package_guest("0.5.4", "failing"));
  std::optional<Composition> composition = built(builder);
  const auto crashes = composition->unit("failing")->function<std::int64_t()>("", "crashes");
  ASSERT_TRUE(crashes) << whole_text(crashes.error());
  const CallResult<std::int64_t> crashed = (*crashes)();
  ASSERT_FALSE(crashed);
  EXPECT_EQ(crashed.error().kind, CallFailure::Kind::Trap);
  EXPECT_EQ(crashed.error().function, "crashes");
  composition.reset();
  const CallResult<std::int64_t> gone = (*crashes)();
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().kind, CallFailure::Kind::BadCall);
  EXPECT_THAT(gone.error().message, HasSubstr("is gone"));
}

}  // namespace
}  // namespace tenon::package_port_test
