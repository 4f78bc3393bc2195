// The shell at a terminal: prompt, editing, completion, history, Ctrl-C and Ctrl-D.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "tests/support/at_terminal.h"

namespace {

using testing::HasSubstr;
using testing::Not;

const char* const kKinds = TENON_SOURCE_DIR "/tests/guests/kinds/kinds.wat";

class ShellAtTerminal : public tenon::AtTerminal {
 protected:
  void start_shell(const char* color = "never") {
    start({"shell", "--no-cache", "--color", color, kKinds});
  }
  [[nodiscard]] std::filesystem::path history() const {
    return folder_.path() / "state" / "tenon" / "history";
  }
};

constexpr std::string_view kPrompt = "tenon> ";
constexpr std::string_view kControlC = "\x03";
constexpr std::string_view kControlD = "\x04";
constexpr std::string_view kUp = "\x1b[A";

TEST_F(ShellAtTerminal, CallsAndEnds) {
  start_shell();
  wait_for(kPrompt);
  type("add(40, 2)\r");
  wait_for("\r\n42\r\n");
  wait_for(kPrompt);
  type("add(\r");
  wait_for("1 error");
  wait_for(kPrompt);
  type(kControlD);
  EXPECT_EQ(end().code, 0) << "its user has seen what failed";
}

TEST_F(ShellAtTerminal, ClearsTheLineAtControlC) {
  start_shell();
  wait_for(kPrompt);
  type("frobnicate");
  wait_for("frobnicate");
  type(kControlC);
  wait_for(kPrompt);
  type("add(40, 2)\r");
  EXPECT_THAT(wait_for("\r\n42\r\n"), Not(HasSubstr("error")));
  wait_for(kPrompt);
  type("quit\r");
  EXPECT_EQ(end().code, 0);
}

TEST_F(ShellAtTerminal, CompletesFunctions) {
  start_shell();
  wait_for(kPrompt);
  type("wear\t");
  wait_for("-out(");
  type(")\r");
  wait_for("\r\n1\r\n");
  wait_for(kPrompt);
  type("same-s\t");
  const std::string shown = wait_for("same-string(");
  EXPECT_THAT(shown, HasSubstr("same-s8("));
  type("tr\t");
  wait_for("ing(");
  type("\"\xc3\xa4\")\r");
  wait_for("\r\n\"\xc3\xa4\"\r\n");
  wait_for(kPrompt);
  type(kControlD);
  EXPECT_EQ(end().code, 0);
}

TEST_F(ShellAtTerminal, KeepsItsHistory) {
  start_shell();
  wait_for(kPrompt);
  type("add(40, 2)\r");
  wait_for("\r\n42\r\n");
  wait_for(kPrompt);
  type("quit\r");
  EXPECT_EQ(end().code, 0);

  using std::filesystem::perms;
  const auto others = perms::group_all | perms::others_all;
  EXPECT_EQ(std::filesystem::status(history()).permissions() & others, perms::none);
  EXPECT_EQ(std::filesystem::status(history().parent_path()).permissions() & others, perms::none);
  std::ifstream file(history());
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  EXPECT_THAT(text, HasSubstr("add(40,"));

  start_shell();
  wait_for(kPrompt);
  type(kUp);
  type(kUp);
  wait_for("add(40, 2)");
  type("\r");
  wait_for("\r\n42\r\n");
  wait_for(kPrompt);
  type(kControlD);
  EXPECT_EQ(end().code, 0);
}

TEST_F(ShellAtTerminal, PaintsItsPrompt) {
  start_shell("always");
  wait_for("\x1b[1mtenon>\x1b[0m ");
  type("quit\r");
  EXPECT_EQ(end().code, 0);
}

}  // namespace
