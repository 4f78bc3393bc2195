// Calls of a running composition with C++ types.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <tuple>
#include <vector>

#include "engine/wat.h"
#include "tenon/composition.h"
#include "tenon/typed_function.h"

namespace tenon {
namespace {

constexpr const char* kShop = R"((component
  (core module $code
    (memory (export "memory") 1)
    (global $next (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32) (param $align i32) (param $size i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and
        (i32.add (global.get $next) (i32.sub (local.get $align) (i32.const 1)))
        (i32.sub (i32.const 0) (local.get $align))))
      (global.set $next (i32.add (local.get $at) (local.get $size)))
      (local.get $at))
    (func (export "add") (param i32 f64) (result f64)
      (f64.add (f64.convert_i32_u (local.get 0)) (local.get 1)))
    (func (export "echo") (param $at i32) (param $count i32) (result i32)
      (i32.store (i32.const 16) (local.get $at))
      (i32.store (i32.const 20) (local.get $count))
      (i32.const 16))
    (func (export "letter") (param i32) (result i32) (local.get 0))
    (func (export "fail") unreachable)
  )
  (core instance $shop (instantiate $code))
  (func (export "add") (param "a" u32) (param "b" f64) (result f64)
    (canon lift (core func $shop "add")))
  (func (export "echo") (param "items" (list (tuple string f64))) (result (list (tuple string f64)))
    (canon lift (core func $shop "echo") (memory $shop "memory") (realloc (func $shop "realloc"))))
  (func (export "letter") (param "a" char) (result char)
    (canon lift (core func $shop "letter")))
  (func (export "fail") (canon lift (core func $shop "fail")))
))";

Composition make_shop() {
  CompositionBuilder builder;
  builder.add_component("shop", *engine::wat_to_wasm("shop.wat", kShop));
  Result<Composition> made = builder.build();
  EXPECT_TRUE(made) << made.error()[0].message;
  return *std::move(made);
}

using Items = std::vector<std::tuple<std::string, double>>;

TEST(TypedCall, ScalarsAndListsComeBack) {
  const Composition shop = make_shop();
  const auto add = shop.function<double(std::uint32_t, double)>("", "add");
  ASSERT_TRUE(add) << add.error()[0].message;
  EXPECT_EQ(*(*add)(4000000000, 0.5), 4000000000.5);
  const auto echo = shop.function<Items(const Items&)>("", "echo");
  ASSERT_TRUE(echo) << echo.error()[0].message;
  const Items items = {{"tea", 2.5}, {"pot", 9}, {"", 0}};
  for (int i = 0; i < 3; ++i) {
    const CallResult<Items> back = (*echo)(items);
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(*back, items);
  }
}

TEST(TypedCall, TheSignatureIsCheckedOnce) {
  const Composition shop = make_shop();
  const auto wrong = shop.function<float(std::uint32_t, std::string)>("", "add");
  ASSERT_FALSE(wrong);
  ASSERT_EQ(wrong.error().size(), 2U);
  EXPECT_EQ(wrong.error()[0].code, "type-signature");
  EXPECT_EQ(wrong.error()[0].where.item, "$.b");
  EXPECT_EQ(wrong.error()[1].where.item, "$result");
  EXPECT_EQ((shop.function<void()>("", "ad").error()[0].code), "run-no-function");
}

TEST(TypedCall, WhatIsNoValueIsABadCallAndHarmsNobody) {
  const Composition shop = make_shop();
  const auto echo = *shop.function<Items(const Items&)>("", "echo");
  const CallResult<Items> bad = echo({{"tea", 1}, {"\xff", 2}});
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().kind, CallFailure::Kind::BadCall);
  ASSERT_EQ(bad.error().problems.size(), 1U);
  EXPECT_EQ(bad.error().problems[0].code, "value-type");
  EXPECT_EQ(bad.error().problems[0].where.item, "$.items[1].0");
  EXPECT_TRUE(echo({{"tea", 1}}));
  const auto letter = *shop.function<char32_t(char32_t)>("", "letter");
  const CallResult<char32_t> bad_letter = letter(0xd800);
  ASSERT_FALSE(bad_letter);
  EXPECT_EQ(bad_letter.error().kind, CallFailure::Kind::BadCall);
  EXPECT_EQ(bad_letter.error().problems[0].where.item, "$.a");
  EXPECT_EQ(*letter(U'x'), U'x');
}

TEST(TypedCall, ATrapIsAFailure) {
  const Composition shop = make_shop();
  const auto fail = *shop.function<void()>("", "fail");
  const CallResult<void> failed = fail();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, CallFailure::Kind::Trap);
}

TEST(TypedCall, AFunctionMayOutliveItsComposition) {
  const auto add = [] {
    const Composition shop = make_shop();
    return *shop.function<double(std::uint32_t, double)>("", "add");
  }();
  const CallResult<double> late = add(1, 2);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind, CallFailure::Kind::BadCall);
  EXPECT_EQ(late.error().problems[0].code, "run-no-function");
}

}  // namespace
}  // namespace tenon
