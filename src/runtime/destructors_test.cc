// Destructors that call back while a domain runs, ends or is swapped.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/function.h"
#include "tenon/host.h"
#include "tenon/task.h"
#include "tests/support/test_units.h"

namespace tenon::destructors_test {
namespace {

// Makes things, and counts the existing ones. The destructor of a thing that was made with 1 calls
// `back`. {0}: the code of the start function; {1}: the exports.
constexpr std::string_view kMaker = R"((component
  (import "t:t/back" (instance $needs
    (export "back" (func (result (result u32 (error string)))))))
  (core module $libc
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024)))
  (core instance $libc (instantiate $libc))
  (core func $back (canon lower (func $needs "back")
    (memory $libc "memory") (realloc (func $libc "realloc"))))
  (core module $count
    (import "" "back" (func $back (param i32)))
    (global $alive (mut i32) (i32.const 0))
    (func $start {0})
    (start $start)
    (func (export "born") (global.set $alive (i32.add (global.get $alive) (i32.const 1))))
    (func (export "drop") (param i32)
      (if (i32.eq (local.get 0) (i32.const 1)) (then (call $back (i32.const 16))))
      (global.set $alive (i32.sub (global.get $alive) (i32.const 1))))
    (func (export "alive") (result i32) (global.get $alive)))
  (core instance $count (instantiate $count (with "" (instance (export "back" (func $back))))))
  (type $thing (resource (rep i32) (dtor (func $count "drop"))))
  (core func $new (canon resource.new $thing))
  (core module $code
    (import "count" "born" (func $born))
    (import "" "new" (func $new (param i32) (result i32)))
    (func (export "make") (param i32) (result i32) (call $born) (call $new (local.get 0))))
  (core instance $code (instantiate $code (with "count" (instance $count))
    (with "" (instance (export "new" (func $new))))))
  (func $make (param "kind" u32) (result (own $thing)) (canon lift (core func $code "make")))
  (func $alive (result u32) (canon lift (core func $count "alive"))) {1}))";

constexpr std::string_view kMakerImport = R"(
  (import "t:t/maker" (instance $maker
    (export "thing" (type $t (sub resource)))
    (export "make" (func (param "kind" u32) (result (own $t))))
    (export "alive" (func (result u32)))))
  (alias export $maker "thing" (type $thing))
  (core func $make (canon lower (func $maker "make")))
  (core func $alive (canon lower (func $maker "alive")))
  (core func $drop (canon resource.drop $thing)))";

// Holds a thing until `back`.
constexpr std::string_view kHolder = R"((component {}
  (core module $code
    (import "" "drop" (func $drop (param i32)))
    (memory (export "memory") 1)
    (global $held (mut i32) (i32.const 0))
    (func (export "hold") (param i32) (global.set $held (local.get 0)))
    (func (export "back") (result i32)
      (if (global.get $held) (then (call $drop (global.get $held))))
      (global.set $held (i32.const 0))
      (i32.const 16)))
  (core instance $code (instantiate $code
    (with "" (instance (export "drop" (func $drop))))))
  (func $hold (param "thing" (own $thing)) (canon lift (core func $code "hold")))
  (func $back (result (result u32 (error string)))
    (canon lift (core func $code "back") (memory $code "memory")))
  (instance $holds (export "hold" (func $hold)))
  (instance $backs (export "back" (func $back)))
  (export "t:t/holder" (instance $holds))
  (export "t:t/back" (instance $backs))))";

constexpr std::string_view kUser = R"((component {}
  (import "t:t/holder" (instance $holder (export "hold" (func (param "thing" (own $thing))))))
  (core func $hold (canon lower (func $holder "hold")))
  (core module $code
    (import "" "make" (func $make (param i32) (result i32)))
    (import "" "drop" (func $drop (param i32)))
    (import "" "alive" (func $alive (result i32)))
    (import "" "hold" (func $hold (param i32)))
    (func (export "hold") (call $hold (call $make (i32.const 0))))
    (func (export "drop") (call $drop (call $make (i32.const 1))))
    (func (export "alive") (result i32) (call $alive)))
  (core instance $code (instantiate $code (with "" (instance
    (export "make" (func $make)) (export "drop" (func $drop)) (export "alive" (func $alive))
    (export "hold" (func $hold))))))
  (func (export "hold") (canon lift (core func $code "hold")))
  (func (export "drop") (canon lift (core func $code "drop")))
  (func (export "alive") (result u32) (canon lift (core func $code "alive")))))";

