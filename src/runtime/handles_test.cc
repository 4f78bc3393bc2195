// Own handles in calls that fail halfway: each is dropped once, where it was made, or stays with
// the caller, in one composition and in two. Also handles that the program passes while it is
// called back.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/function.h"
#include "tenon/host.h"
#include "tests/support/call_test.h"
#include "tests/support/test_units.h"

namespace tenon::handles_test {
namespace {

// Makes things, and counts the existing ones. {}: the exports.
constexpr std::string_view kMaker = R"((component
  (core module $count
    (global $alive (mut i32) (i32.const 0))
    (func (export "born") (global.set $alive (i32.add (global.get $alive) (i32.const 1))))
    (func (export "drop") (param i32)
      (global.set $alive (i32.sub (global.get $alive) (i32.const 1))))
    (func (export "alive") (result i32) (global.get $alive)))
  (core instance $count (instantiate $count))
  (type $thing (resource (rep i32) (dtor (func $count "drop"))))
  (core func $new (canon resource.new $thing))
  (core module $code
    (import "count" "born" (func $born))
    (import "" "new" (func $new (param i32) (result i32)))
    (func (export "make") (result i32) (call $born) (call $new (i32.const 7))))
  (core instance $code (instantiate $code (with "count" (instance $count))
    (with "" (instance (export "new" (func $new))))))
  (func $make (result (own $thing)) (canon lift (core func $code "make")))
  (func $alive (result u32) (canon lift (core func $count "alive"))) {}))";

// The imports of the other two.
constexpr std::string_view kMakerImport = R"(
  (import "t:t/maker" (instance $maker
    (export "thing" (type $t (sub resource)))
    (export "make" (func (result (own $t))))
    (export "alive" (func (result u32)))))
  (alias export $maker "thing" (type $thing))
  (core func $make (canon lower (func $maker "make")))
  (core func $alive (canon lower (func $maker "alive")))
  (core func $drop (canon resource.drop $thing))
  (core module $libc
    (memory (export "memory") 1)
    (global $next (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32) (param $size i32) (result i32)
      (if (i32.eq (local.get $size) (i32.const 13)) (then unreachable))
      (global.set $next (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
      (global.get $next)
      (global.set $next (i32.add (global.get $next) (local.get $size)))))
  (core instance $libc (instantiate $libc)))";

// Passes things, and breaks calls.
constexpr std::string_view kKeeper = R"((component {}
  (core module $code
    (import "libc" "memory" (memory 1))
    (import "" "make" (func $make (result i32)))
    (import "" "drop" (func $drop (param i32)))
    ;; 0: well. 1: a character that is none. 2: a trap in post-return.
    (func (export "give") (param $how i32) (result i32)
      (i32.store (i32.const 16) (i32.const 0))
      (i32.store (i32.const 20) (call $make))
      (i32.store (i32.const 24)
        (select (i32.const 0xd800) (i32.const 97) (i32.eq (local.get $how) (i32.const 1))))
      (i32.store (i32.const 28) (local.get $how))
      (i32.const 16))
    (func (export "given") (param i32)
      (if (i32.eq (i32.load (i32.const 28)) (i32.const 2)) (then unreachable)))
    (func (export "take") (param i32 i32) (call $drop (local.get 0)))
    ;; 0: a trap.
    (func (export "check") (param $thing i32) (param $text i32) (param $size i32) (param $more i32)
      (param $how i32) (result i32)
      (if (i32.eqz (local.get $how)) (then unreachable))
      (call $drop (local.get $thing))
      (call $drop (local.get $more))
      (i32.store (i32.const 16) (i32.const 0))
      (i32.store (i32.const 20) (local.get $how))
      (i32.const 16)))
  (core instance $code (instantiate $code (with "libc" (instance $libc))
    (with "" (instance (export "make" (func $make)) (export "drop" (func $drop))))))
  (func $give (param "how" u32) (result (result (tuple (own $thing) char) (error string)))
    (canon lift (core func $code "give") (memory $libc "memory")
      (post-return (func $code "given"))))
  (func $take (param "thing" (own $thing)) (param "letter" char)
    (canon lift (core func $code "take")))
  (func $check (param "thing" (own $thing)) (param "text" string) (param "more" (own $thing))
    (param "how" u32) (result (result u32 (error string)))
    (canon lift (core func $code "check") (memory $libc "memory")
      (realloc (func $libc "realloc"))))
  (instance $out (export "give" (func $give)) (export "take" (func $take))
    (export "check" (func $check)))
  (export "t:t/keeper" (instance $out))))";

