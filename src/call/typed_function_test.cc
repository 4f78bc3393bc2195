#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "call/canonical_values.h"
#include "call/fake_port.h"
#include "tenon/function.h"

namespace acme {

struct Item {
  std::string name;
  double unit_price = 0;
  std::optional<std::uint16_t> count;

  bool operator==(const Item&) const = default;
};
TENON_RECORD(Item, name, unit_price, count)

struct Point {
  double x = 0;
  double y = 0;

  bool operator==(const Point&) const = default;
};
TENON_RECORD(Point, x, y)

// Its members are named in the order of the WIT type, not in that of C++.
struct Swapped {
  std::uint32_t second = 0;
  std::uint32_t first = 0;

  bool operator==(const Swapped&) const = default;
};
TENON_RECORD(Swapped, first, second)

enum class Colour { Red = 5, DarkBlue = 1, Green };
TENON_ENUM(Colour, Red, DarkBlue, Green)

struct Access {
  bool read = false;
  bool write = false;
  bool run_it = false;

  bool operator==(const Access&) const = default;
};
TENON_FLAGS(Access, read, write, run_it)

struct Shape : std::variant<double, Point, std::monostate> {
  using variant::variant;
};
TENON_VARIANT(Shape, circle, square, nothing)

struct Account {
  tenon::Resource handle;
  std::uint64_t balance = 0;
};
TENON_RECORD(Account, handle, balance)

}  // namespace acme

