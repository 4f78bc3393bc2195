// Ctrl-C ends a running guest at once, both in a loop of its own and while it waits in the host.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string>

namespace {

const char* const kHello = TENON_SOURCE_DIR "/tests/guests/wasm/hello.wasm";
const char* const kTenon = TENON_BINARY_DIR "/tenon";

struct Child {
  pid_t id = 0;
  int output = -1;
};

// Starts `tenon run hello.wasm -- ORDER` with its output in a pipe.
Child start(const char* order) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return {};
  const pid_t id = fork();
  if (id == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(ends[1], STDOUT_FILENO);
    signal(SIGINT, SIG_DFL);
    execl(kTenon, kTenon, "run", "--no-cache", kHello, "--", order, nullptr);
    _exit(126);
  }
  close(ends[1]);
  return {id, ends[0]};
}

// Waits until the guest has printed its argument, which it does before it follows it.
bool wait_for_guest(int output, const std::string& order) {
  std::string seen;
  std::array<char, 256> buffer;
  while (seen.find("argument 1: " + order) == std::string::npos) {
    const ssize_t count = read(output, buffer.data(), buffer.size());
    if (count <= 0) return false;
    seen.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return true;
}

void expect_interrupted(const char* order) {
  const Child child = start(order);
  ASSERT_GT(child.id, 0);
  ASSERT_TRUE(wait_for_guest(child.output, order));
  kill(child.id, SIGINT);
  // If the guest is not stopped, the time limit of the test ends it.
  int status = 0;
  ASSERT_EQ(waitpid(child.id, &status, 0), child.id);
  close(child.output);
  EXPECT_TRUE((WIFSIGNALED(status) && WTERMSIG(status) == SIGINT) ||
              (WIFEXITED(status) && WEXITSTATUS(status) == 128 + SIGINT))
      << "status " << status;
}

TEST(Interrupt, EndsALoop) { expect_interrupted("loop"); }

TEST(Interrupt, EndsAWaitInTheHost) { expect_interrupted("sleep:3600"); }

}  // namespace
