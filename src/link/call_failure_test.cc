#include "link/call_failure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace tenon::call_failure_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

CallFailure fail(CallFailure::Kind kind) {
  CallFailure failure;
  failure.kind = kind;
  failure.unit = "tax";
  failure.function = "wasi:cli/run#run";
  failure.message = "wasm `unreachable` instruction executed";
  return failure;
}

TEST(FailureDiagnostic, NamesUnitFunctionAndFrames) {
  CallFailure failure = fail(CallFailure::Kind::Trap);
  failure.backtrace = {{"tax", "lookup", "", 0x10}, {"", "", "", {}}};
  const Diagnostic problem = failure_diagnostic(failure);
  EXPECT_EQ(problem.code, "run-trap");
  EXPECT_EQ(problem.message,
            "`tax` trapped in `wasi:cli/run#run`: wasm `unreachable` instruction executed");
  ASSERT_EQ(problem.notes.size(), 1U);
  EXPECT_THAT(problem.notes[0].excerpt.lines,
              ElementsAre(" 0: tax     lookup  (byte 0x10)", " 1: (host)  (no name)"));
}

TEST(FailureDiagnostic, CountsRepeatedFrames) {
  const auto lines = [](const CallFailure& failure) {
    return failure_diagnostic(failure).notes.at(0).excerpt.lines;
  };
  const auto make_frame = [](std::uint32_t index) {
    CallFailure::Frame frame{"tax", "", "", {}};
    frame.function_index = index;
    return frame;
  };
  CallFailure failure = fail(CallFailure::Kind::Trap);
  failure.backtrace = {make_frame(7)};
  for (int i = 0; i < 30; ++i) failure.backtrace.push_back(make_frame(3));
  for (int i = 0; i < 4; ++i) {
    failure.backtrace.push_back(make_frame(4));
    failure.backtrace.push_back(make_frame(5));
  }
  failure.backtrace.push_back(make_frame(6));
  failure.backtrace.back().function = "main";
  EXPECT_THAT(lines(failure), ElementsAre(" 0: tax  function 7", " 1: tax  function 3",
                                          "    the same, 29 more times", "31: tax  function 4",
                                          "32: tax  function 5", "    these 2, 3 more times",
                                          "39: tax  main, function 6"));
  failure.backtrace.clear();
  for (std::uint32_t i = 0; i < 63; ++i) failure.backtrace.push_back(make_frame(i));
  EXPECT_EQ(lines(failure).size(), 21U);
  EXPECT_EQ(lines(failure).back(), "    and 43 more");
  failure.backtrace.push_back(make_frame(64));
  EXPECT_EQ(lines(failure).back(), "    and more, which were not recorded");
}

TEST(FailureDiagnostic, ReportsEngineErrors) {
  EXPECT_EQ(failure_diagnostic(fail(CallFailure::Kind::Engine)).code, "run-engine");
}

TEST(FailureDiagnostic, NamesTheLimitOfRequests) {
  CallFailure late = fail(CallFailure::Kind::Deadline);
  late.limits = {"request-timeout"};
  late.domain = "site";
  const Diagnostic problem = failure_diagnostic(late);
  ASSERT_EQ(problem.hints.size(), 1U);
  EXPECT_EQ(problem.hints[0].text,
            "if it needs more time, raise `request-timeout` of HTTP requests");
  EXPECT_THAT(problem.hints[0].ways.manifest, ElementsAre("[http]", "request-timeout = ..."));
}

TEST(FailureDiagnostic, DistinguishesWaitingFromRunningDomains) {
  CallFailure late = fail(CallFailure::Kind::Deadline);
  late.message = "another thread was in `shop` until the deadline";
  late.limits = {"call-timeout"};
  late.domain = "main";
  late.is_wait = true;
  const Diagnostic deadline = failure_diagnostic(late);
  EXPECT_EQ(deadline.code, "run-deadline");
  EXPECT_EQ(deadline.message,
            "a call in `wasi:cli/run#run` was not made: another thread was in `shop` until the "
            "deadline");
  EXPECT_THAT(deadline.hints, ElementsAre(HasSubstr("raise `call-timeout` of the domain `main`")));
  CallFailure circle = fail(CallFailure::Kind::Reentrance);
  const std::string units = failure_diagnostic(circle).hints.at(0);
  circle.is_wait = true;
  const Diagnostic reentrance = failure_diagnostic(circle);
  EXPECT_EQ(reentrance.code, "run-reentrance");
  ASSERT_EQ(reentrance.hints.size(), 1U);
  EXPECT_NE(reentrance.hints[0], units);
}

