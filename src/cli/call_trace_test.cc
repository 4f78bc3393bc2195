#include "cli/call_trace.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <iterator>
#include <nlohmann/json.hpp>

#include "cli/otlp.h"
#include "tests/support/loopback_server.h"
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

TEST(TraceLine, ShowsThatACallIsSuspended) {
  TraceCall call = make_call();
  call.event = TraceCall::Event::Suspended;
  call.number = 3;
  call.result.clear();
  EXPECT_EQ(render_trace_line(call, Style()),
            "cart -> log acme:log/log.write(\"DE\") #3 suspended  1.8us\n");
  call.event = TraceCall::Event::Dropped;
  EXPECT_EQ(render_trace_line(call, Style()),
            "cart -> log acme:log/log.write(\"DE\") #3 dropped  1.8us\n");
  call = make_call();
  call.number = 3;
  EXPECT_EQ(render_trace_line(call, Style()),
            "cart -> log acme:log/log.write(\"DE\") #3 = ()  1.8us\n");
}

TraceStream make_stream() {
  TraceStream stream;
  stream.number = 2;
  stream.consumer = "cart";
  stream.provider = "log";
  stream.function = "acme:log/log@0.1.0.tail";
  stream.type = "stream<u32>";
  stream.items = 5;
  stream.bytes = 20;
  stream.write_waits = 1;
  stream.duration = microseconds(20);
  return stream;
}

