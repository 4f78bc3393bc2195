// Handles of WASI 0.2 between two domains: streams, pollables and errors move, are borrowed, and are
// refused. `app` calls `lib`, and what both write to the standard output of `app` is compared.
// Descriptors and input streams are in tests/golden/call/wasi_*.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tests/support/test_units.h"

namespace tenon::wasi_handles_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

// The WASI that both units import, and a memory.
constexpr std::string_view kWasi = R"(
  (import "wasi:io/error@0.2.0" (instance $error (export "error" (type (sub resource)))))
  (alias export $error "error" (type $err))
  (import "wasi:io/poll@0.2.0" (instance $poll
    (export "pollable" (type $p (sub resource)))
    (export "[method]pollable.ready" (func (param "self" (borrow $p)) (result bool)))
    (export "[method]pollable.block" (func (param "self" (borrow $p))))))
  (alias export $poll "pollable" (type $pollable))
  (import "wasi:io/streams@0.2.0" (instance $streams
    (alias outer $c $err (type $outer-err))
    (alias outer $c $pollable (type $outer-pollable))
    (export "error" (type $e (eq $outer-err)))
    (export "pollable" (type $p (eq $outer-pollable)))
    (type $failure (variant (case "last-operation-failed" (own $e)) (case "closed")))
    (export "stream-error" (type $se (eq $failure)))
    (export "output-stream" (type $s (sub resource)))
    (export "[method]output-stream.blocking-write-and-flush"
      (func (param "self" (borrow $s)) (param "contents" (list u8)) (result (result (error $se)))))
    (export "[method]output-stream.subscribe" (func (param "self" (borrow $s)) (result (own $p))))))
  (alias export $streams "output-stream" (type $stream))
  (alias export $streams "stream-error" (type $stream-error))
  (import "wasi:cli/stdout@0.2.0" (instance $stdout
    (alias outer $c $stream (type $outer-stream))
    (export "output-stream" (type $s (eq $outer-stream)))
    (export "get-stdout" (func (result (own $s))))))
  (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock
    (alias outer $c $pollable (type $outer-pollable))
    (export "pollable" (type $p (eq $outer-pollable)))
    (export "subscribe-duration" (func (param "when" u64) (result (own $p))))))
  (core module $libc
    (memory (export "memory") 1)
    (global $next (mut i32) (i32.const 4096))
    (func (export "realloc") (param i32 i32 i32) (param $size i32) (result i32)
      (global.set $next (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
      (global.get $next)
      (global.set $next (i32.add (global.get $next) (local.get $size)))))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (alias core export $libc "realloc" (core func $realloc))
  (core func $ready (canon lower (func $poll "[method]pollable.ready")))
  (core func $block (canon lower (func $poll "[method]pollable.block")))
  (core func $write (canon lower (func $streams "[method]output-stream.blocking-write-and-flush")
    (memory $memory) (realloc $realloc)))
  (core func $subscribe (canon lower (func $streams "[method]output-stream.subscribe")))
  (core func $stdout (canon lower (func $stdout "get-stdout")))
  (core func $timer (canon lower (func $clock "subscribe-duration")))
  (core func $drop (canon resource.drop $stream))
  (core func $drop-pollable (canon resource.drop $pollable))
  (core instance $wasi
    (export "ready" (func $ready)) (export "block" (func $block)) (export "write" (func $write))
    (export "subscribe" (func $subscribe)) (export "stdout" (func $stdout))
    (export "timer" (func $timer)) (export "drop" (func $drop))
    (export "drop-pollable" (func $drop-pollable))))";

// The same in a core module. `print` writes one letter.
constexpr std::string_view kCoreWasi = R"(
    (import "libc" "memory" (memory 1))
    (import "wasi" "ready" (func $ready (param i32) (result i32)))
    (import "wasi" "block" (func $block (param i32)))
    (import "wasi" "write" (func $write (param i32 i32 i32 i32)))
    (import "wasi" "subscribe" (func $subscribe (param i32) (result i32)))
    (import "wasi" "stdout" (func $stdout (result i32)))
    (import "wasi" "timer" (func $timer (param i64) (result i32)))
    (import "wasi" "drop" (func $drop (param i32)))
    (import "wasi" "drop-pollable" (func $drop-pollable (param i32))))";

