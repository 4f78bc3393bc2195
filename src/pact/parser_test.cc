#include "pact/parser.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "packr/test_vectors.h"
#include "pact/printer.h"

namespace tenon::pact::parser_test {
namespace {

// The normal form, which reads as the equal tree; or the first problem with its place.
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

TEST(PactParser, TextsOfOtherLanguagesAreGivenUp) {
  const auto file = parse_pact("# Title\n\nIt's `this` and `that`, + more + text +.\n");
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().size(), 3U);
  EXPECT_EQ(file.error().back().hints,
            std::vector<std::string>{
                "is this a text of an interface language? docs/packr.md describes them"});
}

TEST(PactParser, HostPactHasItsNormalForm) {
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

TEST(PactParser, WitPlusHasItsNormalForm) {
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

TEST(PactParser, MetadataBodyHasItsNormalForm) {
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

TEST(PactParser, NamesThatAreNoneAreQuoted) {
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

TEST(PactParser, WordsAreNamesWhereNothingElseCanStand) {
  EXPECT_EQ(print_again("record type { record: u8, variant: use } use: func(import: type)\n"
                        "imports { record { type: func() } exports; }"),
            "record type {\n  record: u8,\n  variant: use,\n}\n\nuse: func(import: type);\n\n"
            "imports {\n  record {\n    type: func();\n  }\n  exports;\n}\n");
}

TEST(PactParser, TheTextsOfPackrParse) {
  std::size_t refused_by_packr = 0;
  for (const packr::Json& row : packr::read_vectors("pact-hashes-0.21.0.jsonl")) {
    EXPECT_TRUE(parse_pact(packr::text_of(row, "pact"))) << row["pact"];
    if (row.contains("error")) ++refused_by_packr;
    print_again(packr::text_of(row, "pact"));
  }
  // Several results, block comments and paths are read in every text.
  EXPECT_EQ(refused_by_packr, 3U);
}

TEST(PactParser, ProblemsHaveTheirPlaces) {
  const auto refusal = print_again;
  EXPECT_EQ(refusal("record a { x u8 }"), "1:14: `:` is wanted after `x`, and `u8` is here");
  EXPECT_EQ(refusal("record a { x: u8"),
            "1:17: a name or `}` is wanted, and the end of the text is here");
  EXPECT_EQ(refusal("type a = list"), "1:10: `list` takes one type, and has 0");
  EXPECT_EQ(refusal("type a = result<u8>"), "1:10: `result` takes two types, and has 1");
  EXPECT_EQ(refusal("type a = u8<u8>"), "1:10: `u8` takes no types, and has 1");
  EXPECT_EQ(refusal("record list { }"),
            "1:8: `list` is a word of the language, and no name of a type");
  EXPECT_EQ(refusal("variant v { a(u8, u8) }"), "1:17: a case carries one type");
  EXPECT_EQ(refusal("f: func(a u8)"),
            "1:11: `:` is wanted after the parameter `a`, and `u8` is here");
  EXPECT_EQ(refusal("f: func() - s32"), "1:13: `>` is wanted after `-`, and `s32` is here");
  EXPECT_EQ(refusal("@fast record a {}"), "1:2: there is no annotation `fast`");
  EXPECT_EQ(refusal("@default f: func()"), "1:2: an annotation stands before a definition");
  EXPECT_EQ(refusal("use \"x.pact\";"), "1:5: a file is used for some of its definitions");
  EXPECT_EQ(refusal("package a:b; package c:d;"),
            "1:14: a text has one `package`, and this is the second");
  EXPECT_EQ(refusal("package a:b@1.0.0;"), "1:13: packr's names have no versions");
  EXPECT_EQ(refusal("record a { %x: u8 }"), "1:12: `%` has no meaning here");
  EXPECT_EQ(refusal("record a { ~#!x: u8 }"), "1:12: `~#!` has no meaning here");
  EXPECT_EQ(refusal("/* open"), "1:1: a comment has no closing `*/`");
  EXPECT_EQ(refusal("use \"open"), "1:5: a string has no closing `\"`");
  EXPECT_EQ(refusal("use \"\\x\".{a}"), "1:6: an escape is one of \\\" \\\\ \\n \\r \\t \\u{1b}");
  EXPECT_EQ(refusal("}"), "1:1: a definition, a function or a block is wanted, and `}` is here");
  EXPECT_EQ(refusal("a\xff"), "1:2: the text is not UTF-8");
  EXPECT_EQ(refusal("package a:\"b\";"), "1:11: a name is wanted after `:`, and `b` is here");
  EXPECT_EQ(refusal("exports { a/b: func() }"), "1:11: `a/b` is an interface, and no name");
  EXPECT_EQ(refusal("imports { a.b: u8 }"), "1:16: a function is wanted after `:`");
}

TEST(PactParser, SeveralProblemsAreToldAtOnce) {
  const Result<Scope> file = parse_pact(
      "interface a {\n  recrd x { y: u8 }\n  record b { x: u8, y }\n  f: func(;\n"
      "  variant c { ok(u8) }\n  exports { g: func( }\n}\nresource r;\n");
  ASSERT_FALSE(file);
  std::vector<std::uint32_t> lines;
  for (const Diagnostic& problem : file.error()) lines.push_back(problem.where.line);
  EXPECT_EQ(lines, (std::vector<std::uint32_t>{2, 3, 4, 6, 8}));
  EXPECT_EQ(file.error()[0].hints, std::vector<std::string>{"did you mean `record`?"});
  EXPECT_EQ(file.error()[0].excerpt.lines[0], "  recrd x { y: u8 }");
  EXPECT_EQ(file.error()[4].hints,
            std::vector<std::string>{"packr's languages have no `resource`"});
}

TEST(PactParser, NestingIsBounded) {
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
            "the text has more than 4194304 bytes");
}

TEST(PactParser, ProblemsAreBounded) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "record { }\n";
  EXPECT_EQ(parse_pact(text).error().size(), kMaxProblems);
}

}  // namespace
}  // namespace tenon::pact::parser_test
