// The mistakes that wasmtime 48 fixed in its own calls, streams and handles, tried with those of
// tenon, which pass values by code of its own. docs/advisories.md lists all advisories.
#include <fmt/core.h>
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
// call is taken. `doom` traps after it waited.
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
      (call $close) (call $wait) (call $open) (call $return-nothing))
    (func (export "doom") (call $close) (call $wait) unreachable))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "close" (func $close)) (export "open" (func $open))
    (export "wait" (func $wait)) (export "return" (func $return))
    (export "return-nothing" (func $return-nothing))))))
  (func $keep async (param "text" string) (result string)
    (canon lift (core func $core "keep") async (memory $memory) (realloc $realloc)))
  (func $last (result string) (canon lift (core func $core "last") (memory $memory)))
  (func $guard async (canon lift (core func $core "guard") async))
  (func $doom async (canon lift (core func $core "doom") async))
  (instance $door (export "keep" (func $keep)) (export "last" (func $last))
    (export "guard" (func $guard)) (export "doom" (func $doom)))
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

// GHSA-3r89-v5mq-j5xf: a call whose caller was gone before its parameters were lowered read them
// from memory that was freed.
class UntakenCalls : public testing::Test {
 protected:
  // Makes a composition with the door whose guard waits.
  void build_closed(CompositionBuilder& builder, const char* guard = "guard") {
    builder.add_component("door", assemble(kDoor));
    builder.add_host_function("x:y/host", "wait",
                              [this]() -> Task<void> { co_await Pause{waiting_}; });
    builder.export_item("door", "x:y/door");
    composition_.emplace(build(builder));
    guard_.emplace(composition_->function<void()>("x:y/door", guard)->start());
    EXPECT_TRUE(waiting_);
  }
  void open() {
    EXPECT_TRUE(end_guard());
    composition_->poll();
  }
  CallResult<void> end_guard() {
    std::exchange(waiting_, nullptr).resume();
    return guard_->wait(10s).value();
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

// GHSA-hmwq-g22x-qjw5: calls that were not taken yet were taken after their instance had trapped.
TEST_F(UntakenCalls, EndWithTheirCallee) {
  CompositionBuilder builder;
  build_closed(builder, "doom");
  Task<CallResult<std::string>> kept =
      composition_->function<std::string(std::string)>("x:y/door", "keep")->start("text");
  EXPECT_FALSE(kept.is_done());
  const CallResult<void> doomed = end_guard();
  ASSERT_FALSE(doomed);
  EXPECT_EQ(doomed.error().kind, CallFailure::Kind::Trap);
  const auto ended = kept.wait(10s);
  ASSERT_TRUE(ended);
  EXPECT_FALSE(*ended);
}

// GHSA-m6w2-jwq2-cv2c: a call that does not return a task, of a function that is lifted `async`.
TEST(EngineAdvisories, AFunctionThatIsLiftedAsyncCanBeCalledDirectly) {
  CompositionBuilder builder;
  builder.add_component("door", assemble(kDoor));
  builder.add_host_function("x:y/host", "wait", []() -> Task<void> { co_return; });
  builder.export_item("door", "x:y/door");
  const Composition composition = build(builder);
  const Text keep = *composition.function<std::string(std::string)>("x:y/door", "keep");
  EXPECT_EQ(*keep("text"), "text");
  EXPECT_EQ(*keep("more"), "more");
}

// GHSA-vcg5-q8m5-8379: a function without `async` in its type waited.
TEST(EngineAdvisories, AFunctionWithoutAsyncCannotWait) {
  CompositionBuilder builder;
  builder.add_component("guest", assemble(R"((component
    (import "x:y/host" (instance $host (export "wait" (func async))))
    (core func $wait (canon lower (func $host "wait")))
    (core module $code
      (import "" "wait" (func $wait))
      (func (export "f") (call $wait)))
    (core instance $core (instantiate $code (with "" (instance
      (export "wait" (func $wait))))))
    (func (export "f") (canon lift (core func $core "f")))))"));
  std::coroutine_handle<> waiting;
  builder.add_host_function("x:y/host", "wait",
                            [&waiting]() -> Task<void> { co_await Pause{waiting}; });
  const Composition composition = build(builder);
  const CallResult<void> called = (*composition.function<void()>("", "f"))();
  ASSERT_FALSE(called);
  EXPECT_EQ(called.error().kind, CallFailure::Kind::Trap);
  EXPECT_THAT(called.error().message, HasSubstr("cannot block"));
}

// GHSA-5hhx-4wrr-3j9g: a start function called a function that did not end, and yielded.
TEST(EngineAdvisories, AStartFunctionThatYieldsDoesNotEndTheProcess) {
  CompositionBuilder builder;
  builder.add_component("guest", assemble(R"((component
    (import "x:y/host" (instance $host (export "wait" (func async))))
    (core func $wait (canon lower (func $host "wait") async))
    (core func $yield (canon thread.yield))
    (core module $code
      (import "" "wait" (func $wait (result i32)))
      (import "" "yield" (func $yield (result i32)))
      (func $start (drop (call $wait)) (drop (call $yield)))
      (start $start)
      (func (export "f")))
    (core instance $core (instantiate $code (with "" (instance
      (export "wait" (func $wait)) (export "yield" (func $yield))))))
    (func (export "f") (canon lift (core func $core "f")))))"));
  std::coroutine_handle<> waiting;
  builder.add_host_function("x:y/host", "wait",
                            [&waiting]() -> Task<void> { co_await Pause{waiting}; });
  const Composition composition = build(builder);
  EXPECT_TRUE((*composition.function<void()>("", "f"))());
}

// GHSA-32h6-97mm-8q3c: the results of a callback were not compared, and overwrote the stack.
TEST(EngineAdvisories, ACallbackWithOtherResultsIsRefused) {
  for (const char* const results :
       {"(result i32)", "", "(result i64)", "(result i32 i32)", "(result i64 i64 i64 i64)"}) {
    CompositionBuilder builder;
    builder.add_component("guest", assemble(fmt::format(R"((component
      (core module $code
        (func (export "f") (result i32) (i32.const 0))
        (func (export "callback") (param i32 i32 i32) {} unreachable))
      (core instance $core (instantiate $code))
      (func (export "f") async
        (canon lift (core func $core "f") async (callback (core func $core "callback"))))))",
                                                        results)));
    EXPECT_EQ(static_cast<bool>(builder.build()), std::string_view(results) == "(result i32)")
        << results;
  }
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

// GHSA-7v24-42x9-pxf7: `realloc` could call imports while values were lowered outside of a call.
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

// GHSA-63h4-6cx9-pjfj, GHSA-9pvw-hwfg-92h5: the type of the items of a stream of the host was not
// compared.
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

// Uses the ends of streams in ways that no compiler would. Each function returns if the use is
// accepted.
constexpr const char* kEnds = R"((component
  (type $bytes (stream u8))
  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core func $new (canon stream.new $bytes))
  (core func $read (canon stream.read $bytes async (memory $memory)))
  (core func $write (canon stream.write $bytes async (memory $memory)))
  (core func $cancel-read (canon stream.cancel-read $bytes async))
  (core func $cancel-write (canon stream.cancel-write $bytes async))
  (core func $drop-readable (canon stream.drop-readable $bytes))
  (core func $drop-writable (canon stream.drop-writable $bytes))
  (core module $code
    (import "" "new" (func $new (result i64)))
    (import "" "read" (func $read (param i32 i32 i32) (result i32)))
    (import "" "write" (func $write (param i32 i32 i32) (result i32)))
    (import "" "cancel-read" (func $cancel-read (param i32) (result i32)))
    (import "" "cancel-write" (func $cancel-write (param i32) (result i32)))
    (import "" "drop-readable" (func $drop-readable (param i32)))
    (import "" "drop-writable" (func $drop-writable (param i32)))
    (global $readable (mut i32) (i32.const 0))
    (global $writable (mut i32) (i32.const 0))
    (func $make
      (local $ends i64)
      (local.set $ends (call $new))
      (global.set $readable (i32.wrap_i64 (local.get $ends)))
      (global.set $writable (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32)))))
    (func (export "cancel-a-read-as-a-write")
      (call $make)
      (drop (call $read (global.get $readable) (i32.const 0) (i32.const 1)))
      (drop (call $cancel-write (global.get $readable)))
      (call $drop-writable (global.get $readable)))
    (func (export "cancel-a-write-as-a-read")
      (call $make)
      (drop (call $write (global.get $writable) (i32.const 0) (i32.const 1)))
      (drop (call $cancel-read (global.get $writable)))
      (call $drop-readable (global.get $writable)))
    (func (export "read-nothing") (param $from i32)
      (drop (call $read (local.get $from) (i32.const -1) (i32.const 0))))
    (func (export "write-nothing") (result i32)
      (call $make)
      (drop (call $write (global.get $writable) (i32.const -1) (i32.const 0)))
      (global.get $readable))
    (func (export "write-outside") (result i32)
      (call $make)
      (drop (call $write (global.get $writable) (i32.const -1) (i32.const 1)))
      (global.get $readable)))
  (core instance $core (instantiate $code (with "" (instance
    (export "new" (func $new)) (export "read" (func $read)) (export "write" (func $write))
    (export "cancel-read" (func $cancel-read)) (export "cancel-write" (func $cancel-write))
    (export "drop-readable" (func $drop-readable))
    (export "drop-writable" (func $drop-writable))))))
  (func (export "cancel-a-read-as-a-write")
    (canon lift (core func $core "cancel-a-read-as-a-write")))
  (func (export "cancel-a-write-as-a-read")
    (canon lift (core func $core "cancel-a-write-as-a-read")))
  (func (export "read-nothing") (param "from" $bytes)
    (canon lift (core func $core "read-nothing")))
  (func (export "write-nothing") (result $bytes)
    (canon lift (core func $core "write-nothing")))
  (func (export "write-outside") (result $bytes)
    (canon lift (core func $core "write-outside")))))";

