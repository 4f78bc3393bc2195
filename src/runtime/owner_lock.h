// The lock of a composition: at most one thread runs in it at a time.
//
// A composition belongs to the first thread that enters it, which pays next to nothing for the lock,
// until a second one does, or until it is shared on purpose (`share`). A thread holds the lock while
// it runs in the composition, except while its guest computes (`Unlocked`) or it sleeps (`Released`).
// The lock is recursive. Waiting cannot deadlock: a thread that would close a circle of waiting
// threads gets a failure instead.
//
//   const OwnerLock::Entry entry(*composition.lock);
//   if (!entry.is_in()) return entry.failure();
//
// Thread: any, unless a function says otherwise.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "engine/host_gate.h"
#include "runtime/posting.h"
#include "tenon/result.h"

namespace tenon::runtime {

class OwnerLock final : public std::enable_shared_from_this<OwnerLock> {
 public:
  OwnerLock();
  OwnerLock(const OwnerLock&) = delete;
  OwnerLock& operator=(const OwnerLock&) = delete;

  // The name of the composition, for messages. REQUIRES: one thread has it
  void set_name(std::string name) { name_ = std::move(name); }

  // No thread has it for itself any more. The thread that is in holds the lock. The first thread that
  // comes to a composition of another one does this, too.
  void share();
  [[nodiscard]] bool is_shared() const { return only_.load(std::memory_order_acquire) == nullptr; }

  // Whether this thread is in.
  [[nodiscard]] bool is_in() const {
    const Thread self = this_thread();
    const Thread only = only_.load(std::memory_order_acquire);
    if (only == self) return alone_.load(std::memory_order_relaxed) > 0;
    return only == nullptr ? owner_.load() == self : only == &sharing_mark_ && owns_shared();
  }

  // Enters, after all threads that were waiting before. Reenters at once.
  // Failures: Reentrance, for a circle of waiting threads; Deadline, if the deadline of this
  // thread's innermost call passes while it waits.
  [[nodiscard]] CallResult<void> enter() {
    if (enter_alone()) return {};
    return enter_shared();
  }
  // REQUIRES: called once for each successful `enter` of this thread
  void leave() {
    const Thread self = this_thread();
    if (is_only(self)) {
      const std::uint32_t depth = alone_.load(std::memory_order_relaxed);
      if (depth == 1 && has_deferred_.load(std::memory_order_relaxed)) return leave_deferring();
      if (keep_alone(self, depth - 1) || !was_shared_at(depth)) return;
    }
    if (depth_ > 1)
      --depth_;
    else
      leave_shared(HandOver::Always);
  }

  // Runs a task in the composition: at once if no other thread is in, otherwise on the thread that
  // is in, when it leaves. Never waits, and needs no memory. REQUIRES: one function, which does not throw
  void run_or_defer(Posting task);
  // Runs a task when no thread is in, not even this one, nor one that is out for a while. The task
  // may release the last reference to the lock. Never waits, and needs no memory. REQUIRES: the same
  void run_when_left(Posting task);

  // Releases the lock for a scope, however often this thread has entered, and takes it back at the end.
  // Does nothing if this thread is not in.
  class Released final {
   public:
    explicit Released(OwnerLock& lock) : lock_(lock), depth_(lock.is_in() ? lock.release() : 0) {}
    Released(const Released&) = delete;
    Released& operator=(const Released&) = delete;
    ~Released() {
      if (depth_ != 0) lock_.take_back(depth_);
    }

   private:
    OwnerLock& lock_;
    std::uint32_t depth_;
  };
  // The number of threads that have released the lock for a scope. Thread: one that is in.
  [[nodiscard]] std::uint32_t released() const { return released_; }
  // Enters, whatever other threads wait for: the thread must not be in another
  // composition whose threads could wait for this one. Overtakes them if the lock is free.
  void enter_always();
  // Leaves a lock that this thread will soon enter again. The lock is handed to another thread only if
  // that thread has waited for a long time, because a hand-over takes as long as hundreds of calls.
  void leave_for_now();

  // Enters for a scope. Check `is_in` before anything else.
  class Entry final {
   public:
    explicit Entry(OwnerLock& lock) : lock_(lock), entered_(lock.enter()) {}
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    ~Entry() {
      if (entered_) lock_.leave();
    }

    [[nodiscard]] bool is_in() const { return entered_.has_value(); }
    // REQUIRES: not `is_in`
    [[nodiscard]] const CallFailure& failure() const { return entered_.error(); }

   private:
    OwnerLock& lock_;
    CallResult<void> entered_;
  };

 private:
  // Identifies a thread: the address of a thread-local variable.
  using Thread = const void*;
  struct WaitList;

