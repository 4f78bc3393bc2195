#include "pact/text.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "packr/test_vectors.h"

namespace tenon::pact::text_test {
namespace {

// The normal form, after checking that it parses to an equal tree; or the first problem with its
// line and column.
std::string print_again(std::string_view text) {
  const Result<Scope> file = parse_pact(text);
  if (!file) {
    const Diagnostic& problem = file.error()[0];
    return fmt::format("{}:{}: {}", problem.where.line, problem.where.column, problem.message);
  }
  const std::string printed = print_pact(*file);
  const Result<Scope> again = parse_pact(printed);
  EXPECT_TRUE(again) << printed << "\n" << (again ? "" : again.error()[0].message);
  if (again) {
    EXPECT_EQ(*again, *file) << printed;
    EXPECT_EQ(print_pact(*again), printed);
  }
  return printed;
}

TEST(PactText, StopsEarlyInTextsOfOtherLanguages) {
  const auto file = parse_pact("# Title\n\nIt's `this` and `that`, + more + text +.\n");
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().size(), 3U);
  EXPECT_EQ(
      file.error().back().hints,
      std::vector<Hint>{
          "check that the file is in one of packr's interface languages: see `tenon help packr`"});
}

TEST(PactText, HostPactHasItsNormalForm) {
  EXPECT_EQ(print_again(R"(
    interface runtime { @package: string = "theater:simple";
      @limits: record = { depth: 3, deep: { on: true } }
      type s: serializable  type t
      use rpc(calculator).{add, sub}; use shapes
      record point<a> { x: s32 y: a, } variant tree { leaf(self); node(list<tree>) }
      enum color { red, green } flags perms { read write } type id = map<string, set<u8>>
      imports { math math.double serial: x }
      exports { log: func(msg: string) -> _, count: u64; get: func() -> tuple<> }
      interface inner { exports { f: func(p: point<string>) } }
      interface remote = rpc(inner)
    })"),
            R"(interface runtime {
  @package: string = "theater:simple";
  @limits: record = { depth: 3, deep: { on: true } };

  type s: serializable;
  type t;

  use rpc(calculator).{add, sub};
  use shapes;

  record point<a> {
    x: s32,
    y: a,
  }

  variant tree {
    leaf(self),
    node(list<tree>),
  }

  enum color {
    red,
    green,
  }

  flags perms {
    read,
    write,
  }

  type id = map<string, set<u8>>;

  imports {
    math;
    math.double;
    serial:x;
  }

  exports {
    log: func(msg: string) -> (_);
    count: u64;
    get: func() -> tuple<>;
  }

  interface inner {
    exports {
      f: func(p: point<string>);
    }
  }

  interface remote = rpc(inner);
}
)");
}

TEST(PactText, WitPlusHasItsNormalForm) {
  EXPECT_EQ(print_again(R"(
    package acme:shop; // a comment
    @default record a {} /* another */
    interface math { double: func(n: s64) -> s64 func pair(a: u8) -> (u8, string)
      none: func() -> _ }
    world app { import math; import acme:shop/log import host { print: func(s: string) }
      import now: func() -> u64
      export process: func(input: value) -> result<_, string>; export run: func() })"),
            R"(package acme:shop;

@default
record a {}

interface math {
  double: func(n: s64) -> s64;
  pair: func(a: u8) -> (u8, string);
  none: func();
}

world app {
  import math;
  import acme:shop/log;
  import host {
    print: func(s: string);
  }
  import now: func() -> u64;

  export process: func(input: value) -> result<_, string>;
  export run: func();
}
)");
}

TEST(PactText, MetadataBodyHasItsNormalForm) {
  EXPECT_EQ(print_again(R"(
    imports { math { double: (n: s64) -> s64, } theater:simple/runtime { record r { x: u8 }
      log: func(r: r) } }
    exports { process: func(input: value) -> value
      theater:simple/actor.init: func(state: option<list<u8>>) -> _ svc { run: func() } })"),
            R"(imports {
  math {
    double: func(n: s64) -> s64;
  }
  theater:simple/runtime {
    record r {
      x: u8,
    }

    log: func(r: r);
  }
}

exports {
  process: func(input: value) -> value;
  theater:simple/actor.init: func(state: option<list<u8>>);
  svc {
    run: func();
  }
}
)");
}

