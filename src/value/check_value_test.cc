#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tenon/value.h"
#include "value/test_types.h"

namespace tenon::check_value_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using value::type_of;

TEST(CheckValue, AcceptsValuesOfTheType) {
  EXPECT_TRUE(check_value(Value::u8(1), type_of("u8")));
  EXPECT_TRUE(check_value(Value::list({}), type_of("list<record{a: u8}>")));
  EXPECT_TRUE(check_value(Value::record({{"b", Value::none()}, {"a", Value::u8(1)}}),
                          type_of("record{a: u8, b: option<u8>}")));
  EXPECT_TRUE(check_value(Value::handle({"r", 1, nullptr}), type_of("own<r>")));
  EXPECT_TRUE(check_value(Value::flags({"b"}), type_of("flags{a, b}")));
}

struct Row {
  Value value;
  const char* type;
  const char* path;
  const char* message;
};

TEST(CheckValue, ReportsThePathOfADifference) {
  const Row rows[] = {
      {Value::u8(1), "u16", "$", "expected `u16`, found u8 `1`"},
      {Value::string("\xff"), "string", "$", "expected `string`"},
      {Value::character(0xd800), "char", "$", "expected `char`"},
      {Value::list({Value::u8(1)}), "list<u16>", "$[0]", "expected `u16`"},
      {Value::list({Value::u8(1), Value::string("a")}), "list<u8>", "$[1]", "found string"},
      {Value::list({Value::u8(1)}), "list<u8, 2>", "$", "expected 2 elements"},
      {Value::tuple({Value::u8(1)}), "tuple<u8, u8>", "$", "expected 2 elements"},
      {Value::tuple({Value::u8(1)}), "tuple<string>", "$[0]", "expected `string`"},
      {Value::record({{"a", Value::string("x")}}), "record{a: u8}", "$.a", "found string `\"x\"`"},
      {Value::record({}), "record{a: option<u8>}", "$", "needs the field `a: option<u8>`"},
      {Value::record({{"a", Value::u8(1)}, {"a", Value::u8(1)}}), "record{a: u8}", "$.a",
       "duplicate field"},
      {Value::record({{"prise", Value::u8(1)}}), "record{price: u8}", "$.prise", "has no field"},
      {Value::variant("b"), "variant{a}", "$", "has no case `b`"},
      {Value::variant("a"), "variant{a(u8)}", "$", "`a` needs a payload"},
      {Value::variant("a", Value::u8(1)), "variant{a(string)}", "$.a", "expected `string`"},
      {Value::enumerator("b"), "enum{a}", "$", "has no case `b`"},
      {Value::flags({"b"}), "flags{a}", "$", "has no flag `b`"},
      {Value::some(Value::u8(1)), "option<string>", "$.some", "expected `string`"},
      {Value::ok(), "result<u8>", "$", "`ok` needs a payload"},
      {Value::err(Value::u8(1)), "result", "$", "`err` has no payload"},
      {Value::map({{Value::u8(1), Value::u8(1)}}), "map<string, u8>", "$[0]", "expected `string`"},
      {Value::u8(1), "own<r>", "$", "expected `r`"},
      {Value::list({}), "stream<u8>", "$", "expected `stream<u8>`"},
      {Value::list({}), "record{a: u8}", "$", "found list `[]`"},
  };
  for (const Row& row : rows) {
    const Result<void> checked = check_value(row.value, type_of(row.type));
    ASSERT_FALSE(checked) << row.type;
    EXPECT_EQ(checked.error()[0].where.item, row.path) << row.type;
    EXPECT_THAT(checked.error()[0].message, HasSubstr(row.message)) << row.type;
    EXPECT_FALSE(checked.error()[0].hints.empty());
  }
}

TEST(CheckValue, ReportsAllDifferences) {
  const auto checked =
      check_value(Value::record({{"a", Value::string("x")}, {"b", Value::list({Value::none()})}}),
                  type_of("record{a: u8, b: list<u8>}"));
  ASSERT_FALSE(checked);
  std::vector<std::string> paths;
  for (const Diagnostic& problem : checked.error()) paths.push_back(problem.where.item);
  EXPECT_THAT(paths, ElementsAre("$.a", "$.b[0]"));
}

}  // namespace
}  // namespace tenon::check_value_test
