// Inputs that are not files of a folder: an argument of `tenon call` whose file fails after a part of it
// was read, when the guest keeps that part, and a component on standard input.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <spawn.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/support/temporary_folder.h"

namespace {

std::string read_text(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// Reads from it return `text`, and then fail with EIO: a terminal whose other side was closed.
int open_failing_input(const std::string& text) {
  int master = -1;
  int slave = -1;
  termios raw = {};
  cfmakeraw(&raw);
  EXPECT_EQ(openpty(&master, &slave, nullptr, &raw, nullptr), 0);
  EXPECT_EQ(write(slave, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  close(slave);
  return master;
}

TEST(CallInput, KeepsWhatWasReadBeforeTheFileFailed) {
  const tenon::TemporaryFolder folder;
  const std::string out = (folder.path() / "out").string();
  const std::string err = (folder.path() / "err").string();
  const int input = open_failing_input("1\n2\n");
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO);
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, out.c_str(), O_WRONLY | O_CREAT, 0600);
  posix_spawn_file_actions_addopen(&files, STDERR_FILENO, err.c_str(), O_WRONLY | O_CREAT, 0600);
  std::array<std::string, 4> words = {TENON_BINARY_DIR "/tenon", "call",
                                      TENON_SOURCE_DIR "/tests/golden/call/stream_of_lines/sum.wat",
                                      "sum(@-)"};
  std::array<char*, 5> arguments = {words[0].data(), words[1].data(), words[2].data(),
                                    words[3].data(), nullptr};
  pid_t child = -1;
  ASSERT_EQ(posix_spawn(&child, words[0].c_str(), &files, nullptr, arguments.data(), environ), 0);
  posix_spawn_file_actions_destroy(&files);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  close(input);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 127) << "status " << status;
  EXPECT_EQ(read_text(out), "3\n");
  EXPECT_EQ(read_text(err),
            "error[read-file]: `standard input` cannot be read: Input/output error\n"
            "  --> standard input\n"
            "   = hint: what was read before was passed on\n"
            "1 error; see `tenon explain read-file`\n");
}

TEST(ComponentInput, IsReadFromAPipe) {
  const std::string command =
      "cat '" TENON_SOURCE_DIR "/tests/guests/wasm/hello.wasm' | '" TENON_BINARY_DIR
      "/tenon' check -";
  std::FILE* const output = popen(command.c_str(), "r");
  ASSERT_NE(output, nullptr);
  std::array<char, 256> text = {};
  EXPECT_NE(std::fgets(text.data(), text.size(), output), nullptr);
  EXPECT_STREQ(text.data(), "/dev/stdin: valid\n");
  EXPECT_EQ(pclose(output), 0);
}

}  // namespace
