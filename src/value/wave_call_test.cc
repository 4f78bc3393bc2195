#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tenon/value.h"
#include "value/test_types.h"

namespace tenon::wave_call_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using value::function_of;

struct Named {
  const char* text;
  const char* interface;
  std::vector<std::string> functions;
};

TEST(WaveCall, SplitsTheNameIntoInterfaceAndFunction) {
  const Named rows[] = {
      {"total([])", "", {"total"}},
      {" total ()", "", {"total"}},
      {"lib.total()", "lib", {"total"}},
      {"%total()", "", {"total"}},
      {"%interface.%list()", "interface", {"list"}},
      {"example:%interface/%import@1.0.0.%func()", "example:interface/import@1.0.0", {"func"}},
      {"example:%interface/%import#%func()", "example:interface/import", {"func"}},
      {"[%own.%borrow]()", "", {"[method]own.borrow", "[static]own.borrow"}},
      {"[method]%own.%borrow()", "", {"[method]own.borrow"}},
      {"acme:tax/lib.total()", "acme:tax/lib", {"total"}},
      {"acme:tax/lib@1.2.0.total()", "acme:tax/lib@1.2.0", {"total"}},
      {"acme:tax/lib@1.2.0-rc.1.total()", "acme:tax/lib@1.2.0-rc.1", {"total"}},
      {"acme:tax/lib.total@1.2.0()", "acme:tax/lib@1.2.0", {"total"}},
      {"acme:tax/lib#total()", "acme:tax/lib", {"total"}},
      {"acme:tax/lib@1.2.0#total()", "acme:tax/lib@1.2.0", {"total"}},
      {"acme:bank/bank@1.0.0#[method]account.close()",
       "acme:bank/bank@1.0.0",
       {"[method]account.close"}},
      {"[account.close]()", "", {"[method]account.close", "[static]account.close"}},
      {"[account]()", "", {"[constructor]account"}},
      {"[method]account.close()", "", {"[method]account.close"}},
      {"[constructor]account()", "", {"[constructor]account"}},
      {"bank.[account.close]()", "bank", {"[method]account.close", "[static]account.close"}},
      {"acme:bank/bank@1.0.0.[account.close]()",
       "acme:bank/bank@1.0.0",
       {"[method]account.close", "[static]account.close"}},
      {"acme:bank/bank.[static]account.open()", "acme:bank/bank", {"[static]account.open"}},
  };
  for (const Named& row : rows) {
    const Result<WaveCall> call = parse_wave_call(row.text);
    ASSERT_TRUE(call) << row.text;
    EXPECT_EQ(call->interface, row.interface) << row.text;
    EXPECT_EQ(call->functions, row.functions) << row.text;
    EXPECT_TRUE(parse_wave_arguments(*call, function_of("(a: option<list<u8>>)"))) << row.text;
  }
}

TEST(WaveCall, RejectsTextThatDoesNotNameAFunction) {
  for (const char* text : {"%()",
                           "%1()",
                           "%%total()",
                           "to%tal()",
                           "total%()",
                           "",
                           "total",
                           "()",
                           "1()",
                           "a b()",
                           "a..b()",
                           ".a()",
                           "a.()",
                           "Ab()",
                           "acme:tax/lib()",
                           "acme:tax/lib@1.2.0()",
                           "[a.b.c]()",
                           "[]()",
                           "x:y.f()",
                           "acme:tax/lib@one.total()",
                           "#total()",
                           "acme:tax/lib#()",
                           "acme:tax/lib#a#b()",
                           "\xff()"}) {
    const Result<WaveCall> call = parse_wave_call(text, {.file = "--invoke"});
    ASSERT_FALSE(call) << text;
    EXPECT_EQ(call.error()[0].code, "value-syntax");
    EXPECT_EQ(call.error()[0].where.file, "--invoke");
    EXPECT_FALSE(call.error()[0].hints.empty());
  }
}

Result<std::vector<Value>> arguments(const char* text, const char* type) {
  const Result<WaveCall> call = parse_wave_call(text);
  EXPECT_TRUE(call);
  return parse_wave_arguments(*call, function_of(type));
}

