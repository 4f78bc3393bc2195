#include "runtime/active_call.h"

#include <pthread.h>

#include <cstddef>
#include <cstdint>

namespace tenon::runtime {

namespace {

// The engine's own bound for one guest, and what entering one takes on the host's side.
constexpr std::size_t kGuestStack = std::size_t{512} << 10;
constexpr std::size_t kNeededStack = kGuestStack + (std::size_t{160} << 10);
constexpr std::size_t kFrame = std::size_t{4} << 10;
// A fiber of the engine has 2 MiB: its own guest and two more.
constexpr int kCallsOnFiber = 2;

struct Bounds {
  std::uintptr_t low = 0;
  std::uintptr_t high = 0;
};

Bounds find_bounds() {
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return {};
  void* low = nullptr;
  std::size_t size = 0;
  Bounds bounds;
  if (pthread_attr_getstack(&attributes, &low, &size) == 0)
    bounds = {reinterpret_cast<std::uintptr_t>(low), reinterpret_cast<std::uintptr_t>(low) + size};
  pthread_attr_destroy(&attributes);
  return bounds;
}

const Bounds& thread_bounds() {
  thread_local const Bounds bounds = find_bounds();
  return bounds;
}

thread_local const ActiveCall* active = nullptr;

std::uintptr_t here() { return reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)); }

bool is_on_fiber(std::uintptr_t address) {
  const Bounds& bounds = thread_bounds();
  return address < bounds.low || address >= bounds.high;
}

}  // namespace

ActiveCall::ActiveCall(Domain& domain, std::optional<Deadline> deadline)
    : domain_(domain), deadline_(deadline), outer_(active), address_(here()) {
  if (is_on_fiber(address_)) {
    const bool is_first = outer_ == nullptr || !outer_->shares_fiber(address_);
    on_fiber_ = is_first ? 1 : outer_->on_fiber_ + 1;
  }
  active = this;
}

ActiveCall::~ActiveCall() { active = outer_; }

const ActiveCall* ActiveCall::innermost() { return active; }

// Stacks grow down, and a call that enters another has taken no more of its stack than it needed;
// what is called beside it may lie a frame higher. Frames of two fibers are farther apart, also
// where one lies next to the other: a fiber has more than three times that.
bool ActiveCall::shares_fiber(std::uintptr_t address) const {
  if (!is_on_fiber(address_)) return false;
  return address <= address_ ? address_ - address <= kNeededStack : address - address_ <= kFrame;
}

bool ActiveCall::has_room() {
  const std::uintptr_t address = here();
  if (is_on_fiber(address)) {
    return active == nullptr || !active->shares_fiber(address) || active->on_fiber_ < kCallsOnFiber;
  }
  return address - thread_bounds().low >= kNeededStack;
}

}  // namespace tenon::runtime
