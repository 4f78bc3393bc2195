// Calls of a running composition with C++ types.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "engine/wat.h"
#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/function.h"

namespace tenon::typed_call_test {
namespace {

// Memory and an allocator that frees nothing, within a core module.
constexpr std::string_view kAllocator = R"(
    (memory (export "memory") 1)
    (global $next (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32) (param $align i32) (param $size i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and
        (i32.add (global.get $next) (i32.sub (local.get $align) (i32.const 1)))
        (i32.sub (i32.const 0) (local.get $align))))
      (global.set $next (i32.add (local.get $at) (local.get $size)))
      (local.get $at)))";

// `make_composition` replaces ALLOCATOR with this text.
constexpr const char* kShop = R"((component
  (core module $code
    ALLOCATOR
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

// Like `echo`, with further functions that are lifted `async` and return several flat values, one,
// or none.
constexpr const char* kAsyncShop = R"((component
  (core module $libc
    ALLOCATOR)
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core func $return-items
    (canon task.return (result (list (tuple string f64))) (memory $memory)))
  (core func $return-sum (canon task.return (result f64)))
  (core func $return (canon task.return))
  (core module $code
    (import "" "items" (func $items (param i32 i32)))
    (import "" "sum" (func $sum (param f64)))
    (import "" "nothing" (func $nothing))
    (func (export "echo") (param i32 i32) (result i32)
      (call $items (local.get 0) (local.get 1)) (i32.const 0))
    (func (export "add") (param i32 f64) (result i32)
      (call $sum (f64.add (f64.convert_i32_u (local.get 0)) (local.get 1))) (i32.const 0))
    (func (export "close") (result i32) (call $nothing) (i32.const 0))
    (func (export "callback") (param i32 i32 i32) (result i32) unreachable))
  (core instance $shop (instantiate $code (with "" (instance
    (export "items" (func $return-items))
    (export "sum" (func $return-sum))
    (export "nothing" (func $return))))))
  (alias core export $shop "callback" (core func $callback))
  (func (export "echo") async (param "items" (list (tuple string f64)))
    (result (list (tuple string f64)))
    (canon lift (core func $shop "echo") async (memory $memory)
      (realloc (func $libc "realloc")) (callback $callback)))
  (func (export "add") async (param "a" u32) (param "b" f64) (result f64)
    (canon lift (core func $shop "add") async (callback $callback)))
  (func (export "close") async
    (canon lift (core func $shop "close") async (callback $callback)))
))";