constexpr std::string_view kPrint = R"(
    (func $print (param $stream i32) (param $letter i32)
      (i32.store8 (i32.const 64) (local.get $letter))
      (call $write (local.get $stream) (i32.const 64) (i32.const 1) (i32.const 128))
      (if (i32.load8_u (i32.const 128)) (then unreachable))))";

// {0}: kWasi, {1}: kCoreWasi, {2}: declarations that need a concurrent engine, or none, {3}: kPrint.
constexpr std::string_view kLib = R"((component $c {0} {2}
  (core module $code {1} {3}
    (global $kept (mut i32) (i32.const 0))
    (func (export "take") (param i32) (call $print (local.get 0) (i32.const 116)) (call $drop (local.get 0)))
    (func (export "keep") (param i32) (global.set $kept (local.get 0)))
    (func (export "back") (result i32) (global.get $kept))
    (func (export "use") (param i32) (call $print (local.get 0) (i32.const 117)) (call $drop (local.get 0)))
    (func (export "hold") (param i32) (call $print (local.get 0) (i32.const 104)))
    (func (export "both") (param i32 i32)
      (call $print (local.get 0) (i32.const 49)) (call $print (local.get 1) (i32.const 50))
      (call $drop (local.get 0)) (call $drop (local.get 1)))
    (func (export "watch") (param i32)
      (global.set $kept (call $subscribe (local.get 0))) (call $drop (local.get 0)))
    (func (export "unwatch") (result i32)
      (call $ready (global.get $kept)) (call $drop-pollable (global.get $kept)))
    (func (export "fail") (param i32) (result i32) (call $print (local.get 0) (i32.const 102)) unreachable)
    (func (export "lose") (param i32) (result i32) unreachable)
    (func (export "wait") (param i32) (call $block (local.get 0)) (call $drop-pollable (local.get 0)))
    (func (export "peek") (param i32) (result i32)
      (call $ready (local.get 0)) (call $drop-pollable (local.get 0))))
  (core instance $code (instantiate $code
    (with "libc" (instance $libc)) (with "wasi" (instance $wasi))))
  (func $take (param "s" (own $stream)) (canon lift (core func $code "take")))
  (func $keep (param "s" (own $stream)) (canon lift (core func $code "keep")))
  (func $back (result (own $stream)) (canon lift (core func $code "back")))
  (func $use (param "s" (borrow $stream)) (canon lift (core func $code "use")))
  (func $hold (param "s" (borrow $stream)) (canon lift (core func $code "hold")))
  (func $both (param "s" (borrow $stream)) (param "t" (borrow $stream)) (canon lift (core func $code "both")))
  (func $watch (param "s" (borrow $stream)) (canon lift (core func $code "watch")))
  (func $unwatch (result u32) (canon lift (core func $code "unwatch")))
  (func $fail (param "s" (borrow $stream)) (result (result (error string)))
    (canon lift (core func $code "fail") (memory $memory)))
  (func $lose (param "s" (own $stream)) (result (result (error string)))
    (canon lift (core func $code "lose") (memory $memory)))
  (func $wait (param "p" (own $pollable)) (canon lift (core func $code "wait")))
  (func $peek (param "p" (borrow $pollable)) (result bool) (canon lift (core func $code "peek")))
  (instance $lib
    (export "output-stream" (type $stream)) (export "pollable" (type $pollable))
    (export "take" (func $take)) (export "keep" (func $keep)) (export "back" (func $back))
    (export "use" (func $use)) (export "hold" (func $hold)) (export "both" (func $both))
    (export "watch" (func $watch)) (export "unwatch" (func $unwatch)) (export "fail" (func $fail))
    (export "lose" (func $lose)) (export "wait" (func $wait)) (export "peek" (func $peek)))
  (export "t:t/lib" (instance $lib))))";

