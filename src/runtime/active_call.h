// The guests that a thread runs, one inside the other. They share the native stack, and the engine
// bounds what each takes, not what all take together: without a check a deep chain of calls ends
// the process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "call/bounds.h"

namespace tenon::runtime {

class Domain;

// Who entered a guest on this thread, innermost first. One lives in each call.
class ActiveCall final {
 public:
  // bounds: live as long.
  ActiveCall(Domain& domain, const std::optional<call::Bounds>& bounds)
      : domain_(domain), bounds_(bounds), outer_(this_thread.innermost), address_(here()) {
    if (is_on_fiber(address_)) count_on_fiber();
    this_thread.innermost = this;
  }
  ActiveCall(Domain& domain, std::optional<call::Bounds>&& bounds) = delete;
  ActiveCall(const ActiveCall&) = delete;
  ActiveCall& operator=(const ActiveCall&) = delete;
  ~ActiveCall() { this_thread.innermost = outer_; }

  // Null: no guest runs on this thread.
  [[nodiscard]] static const ActiveCall* innermost() { return this_thread.innermost; }

  [[nodiscard]] const Domain& domain() const { return domain_; }
  [[nodiscard]] const ActiveCall* outer() const { return outer_; }

  // What ends a call that this thread makes: inside of another it has the bounds of that one. Null:
  // nothing does.
  [[nodiscard]] static const call::Bounds* innermost_bounds() {
    const ActiveCall* const call = this_thread.innermost;
    return call == nullptr || call == this_thread.aside || !call->bounds_ ? nullptr
                                                                          : &*call->bounds_;
  }
  // Until when. Null: it has any time.
  [[nodiscard]] static const call::Deadline* innermost_deadline() {
    const call::Bounds* const bounds = innermost_bounds();
    return bounds == nullptr || !bounds->deadline ? nullptr : &*bounds->deadline;
  }

  // While an Aside exists, calls by this thread do not belong to the calls in progress below it, so
  // deadlines of those do not apply. Used to run tasks that other threads deferred.
  class Aside final {
   public:
    Aside() : outer_(std::exchange(this_thread.aside, this_thread.innermost)) {}
    Aside(const Aside&) = delete;
    Aside& operator=(const Aside&) = delete;
    ~Aside() { this_thread.aside = outer_; }

   private:
    const ActiveCall* outer_;
  };

  // Whether one more guest can be entered.
  [[nodiscard]] static bool has_room() {
    const std::uintptr_t address = here();
    return is_on_fiber(address) ? has_room_on_fiber(address)
                                : address - this_thread.low >= kNeededStack;
  }
  // Whether enough stack is left to call native code, which has no check of its own. A fiber always
  // has enough: kCallsOnFiber guests leave more than kNativeStack of it.
  static constexpr const char* kNoNativeRoom =
      "too little stack is left for native code: calls nest too deep";
  [[nodiscard]] static bool has_native_room() {
    const std::uintptr_t address = here();
    return is_on_fiber(address) || address - this_thread.low >= kNativeStack;
  }

 private:
  // The engine's own bound for one guest, and what entering one takes on the host's side.
  static constexpr std::size_t kGuestStack = std::size_t{512} << 10;
  static constexpr std::size_t kNeededStack = kGuestStack + (std::size_t{160} << 10);

  // The stack that native code can rely on. Libraries such as SQLite parse and plan recursively.
  static constexpr std::size_t kNativeStack = std::size_t{256} << 10;

  struct Thread {
    // Bounds of its stack; not known before they are asked for.
    std::uintptr_t low = 0;
    std::uintptr_t high = 0;
    const ActiveCall* innermost = nullptr;
    const ActiveCall* aside = nullptr;  // whose deadline is not that of what it calls
  };
  static constinit thread_local Thread this_thread;

  static std::uintptr_t here() {
    return reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  }
  static bool is_on_fiber(std::uintptr_t address) {
    if (this_thread.high == 0) find_bounds();
    return address < this_thread.low || address >= this_thread.high;
  }
  static void find_bounds();
  [[nodiscard]] static bool has_room_on_fiber(std::uintptr_t address);
  void count_on_fiber();
  // Whether a frame at `address`, of a call inside of this one, is on the same fiber.
  [[nodiscard]] bool shares_fiber(std::uintptr_t address) const;

  Domain& domain_;
  const std::optional<call::Bounds>& bounds_;
  const ActiveCall* outer_;
  std::uintptr_t address_;  // of a frame on the stack where it began
  int on_fiber_ = 0;        // calls that began on the same fiber, this one included
};

}  // namespace tenon::runtime