// Numbered buckets; counts drops.
constexpr const char* kStore = R"((component
  (core module $dropping
    (global $drops (mut i32) (i32.const 0))
    (func (export "drop") (param i32)
      (global.set $drops (i32.add (global.get $drops) (i32.const 1))))
    (func (export "drops") (result i32) (global.get $drops)))
  (core instance $dropping (instantiate $dropping))
  (type $b (resource (rep i32) (dtor (func $dropping "drop"))))
  (core func $new (canon resource.new $b))
  (core func $rep (canon resource.rep $b))
  (core func $drop (canon resource.drop $b))
  (core module $code
    (import "" "new" (func $new (param i32) (result i32)))
    (import "" "rep" (func $rep (param i32) (result i32)))
    (import "" "drop" (func $drop (param i32)))
    (func (export "open") (param i32) (result i32) (call $new (local.get 0)))
    (func (export "get") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
    (func $close (export "close") (param i32) (result i32)
      (call $rep (local.get 0))
      (call $drop (local.get 0)))
    (func (export "pour") (param i32 i32) (result i32)
      (i32.add (call $close (local.get 0)) (local.get 1)))
    (func (export "mark") (param i32 i32) (result i32) (call $close (local.get 0))))
  (core module $memory
    (import "" "new" (func $new (param i32) (result i32)))
    (memory (export "memory") 160)
    (func (export "flood") (param i32) (result i32)
      (i32.store (i32.const 0) (i32.const 64))
      (i32.store (i32.const 4) (local.get 0))
      (i32.store (i32.const 8) (call $new (i32.const 1)))
      (i32.const 0)))
  (core instance $memory (instantiate $memory
    (with "" (instance (export "new" (func $new))))))
  (core instance $code (instantiate $code (with "" (instance
    (export "new" (func $new)) (export "rep" (func $rep)) (export "drop" (func $drop))))))
  (func $open (param "number" u32) (result (own $b)) (canon lift (core func $code "open")))
  (func $get (param "self" (borrow $b)) (param "plus" u32) (result u32)
    (canon lift (core func $code "get")))
  (func $close (param "closed" (own $b)) (result u32) (canon lift (core func $code "close")))
  (func $pour (param "from" (own $b)) (param "into" (borrow $b)) (result u32)
    (canon lift (core func $code "pour")))
  (func $mark (param "marked" (own $b)) (param "letter" char) (result u32)
    (canon lift (core func $code "mark")))
  (func $flood (param "size" u32) (result (tuple (list (tuple u8)) (own $b)))
    (canon lift (core func $memory "flood") (memory $memory "memory")))
  (func $drops (result u32) (canon lift (core func $dropping "drops")))
  (component $shape
    (import "b" (type $b (sub resource)))
    (import "open" (func $open (param "number" u32) (result (own $b))))
    (import "get" (func $get (param "self" (borrow $b)) (param "plus" u32) (result u32)))
    (import "close" (func $close (param "closed" (own $b)) (result u32)))
    (import "pour" (func $pour (param "from" (own $b)) (param "into" (borrow $b)) (result u32)))
    (import "mark" (func $mark (param "marked" (own $b)) (param "letter" char) (result u32)))
    (import "flood"
      (func $flood (param "size" u32) (result (tuple (list (tuple u8)) (own $b)))))
    (import "drops" (func $drops (result u32)))
    (export $e "bucket" (type $b))
    (export "open" (func $open) (func (param "number" u32) (result (own $e))))
    (export "[method]bucket.get" (func $get)
      (func (param "self" (borrow $e)) (param "plus" u32) (result u32)))
    (export "close" (func $close) (func (param "closed" (own $e)) (result u32)))
    (export "pour" (func $pour)
      (func (param "from" (own $e)) (param "into" (borrow $e)) (result u32)))
    (export "mark" (func $mark)
      (func (param "marked" (own $e)) (param "letter" char) (result u32)))
    (export "flood" (func $flood)
      (func (param "size" u32) (result (tuple (list (tuple u8)) (own $e)))))
    (export "drops" (func $drops) (func (result u32))))
  (instance $store (instantiate $shape
    (with "b" (type $b)) (with "open" (func $open)) (with "get" (func $get))
    (with "close" (func $close)) (with "pour" (func $pour)) (with "mark" (func $mark))
    (with "flood" (func $flood)) (with "drops" (func $drops))))
  (export "acme:kv/store" (instance $store))
))";

Composition make_composition(std::string text) {
  constexpr std::string_view kMark = "ALLOCATOR";
  if (const std::size_t at = text.find(kMark); at != text.npos)
    text.replace(at, kMark.size(), kAllocator);
  CompositionBuilder builder;
  builder.add_component("unit", *engine::wat_to_wasm("unit.wat", text));
  Result<Composition> composition = builder.build();
  EXPECT_TRUE(composition) << composition.error()[0].message;
  return *std::move(composition);
}

using Items = std::vector<std::tuple<std::string, double>>;

void scalars_and_lists_come_back(const Composition& shop) {
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

TEST(TypedCall, ScalarsAndListsComeBack) { scalars_and_lists_come_back(make_composition(kShop)); }

TEST(TypedCall, AnAsyncFunctionIsAwaited) {
  const Composition shop = make_composition(kAsyncShop);
  scalars_and_lists_come_back(shop);
  const auto close = shop.function<void()>("", "close");
  ASSERT_TRUE(close) << close.error()[0].message;
  EXPECT_TRUE((*close)());
}

TEST(TypedCall, TheSignatureIsCheckedOnce) {
  const Composition shop = make_composition(kShop);
  const auto wrong = shop.function<float(std::uint32_t, std::string)>("", "add");
  ASSERT_FALSE(wrong);
  ASSERT_EQ(wrong.error().size(), 2U);
  EXPECT_EQ(wrong.error()[0].code, "type-signature");
  EXPECT_EQ(wrong.error()[0].where.item, "$.b");
  EXPECT_EQ(wrong.error()[1].where.item, "$result");
  EXPECT_EQ((shop.function<void()>("", "ad").error()[0].code), "run-no-function");
}

TEST(TypedCall, AnInvalidValueIsABadCallWithoutSideEffects) {
  const Composition shop = make_composition(kShop);
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
  const Composition shop = make_composition(kShop);
  const auto fail = *shop.function<void()>("", "fail");
  const CallResult<void> failed = fail();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, CallFailure::Kind::Trap);
}

