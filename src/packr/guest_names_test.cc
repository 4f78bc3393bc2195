#include "packr/guest_names.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tenon::packr::guest_names_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(WireNames, FieldsAreInSnakeCaseOnTheWire) {
  EXPECT_EQ(wire_field("last-msg"), "last_msg");
  EXPECT_EQ(wire_field("a"), "a");
  EXPECT_EQ(wire_field(""), "");
  EXPECT_EQ(wire_field("x-42-2A-5d"), "x_42_2A_5d");
  EXPECT_EQ(label_of_field("last_msg"), "last-msg");
  EXPECT_EQ(label_of_field("last-msg"), "last-msg");
  EXPECT_EQ(label_of_field("_"), "-");
}

TEST(WireNames, CasesAreInCamelCaseOnTheWire) {
  struct Row {
    std::string_view label;
    std::string_view wire;
  };
  for (const auto& [label, wire] :
       {Row{"forever", "Forever"}, Row{"http-error", "HttpError"}, Row{"a-b-c", "ABC"},
        Row{"x", "X"}, Row{"", ""}, Row{"v2-beta", "V2Beta"}})
    EXPECT_EQ(wire_case(label), wire);
  for (const auto& [label, wire] :
       {Row{"forever", "Forever"}, Row{"http-error", "HttpError"}, Row{"http-error", "HTTPError"},
        Row{"http-error", "http_error"}, Row{"http-error", "http-error"}, Row{"x", "X"},
        Row{"", ""}, Row{"v2-beta", "V2Beta"}, Row{"is-ok", "isOk"}})
    EXPECT_EQ(label_of_case(wire), label);
}

PackageModule module_of(std::vector<std::string_view> exports) {
  PackageModule module;
  module.exports = std::move(exports);
  return module;
}

TEST(ExportNames, FindsAFunctionByEachOfItsNames) {
  for (const std::string_view name : {"acme:math/lib.test-alloc", "acme:math/lib.test_alloc",
                                      "acme:math/lib#test-alloc", "test-alloc", "test_alloc"}) {
    const PackageModule module = module_of({"other", name});
    ExportNames names(module);
    EXPECT_EQ(names.take("acme:math/lib", "test-alloc"), name);
    EXPECT_THAT(names.unused(), ElementsAre("other"));
  }
}

TEST(ExportNames, ReturnsANameOnce) {
  const PackageModule module = module_of({"double"});
  ExportNames names(module);
  EXPECT_EQ(names.take("math", "double"), "double");
  EXPECT_EQ(names.take("", "double"), std::nullopt);
  EXPECT_EQ(names.take("math", "double"), std::nullopt);
  EXPECT_THAT(names.unused(), IsEmpty());
}

// The name without an interface can belong to another interface.
TEST(ExportNames, PrefersTheNameWithItsInterface) {
  const PackageModule module = module_of({"double", "math.double", "sums#double"});
  ExportNames names(module);
  EXPECT_EQ(names.take("math", "double"), "math.double");
  EXPECT_EQ(names.take("sums", "double"), "sums#double");
  EXPECT_EQ(names.take("", "double"), "double");
}

TEST(ExportNames, ReturnsNothingForAMissingExport) {
  const PackageModule module = module_of({"math.double", "Double", "math/double"});
  ExportNames names(module);
  EXPECT_EQ(names.take("", "double"), std::nullopt);
  EXPECT_EQ(names.take("sums", "double"), std::nullopt);
  EXPECT_EQ(names.take("", ""), std::nullopt);
  EXPECT_THAT(names.unused(), ElementsAre("math.double", "Double", "math/double"));
}

TEST(ExportNames, NamesOfTheRuntimeAreFoundButNotListed) {
  const PackageModule module = module_of({"__pack_start", "run", "__hidden"});
  ExportNames names(module);
  EXPECT_THAT(names.unused(), ElementsAre("run"));
  EXPECT_EQ(names.take("", "__hidden"), "__hidden");
}

// If each call searched all names, this would take minutes.
TEST(ExportNames, ManyNamesTakeLinearTime) {
  constexpr std::size_t kMany = 200'000;
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < kMany; ++i) texts.push_back(fmt::format("function-{}", i));
  const PackageModule module = module_of({texts.begin(), texts.end()});
  ExportNames names(module);
  for (std::size_t i = kMany - 1; i > 0; --i) ASSERT_EQ(names.take("math", texts[i]), texts[i]);
  EXPECT_EQ(names.take("math", "function"), std::nullopt);
  EXPECT_THAT(names.unused(), ElementsAre("function-0"));
}

}  // namespace
}  // namespace tenon::packr::guest_names_test
