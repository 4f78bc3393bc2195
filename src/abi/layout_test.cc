#include "abi/layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "abi/test_types.h"
#include "support/limits.h"

namespace tenon::abi::layout_test {
namespace {

using P = types::Primitive;
using ::testing::ElementsAre;

struct Expected {
  std::uint32_t size;
  std::uint32_t align;
  std::string flat;  // i: i32, I: i64, f: f32, F: f64; "+" if there are too many
};

std::string flat_text(const FlatTypes& flat) {
  if (!flat.fits()) return "+";
  std::string text;
  for (const CoreType type : flat.types())
    text += type == CoreType::I32   ? 'i'
            : type == CoreType::I64 ? 'I'
            : type == CoreType::F32 ? 'f'
                                    : 'F';
  return text;
}

class LayoutOf : public ::testing::Test {
 protected:
  using TypeId = types::TypeId;
  const Layout& get(TypeId type) {
    layout_ = t.lay_out({type});
    return layout_.layouts[*layout_.layouts[layout_.params].parts[0].layout];
  }
  void expect(TypeId type, const Expected& expected) {
    const Layout& layout = get(type);
    EXPECT_EQ(layout.size, expected.size) << t.types.types.size() - 1;
    EXPECT_EQ(layout.align, expected.align) << t.types.types.size() - 1;
    EXPECT_EQ(flat_text(layout.flat), expected.flat) << t.types.types.size() - 1;
  }
  std::vector<std::uint32_t> offsets(TypeId type) {
    std::vector<std::uint32_t> offsets;
    for (const LayoutPart& part : get(type).parts) offsets.push_back(part.offset);
    return offsets;
  }

  TestTypes t;

