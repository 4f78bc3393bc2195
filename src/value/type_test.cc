#include "tenon/type.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "value/test_types.h"

namespace tenon::type_test {
namespace {

using testing::ElementsAre;
using value::function_of;
using value::type_of;

TEST(Type, GivesAccessToItsParts) {
  const Type item = type_of("record{name: string, tags: list<string, 3>}");
  EXPECT_EQ(item.kind(), TypeKind::Record);
  ASSERT_EQ(item.fields().size(), 2U);
  EXPECT_EQ(item.fields()[0].label, "name");
  const Type tags = item.fields()[1].type;
  EXPECT_EQ(tags.kind(), TypeKind::List);
  EXPECT_EQ(tags.element()->kind(), TypeKind::String);
  EXPECT_EQ(tags.length(), 3U);
  EXPECT_THAT(item.labels(), ElementsAre("name", "tags"));
  EXPECT_EQ(tags.fields().size(), 0U);

  EXPECT_THAT(type_of("variant{a, b(u8)}").labels(), ElementsAre("a", "b"));
  EXPECT_EQ(type_of("variant{a, b(u8)}").cases()[1].type->kind(), TypeKind::U8);
  EXPECT_THAT(type_of("enum{a, b}").labels(), ElementsAre("a", "b"));
  EXPECT_THAT(type_of("flags{a, b}").labels(), ElementsAre("a", "b"));
  EXPECT_EQ(type_of("option<u8>").cases()[1].label, "some");
  EXPECT_EQ(type_of("option<u8>").element()->kind(), TypeKind::U8);
  EXPECT_EQ(type_of("result<_, u8>").cases()[0].type, std::nullopt);
  EXPECT_EQ(type_of("result<_, u8>").cases()[1].label, "err");
  EXPECT_EQ(type_of("map<string, u8>").key()->kind(), TypeKind::String);
  EXPECT_EQ(type_of("map<string, u8>").element()->kind(), TypeKind::U8);
  EXPECT_EQ(type_of("tuple<u8, f64>").elements()[1].kind(), TypeKind::F64);
  EXPECT_EQ(type_of("own<connection>").resource(), "connection");
  EXPECT_EQ(type_of("borrow<connection>").kind(), TypeKind::Borrow);
  EXPECT_EQ(type_of("stream<u8>").element()->kind(), TypeKind::U8);
}

TEST(Type, HasOneKindPerPrimitive) {
  constexpr std::array kKinds = {TypeKind::Bool,  TypeKind::S8,  TypeKind::U8,  TypeKind::S16,
                                 TypeKind::U16,   TypeKind::S32, TypeKind::U32, TypeKind::S64,
                                 TypeKind::U64,   TypeKind::F32, TypeKind::F64, TypeKind::Char,
                                 TypeKind::String};
  constexpr std::array kNames = {"bool", "s8",  "u8",  "s16", "u16",  "s32",   "u32",
                                 "s64",  "u64", "f32", "f64", "char", "string"};
  for (std::size_t i = 0; i < kKinds.size(); ++i) {
    EXPECT_EQ(type_of(kNames[i]).kind(), kKinds[i]);
    EXPECT_EQ(type_of(kNames[i]).wit(), kNames[i]);
  }
}

TEST(Type, PrintsAsWit) {
  value::TypeGraph graph;
  const types::TypeId f64 = graph.types.primitive(types::Primitive::F64);
  const types::TypeId item = graph.types.types.add({types::Record{{{"price", f64}}}});
  const types::TypeId items = graph.types.types.add({types::List{item, {}}});
  graph.names.types.emplace(item, "item");
  const auto shared = std::make_shared<const value::TypeGraph>(std::move(graph));
  EXPECT_EQ(value::make_type(shared, items).wit(), "list<item>");
  EXPECT_EQ(value::make_type(shared, items).name(), "");
  EXPECT_EQ(value::make_type(shared, item).name(), "item");
  EXPECT_THAT(value::make_type(shared, item).declaration(),
              ElementsAre("record item {", "  price: f64,", "}"));
}

TEST(Type, ComparesByStructure) {
  for (const char* text :
       {"record{a: u8, b: list<string>}", "variant{a, b(u8)}", "tuple<u8, map<string, u8>>",
        "result<u8, string>", "flags{a}", "enum{a}", "option<list<u8, 2>>", "stream<u8>"})
    EXPECT_EQ(type_of(text), type_of(text)) << text;
  EXPECT_FALSE(type_of("list<u8>") == type_of("list<u8, 2>"));
  EXPECT_FALSE(type_of("record{a: u8}") == type_of("record{b: u8}"));
  EXPECT_FALSE(type_of("variant{a}") == type_of("variant{a(u8)}"));
  EXPECT_FALSE(type_of("u8") == type_of("u16"));
  EXPECT_FALSE(type_of("tuple<u8>") == type_of("tuple<u8, u8>"));
  EXPECT_FALSE(type_of("own<r>") == type_of("own<r>"))
      << "resources of two graphs are never the same";
  const std::vector<Type> pair = type_of("tuple<own<r>, own<r>, borrow<r>, own<s>>").elements();
  EXPECT_EQ(pair[0], pair[1]);
  EXPECT_FALSE(pair[0] == pair[2]);
  EXPECT_FALSE(pair[0] == pair[3]);
}

TEST(Type, ComparesSharedPartsOnce) {
  const auto make = [] {
    value::TypeGraph graph;
    types::TypeId id = graph.types.primitive(types::Primitive::U8);
    for (int i = 0; i < 90; ++i) id = graph.types.types.add({types::Tuple{{id, id}}});
    return value::make_type(std::make_shared<const value::TypeGraph>(std::move(graph)), id);
  };
  EXPECT_EQ(make(), make());
}

TEST(FunctionType, GivesAccessToItsParts) {
  const FunctionType function = function_of("(a: u8, b: option<u8>) -> result<u8, string>");
  ASSERT_EQ(function.params().size(), 2U);
  EXPECT_EQ(function.params()[1].label, "b");
  EXPECT_EQ(function.result()->wit(), "result<u8, string>");
  EXPECT_FALSE(function.is_async());
  EXPECT_EQ(function.wit("f"), "f: func(a: u8, b: option<u8>) -> result<u8, string>;");
  EXPECT_EQ(function_of("()").result(), std::nullopt);
  EXPECT_EQ(function, function_of("(a: u8, b: option<u8>) -> result<u8, string>"));
  EXPECT_FALSE(function == function_of("(a: u8, c: option<u8>) -> result<u8, string>"));
  EXPECT_FALSE(function == function_of("(a: u8, b: option<u8>)"));
}

}  // namespace
}  // namespace tenon::type_test
