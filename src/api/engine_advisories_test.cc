// The mistakes that wasmtime 48.0.6 and 48.0.7 fixed in its own calls, streams and handles, tried
// with those of tenon, which pass values by code of its own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <coroutine>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/wat.h"
#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/function.h"
#include "tenon/stream.h"

namespace tenon::engine_advisories_test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

using Text = TypedFunction<std::string(std::string)>;

std::vector<std::uint8_t> assemble(std::string_view text) {
  return *engine::wat_to_wasm("unit.wat", text);
}

Composition build(CompositionBuilder& builder) {
  Result<Composition> built = builder.build();
  EXPECT_TRUE(built) << built.error().front().message;
  return *std::move(built);
}

// `keep` remembers its text, which `last` returns. While `guard` waits for the program, no other
// call is taken.
constexpr const char* kDoor = R"((component
  (import "x:y/host" (instance $host (export "wait" (func async))))
  (core module $libc
    (memory (export "memory") 1)
    (global $top (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (local $at i32)
      (local.set $at (global.get $top))
      (global.set $top (i32.add (local.get $at) (local.get 3)))
      (local.get $at)))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (alias core export $libc "realloc" (core func $realloc))
  (core func $close (canon backpressure.inc))
  (core func $open (canon backpressure.dec))
  (core func $wait (canon lower (func $host "wait")))
  (core func $return (canon task.return (result string) (memory $memory)))
  (core func $return-nothing (canon task.return))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "close" (func $close))
    (import "" "open" (func $open))
    (import "" "wait" (func $wait))
    (import "" "return" (func $return (param i32 i32)))
    (import "" "return-nothing" (func $return-nothing))
    (func (export "keep") (param i32 i32)
      (i32.store (i32.const 16) (local.get 0))
      (i32.store (i32.const 20) (local.get 1))
      (call $return (local.get 0) (local.get 1)))
    (func (export "last") (result i32) (i32.const 16))
    (func (export "guard")
      (call $close) (call $wait) (call $open) (call $return-nothing)))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "close" (func $close)) (export "open" (func $open))
    (export "wait" (func $wait)) (export "return" (func $return))
    (export "return-nothing" (func $return-nothing))))))
  (func $keep async (param "text" string) (result string)
    (canon lift (core func $core "keep") async (memory $memory) (realloc $realloc)))
  (func $last (result string) (canon lift (core func $core "last") (memory $memory)))
  (func $guard async (canon lift (core func $core "guard") async))
  (instance $door (export "keep" (func $keep)) (export "last" (func $last))
    (export "guard" (func $guard)))
  (export "x:y/door" (instance $door))))";

// Exports `visit`, which calls `keep` with its own text, and `crash`.
constexpr const char* kVisitor = R"((component
  (import "x:y/door" (instance $door
    (export "keep" (func async (param "text" string) (result string)))))
  (core module $libc (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024)))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (alias core export $libc "realloc" (core func $realloc))
  (core func $keep (canon lower (func $door "keep") (memory $memory) (realloc $realloc)))
  (core func $return (canon task.return (result u32)))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "keep" (func $keep (param i32 i32 i32)))
    (import "" "return" (func $return (param i32)))
    (data (i32.const 64) "a visitor's text")
    (func (export "visit")
      (call $keep (i32.const 64) (i32.const 16) (i32.const 16))
      (call $return (i32.load (i32.const 20))))
    (func (export "crash") unreachable))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "keep" (func $keep))
    (export "return" (func $return))))))
  (func (export "visit") async (result u32) (canon lift (core func $core "visit") async))
  (func (export "crash") (canon lift (core func $core "crash")))))";

// Suspends a coroutine until the test resumes it.
struct Pause {
  std::coroutine_handle<>& waiting;

  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> waiter) const { waiting = waiter; }
  void await_resume() const {}
};

