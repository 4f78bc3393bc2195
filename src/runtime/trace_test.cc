// The trace of a composition, and that tracing does not change results.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/value.h"
#include "tests/support/call_test.h"
#include "tests/support/component_file.h"
#include "tests/support/temporary_folder.h"

namespace tenon::trace_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

// "1 front -> lib demo:domains/lib@1.0.0.add(1, 2) = 3"
std::string describe(const TraceCall& call) {
  const std::string result = call.failure ? fmt::format("!{}", call.failure->message) : call.result;
  return fmt::format("{} {} -> {} {}({}) = {}", call.depth, call.consumer, call.provider,
                     call.function, call.arguments, result);
}

class Trace : public testing::Test {
 protected:
  BuildOptions options() {
    BuildOptions options;
    if (!is_traced_) return options;
    options.trace_calls = [this](const TraceCall& call) { calls_.push_back(call); };
    options.trace_streams = [this](const TraceStream& stream) { streams_.push_back(stream); };
    options.trace_parent = parent_;
    return options;
  }
  // Guests of tests/guests/domains, each in a domain of its own.
  Composition build_domains() {
    CompositionBuilder builder;
    for (const std::string_view name : {"front", "keeper", "lib"})
      builder.add_component(name, domain_guest(name));
    builder.set_root("front");
    builder.isolate_all();
    return build(builder);
  }
  // Guests of a case of tests/golden/async, the same way.
  Composition build_async(std::string_view name, std::initializer_list<const char*> units,
                          std::size_t stream_buffer = 65536) {
    CompositionBuilder builder;
    builder.set_stream_buffer(stream_buffer);
    for (const char* const unit : units)
      builder.add_component(
          unit, fmt::format("{}/tests/golden/async/{}/{}.wat", TENON_SOURCE_DIR, name, unit));
    builder.set_root("app");
    builder.isolate_all();
    return build(builder);
  }
  Composition build(CompositionBuilder& builder) {
    Result<Composition> built = builder.build(options());
    if (!built) ADD_FAILURE() << built.error().front().message;
    return *std::move(built);
  }

  static std::string call(const Composition& composition, std::string_view text) {
    return call_text(composition, text);
  }
  std::vector<std::string> take() {
    std::vector<std::string> lines;
    for (const TraceCall& call : calls_) lines.push_back(describe(call));
    calls_.clear();
    return lines;
  }

  bool is_traced_ = true;
  TraceContext parent_;
  std::vector<TraceCall> calls_;
  std::vector<TraceStream> streams_;
};

TEST_F(Trace, ShowsCallsWhenTheyHaveEnded) {
  const Composition many = build_domains();
  EXPECT_EQ(call(many, "add(1, 4294967295)"), "0");
  EXPECT_EQ(call(many, "keep(5)"), "()");
  EXPECT_THAT(take(), ElementsAre("0 front -> lib demo:domains/lib@1.0.0.add(1, 4294967295) = 0",
                                  "0 front -> lib demo:domains/lib@1.0.0.[counter](5) = "
                                  "<demo:domains/lib@1.0.0.counter #1>",
                                  "0 front -> keeper demo:domains/keeper@1.0.0.keep("
                                  "<demo:domains/lib@1.0.0.counter #1>) = ()"));
}

TEST_F(Trace, CountsBytesHandlesAndTime) {
  const Composition many = build_domains();
  EXPECT_EQ(call(many, "hold(5)"), "()");
  EXPECT_EQ(call(many, R"(echo("hello"))"), R"("hello")");
  ASSERT_THAT(calls_, SizeIs(2));
  EXPECT_EQ(calls_[0].handles, 1U);
  EXPECT_EQ(calls_[0].bytes, 8U);   // a number and a handle
  EXPECT_EQ(calls_[1].bytes, 26U);  // in both directions: an address, a length and five letters
  EXPECT_GE(calls_[1].start, calls_[0].start + calls_[0].duration);
  EXPECT_GT(calls_[1].duration.count(), 0);
}

TEST_F(Trace, NestedCallsAreDeeperAndPartOfTheTime) {
  const Composition many = build_domains();
  // `keeper` calls `lib`.
  EXPECT_EQ(call(many, "sum(1, 2)"), call(build_domains(), "sum(1, 2)"));
  std::vector<TraceCall> inner;
  for (const TraceCall& call : calls_)
    if (call.depth == 1) inner.push_back(call);
  ASSERT_FALSE(inner.empty());
  EXPECT_EQ(inner.front().consumer, "keeper");
  const auto outer = std::ranges::find(calls_, "keeper", &TraceCall::provider);
  ASSERT_NE(outer, calls_.end());
  EXPECT_EQ(outer->depth, 0U);
  EXPECT_LE(outer->start, inner.front().start);
  EXPECT_GE(outer->start + outer->duration, inner.front().start + inner.front().duration);
}