const link::Spans kSpans = {{{"cart", {100, 200}}, {"tax", {200, 300}}},
                            {{"acme:log/log", {300, 320}}}};

engine::GuestFrame frame(std::string function, std::uint64_t offset) {
  engine::GuestFrame frame;
  frame.function = std::move(function);
  frame.component_offset = offset;
  return frame;
}

TEST(DescribeFailure, FindsTheUnitOfEachFrame) {
  engine::Failure failure;
  failure.kind = engine::FailureKind::Trap;
  failure.message = "boom";
  failure.frames = {frame("lookup", 200), frame("total", 199), frame("outside", 320)};
  const CallFailure described = link::describe_failure(failure, kSpans);
  EXPECT_EQ(described.kind, CallFailure::Kind::Trap);
  EXPECT_EQ(described.unit, "tax");
  ASSERT_EQ(described.backtrace.size(), 3U);
  EXPECT_EQ(described.backtrace[0].offset, 0U);
  EXPECT_EQ(described.backtrace[1].unit, "cart");
  EXPECT_EQ(described.backtrace[2].unit, "");
}

// If two units have the same core module, only the neighboring frames can tell which one it is.
TEST(DescribeFailure, NamesAllUnitsThatHaveTheCode) {
  link::Spans spans = kSpans;
  spans.modules = {{.unit = "cart", .module = 0, .bytes = {10, 20}},
                   {.unit = "tax", .module = 0, .bytes = {30, 40}}};
  const std::vector<std::uintptr_t> modules = {7};
  engine::Failure failure;
  failure.kind = engine::FailureKind::Trap;
  failure.message = "boom";
  failure.frames = {frame("end", 3)};
  failure.frames[0].code = 7;
  EXPECT_EQ(link::describe_failure(failure, spans, modules).message,
            "boom, in code of one of `cart`, `tax`");
  failure.frames.push_back(frame("total", 250));
  const CallFailure described = link::describe_failure(failure, spans, modules);
  EXPECT_EQ(described.message, "boom");
  EXPECT_EQ(described.unit, "tax");
}

TEST(DescribeFailure, NamesAllUnitsOfOneBinary) {
  const link::Spans spans = {{{"cart", {100, 200}}, {"sale", {100, 200}}, {"tax", {200, 300}}}, {}};
  engine::Failure failure;
  failure.kind = engine::FailureKind::Trap;
  failure.message = "boom";
  failure.frames = {frame("total", 150)};
  EXPECT_EQ(link::describe_failure(failure, spans).message,
            "boom, in code of one of `cart`, `sale`");
}

// The unit between two adapters was inlined into one of them.
TEST(DescribeFailure, AnAdapterCanBeCalledByInlinedCode) {
  const auto call = [](std::string consumer, std::string provider) {
    return link::DirectCall{.consumer = std::move(consumer),
                            .provider = std::move(provider),
                            .import = "acme:tax/lib",
                            .function = "rates",
                            .result = link::ValueParts::Address};
  };
  link::Spans spans = kSpans;
  spans.calls = {call("cart", "tax"), call("tax", "rates")};
  engine::Failure failure;
  failure.kind = engine::FailureKind::Trap;
  failure.message = "unaligned pointer";
  failure.frames = {engine::GuestFrame(), frame("total", 150)};
  const CallFailure direct = link::describe_failure(failure, spans);
  EXPECT_EQ(direct.unit, "tax");
  EXPECT_THAT(direct.message, HasSubstr("that `tax` passed to `cart`"));
  failure.frames.insert(failure.frames.begin() + 1, engine::GuestFrame());
  failure.frames[1].inlined = engine::Inlined::Yes;
  EXPECT_THAT(link::describe_failure(failure, spans).message,
              HasSubstr("one of `cart`, `rates`, `tax` passed to another"));
}