Composition build_ends() {
  CompositionBuilder builder;
  builder.add_component("guest", assemble(kEnds));
  return build(builder);
}

// GHSA-xrvr-8678-5wp8: an operation in progress could be cancelled as that of the other end.
TEST(EngineAdvisories, AnOperationCannotBeCancelledByTheOtherEnd) {
  for (const char* const name : {"cancel-a-read-as-a-write", "cancel-a-write-as-a-read"}) {
    const Composition composition = build_ends();
    const CallResult<void> cancelled = (*composition.function<void()>("", name))();
    ASSERT_FALSE(cancelled) << name;
    EXPECT_EQ(cancelled.error().kind, CallFailure::Kind::Trap);
    EXPECT_THAT(cancelled.error().message, HasSubstr("end to"));
  }
}

// GHSA-93g3-36p8-x2gc: a read or write of nothing can have any address.
TEST(EngineAdvisories, AReadOrWriteOfNothingCanHaveAnyAddress) {
  const Composition composition = build_ends();
  const Function read = *composition.find_function("", "read-nothing");
  auto [writer, stream] = ValueStreamWriter::make(read.type().params()[0].type);
  EXPECT_TRUE(read.call(std::vector{stream}));
  EXPECT_TRUE(composition.find_function("", "write-nothing")->call({}));
  const auto outside = composition.find_function("", "write-outside")->call({});
  ASSERT_FALSE(outside);
  EXPECT_EQ(outside.error().kind, CallFailure::Kind::Trap);
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

// GHSA-q554-3cjc-rx7p: the number of handles of a store was not limited. It is now, at 100,000.
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

// Drops the borrowed handles that it gets.
constexpr const char* kLooker = R"((component
  (import "x:y/things" (instance $things (export "thing" (type $thing (sub resource)))))
  (alias export $things "thing" (type $thing))
  (core func $drop (canon resource.drop $thing))
  (core module $code
    (import "" "drop" (func $drop (param i32)))
    (memory (export "memory") 32)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
    (func (export "look") (param $at i32) (param $count i32) (result i32)
      (local $left i32)
      (local.set $left (local.get $count))
      (block $done (loop $next
        (br_if $done (i32.eqz (local.get $left)))
        (call $drop (i32.load (local.get $at)))
        (local.set $at (i32.add (local.get $at) (i32.const 4)))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (br $next)))
      (local.get $count)))
  (core instance $core (instantiate $code (with "" (instance (export "drop" (func $drop))))))
  (func $look (param "things" (list (borrow $thing))) (result u32)
    (canon lift (core func $core "look") (memory $core "memory")
      (realloc (func $core "realloc"))))
  (instance $looker (export "look" (func $look)))
  (export "x:y/looker" (instance $looker))))";