// {0} to {3} as above, {4}: the code of `f: func(n: u32) -> u32`.
constexpr std::string_view kApp = R"((component $c {0} {2}
  (import "t:t/lib" (instance $lib
    (alias outer $c $stream (type $outer-stream))
    (alias outer $c $pollable (type $outer-pollable))
    (export "output-stream" (type $s (eq $outer-stream)))
    (export "pollable" (type $p (eq $outer-pollable)))
    (export "take" (func (param "s" (own $s))))
    (export "keep" (func (param "s" (own $s))))
    (export "back" (func (result (own $s))))
    (export "use" (func (param "s" (borrow $s))))
    (export "hold" (func (param "s" (borrow $s))))
    (export "both" (func (param "s" (borrow $s)) (param "t" (borrow $s))))
    (export "watch" (func (param "s" (borrow $s))))
    (export "unwatch" (func (result u32)))
    (export "fail" (func (param "s" (borrow $s)) (result (result (error string)))))
    (export "lose" (func (param "s" (own $s)) (result (result (error string)))))
    (export "wait" (func (param "p" (own $p))))
    (export "peek" (func (param "p" (borrow $p)) (result bool)))))
  (core func $take (canon lower (func $lib "take")))
  (core func $keep (canon lower (func $lib "keep")))
  (core func $back (canon lower (func $lib "back")))
  (core func $use (canon lower (func $lib "use")))
  (core func $hold (canon lower (func $lib "hold")))
  (core func $both (canon lower (func $lib "both")))
  (core func $watch (canon lower (func $lib "watch")))
  (core func $unwatch (canon lower (func $lib "unwatch")))
  (core func $fail (canon lower (func $lib "fail") (memory $memory) (realloc $realloc)))
  (core func $lose (canon lower (func $lib "lose") (memory $memory) (realloc $realloc)))
  (core func $wait (canon lower (func $lib "wait")))
  (core func $peek (canon lower (func $lib "peek")))
  (core module $code {1}
    (import "lib" "take" (func $take (param i32)))
    (import "lib" "keep" (func $keep (param i32)))
    (import "lib" "back" (func $back (result i32)))
    (import "lib" "use" (func $use (param i32)))
    (import "lib" "hold" (func $hold (param i32)))
    (import "lib" "both" (func $both (param i32 i32)))
    (import "lib" "watch" (func $watch (param i32)))
    (import "lib" "unwatch" (func $unwatch (result i32)))
    (import "lib" "fail" (func $fail (param i32 i32)))
    (import "lib" "lose" (func $lose (param i32 i32)))
    (import "lib" "wait" (func $wait (param i32)))
    (import "lib" "peek" (func $peek (param i32) (result i32)))
    {3}
    (func (export "f") (param $n i32) (result i32)
      (local $s i32) (local $p i32) (local $i i32) {4}))
  (core instance $code (instantiate $code
    (with "libc" (instance $libc)) (with "wasi" (instance $wasi))
    (with "lib" (instance
      (export "take" (func $take)) (export "keep" (func $keep)) (export "back" (func $back))
      (export "use" (func $use)) (export "hold" (func $hold)) (export "both" (func $both))
      (export "watch" (func $watch)) (export "unwatch" (func $unwatch)) (export "fail" (func $fail))
      (export "lose" (func $lose)) (export "wait" (func $wait)) (export "peek" (func $peek))))))
  (func $f (param "n" u32) (result u32) (canon lift (core func $code "f")))
  (instance $app (export "f" (func $f)))
  (export "t:t/app" (instance $app))))";

// Whether `app` and `lib` need concurrent engines.
struct Engines {
  bool app = false;
  bool lib = false;
};

class WasiHandles : public UnitsTest, public testing::WithParamInterface<Engines> {
 protected:
  Composition build_app(std::string_view code, std::string_view tables = {}) {
    start_over();
    say(tables);
    constexpr std::string_view kConcurrent = "(type (stream u8))";
    add("lib",
        fmt::format(fmt::runtime(kLib), kWasi, kCoreWasi, GetParam().lib ? kConcurrent : "",
                    kPrint),
        "isolated = true");
    add("app", fmt::format(fmt::runtime(kApp), kWasi, kCoreWasi, GetParam().app ? kConcurrent : "",
                           kPrint, code));
    return build("app");
  }