namespace tenon::typed_function_test {
namespace {

using acme::Access;
using acme::Colour;
using acme::Item;
using acme::Point;
using acme::Shape;
using acme::Swapped;
using call::FakePort;
using detail::ValuesAt;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

// What `write_params` makes of equal values.
std::vector<std::uint8_t> written_bytes(const FunctionType& type, const Value& argument) {
  abi::ValueArena arena;
  call::FakeHandles handles;
  const call::CanonicalValues values(type, call::shape_of(type));
  EXPECT_TRUE(values.write_params({&argument, 1}, arena, handles));
  return {arena.bytes().begin(), arena.bytes().end()};
}

// Whether a C++ value lies in the buffer as the equal Value does, and comes back from a call.
template <class T>
void expect_equal(const char* wit, const T& given, const Value& equal) {
  using Signature = detail::Signature<T, T>;
  const auto port = std::make_shared<FakePort>(("(a: " + std::string(wit) + ") -> " + wit).c_str());
  call::ArenaBuffer buffer(port->handles);
  std::uint32_t at = 0;
  ASSERT_TRUE(Signature::store_params(buffer, at, given)) << wit;
  EXPECT_THAT(buffer.arena().bytes(), ElementsAreArray(written_bytes(port->type(), equal))) << wit;
  const auto function = TypedFunction<T(T)>::make(port);
  ASSERT_TRUE(function) << wit << ": " << function.error()[0].message;
  const CallResult<T> result = (*function)(given);
  ASSERT_TRUE(result) << wit << ": " << result.error().problems[0].message;
  EXPECT_EQ(*result, given) << wit;
  const auto shape = call::shape_of(port->type());
  const abi::FunctionLayout& layout = shape->program.layout();
  const abi::Layout& params = layout.layouts[layout.params];
  EXPECT_EQ(Signature::kParams.size, params.size) << wit;
  EXPECT_EQ(Signature::kParams.align, params.align) << wit;
  EXPECT_EQ(Signature::kParams.flat, params.flat.count()) << wit;
  EXPECT_EQ(Signature::kParams.handles, params.handles) << wit;
}

TEST(TypedFunction, ScalarsAreThoseOfTheComponentModel) {
  expect_equal("bool", true, Value::boolean(true));
  expect_equal("s8", std::int8_t{-1}, Value::s8(-1));
  expect_equal("u8", std::uint8_t{200}, Value::u8(200));
  expect_equal("u8", std::byte{200}, Value::u8(200));
  expect_equal("s16", std::int16_t{-2}, Value::s16(-2));
  expect_equal("u16", std::uint16_t{40000}, Value::u16(40000));
  expect_equal("s32", std::int32_t{-3}, Value::s32(-3));
  expect_equal("u32", std::uint32_t{4000000000}, Value::u32(4000000000));
  expect_equal("s64", std::numeric_limits<std::int64_t>::min(),
               Value::s64(std::numeric_limits<std::int64_t>::min()));
  expect_equal("u64", std::numeric_limits<unsigned long long>::max(),
               Value::u64(std::numeric_limits<std::uint64_t>::max()));
  expect_equal("f32", -1.5F, Value::f32(-1.5F));
  expect_equal("f64", 0.1, Value::f64(0.1));
  expect_equal("char", U'\u20ac', Value::character(U'\u20ac'));
}

TEST(TypedFunction, TextAndLists) {
  expect_equal("string", std::string("t\u00e9a"), Value::string("t\u00e9a"));
  expect_equal("string", std::string(), Value::string(""));
  expect_equal("list<u16>", std::vector<std::uint16_t>{1, 2},
               Value::list(std::vector<std::uint16_t>{1, 2}));
  expect_equal("list<bool>", std::vector<bool>{true, false},
               Value::list(std::vector<bool>{true, false}));
  expect_equal("list<string>", std::vector<std::string>{"a", "", "bc"},
               Value::list({Value::string("a"), Value::string(""), Value::string("bc")}));
  expect_equal("list<list<u8>>", std::vector<std::vector<std::uint8_t>>{{1}, {}, {2, 3}},
               Value::list({Value::list(std::vector<std::uint8_t>{1}), Value::list({}),
                            Value::list(std::vector<std::uint8_t>{2, 3})}));
  expect_equal("list<u8, 3>", std::array<std::uint8_t, 3>{7, 8, 9},
               Value::list(std::vector<std::uint8_t>{7, 8, 9}));
  expect_equal("list<string, 2>", std::array<std::string, 2>{"x", "y"},
               Value::list({Value::string("x"), Value::string("y")}));
}

TEST(TypedFunction, RecordsTuplesAndMaps) {
  const char* item = "record{name: string, unit-price: f64, count: option<u16>}";
  const auto item_value = [](const char* name, double price, Value count) {
    return Value::record({{"name", Value::string(name)},
                          {"unit-price", Value::f64(price)},
                          {"count", std::move(count)}});
  };
  expect_equal(item, Item{"tea", 2.5, 3}, item_value("tea", 2.5, Value::some(Value::u16(3))));
  expect_equal(("list<" + std::string(item) + ">").c_str(),
               std::vector<Item>{{"tea", 2.5, std::nullopt}, {"pot", 9, 1}},
               Value::list({item_value("tea", 2.5, Value::none()),
                            item_value("pot", 9, Value::some(Value::u16(1)))}));
  expect_equal("list<record{x: f64, y: f64}>", std::vector<Point>{{1, 2}, {3, 4}},
               Value::list({Value::record({{"x", Value::f64(1)}, {"y", Value::f64(2)}}),
                            Value::record({{"x", Value::f64(3)}, {"y", Value::f64(4)}})}));
  expect_equal("list<record{first: u32, second: u32}>",
               std::vector<Swapped>{{.second = 2, .first = 1}},
               Value::list({Value::record({{"first", Value::u32(1)}, {"second", Value::u32(2)}})}));
  expect_equal("tuple<u8, string, u64>",
               std::tuple<std::uint8_t, std::string, std::uint64_t>{1, "a", 2},
               Value::tuple({Value::u8(1), Value::string("a"), Value::u64(2)}));
  expect_equal("tuple<u8, u16>", std::pair<std::uint8_t, std::uint16_t>{1, 2},
               Value::tuple({Value::u8(1), Value::u16(2)}));
  const Value map =
      Value::map({{Value::string("a"), Value::u8(1)}, {Value::string("b"), Value::u8(2)}});
  expect_equal("map<string, u8>", std::map<std::string, std::uint8_t>{{"a", 1}, {"b", 2}}, map);
  expect_equal("map<string, u8>",
               std::vector<std::pair<std::string, std::uint8_t>>{{"a", 1}, {"b", 2}}, map);
  expect_equal("list<tuple<string, u8>>",
               std::vector<std::pair<std::string, std::uint8_t>>{{"a", 1}},
               Value::list({Value::tuple({Value::string("a"), Value::u8(1)})}));
}

TEST(TypedFunction, CasesAndFlags) {
  expect_equal("option<u32>", std::optional<std::uint32_t>(7), Value::some(Value::u32(7)));
  expect_equal("option<u32>", std::optional<std::uint32_t>(), Value::none());
  expect_equal("option<option<string>>",
               std::optional<std::optional<std::string>>(std::optional<std::string>("x")),
               Value::some(Value::some(Value::string("x"))));
  expect_equal("result<u16, string>", Expected<std::uint16_t, std::string>(std::uint16_t{3}),
               Value::ok(Value::u16(3)));
  expect_equal("result<u16, string>",
               Expected<std::uint16_t, std::string>(Unexpected(std::string("no"))),
               Value::err(Value::string("no")));
  expect_equal("result<_, u64>", Expected<void, std::uint64_t>(), Value::ok());
  expect_equal("result<f32>", Expected<float, void>(Unexpected()), Value::err());
  expect_equal("result", Expected<void, void>(), Value::ok());
  expect_equal("variant{a(f32), b(u64), c}",
               std::variant<float, std::uint64_t, std::monostate>(std::in_place_index<0>, 1.5F),
               Value::variant("a", Value::f32(1.5F)));
  const char* shape = "variant{circle(f64), square(record{x: f64, y: f64}), nothing}";
  expect_equal(
      shape, Shape(std::in_place_index<1>, Point{1, 2}),
      Value::variant("square", Value::record({{"x", Value::f64(1)}, {"y", Value::f64(2)}})));
  expect_equal(shape, Shape(std::monostate()), Value::variant("nothing"));
  expect_equal("enum{red, dark-blue, green}", Colour::DarkBlue, Value::enumerator("dark-blue"));
  expect_equal("list<enum{red, dark-blue, green}>", std::vector{Colour::Green, Colour::Red},
               Value::list({Value::enumerator("green"), Value::enumerator("red")}));
  expect_equal("flags{read, write, run-it}", Access{.write = true, .run_it = true},
               Value::flags({"write", "run-it"}));
}

TEST(TypedFunction, ScalarCallsUseNoBuffer) {
  const auto port = std::make_shared<FakePort>("(a: f64, b: record{x: f64, y: f64}) -> f64");
  const auto function = *TypedFunction<double(double, const Point&)>::make(port);
  EXPECT_EQ(*function(2.5, {1, 2}), 2.5);
  EXPECT_EQ(port->buffers, 0);
  using Signature = detail::Signature<double, double, Point>;
  EXPECT_EQ(Signature::kSignature.params_at, ValuesAt::Flat);
  EXPECT_EQ(Signature::kSignature.result_at, ValuesAt::Flat);
}

TEST(TypedFunction, ViewsCanBePassed) {
  const auto port =
      std::make_shared<FakePort>("(a: string, b: list<f64>, c: list<string>) -> string");
  const auto function = *TypedFunction<std::string(std::string_view, std::span<const double>,
                                                   std::span<const std::string_view>)>::make(port);
  const std::vector<double> numbers = {1, 2};
  const std::vector<std::string_view> texts = {"x"};
  EXPECT_EQ(*function("tea", numbers, texts), "tea");
}

TEST(TypedFunction, NothingCanBeTakenAndGiven) {
  const auto port = std::make_shared<FakePort>("()");
  EXPECT_TRUE((*TypedFunction<void()>::make(port))());
  EXPECT_EQ(port->calls, 1);
}

TEST(TypedFunction, ManyParamsAreSpilled) {
  std::string type = "(";
  for (int i = 0; i < 3; ++i)
    type += std::string(1, static_cast<char>('a' + i)) + ": tuple<u8, u8, u8, u8, u8, u8>, ";
  const auto port =
      std::make_shared<FakePort>((type + ") -> tuple<u8, u8, u8, u8, u8, u8>").c_str());
  using Six = std::array<std::uint8_t, 6>;
  using Tuple = std::tuple<std::uint8_t, std::uint8_t, std::uint8_t, std::uint8_t, std::uint8_t,
                           std::uint8_t>;
  EXPECT_FALSE((TypedFunction<Six(Six, Six, Six)>::make(port)));
  const auto function = *TypedFunction<Tuple(Tuple, Tuple, Tuple)>::make(port);
  const Tuple six{1, 2, 3, 4, 5, 6};
  EXPECT_EQ(*function(six, Tuple(), Tuple()), six);
  EXPECT_EQ((detail::Signature<Tuple, Tuple, Tuple, Tuple>::kSignature.params_at),
            ValuesAt::Buffer);
}

TEST(TypedFunction, ResourcesAreGivenAndLent) {
  const auto port = std::make_shared<FakePort>("(a: own<r>, b: borrow<r>) -> own<r>");
  const auto function = *TypedFunction<Resource(Resource, const Resource&)>::make(port);
  Resource mine(ValueHandle{"r", 7, port->handles.keep});
  const Resource lent(ValueHandle{"r", 8, port->handles.keep});
  const CallResult<Resource> back = function(std::move(mine), lent);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->handle().id, 7U);
  EXPECT_THAT(port->handles.given,
              ElementsAre(std::pair(7U, abi::HandlePart{0, abi::Ownership::Own}),
                          std::pair(8U, abi::HandlePart{1, abi::Ownership::Borrow})));
  const CallResult<Resource> refused = function(Resource(), lent);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, CallFailure::Kind::BadCall);
  EXPECT_EQ(refused.error().problems[0].code, "value-handle");
  EXPECT_EQ(port->calls, 1);
}

