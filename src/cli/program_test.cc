#include "cli/program.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "cli/environment.h"

namespace tenon::cli::program_test {

namespace {

ProgramCall call_shell(std::string script, std::string input = {}) {
  return {"/bin/sh", {"-c", std::move(script)}, std::move(input), std::chrono::seconds(20)};
}

std::string get_reason(const ProgramCall& call) {
  const auto output = run_program(call);
  return output ? "none" : output.error().reason;
}

}  // namespace

TEST(Program, LargeInputAndOutputPass) {
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += std::to_string(i) + "\n";
  const auto output = run_program(call_shell("exec cat", text));
  ASSERT_TRUE(output);
  EXPECT_EQ(*output, text);
}

TEST(Program, InputMayStayUnread) {
  const auto output = run_program(call_shell("echo done", std::string(1 << 20, 'x')));
  ASSERT_TRUE(output);
  EXPECT_EQ(*output, "done\n");
}

TEST(Program, FailureHasTheFirstLineOfStandardError) {
  EXPECT_EQ(get_reason(call_shell("printf 'bad\\033 thing\\nmore' >&2; exit 3")),
            "failed with 3: bad\\x1b thing");
  EXPECT_EQ(get_reason(call_shell("exit 1")), "failed with 1");
  EXPECT_EQ(get_reason(call_shell("kill -9 $$")), "died of signal 9");
}

TEST(Program, ArgumentsAreNotReadByAShell) {
  const auto output =
      run_program({"/bin/echo", {"$HOME", "a b", ";"}, {}, std::chrono::seconds(20)});
  ASSERT_TRUE(output);
  EXPECT_EQ(*output, "$HOME a b ;\n");
}

TEST(Program, LateOneIsKilled) {
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(get_reason({"/bin/sleep", {"60"}, {}, std::chrono::milliseconds(5)}),
            "took longer than 5 ms");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
}

TEST(Program, MissingOneIsAFailure) {
  EXPECT_EQ(get_reason({"/no/such/program", {}, {}, std::chrono::seconds(20)}),
            "cannot be started: No such file or directory");
}

TEST(Program, TooMuchOutputIsAFailure) {
  EXPECT_EQ(get_reason(call_shell("exec head -c 67108865 /dev/zero")),
            "wrote more than 67108864 bytes");
}

TEST(Program, IsFoundInPath) {
  EXPECT_TRUE(find_program("sh").ends_with("/sh"));
  EXPECT_EQ(find_program("no-such-program"), "");
}

}  // namespace tenon::cli::program_test
