#include "engine/wit_text.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/code.h"
#include "engine/test_components.h"

namespace tenon::engine::wit_text_test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::string_view kTax = R"(package acme:tax@1.2.0;

interface types {
  record rate { /** Of all. */ percent: f64, since: u32 }
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
  static constexpr const char* kWords[] = {"interface", "world",  "type",  "function",
                                           "import",    "export", "member"};
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
                  "member acme:tax/types@1.2.0#rate.percent 4:32",
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

WitSource source(std::string file, std::string_view text, std::uint32_t package) {
  return {.file = std::move(file), .bytes = {text.begin(), text.end()}, .package = package};
}

TEST(WitText, EncodesPackagesOfSeveralFiles) {
  const std::vector<WitSource> sources = {
      source("a.wit", "interface empty {}\n", 0),
      source("b.wit", "package acme:shop;\nworld w { import acme:log/log@0.1.0; }\n", 0),
      source("deps/log.wit",
             "package acme:log@0.1.0;\ninterface log { write: func(line: string); }\n"
             "world writer { import log; }\n",
             1)};
  const Result<EncodedWit> wit = encode_wit(sources, {}, {});
  ASSERT_TRUE(wit) << wit.error().front().message;
  EXPECT_EQ(wit->package, "acme:shop");
  EXPECT_THAT(
      describe(wit->items),
      ElementsAre("interface acme:log/log@0.1.0 2:11", "function acme:log/log@0.1.0#write 2:17",
                  "world acme:log/writer@0.1.0 3:7",
                  "import acme:log/writer@0.1.0#import:acme:log/log@0.1.0 3:7",
                  "interface acme:shop/empty 1:11", "world acme:shop/w 2:7",
                  "import acme:shop/w#import:acme:log/log@0.1.0 2:7"));
  EXPECT_EQ(wit->items.front().file, "deps/log.wit");
  EXPECT_THAT(wit->worlds, ElementsAre("acme:log/writer@0.1.0", "acme:shop/w"));
  EXPECT_EQ(encode_wit(sources, {}, "acme:shop/w")->binary, wit->binary);
  // A world of another package selects that package.
  for (const std::string_view world : {"acme:log/writer@0.1.0", "acme:log/writer"})
    EXPECT_EQ(encode_wit(sources, {}, world)->package, "acme:log@0.1.0") << world;
  for (const std::string_view world : {"acme:log/writer@0.2.0", "acme:log/other", "writer"})
    EXPECT_EQ(encode_wit(sources, {}, world)->package, "acme:shop") << world;
}

TEST(WitText, ReadsBinaryPackagesThatTextUses) {
  const Result<EncodedWit> log = encode_wit_text(
      "log.wit", "package acme:log@0.1.0; interface log { write: func(line: string); }");
  ASSERT_TRUE(log);
  const std::vector<WitSource> sources = {
      source("w.wit", "package acme:shop;\nworld w { import acme:log/log@0.1.0; }\n", 0),
      {.file = "deps/log.wasm", .bytes = log->binary, .package = 1}};
  const Result<EncodedWit> wit = encode_wit(sources, {}, {});
  ASSERT_TRUE(wit) << wit.error().front().message;
  EXPECT_EQ(wit->package, "acme:shop");

  std::vector<WitSource> damaged = sources;
  damaged[1].bytes.resize(damaged[1].bytes.size() / 2);
  const Result<EncodedWit> refused = encode_wit(damaged, {}, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().front().where.file, "deps/log.wasm");
  damaged[1].bytes = command("i32.const 0");
  EXPECT_THAT(encode_wit(damaged, {}, {}).error().front().message,
              HasSubstr("expected a WIT package, found a component"));
}

// Each keyword, in every place that a package name has.
TEST(WitText, ReadsKeywordsInPackageNames) {
  for (const std::string_view keyword :
       {"as",           "async",  "bool",    "borrow",  "char",    "constructor", "enum",
        "export",       "f32",    "f64",     "flags",   "from",    "func",        "future",
        "import",       "list",   "include", "map",     "option",  "interface",   "own",
        "s16",          "s32",    "s64",     "package", "record",  "resource",    "result",
        "s8",           "static", "stream",  "string",  "tuple",   "type",        "u16",
        "u32",          "u64",    "u8",      "use",     "variant", "with",        "world",
        "error-context"}) {
    const std::string text = fmt::format(R"(package example:{0}@1.0.0;
interface api {{ use {0}:x/types.{{t}}; f: func(t: t); }}
world w {{
  import {0}:{0}/types@2.0.0;
  import label: {0}:x/types;
  export y:{0}/types;
  include {0}:x/v;
}}
use {0}:x/types as outer;
package {0}:x {{ interface types {{ type t = u8; }} world v {{}} }}
package {0}:{0}@2.0.0 {{ interface types {{ f: func(); }} }}
package y:{0} {{ interface types {{ f: func(); }} }}
)",
                                         keyword);
    const Result<EncodedWit> wit = encode_wit_text("k.wit", text);
    ASSERT_TRUE(wit) << keyword << ": " << wit.error().front().message;
    EXPECT_EQ(wit->package, fmt::format("example:{}@1.0.0", keyword));
    ASSERT_EQ(wit->keyword_names.size(), 4U) << keyword;
    EXPECT_EQ(wit->keyword_names[0].spelled, fmt::format("example:%{}", keyword));
    EXPECT_EQ(wit->keyword_names[0].where.line, 1U);
    EXPECT_EQ(wit->keyword_names[0].where.column, 9U);
    EXPECT_EQ(wit->keyword_names[1].spelled, fmt::format("%{}:x", keyword));
    EXPECT_EQ(wit->keyword_names[1].where.column, 21U);
    EXPECT_EQ(wit->keyword_names[2].spelled, fmt::format("%{0}:%{0}", keyword));
    // Other readers accept what is printed, and read the same.
    const Result<std::string> printed = print_wit(wit->binary);
    ASSERT_TRUE(printed);
    const Result<EncodedWit> again = encode_wit_text("again.wit", *printed);
    ASSERT_TRUE(again) << again.error().front().message;
    EXPECT_THAT(again->keyword_names, IsEmpty()) << keyword;
    EXPECT_EQ(*print_wit(again->binary), *printed);
  }
}

