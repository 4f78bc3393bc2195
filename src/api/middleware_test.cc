// Middleware of each kind, on edges between components, to the program, and between domains.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tests/support/call_test.h"
#include "tests/support/package_test.h"
#include "tests/support/temporary_folder.h"

namespace tenon::middleware_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Kind = Middleware::Kind;

// Calls `x:y/lib`, and exports the same functions.
constexpr std::string_view kApp = R"((component
  (import "x:y/lib" (instance $lib
    (export "add" (func (param "a" u32) (param "b" u32) (result u32)))
    (export "check" (func (param "n" u32) (result (result u32 (error string)))))))
  (core module $memory
    (memory (export "memory") 1)
    (global $top (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (global.set $top (i32.add (global.get $top) (i32.const 256)))
      (i32.sub (global.get $top) (i32.const 256))))
  (core instance $memory (instantiate $memory))
  (core func $add (canon lower (func $lib "add")))
  (core func $check (canon lower (func $lib "check")
    (memory $memory "memory") (realloc (func $memory "realloc"))))
  (core module $code
    (import "lib" "add" (func $add (param i32 i32) (result i32)))
    (import "lib" "check" (func $check (param i32 i32)))
    (func (export "add") (param i32 i32) (result i32) (call $add (local.get 0) (local.get 1)))
    (func (export "check") (param i32) (result i32)
      (call $check (local.get 0) (i32.const 64))
      (i32.const 64)))
  (core instance $run (instantiate $code
    (with "lib" (instance (export "add" (func $add)) (export "check" (func $check))))))
  (func $add-up (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $run "add")))
  (func $check-up (param "n" u32) (result (result u32 (error string)))
    (canon lift (core func $run "check") (memory $memory "memory")))
  (instance $up (export "add" (func $add-up)) (export "check" (func $check-up)))
  (export "x:y/lib" (instance $up)))
)";

class MiddlewareTest : public testing::Test {
 protected:
  // A chain of units `front`, `mid` and the program, with middleware on its imports.
  CompositionBuilder chain() {
    CompositionBuilder builder;
    for (const char* name : {"front", "mid"})
      builder.add_component(name, folder_.write(fmt::format("{}.wat", name), kApp));
    builder.set_root("front");
    builder.wire({.consumer = "front", .import = "x:y/lib", .provider = "mid"});
    builder.wire({.consumer = "mid", .import = "x:y/lib", .provider = "program"});
    builder.add_host_function("x:y/lib", "add", [this](std::uint32_t a, std::uint32_t b) {
      ++calls_;
      return a + b;
    });
    builder.add_host_function("x:y/lib", "check",
                              [this](std::uint32_t n) -> Expected<std::uint32_t, std::string> {
                                ++calls_;
                                if (n == 0) return Unexpected(std::string("zero"));
                                return n;
                              });
    return builder;
  }
  static void add_via(CompositionBuilder& builder, std::string_view consumer,
                      std::vector<std::string> names) {
    builder.wire({.consumer = std::string(consumer), .import = "x:y/lib", .via = std::move(names)});
  }
  BuildOptions options() {
    BuildOptions options;
    options.on_log = [this](std::string_view line) { lines_.emplace_back(line); };
    return options;
  }
  Composition build(CompositionBuilder& builder) {
    Result<Composition> built = builder.build(options());
    if (!built) throw std::runtime_error(built.error().front().message);
    return *std::move(built);
  }
  std::string problem_of(CompositionBuilder& builder) {
    Result<Composition> built = builder.build(options());
    if (built) return "it links";
    return built.error().front().message;
  }
  [[nodiscard]] std::string read(std::string_view name) const {
    std::ifstream file(folder_.path() / name);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }
  [[nodiscard]] std::string path(std::string_view name) const { return folder_.path() / name; }

  TemporaryFolder folder_;
  std::vector<std::string> lines_;
  int calls_ = 0;
};

TEST_F(MiddlewareTest, LogTellsEachCall) {
  CompositionBuilder builder = chain();
  add_via(builder, "front", {"tenon:log"});
  add_via(builder, "mid", {"tenon:log"});
  const Composition composition = build(builder);
  EXPECT_EQ(call_text(composition, "x:y/lib.add(1, 2)"), "3");
  EXPECT_EQ(call_text(composition, "x:y/lib.check(0)"), R"(err("zero"))");
  EXPECT_THAT(lines_, ElementsAre("mid -> program: x:y/lib#add(1, 2) = 3",
                                  "front -> mid: x:y/lib#add(1, 2) = 3",
                                  R"(mid -> program: x:y/lib#check(0) = err("zero"))",
                                  R"(front -> mid: x:y/lib#check(0) = err("zero"))"));
}