// 48.0.6: a call whose caller was gone before its parameters were lowered read them from memory
// that was freed.
class UntakenCalls : public testing::Test {
 protected:
  // Makes a composition with the door whose guard waits.
  void build_closed(CompositionBuilder& builder) {
    builder.add_component("door", assemble(kDoor));
    builder.add_host_function("x:y/host", "wait",
                              [this]() -> Task<void> { co_await Pause{waiting_}; });
    builder.export_item("door", "x:y/door");
    composition_.emplace(build(builder));
    guard_.emplace(composition_->function<void()>("x:y/door", "guard")->start());
    EXPECT_TRUE(waiting_);
  }
  void open() {
    std::exchange(waiting_, nullptr).resume();
    const auto guarded = guard_->wait(10s);
    EXPECT_TRUE(guarded && *guarded);
    composition_->poll();
  }
  // The text of the last call that was taken.
  [[nodiscard]] std::string last() const {
    return *(*composition_->function<std::string()>("x:y/door", "last"))();
  }

  std::optional<Composition> composition_;

 private:
  std::coroutine_handle<> waiting_;
  std::optional<Task<CallResult<void>>> guard_;
};

TEST_F(UntakenCalls, CanBeDroppedByTheProgram) {
  CompositionBuilder builder;
  build_closed(builder);
  const Text keep = *composition_->function<std::string(std::string)>("x:y/door", "keep");
  const std::string text(1000, 'x');
  {
    const Task<CallResult<std::string>> dropped = keep.start(text);
    EXPECT_FALSE(dropped.is_done());
  }
  open();
  EXPECT_EQ(last(), "");  // it never starts
  EXPECT_EQ(*keep("next"), "next");
}

TEST_F(UntakenCalls, CanLoseTheirCaller) {
  CompositionBuilder builder;
  builder.add_component("visitor", assemble(kVisitor)).isolate_all();
  builder.export_item("visitor", "visit").export_item("visitor", "crash");
  build_closed(builder);
  Task<CallResult<std::uint32_t>> visit =
      composition_->function<std::uint32_t()>("", "visit")->start();
  EXPECT_FALSE(visit.is_done());
  EXPECT_FALSE((*composition_->function<void()>("", "crash"))());
  const auto ended = visit.wait(10s);
  EXPECT_TRUE(ended && !*ended);
  open();
  EXPECT_EQ(last(), "");
}

// Its `realloc` calls a function of the program if it is asked for more than 100 bytes. It gets
// texts as parameters, results, and items of streams.
constexpr const char* kAllocator = R"((component
  (import "x:y/host" (instance $host
    (export "note" (func))
    (export "text" (func (result string)))
    (export "later" (func async (result string)))))
  (type $texts (stream string))
  (core func $note (canon lower (func $host "note")))
  (core module $libc
    (import "" "note" (func $note))
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (if (i32.gt_u (local.get 3) (i32.const 100)) (then (call $note)))
      (i32.const 1024)))
  (core instance $libc (instantiate $libc (with "" (instance (export "note" (func $note))))))
  (alias core export $libc "memory" (core memory $memory))
  (alias core export $libc "realloc" (core func $realloc))
  (core func $text (canon lower (func $host "text") (memory $memory) (realloc $realloc)))
  (core func $later (canon lower (func $host "later") (memory $memory) (realloc $realloc)))
  (core func $read (canon stream.read $texts (memory $memory) (realloc $realloc)))
  (core func $return (canon task.return (result u32)))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "text" (func $text (param i32)))
    (import "" "later" (func $later (param i32)))
    (import "" "read" (func $read (param i32 i32 i32) (result i32)))
    (import "" "return" (func $return (param i32)))
    (func (export "take") (param i32 i32) (call $return (local.get 1)))
    (func (export "ask") (call $text (i32.const 16)) (call $return (i32.load (i32.const 20))))
    (func (export "wait") (call $later (i32.const 16)) (call $return (i32.load (i32.const 20))))
    (func (export "bytes") (param i32))
    (func (export "read") (param i32)
      (drop (call $read (local.get 0) (i32.const 16) (i32.const 1)))
      (call $return (i32.load (i32.const 20)))))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "text" (func $text)) (export "later" (func $later))
    (export "read" (func $read)) (export "return" (func $return))))))
  (func (export "take") async (param "text" string) (result u32)
    (canon lift (core func $core "take") async (memory $memory) (realloc $realloc)))
  (func (export "ask") async (result u32) (canon lift (core func $core "ask") async))
  (func (export "wait") async (result u32) (canon lift (core func $core "wait") async))
  (func (export "bytes") (param "bytes" (stream u8)) (canon lift (core func $core "bytes")))
  (type $pair (record (field "a" u8) (field "b" string)))
  (export $named "pair" (type $pair))
  (func (export "pairs") (param "pairs" (stream $named)) (canon lift (core func $core "bytes")))
  (func (export "read") async (param "texts" $texts) (result u32)
    (canon lift (core func $core "read") async))))";

