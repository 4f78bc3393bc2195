#include "runtime/inbox.h"

#include <algorithm>
#include <atomic>
#include <utility>

namespace tenon::runtime {

void Inbox::post(Scheduler::Posting posting) {
  const std::lock_guard lock(mutex_);
  if (scheduler_ != nullptr) scheduler_->post(std::move(posting));
}

void Inbox::add(Waiter& waiter) { waiters_.push_back(&waiter); }

void Inbox::remove(Waiter& waiter) { std::erase(waiters_, &waiter); }

void Inbox::close() {
  {
    const std::lock_guard lock(mutex_);
    scheduler_ = nullptr;
  }
  while (!waiters_.empty()) {
    Waiter* const waiter = waiters_.back();
    waiters_.pop_back();
    waiter->end_with_composition();
  }
}

std::function<void()> make_wake(std::shared_ptr<Inbox> inbox, std::function<void()> function) {
  struct Wake {
    std::shared_ptr<Inbox> inbox;
    Scheduler::Posting posting;
    std::atomic<bool> is_used = false;
  };
  auto wake = std::make_shared<Wake>(std::move(inbox), Scheduler::Posting(std::move(function)));
  return [wake = std::move(wake)] {
    if (!wake->is_used.exchange(true)) wake->inbox->post(std::move(wake->posting));
  };
}

}  // namespace tenon::runtime