TEST_F(MiddlewareTest, LogAppendsToItsFile) {
  for (int i = 0; i < 2; ++i) {
    CompositionBuilder builder = chain();
    builder.add_middleware("lines", {.kind = Kind::Log, .file = path("calls.log")});
    add_via(builder, "mid", {"lines"});
    EXPECT_EQ(call_text(build(builder), "x:y/lib.add(1, 2)"), "3");
  }
  EXPECT_EQ(read("calls.log"),
            "mid -> program: x:y/lib#add(1, 2) = 3\nmid -> program: x:y/lib#add(1, 2) = 3\n");
  EXPECT_THAT(lines_, IsEmpty());
}

// Every kind of value and handle passes `log` and `limit` unchanged.
TEST_F(MiddlewareTest, LeavesValuesAndHandlesAlone) {
  const auto make = [](bool has_middleware) {
    CompositionBuilder builder;
    for (const char* name : {"front", "keeper", "lib"})
      builder.add_component(name, domain_guest(name));
    builder.set_root("front");
    if (has_middleware) {
      builder.add_middleware(
          "wide", {.kind = Kind::Limit, .concurrency = 100, .size = std::uint64_t{1} << 30});
      builder.wire({.import = "demo:domains/*", .via = {"wide", "tenon:log"}});
    }
    return builder;
  };
  CompositionBuilder plain_builder = make(false);
  CompositionBuilder wrapped_builder = make(true);
  const Composition plain = build(plain_builder);
  const Composition wrapped = build(wrapped_builder);
  EXPECT_THAT(wrapped.plan().domains, SizeIs(3));
  for (const std::string_view text : kFrontCalls)
    EXPECT_EQ(call_front(wrapped, text), call_front(plain, text)) << text;
  EXPECT_THAT(lines_, testing::Contains(HasSubstr("echo-named([{id: 1, name: \"a\", weight: 2}")));
  EXPECT_THAT(call_front(wrapped, "boom()"), HasSubstr("unreachable"));
  EXPECT_THAT(lines_.back(), HasSubstr("boom() failed: "));
}

TEST_F(MiddlewareTest, LimitsTheRateOfAllItsEdges) {
  CompositionBuilder builder = chain();
  builder.add_middleware("few", {.kind = Kind::Limit, .rate = *CallRate::parse("3/h")});
  add_via(builder, "front", {"few"});
  add_via(builder, "mid", {"few"});
  const Composition composition = build(builder);
  EXPECT_EQ(call_text(composition, "x:y/lib.check(5)"), "ok(5)");
  // The call of `front` has the last token.
  EXPECT_EQ(call_text(composition, "x:y/lib.check(5)"),
            R"(err("a call of `x:y/lib#check` was refused: `few` allows 3 calls in 1h"))");
  EXPECT_EQ(call_text(composition, "x:y/lib.check(5)"),
            R"(err("a call of `x:y/lib#check` was refused: `few` allows 3 calls in 1h"))");
  EXPECT_EQ(calls_, 1);
  const std::string failure = call_text(composition, "x:y/lib.add(1, 2)");
  EXPECT_EQ(failure, "a call of `x:y/lib#add` was refused: `few` allows 3 calls in 1h");
}

TEST_F(MiddlewareTest, LimitsCallsAtTheSameTime) {
  CompositionBuilder builder = chain();
  builder.add_middleware("one", {.kind = Kind::Limit, .concurrency = 1});
  add_via(builder, "front", {"one"});
  add_via(builder, "mid", {"one"});
  const Composition composition = build(builder);
  // The slot of a call that ended is free again.
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(
        call_text(composition, "x:y/lib.check(5)"),
        R"(err("a call of `x:y/lib#check` was refused: `one` allows 1 call at the same time"))");
}

TEST_F(MiddlewareTest, LimitsSizes) {
  CompositionBuilder builder;
  for (const char* name : {"front", "keeper", "lib"})
    builder.add_component(name, domain_guest(name));
  builder.set_root("front");
  builder.add_middleware("small", {.kind = Kind::Limit, .size = 24});
  builder.wire({.consumer = "front", .import = "demo:domains/lib", .via = {"small"}});
  const Composition composition = build(builder);
  EXPECT_EQ(call_front(composition, "echo(\"0123456789\")"), "\"0123456789\"");
  EXPECT_THAT(call_front(composition, "echo(\"0123456789012345678901234567890\")"),
              HasSubstr("`small` allows arguments of at most 24B"));
}

