#include "cli/call_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "cli/test_verb.h"

namespace tenon::cli::call_request_test {

namespace {

using testing::MatchesRegex;

Printed call(Words words) {
  words.insert(words.begin(), {"--no-cache", TENON_SOURCE_DIR "/tests/guests/kinds/kinds.wat"});
  Session session;
  session.convention = ExitConvention::Run;
  return run_verb(call_command, std::move(words), std::move(session));
}

constexpr const char* kTime = "[0-9.]+ (ns|us|ms|s)";

TEST(CallRequest, RepeatPrintsTimes) {
  const Printed printed = call({"--repeat", "50", "count"});
  EXPECT_EQ(printed.code, 0);
  EXPECT_EQ(printed.out, "50\n") << "the last result";
  const std::string time = kTime;
  EXPECT_THAT(printed.err, MatchesRegex("50 calls: median " + time + ", p99 " + time + ", min " +
                                        time + ", max " + time + "\n"));
}

TEST(CallRequest, PrintsNoTimesWithoutRepeat) {
  const Printed printed = call({"add", "1", "2"});
  EXPECT_EQ(printed.out, "3\n");
  EXPECT_EQ(printed.err, "");
}

TEST(CallRequest, PrintsNoTimesIfACallFails) {
  const Printed printed = call({"--repeat", "5", "wear-out"});
  EXPECT_EQ(printed.code, to_int(ExitCode::RunTrap));
  EXPECT_EQ(printed.out, "");
  EXPECT_EQ(printed.err.find("median"), std::string::npos);
}

}  // namespace

namespace {

TEST(CallTimes, OneCall) {
  EXPECT_EQ(render_call_times({412}), "1 call: median 412 ns, p99 412 ns, min 412 ns, max 412 ns");
}

TEST(CallTimes, ManyCallsInAnyOrder) {
  std::vector<std::uint64_t> times;
  for (std::uint64_t i = 200; i > 0; --i) times.push_back(i * 10);
  EXPECT_EQ(render_call_times(times),
            "200 calls: median 1.0 us, p99 2.0 us, min 10 ns, max 2.0 us");
}

TEST(CallTimes, UseTheLargestFittingUnit) {
  EXPECT_EQ(render_call_times({999, 1'500, 2'500'000, 3'000'000'000}),
            "4 calls: median 1.5 us, p99 3.0 s, min 999 ns, max 3.0 s");
}

}  // namespace

}  // namespace tenon::cli::call_request_test