constexpr std::string_view kTicks = R"((component
  (core module $code
    (global $ticks (mut i32) (i32.const 0))
    (func (export "tick") (result i32)
      (global.set $ticks (i32.add (global.get $ticks) (i32.const 1)))
      (global.get $ticks)))
  (core instance $code (instantiate $code))
  (func $tick (result u32) (canon lift (core func $code "tick")))
  (instance $out (export "tick" (func $tick)))
  (export "t:t/ticks" (instance $out))))";

// Traps in its second start, while a thing exists whose destructor calls it.
constexpr std::string_view kOwner = R"((component {}
  (import "t:t/ticks" (instance $ticks (export "tick" (func (result u32)))))
  (core func $tick (canon lower (func $ticks "tick")))
  (core module $code
    (import "" "make" (func $make (param i32) (result i32)))
    (import "" "tick" (func $tick (result i32)))
    (memory (export "memory") 1)
    (func $start
      (if (i32.eq (call $tick) (i32.const 2))
        (then (drop (call $make (i32.const 1))) unreachable)))
    (start $start)
    (func (export "back") (result i32) (i32.const 16))
    (func (export "boom") unreachable)
    (func (export "seven") (result i32) (i32.const 7)))
  (core instance $code (instantiate $code (with "" (instance
    (export "make" (func $make)) (export "tick" (func $tick))))))
  (func $back (result (result u32 (error string)))
    (canon lift (core func $code "back") (memory $code "memory")))
  (instance $backs (export "back" (func $back)))
  (func (export "boom") (canon lift (core func $code "boom")))
  (func (export "seven") (result u32) (canon lift (core func $code "seven")))
  (export "t:t/back" (instance $backs))))";

class Destructors : public UnitsTest {
 protected:
  static std::string maker(std::string_view start) {
    return fmt::format(fmt::runtime(kMaker), start,
                       export_thing("t:t/maker", R"((param "kind" u32))", "alive"));
  }
  static std::string user_of_maker(std::string_view text) {
    return fmt::format(fmt::runtime(text), kMakerImport);
  }

  // Every unit has a domain of its own; the root's domain restarts.
  Composition build_things(std::string_view root,
                           std::initializer_list<std::pair<std::string_view, std::string>> units,
                           std::string_view back) {
    for (const auto& [name, text] : units) add(name, text, "isolated = true");
    say(
        fmt::format("[[wire]]\nimport = \"t:t/back\"\nprovider = \"{}\"\nlazy = true\n"
                    "[domains.{}]\nrestart = {{ on-trap = true, max = 9, within = \"1h\" }}",
                    back, root));
    return build(root);
  }
};

TEST_F(Destructors, ADestructorCanDropOtherResources) {
  const Composition things = build_things(
      "user",
      {{"maker", maker("nop")}, {"holder", user_of_maker(kHolder)}, {"user", user_of_maker(kUser)}},
      "holder");
  ASSERT_TRUE(things.call("", "hold", {}));
  EXPECT_EQ(**things.call("", "alive", {}), Value::u32(1));
  // The maker runs when the held thing is dropped.
  ASSERT_TRUE(things.call("", "drop", {}));
  EXPECT_EQ(**things.call("", "alive", {}), Value::u32(0));
}

TEST_F(Destructors, DropsDuringAFailedSwapTakeEffect) {
  Composition things = build_things(
      "user",
      {{"maker", maker("nop")}, {"holder", user_of_maker(kHolder)}, {"user", user_of_maker(kUser)}},
      "holder");
  ASSERT_TRUE(things.call("", "hold", {}));
  const std::string traps = write("traps", maker("(call $back (i32.const 16)) unreachable"));
  const Result<void> failed = things.swap("maker", traps, {.handles = SwapHandles::MakeStale});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().front().code, "run-trap");
  EXPECT_EQ(**things.call("", "alive", {}), Value::u32(0));
  const std::string calls = write("calls", maker("(call $back (i32.const 16))"));
  ASSERT_TRUE(things.call("", "hold", {}));
  ASSERT_TRUE(things.swap("maker", calls, {.handles = SwapHandles::MakeStale}));
  EXPECT_EQ(**things.call("", "alive", {}), Value::u32(0));
}

TEST_F(Destructors, DoNotCallADomainThatEnds) {
  const Composition things = build_things(
      "owner",
      {{"maker", maker("nop")}, {"owner", user_of_maker(kOwner)}, {"ticks", std::string(kTicks)}},
      "owner");
  EXPECT_EQ(**things.call("", "seven", {}), Value::u32(7));
  const auto failed = things.call("", "boom", {});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, CallFailure::Kind::Trap);
  // The third life does not begin before the second one has ended.
  const auto ended = things.call("", "seven", {});
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().kind, CallFailure::Kind::Ended);
  EXPECT_EQ(**things.call("", "seven", {}), Value::u32(7));
}