// 48.0.6: `realloc` could call imports while values were lowered outside of a call.
class Reallocs : public testing::Test {
 protected:
  Reallocs() {
    CompositionBuilder builder;
    builder.add_component("guest", assemble(kAllocator));
    builder.add_host_function("x:y/host", "note", [this] { ++notes_; });
    builder.add_host_function("x:y/host", "text", [this] { return text_; });
    builder.add_host_function("x:y/host", "later",
                              [this]() -> Task<std::string> { co_return text_; });
    guest_.emplace(build(builder));
  }

  // Calls a function that returns the size of the text that it got: once with a text for which
  // `realloc` calls nothing, and once with one for which it calls an import.
  template <class Call>
  void expect_refused(Call start) {
    text_ = "short";
    EXPECT_EQ(**start().wait(10s), Value::u32(5));
    text_ = std::string(200, 'x');
    const auto refused = start().wait(10s);
    ASSERT_TRUE(refused);
    ASSERT_FALSE(*refused);
    EXPECT_EQ(refused->error().kind, CallFailure::Kind::Trap);
    EXPECT_THAT(refused->error().message, HasSubstr("cannot leave component instance"));
    EXPECT_EQ(notes_, 0);
  }
  auto start(const char* name, std::vector<Value> arguments = {}) {
    return guest_->find_function("", name)->start(std::move(arguments));
  }

  int notes_ = 0;
  std::string text_;
  std::optional<Composition> guest_;
};

TEST_F(Reallocs, CannotCallImportsForParameters) {
  expect_refused([&] { return start("take", {Value::string(text_)}); });
}

TEST_F(Reallocs, CannotCallImportsForResults) {
  expect_refused([&] { return start("ask"); });
}

TEST_F(Reallocs, CannotCallImportsForResultsThatComeLater) {
  expect_refused([&] { return start("wait"); });
}

TEST_F(Reallocs, CannotCallImportsForItemsOfStreams) {
  std::optional<ValueStreamWriter> writer;
  std::optional<Task<CallResult<bool>>> write;
  expect_refused([&] {
    const Function read = *guest_->find_function("", "read");
    auto [end, stream] = ValueStreamWriter::make(read.type().params()[0].type);
    writer.emplace(std::move(end));
    write.emplace(writer->write(Value::string(text_)));
    return read.start(std::vector{stream});
  });
}