TEST(TypedCall, ResourcesAreOwnedAndBorrowed) {
  const Composition store = make_composition(kStore);
  const char* interface = "acme:kv/store";
  const auto open = *store.function<Resource(std::uint32_t)>(interface, "open");
  const auto get = *store.function<std::uint32_t(const Resource&, std::uint32_t)>(
      interface, "[method]bucket.get");
  const auto close = *store.function<std::uint32_t(Resource)>(interface, "close");
  const auto drops = *store.function<std::uint32_t()>(interface, "drops");
  {
    CallResult<Resource> bucket = open(40);
    ASSERT_TRUE(bucket) << bucket.error().message;
    EXPECT_FALSE(bucket->is_empty());
    EXPECT_EQ(*get(*bucket, 2), 42U);
    EXPECT_EQ(*get(*bucket, 3), 43U);
    EXPECT_EQ(*drops(), 0U);
  }
  EXPECT_EQ(*drops(), 1U);
  EXPECT_EQ(*close(*open(7)), 7U);
  EXPECT_EQ(*drops(), 2U);
  const CallResult<std::uint32_t> empty = get(Resource(), 1);
  ASSERT_FALSE(empty);
  EXPECT_EQ(empty.error().kind, CallFailure::Kind::BadCall);
  EXPECT_EQ(empty.error().problems[0].code, "value-handle");
}

TEST(TypedCall, AResourceOfARefusedCallStaysWithTheProgram) {
  const Composition store = make_composition(kStore);
  const char* interface = "acme:kv/store";
  const auto open = *store.function<Resource(std::uint32_t)>(interface, "open");
  const auto mark = *store.function<std::uint32_t(Resource, char32_t)>(interface, "mark");
  const auto drops = *store.function<std::uint32_t()>(interface, "drops");
  const CallResult<std::uint32_t> refused = mark(*open(7), 0xd800);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().problems[0].code, "value-type");
  EXPECT_EQ(*drops(), 1U);
  EXPECT_EQ(*mark(*open(8), U'x'), 8U);
  EXPECT_EQ(*drops(), 2U);
}

TEST(TypedCall, AResourceIsPassedOnceInACall) {
  const Composition store = make_composition(kStore);
  const char* interface = "acme:kv/store";
  const auto open = *store.function<Resource(std::uint32_t)>(interface, "open");
  const auto pour = *store.function<std::uint32_t(Resource, const Resource&)>(interface, "pour");
  const auto drops = *store.function<std::uint32_t()>(interface, "drops");
  const Resource bucket = *open(3);
  const CallResult<std::uint32_t> twice = pour(Resource(bucket.handle()), bucket);
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().kind, CallFailure::Kind::BadCall);
  EXPECT_EQ(twice.error().problems[0].code, "value-handle");
  EXPECT_THAT(twice.error().problems[0].message, testing::HasSubstr("passed twice"));
  EXPECT_EQ(*drops(), 0U);
  // The task of a refused call does not keep it.
  const Resource other = *open(6);
  const auto refused = pour.start(Resource(other.handle()), other);
  EXPECT_TRUE(refused.is_done());
  EXPECT_TRUE(pour(Resource(other.handle()), bucket));
  // It is allowed in another call.
  EXPECT_EQ(*pour(*open(4), bucket), 7U);
  EXPECT_EQ(*pour(*open(5), bucket), 8U);
}

TEST(TypedCall, AResultOfTooManyValuesIsRefused) {
  const Composition store = make_composition(kStore);
  const auto flood = [&](std::uint32_t size) {
    const std::vector<Value> arguments = {Value::u32(size)};
    return store.call("acme:kv/store", "flood", arguments);
  };
  const auto refused = flood(9'000'000);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, CallFailure::Kind::BadCall);
  EXPECT_EQ(refused.error().unit, "unit");
  ASSERT_EQ(refused.error().problems.size(), 1U);
  EXPECT_EQ(refused.error().problems[0].code, "value-too-large");
  EXPECT_EQ(refused.error().problems[0].where.item, "$result");
  // The other handles of the call are dropped, and the unit survives.
  const auto drops = *store.function<std::uint32_t()>("acme:kv/store", "drops");
  EXPECT_EQ(*drops(), 1U);
  EXPECT_TRUE(flood(2));
  EXPECT_EQ(*drops(), 2U);
}

TEST(TypedCall, AFunctionCanOutliveItsComposition) {
  const auto add = [] {
    const Composition shop = make_composition(kShop);
    return *shop.function<double(std::uint32_t, double)>("", "add");
  }();
  const CallResult<double> late = add(1, 2);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind, CallFailure::Kind::BadCall);
  EXPECT_EQ(late.error().problems[0].code, "run-no-function");
}

}  // namespace
}  // namespace tenon::typed_call_test