TEST(WitText, KeepsPositionsBesideKeywords) {
  const Result<EncodedWit> wit = encode_wit_text(
      "a.wit", "package list:map; interface a { f: func(); } world w { import a; }");
  ASSERT_TRUE(wit);
  EXPECT_THAT(describe(wit->items),
              ElementsAre("interface list:map/a 1:29", "function list:map/a#f 1:33",
                          "world list:map/w 1:52", "import list:map/w#import:list:map/a 1:52"));
  for (const std::string_view text : {"package list:map; interface a { f: fun(); }",
                                      "package list:map; interface a { f: func(z); }",
                                      "package list:map /* \u00e4 list:map/x */ ; use list:map/b; "
                                      "interface a { f: func(x: y); }"}) {
    const Result<EncodedWit> refused = encode_wit_text("a.wit", text);
    ASSERT_FALSE(refused) << text;
    const Diagnostic& problem = refused.error().front();
    ASSERT_EQ(problem.excerpt.lines.size(), 2U);
    EXPECT_EQ(problem.excerpt.lines[0], text);
    EXPECT_EQ(problem.excerpt.lines[1].find('^'), problem.where.column - 1);
  }
}

// Only package names are changed: in other places keywords mean something, or are reported.
TEST(WitText, LeavesOtherKeywordsAlone) {
  const Result<EncodedWit> comments = encode_wit_text(
      "a.wit", "package a:b; // list:map/x\n/* use:use/y */ interface i { f: func(x: list<u8>); }");
  ASSERT_TRUE(comments);
  EXPECT_THAT(comments->keyword_names, IsEmpty());
  const Result<EncodedWit> interface = encode_wit_text("a.wit", "package a:b; interface list {}");
  ASSERT_FALSE(interface);
  EXPECT_EQ(interface.error().front().message, "expected a name, found the keyword `list`");
  EXPECT_THAT(interface.error().front().hints,
              ElementsAre("`list` is a keyword of WIT: write `%list` where it is a name"));
}

