// Chains of calls through more domains than a stack has room for: what does not fit gets a stack of its
// own, and code of a caller still runs on the stack of the caller.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <span>
#include <string>
#include <string_view>
#include <thread>

#include "engine/wat.h"
#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/function.h"
#include "tenon/value.h"

namespace tenon::deep_calls_test {
namespace {

using testing::HasSubstr;

// The memory of a unit. `allocate`: what its allocator does first.
std::string memory_text(std::string_view allocate = "") {
  return fmt::format(R"(
  (core module $memory
    (memory (export "memory") 1)
    (global $next (mut i32) (i32.const 1024))
    (func $realloc (export "realloc") (param i32 i32 i32 i32) (result i32)
      {}
      (global.get $next)
      (global.set $next (i32.add (global.get $next) (local.get 3)))))
  (core instance $m (instantiate $memory))
  (alias core export $m "memory" (core memory $memory))
  (alias core export $m "realloc" (core func $realloc)))",
                     allocate);
}

// Passes its text to `next` and returns the answer, after it has used stack for `frames` frames.
// allocate: see memory_text
std::string relay(std::string_view next, std::string_view name, int frames,
                  std::string_view allocate = "") {
  return fmt::format(R"((component
  (import "{}" (instance $next (export "f" (func (param "text" string) (result string)))))
  {}
  (core func $f (canon lower (func $next "f") (memory $memory) (realloc $realloc)))
  (core module $code
    (import "" "f" (func $f (param i32 i32 i32)))
    (func $dig (param i32 i32 i32) (result i32)
      (if (local.get 2) (then
        (return (i32.add
          (call $dig (local.get 0) (local.get 1) (i32.sub (local.get 2) (i32.const 1)))
          (i32.const 0)))))
      (call $f (local.get 0) (local.get 1) (i32.const 16))
      (i32.const 16))
    (func (export "f") (param i32 i32) (result i32)
      (call $dig (local.get 0) (local.get 1) (i32.const {}))))
  (core instance $i (instantiate $code (with "" (instance (export "f" (func $f))))))
  (func $lifted (param "text" string) (result string)
    (canon lift (core func $i "f") (memory $memory) (realloc $realloc)))
  (instance $lib (export "f" (func $lifted)))
  (export "{}" (instance $lib))))",
                     next, memory_text(allocate), frames, name);
}

// Passes its text to `next` from an asynchronous function.
std::string async_root(std::string_view next) {
  return fmt::format(R"((component
  (import "{}" (instance $next (export "f" (func (param "text" string) (result string)))))
  {}
  (core func $f (canon lower (func $next "f") (memory $memory) (realloc $realloc)))
  (core func $return (canon task.return (result string) (memory $memory)))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "f" (func $f (param i32 i32 i32)))
    (import "" "return" (func $return (param i32 i32)))
    (func (export "f") (param i32 i32) (result i32)
      (call $f (local.get 0) (local.get 1) (i32.const 16))
      (call $return (i32.load (i32.const 16)) (i32.load (i32.const 20)))
      (i32.const 0))
    (func (export "callback") (param i32 i32 i32) (result i32) unreachable))
  (core instance $i (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "f" (func $f)) (export "return" (func $return))))))
  (alias core export $i "callback" (core func $callback))
  (func (export "f") async (param "text" string) (result string)
    (canon lift (core func $i "f") async (callback $callback) (memory $memory)
      (realloc $realloc)))))",
                     next, memory_text());
}

// Answers with its text.
std::string echo(std::string_view name) {
  return fmt::format(R"((component
  {}
  (core module $code
    (import "" "memory" (memory 1))
    (func (export "f") (param i32 i32) (result i32)
      (i32.store (i32.const 16) (local.get 0))
      (i32.store (i32.const 20) (local.get 1))
      (i32.const 16)))
  (core instance $i (instantiate $code (with "" (instance (export "memory" (memory $memory))))))
  (func $lifted (param "text" string) (result string)
    (canon lift (core func $i "f") (memory $memory) (realloc $realloc)))
  (instance $lib (export "f" (func $lifted)))
  (export "{}" (instance $lib))))",
                     memory_text(), name);
}

std::string name_of(int unit) { return fmt::format("x:y/u{}", unit); }

void add(CompositionBuilder& builder, const std::string& name, const std::string& text) {
  const auto bytes = engine::wat_to_wasm(name, text);
  ASSERT_TRUE(bytes) << bytes.error().front().message;
  builder.add_component(name, *bytes);
}

// What a chain answers: `root`, and `relays` after it of which each uses `frames` frames.
std::string ask(const std::string& root, std::string_view interface, int relays, int frames) {
  CompositionBuilder builder;
  add(builder, "root", root);
  for (int i = 0; i < relays; ++i)
    add(builder, fmt::format("u{}", i), relay(name_of(i + 1), name_of(i), frames));
  add(builder, "echo", echo(name_of(relays)));
  builder.set_root("root");
  builder.isolate_all();
  const Result<Composition> built = builder.build();
  if (!built) return built.error().front().message;
  const Result<Function> function = built->find_function(interface, "f");
  if (!function) return function.error().front().message;
  const Value text = Value::string("hello");
  const auto answer = function->call(std::span(&text, 1));
  return answer ? *(*answer)->get_if<std::string>() : answer.error().message;
}

// Nearly all of the stack that the engine gives a guest.
constexpr int kManyFrames = 30000;

TEST(DeepCalls, BehindAConcurrentDomain) {
  EXPECT_EQ(ask(async_root(name_of(0)), "", 12, 0), "hello");
  EXPECT_EQ(ask(async_root(name_of(0)), "", 12, kManyFrames), "hello");
}

TEST(DeepCalls, FromAThread) {
  std::string answer;
  std::thread([&] {
    answer = ask(relay(name_of(0), "x:y/root", 0), "x:y/root", 60, kManyFrames);
  }).join();
  EXPECT_EQ(answer, "hello");
}

TEST(DeepCalls, AnAllocatorOverflowsTheStackOfItsGuest) {
  // The callees of some of them are on other stacks.
  for (int unit = 0; unit < 4; ++unit) {
    CompositionBuilder builder;
    add(builder, "root", async_root(name_of(0)));
    // Only the answer is longer than the text that fits.
    constexpr std::string_view kEndless =
        "(if (i32.gt_u (global.get $next) (i32.const 1024)) (then "
        "(drop (call $realloc (local.get 0) (local.get 1) (local.get 2) (local.get 3)))))";
    for (int i = 0; i < 4; ++i)
      add(builder, fmt::format("u{}", i),
          relay(name_of(i + 1), name_of(i), 0, i == unit ? kEndless : ""));
    add(builder, "echo", echo(name_of(4)));
    builder.set_root("root");
    builder.isolate_all();
    const Result<Composition> built = builder.build();
    ASSERT_TRUE(built) << built.error().front().message;
    const Value text = Value::string("hello");
    const auto answer = built->find_function("", "f")->call(std::span(&text, 1));
    ASSERT_FALSE(answer);
    EXPECT_THAT(answer.error().message, HasSubstr("call stack exhausted"));
    EXPECT_EQ(answer.error().unit, fmt::format("u{}", unit));
  }
}

}  // namespace
}  // namespace tenon::deep_calls_test