// Leaves a thing whose destructor makes a call.
constexpr std::string_view kLeaver = R"((component {}
  (core module $code
    (import "" "make" (func $make (param i32) (result i32)))
    (func (export "hold") (drop (call $make (i32.const 1))))
    (func (export "boom") unreachable))
  (core instance $code (instantiate $code (with "" (instance (export "make" (func $make))))))
  (func (export "hold") (canon lift (core func $code "hold")))
  (func (export "boom") (canon lift (core func $code "boom")))))";

TEST_F(Destructors, DoNotSwapADomainThatEnds) {
  add("maker", maker("nop"), "isolated = true");
  add("leaver", user_of_maker(kLeaver), "isolated = true");
  CompositionBuilder builder = make_builder("leaver");
  std::optional<Composition> things;
  std::string swapped;
  const std::string other = write("other", user_of_maker(kLeaver));
  builder.add_host_function("t:t/back", "back", [&]() -> Expected<std::uint32_t, std::string> {
    const Result<void> result = things->swap("leaver", other);
    swapped = result ? "fine" : result.error().front().message;
    return 0U;
  });
  things = built(std::move(builder));
  ASSERT_TRUE(things->call("", "hold", {}));
  ASSERT_FALSE(things->call("", "boom", {}));
  EXPECT_EQ(swapped, "`leaver` cannot be swapped: a call of it is in progress");
  ASSERT_TRUE(things->swap("leaver", other));
  EXPECT_TRUE(things->call("", "hold", {}));
}

// Returns two things with more values than are read; each calls `f` when it is dropped.
constexpr std::string_view kFlood = R"((component
  (import "t:t/host" (instance $host (export "f" (func))))
  (core func $f (canon lower (func $host "f")))
  (core module $dropping
    (import "" "f" (func $f))
    (global $drops (mut i32) (i32.const 0))
    (func (export "drop") (param i32)
      (global.set $drops (i32.add (global.get $drops) (i32.const 1)))
      (call $f))
    (func (export "drops") (result i32) (global.get $drops)))
  (core instance $dropping (instantiate $dropping
    (with "" (instance (export "f" (func $f))))))
  (type $b (resource (rep i32) (dtor (func $dropping "drop"))))
  (core func $new (canon resource.new $b))
  (core module $code
    (import "" "new" (func $new (param i32) (result i32)))
    (memory (export "memory") 160)
    (func (export "make") (result i32) (call $new (i32.const 1)))
    (func (export "flood") (param i32 i32) (result i32)
      (i32.store (i32.const 0) (i32.const 64))
      (i32.store (i32.const 4) (i32.const 9000000))
      (i32.store (i32.const 8) (call $new (i32.const 2)))
      (i32.store (i32.const 12) (call $new (i32.const 3)))
      (i32.const 0)))
  (core instance $code (instantiate $code (with "" (instance (export "new" (func $new))))))
  (func $make (result (own $b)) (canon lift (core func $code "make")))
  (func $flood (param "x" (borrow $b)) (param "y" (borrow $b))
    (result (tuple (list (tuple u8)) (own $b) (own $b)))
    (canon lift (core func $code "flood") (memory $code "memory")))
  (func $drops (result u32) (canon lift (core func $dropping "drops")))
  (component $shape
    (import "b" (type $b (sub resource)))
    (import "make" (func $make (result (own $b))))
    (import "flood" (func $flood (param "x" (borrow $b)) (param "y" (borrow $b))
      (result (tuple (list (tuple u8)) (own $b) (own $b)))))
    (import "drops" (func $drops (result u32)))
    (export $e "thing" (type $b))
    (export "make" (func $make) (func (result (own $e))))
    (export "flood" (func $flood) (func (param "x" (borrow $e)) (param "y" (borrow $e))
      (result (tuple (list (tuple u8)) (own $e) (own $e)))))
    (export "drops" (func $drops) (func (result u32))))
  (instance $out (instantiate $shape (with "b" (type $b)) (with "make" (func $make))
    (with "flood" (func $flood)) (with "drops" (func $drops))))
  (export "t:t/flood" (instance $out))))";

