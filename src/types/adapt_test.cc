// Functions of two versions of an interface, and what has to be converted between them.
#include "types/adapt.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "resolve/unit_text_test_support.h"

namespace tenon::types {
namespace {

// What is converted for `f` of two interfaces: "conversions | failures"; "no" if it cannot be.
std::string adapt(std::string_view consumer, std::string_view provider) {
  resolve::Inputs inputs = resolve::read_units(
      fmt::format("unit a {{ import x:y/lib {{ {} }} }} unit b {{ export x:y/lib {{ {} }} }}",
                  consumer, provider));
  const auto function = [&](const Item& item) {
    return std::get<FunctionId>(
        inputs.types.instances[std::get<InstanceId>(item)].find_export("f")->item);
  };
  const FunctionId expected = function(inputs.units[0].type.imports[0].item);
  const FunctionId actual = function(inputs.units[1].type.exports[0].item);
  const auto adaptation = adapt_function(inputs.types, expected, actual);
  if (!adaptation) return "no";
  return fmt::format("{} | {}", fmt::join(adaptation->conversions, "; "),
                     fmt::join(adaptation->failures, "; "));
}

TEST(Adapt, EnumsInBothDirections) {
  constexpr std::string_view kTwo = "enum level { low high }";
  constexpr std::string_view kThree = "enum level { low high urgent }";
  const auto with = [](std::string_view type, std::string_view function) {
    return fmt::format("{} {}", type, function);
  };
  EXPECT_EQ(adapt(with(kTwo, "f(l: level)"), with(kThree, "f(l: level)")),
            "`l` is never `urgent` | ");
  EXPECT_EQ(adapt(with(kThree, "f(l: level)"), with(kTwo, "f(l: level)")), " | `l` is `urgent`");
  EXPECT_EQ(adapt(with(kThree, "f() -> level"), with(kTwo, "f() -> level")),
            "`result` is never `urgent` | ");
  EXPECT_EQ(adapt(with(kTwo, "f() -> level"), with(kThree, "f() -> level")),
            " | `result` is `urgent`");
  EXPECT_EQ(adapt(with(kTwo, "f() -> level"), with("enum level { high low }", "f() -> level")),
            "the cases of `result` have another order | ");
}

TEST(Adapt, AdditionalOptionalFields) {
  constexpr std::string_view kOld = "record item { a: u32 } f(i: item) -> list<item>";
  EXPECT_EQ(adapt(kOld, "record item { a: u32 color: option<string> } f(i: item) -> list<item>"),
            "`i.color` is `none`; `result[].color` is left out | ");
  EXPECT_EQ(adapt(kOld, "record item { a: u32 color: string } f(i: item) -> list<item>"), "no");
  EXPECT_EQ(adapt("record item { a: u32 color: option<string> } f(i: item) -> list<item>", kOld),
            "no");
}

TEST(Adapt, NothingElse) {
  EXPECT_EQ(adapt("f(a: u32)", "f(a: u64)"), "no");
  EXPECT_EQ(adapt("f(a: u32)", "f(b: u32)"), "no");
  EXPECT_EQ(adapt("f(a: u32)", "f(a: u32 b: option<u32>)"), "no");
  EXPECT_EQ(adapt("f() -> u32", "f()"), "no");
  EXPECT_EQ(adapt("resource r f(a: own<r>)", "resource r f(a: own<r>)"), "no");
}

TEST(Adapt, InsideOfOtherTypes) {
  constexpr std::string_view kFunction = "f(a: option<pair<level, u8>>) -> list<level>";
  EXPECT_EQ(adapt(fmt::format("enum level {{ low }} {}", kFunction),
                  fmt::format("enum level {{ low high }} {}", kFunction)),
            "`a.0` is never `high` | `result[]` is `high`");
}

TEST(Adapt, AnotherOrderIsConverted) {
  EXPECT_EQ(adapt("record r { a: u32 b: u8 } f(r: r)", "record r { b: u8 a: u32 } f(r: r)"),
            "the fields of `r` have another order | ");
}

std::vector<std::string> make_labels(char prefix, int count) {
  std::vector<std::string> labels;
  for (int i = 0; i < count; ++i) labels.push_back(fmt::format("{}{}", prefix, i));
  return labels;
}

FunctionId function_of(Types& types, Type param) {
  const TypeId type = types.types.add(std::move(param));
  return types.functions.add({.params = {{"p", type}}, .result = std::nullopt});
}

TEST(Adapt, TellsAFewOfManyConversions) {
  Types types;
  const auto adaptation = adapt_function(types, function_of(types, {Enum{make_labels('a', 100)}}),
                                         function_of(types, {Enum{make_labels('b', 30)}}));
  ASSERT_TRUE(adaptation);
  ASSERT_THAT(adaptation->conversions, testing::SizeIs(21));
  EXPECT_EQ(adaptation->conversions.front(), "`p` is never `b0`");
  EXPECT_EQ(adaptation->conversions.back(), "and 10 more");
  ASSERT_THAT(adaptation->failures, testing::SizeIs(21));
  EXPECT_EQ(adaptation->failures.back(), "and 80 more");
}

// Comparing each member with each other one would take minutes.
TEST(Adapt, ManyMembers) {
  Types types;
  const TypeId type = types.primitive(Primitive::U8);
  Record record;
  for (const std::string& label : make_labels('a', 300'000)) record.fields.push_back({label, type});
  Record reversed = record;
  std::ranges::reverse(reversed.fields);
  const auto adaptation = adapt_function(types, function_of(types, {std::move(record)}),
                                         function_of(types, {std::move(reversed)}));
  ASSERT_TRUE(adaptation);
  EXPECT_THAT(adaptation->conversions,
              testing::ElementsAre("the fields of `p` have another order"));
}

// So would comparing two types again for each function that has them.
TEST(Adapt, ManyFunctionsWithOneType) {
  Types types;
  const FunctionId expected = function_of(types, {Enum{make_labels('a', 50'000)}});
  const FunctionId actual = function_of(types, {Enum{make_labels('b', 50'000)}});
  const std::vector<FunctionPair> pairs(50'000, {"f", expected, actual});
  const auto adaptation = adapt_functions(types, pairs);
  ASSERT_TRUE(adaptation);
  EXPECT_EQ(adaptation->failures.front(), "f: `p` is `a0`");
  EXPECT_EQ(adaptation->failures.back(), "and 2499999980 more");
}

}  // namespace
}  // namespace tenon::types
