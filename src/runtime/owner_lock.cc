#include "runtime/owner_lock.h"

#include <fmt/core.h>

#include <algorithm>
#include <condition_variable>
#include <utility>

#include "runtime/active_call.h"

namespace tenon::runtime {

// A thread is in the list as long as it waits, and what it owns stays as it is meanwhile: so who
// has locked the list can follow from thread to thread.
struct OwnerLock::Waits {
  struct Waiting {
    Thread thread = nullptr;
    const OwnerLock* lock = nullptr;
  };

  std::mutex mutex;
  std::condition_variable changed;
  std::vector<Waiting> waiting;  // first come, first served
};

namespace {

CallFailure circle_failure(const std::string& circle) {
  CallFailure failure;
  failure.kind = CallFailure::Kind::Reentrance;
  failure.is_wait = true;
  failure.message = fmt::format("threads would wait for each other: {}", circle);
  return failure;
}

CallFailure late_failure(const std::string& name, const call::Deadline& deadline) {
  CallFailure failure;
  failure.kind = CallFailure::Kind::Deadline;
  failure.is_wait = true;
  failure.message = fmt::format("another thread was in `{}` until the deadline", name);
  failure.domain = deadline.domain;
  failure.limits.emplace_back(deadline.key);
  return failure;
}

}  // namespace

OwnerLock::Thread OwnerLock::this_thread() {
  thread_local char own = 0;
  return &own;
}

OwnerLock::Waits& OwnerLock::all_waits() {
  static Waits waits;
  return waits;
}

void OwnerLock::share(std::string name) {
  if (is_shared()) return;
  name_ = std::move(name);
  if (depth_ > 0) owner_.store(this_thread());
  is_shared_.store(true);
}

CallResult<void> OwnerLock::enter_shared() {
  if (try_enter()) return {};
  return wait();
}

bool OwnerLock::try_enter() {
  const Thread self = this_thread();
  Thread owner = owner_.load();
  if (owner != self) {
    // Who waits came before.
    if (owner != nullptr || waiting_.load() != 0) return false;
    if (!owner_.compare_exchange_strong(owner, self)) return false;
  }
  ++depth_;
  return true;
}

// Who comes to wait counts itself and then looks whether anybody is in; who leaves says so and then
// looks whether anybody waits. One of them sees the other.
CallResult<void> OwnerLock::wait() {
  const Thread self = this_thread();
  Waits& waits = all_waits();
  std::unique_lock lock(waits.mutex);
  ++waiting_;
  waits.waiting.push_back({self, this});
  hand_over(waits);
  const auto is_in = [&] { return owner_.load() == self; };
  std::optional<CallFailure> refused;
  if (!is_in()) {
    const call::Deadline* const deadline = ActiveCall::innermost_deadline();
    if (const std::optional<std::string> circle = find_circle(waits))
      refused = circle_failure(*circle);
    else if (deadline == nullptr)
      waits.changed.wait(lock, is_in);
    else if (!waits.changed.wait_until(lock, deadline->at, is_in))
      refused = late_failure(name_, *deadline);
  }
  --waiting_;
  if (!refused) {
    depth_ = 1;
    return {};
  }
  std::erase_if(waits.waiting, [&](const Waits::Waiting& one) { return one.thread == self; });
  return *std::move(refused);
}

void OwnerLock::hand_over(Waits& waits) {
  const auto first = std::ranges::find(waits.waiting, this, &Waits::Waiting::lock);
  Thread nobody = nullptr;
  if (first == waits.waiting.end() || !owner_.compare_exchange_strong(nobody, first->thread))
    return;
  waits.waiting.erase(first);
  waits.changed.notify_all();
}

std::optional<std::string> OwnerLock::find_circle(const Waits& waits) const {
  std::string path;
  for (const OwnerLock* lock = this;;) {
    path += fmt::format(" -> {}", lock->name_);
    const Thread owner = lock->owner_.load();
    if (owner == this_thread()) return lock->name_ + path;
    const auto next = std::ranges::find(waits.waiting, owner, &Waits::Waiting::thread);
    if (next == waits.waiting.end()) return std::nullopt;
    lock = next->lock;
  }
}

void OwnerLock::leave_last() {
  // What is run now may be the end of what it is the lock of.
  const std::shared_ptr<OwnerLock> self = weak_from_this().lock();
  if (is_shared()) return leave_shared();
  run_deferred();
  --depth_;
}

void OwnerLock::leave_shared() {
  do {
    run_deferred();
    depth_ = 0;
    owner_.store(nullptr);
    if (waiting_.load() == 0) continue;
    Waits& waits = all_waits();
    const std::lock_guard lock(waits.mutex);
    hand_over(waits);
    // Who is in now runs what was deferred meanwhile.
  } while (has_deferred_.load() && try_enter());
}

void OwnerLock::run_or_defer(std::function<void()> task) {
  if (!is_shared()) {
    ++depth_;
    task();
    return leave();
  }
  if (!try_enter()) {
    defer(std::move(task));
    // Who was in may have left without seeing it.
    if (try_enter()) leave();
    return;
  }
  task();
  leave();
}

void OwnerLock::run_when_left(std::function<void()> task) {
  const bool is_in = is_shared() ? owner_.load() == this_thread() : depth_ > 0;
  if (!is_in) return run_or_defer(std::move(task));
  defer(std::move(task));
}

void OwnerLock::defer(std::function<void()> task) {
  const std::lock_guard lock(mutex_);
  deferred_.push_back(std::move(task));
  has_deferred_.store(true);
}

void OwnerLock::run_deferred() {
  while (has_deferred_.load()) {
    std::vector<std::function<void()>> tasks;
    {
      const std::lock_guard lock(mutex_);
      tasks.swap(deferred_);
      has_deferred_.store(false);
    }
    // Other threads deferred the tasks, so the deadline of this thread's call does not apply to them.
    const ActiveCall::Aside aside;
    for (const std::function<void()>& task : tasks) task();
  }
}

}  // namespace tenon::runtime
