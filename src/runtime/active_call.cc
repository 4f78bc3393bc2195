#include "runtime/active_call.h"

#include <pthread.h>
#include <sys/auxv.h>
#include <sys/resource.h>

#include <cstddef>
#include <cstdint>
#include <optional>

#include "engine/other_stack.h"

namespace tenon::runtime {

namespace {

// By how much the frame of a function can be above that of a function called earlier by the same
// caller.
constexpr std::size_t kFrameSlack = std::size_t{4} << 10;
// A fiber of the engine has 2 MiB, which is enough for its own guest and two more.
constexpr int kCallsOnFiber = 2;

// The stack of the main thread lies below the name of the program, and can grow to the stack limit.
// Computing it takes microseconds; pthread_getattr_np parses /proc/self/maps, which takes 0.1 ms.
std::optional<StackBounds> compute_main_stack() {
  // Linux keeps at least this much free below the stack, even if the limit is raised later.
  constexpr rlim_t kReserved = rlim_t{128} << 20;
  rlimit limit = {};
  if (::getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur > kReserved) return std::nullopt;
  const std::uintptr_t high = ::getauxval(AT_EXECFN);
  if (high <= limit.rlim_cur) return std::nullopt;
  return StackBounds{.low = high - limit.rlim_cur, .high = high};
}

}  // namespace

StackBounds find_thread_stack() {
  const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  // No other stack lies within these bounds, so this is the main thread.
  if (const auto main = compute_main_stack(); main && main->low <= here && here < main->high)
    return *main;
  StackBounds bounds{.low = 0, .high = UINTPTR_MAX};
  pthread_attr_t attributes;
  if (::pthread_getattr_np(::pthread_self(), &attributes) != 0) return bounds;
  void* low = nullptr;
  std::size_t size = 0;
  if (::pthread_attr_getstack(&attributes, &low, &size) == 0) {
    bounds.low = reinterpret_cast<std::uintptr_t>(low);
    bounds.high = bounds.low + size;
  }
  ::pthread_attr_destroy(&attributes);
  return bounds;
}

constinit thread_local ActiveCall::Thread ActiveCall::this_thread;

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

struct ActiveCall::AddedStack {
  StackBounds outer;
  const AddedStack* around;

  // While one exists, the thread is on a stack, or back on that around it.
  class Use final {
   public:
    Use(StackBounds stack, const AddedStack* added, unsigned count) : outer_(this_thread) {
      this_thread.stack = stack;
      this_thread.added = added;
      this_thread.added_count = count;
    }
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;
    ~Use() {
      this_thread.stack = outer_.stack;
      this_thread.added = outer_.added;
      this_thread.added_count = outer_.added_count;
    }

   private:
    const Thread outer_;
  };
};

bool ActiveCall::run_on_new_stack(const std::function<void()>& body) {
  if (!can_add_stack()) return false;
  const AddedStack added{this_thread.stack, this_thread.added};
  return engine::run_on_new_stack([&](std::uintptr_t low, std::uintptr_t high) {
    const AddedStack::Use use({.low = low, .high = high}, &added, this_thread.added_count + 1);
    body();
  });
}

void ActiveCall::CallerStack::run_there(const std::function<void()>& body) const {
  engine::run_on_outer_stack([&] {
    const AddedStack& left = *this_thread.added;
    const AddedStack::Use use(left.outer, left.around, this_thread.added_count - 1);
    if (this_thread.added == added_)
      body();
    else
      run_there(body);
  });
}

engine::Failure ActiveCall::no_stack() {
  return {.kind = engine::FailureKind::NotEntered,
          .message = "calls nest too deep: there is no memory for another stack"};
}

bool ActiveCall::has_room_on_fiber(std::uintptr_t address) {
  const ActiveCall* const active = this_thread.innermost;
  return active == nullptr || !active->shares_fiber(address) || active->on_fiber_ < kCallsOnFiber;
}

}  // namespace tenon::runtime
