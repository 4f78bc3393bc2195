#include "pact/check.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "pact/test_sources.h"

namespace tenon::pact::check_test {
namespace {

TEST(PactCheck, UnknownNamesHaveSuggestions) {
  const auto model = open_model("record point { x: s32 }\nf: func(p: pont) -> list<strng>");
  ASSERT_FALSE(model);
  ASSERT_EQ(model.error().size(), 2U);
  EXPECT_EQ(model.error()[0].message, "unknown type `pont`");
  EXPECT_EQ(model.error()[0].hints, std::vector<Hint>{"did you mean `point`?"});
  EXPECT_EQ(model.error()[0].excerpt.lines[1], "           ^^^^");
  EXPECT_EQ(model.error()[1].hints, std::vector<Hint>{"did you mean `string`?"});
}

TEST(PactCheck, DefinitionsAreVisibleInTheirBlockAndInNestedBlocks) {
  EXPECT_EQ(list_problems("record a {}\nimports { x { record b { a: a } f: func(b: b); } }"), "");
  EXPECT_EQ(list_problems("imports { x { record b {} f: func(b: b); } y { f: func(b: b); } }"),
            "main.pact:1:59: unknown type `b`");
  EXPECT_EQ(
      list_problems("record a {} interface i { record b { a: a } interface j { f: func(b: b); } }"),
      "");
  EXPECT_EQ(list_problems("interface i { record b {} }\nf: func(b: b)"),
            "main.pact:2:12: unknown type `b`");
}

TEST(PactCheck, DuplicateNamesAreRejected) {
  EXPECT_EQ(list_problems("record a {}\nenum a { x }"),
            "main.pact:2:6: duplicate definition of `a`");
  EXPECT_EQ(list_problems("interface a {}\ninterface a {}"),
            "main.pact:2:11: duplicate definition of `a`");
  EXPECT_EQ(list_problems("type t\ntype t = u8"), "main.pact:2:6: duplicate definition of `t`");
  EXPECT_EQ(list_problems("record a { x: u8, x: u8 }"), "main.pact:1:19: duplicate field `x`");
  EXPECT_EQ(list_problems("enum a { x, x }"), "main.pact:1:13: duplicate case `x`");
  EXPECT_EQ(list_problems("f: func(a: u8, a: u8)"), "main.pact:1:16: duplicate parameter `a`");
  EXPECT_EQ(list_problems("f: func() f: func()"), "main.pact:1:11: duplicate function `f`");
  EXPECT_EQ(list_problems("record a<t, t> {}"), "main.pact:1:13: duplicate type parameter `t`");
}

TEST(PactCheck, SelfIsOnlyAllowedInADefinition) {
  EXPECT_EQ(list_problems("f: func(a: list<self>)"),
            "main.pact:1:17: `self` outside of a definition");
  EXPECT_EQ(list_problems("type a = list<self>"), "");
}

TEST(PactCheck, TypeArgumentsAreCounted) {
  EXPECT_EQ(list_problems("record pair<a, b> { x: a, y: b } f: func(p: pair<u8>)"),
            "main.pact:1:45: `pair` takes 2 type arguments, found 1");
  EXPECT_EQ(list_problems("record a {} f: func(p: a<u8>)"),
            "main.pact:1:24: `a` takes 0 type arguments, found 1");
  EXPECT_EQ(list_problems("record a<t> { x: t<u8> }"),
            "main.pact:1:18: `t` takes 0 type arguments, found 1");
}

TEST(PactCheck, FlagsAreLimitedTo64) {
  const auto flags = [](int count) {
    std::string text = "flags f {";
    for (int i = 0; i < count; ++i) text += fmt::format(" b{}", i);
    return text + " }";
  };
  EXPECT_EQ(list_problems(flags(64)), "");
  EXPECT_EQ(list_problems(flags(65)), "main.pact:1:7: `f` has 65 flags; a value holds at most 64");
}

TEST(PactCheck, InfiniteTypesAreRejected) {
  const auto infinite = [](std::string_view name) {
    return fmt::format("`{}` contains itself without end: it has no values", name);
  };
  EXPECT_EQ(list_problems("record a { x: self }"), "main.pact:1:8: " + infinite("a"));
  EXPECT_EQ(list_problems("record a { b: b } record b { a: tuple<u8, a> }"),
            "main.pact:1:8: " + infinite("a") + "\nmain.pact:1:26: " + infinite("b"));
  EXPECT_EQ(list_problems("variant a { x(self), y(a) }"), "main.pact:1:9: " + infinite("a"));
  EXPECT_EQ(list_problems("record a { x: result<a, a> }"), "main.pact:1:8: " + infinite("a"));
  // A type that only contains an infinite one is not reported.
  EXPECT_EQ(list_problems("record o { a: a } record a { x: self }"),
            "main.pact:1:26: " + infinite("a"));
  EXPECT_EQ(list_problems("record box<t> { x: t } record a { x: box<self> }"),
            "main.pact:1:31: " + infinite("a"));
}

TEST(PactCheck, RecursionThatCanEndIsAllowed) {
  EXPECT_EQ(list_problems("record a { x: option<self>, y: list<a>, z: map<u8, a>, s: set<a> }"),
            "");
  EXPECT_EQ(list_problems("variant a { leaf, node(tuple<a, a>) }"), "");
  EXPECT_EQ(list_problems("record a { x: result<u8, a> }"), "");
  EXPECT_EQ(list_problems("record a { b: option<b> } record b { a: a }"), "");
  EXPECT_EQ(list_problems("record wrap<t> { x: list<t> } record a { x: wrap<self> }"), "");
  EXPECT_EQ(list_problems("variant or<t> { none, some(t) } record a { x: or<a> }"), "");
}

TEST(PactCheck, AliasCyclesAreRejected) {
  EXPECT_EQ(list_problems("type a = b type b = c type c = a"),
            "main.pact:1:6: `a` is an alias of itself: a -> b -> c -> a");
  EXPECT_EQ(list_problems("type a = self"), "main.pact:1:6: `a` is an alias of itself: a -> a");
  EXPECT_EQ(list_problems("type a = b record b {}"), "");
}

TEST(PactCheck, LongChainsOfDefinitionsAreFast) {
  std::string text;
  for (int i = 0; i < 9'000; ++i) text += fmt::format("record r{} {{ x: r{} }}\n", i, i + 1);
  EXPECT_EQ(list_problems(text + "record r9000 {}"), "");
  EXPECT_EQ(list_problems(text + "type r9000 = list<r0>"), "");
}

TEST(PactCheck, TheNumberOfDefinitionsIsLimited) {
  std::string text;
  for (std::size_t i = 0; i <= kMaxDefinitions; ++i) text += fmt::format("record r{} {{}}\n", i);
  EXPECT_EQ(list_problems(text), ":0:0: more than 10000 definitions");
}

TEST(PactCheck, UseImportsFromOtherTexts) {
  const SourceTexts sources = {
      {"types.pact", "record point { x: unit } type unit = s32 use \"more.pact\".{deep};"},
      {"more.pact", "record deep { again: list<point> } use \"types.pact\".{point};"},
      {"bad.pact", "record a { x: nothing }"},
      {"worse.pact", "record"}};
  EXPECT_EQ(list_problems("use \"types.pact\".{point, deep}; f: func(p: point) -> deep", sources),
            "");
  EXPECT_EQ(list_problems("use \"types.pact\".{pint};", sources),
            "main.pact:1:19: `types.pact` has no definition `pint`");
  EXPECT_EQ(list_problems("use \"bad.pact\".{a};", sources),
            "bad.pact:1:15: unknown type `nothing`");
  EXPECT_EQ(list_problems("use \"worse.pact\".{a};", sources),
            "worse.pact:1:1: expected a definition, a function or a block, found `record`");
  EXPECT_EQ(list_problems("use \"none.pact\".{a};", sources), ":0:0: file `none.pact` not found");
  // Two texts that use a name from each other.
  EXPECT_EQ(list_problems("use \"x.pact\".{a};",
                          {{"x.pact", "use \"y.pact\".{a};"}, {"y.pact", "use \"x.pact\".{a};"}}),
            "main.pact:1:15: `x.pact` has no definition `a`\n"
            "x.pact:1:15: `y.pact` has no definition `a`\n"
            "y.pact:1:15: `x.pact` has no definition `a`");
}

TEST(PactCheck, UseImportsFromInterfacesAndTransforms) {
  const std::string base = "interface calc { record n { x: u8 } add: func(n: n) -> n; }\n";
  EXPECT_EQ(list_problems(base + "use calc.{n}; f: func(n: n)"), "");
  EXPECT_EQ(list_problems(base + "use rpc(calc).{rpc-error}; f: func(e: rpc-error)"), "");
  EXPECT_EQ(
      list_problems(base + "interface r = rpc(calc) use r.{rpc-error}; f: func(e: rpc-error)"), "");
  EXPECT_EQ(list_problems(base + "use rcp(calc);"), "main.pact:2:5: unknown transform `rcp`");
  EXPECT_EQ(list_problems(base + "use rpc(calk);"), "main.pact:2:9: unknown interface `calk`");
  EXPECT_EQ(list_problems(base + "use rpc(calc, calc);"),
            "main.pact:2:5: `rpc` takes one interface, found 2");
}

}  // namespace
}  // namespace tenon::pact::check_test
