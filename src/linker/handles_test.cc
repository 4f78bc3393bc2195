// Own handles when a call ends half way: each is dropped once, where it was made, or stays with who
// gave it. In one composition, and in two.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/composition.h"
#include "tests/support/test_units.h"

namespace tenon {
namespace {

// Makes things, and counts those that live. {}: what is exported.
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

// What the other two import of it.
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

// Gives and takes things, and breaks calls.
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

// Where `maker` and `keeper` are.
enum class Owner {
  Same,        // with `user`
  Other,       // in a composition that lends them
  Concurrent,  // the same, and they need engines with concurrency
};

class Handles : public UnitsTest, public testing::WithParamInterface<Owner> {
 protected:
  // `user` calls `keeper`, and `maker` makes what goes over: each has a domain of its own.
  Composition build_things() {
    start_over();
    constexpr std::string_view kIsolated = "isolated = true";
    // A type of concurrent components, which nobody uses.
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
    CompositionBuilder all = builder("user");
    if (owner)
      for (const char* name : {"maker", "keeper"}) all.add_unit(name, *owner->unit(name));
    return built(all);
  }

  // What a function of `user` returns; nothing if it failed.
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

TEST_P(Handles, AResultThatComesIsDroppedByWhoGotIt) {
  const Composition things = build_things();
  EXPECT_EQ(call(things, "give", {Value::u32(0)}), 0);
  EXPECT_EQ(alive(things), 0);
}

TEST_P(Handles, AResultThatBreaksHalfWayGivesNone) {
  const Composition things = build_things();
  EXPECT_EQ(call(things, "give", {Value::u32(1)}), '`');
  EXPECT_EQ(alive(things), 0);
}

TEST_P(Handles, ATrapInPostReturnTakesThemBack) {
  const Composition things = build_things();
  EXPECT_EQ(call(things, "give", {Value::u32(2)}), '`');
  EXPECT_EQ(alive(things), 0);
}

TEST_P(Handles, ACallerThatBreaksItsCallLosesThem) {
  const Composition things = build_things();
  EXPECT_EQ(call(things, "take", {Value::u32(0xd800)}), std::nullopt);
  EXPECT_EQ(alive(things), 0);
  // The callee lives on.
  EXPECT_EQ(call(things, "give", {Value::u32(0)}), 0);
}

TEST_P(Handles, ACalleeThatBreaksTheCallLosesThem) {
  // It has both, or the first of them, or it ended before and gets none.
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

}  // namespace
}  // namespace tenon