TEST_F(Trace, NamesTheCallThatCausedACall) {
  const Composition many = build_domains();
  call(many, "sum(1, 2)");
  const auto outer = std::ranges::find(calls_, "keeper", &TraceCall::provider);
  ASSERT_NE(outer, calls_.end());
  EXPECT_EQ(outer->parent, 0U);
  std::size_t inner = 0;
  for (const TraceCall& call : calls_) {
    if (call.depth != 1) continue;
    ++inner;
    EXPECT_EQ(call.parent, outer->context.span);
    EXPECT_EQ(call.context.trace, outer->context.trace);
    EXPECT_NE(call.context.span, outer->context.span);
  }
  EXPECT_GT(inner, 0U);
  // Each call of the program begins a trace.
  const std::array<std::uint8_t, 16> first = outer->context.trace;
  calls_.clear();
  call(many, "sum(1, 2)");
  EXPECT_NE(calls_.front().context.trace, first);
}

TEST_F(Trace, CallsOfTheProgramBelongToWhatItSays) {
  parent_ = TraceContext::make();
  const Composition many = build_domains();
  call(many, "sum(1, 2)");
  for (const TraceCall& call : calls_) {
    EXPECT_EQ(call.context.trace, parent_.trace);
    if (call.depth == 0) {
      EXPECT_EQ(call.parent, parent_.span);
    }
  }
}

// A task that yields some times and then calls a function. Source: calls_overlap/lib.wat.
constexpr std::string_view kYieldingTask = R"wat((component
  (import "x:y/end" (instance $end (export "note" (func (param "turns" u32)))))
  (core func $context (canon context.get i32 0))
  (core func $set-context (canon context.set i32 0))
  (core func $note (canon lower (func $end "note")))
  (core func $return (canon task.return (result u32)))
  (core module $code
    (import "" "context" (func $context (result i32)))
    (import "" "set-context" (func $set-context (param i32)))
    (import "" "note" (func $note (param i32)))
    (import "" "return" (func $return (param i32)))
    (func (export "slow") (param $turns i32) (result i32)
      (call $set-context (i32.or (i32.shl (local.get $turns) (i32.const 16)) (local.get $turns)))
      (i32.const 1))
    (func (export "slow-callback") (param i32 i32 i32) (result i32)
      (local $context i32)
      (local.set $context (i32.sub (call $context) (i32.const 1)))
      (call $set-context (local.get $context))
      (if (i32.and (local.get $context) (i32.const 0xffff)) (then (return (i32.const 1))))
      (call $note (i32.shr_u (local.get $context) (i32.const 16)))
      (call $return (i32.shr_u (local.get $context) (i32.const 16)))
      (i32.const 0)))
  (core instance $core (instantiate $code (with "" (instance
    (export "context" (func $context)) (export "set-context" (func $set-context))
    (export "note" (func $note)) (export "return" (func $return))))))
  (func $slow async (param "turns" u32) (result u32)
    (canon lift (core func $core "slow") async (callback (core func $core "slow-callback"))))
  (instance $lib (export "slow" (func $slow)))
  (export "x:y/lib" (instance $lib))))wat";
constexpr std::string_view kNoted = R"wat((component
  (core module $code (func (export "note") (param i32)))
  (core instance $core (instantiate $code))
  (func $note (param "turns" u32) (canon lift (core func $core "note")))
  (instance $end (export "note" (func $note)))
  (export "x:y/end" (instance $end))))wat";

// Three tasks of a guest take turns, and each of them makes a call.
TEST_F(Trace, NamesTheTaskThatCausedACall) {
  const TemporaryFolder folder;
  CompositionBuilder builder;
  builder.add_component(
      "app", std::string(TENON_SOURCE_DIR) + "/tests/golden/async/calls_overlap/app.wat");
  write_component(folder.path() / "lib.wasm", kYieldingTask);
  write_component(folder.path() / "end.wasm", kNoted);
  for (const std::string unit : {"lib", "end"})
    builder.add_component(unit, (folder.path() / (unit + ".wasm")).string());
  builder.set_root("app");
  builder.isolate_all();
  const Composition many = build(builder);
  EXPECT_EQ(call(many, "f()"), "[10, 20, 30]");
  std::size_t notes = 0;
  for (const TraceCall& note : calls_) {
    if (note.provider != "end") continue;
    ++notes;
    const auto cause = std::ranges::find_if(calls_, [&](const TraceCall& call) {
      return call.provider == "lib" && call.arguments == note.arguments;
    });
    ASSERT_NE(cause, calls_.end());
    EXPECT_EQ(note.parent, cause->context.span) << note.arguments;
    EXPECT_EQ(note.context.trace, cause->context.trace);
  }
  EXPECT_EQ(notes, 3U);
}

