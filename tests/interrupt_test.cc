// Ctrl-C ends a running guest at once, both in a loop of its own and while it waits in the host, and
// also several calls in parallel. It cancels a call that has streams; a second one ends the process.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/temporary_folder.h"

namespace {

const char* const kHello = TENON_SOURCE_DIR "/tests/guests/wasm/hello.wasm";
const char* const kTenon = TENON_BINARY_DIR "/tenon";

struct Child {
  pid_t id = 0;
  int output = -1;
};

// Starts `tenon` with a stream of it in a pipe. input: becomes its standard input; -1: that of the
// test.
Child start(std::vector<const char*> arguments, int stream, int input = -1) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return {};
  arguments.insert(arguments.begin(), kTenon);
  arguments.push_back(nullptr);
  const pid_t id = fork();
  if (id == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(ends[1], stream);
    if (input >= 0) dup2(input, STDIN_FILENO);
    signal(SIGINT, SIG_DFL);
    execv(kTenon, const_cast<char**>(arguments.data()));
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
  const Child child = start({"run", "--no-cache", kHello, "--", order}, STDOUT_FILENO);
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

// A pipe that stays open, with one byte in it.
std::array<int, 2> make_input() {
  std::array<int, 2> ends{};
  EXPECT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
  EXPECT_EQ(write(ends[1], "a", 1), 1);
  return ends;
}

// Waits until the byte has been read, which the command does after the call has begun.
void wait_until_read(int input) {
  int unread = 1;
  while (unread != 0) {
    ASSERT_EQ(ioctl(input, FIONREAD, &unread), 0);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

TEST(Interrupt, CancelsACallThatReadsAStream) {
  const std::array<int, 2> input = make_input();
  const char* const shout =
      TENON_SOURCE_DIR "/tests/golden/call/stream_from_standard_input/shout.wat";
  const Child child = start({"call", shout, "shout(@-)"}, STDERR_FILENO, input[0]);
  ASSERT_GT(child.id, 0);
  wait_until_read(input[0]);
  kill(child.id, SIGINT);
  int status = 0;
  ASSERT_EQ(waitpid(child.id, &status, 0), child.id);
  std::string printed(1000, ' ');
  const ssize_t size = read(child.output, printed.data(), printed.size());
  printed.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 134) << "status " << status;
  EXPECT_EQ(
      printed,
      "error[run-interrupted]: `shout` was stopped in `x:y/lib#shout`: the call was interrupted\n"
      "1 error; see `tenon explain run-interrupted`\n");
  for (const int end : {input[0], input[1], child.output}) close(end);
}

TEST(Interrupt, EndsCallsThatRunInParallel) {
  const char* const sleep =
      TENON_SOURCE_DIR "/tests/golden/call/parallel_waits_for_the_host/sleep.wat";
  const Child child =
      start({"call", "--no-cache", sleep, "sleep", "3600000", "--repeat", "10", "--parallel", "4"},
            STDERR_FILENO);
  ASSERT_GT(child.id, 0);
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  int status = 0;
  EXPECT_EQ(waitpid(child.id, &status, WNOHANG), 0) << "status " << status;
  kill(child.id, SIGINT);
  ASSERT_EQ(waitpid(child.id, &status, 0), child.id);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT) << "status " << status;
  close(child.output);
}

// Reads an item, and then never waits again.
constexpr const char* kSpin = R"((component
  (type $items (stream u8))
  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core func $read (canon stream.read $items (memory $memory)))
  (core module $code
    (import "" "read" (func $read (param i32 i32 i32) (result i32)))
    (func (export "spin") (param $from i32)
      (drop (call $read (local.get $from) (i32.const 0) (i32.const 1)))
      (loop $again (br $again))))
  (core instance $core (instantiate $code (with "" (instance (export "read" (func $read))))))
  (func (export "spin") async (param "from" $items) (canon lift (core func $core "spin")))))";

TEST(Interrupt, TheSecondOneEndsACommandWhoseGuestGoesOn) {
  const std::array<int, 2> input = make_input();
  const tenon::TemporaryFolder folder;
  const std::string spin = folder.write("spin.wat", kSpin);
  const Child child = start({"call", spin.c_str(), "spin(@-)"}, STDERR_FILENO, input[0]);
  ASSERT_GT(child.id, 0);
  wait_until_read(input[0]);
  // The guest gets the item at once, and is in its loop then.
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  kill(child.id, SIGINT);
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  int status = 0;
  EXPECT_EQ(waitpid(child.id, &status, WNOHANG), 0) << "status " << status;
  kill(child.id, SIGINT);
  ASSERT_EQ(waitpid(child.id, &status, 0), child.id);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT) << "status " << status;
  for (const int end : {input[0], input[1], child.output}) close(end);
}

}  // namespace