TEST(PactText, NamesThatAreNotIdentifiersAreQuoted) {
  EXPECT_EQ(print_again(R"pact(record "list" { "a b": "list", "größe": u8 }
imports { "rpc(calc)" { "x y": func("": flags) } "a:b"; }
exports { "a:b"; "a/b:c"; a:b; "x".f: func(); a:b.g; "a b": u8 })pact"),
            R"pact(record "list" {
  "a b": "list",
  "größe": u8,
}

imports {
  "rpc(calc)" {
    "x y": func("": flags);
  }
  a:b;
}

exports {
  "a:b";
  "a/b:c";
  a: b;
  x.f: func();
  a:b.g;
  "a b": u8;
}
)pact");
}

TEST(PactText, KeywordsCanBeNames) {
  EXPECT_EQ(print_again("record type { record: u8, variant: use } use: func(import: type)\n"
                        "imports { record { type: func() } exports; }"),
            "record type {\n  record: u8,\n  variant: use,\n}\n\nuse: func(import: type);\n\n"
            "imports {\n  record {\n    type: func();\n  }\n  exports;\n}\n");
}

TEST(PactText, TextsOfPackrParse) {
  std::size_t refused_by_packr = 0;
  for (const packr::Json& row : read_vectors("pact-hashes-0.21.0.jsonl")) {
    EXPECT_TRUE(parse_pact(text_of(row, "pact"))) << row["pact"];
    if (row.contains("error")) ++refused_by_packr;
    print_again(text_of(row, "pact"));
  }
  // tenon reads several results, block comments and paths in every language.
  EXPECT_EQ(refused_by_packr, 3U);
}

TEST(PactText, ProblemsHaveTheirPlaces) {
  EXPECT_EQ(print_again("record a { x u8 }"), "1:14: expected `:` after `x`, found `u8`");
  EXPECT_EQ(print_again("record a { x: u8"),
            "1:17: expected a name or `}`, found the end of the text");
  EXPECT_EQ(print_again("type a = list"), "1:10: `list` takes one type argument, found 0");
  EXPECT_EQ(print_again("type a = result<u8>"), "1:10: `result` takes two type arguments, found 1");
  EXPECT_EQ(print_again("type a = u8<u8>"), "1:10: `u8` takes no type arguments, found 1");
  EXPECT_EQ(print_again("record list { }"),
            "1:8: `list` is a keyword and cannot be the name of a type");
  EXPECT_EQ(print_again("variant v { a(u8, u8) }"), "1:17: a case carries one type");
  EXPECT_EQ(print_again("f: func(a u8)"), "1:11: expected `:` after the parameter `a`, found `u8`");
  EXPECT_EQ(print_again("f: func() - s32"), "1:13: expected `>` after `-`, found `s32`");
  EXPECT_EQ(print_again("@fast record a {}"), "1:2: unknown annotation `fast`");
  EXPECT_EQ(print_again("@default f: func()"), "1:2: expected a definition after the annotation");
  EXPECT_EQ(print_again("use \"x.pact\";"), "1:5: expected the names to use from the file");
  EXPECT_EQ(print_again("package a:b; package c:d;"),
            "1:14: duplicate `package`: a text has at most one");
  EXPECT_EQ(print_again("package a:b@1.0.0;"), "1:13: names in packr's languages have no version");
  EXPECT_EQ(print_again("record a { %x: u8 }"), "1:12: unexpected `%`");
  EXPECT_EQ(print_again("record a { ~#!x: u8 }"), "1:12: unexpected `~#!`");
  EXPECT_EQ(print_again("/* open"), "1:1: unterminated comment: expected `*/`");
  EXPECT_EQ(print_again("use \"open"), "1:5: unterminated string: expected `\"`");
  EXPECT_EQ(print_again("use \"\\x\".{a}"),
            "1:6: unknown escape: expected one of \\\" \\\\ \\n \\r \\t \\u{1b}");
  EXPECT_EQ(print_again("}"), "1:1: expected a definition, a function or a block, found `}`");
  EXPECT_EQ(print_again("a\xff"), "1:2: the text is not UTF-8");
  EXPECT_EQ(print_again("package a:\"b\";"), "1:11: expected a name after `:`, found `b`");
  EXPECT_EQ(print_again("exports { a/b: func() }"),
            "1:11: expected a name, found the interface `a/b`");
  EXPECT_EQ(print_again("imports { a.b: u8 }"), "1:16: expected a function after `:`");
}