TEST(WitText, ListsWhatFeaturesLeaveOut) {
  const std::vector<WitSource> sources = {source("w.wit", R"(package acme:shop@1.0.0;
interface lib {
  @unstable(feature = fancy)
  fancy: func(t: t);
  @unstable(feature = fancy)
  type t = u8;
  resource r { @unstable(feature = slow) m: func(); }
}
@unstable(feature = slow)
interface whole { f: func(); }
@unstable(feature = slow)
world hidden {}
world w {
  import lib;
  @unstable(feature = slow)
  import whole;
  @unstable(feature = fancy)
  export run: func();
  import place: interface { @unstable(feature = fancy) g: func(); }
}
)",
                                                 0)};
  const auto left_out = [&](const WitFeatures& features) {
    std::vector<std::string> lines;
    const Result<EncodedWit> wit = encode_wit(sources, features, {});
    EXPECT_TRUE(wit);
    if (!wit) return lines;
    EXPECT_THAT(wit->features, ElementsAre("fancy", "slow"));
    for (const LeftOutItem& item : wit->left_out)
      lines.push_back(fmt::format("{} {} {}", item.path, item.feature, item.where.line));
    return lines;
  };
  EXPECT_THAT(left_out({}),
              ElementsAre("acme:shop/lib@1.0.0#fancy fancy 4", "acme:shop/lib@1.0.0#t fancy 6",
                          "acme:shop/lib@1.0.0#[method]r.m slow 7", "acme:shop/whole@1.0.0 slow 10",
                          "acme:shop/hidden@1.0.0 slow 12",
                          "acme:shop/w@1.0.0#import:acme:shop/whole@1.0.0 slow 16",
                          "acme:shop/w@1.0.0#export:run fancy 18",
                          "acme:shop/w@1.0.0#import:place#g fancy 19"));
  EXPECT_THAT(left_out({.names = {"fancy"}}),
              ElementsAre("acme:shop/lib@1.0.0#[method]r.m slow 7", "acme:shop/whole@1.0.0 slow 10",
                          "acme:shop/hidden@1.0.0 slow 12",
                          "acme:shop/w@1.0.0#import:acme:shop/whole@1.0.0 slow 16"));
  EXPECT_THAT(left_out({.names = {"fancy", "slow"}}), IsEmpty());
  EXPECT_THAT(left_out({.names = {}, .all = true}), IsEmpty());
}

// Problems in the words of tenon, each with what can be done.
struct WrongText {
  std::string_view text;
  std::string_view message;
  std::string_view hint;
};
constexpr WrongText kWrongTexts[] = {
    {"interface i { f: fun(); }", "expected `func`, found `fun`", "did you mean `func`?"},
    {"intreface i {}", "expected `world`, `interface` or `use`, found `intreface`",
     "did you mean `interface`?"},
    {"interface i { f: func() }", "expected `;`, found `}`", "write `;` in front of it"},
    {"interface i {", "expected `type`, `resource` or `func`, found the end of the file", ""},
    {"interface i { record r { a: u8; } }", "expected `}`, found `;`",
     "separate fields, cases and parameters by `,`"},
    {"world v {} world w { include v with { a as b }; }",
     "expected `import`, `export`, `include`, `use`, or type definition, found `;`",
     "remove it: `include .. with { .. }` ends without `;`"},
    {"interface i { type xyz = u8; f: func(a: xyy); }", "name `xyy` does not exist",
     "did you mean `xyz`?"},
    {"interface i { use j.{t}; }", "interface or world `j` does not exist", "declare it"},
    {"interface i { type a = list<a>; }", "type `a` depends on itself", "no recursive types"},
    {"interface i { type t = u8; } interface j { use i.{t, t}; }", "duplicate name `t`", "`as`"},
    {"interface i { f: func(); f: func(); }", "duplicate name `f`", "rename one of them"},
    {"interface i { f: func(x: u8, x: u8); }", "duplicate parameter `x`", "rename one"},
    {"interface Foo_bar {}", "`Foo_bar` is not a valid name", "a name consists of words"},
    {"interface a--b {}", "`a--b` is not a valid name", "a name consists of words"},
    {"/* open", "a block comment has no end", "end it with `*/`"},
    {"interface i { f: func() -> $; }", "unexpected character `$`", "remove it"},
    {"interface i { enum e {} }", "an enum needs at least one case", "add a case"},
    {"interface i { record r {} }", "a record needs at least one field", "add a field"},
    {"interface i { flags f {} }", "flags need at least one flag", "add a flag"},
    {"interface i { resource r { r: func(); } }", "the name `[method]r.r` excludes another name",
     "rename one of the two"},
    {"interface i { resource r; f: func() -> borrow<r>; }", "function `f` returns a `borrow`",
     "return the resource itself"},
    {"interface i { type r = u8; f: func(r: borrow<r>); }", "`r` is not a resource", "without"},
    {"interface i { f: func(x: map<f32, u8>); }", "cannot be the key of a map", "use `bool`"},
    {"@unstabel(feature = x) interface i {}", "unknown attribute `@unstabel`", "`@unstable`"},
    {"@since(version = 1.0.0) interface i {}", "`@since` needs a version of the package",
     "`package example:name@1.0.0;`"},
    {"world w { import v; } world v {}", "`v` is a world, not an interface", "name an interface"},
    {"world w { include i; } interface i {}", "`i` is an interface, not a world", "name a world"},
    {"world w { use i.{f}; } interface i { f: func(); }", "`use` takes only types", "remove it"},
    {"world w { import i; import i; } interface i {}", "imports this interface twice",
     "remove one"},
    {"world w { import A: func(); import a: func(); }", "the import `a` excludes another import",
     "differ only in case"},
    {"world w { import wasi:io/streams@0.2.6; }", "there is no package `wasi:io@0.2.6`",
     "deps/wasi-io.wit"},
    {"use a:b/i as j; interface i {}", "`a:b` uses itself", "names its own interfaces"},
    {"package c:d { interface i {} } package c:d {}", "duplicate package `c:d`", "remove one"},
    {"world v { import x: func(); } world w { import x: func(); include v; }",
     "the included world has the import `x`", "include .. with { x as other-name }"},
};

