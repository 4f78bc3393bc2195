#include "wit/read_wit.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/wit_text.h"
#include "support/byte_writer.h"
#include "support/files.h"
#include "support/try.h"
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
  Result<WitPackage> read(const std::string& path, const WitOptions& options = {}) {
    return read_wit(files_, path, NamedBy::User, options, types_);
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

constexpr std::string_view kDocumented = R"(package acme:tax@1.2.0;
/// About rates.
interface lib {
  /// A rate,
  /// in percent.
  record rate {
    /// From 0 to 100.
    percent: f64,
    until: u32,
  }
  flags marks { red, /** Like grass. */ green }
  variant sum { /** Of a trade. */ net(f64), gross(f64) }
  enum color { /** As the sky. */ blue, black }
  resource account {
    /// Ends it.
    close: func();
  }
}
/// A shop.
world shop {
  /// The goods.
  record goods {
    /// In grams.
    weight: u32,
  }
  /// What is due.
  import lib;
  /// A log.
  import log: interface {
    /// Writes a line.
    write: func(line: string);
  }
  /// Another log.
  export log: interface {
    /// Reads a line.
    read: func() -> string;
  }
  /// Before the shop opens.
  import run: func();
  export run: func();
})";

// What wasm-tools writes for it.
constexpr std::string_view kPackageDocs = R"({"worlds": {"shop": {"docs": "A shop.",
 "interfaces": {"log": {"docs": "A log.", "funcs": {"write": {"docs": "Writes a line."}}}},
 "types": {"goods": {"docs": "The goods.", "items": {"weight": "In grams."}}},
 "funcs": {"run": {"docs": "Before the shop opens."}},
 "interface_exports": {"log": {"docs": "Another log.", "funcs": {"read": {"docs": "Reads a line."}}}},
 "interface_import_docs": {"acme:tax/lib@1.2.0": "What is due."}}},
 "interfaces": {"lib": {"docs": "About rates.",
  "funcs": {"[method]account.close": {"docs": "Ends it."}},
  "types": {"rate": {"docs": "A rate,\nin percent.", "items": {"percent": "From 0 to 100."}},
   "marks": {"items": {"green": "Like grass."}}, "sum": {"items": {"net": "Of a trade."}},
   "color": {"items": {"blue": "As the sky."}}}}}})";

// A binary package with a section `package-docs` instead of its own.
std::vector<std::uint8_t> with_docs(std::string_view text, std::uint8_t version,
                                    std::string_view docs) {
  std::vector<std::uint8_t> binary = engine::encode_wit_text("docs.wit", text)->binary;
  constexpr std::string_view kName = "package-docs";
  const auto own = std::search(binary.begin(), binary.end(), kName.begin(), kName.end());
  if (own != binary.end()) *own = 'x';
  ByteWriter contents;
  contents.name(kName, "name");
  contents.byte(version, "version");
  contents.raw(as_bytes(docs), "JSON");
  ByteWriter section;
  section.byte(0, "custom");
  section.block(contents, "contents");
  const std::vector<std::uint8_t> bytes = std::move(section).take_bytes();
  binary.insert(binary.end(), bytes.begin(), bytes.end());
  return binary;
}

TEST_F(ReadWitTest, KeepsTheDocumentationOfItems) {
  const auto package = read(write("docs.wit", kDocumented));
  ASSERT_TRUE(package) << package.error().front().message;
  EXPECT_EQ(package->find_docs("acme:tax/lib@1.2.0"), "About rates.");
  EXPECT_EQ(package->find_docs("acme:tax/lib@1.2.0#rate"), "A rate,\nin percent.");
  EXPECT_EQ(package->find_docs("acme:tax/lib@1.2.0#[method]account.close"), "Ends it.");
  EXPECT_EQ(package->find_docs("acme:tax/shop@1.2.0"), "A shop.");
  EXPECT_EQ(package->find_docs("acme:tax/shop@1.2.0#import:log"), "A log.");
  EXPECT_EQ(package->find_docs("acme:tax/shop@1.2.0#import:log#write"), "Writes a line.");
  EXPECT_EQ(package->find_docs("acme:tax/shop@1.2.0#export:run"), "");
  EXPECT_EQ(package->find_docs("acme:tax/lib@1.2.0#rate.percent"), "From 0 to 100.");
  EXPECT_EQ(package->find_docs("acme:tax/lib@1.2.0#marks.green"), "Like grass.");
  EXPECT_EQ(package->find_docs("acme:tax/lib@1.2.0#sum.net"), "Of a trade.");
  EXPECT_EQ(package->find_docs("acme:tax/lib@1.2.0#color.blue"), "As the sky.");
  EXPECT_EQ(package->find_docs("acme:tax/shop@1.2.0#goods.weight"), "In grams.");
}