TEST_F(MiddlewareTest, LimitsTheSizeOfResults) {
  CompositionBuilder builder = chain();
  builder.add_middleware("small", {.kind = Kind::Limit, .size = 12});
  add_via(builder, "mid", {"small"});
  const Composition composition = build(builder);
  EXPECT_EQ(call_text(composition, "x:y/lib.check(5)"), "ok(5)");
  EXPECT_EQ(
      call_text(composition, "x:y/lib.check(0)"),
      R"(err("a call of `x:y/lib#check` was refused: `small` allows results of at most 12B"))");
}

TEST_F(MiddlewareTest, CacheAnswersEqualCalls) {
  CompositionBuilder builder = chain();
  builder.add_middleware("kept", {.kind = Kind::Cache, .entries = 2});
  add_via(builder, "mid", {"kept"});
  const Composition composition = build(builder);
  const auto call = [&](std::string_view text, std::string_view result, int calls) {
    EXPECT_EQ(call_text(composition, text), result) << text;
    EXPECT_EQ(calls_, calls) << text;
  };
  call("x:y/lib.add(1, 2)", "3", 1);
  call("x:y/lib.add(1, 2)", "3", 1);
  call("x:y/lib.add(2, 1)", "3", 2);
  call("x:y/lib.add(1, 2)", "3", 2);
  call("x:y/lib.check(0)", R"(err("zero"))", 3);  // add(2, 1) goes
  call("x:y/lib.check(0)", R"(err("zero"))", 3);
  call("x:y/lib.add(1, 2)", "3", 3);
  call("x:y/lib.add(2, 1)", "3", 4);
}

TEST_F(MiddlewareTest, CachedResultsEnd) {
  CompositionBuilder builder = chain();
  builder.add_middleware("kept", {.kind = Kind::Cache, .lifetime = std::chrono::milliseconds(1)});
  add_via(builder, "mid", {"kept"});
  const Composition composition = build(builder);
  EXPECT_EQ(call_text(composition, "x:y/lib.add(1, 2)"), "3");
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(5);
  while (std::chrono::steady_clock::now() < end) {
  }
  EXPECT_EQ(call_text(composition, "x:y/lib.add(1, 2)"), "3");
  EXPECT_EQ(calls_, 2);
}

constexpr std::string_view kRecord =
    R"json({"call":1,"consumer":"mid","function":"x:y/lib#add","arguments":["1","2"],"result":"3"}
{"call":2,"consumer":"mid","function":"x:y/lib#check","arguments":["0"],"result":"err(\"zero\")"}
{"call":3,"consumer":"mid","function":"x:y/lib#add","arguments":["1","3"],"result":"4"}
)json";

TEST_F(MiddlewareTest, ARecordIsReplayedWithoutTheProvider) {
  const auto make = [&](Kind kind) {
    CompositionBuilder builder = chain();
    builder.add_middleware("tape", {.kind = kind, .file = path("calls.jsonl")});
    add_via(builder, "mid", {"tape"});
    return builder;
  };
  {
    CompositionBuilder builder = make(Kind::Record);
    const Composition composition = build(builder);
    EXPECT_EQ(call_text(composition, "x:y/lib.add(1, 2)"), "3");
    EXPECT_EQ(call_text(composition, "x:y/lib.check(0)"), R"(err("zero"))");
    EXPECT_EQ(call_text(composition, "x:y/lib.add(1, 3)"), "4");
  }
  EXPECT_EQ(read("calls.jsonl"), kRecord);

  calls_ = 0;
  {
    CompositionBuilder builder = make(Kind::Replay);
    const Composition composition = build(builder);
    EXPECT_EQ(call_text(composition, "x:y/lib.check(0)"), R"(err("zero"))");
    EXPECT_EQ(call_text(composition, "x:y/lib.add(1, 2)"), "3");
    EXPECT_EQ(
        call_text(composition, "x:y/lib.check(7)"),
        R"(err("a call of `x:y/lib#check` was refused: `tape` has 1 call of it by `mid`, and this is one more"))");
    EXPECT_THAT(call_text(composition, "x:y/lib.add(1, 4)"),
                HasSubstr("it differs from line 3 of `tape`: `arguments[1]` was 3 and is 4"));
  }
  EXPECT_EQ(calls_, 0);
  // The call that differs has failed, so nothing is reported after it.
  EXPECT_THAT(lines_, IsEmpty());
  {
    CompositionBuilder builder = make(Kind::Replay);
    const Composition composition = build(builder);
    EXPECT_EQ(call_text(composition, "x:y/lib.add(1, 2)"), "3");
    EXPECT_EQ(call_text(composition, "x:y/lib.check(0)"), R"(err("zero"))");
  }
  EXPECT_THAT(lines_,
              ElementsAre("note: `tape`: `mid` made 1 of 2 recorded calls of `x:y/lib#add`; the "
                          "next is on line 3"));
}

