#include "support/process.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <thread>

namespace tenon::process_test {
namespace {

// What the C library finds, which asks the system in another way.
StackBounds ask_pthread() {
  pthread_attr_t attributes;
  void* low = nullptr;
  std::size_t size = 0;
  EXPECT_EQ(::pthread_getattr_np(::pthread_self(), &attributes), 0);
  EXPECT_EQ(::pthread_attr_getstack(&attributes, &low, &size), 0);
  ::pthread_attr_destroy(&attributes);
  const auto address = reinterpret_cast<std::uintptr_t>(low);
  return {.low = address, .high = address + size};
}

bool is_near(std::uintptr_t a, std::uintptr_t b) {
  return std::max(a, b) - std::min(a, b) <= std::size_t{16} << 10;
}

// Whether both ways agree, and this frame is on the stack.
bool finds_own_stack() {
  const StackBounds wanted = ask_pthread();
  const std::optional<StackBounds> found = find_stack_bounds();
  const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  return found && is_near(found->low, wanted.low) && is_near(found->high, wanted.high) &&
         found->low < here && here < found->high;
}

TEST(Stack, IsThatOfTheThread) {
  EXPECT_TRUE(finds_own_stack());
  std::thread([] { EXPECT_TRUE(finds_own_stack()); }).join();
}

// Ends the process with 0 if it finds its stack.
[[noreturn]] void check_stack() { ::_exit(finds_own_stack() ? 0 : 1); }

TEST(Stack, IsThatOfTheThreadWhateverTheLimit) {
  for (const rlim_t size : {rlim_t{1} << 20, rlim_t{1} << 30, rlim_t{RLIM_INFINITY}}) {
    EXPECT_EXIT(
        {
          rlimit limit = {};
          (void)::getrlimit(RLIMIT_STACK, &limit);
          limit.rlim_cur = std::min(size, limit.rlim_max);
          (void)::setrlimit(RLIMIT_STACK, &limit);
          check_stack();
        },
        testing::ExitedWithCode(0), "")
        << size;
  }
}

// The only thread of the child runs on the stack of a thread that was not the main one.
TEST(Stack, IsThatOfTheThreadThatForked) {
  std::thread([] {
    const pid_t child = ::fork();
    if (child == 0) check_stack();
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }).join();
}

TEST(Processors, AreThoseThatTheProcessMayUse) {
  EXPECT_GE(count_processors(), 1U);
  std::thread([] {
    cpu_set_t one;
    ASSERT_EQ(::sched_getaffinity(0, sizeof one, &one), 0);
    int first = 0;
    while (!CPU_ISSET(first, &one)) ++first;
    CPU_ZERO(&one);
    CPU_SET(first, &one);
    ASSERT_EQ(::sched_setaffinity(0, sizeof one, &one), 0);
    EXPECT_EQ(count_processors(), 1U);
  }).join();
}

}  // namespace
}  // namespace tenon::process_test