TEST(TraceLine, ShowsAStream) {
  EXPECT_EQ(render_trace_line(make_stream(), Style()),
            "cart -> log acme:log/log.tail stream<u32>: 5 items, 20 bytes, 1 write waited, 0 reads "
            "waited  20.0us\n");
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

// Writes the text of a file by a trace of a composition that reports to these options.
std::string write_file(const TraceFlags& flags, const std::string& path,
                       const std::function<void(CallTrace&, const BuildOptions&)>& write) {
  const auto trace = CallTrace::open(flags, Style());
  EXPECT_TRUE(trace);
  BuildOptions options;
  (*trace)->listen(options);
  write(**trace, options);
  EXPECT_TRUE((*trace)->end());
  options.trace_calls(make_call());  // too late
  options.trace_streams(make_stream());
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

nlohmann::json write_events(const std::function<void(CallTrace&, const BuildOptions&)>& write) {
  const TemporaryFolder folder;
  const std::string path = (folder.path() / "trace.json").string();
  return nlohmann::json::parse(write_file({.calls = {}, .out = path, .otlp = {}}, path, write));
}

nlohmann::json write_trace() {
  return write_events([](CallTrace& trace, const BuildOptions& options) {
    const PhaseTime phases[] = {{"read", 1.5}, {"resolve", 0.25}};
    trace.add_phases("shop", phases);
    TraceCall call = make_call();
    call.start = std::chrono::steady_clock::now() + microseconds(100);
    call.bytes = 10;
    options.trace_calls(call);
    call.failure = make_trap();
    call.restarts = 1;
    options.trace_calls(call);
  });
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
              ElementsAre("M thread_name", "M thread_name", "M process_name", "X read", "X resolve",
                          "X acme:log/log@0.1.0.write", "C calls", "C bytes copied",
                          "C handles live", "C restarts", "C tasks left behind",
                          "X acme:log/log@0.1.0.write", "C calls", "C bytes copied", "C restarts"));
}

TEST(TraceEvents, HaveTimesInMicroseconds) {
  const nlohmann::json events = write_trace();
  EXPECT_EQ(events[2].at("args").at("name"), "tenon shop");
  EXPECT_EQ(events[3].at("dur"), 1500);
  EXPECT_NEAR(events[4].at("ts").get<double>() - events[3].at("ts").get<double>(), 1500, 0.05);
  EXPECT_NEAR(events[5].at("dur").get<double>(), 1.8, 0.05);
  EXPECT_EQ(events[12].at("args").at("calls"), 2);
  EXPECT_EQ(events[13].at("args").at("bytes copied"), 20);
  EXPECT_EQ(events[11].at("args").at("failure"), "!trap: out of\\x1b bounds");
}

// "b call 1 f": the phase, the category, the number and the name.
std::vector<std::string> list_async(const nlohmann::json& events) {
  std::vector<std::string> listed;
  for (const nlohmann::json& event : events) {
    const std::string phase = event.at("ph");
    if (phase != "b" && phase != "n" && phase != "e") continue;
    listed.push_back(fmt::format("{} {} {} {}", phase, event.at("cat").get<std::string>(),
                                 event.at("id2").at("local").get<std::string>(),
                                 event.at("name").get<std::string>()));
  }
  return listed;
}

TEST(TraceEvents, AreAsyncForCallsThatWereSuspended) {
  const auto start = std::chrono::steady_clock::now() + microseconds(100);
  const nlohmann::json events = write_events([&](CallTrace&, const BuildOptions& options) {
    TraceCall call = make_call();
    call.start = start;
    call.function = "f";
    call.number = 1;
    call.event = TraceCall::Event::Suspended;
    options.trace_calls(call);
    call.number = 2;
    options.trace_calls(call);
    call.number = 1;
    call.event = TraceCall::Event::Ended;
    call.duration = microseconds(50);
    call.bytes = 3;
    options.trace_calls(call);
    call.number = 2;
    call.event = TraceCall::Event::Dropped;
    options.trace_calls(call);
  });
  EXPECT_THAT(list_async(events),
              ElementsAre("b call 1 f", "n call 1 suspended", "b call 2 f", "n call 2 suspended",
                          "e call 1 f", "n call 2 dropped", "e call 2 f"));
  const nlohmann::json& begin = events[2];
  const nlohmann::json& suspended = events[3];
  const nlohmann::json& end = events[6];
  EXPECT_NEAR(suspended.at("ts").get<double>() - begin.at("ts").get<double>(), 1.8, 0.05);
  EXPECT_NEAR(end.at("ts").get<double>() - begin.at("ts").get<double>(), 50, 0.05);
  EXPECT_EQ(begin.at("args").at("arguments"), "\"DE\"");
  EXPECT_EQ(end.at("args").at("result"), "()");
  EXPECT_EQ(end.at("args").at("bytes"), 3);
  // Only the call that has ended counts.
  EXPECT_EQ(std::ranges::count(events, "calls", [](const auto& event) { return event.at("name"); }),
            1);
}

// An arrow leads from the call of one process to that of the other.
TEST(TraceEvents, LeadFromTheClientToTheServer) {
  const nlohmann::json events = write_events([&](CallTrace&, const BuildOptions& options) {
    TraceCall client = make_call();
    client.side = TraceCall::Side::Client;
    client.context = TraceContext::make();
    options.trace_calls(client);
    TraceCall server = make_call();
    server.side = TraceCall::Side::Server;
    server.context = TraceContext::make(client.context.trace);
    server.parent = client.context.span;
    options.trace_calls(server);
    server.parent = 0;  // a peer that says nothing
    options.trace_calls(server);
  });
  std::vector<nlohmann::json> calls;
  std::vector<nlohmann::json> arrows;
  for (const nlohmann::json& event : events) {
    if (event.at("ph") == "X") calls.push_back(event.at("args"));
    if (event.at("ph") == "s" || event.at("ph") == "f") arrows.push_back(event);
  }
  ASSERT_EQ(calls.size(), 3U);
  EXPECT_EQ(calls[0].at("trace"), calls[1].at("trace"));
  EXPECT_EQ(calls[0].at("span"), calls[1].at("parent"));
  EXPECT_FALSE(calls[2].contains("parent"));
  ASSERT_EQ(arrows.size(), 2U);
  EXPECT_EQ(arrows[0].at("ph"), "s");
  EXPECT_EQ(arrows[1].at("ph"), "f");
  EXPECT_EQ(arrows[0].at("id"), arrows[1].at("id"));
}

TEST(TraceEvents, AreAsyncForStreams) {
  const nlohmann::json events = write_events([&](CallTrace&, const BuildOptions& options) {
    TraceStream stream = make_stream();
    stream.start = std::chrono::steady_clock::now() + microseconds(100);
    options.trace_streams(stream);
    stream.number = 3;
    options.trace_streams(stream);
  });
  const std::string name = "acme:log/log@0.1.0.tail stream<u32>";
  EXPECT_THAT(list_async(events), ElementsAre("b stream 2 " + name, "e stream 2 " + name,
                                              "b stream 3 " + name, "e stream 3 " + name));
  EXPECT_EQ(events[3].at("args"),
            nlohmann::json({{"items", 5}, {"bytes", 20}, {"write waits", 1}, {"read waits", 0}}));
  EXPECT_EQ(events.back().at("args").at("stream waits"), 2);
}

TEST(CallTrace, SumsUpTheStreamsOfAFunction) {
  const TemporaryFolder folder;
  const std::string path = (folder.path() / "lines").string();
  const std::string text = write_file({.calls = path, .out = {}, .otlp = {}}, path,
                                      [](CallTrace&, const BuildOptions& options) {
                                        TraceStream stream = make_stream();
                                        options.trace_streams(stream);
                                        stream.read_waits = 1;
                                        options.trace_streams(stream);
                                        stream.function = "single";
                                        options.trace_streams(stream);
                                      });
  EXPECT_EQ(std::ranges::count(text, '\n'), 4);
  EXPECT_TRUE(
      text.ends_with("\ncart -> log acme:log/log.tail 2 streams: 10 items, 40 bytes, "
                     "2 writes waited, 1 read waited\n"))
      << text;
}

TEST(CallTrace, DoesNotListenWithoutFlags) {
  const auto trace = CallTrace::open({}, Style());
  ASSERT_TRUE(trace);
  BuildOptions options;
  (*trace)->listen(options);
  EXPECT_EQ(options.trace_calls, nullptr);
  EXPECT_EQ(options.trace_streams, nullptr);
}

TEST(OtlpExporter, ReportsWhatTheCollectorRejects) {
  const auto find_loss = [](std::string_view rejected) {
    const LoopbackServer server([&](const ServedRequest&) {
      return make_reply(
          200, fmt::format(R"({{"partialSuccess":{{"rejectedSpans":{},"errorMessage":"full"}}}})",
                           rejected));
    });
    const auto exporter = OtlpExporter::open(server.url("/v1/traces"));
    EXPECT_TRUE(exporter);
    (*exporter)->add({.call = make_call(), .begin = {}});
    (*exporter)->end();
    const std::optional<Diagnostic> loss = (*exporter)->find_loss();
    return loss ? loss->message.substr(0, loss->message.find(" did")) : "none";
  };
  EXPECT_EQ(find_loss("\"1\""), "1 of 1 traced call");
  EXPECT_EQ(find_loss("1"), "1 of 1 traced call");
  // Printing this as text would recurse.
  constexpr std::size_t kDepth = 30'000;
  EXPECT_EQ(find_loss(std::string(kDepth, '[') + std::string(kDepth, ']')), "none");
}

}  // namespace
}  // namespace tenon::cli::call_trace_test