TEST(PactText, GatesLeaveItemsOut) {
  constexpr std::string_view kText = R"(
@since(version = 1.2.0-rc.1) @deprecated(version = 1.3.0)
interface a {
  @unstable(feature = x) @default record r { n: u8 }
  @unstable(feature = y)
  f: func();
  g: func();
}
@unstable(feature = x)
interface b { @unstable(feature = y) h: func(); }
imports { @unstable(feature = y) log { write: func(); } m { @unstable(feature = y) n: func() o: func() } }
)";
  const auto print = [&](const WitFeatures& enabled) {
    const Result<Scope> file = parse_pact(kText, enabled);
    return file ? print_pact(*file) : file.error()[0].message;
  };
  const std::string imports = "imports {\n  m {\n    o: func();\n  }\n}\n\n";
  EXPECT_EQ(print({}), imports + "interface a {\n  g: func();\n}\n");
  EXPECT_EQ(print({.names = {"x"}}),
            imports +
                "interface a {\n  @default\n  record r {\n    n: u8,\n  }\n\n  g: func();\n}\n\n"
                "interface b {\n}\n");
  Gates gates;
  ASSERT_TRUE(parse_pact(kText, {}, &gates));
  std::string left_out;
  for (const engine::LeftOutItem& item : gates.left_out)
    left_out +=
        fmt::format("{} {} {}:{}\n", item.path, item.feature, item.where.line, item.where.column);
  EXPECT_EQ(left_out, "a.r x 4:35\na.f y 6:3\nb x 10:1\nlog y 11:34\nm.n y 11:84\n");
  EXPECT_EQ(gates.features.size(), 6U);
  Gates none;
  ASSERT_TRUE(parse_pact(kText, {.all = true}, &none));
  EXPECT_TRUE(none.left_out.empty());
}

TEST(PactText, AGateNeedsAnItemAndAFeature) {
  EXPECT_EQ(print_again("interface a { @unstable(feature = x) }"),
            "1:15: expected an item after the attribute");
  EXPECT_EQ(print_again("@since(version = 1.0.0) @m: u8 = 1;"),
            "1:1: expected an item after the attribute");
  EXPECT_EQ(print_again("@unstable(x) f: func()"), "1:11: expected `feature`, found `x`");
  EXPECT_EQ(print_again("@unstable(feature = ) f: func()"),
            "1:21: expected the name of a feature, found `)`");
  EXPECT_EQ(print_again("@since(version = 1.0.0 f: func();"),
            "1:24: expected `)` after `@since`, found `f`");
  EXPECT_EQ(print_again("@deprecated(version = x) f: func();"),
            "1:23: expected a version, found `x`");
}

TEST(PactText, SeveralProblemsAreReportedAtOnce) {
  const Result<Scope> file = parse_pact(
      "interface a {\n  recrd x { y: u8 }\n  record b { x: u8, y }\n  f: func(;\n"
      "  variant c { ok(u8) }\n  exports { g: func( }\n}\nresource r;\n");
  ASSERT_FALSE(file);
  std::vector<std::uint32_t> lines;
  for (const Diagnostic& problem : file.error()) lines.push_back(problem.where.line);
  EXPECT_EQ(lines, (std::vector<std::uint32_t>{2, 3, 4, 6, 8}));
  EXPECT_EQ(file.error()[0].hints, std::vector<Hint>{"did you mean `record`?"});
  EXPECT_EQ(file.error()[0].excerpt.lines[0], "  recrd x { y: u8 }");
  EXPECT_EQ(file.error()[4].hints, std::vector<Hint>{"packr's languages have no `resource`"});
}

TEST(PactText, NestingIsLimited) {
  const auto nest = [](std::size_t levels, std::string_view open, std::string_view middle,
                       std::string_view close) {
    std::string text;
    for (std::size_t i = 0; i < levels; ++i) text += open;
    text += middle;
    for (std::size_t i = 0; i < levels; ++i) text += close;
    return text;
  };
  EXPECT_TRUE(parse_pact("type a = " + nest(100, "list<", "u8", ">")));
  EXPECT_EQ(parse_pact("type a = " + nest(101, "list<", "u8", ">")).error()[0].message,
            "types nest deeper than 100");
  EXPECT_TRUE(parse_pact(nest(100, "interface a {", "", "}")));
  EXPECT_EQ(parse_pact(nest(100'000, "interface a {", "", "}")).error()[0].message,
            "interfaces nest deeper than 100");
  EXPECT_EQ(parse_pact("@m: u8 = " + nest(100'000, "{a:", "1", "}")).error()[0].message,
            "values nest deeper than 100");
  EXPECT_EQ(parse_pact(std::string(kMaxTextBytes + 1, ' ')).error()[0].message,
            "the text is larger than 4194304 bytes");
}

TEST(PactText, TheNumberOfProblemsIsLimited) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "record { }\n";
  EXPECT_EQ(parse_pact(text).error().size(), kMaxProblems);
}

}  // namespace
}  // namespace tenon::pact::text_test