TEST_F(Destructors, ACallOfTheFunctionThatReturnedTheResourceChangesNothing) {
  add("flood", kFlood);
  CompositionBuilder builder = make_builder("flood");
  std::function<void()> in_drop;
  builder.add_host_function("t:t/host", "f", [&] {
    if (in_drop) in_drop();
  });
  const Composition flood = built(std::move(builder));
  const auto make = [&] { return **flood.call("", "make", {}); };
  const std::vector<Value> borrowed{make(), make()};
  const Function function = *flood.find_function("", "flood");
  in_drop = [&] { EXPECT_FALSE(function.call(borrowed)); };
  const auto refused = function.call(borrowed);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().problems.front().code, "value-too-large");
  EXPECT_EQ(**flood.call("", "drops", {}), Value::u32(2));
  in_drop = nullptr;
  // The borrowed resource still exists.
  EXPECT_EQ(function.call(borrowed).error().problems.front().code, "value-too-large");
  EXPECT_EQ(**flood.call("", "drops", {}), Value::u32(4));
}

// `block` waits for WASI 0.2, and keeps the whole store waiting meanwhile. A stream in its types makes the domain
// concurrent.
constexpr const char* kBlocking = R"((component
  (import "wasi:io/poll@0.2.0" (instance $poll
    (export "pollable" (type $pollable (sub resource)))
    (export "[method]pollable.block" (func (param "self" (borrow $pollable))))))
  (alias export $poll "pollable" (type $pollable))
  (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock
    (export "subscribe-duration" (func (param "when" u64) (result (own $pollable))))))
  (type (stream u8))
  (core func $block (canon lower (func $poll "[method]pollable.block")))
  (core func $subscribe (canon lower (func $clock "subscribe-duration")))
  (core module $code
    (import "" "block" (func $block (param i32)))
    (import "" "subscribe" (func $subscribe (param i64) (result i32)))
    (global $drops (mut i32) (i32.const 0))
    (func (export "drop") (param i32)
      (global.set $drops (i32.add (global.get $drops) (i32.const 1))))
    (func (export "drops") (result i32) (global.get $drops))
    (func (export "block") (param $ms i32) (result i32)
      (call $block (call $subscribe
        (i64.mul (i64.extend_i32_u (local.get $ms)) (i64.const 1000000))))
      (global.get $drops)))
  (core instance $code (instantiate $code (with "" (instance
    (export "block" (func $block)) (export "subscribe" (func $subscribe))))))
  (type $thing (resource (rep i32) (dtor (func $code "drop"))))
  (core func $new (canon resource.new $thing))
  (core module $maker
    (import "" "new" (func $new (param i32) (result i32)))
    (func (export "make") (result i32) (call $new (i32.const 1))))
  (core instance $maker (instantiate $maker (with "" (instance (export "new" (func $new))))))
  (func $make (result (own $thing)) (canon lift (core func $maker "make")))
  (func $wait (param "ms" u32) (result u32) (canon lift (core func $code "block")))
  (func $drops (result u32) (canon lift (core func $code "drops")))
  (component $shape
    (import "thing" (type $t (sub resource)))
    (import "make" (func $make (result (own $t))))
    (import "block" (func $block (param "ms" u32) (result u32)))
    (import "drops" (func $drops (result u32)))
    (export $e "thing" (type $t))
    (export "make" (func $make) (func (result (own $e))))
    (export "block" (func $block))
    (export "drops" (func $drops)))
  (instance $out (instantiate $shape (with "thing" (type $thing)) (with "make" (func $make))
    (with "block" (func $wait)) (with "drops" (func $drops))))
  (export "t:t/blocking" (instance $out))))";

TEST_F(Destructors, RunWhenAGuestNoLongerKeepsItsStoreWaiting) {
  add("blocking", kBlocking);
  Composition blocking = built(make_builder("blocking"));
  const auto block = *blocking.function<std::uint32_t(std::uint32_t)>("t:t/blocking", "block");
  const auto drops = *blocking.function<std::uint32_t()>("t:t/blocking", "drops");
  const auto make = *blocking.function<Resource()>("t:t/blocking", "make");
  std::optional<CallResult<Resource>> first(make());
  std::optional<CallResult<Resource>> second(make());
  ASSERT_TRUE(*first && *second);
  Task<CallResult<std::uint32_t>> task = block.start(50);
  first.reset();
  blocking.poll();
  second.reset();
  const std::optional<CallResult<std::uint32_t>> dropped = task.wait();
  ASSERT_TRUE(dropped && *dropped) << (dropped ? dropped->error().message : "the wait ended");
  EXPECT_EQ(**dropped, 0U) << "while it blocks";
  EXPECT_EQ(*drops(), 2U);
  // The next one is not delayed.
  (void)make();
  EXPECT_EQ(*drops(), 3U);
}

}  // namespace
}  // namespace tenon::destructors_test