constexpr std::string_view kUser = R"((component {}
  (import "t:t/keeper" (instance $keeper
    (export "give"
      (func (param "how" u32) (result (result (tuple (own $thing) char) (error string)))))
    (export "take" (func (param "thing" (own $thing)) (param "letter" char)))
    (export "check" (func (param "thing" (own $thing)) (param "text" string)
      (param "more" (own $thing)) (param "how" u32) (result (result u32 (error string)))))))
  (core func $give (canon lower (func $keeper "give")
    (memory $libc "memory") (realloc (func $libc "realloc"))))
  (core func $take (canon lower (func $keeper "take")))
  (core func $check (canon lower (func $keeper "check")
    (memory $libc "memory") (realloc (func $libc "realloc"))))
  (core module $code
    (import "libc" "memory" (memory 1))
    (import "" "make" (func $make (result i32)))
    (import "" "alive" (func $alive (result i32)))
    (import "" "drop" (func $drop (param i32)))
    (import "" "give" (func $give (param i32 i32)))
    (import "" "take" (func $take (param i32 i32)))
    (import "" "check" (func $check (param i32 i32 i32 i32 i32 i32)))
    ;; Of an error the first character, else 0.
    (func $told (result i32)
      (if (result i32) (i32.load8_u (i32.const 32))
        (then (i32.load8_u (i32.load (i32.const 36)))) (else (i32.const 0))))
    (func (export "give") (param i32) (result i32)
      (call $give (local.get 0) (i32.const 32))
      (if (i32.eqz (i32.load8_u (i32.const 32))) (then (call $drop (i32.load (i32.const 36)))))
      (call $told))
    (func (export "take") (param i32) (call $take (call $make) (local.get 0)))
    (func (export "check") (param $size i32) (param $how i32) (result i32)
      (call $check (call $make) (i32.const 64) (local.get $size) (call $make) (local.get $how)
        (i32.const 32))
      (call $told))
    (func (export "alive") (result i32) (call $alive)))
  (core instance $code (instantiate $code (with "libc" (instance $libc))
    (with "" (instance (export "make" (func $make)) (export "alive" (func $alive))
      (export "drop" (func $drop)) (export "give" (func $give)) (export "take" (func $take))
      (export "check" (func $check))))))
  (func (export "give") (param "how" u32) (result u32) (canon lift (core func $code "give")))
  (func (export "take") (param "letter" u32) (canon lift (core func $code "take")))
  (func (export "check") (param "size" u32) (param "how" u32) (result u32)
    (canon lift (core func $code "check")))
  (func (export "alive") (result u32) (canon lift (core func $code "alive")))))";

// The place of `maker` and `keeper`.
enum class Owner {
  Same,        // in the composition of `user`
  Other,       // in a composition that shares them
  Concurrent,  // like Other, and they need engines with concurrency
};

class Handles : public UnitsTest, public testing::WithParamInterface<Owner> {
 protected:
  // `user` calls `keeper`, and `maker` makes the resources that are passed. Each has a domain of
  // its own.
  Composition build_things() {
    start_over();
    constexpr std::string_view kIsolated = "isolated = true";
    // An unused type of concurrent components.
    const std::string_view need = GetParam() == Owner::Concurrent ? "(type (stream u8))" : "";
    add("maker",
        fmt::format(fmt::runtime(kMaker),
                    fmt::format("{}{}", export_thing("t:t/maker", "", "alive"), need)),
        kIsolated);
    add("keeper", fmt::format(fmt::runtime(kKeeper), fmt::format("{}{}", kMakerImport, need)),
        kIsolated);
    std::optional<Composition> owner;
    if (GetParam() != Owner::Same) {
      owner = build("keeper");
      start_over();
    }
    add("user", fmt::format(fmt::runtime(kUser), kMakerImport), kIsolated);
    say("[domains.user]\nrestart = { on-trap = true, max = 9, within = \"1h\" }");
    CompositionBuilder all = make_builder("user");
    if (owner)
      for (const char* name : {"maker", "keeper"}) all.add_unit(name, *owner->unit(name));
    return built(all);
  }

  // The result of a function of `user`; nothing if it failed.
  static std::optional<std::uint32_t> call(const Composition& things, std::string_view name,
                                           const std::vector<Value>& arguments = {}) {
    const auto result = things.call("", name, arguments);
    if (!result || !*result) return std::nullopt;
    return *(*result)->get_if<std::uint32_t>();
  }
  static std::optional<std::uint32_t> alive(const Composition& things) {
    return call(things, "alive");
  }
};

