// Where guests can be entered, on stacks that the tests allocate.
#include "runtime/active_call.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <new>
#include <thread>
#include <utility>

#include "call/bounds.h"
#include "runtime/domain.h"

namespace tenon::runtime::active_call_test {
namespace {

const std::optional<call::Bounds> kNone;

// A stack like those that the engine allocates for fibers.
class Fiber final {
 public:
  // Runs `body` on the stack.
  void run(std::function<void()> body) {
    body_ = std::move(body);
    ucontext_t caller;
    ucontext_t inside;
    getcontext(&inside);
    inside.uc_stack.ss_sp = stack_.get();
    inside.uc_stack.ss_size = kSize;
    inside.uc_link = &caller;
    current = this;
    makecontext(&inside, [] { current->body_(); }, 0);
    swapcontext(&caller, &inside);
  }

 private:
  static constexpr std::size_t kSize = std::size_t{2} << 20;
  static thread_local Fiber* current;

  std::unique_ptr<std::uint8_t[]> stack_ = std::make_unique<std::uint8_t[]>(kSize);
  std::function<void()> body_;
};
thread_local Fiber* Fiber::current = nullptr;

TEST(ActiveCall, AFiberHasRoomForTwoCalls) {
  Shared shared;
  Domain domain(shared, "a");
  Fiber().run([&] {
    EXPECT_TRUE(ActiveCall::has_room());
    const ActiveCall first(domain, kNone);
    EXPECT_TRUE(ActiveCall::has_room());
    const ActiveCall second(domain, kNone);
    EXPECT_FALSE(ActiveCall::has_room());
  });
}

TEST(ActiveCall, FibersAreCountedSeparately) {
  Shared shared;
  Domain domain(shared, "a");
  Fiber outer;
  Fiber inner;
  outer.run([&] {
    const ActiveCall first(domain, kNone);
    const ActiveCall second(domain, kNone);
    inner.run([&] {
      EXPECT_TRUE(ActiveCall::has_room());
      const ActiveCall third(domain, kNone);
      EXPECT_TRUE(ActiveCall::has_room());
      const ActiveCall fourth(domain, kNone);
      EXPECT_FALSE(ActiveCall::has_room());
    });
    EXPECT_FALSE(ActiveCall::has_room());
  });
}

// Descends the thread's stack in steps of 4 KiB until `is_enough`; returns the number of steps.
[[gnu::noinline]] std::size_t descend(const std::function<bool()>& is_enough) {
  volatile std::uint8_t frame[4096];
  frame[0] = 0;
  return is_enough() ? frame[0] : 1 + descend(is_enough) + frame[0];
}

TEST(ActiveCall, NativeCodeNeedsLessStackThanAGuest) {
  std::thread([] {
    EXPECT_TRUE(ActiveCall::has_native_room());
    descend([] { return !ActiveCall::has_room(); });
    std::size_t left = 0;
    descend([&] {
      if (ActiveCall::has_native_room()) return false;
      // When calls start to be refused, about 200 KiB are left.
      std::size_t more = 0;
      left = descend([&] { return ++more == 50; });
      return true;
    });
    EXPECT_GE(left, 49U);
  }).join();
}

TEST(ActiveCall, AGuestWithoutRoomGetsAnotherStack) {
  std::thread([] {
    const auto here = [] { return reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)); };
    std::size_t entered = 0;
    const auto enter = [&]() -> Result<std::uintptr_t, engine::Failure> {
      ++entered;
      EXPECT_TRUE(ActiveCall::has_room());
      return here();
    };
    const StackBounds own = find_thread_stack();
    descend([&] {
      if (ActiveCall::has_room()) return false;
      const ActiveCall::CallerStack caller;
      const auto other = ActiveCall::enter_with_room(enter);
      EXPECT_TRUE(other && (*other < own.low || *other >= own.high));
      EXPECT_TRUE(ActiveCall::run_on_new_stack([&] {
        const auto is_own = [&](std::uintptr_t at) { return at >= own.low && at < own.high; };
        EXPECT_FALSE(is_own(here()));
        EXPECT_TRUE(is_own(caller.run(here)));
        EXPECT_FALSE(caller.run(ActiveCall::has_room));
        EXPECT_TRUE(ActiveCall::has_room());
        EXPECT_THROW((void)caller.run([]() -> bool { throw std::bad_alloc(); }), std::bad_alloc);
      }));
      EXPECT_THROW((void)ActiveCall::run_on_new_stack([] { throw std::bad_alloc(); }),
                   std::bad_alloc);
      EXPECT_FALSE(ActiveCall::has_room());
      return true;
    });
    EXPECT_EQ(entered, 1U);
  }).join();
}

// Adds stacks, one inside the other, as long as that is possible; returns their number.
std::size_t add_stacks() {
  std::size_t inner = 0;
  return ActiveCall::run_on_new_stack([&] { inner = add_stacks(); }) ? 1 + inner : 0;
}

TEST(ActiveCall, AThreadHasFewStacks) {
  std::thread([] {
    EXPECT_EQ(add_stacks(), 8U);
    EXPECT_TRUE(ActiveCall::can_enter());
    EXPECT_EQ(add_stacks(), 8U);
  }).join();
}

// The bounds that glibc reports.
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

// Whether `find_thread_stack` agrees with glibc.
bool agrees_with_glibc() {
  const StackBounds expected = ask_pthread();
  const StackBounds stack = find_thread_stack();
  return is_near(stack.low, expected.low) && is_near(stack.high, expected.high);
}

// The same on the stack of a thread, which must contain this frame.
bool finds_own_stack() {
  const StackBounds stack = find_thread_stack();
  const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  return agrees_with_glibc() && stack.low < here && here < stack.high;
}

TEST(ThreadStack, IsThatOfTheThread) {
  EXPECT_TRUE(finds_own_stack());
  std::thread([] { EXPECT_TRUE(finds_own_stack()); }).join();
  bool agrees = false;
  Fiber fiber;
  fiber.run([&] { agrees = agrees_with_glibc(); });
  EXPECT_TRUE(agrees);
}

// Ends the process, with status 0 if it finds its stack.
[[noreturn]] void check_stack() { ::_exit(finds_own_stack() ? 0 : 1); }

TEST(ThreadStack, IsFoundForEveryLimit) {
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

// The main thread of the child process runs on the stack of the thread that forked.
TEST(ThreadStack, IsFoundAfterAFork) {
  std::thread([] {
    const pid_t child = ::fork();
    if (child == 0) check_stack();
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }).join();
}

}  // namespace
}  // namespace tenon::runtime::active_call_test
