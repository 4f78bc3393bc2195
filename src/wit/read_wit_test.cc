#include "wit/read_wit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "engine/wit_text.h"
#include "tests/support/temporary_folder.h"

namespace tenon::wit::read_wit_test {
namespace {

using testing::HasSubstr;

constexpr std::string_view kText = R"(package acme:tax@1.2.0;

interface lib {
  record rate { percent: f64 }
  lookup: func(country: string) -> option<rate>;
}

world shop {
  import lib;
  export run: func();
}
world shed {}
)";

class ReadWitTest : public testing::Test {
 protected:
  template <class Content>
  std::string write(const std::string& name, const Content& content) {
    const std::filesystem::path path = folder_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(content.data()),
               static_cast<std::streamsize>(content.size()));
    return path.string();
  }
  Result<WitPackage> read(const std::string& path) {
    return read_wit(files_, path, NamedBy::User, types_);
  }

  const TemporaryFolder temporary_;
  const std::filesystem::path folder_ = temporary_.path();
  RealFiles files_;
  types::Types types_;
};

void expect_tax_package(const Result<WitPackage>& package, const types::Types& types) {
  ASSERT_TRUE(package);
  EXPECT_EQ(package->types.name, "acme:tax@1.2.0");
  ASSERT_EQ(package->types.interfaces.size(), 1U);
  const types::NamedInterface& lib = package->types.interfaces.front();
  EXPECT_EQ(lib.name, "acme:tax/lib@1.2.0");
  EXPECT_NE(types.instances[lib.instance].find_export("lookup"), nullptr);
  const types::NamedWorld* shop = package->types.find_world("shop");
  ASSERT_NE(shop, nullptr);
  EXPECT_EQ(shop->type.imports[0].name, "acme:tax/lib@1.2.0");
  EXPECT_EQ(shop->type.exports[0].name, "run");
}

TEST_F(ReadWitTest, ReadsAFolderOfText) {
  write("tax.wit", kText);
  const Result<WitPackage> package = read(folder_.string());
  expect_tax_package(package, types_);
  const Location* where = package->find_position("acme:tax/lib@1.2.0#lookup");
  ASSERT_NE(where, nullptr);
  EXPECT_THAT(where->file, testing::EndsWith("tax.wit"));
  EXPECT_EQ(where->line, 5U);
  EXPECT_EQ(where->column, 3U);
  EXPECT_EQ(package->find_position("acme:tax/lib@1.2.0#nothing"), nullptr);
}

TEST_F(ReadWitTest, ReadsAFolderWithDependencies) {
  write("deps/tax/tax.wit", kText);
  write("app.wit", std::string_view(R"(package acme:app@1.0.0;
interface cart { use acme:tax/lib@1.2.0.{rate}; total: func() -> rate; }
world app { import cart; }
)"));
  const Result<WitPackage> package = read(folder_.string());
  ASSERT_TRUE(package);
  EXPECT_EQ(package->types.name, "acme:app@1.0.0");
  const types::NamedWorld* app = package->types.find_world("app");
  ASSERT_NE(app, nullptr);
  EXPECT_EQ(app->type.imports.size(), 2U);
}

TEST_F(ReadWitTest, ReadsOneFileOfText) {
  expect_tax_package(read(write("tax.wit", kText)), types_);
}

TEST_F(ReadWitTest, ReadsABinaryPackage) {
  const Result<engine::EncodedWit> encoded = engine::encode_wit_text("tax.wit", kText);
  ASSERT_TRUE(encoded);
  const Result<WitPackage> package = read(write("tax.wasm", encoded->binary));
  expect_tax_package(package, types_);
  EXPECT_TRUE(package->positions.empty());
}

TEST_F(ReadWitTest, ReadsAComponentAsItsOwnWorld) {
  const Result<WitPackage> package =
      read(std::string(TENON_SOURCE_DIR) + "/examples/press/wasm/kv.wasm");
  ASSERT_TRUE(package);
  const Result<const types::NamedWorld*> world = find_world(*package, "");
  ASSERT_TRUE(world);
  EXPECT_FALSE((*world)->type.exports.empty());
}

TEST_F(ReadWitTest, ReportsThePositionOfAnError) {
  Result<WitPackage> package =
      read(write("bad.wit", std::string_view("package a:b;\ninterface i { f: fun(); }\n")));
  ASSERT_FALSE(package);
  EXPECT_EQ(package.error().front().code, "wit-syntax");
  EXPECT_THAT(package.error().front().where.file, testing::EndsWith("bad.wit"));
  EXPECT_EQ(package.error().front().where.line, 2U);
}

TEST_F(ReadWitTest, ReportsFilesThatAreNotWit) {
  Result<WitPackage> package = read(write("picture.wasm", std::string_view("GIF89a")));
  ASSERT_FALSE(package);
  EXPECT_EQ(package.error().front().code, "read-not-wasm");
  EXPECT_THAT(package.error().front().where.file, testing::EndsWith("picture.wasm"));
  EXPECT_EQ(read((folder_ / "nothing.wasm").string()).error().front().code, "read-file");
}

TEST_F(ReadWitTest, FindsWorldsOrListsThem) {
  const Result<WitPackage> package = read(write("tax.wit", kText));
  ASSERT_TRUE(package);
  EXPECT_EQ((*find_world(*package, "shop"))->name, "acme:tax/shop@1.2.0");
  EXPECT_EQ((*find_world(*package, "acme:tax/shop@1.2.0"))->name, "acme:tax/shop@1.2.0");

  Result<const types::NamedWorld*> missing = find_world(*package, "shup");
  ASSERT_FALSE(missing);
  const Diagnostic& problem = missing.error().front();
  EXPECT_EQ(problem.code, "wit-world-missing");
  EXPECT_THAT(problem.notes.at(0).text, HasSubstr("shop, shed"));
  EXPECT_THAT(problem.hints.at(0), HasSubstr("`shop`"));

  Result<const types::NamedWorld*> unnamed = find_world(*package, "");
  ASSERT_FALSE(unnamed);
  EXPECT_THAT(unnamed.error().front().message, HasSubstr("2 worlds"));
}

}  // namespace
}  // namespace tenon::wit::read_wit_test