// 48.0.6 and 48.0.7: the type of the items of a stream of the host was not compared.
TEST(EngineAdvisories, AStreamOfAnotherTypeIsRefused) {
  CompositionBuilder builder;
  builder.add_component("guest", assemble(kAllocator)).allow_unresolved();
  const Composition composition = build(builder);
  for (const char* const takes : {"bytes", "pairs"}) {
    const Function function = *composition.find_function("", takes);
    for (const char* const given : {"bytes", "pairs", "read"}) {
      const Type type = composition.find_function("", given)->type().params()[0].type;
      auto [writer, stream] = ValueStreamWriter::make(type);
      const CallResult<std::optional<Value>> called = function.call(std::vector{stream});
      EXPECT_EQ(static_cast<bool>(called), std::string_view(given) == takes) << given;
      if (called) continue;
      EXPECT_EQ(called.error().kind, CallFailure::Kind::BadCall);
      ASSERT_FALSE(called.error().problems.empty());
      EXPECT_EQ(called.error().problems.front().code, "value-handle");
    }
  }
}

// Makes things, and counts the existing ones.
constexpr const char* kThings = R"((component
  (core module $counter
    (global $alive (mut i32) (i32.const 0))
    (func (export "add") (global.set $alive (i32.add (global.get $alive) (i32.const 1))))
    (func (export "drop") (param i32)
      (global.set $alive (i32.sub (global.get $alive) (i32.const 1))))
    (func (export "count") (result i32) (global.get $alive)))
  (core instance $counter (instantiate $counter))
  (type $thing (resource (rep i32) (dtor (func $counter "drop"))))
  (core func $new (canon resource.new $thing))
  (core module $code
    (import "" "new" (func $new (param i32) (result i32)))
    (import "" "add" (func $add))
    (func (export "make") (result i32) (call $add) (call $new (i32.const 7))))
  (core instance $code (instantiate $code (with "" (instance
    (export "new" (func $new)) (export "add" (func $counter "add"))))))
  (func $make (result (own $thing)) (canon lift (core func $code "make")))
  (func $count (result u32) (canon lift (core func $counter "count")))
  (component $shape
    (import "thing" (type $thing (sub resource)))
    (import "make" (func $make (result (own $thing))))
    (import "count" (func $count (result u32)))
    (export $exported "thing" (type $thing))
    (export "make" (func $make) (func (result (own $exported))))
    (export "count" (func $count)))
  (instance $things (instantiate $shape (with "thing" (type $thing)) (with "make" (func $make))
    (with "count" (func $count))))
  (export "x:y/things" (instance $things))))";

// Makes a number of things, and keeps them.
constexpr const char* kHoarder = R"((component
  (import "x:y/things" (instance $things
    (export "thing" (type $thing (sub resource)))
    (export "make" (func (result (own $thing))))))
  (core func $make (canon lower (func $things "make")))
  (core module $code
    (import "" "make" (func $make (result i32)))
    (func (export "fill") (param $count i32)
      (loop $next
        (drop (call $make))
        (local.set $count (i32.sub (local.get $count) (i32.const 1)))
        (br_if $next (local.get $count)))))
  (core instance $core (instantiate $code (with "" (instance (export "make" (func $make))))))
  (func (export "fill") (param "count" u32) (canon lift (core func $core "fill")))))";

// 48.0.6: the number of handles of a store was not limited. It is now, at 100,000.
TEST(EngineAdvisories, AGuestThatHoardsHandlesEndsAndTheyAreDropped) {
  CompositionBuilder builder;
  builder.add_component("things", assemble(kThings)).add_component("hoarder", assemble(kHoarder));
  builder.isolate_all();
  builder.export_item("things", "x:y/things").export_item("hoarder", "fill");
  const Composition composition = build(builder);
  const auto fill = *composition.function<void(std::uint32_t)>("", "fill");
  const auto count = *composition.function<std::uint32_t()>("x:y/things", "count");
  EXPECT_TRUE(fill(90'000));
  EXPECT_EQ(*count(), 90'000U);
  const CallResult<void> refused = fill(20'000);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, CallFailure::Kind::Trap);
  EXPECT_THAT(refused.error().message, HasSubstr("handle limit"));
  EXPECT_EQ(*count(), 0U);
}

}  // namespace
}  // namespace tenon::engine_advisories_test