TEST_F(ReadWitTest, BinariesHaveTheDocumentationOfTheirText) {
  const auto text = read(write("docs.wit", kDocumented));
  ASSERT_TRUE(text);
  EXPECT_EQ(text->docs.size(), 16U);
  for (const auto& bytes : {engine::encode_wit_text("docs.wit", kDocumented)->binary,
                            with_docs(kDocumented, 1, kPackageDocs)}) {
    const auto binary = read(write("docs.wasm", bytes));
    ASSERT_TRUE(binary) << binary.error().front().message;
    EXPECT_EQ(binary->docs, text->docs);
  }
}

TEST_F(ReadWitTest, OlderBinariesHaveExportsAmongTheImports) {
  const auto package = read(write("old.wasm", with_docs(R"(package a:b;
world w { import x: func(); export y: func(); export z: interface { f: func(); } })",
                                                        0, R"({"worlds": {"w": {
 "funcs": {"x": "Asks.", "y": "Answers."}, "interfaces": {"z": {"funcs": {"f": "Ends."}}}}}})")));
  ASSERT_TRUE(package) << package.error().front().message;
  EXPECT_EQ(package->find_docs("a:b/w#import:x"), "Asks.");
  EXPECT_EQ(package->find_docs("a:b/w#export:y"), "Answers.");
  EXPECT_EQ(package->find_docs("a:b/w#export:z#f"), "Ends.");
  EXPECT_EQ(package->docs.size(), 3U);
}

// It is as if there were no documentation.
TEST_F(ReadWitTest, DocumentationOfBinariesCanBeMalformed) {
  const std::string deep(1'000'000, '[');
  const std::string texts[] = {
      "",
      "{",
      "[]",
      "7",
      deep,
      R"({"interfaces": )" + deep,
      "{\"interfaces\": {\"i\": {\"docs\": \"\xff\"}}}",
      R"({"interfaces": 1, "worlds": ["w"]})",
      R"({"interfaces": {"i": {"docs": 1, "types": {"t": {"items": "x", "docs": {}}}, "funcs": []}}})",
      R"({"interfaces": {"i": null}, "worlds": {"w": {"funcs": {"f": {"docs": ["x"]}}}}})",
  };
  for (const std::string& text : texts) {
    const auto package =
        read(write("bad.wasm", with_docs("package a:b; interface i { f: func(); }", 1, text)));
    ASSERT_TRUE(package) << text.substr(0, 80);
    EXPECT_TRUE(package->docs.empty()) << text.substr(0, 80);
  }
  EXPECT_TRUE(read(write("new.wasm", with_docs(kDocumented, 2, kPackageDocs)))->docs.empty());
}