  // The output of `f`, and behind it the result or the failure.
  std::string run(std::string_view code, std::uint32_t n = 0) {
    const Composition all = build_app(code);
    return output_of(all, n);
  }
  static std::string output_of(const Composition& all, std::uint32_t n = 0) {
    testing::internal::CaptureStdout();
    const std::string outcome = describe_outcome(call(all, "t:t/app", n));
    return testing::internal::GetCapturedStdout() + " " + outcome;
  }
};

TEST_P(WasiHandles, AnOwnStreamMoves) {
  EXPECT_EQ(run("(call $take (call $stdout)) (i32.const 1)"), "t 1");
}

TEST_P(WasiHandles, AStreamMovesThereAndBack) {
  EXPECT_EQ(run(R"((call $keep (call $stdout))
                   (local.set $s (call $back))
                   (call $print (local.get $s) (i32.const 97))
                   (call $take (local.get $s))
                   (i32.const 2))"),
            "at 2");
}

TEST_P(WasiHandles, ABorrowEndsWithItsCall) {
  EXPECT_EQ(run(R"((local.set $s (call $stdout))
                   (call $use (local.get $s))
                   (call $print (local.get $s) (i32.const 97))
                   (call $use (local.get $s))
                   (call $drop (local.get $s))
                   (i32.const 3))"),
            "uau 3");
}

TEST_P(WasiHandles, AStreamThatWasBorrowedMoves) {
  EXPECT_EQ(run(R"((local.set $s (call $stdout))
                   (loop $again
                     (call $use (local.get $s))
                     (call $keep (local.get $s))
                     (local.set $s (call $back))
                     (local.set $i (i32.add (local.get $i) (i32.const 1)))
                     (br_if $again (i32.lt_u (local.get $i) (local.get $n))))
                   (call $take (local.get $s))
                   (local.get $i))",
                300),
            std::string(300, 'u') + "t 300");
}

TEST_P(WasiHandles, OneStreamIsBorrowedTwiceByOneCall) {
  EXPECT_EQ(run(R"((local.set $s (call $stdout))
                   (call $both (local.get $s) (local.get $s))
                   (call $drop (local.get $s))
                   (i32.const 4))"),
            "12 4");
}

TEST_P(WasiHandles, ABorrowThatIsNotDroppedEndsTheCallee) {
  EXPECT_THAT(run("(call $hold (call $stdout)) (i32.const 5)"),
              AllOf(HasSubstr("h trap: "), HasSubstr("borrow")));
}

TEST_P(WasiHandles, APollableOfABorrowedStreamCanBeKept) {
  EXPECT_EQ(run(R"((local.set $s (call $stdout))
                   (call $watch (local.get $s))
                   (call $print (local.get $s) (i32.const 97))
                   (call $drop (local.get $s))
                   (call $unwatch))"),
            "a 1");
}

TEST_P(WasiHandles, AStreamWithAPollableCannotMove) {
  EXPECT_THAT(run(R"((local.set $s (call $stdout))
                     (local.set $p (call $subscribe (local.get $s)))
                     (call $take (local.get $s))
                     (i32.const 6))"),
              AllOf(HasSubstr(" trap: in `s`: the handle "), HasSubstr(" of `wasi:io/streams@"),
                    HasSubstr(".output-stream` cannot leave the domain `main`: pollables of it are "
                              "alive: drop them first")));
}

TEST_P(WasiHandles, AStreamWithAPollableCanBeBorrowed) {
  EXPECT_EQ(run(R"((local.set $s (call $stdout))
                   (local.set $p (call $subscribe (local.get $s)))
                   (call $use (local.get $s))
                   (call $block (local.get $p))
                   (call $drop-pollable (local.get $p))
                   (call $take (local.get $s))
                   (i32.const 7))"),
            "ut 7");
}

TEST_P(WasiHandles, ATimerMoves) {
  EXPECT_EQ(run("(call $wait (call $timer (i64.const 1000000))) (i32.const 8)"), " 8");
  EXPECT_EQ(output_of(build_app("(call $wait (call $timer (i64.const 0))) (i32.const 9)")), " 9");
}

TEST_P(WasiHandles, ATimerIsBorrowed) {
  // Never ready.
  EXPECT_EQ(run(R"((local.set $p (call $timer (i64.const -1)))
                   (drop (call $peek (local.get $p)))
                   (call $peek (local.get $p)))"),
            " 0");
}