TEST(WitText, PutsProblemsInItsOwnWords) {
  for (const WrongText& wrong : kWrongTexts) {
    const Result<EncodedWit> wit =
        encode_wit_text("a.wit", fmt::format("package a:b;\n{}", wrong.text));
    ASSERT_FALSE(wit) << wrong.text;
    const Diagnostic& problem = wit.error().front();
    EXPECT_EQ(problem.code, "wit-syntax");
    EXPECT_THAT(problem.message, HasSubstr(wrong.message)) << wrong.text;
    if (!wrong.hint.empty()) {
      ASSERT_FALSE(problem.hints.empty()) << wrong.text;
      EXPECT_THAT(problem.hints.front(), HasSubstr(wrong.hint)) << wrong.text;
    }
    for (const std::string_view foreign : {"eof", "wit-parser", "keyword `", "'"})
      EXPECT_THAT(problem.message, Not(HasSubstr(foreign))) << wrong.text;
  }
}

TEST(WitText, NamesTheGateOfAMissingItem) {
  for (const std::string_view text :
       {"interface i { @unstable(feature = new) type t = u8; f: func(t: t); }",
        "interface t { @unstable(feature = new) type t = u8; } interface i { use t.{t}; }",
        "@unstable(feature = new) interface t { f: func(); } world w { import t; }",
        "@unstable(feature = new) world t { import f: func(); } world w { include t; }"}) {
    const Result<EncodedWit> wit = encode_wit_text("a.wit", fmt::format("package a:b;\n{}", text));
    ASSERT_FALSE(wit) << text;
    const Diagnostic& problem = wit.error().front();
    EXPECT_EQ(problem.message, "`t` is left out, because it is `@unstable(feature = new)`") << text;
    EXPECT_THAT(problem.notes.at(0).text, HasSubstr("a.wit:2:")) << text;
    EXPECT_THAT(problem.hints.at(0), HasSubstr("`--features new`")) << text;
    EXPECT_EQ(problem.where.line, 2U) << text;
  }
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
  EXPECT_THAT(problem.excerpt.lines, ElementsAre("\trate: fun();", "\t      ^--"));
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
                                 "wasi:sockets@0.2.12", "wasi:random@0.2.12", "wasi:cli@0.2.12",
                                 "wasi:http@0.2.12", "tenon:wasi@0.2.12"));
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
