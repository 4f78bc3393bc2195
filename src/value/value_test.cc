#include "tenon/value.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace tenon::value_test {
namespace {

TEST(Value, HoldsTheValueItWasMadeFrom) {
  EXPECT_EQ(*Value::boolean(true).get_if<bool>(), true);
  EXPECT_EQ(*Value::s8(-1).get_if<std::int8_t>(), -1);
  EXPECT_EQ(*Value::u64(7).get_if<std::uint64_t>(), 7U);
  EXPECT_EQ(Value::u64(7).get_if<std::int64_t>(), nullptr);
  EXPECT_EQ(*Value::character(U'x').get_if<char32_t>(), U'x');
  EXPECT_EQ(*Value::string("tea").get_if<std::string>(), "tea");
  EXPECT_EQ(Value::s64(5).kind(), ValueKind::S64);
  EXPECT_EQ(Value::flags({}).kind(), ValueKind::Flags);
  EXPECT_EQ(Value::handle({"r", 3, nullptr}).kind(), ValueKind::Handle);
  EXPECT_EQ(kind_text(Value::err().kind()), "result");
  EXPECT_EQ(kind_text(Value::handle({}).kind()), "handle");
}

TEST(Value, FindsTheFieldsOfARecord) {
  const Value item = Value::record({{"name", Value::string("tea")}, {"price", Value::f64(2.5)}});
  const auto* record = item.get_if<ValueRecord>();
  ASSERT_NE(record, nullptr);
  EXPECT_EQ(*record->find("price"), Value::f64(2.5));
  EXPECT_EQ(record->find("prise"), nullptr);
}

TEST(Value, ListsOfScalarsArePackedInEveryConstructor) {
  const Value packed = Value::list(std::vector<std::uint8_t>{1, 2});
  const Value unpacked = Value::list({Value::u8(1), Value::u8(2)});
  EXPECT_EQ(packed, unpacked);
  const auto* list = unpacked.get_if<ValueList>();
  ASSERT_NE(list->get_if<std::uint8_t>(), nullptr);
  EXPECT_EQ(*list->get_if<std::uint8_t>(), (std::vector<std::uint8_t>{1, 2}));
  EXPECT_EQ(list->get_if<std::int8_t>(), nullptr);
  EXPECT_EQ(list->get_if<Value>(), nullptr);
  EXPECT_EQ((*list)[1], Value::u8(2));
  EXPECT_NE(packed, Value::list({Value::u16(1), Value::u16(2)}));
  EXPECT_EQ(Value::list({Value::boolean(true)}), Value::list(std::vector<bool>{true}));
}

TEST(Value, AnEmptyListIsAListOfEveryElementType) {
  EXPECT_EQ(Value::list({}), Value::list(std::vector<double>{}));
  const ValueList list;
  EXPECT_NE(list.get_if<std::uint8_t>(), nullptr);
  EXPECT_NE(list.get_if<Value>(), nullptr);
  EXPECT_TRUE(list.empty());
}

TEST(Value, VisitsPackedAndOtherElementsInOrder) {
  std::vector<Value> seen;
  const auto see = [&](const Value& element) { seen.push_back(element); };
  ValueList({Value::f32(1), Value::f32(2)}).for_each(see);
  ValueList({Value::string("a"), Value::u8(1)}).for_each(see);
  EXPECT_EQ(seen,
            (std::vector<Value>{Value::f32(1), Value::f32(2), Value::string("a"), Value::u8(1)}));
}

TEST(Value, ComparesAsTheComponentModelDoes) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(Value::f64(nan), Value::f64(-nan));
  EXPECT_EQ(Value::list({Value::f64(nan)}), Value::list({Value::f64(nan)}));
  EXPECT_NE(Value::f64(0.0), Value::f64(-0.0));
  EXPECT_NE(Value::u8(1), Value::u16(1));
  EXPECT_EQ(Value::flags({"a", "b"}), Value::flags({"b", "a", "b"}));
  EXPECT_NE(Value::flags({"a"}), Value::flags({"a", "b"}));
  EXPECT_EQ(Value::record({{"a", Value::u8(1)}, {"b", Value::u8(2)}}),
            Value::record({{"b", Value::u8(2)}, {"a", Value::u8(1)}}));
  EXPECT_NE(Value::record({{"a", Value::u8(1)}}), Value::record({{"b", Value::u8(1)}}));
  EXPECT_NE(Value::some(Value::none()), Value::none());
  EXPECT_NE(Value::ok(), Value::err());
  EXPECT_NE(Value::variant("a"), Value::variant("a", Value::u8(1)));
  EXPECT_NE(Value::map({{Value::u8(1), Value::u8(2)}}), Value::map({}));
  EXPECT_EQ(Value::handle({"r", 1, std::make_shared<int>(3)}), Value::handle({"r", 1, nullptr}));
  EXPECT_NE(Value::handle({"r", 1, nullptr}), Value::handle({"r", 2, nullptr}));
}

TEST(Value, CopiesAreIndependent) {
  Value value = Value::tuple({Value::string("a"), Value::u8(1)});
  const Value copy = value;
  value.get_if<ValueTuple>()->values[0] = Value::string("b");
  EXPECT_EQ(copy, Value::tuple({Value::string("a"), Value::u8(1)}));
}

}  // namespace
}  // namespace tenon::value_test