TEST_P(WasiHandles, APollableOfAStreamMoves) {
  EXPECT_EQ(run(R"((local.set $s (call $stdout))
                   (call $wait (call $subscribe (local.get $s)))
                   (call $print (local.get $s) (i32.const 97))
                   (call $take (local.get $s))
                   (i32.const 10))"),
            "at 10");
}

TEST_P(WasiHandles, ManyPassAndNoneIsLeft) {
  // The engine's table of a store has room for a million entries.
  EXPECT_EQ(run(R"((loop $again
                     (local.set $s (call $stdout))
                     (drop (call $peek (local.tee $p (call $subscribe (local.get $s)))))
                     (call $drop-pollable (local.get $p))
                     (call $keep (local.get $s))
                     (call $drop (call $back))
                     (local.set $i (i32.add (local.get $i) (i32.const 1)))
                     (br_if $again (i32.lt_u (local.get $i) (local.get $n))))
                   (local.get $i))",
                2000),
            " 2000");
}

TEST_P(WasiHandles, ACalleeThatTrapsLosesWhatItHas) {
  EXPECT_EQ(run(R"((local.set $s (call $stdout))
                   (call $fail (local.get $s) (i32.const 256))
                   (call $print (local.get $s) (i32.const 97))
                   (i32.load8_u (i32.const 256)))"),
            "fa 1");
}

TEST_P(WasiHandles, ACalleeThatTrapsLosesWhatItWasGiven) {
  EXPECT_EQ(run(R"((call $lose (call $stdout) (i32.const 256))
                   (call $print (call $stdout) (i32.const 97))
                   (i32.load8_u (i32.const 256)))"),
            "a 1");
}

TEST_P(WasiHandles, AStreamOutlivesTheDomainThatGaveIt) {
  const Composition all = build_app(
      R"((if (i32.eqz (local.get $n)) (then (call $keep (call $stdout)) unreachable))
         (call $take (call $back))
         (i32.const 11))",
      "[domains.main]\nrestart = { on-trap = true, max = 3, within = \"1h\" }");
  EXPECT_THAT(output_of(all, 0), HasSubstr(" trap: "));
  EXPECT_EQ(output_of(all, 1), "t 11");
}

// -- Hostile guests

TEST_P(WasiHandles, AHandleMovesOnce) {
  EXPECT_THAT(run(R"((local.set $s (call $stdout))
                     (call $take (local.get $s))
                     (call $take (local.get $s))
                     (i32.const 0))"),
              HasSubstr("t trap: unknown handle index"));
}

TEST_P(WasiHandles, AHandleOfAnotherTypeIsRefused) {
  EXPECT_THAT(run("(call $take (call $timer (i64.const 0))) (i32.const 0)"),
              AllOf(HasSubstr(" trap: "), HasSubstr("used with the wrong type")));
  EXPECT_THAT(output_of(build_app("(drop (call $peek (call $stdout))) (i32.const 0)")),
              AllOf(HasSubstr(" trap: "), HasSubstr("used with the wrong type")));
}

TEST_P(WasiHandles, AnUnknownHandleIsRefused) {
  EXPECT_THAT(run("(call $use (i32.const 77)) (i32.const 0)"),
              HasSubstr(" trap: unknown handle index 77"));
}

TEST_P(WasiHandles, AHandleThatWasNotKeptCannotComeBack) {
  EXPECT_THAT(run("(drop (call $back)) (i32.const 0)"), HasSubstr(" trap: unknown handle index 0"));
}

std::string name_of(const testing::TestParamInfo<Engines>& tested) {
  return fmt::format("{}To{}", tested.param.app ? "Concurrent" : "Plain",
                     tested.param.lib ? "Concurrent" : "Plain");
}
INSTANTIATE_TEST_SUITE_P(Engines, WasiHandles,
                         testing::Values(Engines{}, Engines{.app = true}, Engines{.lib = true},
                                         Engines{.app = true, .lib = true}),
                         name_of);

}  // namespace
}  // namespace tenon::wasi_handles_test