// Passes a thing many times in one call.
constexpr const char* kShower = R"((component
  (import "x:y/things" (instance $things
    (export "thing" (type $thing (sub resource)))
    (export "make" (func (result (own $thing))))))
  (alias export $things "thing" (type $thing))
  (import "x:y/looker" (instance $looker
    (alias outer 1 $thing (type $t))
    (export "look" (func (param "things" (list (borrow $t))) (result u32)))))
  (core module $libc (memory (export "memory") 32))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core func $make (canon lower (func $things "make")))
  (core func $look (canon lower (func $looker "look") (memory $memory)))
  (core module $code
    (import "" "memory" (memory 32))
    (import "" "make" (func $make (result i32)))
    (import "" "look" (func $look (param i32 i32) (result i32)))
    (func (export "show") (param $count i32) (result i32)
      (local $thing i32)
      (local $at i32)
      (local.set $thing (call $make))
      (local.set $at (i32.mul (local.get $count) (i32.const 4)))
      (loop $next
        (i32.store offset=1020 (local.get $at) (local.get $thing))
        (local.set $at (i32.sub (local.get $at) (i32.const 4)))
        (br_if $next (local.get $at)))
      (call $look (i32.const 1024) (local.get $count))))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "make" (func $make))
    (export "look" (func $look))))))
  (func (export "show") (param "count" u32) (result u32) (canon lift (core func $core "show")))))";

// GHSA-6fr9-xmw9-5352: the borrowed handles of a call were not counted.
TEST(EngineAdvisories, BorrowedHandlesAreCounted) {
  for (const bool is_isolated : {false, true}) {
    CompositionBuilder builder;
    builder.add_component("things", assemble(kThings))
        .add_component("looker", assemble(kLooker))
        .add_component("shower", assemble(kShower));
    if (is_isolated) builder.isolate_all();
    builder.export_item("shower", "show");
    const Composition composition = build(builder);
    const auto show = *composition.function<std::uint32_t(std::uint32_t)>("", "show");
    EXPECT_EQ(*show(10'000), 10'000U);
    const CallResult<std::uint32_t> refused = show(200'000);
    ASSERT_FALSE(refused) << is_isolated;
    EXPECT_EQ(refused.error().kind, CallFailure::Kind::Trap);
    EXPECT_THAT(refused.error().message, HasSubstr("handle limit"));
  }
}

}  // namespace
}  // namespace tenon::engine_advisories_test