 private:
  FunctionLayout layout_;
};

// Calculated by hand from CanonicalABI.md.
TEST_F(LayoutOf, ScalarsAndStrings) {
  expect(t(P::Bool), {1, 1, "i"});
  expect(t(P::S8), {1, 1, "i"});
  expect(t(P::U16), {2, 2, "i"});
  expect(t(P::U32), {4, 4, "i"});
  expect(t(P::S64), {8, 8, "I"});
  expect(t(P::F32), {4, 4, "f"});
  expect(t(P::F64), {8, 8, "F"});
  expect(t(P::Char), {4, 4, "i"});
  expect(t(P::String), {8, 4, "ii"});
  expect(t.own(), {4, 4, "i"});
  expect(t.borrow(), {4, 4, "i"});
}

TEST_F(LayoutOf, Records) {
  expect(t.tuple({t(P::U8), t(P::U64), t(P::U8)}), {24, 8, "iIi"});
  EXPECT_THAT(offsets(t.tuple({t(P::U8), t(P::U64), t(P::U8)})), ElementsAre(0, 8, 16));
  expect(t.record({{"a", t(P::U8)}, {"b", t(P::U16)}, {"c", t(P::U8)}, {"d", t(P::U32)}}),
         {12, 4, "iiii"});
  EXPECT_THAT(offsets(t.tuple({t(P::U8), t(P::U16), t(P::U8), t(P::U32)})),
              ElementsAre(0, 2, 4, 8));
  expect(t.tuple({t(P::U32), t(P::String), t(P::F64)}), {24, 8, "iiiF"});
  expect(t.tuple(std::vector<TypeId>(17, t(P::U8))), {17, 1, "+"});
  expect(t.tuple({}), {0, 1, ""});
}

TEST_F(LayoutOf, Variants) {
  expect(t.option(t(P::U8)), {2, 1, "ii"});
  expect(t.option(t(P::U64)), {16, 8, "iI"});
  expect(t.result({}, {}), {1, 1, "i"});
  expect(t.result(t(P::U32), t(P::F32)), {8, 4, "ii"});
  expect(t.result(t(P::F32), t(P::F64)), {16, 8, "iI"});
  expect(t.result(t(P::F32), t(P::F32)), {8, 4, "if"});
  expect(t.result(t(P::String), t(P::S64)), {16, 8, "iIi"});
  expect(t.option(t.option(t(P::U16))), {6, 2, "iii"});
  EXPECT_THAT(offsets(t.option(t.option(t(P::U16)))), ElementsAre(2, 2));
  expect(t.variant({{"a", t(P::U8)}, {"b", t.tuple({t(P::U8), t(P::U64)})}, {"c", {}}}),
         {24, 8, "iiI"});
}

TEST_F(LayoutOf, Discriminants) {
  expect(t.enumeration(1), {1, 1, "i"});
  expect(t.enumeration(256), {1, 1, "i"});
  expect(t.enumeration(257), {2, 2, "i"});
  expect(t.enumeration(65536), {2, 2, "i"});
  expect(t.enumeration(65537), {4, 4, "i"});
  EXPECT_EQ(get(t.enumeration(257)).discriminant_size, 2);
}

TEST_F(LayoutOf, Flags) {
  expect(t.flags(1), {1, 1, "i"});
  expect(t.flags(8), {1, 1, "i"});
  expect(t.flags(9), {2, 2, "i"});
  expect(t.flags(17), {4, 4, "i"});
  expect(t.flags(32), {4, 4, "i"});
  expect(t.flags(33), {8, 4, "ii"});
}

TEST_F(LayoutOf, Lists) {
  expect(t.list(t(P::U64)), {8, 4, "ii"});
  expect(t.map(t(P::String), t(P::U8)), {8, 4, "ii"});
  expect(t.list(t(P::U16), 3), {6, 2, "iii"});
  expect(t.list(t.tuple({t(P::U32), t(P::U8)}), 2), {16, 4, "iiii"});
  expect(t.list(t(P::U8), 17), {17, 1, "+"});
  const FunctionLayout layout = t.lay_out({t.map(t(P::U8), t(P::U64))});
  const Layout& map = layout.layouts[*layout.layouts[layout.params].parts[0].layout];
  const Layout& entry = layout.layouts[*map.parts[0].layout];
  EXPECT_EQ(entry.size, 16U);
  EXPECT_EQ(entry.parts[1].offset, 8U);
}

TEST(LayOutFunction, SpillsBySixteenAndOne) {
  TestTypes t;
  const types::TypeId u64 = t(P::U64);
  EXPECT_FALSE(t.lay_out(std::vector<types::TypeId>(16, u64), u64).has_spilled_params());
  const FunctionLayout spilled = t.lay_out(std::vector<types::TypeId>(17, u64), t(P::String));
  EXPECT_TRUE(spilled.has_spilled_params());
  EXPECT_TRUE(spilled.has_spilled_result());
  EXPECT_EQ(spilled.layouts[spilled.params].size, 17U * 8);
  const Layout& params = spilled.layouts[spilled.params];
  EXPECT_EQ(label_of(params, params.parts[16]), "p16");
  EXPECT_FALSE(t.lay_out({}, {}).has_spilled_result());
}

TEST_F(LayoutOf, PartsHaveLabels) {
  const auto labels_of_parts = [&](TypeId type) {
    const Layout& layout = get(type);
    std::vector<std::string> labels;
    for (const LayoutPart& part : layout.parts) labels.push_back(label_of(layout, part));
    return labels;
  };
  const TypeId u8 = t(P::U8);
  EXPECT_THAT(labels_of_parts(t.record({{"a", u8}, {"b", u8}})), ElementsAre("a", "b"));
  EXPECT_THAT(labels_of_parts(t.variant({{"x", {}}, {"y", u8}})), ElementsAre("x", "y"));
  EXPECT_THAT(labels_of_parts(t.enumeration(2)), ElementsAre("l0", "l1"));
  EXPECT_THAT(labels_of_parts(t.tuple({u8, u8})), ElementsAre("0", "1"));
  EXPECT_THAT(labels_of_parts(t.option(u8)), ElementsAre("none", "some"));
  EXPECT_THAT(labels_of_parts(t.result(u8, {})), ElementsAre("ok", "err"));
}

TEST_F(LayoutOf, TheTypeIsKept) {
  const TypeId u8 = t(P::U8);
  const TypeId shape = t.variant({{"x", {}}, {"y", u8}});
  EXPECT_EQ(get(shape).kind, TypeKind::Variant);
  EXPECT_EQ(get(shape).type, shape);
  EXPECT_EQ(get(shape).labels->find("y"), 1U);
  EXPECT_EQ(get(t.option(u8)).kind, TypeKind::Option);
  EXPECT_FALSE(get(t.option(u8)).labels);
  EXPECT_EQ(get(t.flags(3)).labels->find("l2"), 2U);
  const FunctionLayout layout = t.lay_out({t.map(u8, u8)});
  const Layout& params = layout.layouts[layout.params];
  EXPECT_EQ(params.kind, TypeKind::Tuple);
  EXPECT_FALSE(params.type.is_valid());
  const Layout& map = layout.layouts[*params.parts[0].layout];
  EXPECT_EQ(map.kind, TypeKind::Map);
  const Layout& entry = layout.layouts[*map.parts[0].layout];
  EXPECT_FALSE(entry.type.is_valid());
  EXPECT_EQ(label_of(entry, entry.parts[1]), "value");
}

TEST(LayOutFunction, NumbersHandlesByPlace) {
  TestTypes t;
  const types::TypeId own = t.own();
  const types::TypeId borrow = t.borrow();
  const types::TypeId pair = t.tuple({own, borrow});
  const FunctionLayout layout =
      t.lay_out({t.list(pair), t.result(pair, own), t.list(own, 3)}, t.option(own));
  const types::ResourceId r = t.resource();
  EXPECT_THAT(layout.param_handles,
              ElementsAre(HandleType{Shape::Own, r}, HandleType{Shape::Borrow, r},
                          HandleType{Shape::Own, r}, HandleType{Shape::Borrow, r},
                          HandleType{Shape::Own, r}, HandleType{Shape::Own, r}));
  EXPECT_THAT(layout.result_handles, ElementsAre(HandleType{Shape::Own, r}));
  const Layout& params = layout.layouts[layout.params];
  EXPECT_EQ(params.parts[1].handles, 2U);
  EXPECT_EQ(params.parts[2].handles, 5U);
  EXPECT_EQ(layout.layouts[*params.parts[1].layout].parts[1].handles, 2U);
}

TEST(LayOutFunction, RefusesUnsupportedTypes) {
  TestTypes t;
  const Result<FunctionLayout> result =
      lay_out_function(t.types, TestTypes::function({}, t.list(t.option(t(P::ErrorContext)))));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().front().code, "type-unsupported-value");
}

// The items are not part of the layout.
TEST(LayOutFunction, LaysOutStreamsAndFuturesAsHandles) {
  TestTypes t;
  const types::TypeId stream = t.add({types::Stream{t.list(t(P::U8))}});
  const types::TypeId future = t.add({types::Future{}});
  const Result<FunctionLayout> result =
      lay_out_function(t.types, TestTypes::function({stream}, t.list(future)));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->layouts[result->params].size, 4U);
  ASSERT_EQ(result->param_handles.size(), 1U);
  EXPECT_EQ(result->param_handles[0].transmitted, stream);
  ASSERT_EQ(result->result_handles.size(), 1U);
  EXPECT_EQ(result->result_handles[0].transmitted, future);
}

TEST(LayOutFunction, RefusesTypesThatAreTooLarge) {
  TestTypes t;
  const auto refuses = [&](types::TypeId type) {
    const Result<FunctionLayout> result = lay_out_function(t.types, TestTypes::function({type}));
    return !result && result.error().front().code == "type-too-large";
  };
  EXPECT_TRUE(refuses(t.list(t(P::U64), UINT32_MAX)));
  EXPECT_TRUE(refuses(t.list(t(P::U8), 1U << 28)));
  EXPECT_FALSE(refuses(t.list(t(P::U8), (1U << 28) - 1)));
  types::TypeId doubled = t.own();
  for (int i = 0; i < 20; ++i) doubled = t.tuple({doubled, doubled});
  EXPECT_TRUE(refuses(t.list(doubled)));
  types::TypeId deep = t(P::U8);
  for (std::uint32_t i = 0; i < limits::kNestingDepth; ++i) deep = t.list(deep);
  EXPECT_FALSE(refuses(deep));
  EXPECT_TRUE(refuses(t.list(deep)));
}

}  // namespace
}  // namespace tenon::abi::layout_test
