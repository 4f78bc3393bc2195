#include "api/arguments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/memory_files.h"
#include "support/names.h"

namespace tenon::api::arguments_test {
namespace {

using testing::ElementsAre;

const Bytes kComponent = {0x00, 'a', 's', 'm', 0x0d, 0x00, 0x01, 0x00};
const Bytes kModule = {0x00, 'a', 's', 'm', 0x01, 0x00, 0x00, 0x00};

std::vector<std::string> names_of(const Arguments& arguments) {
  std::vector<std::string> names;
  for (const link::UnitRequest& unit : arguments.units) names.push_back(unit.name);
  return names;
}

TEST(Arguments, TakesAFile) {
  MemoryFiles files;
  files.add("build/My_Cart.v2.wasm", kComponent);
  const Result<Arguments> arguments =
      expand_argument("build/My_Cart.v2.wasm", UnitOrigin::ByHand, files);
  ASSERT_TRUE(arguments);
  EXPECT_THAT(names_of(*arguments), ElementsAre("my-cart-v2"));
  EXPECT_EQ(arguments->units[0].origin, UnitOrigin::ByHand);
}

TEST(Arguments, TakesANamedFile) {
  MemoryFiles files;
  files.add("cart.wasm", kComponent);
  const Result<Arguments> arguments =
      expand_argument("basket=cart.wasm", UnitOrigin::Listed, files);
  ASSERT_TRUE(arguments);
  EXPECT_THAT(names_of(*arguments), ElementsAre("basket"));
  EXPECT_EQ(arguments->units[0].path, "cart.wasm");
}

TEST(Arguments, TakesAFolderByNameAndSkipsCoreModules) {
  MemoryFiles files;
  files.add("out/tax.wasm", kComponent);
  files.add("out/cart.wasm", kComponent);
  files.add("out/cart.wat", "(component)");
  files.add("out/log.wat", "(component)");
  files.add("out/core.wasm", kModule);
  files.add("out/readme.md", "hello");
  const Result<Arguments> arguments = expand_argument("out", UnitOrigin::Listed, files);
  ASSERT_TRUE(arguments);
  EXPECT_THAT(names_of(*arguments), ElementsAre("cart", "log", "tax"));
  ASSERT_EQ(arguments->notes.size(), 1u);
  EXPECT_EQ(arguments->notes[0].where.file, "out/core.wasm");
}

TEST(Arguments, TakesAGlob) {
  MemoryFiles files;
  files.add("out/cart.wasm", kComponent);
  files.add("out/cash.wasm", kComponent);
  files.add("out/tax.wasm", kComponent);
  const Result<Arguments> arguments = expand_argument("out/ca*.wasm", UnitOrigin::Listed, files);
  ASSERT_TRUE(arguments);
  EXPECT_THAT(names_of(*arguments), ElementsAre("cart", "cash"));
}

TEST(Arguments, LeavesAMissingFileToTheReader) {
  MemoryFiles files;
  files.add("out/cart.wasm", kComponent);
  const Result<Arguments> arguments = expand_argument("out/crat.wasm", UnitOrigin::Listed, files);
  ASSERT_TRUE(arguments);
  const Result<Bytes> bytes = read_file(files, arguments->units.at(0).path, NamedBy::User);
  ASSERT_FALSE(bytes);
  EXPECT_EQ(bytes.error()[0].code, "read-file");
  EXPECT_THAT(bytes.error()[0].hints, ElementsAre("did you mean `out/cart.wasm`?"));
}

TEST(Arguments, KeepsABadNameForTheMessage) {
  MemoryFiles files;
  files.add("cart.wasm", kComponent);
  const Result<Arguments> arguments = expand_argument("Cart=cart.wasm", UnitOrigin::Listed, files);
  ASSERT_TRUE(arguments);
  EXPECT_THAT(names_of(*arguments), ElementsAre("Cart"));
}

TEST(Arguments, SkipsFoldersWithTheNameOfAComponent) {
  MemoryFiles files;
  files.add("out/cart.wasm", kComponent);
  files.add("out/old.wasm/tax.wasm", kComponent);
  const Result<Arguments> arguments = expand_argument("out", UnitOrigin::Listed, files);
  ASSERT_TRUE(arguments);
  EXPECT_THAT(names_of(*arguments), ElementsAre("cart"));
}

TEST(Arguments, RefusesAFolderWithoutComponents) {
  MemoryFiles files;
  files.add("out/core.wasm", kModule);
  const Result<Arguments> arguments = expand_argument("out", UnitOrigin::Listed, files);
  ASSERT_FALSE(arguments);
  EXPECT_EQ(arguments.error()[0].code, "read-file");
}

TEST(UnitName, ComesFromTheStem) {
  EXPECT_EQ(unit_name_of("a/b/7zip.wasm"), "u7zip");
  EXPECT_EQ(unit_name_of("Tax_EU.component.wasm"), "tax-eu-component");
  EXPECT_EQ(unit_name_of(".wasm"), "u-wasm");
  EXPECT_FALSE(is_unit_name("wasi"));
  EXPECT_FALSE(is_unit_name("Cart"));
  EXPECT_TRUE(is_unit_name("tax-eu2"));
}

}  // namespace
}  // namespace tenon::api::arguments_test