  [[nodiscard]] static Thread this_thread() { return &this_thread_mark_; }
  static inline constinit thread_local char this_thread_mark_ = 0;
  // Values of `only_` in place of a thread.
  static inline char unclaimed_mark_ = 0;  // no thread has entered yet
  static inline char sharing_mark_ = 0;    // `share` is in progress
  // The waiting threads of all locks.
  [[nodiscard]] static WaitList& wait_list();

  // Whether this thread has the lock for itself. Afterwards, if it is in, it may use `depth_`.
  [[nodiscard]] bool is_only(Thread self) const {
    const Thread only = only_.load(std::memory_order_acquire);
    if (only == self) [[likely]]
      return true;
    if (only == &sharing_mark_) wait_for_share();
    return false;
  }
  [[gnu::cold]] void wait_for_share() const { const std::lock_guard lock(sharing_); }
  // Enters if this thread has the lock for itself.
  [[nodiscard]] bool enter_alone() {
    const Thread self = this_thread();
    if (only_.load(std::memory_order_relaxed) != self) return false;
    const std::uint32_t depth = alone_.load(std::memory_order_relaxed) + 1;
    return keep_alone(self, depth) || was_shared_at(depth);
  }
  // Stores how often the only thread is in. False if another thread takes the lock away meanwhile: that
  // is asked after the store, so either `share` sees the new depth, or this thread is told.
  [[nodiscard]] bool keep_alone(Thread self, std::uint32_t depth) {
    alone_.store(depth, std::memory_order_release);
    std::atomic_signal_fence(std::memory_order_seq_cst);
    return only_.load(std::memory_order_relaxed) == self;
  }
  // Enters and makes this thread the only one, if none has entered yet.
  [[nodiscard, gnu::cold]] bool claim();
  // For a thread that was told. Whether `share` saw this depth, with which it then owns the lock.
  [[nodiscard, gnu::cold]] bool was_shared_at(std::uint32_t depth) const;
  [[nodiscard, gnu::cold]] bool owns_shared() const;
  // Leaves for the last time, after tasks that were deferred.
  [[gnu::cold]] void leave_deferring();

  [[nodiscard]] CallResult<void> enter_shared();
  enum class HandOver : std::uint8_t { Always, IfLate };
  enum class Overtake : std::uint8_t { No, Yes };

  void leave_shared(HandOver when);
  // Enters if that is possible without waiting, and without overtaking a waiting thread unless told.
  [[nodiscard]] bool try_enter(Overtake overtake = Overtake::No);
  // Waits behind the threads that came before. Failures: as `enter`, if the wait can be refused.
  enum class Refusal : std::uint8_t { Possible, Never };
  [[nodiscard]] CallResult<void> wait(Refusal refusal);
  [[nodiscard]] std::uint32_t release();
  void take_back(std::uint32_t depth);
  // If no thread is in, makes the longest waiting thread the owner. REQUIRES: `waits` is locked
  void hand_over(WaitList& waits, HandOver when = HandOver::Always);
  // Visits this lock, then that for which its owner waits, and so on. Returns the last one if its owner is this
  // thread, and null otherwise. REQUIRES: `waits` is locked
  template <class Visit>
  const OwnerLock* follow(const WaitList& waits, Visit visit) const;
  // Names the circle that would close if this thread waited: "a -> b -> a". REQUIRES: `waits` is locked
  [[nodiscard]] std::optional<CallFailure> find_circle(const WaitList& waits) const noexcept;
  // to: one of the lists of tasks.
  void defer(Postings& to, Posting task);
  // REQUIRES: this thread is in
  void run_deferred();

  std::string name_;
  std::atomic<Thread> only_;              // the thread that has it for itself; null: it is shared
  std::atomic<std::uint32_t> alone_ = 0;  // how often `only_` is in, written by that thread
  mutable std::mutex sharing_;            // held by `share`
  // If it is shared: the thread that is in, or null, and how often.
  std::atomic<Thread> owner_ = nullptr;
  std::uint32_t depth_ = 0;
  std::atomic<std::uint32_t> waiting_ = 0;
  std::atomic<std::uint32_t> released_ = 0;  // threads that are out for a while
  std::mutex mutex_;                         // guards the tasks
  Postings deferred_;
  Postings until_left_;                     // deferred until no thread is in
  std::atomic<bool> has_deferred_ = false;  // that can run when the owner leaves
};

// Lets other threads in while a guest runs on this one, for a scope: this thread is in only while
// the guest calls out.
class Unlocked final : engine::HostGate {
 public:
  explicit Unlocked(OwnerLock& lock) : lock_(lock), released_(lock) { current = this; }
  Unlocked(const Unlocked&) = delete;
  Unlocked& operator=(const Unlocked&) = delete;
  ~Unlocked() { current = nullptr; }

 private:
  void enter() noexcept override { lock_.enter_always(); }
  void leave() noexcept override { lock_.leave_for_now(); }

  OwnerLock& lock_;
  OwnerLock::Released released_;
};

}  // namespace tenon::runtime