// A long name is in the path of each item: memory stays within a multiple of the section.
TEST_F(ReadWitTest, DocumentationOfBinariesIsBounded) {
  std::string text = "{\"interfaces\": {\"" + std::string(100'000, 'i') + "\": {\"funcs\": {";
  for (int i = 0; i < 100'000; ++i) text += fmt::format("{}\"{}\":\"x\"", i == 0 ? "" : ",", i);
  text += "}}}}";
  const auto package =
      read(write("long.wasm", with_docs("package a:b; interface i { f: func(); }", 0, text)));
  ASSERT_TRUE(package);
  std::size_t size = 0;
  for (const auto& [path, docs] : package->docs) size += path.size();
  EXPECT_GT(size, 0U);
  EXPECT_LE(size, 64 * text.size() + 200'000);
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
  const Result<const types::NamedWorld*> world = find_world(*package, {});
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
  EXPECT_EQ((*find_world(*package, {.name = "shop"}))->name, "acme:tax/shop@1.2.0");
  EXPECT_EQ((*find_world(*package, {.name = "acme:tax/shop@1.2.0"}))->name, "acme:tax/shop@1.2.0");

  Result<const types::NamedWorld*> missing = find_world(*package, {.name = "shup"});
  ASSERT_FALSE(missing);
  const Diagnostic& problem = missing.error().front();
  EXPECT_EQ(problem.code, "wit-world-missing");
  EXPECT_THAT(problem.notes.at(0).text, HasSubstr("shop, shed"));
  EXPECT_THAT(problem.hints.at(0), HasSubstr("`shop`"));

  Result<const types::NamedWorld*> unnamed = find_world(*package, {});
  ASSERT_FALSE(unnamed);
  EXPECT_THAT(unnamed.error().front().message, HasSubstr("2 worlds"));
}

TEST_F(ReadWitTest, ReadsOnlyTheFilesOfPackages) {
  write("tax.wit", kText);
  write("notes.txt", std::string_view("package"));
  write("folder.wit/inner.wit", std::string_view("package x:y;"));
  write("deps/.DS_Store", std::string_view("\x00\xff"));
  write("deps/log/log.wit", std::string_view("package acme:log; interface log {}"));
  write("deps/log/deps/ignored.wit", std::string_view("package acme:ignored; ???"));
  expect_tax_package(read(folder_.string()), types_);
}

TEST_F(ReadWitTest, ReportsTheFileWithTheError) {
  write("good.wit", std::string_view("package acme:shop;\n"));
  write("bad.wit", std::string_view("interface x { use missing.{y}; }\n"));
  const Result<WitPackage> package = read(folder_.string());
  ASSERT_FALSE(package);
  EXPECT_THAT(package.error().front().where.file, testing::EndsWith("/bad.wit"));
  EXPECT_EQ(package.error().front().where.line, 1U);
}

TEST_F(ReadWitTest, ReportsAMissingOrEmptyFolder) {
  EXPECT_EQ(read((folder_ / "none.wit").string()).error().front().code, "read-file");
  const Result<WitPackage> empty = read(folder_.string());
  ASSERT_FALSE(empty);
  EXPECT_EQ(empty.error().front().code, "wit-syntax");
  EXPECT_EQ(empty.error().front().where.file, folder_.string());
}

TEST_F(ReadWitTest, FindsWorldsOfOtherPackages) {
  write("deps/dep/dep.wit",
        std::string_view("package acme:dep@0.3.0; world extra { export f: func(); }"));
  write("app.wit", std::string_view(R"(package acme:app@1.0.0;
world app {}
package acme:nested@2.0.0 { world inner { import g: func(); } }
package acme:nested@3.0.0 { world inner { import h: func(); } }
)"));
  const auto find = [&](const std::string& name) -> Result<std::string> {
    TENON_TRY(const WitPackage package, read(folder_.string(), {.world = name}));
    TENON_TRY(const types::NamedWorld* world, find_world(package, {.name = name}));
    return world->name;
  };
  EXPECT_EQ(*find(""), "acme:app/app@1.0.0");
  EXPECT_EQ(*find("app"), "acme:app/app@1.0.0");
  EXPECT_EQ(*find("acme:dep/extra@0.3.0"), "acme:dep/extra@0.3.0");
  EXPECT_EQ(*find("acme:dep/extra"), "acme:dep/extra@0.3.0");
  EXPECT_EQ(*find("acme:nested/inner@3.0.0"), "acme:nested/inner@3.0.0");
  for (const std::string name : {"inner", "acme:nested/inner", "acme:nested/iner@2.0.0"}) {
    const Result<std::string> missing = find(name);
    ASSERT_FALSE(missing) << name;
    const Diagnostic& problem = missing.error().front();
    EXPECT_THAT(problem.notes.at(0).text,
                testing::AllOf(HasSubstr("worlds: app"), HasSubstr("acme:dep/extra@0.3.0"),
                               HasSubstr("acme:nested/inner@2.0.0")));
    EXPECT_THAT(problem.hints.at(0), HasSubstr("`acme:nested/inner@2.0.0`")) << name;
  }
}

TEST_F(ReadWitTest, NotesPackageNamesThatOtherToolsReject) {
  write("app.wit",
        std::string_view("package example:interface@1.0.0;\nworld app { import list:x/map; }"));
  write("deps/list.wit", std::string_view("package list:x; interface %map { f: func(); }"));
  const Result<WitPackage> wrong = read(folder_.string());
  ASSERT_FALSE(wrong);  // only package names can be keywords
  EXPECT_THAT(wrong.error().front().hints.at(0), HasSubstr("`%map`"));

  write("app.wit",
        std::string_view("package example:interface@1.0.0;\nworld app { import list:x/%map; }"));
  const Result<WitPackage> package = read(folder_.string());
  ASSERT_TRUE(package);
  const Diagnostics notes = make_notes(*package, nullptr);
  ASSERT_EQ(notes.size(), 2U);
  EXPECT_EQ(notes[0].code, "keyword-name");
  EXPECT_EQ(notes[0].severity, Severity::Note);
  EXPECT_THAT(notes[0].where.file, testing::EndsWith("app.wit"));
  EXPECT_EQ(notes[0].where.line, 1U);
  EXPECT_EQ(notes[0].where.column, 9U);
  EXPECT_THAT(notes[0].hints.at(0), HasSubstr("`example:%interface`"));
  EXPECT_THAT(notes[1].hints.at(0), HasSubstr("`%list:x`"));
}

TEST_F(ReadWitTest, ReportsFeaturesThatNothingNames) {
  const std::string path = write("tax.wit", std::string_view(R"(package acme:tax@1.0.0;
interface lib { @unstable(feature = fancy) f: func(); @unstable(feature = slow) g: func(); }
@unstable(feature = fancy)
world shop { import lib; }
)"));
  const Result<WitPackage> package = read(path, {.features = {.names = {"fancy"}}});
  ASSERT_TRUE(package);
  ASSERT_TRUE(find_world(*package, {.name = "shop"}));
  const Diagnostics notes = make_notes(*package, &package->types.worlds.front());
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_EQ(notes[0].code, "gated-items");
  EXPECT_THAT(notes[0].notes.at(0).text, HasSubstr("`acme:tax/lib@1.0.0#g` is gated by `slow`"));
  EXPECT_THAT(notes[0].hints.at(0), HasSubstr("`--features slow`"));

  const Result<WitPackage> wrong = read(path, {.features = {.names = {"fanzy"}}});
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().front().code, "wit-feature");
  EXPECT_THAT(wrong.error().front().hints.at(0), HasSubstr("`fancy`"));

  const Result<WitPackage> gated = read(path);
  ASSERT_TRUE(gated);
  const Result<const types::NamedWorld*> missing = find_world(*gated, {.name = "shop"});
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().front().hints.at(0), HasSubstr("`--features fancy`"));
  const Result<const types::NamedWorld*> unversioned =
      find_world(*gated, {.name = "acme:tax/shop"});
  ASSERT_FALSE(unversioned);
  EXPECT_THAT(unversioned.error().front().hints.at(0), HasSubstr("`--features fancy`"));
  // `lib` contains a gated function, and is not gated itself.
  const Result<const types::NamedWorld*> interface = find_world(*gated, {.name = "lib"});
  ASSERT_FALSE(interface);
  EXPECT_THAT(interface.error().front().hints.at(0), testing::Not(HasSubstr("--features")));

  const Result<engine::EncodedWit> encoded = engine::encode_wit_text("tax.wit", kText);
  const std::string binary = write("tax.wasm", encoded->binary);
  EXPECT_EQ(read(binary, {.features = {.names = {"fancy"}}}).error().front().code, "wit-feature");
  EXPECT_TRUE(read(binary, {.features = {.all = true}}));
}

TEST_F(ReadWitTest, NotesWhatIsLeftOutOfItsOwnPackage) {
  const std::string path = write("tax.wit", std::string_view(R"(package acme:tax;
interface lib { f: func(); }
package acme:tax@2.0.0 { interface lib { @unstable(feature = fancy) g: func(); } }
)"));
  const Result<WitPackage> package = read(path);
  ASSERT_TRUE(package);
  EXPECT_EQ(package->left_out.size(), 1U);
  EXPECT_TRUE(make_notes(*package, nullptr).empty());
}

// The files of tests/vectors/wit are odd and valid. Each is read as text and printed as a current
// wasm-tools prints it, and what is printed means the same.
TEST_F(ReadWitTest, ReadsOddTextAsOtherToolsDo) {
  const std::filesystem::path vectors =
      std::filesystem::path(TENON_SOURCE_DIR) / "tests/vectors/wit";
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(vectors)) {
    const std::string path = entry.path().string();
    if (!path.ends_with(".wit") || path.ends_with(".printed.wit")) continue;
    ++count;
    const Result<engine::EncodedWit> encoded = encode_wit(files_, path, {});
    ASSERT_TRUE(encoded) << path << ": " << encoded.error().front().message;
    EXPECT_THAT(encoded->keyword_names, testing::IsEmpty()) << path;
    const Result<std::string> printed = engine::print_wit(encoded->binary);
    ASSERT_TRUE(printed) << path;
    const std::string expected = path.substr(0, path.size() - 4) + ".printed.wit";
    EXPECT_EQ(*printed, *read_text_file(files_, expected, NamedBy::File)) << path;
    const Result<engine::EncodedWit> again = engine::encode_wit_text("printed.wit", *printed);
    ASSERT_TRUE(again) << path << ": " << again.error().front().message;
    EXPECT_EQ(*engine::print_wit(again->binary), *printed) << path;
    EXPECT_TRUE(read(path)) << path;
  }
  EXPECT_EQ(count, 11U);
}

}  // namespace
}  // namespace tenon::wit::read_wit_test