TEST_F(Trace, ShowsFailuresThatTheCallerGetsAsValues) {
  const Composition many = build_domains();
  EXPECT_THAT(call(many, "check-text(0)"), HasSubstr("err("));
  EXPECT_THAT(call(many, "check-text(1)"), HasSubstr("has ended"));
  EXPECT_THAT(call(many, "check-text(2)"), HasSubstr("has ended"));
  ASSERT_THAT(calls_, SizeIs(3));
  EXPECT_EQ(calls_[0].failure->kind, CallFailure::Kind::Trap);
  EXPECT_EQ(calls_[1].failure->kind, CallFailure::Kind::Ended);
  EXPECT_EQ(calls_[2].depth, 0U);
  EXPECT_EQ(calls_[2].result, "");
}

TEST_F(Trace, TruncatesLongValues) {
  const Composition many = build_domains();
  std::vector<std::uint8_t> bytes(1 << 20, 7);
  const Value list = Value::list(bytes);
  const auto echoed = many.call("front", "echo-bytes", std::span(&list, 1));
  ASSERT_TRUE(echoed);
  EXPECT_EQ(**echoed, list);
  ASSERT_THAT(calls_, SizeIs(1));
  EXPECT_EQ(calls_[0].bytes, (2U << 20U) + 16U);
  EXPECT_THAT(calls_[0].arguments, testing::StartsWith("[7, 7, 7, "));
  EXPECT_THAT(calls_[0].arguments, testing::EndsWith("...]"));
  EXPECT_LT(calls_[0].arguments.size(), 80U);
  EXPECT_EQ(calls_[0].result, calls_[0].arguments);
  calls_.clear();
  const Value text = Value::string(std::string(300, 'x') + "\x1b[2J");
  ASSERT_TRUE(many.call("front", "echo", std::span(&text, 1)));
  EXPECT_EQ(calls_[0].arguments, '"' + std::string(63, 'x') + "...\"");
}

TEST_F(Trace, OfACompositionOfOneDomainIsEmpty) {
  CompositionBuilder builder;
  for (const std::string_view name : {"front", "keeper", "lib"})
    builder.add_component(
        name, fmt::format("{}/tests/guests/domains/wasm/{}.wasm", TENON_SOURCE_DIR, name));
  builder.set_root("front");
  const Composition single = build(builder);
  EXPECT_EQ(call(single, "add(1, 2)"), "3");
  EXPECT_THAT(calls_, SizeIs(0));
}

TEST_F(Trace, SumsUpAStream) {
  const Composition many = build_async("stream_of_a_megabyte", {"app", "lib"});
  EXPECT_EQ(call(many, "f()"), "(1048576, 130822496)");
  ASSERT_THAT(streams_, SizeIs(1));
  const TraceStream& stream = streams_.front();
  EXPECT_EQ(stream.number, 1U);
  EXPECT_EQ(stream.consumer, "app");
  EXPECT_EQ(stream.provider, "lib");
  EXPECT_EQ(stream.function, "x:y/lib.open");
  EXPECT_EQ(stream.type, "stream<u8>");
  EXPECT_EQ(stream.items, 1048576U);
  EXPECT_EQ(stream.bytes, 1048576U);
  EXPECT_GT(stream.duration.count(), 0);
}

TEST_F(Trace, CountsTheContentsOfItems) {
  const Composition many = build_async("stream_of_strings", {"app", "lib"});
  call(many, "f()");
  ASSERT_THAT(streams_, SizeIs(1));
  EXPECT_EQ(streams_[0].type, "stream<string>");
  EXPECT_GT(streams_[0].items, 0U);
  // An address and a length for each, and its letters.
  EXPECT_GT(streams_[0].bytes, 8 * streams_[0].items);
}

TEST_F(Trace, ShowsAStreamThatIsPassedOnOnce) {
  const Composition many = build_async("stream_passed_to_third", {"app", "lib", "mid"});
  call(many, "f()");
  ASSERT_THAT(streams_, SizeIs(1));
  EXPECT_GT(streams_[0].items, 0U);
}