TEST(WaveCall, ReadsArgumentsByTheTypesOfParameters) {
  EXPECT_THAT(*arguments("f(1, \"a\",)", "(a: u8, b: string)"),
              ElementsAre(Value::u8(1), Value::string("a")));
  EXPECT_THAT(*arguments("f()", "()"), ElementsAre());
  EXPECT_THAT(*arguments("f ( ) // nothing", "()"), ElementsAre());
  EXPECT_THAT(*arguments("f(1)", "(a: u8, b: option<u8>, c: option<u8>)"),
              ElementsAre(Value::u8(1), Value::none(), Value::none()));
}

TEST(WaveCall, ReportsEveryWrongArgument) {
  const auto wrong = arguments("f(300, 5)", "(a: u8, b: string)");
  ASSERT_FALSE(wrong);
  ASSERT_EQ(wrong.error().size(), 2U);
  EXPECT_EQ(wrong.error()[0].where.item, "a");
  EXPECT_EQ(wrong.error()[0].where.column, 3U);
  EXPECT_EQ(wrong.error()[1].where.item, "b");
  EXPECT_EQ(wrong.error()[1].message, "expected `string`, found the number `5`");

  const auto missing = arguments("f(1)", "(a: u8, b: option<u8>, c: string)");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error()[0].message, "the argument `c: string` is missing");
  EXPECT_THAT(missing.error()[0].hints[0], HasSubstr("func(a: u8, b: option<u8>, c: string)"));

  const auto many = arguments("f(1, 2, 3)", "(a: u8)");
  ASSERT_FALSE(many);
  EXPECT_EQ(many.error()[0].message, "the function takes 1 argument, found 3");
  EXPECT_EQ(many.error()[0].where.column, 6U);

  const auto broken = arguments("f(1, ,)", "(a: u8)");
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error()[0].code, "value-syntax");
  EXPECT_FALSE(arguments("f() x", "()"));
  EXPECT_FALSE(arguments("f(", "()"));
}

TEST(WaveCall, ReadsEachArgumentFromATextOfItsOwn) {
  const FunctionType function = function_of("(a: u8, b: list<string>, c: option<u8>)");
  using Form = ArgumentText::Form;
  const ArgumentText sound[] = {{"1", Form::Wave, "argument 1"}, {"[\"x\"]", Form::Json, "b.json"}};
  EXPECT_THAT(*parse_arguments(sound, function),
              ElementsAre(Value::u8(1), Value::list({Value::string("x")}), Value::none()));

  const ArgumentText wrong[] = {{"300", Form::Wave, "argument 1"}, {"[1]", Form::Json, "b.json"}};
  const auto problems = parse_arguments(wrong, function);
  ASSERT_FALSE(problems);
  ASSERT_EQ(problems.error().size(), 2U);
  EXPECT_EQ(problems.error()[0].where.file, "argument 1");
  EXPECT_EQ(problems.error()[0].where.item, "a");
  EXPECT_EQ(problems.error()[1].where.file, "b.json");

  const auto missing = parse_arguments(std::span(sound, 1), function);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error()[0].message, "the argument `b: list<string>` is missing");

  const auto many = parse_arguments(sound, function_of("(a: u8)"));
  ASSERT_FALSE(many);
  EXPECT_EQ(many.error()[0].message, "the function takes 1 argument, found 2");
  EXPECT_EQ(many.error()[0].where.file, "b.json");

  // A text holds one value, so a comma cannot turn it into two arguments.
  const ArgumentText two[] = {{"1, 2", Form::Wave, "argument 1"}};
  EXPECT_FALSE(parse_arguments(two, function_of("(a: u8, b: u8)")));
}

TEST(WaveCall, PrintsNamesThatReadBack) {
  const Named rows[] = {
      {"total", "", {"total"}},
      {"[account.close]", "", {"[method]account.close"}},
      {"[account.close]", "", {"[static]account.close"}},
      {"acme:bank/bank@1.0.0.[account]", "acme:bank/bank@1.0.0", {"[constructor]account"}},
      {"log.write", "log", {"write"}},
  };
  for (const Named& row : rows) {
    EXPECT_EQ(print_call_name(row.interface, row.functions[0]), row.text);
    const Result<WaveCall> call = parse_wave_call(std::string(row.text) + "()");
    ASSERT_TRUE(call) << row.text;
    EXPECT_EQ(call->interface, row.interface);
    EXPECT_THAT(call->functions, testing::Contains(row.functions[0]));
  }
}

}  // namespace
}  // namespace tenon::wave_call_test
