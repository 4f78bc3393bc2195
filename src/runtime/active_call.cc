#include "runtime/active_call.h"

#include <cstddef>
#include <cstdint>

#include "support/process.h"

namespace tenon::runtime {

namespace {

// By how much the frame of a function can be above that of a function called earlier by the same
// caller.
constexpr std::size_t kFrameSlack = std::size_t{4} << 10;
// A fiber of the engine has 2 MiB, which is enough for its own guest and two more.
constexpr int kCallsOnFiber = 2;

}  // namespace

constinit thread_local ActiveCall::Thread ActiveCall::this_thread;

void ActiveCall::read_stack_bounds() {
  const StackBounds bounds =
      find_stack_bounds().value_or(StackBounds{.low = 0, .high = UINTPTR_MAX});
  this_thread.low = bounds.low;
  this_thread.high = bounds.high;
}

void ActiveCall::count_on_fiber() {
  const bool is_first = outer_ == nullptr || !outer_->shares_fiber(address_);
  on_fiber_ = is_first ? 1 : outer_->on_fiber_ + 1;
}

// Stacks grow down, and a guest uses at most kNeededStack before the next call, so the frame of an
// inner call on the same fiber is at most that much lower. Frames on different fibers are farther
// apart, even if the fibers are adjacent, because a fiber is more than three times as large.
bool ActiveCall::shares_fiber(std::uintptr_t address) const {
  if (!is_on_fiber(address_)) return false;
  return address <= address_ ? address_ - address <= kNeededStack
                             : address - address_ <= kFrameSlack;
}

bool ActiveCall::has_room_on_fiber(std::uintptr_t address) {
  const ActiveCall* const active = this_thread.innermost;
  return active == nullptr || !active->shares_fiber(address) || active->on_fiber_ < kCallsOnFiber;
}

}  // namespace tenon::runtime
