// The calls of guests in progress on a thread, one inside the other.
//
// Each call that enters a guest has an ActiveCall on the stack, linked to the enclosing one. The
// chain tells which domains are running (for messages about reentrance), what bounds a new call
// inherits, and whether there is room for another guest: all of them share the native stack, and the
// engine limits the stack of each guest, not of all together. Without that check, a deep chain of
// calls would overflow the stack and end the process. If there is no room, the guest gets a new stack.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>

#include "call/bounds.h"
#include "engine/failure.h"

namespace tenon::runtime {

class Domain;
class Place;

// A thread, for those that wait for a domain in which it runs. Guarded by the lock of the
// composition.
struct GuestThread {
  const Place* waits_for = nullptr;  // on its stack

  [[nodiscard]] static GuestThread& current() {
    static constinit thread_local GuestThread thread;
    return thread;
  }
};

// The addresses that a stack can occupy, from `low` up to but not including `high`.
struct StackBounds {
  std::uintptr_t low = 0;
  std::uintptr_t high = 0;
};

// The stack that the system gave the current thread, even if a fiber is running on it. All addresses
// if the system does not report it.
[[nodiscard]] StackBounds find_thread_stack();

class ActiveCall final {
  // A stack that was added to those of the system and of the engine.
  struct AddedStack;

 public:
  // Lifetime: refers to `bounds`.
  ActiveCall(Domain& domain, const std::optional<call::Bounds>& bounds)
      : domain_(domain), bounds_(bounds), outer_(this_thread.innermost), address_(here()) {
    if (is_on_fiber(address_)) count_on_fiber();
    this_thread.innermost = this;
  }
  ActiveCall(Domain& domain, std::optional<call::Bounds>&& bounds) = delete;
  ActiveCall(const ActiveCall&) = delete;
  ActiveCall& operator=(const ActiveCall&) = delete;
  ~ActiveCall() { this_thread.innermost = outer_; }

  // Null if no guest runs on this thread.
  [[nodiscard]] static const ActiveCall* innermost() { return this_thread.innermost; }

  [[nodiscard]] const Domain& domain() const { return domain_; }
  [[nodiscard]] const ActiveCall* outer() const { return outer_; }

  // The bounds that a call of this thread inherits from the enclosing call; null if there are none.
  [[nodiscard]] static const call::Bounds* innermost_bounds() {
    const ActiveCall* const call = this_thread.innermost;
    return call == nullptr || call == this_thread.detached_at || !call->bounds_ ? nullptr
                                                                                : &*call->bounds_;
  }
  // The deadline among these bounds; null if there is none.
  [[nodiscard]] static const call::Deadline* innermost_deadline() {
    const call::Bounds* const bounds = innermost_bounds();
    return bounds == nullptr || !bounds->deadline ? nullptr : &*bounds->deadline;
  }

  // While a Detached exists, new calls of this thread do not inherit the bounds of the calls in
  // progress. Used to run tasks that other threads deferred.
  class Detached final {
   public:
    Detached() : outer_(std::exchange(this_thread.detached_at, this_thread.innermost)) {}
    Detached(const Detached&) = delete;
    Detached& operator=(const Detached&) = delete;
    ~Detached() { this_thread.detached_at = outer_; }

   private:
    const ActiveCall* outer_;
  };

  // Whether the stack has room for one more guest.
  [[nodiscard]] static bool has_room() {
    const std::uintptr_t address = here();
    return is_on_fiber(address) ? has_room_on_fiber(address)
                                : address - this_thread.stack.low >= kNeededStack;
  }
  // Whether one more guest can be entered, on this stack or a new one.
  [[nodiscard]] static bool can_enter() { return can_add_stack() || has_room(); }
  // Runs `enter`, which enters a guest and returns a Result<T, engine::Failure>: on this stack if it has
  // room, and otherwise on a new one.
  template <class Enter>
  static auto enter_with_room(Enter&& enter) {
    if (has_room() || !can_add_stack()) [[likely]]
      return enter();
    return enter_on_new_stack(enter);
  }
  // Runs `body` on a new stack. Returns false, without running it, if the thread has too many, or there
  // is no memory for another one.
  [[nodiscard]] static bool run_on_new_stack(const std::function<void()>& body);

  // The stack on which a guest makes a call: code of the guest must run there, although the callee can be
  // on a stack that was added. Created when the call begins.
  class CallerStack final {
   public:
    // Runs `body`, which can run code of the calling guest.
    template <class Body>
    auto run(Body&& body) const {
      if (this_thread.added == added_) [[likely]]
        return body();
      std::optional<decltype(body())> result;
      run_there([&] { result.emplace(body()); });
      return *std::move(result);
    }

   private:
    [[gnu::cold]] void run_there(const std::function<void()>& body) const;

    const AddedStack* added_ = this_thread.added;
  };

  // Whether enough stack is left to call native code, which does not check the stack itself. A
  // fiber always has enough: the guests that can be on it (kCallsOnFiber) leave more than
  // kNativeStack.
  static constexpr const char* kNoNativeRoom =
      "too little stack is left for native code: calls nest too deep";
  [[nodiscard]] static bool has_native_room() {
    const std::uintptr_t address = here();
    return is_on_fiber(address) || address - this_thread.stack.low >= kNativeStack;
  }

 private:
  // The engine's stack limit for one guest; the same with the stack that the host uses to enter it.
  static constexpr std::size_t kGuestStack = std::size_t{512} << 10;
  static constexpr std::size_t kNeededStack = kGuestStack + (std::size_t{160} << 10);

  // The stack that native code can rely on. Libraries such as SQLite parse and plan recursively.
  static constexpr std::size_t kNativeStack = std::size_t{256} << 10;

  // How many stacks a chain of calls can add: 64 MiB, if guests use all of it.
  static constexpr unsigned kMostAdded = 8;

  struct Thread {
    // The one that is used apart from fibers; found at the first use, `high` is 0 before that.
    StackBounds stack;
    const AddedStack* added = nullptr;  // the last one
    unsigned added_count = 0;
    const ActiveCall* innermost = nullptr;
    const ActiveCall* detached_at = nullptr;  // the call whose bounds are not inherited
  };
  static constinit thread_local Thread this_thread;

  template <class Enter>
  [[gnu::cold, gnu::noinline]] static auto enter_on_new_stack(Enter& enter) {
    std::optional<decltype(enter())> result;
    if (!run_on_new_stack([&] { result.emplace(enter()); })) result.emplace(no_stack());
    return *std::move(result);
  }
  [[nodiscard]] static engine::Failure no_stack();
  [[nodiscard]] static bool can_add_stack() { return this_thread.added_count < kMostAdded; }

  static std::uintptr_t here() {
    return reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  }
  static bool is_on_fiber(std::uintptr_t address) {
    StackBounds& stack = this_thread.stack;
    if (stack.high == 0) stack = find_thread_stack();
    return address < stack.low || address >= stack.high;
  }
  [[nodiscard]] static bool has_room_on_fiber(std::uintptr_t address);
  void count_on_fiber();
  // Whether an inner call with a frame at `address` is on the same fiber.
  [[nodiscard]] bool shares_fiber(std::uintptr_t address) const;

  Domain& domain_;
  const std::optional<call::Bounds>& bounds_;
  const ActiveCall* outer_;
  std::uintptr_t address_;  // of the frame that began the call
  int on_fiber_ = 0;        // number of calls on the same fiber, up to this one
};

}  // namespace tenon::runtime