TEST(TypedFunction, ABufferIsUsedByWhoEntered) {
  const auto port = std::make_shared<FakePort>("(a: string) -> string");
  const auto function = *TypedFunction<std::string(std::string_view)>::make(port);
  EXPECT_EQ(*function("tea"), "tea");
  EXPECT_EQ(port->entered, 0);
  port->refusal.emplace().kind = CallFailure::Kind::Reentrance;
  const CallResult<std::string> refused = function("tea");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, CallFailure::Kind::Reentrance);
  EXPECT_EQ(port->buffers, 1);
  EXPECT_EQ(port->entered, 0);
}

TEST(TypedFunction, ResourcesMayStandInRecords) {
  const auto port = std::make_shared<FakePort>(
      "(a: list<record{handle: own<r>, balance: u64}>) -> list<record{handle: own<r>, balance: "
      "u64}>");
  const auto function =
      *TypedFunction<std::vector<acme::Account>(std::span<const acme::Account>)>::make(port);
  std::vector<acme::Account> accounts(2);
  accounts[0] = {Resource(ValueHandle{"r", 4, port->handles.keep}), 100};
  accounts[1] = {Resource(ValueHandle{"r", 5, port->handles.keep}), 200};
  const CallResult<std::vector<acme::Account>> back = function(accounts);
  ASSERT_TRUE(back);
  EXPECT_EQ((*back)[1].handle.handle().id, 5U);
  EXPECT_EQ((*back)[1].balance, 200U);
}

TEST(TypedFunction, WhatIsNoValueIsRefused) {
  const auto text = std::make_shared<FakePort>("(a: string)");
  const auto bad_text = (*TypedFunction<void(std::string)>::make(text))("\xff");
  ASSERT_FALSE(bad_text);
  EXPECT_EQ(bad_text.error().problems[0].where.item, "a");
  const auto character = std::make_shared<FakePort>("(a: char)");
  EXPECT_FALSE((*TypedFunction<void(char32_t)>::make(character))(0xd800));
  const auto flat = std::make_shared<FakePort>("(a: enum{red, dark-blue, green})");
  EXPECT_FALSE((*TypedFunction<void(Colour)>::make(flat))(static_cast<Colour>(77)));
  const auto list = std::make_shared<FakePort>("(a: list<enum{red, dark-blue, green}>)");
  const auto bad_label =
      (*TypedFunction<void(std::vector<Colour>)>::make(list))({static_cast<Colour>(77)});
  ASSERT_FALSE(bad_label);
  EXPECT_EQ(bad_label.error().problems[0].code, "value-label");
}

}  // namespace
}  // namespace tenon::typed_function_test