TEST_P(Handles, AReceivedResultIsDroppedByTheReceiver) {
  const Composition things = build_things();
  EXPECT_EQ(call(things, "give", {Value::u32(0)}), 0);
  EXPECT_EQ(alive(things), 0);
}

TEST_P(Handles, AResultThatFailsHalfwayPassesNone) {
  const Composition things = build_things();
  EXPECT_EQ(call(things, "give", {Value::u32(1)}), '`');
  EXPECT_EQ(alive(things), 0);
}

TEST_P(Handles, ATrapInPostReturnDropsThem) {
  const Composition things = build_things();
  EXPECT_EQ(call(things, "give", {Value::u32(2)}), '`');
  EXPECT_EQ(alive(things), 0);
}

TEST_P(Handles, ACallerThatBreaksItsCallLosesThem) {
  const Composition things = build_things();
  EXPECT_EQ(call(things, "take", {Value::u32(0xd800)}), std::nullopt);
  EXPECT_EQ(alive(things), 0);
  // The callee survives.
  EXPECT_EQ(call(things, "give", {Value::u32(0)}), 0);
}

TEST_P(Handles, ACalleeThatBreaksTheCallLosesThem) {
  // It has both, or the first one, or it ended before and gets neither.
  for (const std::uint32_t size : {1U, 13U}) {
    const Composition things = build_things();
    EXPECT_EQ(call(things, "check", {Value::u32(size), Value::u32(0)}), '`') << size;
    EXPECT_EQ(alive(things), 0) << size;
    EXPECT_EQ(call(things, "check", {Value::u32(size), Value::u32(1)}), 'a') << size;
    EXPECT_EQ(alive(things), 0) << size;
  }
}

std::string name_of(const testing::TestParamInfo<Owner>& tested) {
  constexpr const char* kNames[] = {"Same", "Other", "Concurrent"};
  return kNames[static_cast<std::size_t>(tested.param)];
}
INSTANTIATE_TEST_SUITE_P(Owners, Handles,
                         testing::Values(Owner::Same, Owner::Other, Owner::Concurrent), name_of);

// -- While the program is called

// Calls the program in its start and before it uses the counter that it was passed.
constexpr std::string_view kCaller = R"((component
  (import "demo:domains/lib@1.0.0" (instance $lib
    (export "counter" (type $c (sub resource)))
    (export "[method]counter.next" (func (param "self" (borrow $c)) (result u32)))))
  (alias export $lib "counter" (type $counter))
  (import "test:u/host" (instance $host
    (export "f" (func (param "n" u32)))
    (export "take" (func (result (own $counter))))))
  (core func $next (canon lower (func $lib "[method]counter.next")))
  (core func $f (canon lower (func $host "f")))
  (core func $take (canon lower (func $host "take")))
  (core func $drop (canon resource.drop $counter))
  (core module $code
    (import "" "next" (func $next (param i32) (result i32)))
    (import "" "f" (func $f (param i32)))
    (import "" "take" (func $take (result i32)))
    (import "" "drop" (func $drop (param i32)))
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
    (func $start (call $f (i32.const 0)))
    (start $start)
    (func $use (param i32) (result i32)
      (call $next (local.get 0))
      (call $drop (local.get 0)))
    (func (export "run") (param i32) (result i32)
      (call $f (i32.const 1))
      (call $use (local.get 0)))
    (func (export "trade") (param i32) (result i32)
      (call $drop (call $take))
      (call $use (local.get 0)))
    (func (export "eat") (param i32) (result i32) (call $use (local.get 0)))
    (func (export "echo") (param i32) (result i32) (local.get 0))
    (func (export "length") (param i32 i32) (result i32) (local.get 1))
    (func (export "boom") unreachable))
  (core instance $i (instantiate $code (with "" (instance
    (export "next" (func $next)) (export "f" (func $f)) (export "take" (func $take))
    (export "drop" (func $drop))))))
  (func $run (param "c" (borrow $counter)) (result u32) (canon lift (core func $i "run")))
  (func $trade (param "c" (borrow $counter)) (result u32) (canon lift (core func $i "trade")))
  (func $eat (param "c" (own $counter)) (result u32) (canon lift (core func $i "eat")))
  (func $echo (param "n" u32) (result u32) (canon lift (core func $i "echo")))
  (func $length (param "text" string) (result u32)
    (canon lift (core func $i "length") (memory $i "memory") (realloc (func $i "realloc"))))
  (func $boom (canon lift (core func $i "boom")))
  (instance $out (export "run" (func $run)) (export "trade" (func $trade))
    (export "eat" (func $eat)) (export "echo" (func $echo)) (export "length" (func $length))
    (export "boom" (func $boom)))
  (export "test:u/caller" (instance $out))))";

