// The memory of values that are passed to packages: small ones are in a block that is kept, others
// in blocks of their own.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/wat.h"
#include "tests/support/package_test.h"

namespace tenon::package_memory_test {
namespace {

// Calls its import twice, the second time with the result of the first: `first` and `second` return
// one of both results.
constexpr std::string_view kTwice = R"((module
  (import "math" "double" (func $double (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (global $top (mut i32) (i32.const 4096))
  (func (export "__pack_alloc") (param i32) (result i32)
    (global.set $top (i32.add (global.get $top) (local.get 0)))
    (i32.sub (global.get $top) (local.get 0)))
  (func (export "__pack_free") (param i32 i32))
  (func $run (param i32 i32)
    (drop (call $double (local.get 0) (local.get 1) (i32.const 0) (i32.const 4)))
    (drop (call $double (i32.load (i32.const 0)) (i32.load (i32.const 4))
                        (i32.const 8) (i32.const 12))))
  (func (export "first") (param i32 i32 i32 i32) (result i32)
    (call $run (local.get 0) (local.get 1))
    (i32.store (local.get 2) (i32.load (i32.const 0)))
    (i32.store (local.get 3) (i32.load (i32.const 4)))
    (i32.const 0))
  (func (export "second") (param i32 i32 i32 i32) (result i32)
    (call $run (local.get 0) (local.get 1))
    (i32.store (local.get 2) (i32.load (i32.const 8)))
    (i32.store (local.get 3) (i32.load (i32.const 12)))
    (i32.const 0))))";

TEST(PackageMemory, AResultOfAnImportStaysWhileItIsPassedOn) {
  const auto twice = engine::wat_to_wasm("twice.wat", kTwice);
  ASSERT_TRUE(twice);
  CompositionBuilder builder;
  builder.add_package("twice", *twice).add_package("doubler", package_guest("0.5.4", "doubler"));
  builder.wire({.consumer = "twice",
                .import = "math.double",
                .provider = "doubler",
                .export_name = "double"});
  const Result<Composition> composition = builder.build();
  ASSERT_TRUE(composition) << whole_text(composition.error());
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(call_unit(*composition, "twice", "first", Value::s64(5)), "10");
    EXPECT_EQ(call_unit(*composition, "twice", "second", Value::s64(5)), "20");
  }
}

// The exported memory is the second one. `pass` moves its argument through the first one, `ask` also
// calls its import.
constexpr std::string_view kTwoMemories = R"((module
  (import "math" "double" (func $double (param i32 i32 i32 i32) (result i32)))
  (memory $inner 1)
  (memory $outer (export "memory") 1)
  (global $top (mut i32) (i32.const 4096))
  (func (export "__pack_alloc") (param i32) (result i32)
    (global.set $top (i32.add (global.get $top) (local.get 0)))
    (i32.sub (global.get $top) (local.get 0)))
  (func (export "__pack_free") (param i32 i32))
  (func $move (param i32 i32)
    (memory.copy $inner $outer (i32.const 64) (local.get 0) (local.get 1))
    (memory.fill $outer (local.get 0) (i32.const 0xff) (local.get 1))
    (memory.copy $outer $inner (local.get 0) (i32.const 64) (local.get 1)))
  (func (export "pass") (param i32 i32 i32 i32) (result i32)
    (call $move (local.get 0) (local.get 1))
    (i32.store $outer (local.get 2) (local.get 0))
    (i32.store $outer (local.get 3) (local.get 1))
    (i32.const 0))
  (func (export "ask") (param i32 i32 i32 i32) (result i32)
    (call $move (local.get 0) (local.get 1))
    (call $double (local.get 0) (local.get 1) (local.get 2) (local.get 3)))
  ))";

TEST(PackageMemory, APackageCanHaveSeveralMemories) {
  const auto two = engine::wat_to_wasm("two.wat", kTwoMemories);
  ASSERT_TRUE(two) << whole_text(two.error());
  CompositionBuilder builder;
  builder.add_package("two", *two).add_package("math", package_guest("0.21.0", "math"));
  builder.add_package("adder", package_guest("0.5.4", "adder"));
  builder.wire(
      {.consumer = "adder", .import = "math.double", .provider = "two", .export_name = "ask"});
  const Result<Composition> composition = builder.build();
  ASSERT_TRUE(composition) << whole_text(composition.error());
  EXPECT_EQ(call_unit(*composition, "two", "pass", Value::string("moved")), "\"moved\"");
  EXPECT_EQ(call_unit(*composition, "two", "ask", Value::s64(21)), "42");
  EXPECT_EQ(call_unit(*composition, "adder", "process", Value::s64(21)), "43");
}

// Sizes in the wire form around those of the parts of the kept block; a string has 28 more bytes.
TEST(PackageMemory, ValuesOfAnySizeArePassedOnUnchanged) {
  CompositionBuilder builder;
  builder.add_package("front", package_guest("c", "forward"));
  builder.add_package("middle", package_guest("0.5.4", "chain"));
  builder.add_package("sink", package_guest("c", "sink"));
  builder.wire(
      {.consumer = "front", .import = "next.pass", .provider = "middle", .export_name = "call"});
  builder.wire(
      {.consumer = "middle", .import = "next.call", .provider = "sink", .export_name = "pass"});
  const Result<Composition> composition = builder.build();
  ASSERT_TRUE(composition) << whole_text(composition.error());
  const Result<Unit> front = composition->unit("front");
  ASSERT_TRUE(front);
  for (int i = 0; i < 2; ++i)
    for (const std::size_t size :
         {0U, 1U, 219U, 220U, 221U, 227U, 228U, 229U, 484U, 485U, 5'000U, 2U}) {
      const Value text = Value::string(std::string(size, static_cast<char>('a' + i)));
      const auto passed = front->call("pass", text);
      ASSERT_TRUE(passed) << size << describe_outcome(passed);
      EXPECT_TRUE(**passed == text) << size;
    }
}

}  // namespace
}  // namespace tenon::package_memory_test
