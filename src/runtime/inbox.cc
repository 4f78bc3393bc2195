#include "runtime/inbox.h"

#include <algorithm>
#include <utility>

namespace tenon::runtime {

void Inbox::post(Scheduler::Posting posting) {
  const std::lock_guard lock(mutex_);
  if (scheduler_ != nullptr) scheduler_->post(std::move(posting));
}

void Inbox::keep(std::exception_ptr thrown) noexcept {
  const std::lock_guard lock(mutex_);
  if (scheduler_ != nullptr) scheduler_->keep(std::move(thrown));
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

}  // namespace tenon::runtime
