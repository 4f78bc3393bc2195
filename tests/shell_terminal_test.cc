// The shell at a terminal: prompt, editing, completion, history, Ctrl-C and Ctrl-D.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "tests/support/temporary_folder.h"

namespace {

using testing::HasSubstr;
using testing::Not;

const char* const kKinds = TENON_SOURCE_DIR "/tests/guests/kinds/kinds.wat";
const char* const kTenon = TENON_BINARY_DIR "/tenon";

class ShellAtTerminal : public testing::Test {
 protected:
  // Starts the shell on a terminal of its own.
  void start(const char* color = "never") {
    child_ = ::forkpty(&terminal_, nullptr, nullptr, nullptr);
    ASSERT_GE(child_, 0);
    if (child_ != 0) return;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::setenv("TERM", "xterm", 1);
    ::setenv("LC_ALL", "C.UTF-8", 1);
    ::setenv("HOME", folder_.path().c_str(), 1);
    ::setenv("XDG_STATE_HOME", (folder_.path() / "state").c_str(), 1);
    ::execl(kTenon, kTenon, "shell", "--no-cache", "--color", color, kKinds, nullptr);
    ::_exit(126);
  }

  void type(std::string_view keys) {
    ASSERT_EQ(::write(terminal_, keys.data(), keys.size()), static_cast<ssize_t>(keys.size()));
  }

  // Reads until the terminal shows `text`; returns what it showed up to there. A shell that never
  // shows it runs into the test's time limit.
  std::string wait_for(std::string_view text) {
    std::array<char, 4096> buffer;
    std::size_t at = 0;
    while ((at = seen_.find(text)) == std::string::npos) {
      const ssize_t count = ::read(terminal_, buffer.data(), buffer.size());
      if (count <= 0) {
        ADD_FAILURE() << "the shell ended, and never showed `" << text << "`:\n" << seen_;
        return {};
      }
      seen_.append(buffer.data(), static_cast<std::size_t>(count));
    }
    std::string shown = seen_.substr(0, at + text.size());
    seen_.erase(0, shown.size());
    return shown;
  }

  int end() {
    std::array<char, 4096> buffer;
    while (::read(terminal_, buffer.data(), buffer.size()) > 0) continue;
    int status = 0;
    ::waitpid(child_, &status, 0);
    ::close(terminal_);
    seen_.clear();
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  [[nodiscard]] std::filesystem::path history() const {
    return folder_.path() / "state" / "tenon" / "history";
  }

 private:
  tenon::TemporaryFolder folder_;
  int terminal_ = -1;
  pid_t child_ = -1;
  std::string seen_;
};

constexpr std::string_view kPrompt = "tenon> ";
constexpr std::string_view kControlC = "\x03";
constexpr std::string_view kControlD = "\x04";
constexpr std::string_view kUp = "\x1b[A";

TEST_F(ShellAtTerminal, CallsAndEnds) {
  start();
  wait_for(kPrompt);
  type("add(40, 2)\r");
  wait_for("\r\n42\r\n");
  wait_for(kPrompt);
  type("add(\r");
  wait_for("1 error");
  wait_for(kPrompt);
  type(kControlD);
  EXPECT_EQ(end(), 0) << "its user has seen what failed";
}

TEST_F(ShellAtTerminal, ClearsTheLineAtControlC) {
  start();
  wait_for(kPrompt);
  type("frobnicate");
  wait_for("frobnicate");
  type(kControlC);
  wait_for(kPrompt);
  type("add(40, 2)\r");
  EXPECT_THAT(wait_for("\r\n42\r\n"), Not(HasSubstr("error")));
  wait_for(kPrompt);
  type("quit\r");
  EXPECT_EQ(end(), 0);
}

TEST_F(ShellAtTerminal, CompletesFunctions) {
  start();
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
  EXPECT_EQ(end(), 0);
}

TEST_F(ShellAtTerminal, KeepsItsHistory) {
  start();
  wait_for(kPrompt);
  type("add(40, 2)\r");
  wait_for("\r\n42\r\n");
  wait_for(kPrompt);
  type("quit\r");
  EXPECT_EQ(end(), 0);

  using std::filesystem::perms;
  const auto others = perms::group_all | perms::others_all;
  EXPECT_EQ(std::filesystem::status(history()).permissions() & others, perms::none);
  EXPECT_EQ(std::filesystem::status(history().parent_path()).permissions() & others, perms::none);
  std::ifstream file(history());
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  EXPECT_THAT(text, HasSubstr("add(40,"));

  start();
  wait_for(kPrompt);
  type(kUp);
  type(kUp);
  wait_for("add(40, 2)");
  type("\r");
  wait_for("\r\n42\r\n");
  wait_for(kPrompt);
  type(kControlD);
  EXPECT_EQ(end(), 0);
}

TEST_F(ShellAtTerminal, PaintsItsPrompt) {
  start("always");
  wait_for("\x1b[1mtenon>\x1b[0m ");
  type("quit\r");
  EXPECT_EQ(end(), 0);
}

}  // namespace
