#include "cli/call_trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/support/temporary_folder.h"

namespace tenon::cli::call_trace_test {
namespace {

using std::chrono::microseconds;
using std::chrono::nanoseconds;
using testing::ElementsAre;

TraceCall make_call() {
  TraceCall call;
  call.consumer = "cart";
  call.provider = "log";
  call.function = "acme:log/log@0.1.0.write";
  call.arguments = R"("DE")";
  call.result = "()";
  call.duration = nanoseconds(1800);
  return call;
}

CallFailure make_trap() {
  CallFailure failure;
  failure.message = "out of\x1b bounds";
  return failure;
}

TEST(TraceLine, ShowsOneCall) {
  EXPECT_EQ(render_trace_line(make_call(), Style()),
            "cart -> log acme:log/log.write(\"DE\") = ()  1.8us\n");
}

TEST(TraceLine, IsIndentedByDepth) {
  TraceCall call = make_call();
  call.depth = 2;
  call.duration = std::chrono::milliseconds(1234);
  EXPECT_EQ(render_trace_line(call, Style()),
            "    cart -> log acme:log/log.write(\"DE\") = ()  1.2s\n");
}

TEST(TraceLine, ShowsAFailure) {
  TraceCall call = make_call();
  call.failure = make_trap();
  call.duration = nanoseconds(999);
  EXPECT_EQ(render_trace_line(call, Style()),
            "cart -> log acme:log/log.write(\"DE\") = !trap: out of\\x1b bounds  999ns\n");
}

TEST(TraceLine, OmitsTheVersion) {
  const auto shown = [](std::string function) {
    TraceCall call = make_call();
    call.function = std::move(function);
    const std::string line = render_trace_line(call, Style());
    return line.substr(12, line.find('(') - 12);
  };
  EXPECT_EQ(shown("write"), "write");
  EXPECT_EQ(shown("a:b/c.[d.e]"), "a:b/c.[d.e]");
  EXPECT_EQ(shown("a:b/c@1.2.30.[d.e]"), "a:b/c.[d.e]");
  EXPECT_EQ(shown("a:b/c@1.2.3-rc.1.f"), "a:b/c.f");
  EXPECT_EQ(shown("a:b/c@1.2.3-rc.one.[d.e]"), "a:b/c.[d.e]");
}

nlohmann::json write_trace() {
  const TemporaryFolder folder;
  const std::string path = (folder.path() / "trace.json").string();
  const PhaseTime phases[] = {{"read", 1.5}, {"resolve", 0.25}};
  {
    const auto trace = CallTrace::open({.calls = {}, .out = path}, Style());
    EXPECT_TRUE(trace);
    (*trace)->add_phases(phases);
    const auto listener = (*trace)->listener();
    TraceCall call = make_call();
    call.start = std::chrono::steady_clock::now() + microseconds(100);
    call.bytes = 10;
    listener(call);
    call.failure = make_trap();
    call.restarts = 1;
    listener(call);
    EXPECT_TRUE((*trace)->end());
    listener(call);  // too late
  }
  std::ifstream file(path);
  return nlohmann::json::parse(file);
}

// Perfetto reads an array of objects, each with `ph`, `pid`, and the members of its kind.
TEST(TraceEvents, AreJsonForPerfetto) {
  const nlohmann::json events = write_trace();
  ASSERT_TRUE(events.is_array());
  std::vector<std::string> kinds;
  for (const nlohmann::json& event : events) {
    const std::string kind = event.at("ph");
    kinds.push_back(kind + " " + event.at("name").get<std::string>());
    EXPECT_TRUE(event.at("pid").is_number_unsigned());
    if (kind != "M") {
      EXPECT_GE(event.at("ts").get<double>(), 0);
    }
    if (kind == "X") {
      EXPECT_GE(event.at("dur").get<double>(), 0);
    }
    if (kind == "C") {
      EXPECT_TRUE(event.at("args").begin()->is_number());
    }
  }
  EXPECT_THAT(kinds,
              ElementsAre("M process_name", "M thread_name", "M thread_name", "X read", "X resolve",
                          "X acme:log/log@0.1.0.write", "C calls", "C bytes copied",
                          "C handles live", "C restarts", "X acme:log/log@0.1.0.write", "C calls",
                          "C bytes copied", "C restarts"));
}

TEST(TraceEvents, HaveTimesInMicroseconds) {
  const nlohmann::json events = write_trace();
  EXPECT_EQ(events[3].at("dur"), 1500);
  EXPECT_NEAR(events[4].at("ts").get<double>() - events[3].at("ts").get<double>(), 1500, 0.001);
  EXPECT_EQ(events[5].at("dur"), 1.8);
  EXPECT_EQ(events[11].at("args").at("calls"), 2);
  EXPECT_EQ(events[12].at("args").at("bytes copied"), 20);
  EXPECT_EQ(events[10].at("args").at("failure"), "!trap: out of\\x1b bounds");
}

TEST(CallTrace, HasNoListenerWithoutFlags) {
  const auto trace = CallTrace::open({}, Style());
  ASSERT_TRUE(trace);
  EXPECT_EQ((*trace)->listener(), nullptr);
}

}  // namespace
}  // namespace tenon::cli::call_trace_test
