// Where guests can be entered, on stacks that the tests allocate.
#include "runtime/active_call.h"

#include <gtest/gtest.h>
#include <ucontext.h>

#include <cstdint>
#include <functional>
#include <memory>
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

}  // namespace
}  // namespace tenon::runtime::active_call_test