TEST_F(MiddlewareTest, UnitsOfOneDomainAreReplayedApart) {
  const auto run = [&](Kind kind) {
    CompositionBuilder builder = chain();
    for (const std::string_view unit : {"left", "right"}) {
      builder.add_component(unit, folder_.write("unit.wat", kApp), {.reachable = Reachable::Yes});
      builder.wire({.consumer = std::string(unit), .import = "x:y/lib", .provider = "program"});
      add_via(builder, unit, {"tape"});
    }
    builder.add_middleware("tape", {.kind = kind, .file = path("calls.jsonl")});
    const Composition composition = build(builder);
    const auto add = [&](std::string_view unit) {
      return call_text_of(composition, unit, "x:y/lib.add(1, 2)");
    };
    EXPECT_EQ(add("left"), "3");
    EXPECT_EQ(add("right"), "3");
  };
  run(Kind::Record);
  EXPECT_EQ(calls_, 2);
  run(Kind::Replay);
  EXPECT_EQ(calls_, 2);
}

// Calls `take` of `x:y/lib` with a record.
constexpr std::string_view kTaker = R"((component
  (import "x:y/lib" (instance $lib
    (type $item' (record (field "name" u32) (field "size" (tuple u32 u32))))
    (export "item" (type $item (eq $item')))
    (export "take" (func (param "i" $item) (result u32)))))
  (core func $take (canon lower (func $lib "take")))
  (core module $code
    (import "lib" "take" (func $take (param i32 i32 i32) (result i32)))
    (func (export "take") (param i32 i32) (result i32)
      (call $take (i32.const 1) (local.get 0) (local.get 1))))
  (core instance $run (instantiate $code (with "lib" (instance (export "take" (func $take))))))
  (func (export "take") (param "a" u32) (param "b" u32) (result u32)
    (canon lift (core func $run "take"))))
)";

TEST_F(MiddlewareTest, DifferencesHaveTheirPaths) {
  folder_.write(
      "calls.jsonl",
      R"({"function": "x:y/lib#take", "arguments": ["{name: 1, size: (5, 6)}"], "result": "0"})");
  CompositionBuilder builder;
  builder.add_component("taker", folder_.write("taker.wat", kTaker));
  builder.add_middleware("tape", {.kind = Kind::Replay, .file = path("calls.jsonl")});
  builder.wire({.import = "x:y/lib", .via = {"tape"}});
  const Composition composition = build(builder);
  EXPECT_EQ(call_text(composition, "take(7, 8)"),
            "a call of `x:y/lib#take` was refused: it differs from line 1 of `tape`: "
            "`arguments[0].size[0]` was 5 and is 7; `arguments[0].size[1]` was 6 and is 8");
}

TEST_F(MiddlewareTest, AMockAnswersByArguments) {
  folder_.write("answers.jsonl",
                R"({"function": "x:y/lib#add", "arguments": ["1", "1"], "result": "11"}

{"function": "x:y/lib#add", "result": "7"}
{"function": "x:y/lib#check", "arguments": ["1"], "failure": "no connection"}
)");
  CompositionBuilder builder;
  builder.add_component("front", folder_.write("front.wat", kApp));
  builder.add_middleware("answers", {.kind = Kind::Mock, .file = path("answers.jsonl")});
  builder.wire({.import = "x:y/lib", .via = {"tenon:log", "answers"}});
  const Composition composition = build(builder);
  EXPECT_EQ(call_text(composition, "x:y/lib.add(1, 1)"), "11");
  EXPECT_EQ(call_text(composition, "x:y/lib.add(1, 1)"), "11");
  EXPECT_EQ(call_text(composition, "x:y/lib.add(1, 2)"), "7");
  EXPECT_EQ(call_text(composition, "x:y/lib.check(1)"), R"(err("no connection"))");
  EXPECT_EQ(
      call_text(composition, "x:y/lib.check(2)"),
      R"(err("a call of `x:y/lib#check` was refused: `answers` has no answer for the arguments (2): it has 1 for others"))");
  EXPECT_EQ(lines_.front(), "front -> answers: x:y/lib#add(1, 1) = 11");
}

TEST_F(MiddlewareTest, AMockOfHandlesIsRefused) {
  CompositionBuilder builder;
  builder.add_component("keeper", domain_guest("keeper"));
  builder.add_middleware("answers", {.kind = Kind::Mock, .file = folder_.write("calls", "")});
  builder.wire({.import = "demo:domains/lib", .via = {"answers"}});
  const Result<Plan> plan = builder.plan();
  ASSERT_FALSE(plan);
  std::string messages;
  for (const Diagnostic& problem : plan.error()) messages += problem.message + "\n";
  EXPECT_THAT(messages,
              HasSubstr("`answers` cannot be applied to `demo:domains/lib@1.0.0` of `keeper`: "));
}

TEST_F(MiddlewareTest, FilesOfCallsAreChecked) {
  const auto problem = [&](std::string_view text) {
    CompositionBuilder builder;
    builder.add_component("front", folder_.write("front.wat", kApp));
    builder.add_middleware("answers",
                           {.kind = Kind::Mock, .file = folder_.write("answers.jsonl", text)});
    builder.wire({.import = "x:y/lib", .via = {"answers"}});
    return problem_of(builder);
  };
  EXPECT_EQ(problem(""), "it links");
  EXPECT_THAT(problem("[]"),
              HasSubstr("line 1 of a file of calls cannot be read: it is not a JSON object"));
  EXPECT_THAT(problem("\n{\"function\": 1}"), HasSubstr("line 2"));
  EXPECT_THAT(problem(R"({"function": "f", "reslt": "1"})"), HasSubstr("unknown key `reslt`"));
  EXPECT_THAT(problem(R"({"function": "x:y/lib#add", "arguments": ["-1", "2"], "result": "3"})"),
              HasSubstr("is about `x:y/lib#add`, and its `arguments` do not fit"));
  EXPECT_THAT(problem(R"({"function": "x:y/lib#add", "arguments": ["1"], "result": "3"})"),
              HasSubstr("its `arguments` do not fit"));
  EXPECT_THAT(problem(R"({"function": "x:y/lib#add", "result": "\"x\""})"),
              HasSubstr("its `result` does not fit"));
  EXPECT_THAT(problem(R"({"function": "x:y/lib#add"})"),
              HasSubstr("neither `result` nor `failure`"));
  EXPECT_EQ(problem(R"({"function": "other", "result": "???"})"), "it links");
}

TEST_F(MiddlewareTest, OverwritesOnlyRecords) {
  const auto problem = [&](std::string_view text) {
    CompositionBuilder builder = chain();
    builder.add_middleware("tape",
                           {.kind = Kind::Record, .file = folder_.write("calls.jsonl", text)});
    add_via(builder, "mid", {"tape"});
    return problem_of(builder);
  };
  EXPECT_EQ(problem("{\"function\": \"f\"}"), "it links");
  EXPECT_THAT(problem("a letter"), HasSubstr("which is not a file of calls"));
  EXPECT_EQ(read("calls.jsonl"), "a letter");
}

TEST_F(MiddlewareTest, SettingsMustFitTheKind) {
  const auto problem = [&](const Middleware& middleware, std::string_view name = "few") {
    CompositionBuilder builder = chain();
    builder.add_middleware(name, middleware);
    add_via(builder, "mid", {"few"});
    const Result<Plan> plan = builder.plan();
    return plan ? std::string("it links") : plan.error().front().message;
  };
  EXPECT_THAT(problem({.kind = Kind::Limit}), HasSubstr("limits nothing"));
  EXPECT_THAT(problem({.kind = Kind::Mock}), HasSubstr("has no file"));
  EXPECT_THAT(problem({.kind = Kind::Log, .concurrency = 1}),
              HasSubstr("has `concurrency`, which is a setting of `limit`"));
  EXPECT_THAT(problem({.kind = Kind::Cache, .entries = 0}), HasSubstr("keeps no results"));
  EXPECT_THAT(problem({.kind = Kind::Log}, "many"),
              HasSubstr("no wire uses the middleware `many`"));
  EXPECT_THAT(problem({.kind = Kind::Log}, "mid"),
              HasSubstr("the name of middleware and of a unit"));
  EXPECT_THAT(problem({.kind = Kind::Log}, "Few"), HasSubstr("not a valid name"));
  for (const char* rate : {"", "x", "0/s", "5", "5/", "5/d", "-1/s", "5 /s"})
    EXPECT_FALSE(CallRate::parse(rate)) << rate;
}

// Middleware keeps its state when a unit behind it is replaced.
TEST_F(MiddlewareTest, StaysWhenAUnitIsSwapped) {
  CompositionBuilder builder = chain();
  builder.add_middleware("kept", {.kind = Kind::Cache});
  add_via(builder, "front", {"kept", "tenon:log"});
  Composition composition = build(builder);
  EXPECT_EQ(call_text(composition, "x:y/lib.add(1, 2)"), "3");
  const auto swapped = composition.swap("mid", folder_.write("next.wat", kApp));
  ASSERT_TRUE(swapped) << swapped.error().front().message;
  EXPECT_EQ(call_text(composition, "x:y/lib.add(1, 2)"), "3");
  EXPECT_EQ(call_text(composition, "x:y/lib.add(2, 2)"), "4");
  EXPECT_EQ(calls_, 2);
  EXPECT_THAT(lines_, ElementsAre("front -> mid: x:y/lib#add(1, 2) = 3",
                                  "front -> mid: x:y/lib#add(2, 2) = 4"));
}

TEST_F(MiddlewareTest, WrapsCallsOfPackages) {
  for (const char* version : {"0.5.4", "0.21.0"}) {
    lines_.clear();
    CompositionBuilder builder;
    builder.add_package("doubler", package_guest(version, "doubler"));
    builder.add_package("adder", package_guest(version, "adder"));
    builder.add_middleware("kept", {.kind = Kind::Cache});
    builder.add_middleware("tape", {.kind = Kind::Record, .file = path(version)});
    builder.wire({.consumer = "adder",
                  .import = "math.double",
                  .provider = "doubler",
                  .export_name = "double",
                  .via = {"kept", "tape", "tenon:log"}});
    {
      const Composition composition = build(builder);
      for (int i = 0; i < 2; ++i)
        EXPECT_EQ(call_unit(composition, "adder", "process", Value::s64(5)), "11");
    }
    EXPECT_THAT(lines_, ElementsAre("adder -> doubler: math#double(5) = 10"));
    CompositionBuilder mocked;
    mocked.add_package("adder", package_guest(version, "adder"));
    mocked.add_middleware("answers", {.kind = Kind::Mock, .file = path(version)});
    mocked.wire({.consumer = "adder", .import = "math", .via = {"answers"}});
    EXPECT_EQ(call_unit(build(mocked), "adder", "process", Value::s64(5)), "11");
  }
}

TEST_F(MiddlewareTest, ACompositionWithItIsNotOneComponent) {
  CompositionBuilder builder = chain();
  add_via(builder, "mid", {"tenon:log"});
  const auto composed = builder.compose();
  ASSERT_FALSE(composed);
  EXPECT_EQ(composed.error().front().code, "compose-not-one-domain");
}

TEST_F(MiddlewareTest, FilesOutsideOfTheManifestNeedConsent) {
  folder_.write("inner/front.wat", kApp);
  const std::string manifest = folder_.write("inner/tenon.toml", R"(schema = 1
[components.front]
path = "front.wat"
[middleware.answers]
kind = "mock"
file = "../answers.jsonl"
[[wire]]
import = "x:y/lib"
via = ["answers"]
)");
  folder_.write("answers.jsonl", R"({"function": "x:y/lib#add", "result": "7"})");
  CompositionBuilder builder;
  ASSERT_TRUE(builder.read_manifest(manifest));
  EXPECT_THAT(problem_of(builder), HasSubstr("requests access that you have not agreed to"));
  ASSERT_THAT(builder.manifest_requests(), SizeIs(1));
  EXPECT_EQ(builder.manifest_requests().front().text, "ro:" + path("answers.jsonl"));
  builder.trust();
  EXPECT_EQ(call_text(build(builder), "x:y/lib.add(1, 1)"), "7");
}

}  // namespace
}  // namespace tenon::middleware_test