// A read of 3 items waits for a write of 8.
TEST_F(Trace, ShowsStreamsThatAreOpenAtTheEnd) {
  {
    const Composition many = build_async("write_longer_than_read", {"app", "lib"}, 0);
    EXPECT_EQ(call(many, "f()"), R"(([-1, 48, 48], "abc"))");
    EXPECT_THAT(streams_, SizeIs(0));
  }
  ASSERT_THAT(streams_, SizeIs(1));
  EXPECT_EQ(streams_[0].items, 3U);
  EXPECT_EQ(streams_[0].read_waits, 1U);
  EXPECT_EQ(streams_[0].write_waits, 0U);
}

// A write waits for a read that never comes.
TEST_F(Trace, CountsAWriteThatWaits) {
  const Composition many = build_async("isolated_reader_traps", {"app", "lib"}, 0);
  EXPECT_EQ(call(many, "f()"), "[-1, 1, 1]");
  ASSERT_THAT(streams_, SizeIs(1));
  EXPECT_EQ(streams_[0].items, 0U);
  EXPECT_EQ(streams_[0].read_waits, 0U);
  EXPECT_EQ(streams_[0].write_waits, 1U);
}

// Calls `take` with a string at `address`, of one byte.
std::string caller_text(std::uint32_t address) {
  return fmt::format(R"((component
    (import "t:t/log" (instance $log (export "take" (func (param "s" string)))))
    (core module $memory (memory (export "memory") 1))
    (core instance $m (instantiate $memory))
    (core func $take (canon lower (func $log "take") (memory $m "memory")))
    (core module $code
      (import "log" "take" (func $take (param i32 i32)))
      (func (export "go") (call $take (i32.const {}) (i32.const 1))))
    (core instance $given (export "take" (func $take)))
    (core instance $i (instantiate $code (with "log" (instance $given))))
    (func (export "go") (canon lift (core func $i "go")))))",
                     static_cast<std::int32_t>(address));
}

// {}: empty, or a type of concurrent components.
constexpr std::string_view kTaker = R"((component {}
  (core module $code
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 0))
    (func (export "take") (param i32 i32)))
  (core instance $i (instantiate $code))
  (func $take (param "s" string)
    (canon lift (core func $i "take") (memory $i "memory") (realloc (func $i "realloc"))))
  (instance $out (export "take" (func $take)))
  (export "t:t/log" (instance $out))))";

class TraceOfText : public Trace {
 protected:
  Composition build_texts(std::string_view app, std::string_view type = "") {
    std::ofstream(folder_.path() / "app.wat") << app;
    std::ofstream(folder_.path() / "log.wat") << fmt::format(fmt::runtime(kTaker), type);
    CompositionBuilder builder;
    builder.add_component("app", (folder_.path() / "app.wat").string());
    builder.add_component("log", (folder_.path() / "log.wat").string());
    builder.set_root("app");
    builder.isolate_all();
    return build(builder);
  }

 private:
  TemporaryFolder folder_;
};

// The copy of the call reports the problem as it would without a trace.
TEST_F(TraceOfText, ABadPointerIsReportedByTheCopy) {
  const std::string text = caller_text(0xfffffff0);
  const Composition app = build_texts(text);
  const std::string failed = call(app, "go()");
  EXPECT_THAT(take(), ElementsAre(HasSubstr("app -> log t:t/log.take(<bad>) = !")));
  is_traced_ = false;
  EXPECT_EQ(call(build_texts(text), "go()"), failed);
  EXPECT_THAT(failed, HasSubstr("are out of bounds of a memory"));
}

// The params are read before the call.
TEST_F(TraceOfText, ABadPointerOfAConcurrentCalleeIsReported) {
  const std::string text = caller_text(0xfffffff0);
  const Composition app = build_texts(text, "(type (stream u8))");
  EXPECT_THAT(call(app, "go()"), HasSubstr("are out of bounds of a memory"));
  ASSERT_THAT(calls_, SizeIs(1));
  EXPECT_EQ(calls_[0].failure->unit, "log");
  EXPECT_EQ(calls_[0].failure->function, "t:t/log#take");
  EXPECT_THAT(take(), ElementsAre("0 app -> log t:t/log.take(<bad>) = !the caller broke off the "
                                  "call"));
}

TEST_F(TraceOfText, AGoodPointerIsRead) {
  const Composition app = build_texts(caller_text(16));
  EXPECT_EQ(call(app, "go()"), "()");
  EXPECT_THAT(take(), ElementsAre(R"(0 app -> log t:t/log.take("\u{0}") = ())"));
}

}  // namespace
}  // namespace tenon::trace_test