TEST(DescribeFailure, ShowsTheSourcePosition) {
  engine::Failure failure;
  failure.kind = engine::FailureKind::Trap;
  failure.frames = {frame("lookup", 200), frame("total", 150), frame("outside", 320)};
  failure.frames[0].sources = {{.function = "lookup", .file = "tax.c", .line = 7, .column = 3},
                               {.function = "total", .file = "tax.c", .line = 20, .column = 1}};
  failure.frames[1].sources = {{.function = "total", .file = "cart.c", .line = 9, .column = 0}};
  const CallFailure described = link::describe_failure(failure, kSpans);
  EXPECT_EQ(described.backtrace[0].source, "tax.c:7:3");
  EXPECT_EQ(described.backtrace[1].source, "cart.c:9");
  EXPECT_EQ(described.backtrace[2].source, "");
  EXPECT_EQ(failure_diagnostic(described).notes.at(0).excerpt.lines.at(0),
            " 0: tax     lookup, function 0  at tax.c:7:3  (byte 0x0)");
}

TEST(DescribeFailure, ShowsTheExitCodeBeforeTheCall) {
  engine::Failure failure;
  failure.kind = engine::FailureKind::Exit;
  failure.exit_code = 3;
  EXPECT_EQ(link::describe_failure(failure, kSpans).message,
            "it exited with code 3 instead of returning");
}

TEST(DescribeFailure, ReportsAPanicAsABug) {
  engine::Failure failure;
  failure.kind = engine::FailureKind::Panic;
  failure.message = "the engine panicked: index out of bounds";
  failure.frames = {frame("total", 150)};
  const CallFailure described = link::describe_failure(failure, kSpans);
  EXPECT_EQ(described.kind, CallFailure::Kind::Engine);
  EXPECT_EQ(described.message,
            "the engine panicked: index out of bounds; this is a bug in tenon: please report it "
            "with the components");
}

TEST(DescribeFailure, ATrapInAStubIsACallOfAnOpenImport) {
  engine::Failure failure;
  failure.kind = engine::FailureKind::Trap;
  failure.message = "wasm `unreachable` instruction executed";
  failure.frames = {frame("acme:log/log#write", 310), frame("", 301), frame("total", 150)};
  const CallFailure described = link::describe_failure(failure, kSpans);
  EXPECT_EQ(described.kind, CallFailure::Kind::OpenImport);
  EXPECT_EQ(described.unit, "cart");
  EXPECT_EQ(described.import, "acme:log/log");
  EXPECT_EQ(described.backtrace.size(), 1U);
  const Diagnostic problem = failure_diagnostic(described);
  EXPECT_EQ(problem.code, "run-open-import");
  EXPECT_EQ(problem.message, "`cart` called `acme:log/log#write`, which no unit provides");
  EXPECT_THAT(problem.hints, ElementsAre(HasSubstr("add a component that exports `acme:log/log`")));
}

TEST(DescribeFailure, AStubOfWiresNamesTheWireOfTheCaller) {
  engine::Failure failure;
  failure.kind = engine::FailureKind::Trap;
  failure.frames = {frame("acme:log/log#write", 310), frame("", 301), frame("total", 150)};
  link::Spans spans = kSpans;
  spans.stubs.front().wires = {{"tax", "acme:log/log=(trap)"}, {"cart", "cart:*=(trap)"}};
  const Diagnostic problem = failure_diagnostic(link::describe_failure(failure, spans));
  EXPECT_EQ(problem.code, "run-open-import");
  EXPECT_EQ(problem.message,
            "`cart` called `acme:log/log#write`, which the wire `cart:*=(trap)` makes trap");
  EXPECT_THAT(problem.hints,
              ElementsAre(HasSubstr("give that wire a unit that exports `acme:log/log`")));
  // An optional import of another unit has the same stub.
  spans.stubs.front().wires.pop_back();
  EXPECT_THAT(failure_diagnostic(link::describe_failure(failure, spans)).message,
              HasSubstr("which no unit provides"));
}

TEST(DescribeFailure, EveryKindHasItsCode) {
  const auto code = [](CallFailure::Kind kind) {
    CallFailure failure;
    failure.kind = kind;
    return failure_diagnostic(failure).code;
  };
  EXPECT_EQ(code(CallFailure::Kind::Trap), "run-trap");
  EXPECT_EQ(code(CallFailure::Kind::OpenImport), "run-open-import");
  EXPECT_EQ(code(CallFailure::Kind::Deadline), "run-deadline");
  EXPECT_EQ(code(CallFailure::Kind::Ended), "run-ended");
  EXPECT_EQ(code(CallFailure::Kind::Reentrance), "run-reentrance");
  EXPECT_EQ(code(CallFailure::Kind::Engine), "run-engine");
}

}  // namespace
}  // namespace tenon::call_failure_test
