// One thread at a time in a composition that several threads enter.
//
// A composition has one thread, until another composition uses a unit of it: from then on it is
// shared, and who enters it holds its lock. Who is in may enter again. A thread that would wait for
// one that waits for it, directly or through others, is refused: it gets a failure, and no thread
// waits forever for another that is in a composition.
//
// Thread: any, but where it is said.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "tenon/call_failure.h"

namespace tenon::runtime {

class OwnerLock final : public std::enable_shared_from_this<OwnerLock> {
 public:
  OwnerLock() = default;
  OwnerLock(const OwnerLock&) = delete;
  OwnerLock& operator=(const OwnerLock&) = delete;

  // From here on other threads may come. What has been entered already is held by this thread.
  // name: for people. Thread: that of the composition.
  void share(std::string name);
  [[nodiscard]] bool is_shared() const { return is_shared_.load(std::memory_order_acquire); }

  // Waits until no other thread is in, nor waits that came before.
  // Failures: Reentrance, for a circle of threads that wait; Deadline, if that of the call which
  // this thread is in passes meanwhile.
  [[nodiscard]] CallResult<void> enter() {
    if (is_shared()) return enter_shared();
    ++depth_;
    return {};
  }
  // REQUIRES: `enter` succeeded on this thread, once for each `leave`
  void leave() {
    if (depth_ > 1 || !(is_shared() || has_deferred_.load(std::memory_order_relaxed)))
      --depth_;
    else
      leave_last();
  }

  // Runs a task while no other thread is in: at once if that can be, else when the one that is in
  // leaves. Never waits.
  void run_or_defer(std::function<void()> task);
  // Runs a task when nobody is in, not even this thread; the lock may go with it. Never waits.
  void run_when_left(std::function<void()> task);

  // Is in while it lives, if it was not refused.
  class Entry final {
   public:
    explicit Entry(OwnerLock& lock) : lock_(lock), entered_(lock.enter()) {}
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    ~Entry() {
      if (entered_) lock_.leave();
    }

    [[nodiscard]] bool is_in() const { return entered_.has_value(); }
    // Why it was refused.
    [[nodiscard]] const CallFailure& failure() const { return entered_.error(); }

   private:
    OwnerLock& lock_;
    CallResult<void> entered_;
  };

 private:
  // Stands for one: an address of its own.
  using Thread = const void*;
  struct Waits;

  [[nodiscard]] static Thread this_thread();
  // Of all threads and locks.
  [[nodiscard]] static Waits& all_waits();

  [[nodiscard]] CallResult<void> enter_shared();
  void leave_last();
  void leave_shared();
  // Whether this thread is in. It is not let in before one that waits.
  [[nodiscard]] bool try_enter();
  [[nodiscard]] CallResult<void> wait();
  // If nobody is in, the thread that waits longest is. REQUIRES: `waits` is locked
  void hand_over(Waits& waits);
  // "a -> b -> a": the circle that would close if this thread waited; nothing: none would.
  // REQUIRES: `waits` is locked
  [[nodiscard]] std::optional<std::string> find_circle(const Waits& waits) const;
  void defer(std::function<void()> task);
  // REQUIRES: this thread is in
  void run_deferred();

  std::string name_;
  std::atomic<bool> is_shared_ = false;
  std::atomic<Thread> owner_ = nullptr;  // of one that is shared; null: nobody is in
  std::uint32_t depth_ = 0;              // how often its thread entered; that thread's
  std::atomic<std::uint32_t> waiting_ = 0;
  std::mutex mutex_;  // of `deferred_`
  std::vector<std::function<void()>> deferred_;
  std::atomic<bool> has_deferred_ = false;
};

}  // namespace tenon::runtime