class HandlesInCalls : public UnitsTest {
 protected:
  void SetUp() override {
    CompositionBuilder builder;
    builder.add_component("lib", domain_guest("lib"));
    builder.add_component("caller", write("caller", kCaller));
    builder.add_host_function("test:u/host", "f", [this](std::uint32_t n) {
      if (in_call_) in_call_(n);
    });
    builder.add_host_function("test:u/host", "take", [this](std::span<const Value>) -> Value {
      return arguments_.front();
    });
    builder.isolate_all();
    builder.set_root("caller");
    builder.restart("caller", {.max = 9});
    all_ = built(std::move(builder));
    arguments_ = {make(5)};
  }
  void TearDown() override {
    arguments_.clear();
    in_call_ = nullptr;
  }

  // A counter.
  Value make(std::uint32_t start) {
    return **ask("lib", "[constructor]counter", {Value::u32(start)});
  }
  CallResultOfValue ask(std::string_view unit, std::string_view name,
                        const std::vector<Value>& arguments = {}) {
    return all_->unit(unit)->call("", name, arguments);
  }
  // Gives the counter away; makes another one if it is gone.
  std::string give_away() {
    const auto consumed = ask("lib", "consume", arguments_);
    other_ = make(100);
    return consumed ? "it was given" : consumed.error().problems.front().message;
  }

  std::optional<Composition> all_;
  std::vector<Value> arguments_;  // a counter
  std::optional<Value> other_;
  std::function<void(std::uint32_t)> in_call_;
};

constexpr std::string_view kIsPassed =
    "#1>` is borrowed by a call in progress and cannot be given away";

TEST_F(HandlesInCalls, ABorrowedHandleCannotBeGivenAwayDuringTheCall) {
  std::string arguments;
  in_call_ = [&](std::uint32_t) { arguments = give_away(); };
  EXPECT_EQ(describe_outcome(ask("caller", "run", arguments_)), "6");
  EXPECT_THAT(arguments, testing::HasSubstr(kIsPassed));
  EXPECT_EQ(describe_outcome(ask("lib", "consume", arguments_)), "6");
}

TEST_F(HandlesInCalls, ABorrowedHandleCannotBeAResultDuringTheCall) {
  EXPECT_THAT(describe_outcome(ask("caller", "trade", arguments_)), testing::HasSubstr(kIsPassed));
  EXPECT_EQ(describe_outcome(ask("lib", "consume", arguments_)), "5");
}

TEST_F(HandlesInCalls, ABorrowedResourceThatIsDroppedExistsUntilTheCallEnds) {
  in_call_ = [&](std::uint32_t) {
    arguments_.clear();
    other_ = make(100);
  };
  const Function run = *all_->unit("caller")->find_function("", "run");
  EXPECT_EQ(describe_outcome(run.call(arguments_)), "6");
  EXPECT_EQ(describe_outcome(ask("lib", "alive")), "1");
}

TEST_F(HandlesInCalls, AnArgumentCannotBeGivenAwayInTheStartBeforeTheCall) {
  ASSERT_FALSE(ask("caller", "boom"));
  std::string arguments;
  in_call_ = [&](std::uint32_t) { arguments = give_away(); };
  EXPECT_EQ(describe_outcome(ask("caller", "eat", arguments_)), "6");
  EXPECT_THAT(arguments, testing::HasSubstr(kIsPassed));
}

TEST_F(HandlesInCalls, ACallInTheStartBeforeACallHasItsOwnArguments) {
  ASSERT_FALSE(ask("caller", "boom"));
  const Function echo = *all_->unit("caller")->find_function("", "echo");
  std::string inner;
  in_call_ = [&](std::uint32_t) {
    inner = describe_outcome(echo.call(std::vector{Value::u32(9)}));
  };
  EXPECT_EQ(describe_outcome(echo.call(std::vector{Value::u32(5)})), "5");
  EXPECT_THAT(inner, testing::StartsWith("reentrance: "));
  // With C++ types too.
  ASSERT_FALSE(ask("caller", "boom"));
  const auto length =
      *all_->unit("caller")->function<std::uint32_t(std::string_view)>("", "length");
  in_call_ = [&](std::uint32_t) { EXPECT_FALSE(length("another")); };
  EXPECT_EQ(*length("text"), 4U);
}

}  // namespace
}  // namespace tenon::handles_test
