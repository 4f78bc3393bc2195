#include "packr/export_names.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::packr::export_names_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

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
    EXPECT_THAT(names.untaken(), ElementsAre("other"));
  }
}

TEST(ExportNames, TakesANameOnce) {
  const PackageModule module = module_of({"double"});
  ExportNames names(module);
  EXPECT_EQ(names.take("math", "double"), "double");
  EXPECT_EQ(names.take("", "double"), std::nullopt);
  EXPECT_EQ(names.take("math", "double"), std::nullopt);
  EXPECT_THAT(names.untaken(), IsEmpty());
}

// The one with its interface is its own; the other may be of another.
TEST(ExportNames, PrefersTheNameWithItsInterface) {
  const PackageModule module = module_of({"double", "math.double", "sums#double"});
  ExportNames names(module);
  EXPECT_EQ(names.take("math", "double"), "math.double");
  EXPECT_EQ(names.take("sums", "double"), "sums#double");
  EXPECT_EQ(names.take("", "double"), "double");
}

TEST(ExportNames, WhatIsNotThereIsNotTaken) {
  const PackageModule module = module_of({"math.double", "Double", "math/double"});
  ExportNames names(module);
  EXPECT_EQ(names.take("", "double"), std::nullopt);
  EXPECT_EQ(names.take("sums", "double"), std::nullopt);
  EXPECT_EQ(names.take("", ""), std::nullopt);
  EXPECT_THAT(names.untaken(), ElementsAre("math.double", "Double", "math/double"));
}

TEST(ExportNames, WhatIsThePackagesOwnIsTakenByNameAlone) {
  const PackageModule module = module_of({"__pack_start", "run", "__hidden"});
  ExportNames names(module);
  EXPECT_THAT(names.untaken(), ElementsAre("run"));
  EXPECT_EQ(names.take("", "__hidden"), "__hidden");
}

// If each cost a look at all, this would take minutes.
TEST(ExportNames, ManyTakeNoMoreThanTheirNumber) {
  constexpr std::size_t kMany = 200'000;
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < kMany; ++i) texts.push_back(fmt::format("function-{}", i));
  const PackageModule module = module_of({texts.begin(), texts.end()});
  ExportNames names(module);
  for (std::size_t i = kMany - 1; i > 0; --i) ASSERT_EQ(names.take("math", texts[i]), texts[i]);
  EXPECT_EQ(names.take("math", "function"), std::nullopt);
  EXPECT_THAT(names.untaken(), ElementsAre("function-0"));
}

}  // namespace
}  // namespace tenon::packr::export_names_test
