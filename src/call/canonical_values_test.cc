#include "call/canonical_values.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "abi/copy_program.h"
#include "call/fake_port.h"
#include "support/diagnostics.h"
#include "tenon/value.h"
#include "value/print_wave.h"
#include "value/random_values.h"
#include "value/test_types.h"

namespace tenon::call::canonical_values_test {
namespace {

using abi::ValueArena;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using Bytes = std::vector<std::uint8_t>;

struct TestFunction {
  explicit TestFunction(const FunctionType& type) : shape(shape_of(type)), values(type, shape) {}
  explicit TestFunction(const char* text) : TestFunction(value::function_of(text)) {}

  std::shared_ptr<const FunctionShape> shape;
  CanonicalValues values;
};

Bytes bytes_of(const char* type, const std::vector<Value>& arguments) {
  ValueArena arena;
  FakeHandles handles;
  const auto address = TestFunction(type).values.write_params(arguments, arena, handles);
  EXPECT_TRUE(address) << address.error()[0].message;
  EXPECT_EQ(*address, 0U);
  return {arena.bytes().begin(), arena.bytes().end()};
}

TEST(CanonicalValues, ParamsLieAsTheCanonicalAbiSays) {
  EXPECT_THAT(
      bytes_of("(a: u8, b: u32, c: s16)", {Value::u8(1), Value::u32(0x01020304), Value::s16(-2)}),
      ElementsAre(1, 0, 0, 0, 4, 3, 2, 1, 0xfe, 0xff, 0, 0));
  EXPECT_THAT(bytes_of("(a: bool, b: string)", {Value::boolean(true), Value::string("tea")}),
              ElementsAre(1, 0, 0, 0, 12, 0, 0, 0, 3, 0, 0, 0, 't', 'e', 'a'));
  EXPECT_THAT(bytes_of("(a: string, b: list<u16>)",
                       {Value::string(""), Value::list(std::vector<std::uint16_t>{1, 2})}),
              ElementsAre(0, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0, 0, 2, 0, 0, 0, 1, 0, 2, 0));
  EXPECT_THAT(bytes_of("(a: list<bool>, b: list<u8, 3>)",
                       {Value::list(std::vector<bool>{true, false}),
                        Value::list(std::vector<std::uint8_t>{7, 8, 9})}),
              ElementsAre(12, 0, 0, 0, 2, 0, 0, 0, 7, 8, 9, 0, 1, 0));
  EXPECT_THAT(bytes_of("(a: result<u16, string>, b: option<u8>)",
                       {Value::ok(Value::u16(5)), Value::none()}),
              ElementsAre(0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
  EXPECT_THAT(
      bytes_of("(a: variant{x, y(char)}, b: enum{p, q}, c: map<u8, u16>)",
               {Value::variant("y", Value::character(U'!')), Value::enumerator("q"),
                Value::map({{Value::u8(3), Value::u16(4)}})}),
      ElementsAre(1, 0, 0, 0, '!', 0, 0, 0, 1, 0, 0, 0, 20, 0, 0, 0, 1, 0, 0, 0, 3, 0, 4, 0));
}

TEST(CanonicalValues, FieldsMayStandInAnyOrder) {
  const Value item = Value::record({{"b", Value::u8(2)}, {"a", Value::u16(1)}});
  EXPECT_THAT(bytes_of("(item: record{a: u16, b: u8})", {item}), ElementsAre(1, 0, 2, 0));
}

TEST(CanonicalValues, FlagsOfManyLabelsAreWordsOfBits) {
  std::string type = "(f: flags{";
  for (int i = 0; i < 40; ++i) type += fmt::format("f{},", i);
  const Value flags = Value::flags({"f0", "f9", "f31", "f32", "f39"});
  EXPECT_THAT(bytes_of((type + "})").c_str(), {flags}),
              ElementsAre(0x01, 0x02, 0, 0x80, 0x81, 0, 0, 0));
}

TEST(CanonicalValues, RecordsOfOneTypeShareTheirLabels) {
  const TestFunction function("() -> list<record{name: string, price: f64}>");
  const Value items =
      Value::list({Value::record({{"name", Value::string("tea")}, {"price", Value::f64(2.5)}}),
                   Value::record({{"name", Value::string("pot")}, {"price", Value::f64(9)}})});
  ValueArena arena;
  FakeHandles handles;
  const Value read = *function.values.read_result(
      *function.values.write_result(items, arena, handles), arena, handles);
  EXPECT_EQ(read, items);
  const auto& records = *read.get_if<ValueList>()->get_if<Value>();
  EXPECT_EQ(&records[0].get_if<ValueRecord>()->labels(),
            &records[1].get_if<ValueRecord>()->labels());
}

TEST(CanonicalValues, HandlesAreNumberedByTheirPlaceInTheType) {
  const TestFunction function(
      "(a: own<r>, b: list<tuple<u8, borrow<s>>>, c: variant{x(own<r>), y(own<s>)})");
  const auto handle = [](std::uint64_t id) { return Value::handle({"r", id, nullptr}); };
  const std::vector<Value> arguments = {handle(7),
                                        Value::list({Value::tuple({Value::u8(1), handle(8)}),
                                                     Value::tuple({Value::u8(2), handle(9)})}),
                                        Value::variant("y", handle(10))};
  const abi::HandlePart own{0, abi::Ownership::Own};
  const abi::HandlePart borrow{1, abi::Ownership::Borrow};
  const abi::HandlePart in_case{3, abi::Ownership::Own};
  ValueArena arena;
  FakeHandles handles;
  const auto address = function.values.write_params(arguments, arena, handles);
  ASSERT_TRUE(address);
  EXPECT_THAT(handles.given, ElementsAre(std::pair(7U, own), std::pair(8U, borrow),
                                         std::pair(9U, borrow), std::pair(10U, in_case)));
  EXPECT_THAT(*function.values.read_params(*address, arena, handles), ElementsAreArray(arguments));
  EXPECT_EQ(handles.taken, handles.given);
  EXPECT_FALSE(arena.resources()[0]);
}

struct Problem {
  std::string_view code;
  std::string path;

  bool operator==(const Problem&) const = default;
};

std::vector<Problem> problems_of(const char* type, const std::vector<Value>& arguments,
                                 std::uint64_t limit = 1000) {
  ValueArena arena(limit);
  FakeHandles handles;
  const auto address = TestFunction(type).values.write_params(arguments, arena, handles);
  std::vector<Problem> problems;
  if (!address)
    for (const Diagnostic& problem : address.error())
      problems.push_back({problem.code, problem.where.item});
  return problems;
}

TEST(CanonicalValues, EveryProblemIsToldWithItsPath) {
  EXPECT_THAT(problems_of("(a: u8, b: record{x: list<u8>, y: enum{p}}, c: string)",
                          {Value::u16(1),
                           Value::record({{"x", Value::list({Value::u8(1), Value::boolean(true)})},
                                          {"y", Value::enumerator("q")}}),
                           Value::string("\xff")}),
              ElementsAre(Problem{"value-type", "$.a"}, Problem{"value-type", "$.b.x[1]"},
                          Problem{"value-label", "$.b.y"}, Problem{"value-type", "$.c"}));
  EXPECT_THAT(problems_of("(a: u8, b: u8)", {Value::u8(1)}),
              ElementsAre(Problem{"value-type", "$"}));
  EXPECT_THAT(problems_of("(a: list<char>, b: list<u8, 2>)",
                          {Value::list(std::vector<char32_t>{U'a', 0xd800}),
                           Value::list(std::vector<std::uint8_t>{1})}),
              ElementsAre(Problem{"value-type", "$.a[1]"}, Problem{"value-type", "$.b"}));
  EXPECT_THAT(problems_of("(a: result<u8>, b: option<u8>, c: record{x: u8, y: u8})",
                          {Value::ok(), Value::some(Value::u16(1)),
                           Value::record({{"x", Value::u8(1)}, {"x", Value::u8(2)}})}),
              ElementsAre(Problem{"value-type", "$.a"}, Problem{"value-type", "$.b.some"},
                          Problem{"value-label", "$.c.x"}, Problem{"value-type", "$.c"}));
}

TEST(CanonicalValues, HandlesAreGivenOnlyIfAllValuesFit) {
  const Value good = Value::handle({"r", 5, nullptr});
  const Value bad = Value::handle({"r", 0, nullptr});
  EXPECT_THAT(problems_of("(a: own<r>, b: list<own<r>>)", {good, Value::list({good, bad, bad})}),
              ElementsAre(Problem{"value-handle", "$.b[1]"}, Problem{"value-handle", "$.b[2]"}));
  const TestFunction function("(a: own<r>, b: u8)");
  ValueArena arena;
  FakeHandles handles;
  EXPECT_FALSE(function.values.write_params(std::vector{good, good}, arena, handles));
  EXPECT_TRUE(handles.given.empty());
}

TEST(CanonicalValues, TheArenaBoundsWhatIsWritten) {
  EXPECT_THAT(problems_of("(a: string)", {Value::string(std::string(2000, 'x'))}),
              ElementsAre(Problem{"value-too-large", ""}));
  EXPECT_THAT(problems_of("(a: string, b: u8)",
                          {Value::string(std::string(2000, 'x')), Value::boolean(true)}),
              ElementsAre(Problem{"value-type", "$.b"}));
  EXPECT_THAT(problems_of("()", {}, 0), ElementsAre());
}

// As arguments in turn, so that a value also lies behind others.
FunctionType function_of_types(value::RandomValues& random, std::vector<Value>& arguments) {
  const Type type = random.make_type_of_depth(4);
  auto graph = std::make_shared<value::TypeGraph>(*value::graph_of(type));
  types::Function function;
  function.params = {{"a", value::id_of(type)},
                     {"b", graph->types.primitive(types::Primitive::U8)},
                     {"c", value::id_of(type)}};
  function.result = value::id_of(type);
  arguments = {random.make_value(type), Value::u8(1), random.make_value(type)};
  const types::FunctionId id = graph->types.functions.add(std::move(function));
  return value::make_function_type(std::move(graph), id);
}

TEST(CanonicalValues, RandomValuesAreReadBack) {
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    value::RandomValues random(seed);
    std::vector<Value> arguments;
    const FunctionType type = function_of_types(random, arguments);
    const TestFunction function(type);
    const abi::CopyProgram& copy = function.shape->program;
    ValueArena arena;
    ValueArena copied;
    FakeHandles handles;
    const auto address = function.values.write_params(arguments, arena, handles);
    ASSERT_TRUE(address) << seed << ": " << type.wit("f") << address.error()[0].message;
    const Bytes written(arena.bytes().begin(), arena.bytes().end());
    EXPECT_EQ(*function.values.read_params(*address, arena, handles), arguments)
        << seed << ": " << type.wit("f");
    // The program that guests' values go through takes them as they are.
    const auto lifted = copy.lift_params(abi::From::memory(arena, *address), copied);
    ASSERT_TRUE(lifted) << seed << ": " << type.wit("f") << lifted.error().message;
    EXPECT_EQ(*function.values.read_params(*lifted, copied, handles), arguments);
    arena.clear();
    const auto again = function.values.write_params(arguments, arena, handles);
    EXPECT_THAT(arena.bytes(), ElementsAreArray(written));
    const auto result = function.values.write_result(arguments[0], arena, handles);
    EXPECT_EQ(*function.values.read_result(*result, arena, handles), arguments[0]);
    EXPECT_TRUE(again);
  }
}

TEST(CanonicalValues, ValuesAreMeasuredBeforeTheyAreRead) {
  const auto fits = [](const char* type, const Value& value, std::uint64_t bytes) {
    const TestFunction function(fmt::format("() -> {}", type).c_str());
    ValueArena arena;
    FakeHandles handles;
    const std::uint32_t address = *function.values.write_result(value, arena, handles);
    return function.values.result_fits(address, arena, bytes);
  };
  const std::string text(100, 'x');
  const std::pair<const char*, Value> kinds[] = {
      {"string", Value::string(text)},
      {"list<string>", Value::list(std::vector{Value::string(text)})},
      {"list<u8>", Value::list(std::vector<std::uint8_t>(100))},
      {"list<list<u8>, 1>", Value::list(std::vector{Value::list(std::vector<std::uint8_t>(100))})},
      {"map<u8, string>", Value::map({{Value::u8(1), Value::string(text)}})},
      {"record{a: u8, b: string}",
       Value::record({{"a", Value::u8(1)}, {"b", Value::string(text)}})},
      {"tuple<u8, string>", Value::tuple({Value::u8(1), Value::string(text)})},
      {"variant{x, y(string)}", Value::variant("y", Value::string(text))},
      {"enum{a-name-of-more-than-one-word}", Value::enumerator("a-name-of-more-than-one-word")},
      {"option<string>", Value::some(Value::string(text))},
      {"result<u8, string>", Value::err(Value::string(text))},
      {"flags{a, b}", Value::flags({"b"})},
      {"own<file>", Value::handle({"file", 1, nullptr})}};
  for (const auto& [type, value] : kinds) {
    EXPECT_FALSE(fits(type, value, 30)) << type;
    EXPECT_TRUE(fits(type, value, 1000)) << type;
  }
  EXPECT_TRUE(fits("u64", Value::u64(1), 0));
  EXPECT_TRUE(fits("option<string>", Value::none(), 0));
  EXPECT_TRUE(fits("string", Value::string("short"), 0));
  // Each takes its own memory and that of its fields.
  const Value records = Value::list(std::vector(1000, Value::tuple({Value::u8(1)})));
  EXPECT_FALSE(fits("list<tuple<u8>>", records, 2000 * sizeof(Value)));
  EXPECT_TRUE(fits("list<tuple<u8>>", records, 3000 * sizeof(Value)));
  const TestFunction function("(a: u8, b: string)");
  ValueArena arena;
  FakeHandles handles;
  const Value arguments[] = {Value::u8(1), Value::string(text)};
  const std::uint32_t params = *function.values.write_params(arguments, arena, handles);
  EXPECT_FALSE(function.values.params_fit(params, arena, 2 * sizeof(Value)));
  EXPECT_TRUE(function.values.params_fit(params, arena, 1000));
}

TEST(CanonicalValues, WhatABoundLeavesOutIsNotShown) {
  constexpr std::size_t kShown = 8;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    value::RandomValues random(seed);
    std::vector<Value> arguments;
    const FunctionType type = function_of_types(random, arguments);
    const TestFunction function(type);
    ValueArena arena;
    FakeHandles handles;
    const auto address = function.values.write_params(arguments, arena, handles);
    ASSERT_TRUE(address) << seed << ": " << type.wit("f");
    const std::vector<Value> read =
        *function.values.read_params(*address, arena, handles, {kShown + 4});
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      EXPECT_EQ(value::print_cut_wave(read[i], {.list = kShown}),
                value::print_cut_wave(arguments[i], {.list = kShown}))
          << seed << ": " << type.wit("f");
    }
  }
}

TEST(CanonicalValues, ABoundIsOfEachListThatIsInNoOther) {
  const TestFunction function("(a: list<list<u8>>, b: list<string>, c: string)");
  const Value bytes = Value::list(std::vector<std::uint8_t>{1, 2, 3});
  const Value text = Value::string("abcdef");
  ValueArena arena;
  FakeHandles handles;
  const auto address = function.values.write_params(
      std::vector<Value>{Value::list(std::vector<Value>{bytes, bytes}),
                         Value::list(std::vector<Value>{text, text}), text},
      arena, handles);
  ASSERT_TRUE(address);
  std::vector<std::string> read;
  const auto values = function.values.read_params(*address, arena, handles, {5});
  for (const Value& value : *values) read.push_back(print_wave(value));
  EXPECT_THAT(read, ElementsAre("[[1, 2, 3], []]", R"(["abcd"])", R"("abcde")"));
}

}  // namespace
}  // namespace tenon::call::canonical_values_test
