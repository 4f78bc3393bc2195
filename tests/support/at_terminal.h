// Runs the command on a pseudo-terminal: types input, and reads what it shows.
#pragma once

#include <gtest/gtest.h>
#include <pty.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/temporary_folder.h"

namespace tenon {

class AtTerminal : public testing::Test {
 protected:
  // Starts `tenon` with these arguments, and with a temporary folder as its home.
  void start(std::vector<std::string> arguments) {
    std::string command = TENON_BINARY_DIR "/tenon";
    std::vector<char*> words = {command.data()};
    for (std::string& argument : arguments) words.push_back(argument.data());
    words.push_back(nullptr);
    child_ = ::forkpty(&terminal_, nullptr, nullptr, nullptr);
    ASSERT_GE(child_, 0);
    if (child_ != 0) return;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::setenv("TERM", "xterm", 1);
    ::setenv("LC_ALL", "C.UTF-8", 1);
    ::setenv("HOME", folder_.path().c_str(), 1);
    ::setenv("XDG_STATE_HOME", (folder_.path() / "state").c_str(), 1);
    ::setenv("XDG_CONFIG_HOME", (folder_.path() / "config").c_str(), 1);
    ::execv(command.c_str(), words.data());
    ::_exit(126);
  }

  void type(std::string_view keys) {
    ASSERT_EQ(::write(terminal_, keys.data(), keys.size()), static_cast<ssize_t>(keys.size()));
  }

  // Reads until the terminal shows `text`, and returns the output up to there. If the command never
  // shows it, the test ends by its time limit.
  std::string wait_for(std::string_view text) {
    std::size_t at = 0;
    while ((at = seen_.find(text)) == std::string::npos) {
      if (read_more()) continue;
      ADD_FAILURE() << "it ended, and never showed `" << text << "`:\n" << seen_;
      return {};
    }
    std::string shown = seen_.substr(0, at + text.size());
    seen_.erase(0, shown.size());
    return shown;
  }

  [[nodiscard]] bool is_running() const {
    siginfo_t info = {};
    ::usleep(1000);
    return ::waitid(P_PID, static_cast<id_t>(child_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == 0;
  }

  // The output until the command ends, without what was already read.
  struct End {
    int code = 0;  // 128 + N: signal N ended it
    std::string shown;
  };
  End end() {
    while (read_more()) continue;
    int status = 0;
    ::waitpid(child_, &status, 0);
    ::close(terminal_);
    End end{WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), std::move(seen_)};
    seen_.clear();
    return end;
  }

  TemporaryFolder folder_;

 private:
  bool read_more() {
    std::array<char, 4096> buffer;
    const ssize_t count = ::read(terminal_, buffer.data(), buffer.size());
    if (count > 0) seen_.append(buffer.data(), static_cast<std::size_t>(count));
    return count > 0;
  }

  int terminal_ = -1;
  pid_t child_ = -1;
  std::string seen_;
};

}  // namespace tenon
