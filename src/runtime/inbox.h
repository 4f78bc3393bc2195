// Functions for a composition, from threads that can outlive it: those that serve connections, and whoever reads a
// body. A `weak_ptr` to the composition would not do: its last owner would destroy the composition on such a thread.
#pragma once

#include <atomic>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "runtime/scheduler.h"

namespace tenon::runtime {

class Inbox final {
 public:
  // Something of the program that waits for such a function, and ends with the composition.
  class Waiter {
   public:
    Waiter() = default;
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;
    // The composition is being destroyed. May destroy this object.
    virtual void end_with_composition() = 0;

   protected:
    virtual ~Waiter() = default;
  };

  explicit Inbox(Scheduler& scheduler) : scheduler_(&scheduler) {}
  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;

  // Runs a function in the composition, outside of this call; never, if the composition is gone. Thread: any.
  void post(std::function<void()> function) { post(Scheduler::Posting(std::move(function))); }
  void post(Scheduler::Posting posting);
  // As `Scheduler::keep`. Thread: any.
  void keep(std::exception_ptr thrown) noexcept;

  // Thread, for the others: that of the composition.
  void add(Waiter& waiter);
  void remove(Waiter& waiter);
  // Ends what waits. Nothing is posted afterwards.
  void close();

 private:
  std::mutex mutex_;
  Scheduler* scheduler_;  // null after `close`
  std::vector<Waiter*> waiters_;
};

// A function that posts this one when it is called for the first time, which needs no memory.
// To: has `post(Scheduler::Posting)`
template <class To>
[[nodiscard]] std::function<void()> make_wake(std::shared_ptr<To> to,
                                              std::function<void()> function) {
  struct Wake {
    std::shared_ptr<To> to;
    Scheduler::Posting posting;
    std::atomic<bool> is_used = false;
  };
  auto wake = std::make_shared<Wake>(std::move(to), Scheduler::Posting(std::move(function)));
  return [wake = std::move(wake)] {
    if (!wake->is_used.exchange(true)) wake->to->post(std::move(wake->posting));
  };
}

}  // namespace tenon::runtime
