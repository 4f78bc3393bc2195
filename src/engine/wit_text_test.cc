#include "engine/wit_text.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/code.h"
#include "engine/test_components.h"
#include "tests/support/temporary_folder.h"

namespace tenon::engine::wit_text_test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::string_view kTax = R"(package acme:tax@1.2.0;

interface types {
  record rate { percent: f64 }
  resource account {
    constructor(name: string);
    close: func() -> result<_, string>;
  }
}

/// What a shop needs.
interface lib {
  use types.{rate};
  rates: async func(s: stream<u8>) -> list<rate>;
  @unstable(feature = fancy)
  fancy: func();
}

world app {
  type id = u64;
  import lib;
  import log: interface {
    write: func(line: string);
  }
  export run: func(id: id);
}
)";

std::string describe(const WitItem& item) {
  static constexpr const char* kWords[] = {"interface", "world",  "type",
                                           "function",  "import", "export"};
  return fmt::format("{} {} {}:{}", kWords[static_cast<int>(item.kind)], item.path, item.line,
                     item.column);
}

std::vector<std::string> describe(const std::vector<WitItem>& items) {
  std::vector<std::string> lines;
  for (const WitItem& item : items) lines.push_back(describe(item));
  return lines;
}

TEST(WitText, EncodesTextWithPositions) {
  const Result<EncodedWit> wit = encode_wit_text("tax.wit", kTax);
  ASSERT_TRUE(wit) << wit.error().front().message;
  EXPECT_EQ(wit->package, "acme:tax@1.2.0");
  EXPECT_TRUE(validate_component(wit->binary));
  EXPECT_THAT(
      describe(wit->items),
      ElementsAre("interface acme:tax/types@1.2.0 3:11", "type acme:tax/types@1.2.0#rate 4:10",
                  "type acme:tax/types@1.2.0#account 5:12",
                  "function acme:tax/types@1.2.0#[constructor]account 6:5",
                  "function acme:tax/types@1.2.0#[method]account.close 7:5",
                  "interface acme:tax/lib@1.2.0 12:11", "type acme:tax/lib@1.2.0#rate 13:14",
                  "function acme:tax/lib@1.2.0#rates 14:3", "world acme:tax/app@1.2.0 19:7",
                  "import acme:tax/app@1.2.0#import:acme:tax/types@1.2.0 19:7",
                  "import acme:tax/app@1.2.0#import:acme:tax/lib@1.2.0 19:7",
                  "type acme:tax/app@1.2.0#id 20:8", "import acme:tax/app@1.2.0#import:log 22:10",
                  "function acme:tax/app@1.2.0#import:log#write 23:5",
                  "export acme:tax/app@1.2.0#export:run 25:10"));
  EXPECT_EQ(wit->items.front().file, "tax.wit");
}

TEST(WitText, EncodesADirectoryWithItsDependencies) {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder.path() / "deps");
  write_text(folder.path() / "b.wit",
             "package acme:shop;\nworld w { import acme:log/log@0.1.0; }\n");
  write_text(folder.path() / "a.wit", "interface empty {}\n");
  write_text(folder.path() / "deps" / "log.wit",
             "package acme:log@0.1.0;\ninterface log { write: func(line: string); }\n");
  const Result<EncodedWit> wit = encode_wit(folder.path());
  ASSERT_TRUE(wit) << wit.error().front().message;
  EXPECT_EQ(wit->package, "acme:shop");
  EXPECT_THAT(
      describe(wit->items),
      ElementsAre("interface acme:log/log@0.1.0 2:11", "function acme:log/log@0.1.0#write 2:17",
                  "interface acme:shop/empty 1:11", "world acme:shop/w 2:7",
                  "import acme:shop/w#import:acme:log/log@0.1.0 2:7"));
  EXPECT_THAT(wit->items.front().file, EndsWith("deps/log.wit"));
  EXPECT_EQ(encode_wit(folder.path())->binary, wit->binary);
}

TEST(WitText, ReportsThePositionOfASyntaxError) {
  const Result<EncodedWit> wit =
      encode_wit_text("tax.wit", "package acme:tax;\n\ninterface lib {\n\trate: fun();\n}\n");
  ASSERT_FALSE(wit);
  const Diagnostic& problem = wit.error().front();
  EXPECT_EQ(problem.code, "wit-syntax");
  EXPECT_EQ(problem.where.file, "tax.wit");
  EXPECT_EQ(problem.where.line, 4u);
  EXPECT_EQ(problem.where.column, 8u);
  EXPECT_THAT(problem.excerpt.lines, ElementsAre("\trate: fun();", "\t      ^"));
}

