#include "cli/call_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "cli/commands/verbs.h"

namespace tenon::cli::call_request_test {
namespace {

using testing::MatchesRegex;

struct Printed {
  int code = 0;
  std::string out;
  std::string err;
};

Printed call(Words words) {
  words.insert(words.begin(), {"--no-cache", TENON_SOURCE_DIR "/tests/guests/kinds/kinds.wat"});
  Session session;
  session.convention = ExitConvention::Run;
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Printed printed;
  printed.code = call_command(session, std::move(words));
  printed.out = testing::internal::GetCapturedStdout();
  printed.err = testing::internal::GetCapturedStderr();
  return printed;
}

constexpr const char* kTime = "[0-9.]+ (ns|us|ms|s)";

TEST(CallRequest, RepeatsACallAndTellsItsTimes) {
  const Printed printed = call({"--repeat", "50", "count"});
  EXPECT_EQ(printed.code, 0);
  EXPECT_EQ(printed.out, "50\n") << "the last result";
  const std::string time = kTime;
  EXPECT_THAT(printed.err, MatchesRegex("50 calls: median " + time + ", p99 " + time + ", min " +
                                        time + ", max " + time + "\n"));
}

TEST(CallRequest, TellsNoTimesUnasked) {
  const Printed printed = call({"add", "1", "2"});
  EXPECT_EQ(printed.out, "3\n");
  EXPECT_EQ(printed.err, "");
}

TEST(CallRequest, TellsNoTimesOfCallsThatFailed) {
  const Printed printed = call({"--repeat", "5", "wear-out"});
  EXPECT_EQ(printed.code, to_int(ExitCode::RunTrap));
  EXPECT_EQ(printed.out, "");
  EXPECT_EQ(printed.err.find("median"), std::string::npos);
}

}  // namespace
}  // namespace tenon::cli::call_request_test