TEST(WitText, ColumnsAreCharacters) {
  const Result<EncodedWit> wit = encode_wit_text(
      "a.wit", "package a:b;\n/* \u00e4\u00f6\u00fc */ interface lib { x: func(y: z); }");
  ASSERT_FALSE(wit);
  const Diagnostic& problem = wit.error().front();
  EXPECT_EQ(problem.where.line, 2u);
  EXPECT_EQ(problem.where.column, 38u);
  EXPECT_THAT(problem.message, HasSubstr("`z` does not exist"));
}

TEST(WitText, ReportsTheFileWithTheError) {
  const TemporaryFolder folder;
  write_text(folder.path() / "good.wit", "package acme:shop;\n");
  write_text(folder.path() / "bad.wit", "interface x { use missing.{y}; }\n");
  const Result<EncodedWit> wit = encode_wit(folder.path());
  ASSERT_FALSE(wit);
  EXPECT_THAT(wit.error().front().where.file, EndsWith("/bad.wit"));
  EXPECT_EQ(wit.error().front().where.line, 1u);
}

TEST(WitText, ReportsAMissingPackage) {
  const TemporaryFolder folder;
  write_text(folder.path() / "a.wit", "package acme:shop;\nworld w { import acme:log/log; }\n");
  const Result<EncodedWit> wit = encode_wit(folder.path());
  ASSERT_FALSE(wit);
  EXPECT_THAT(wit.error().front().message, HasSubstr("acme:log"));
  EXPECT_EQ(wit.error().front().where.line, 2u);
}

TEST(WitText, MissingPathIsAFileProblem) {
  const Result<EncodedWit> wit = encode_wit("/no/such/folder");
  ASSERT_FALSE(wit);
  EXPECT_EQ(wit.error().front().code, "read-file");
}

TEST(WitText, EmptyDirectoryIsAProblem) {
  const TemporaryFolder folder;
  const Result<EncodedWit> wit = encode_wit(folder.path());
  ASSERT_FALSE(wit);
  EXPECT_EQ(wit.error().front().code, "wit-syntax");
}

TEST(WitText, PrintsAPackageWithItsDocs) {
  const Result<EncodedWit> wit = encode_wit_text("tax.wit", kTax);
  const Result<std::string> text = print_wit(wit->binary);
  ASSERT_TRUE(text);
  EXPECT_THAT(*text, HasSubstr("package acme:tax@1.2.0;"));
  EXPECT_THAT(*text, HasSubstr("/// What a shop needs."));
  EXPECT_THAT(*text, HasSubstr("rates: async func(s: stream<u8>) -> list<rate>;"));
  EXPECT_THAT(*text, Not(HasSubstr("fancy")));
  const Result<EncodedWit> again = encode_wit_text("again.wit", *text);
  ASSERT_TRUE(again);
  EXPECT_EQ(*print_wit(again->binary), *text);
}

TEST(WitText, PrintsTheWorldOfAComponent) {
  EXPECT_EQ(*print_wit(command("i32.const 0")), R"(package root:component;

world root {
  export wasi:cli/run@0.2.3;
}
package wasi:cli@0.2.3 {
  interface run {
    run: func() -> result;
  }
}
)");
}

TEST(WitText, RefusesToPrintOtherBytes) {
  for (const Bytes& bytes : {assemble("(module)"), Bytes{1, 2, 3}, Bytes{}}) {
    const Result<std::string> text = print_wit(bytes);
    ASSERT_FALSE(text);
    EXPECT_EQ(text.error().front().code, "read-malformed");
  }
}

TEST(WasiPackages, AreTheEnginesOwn) {
  std::vector<std::string> names;
  for (const WasiPackage& package : wasi_packages(WasiTrack::Wasi02)) {
    names.emplace_back(package.name);
    EXPECT_TRUE(validate_component(package.binary)) << package.name;
  }
  EXPECT_THAT(names, ElementsAre("wasi:io@0.2.12", "wasi:clocks@0.2.12", "wasi:filesystem@0.2.12",
                                 "wasi:sockets@0.2.12", "wasi:random@0.2.12", "wasi:cli@0.2.12"));
  names.clear();
  for (const WasiPackage& package : wasi_packages(WasiTrack::Wasi03)) {
    names.emplace_back(package.name);
    EXPECT_TRUE(validate_component(package.binary)) << package.name;
  }
  EXPECT_THAT(names, Contains("wasi:cli@0.3.0"));
}

TEST(WasiPackages, LeaveOutUnstableItems) {
  for (const WasiTrack track : {WasiTrack::Wasi02, WasiTrack::Wasi03}) {
    for (const WasiPackage& package : wasi_packages(track)) {
      const Result<std::string> text = print_wit(package.binary);
      ASSERT_TRUE(text);
      EXPECT_THAT(*text, Not(HasSubstr("@unstable"))) << package.name;
    }
  }
}

}  // namespace
}  // namespace tenon::engine::wit_text_test
