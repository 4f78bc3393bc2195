#include "runtime/scheduler.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <utility>

namespace tenon::runtime {

namespace {

// How often a sleeping call looks whether it was interrupted: nothing wakes it then.
constexpr std::chrono::milliseconds kInterruptCheck{10};

CallFailure deadlock_failure() {
  CallFailure failure;
  failure.message = "deadlock: its task waits, and nothing that it could wait for can happen";
  return failure;
}

}  // namespace

CallFailure late_failure(const call::Bounds& bounds) {
  CallFailure failure;
  if (bounds.was_interrupted()) {
    failure.kind = CallFailure::Kind::Interrupted;
    failure.message = "the call was interrupted";
    return failure;
  }
  failure.kind = CallFailure::Kind::Deadline;
  failure.message = "it did not end before the deadline";
  failure.domain = bounds.deadline->domain;
  failure.limits.emplace_back(bounds.deadline->key);
  return failure;
}

constinit thread_local int Scheduler::turns = 0;

TurnTaker::TurnTaker(Scheduler& scheduler) : scheduler_(scheduler) {
  scheduler_.takers_.push_back(this);
}

TurnTaker::~TurnTaker() { std::erase(scheduler_.takers_, this); }

void TurnTaker::wake() {
  if (!is_due_.exchange(true, std::memory_order_acq_rel)) scheduler_.notify();
}

CallResult<void> Scheduler::wait_until(const std::function<bool()>& is_done,
                                       const call::Bounds* bounds, OnIdle on_idle) {
  while (!is_done()) {
    if (bounds != nullptr && bounds->are_reached()) return late_failure(*bounds);
    if (take_turns()) continue;
    const std::optional<call::Clock::time_point> deadline = end_late_waits();
    if (is_done()) break;
    if (on_idle == OnIdle::Fail && are_idle()) return deadlock_failure();
    sleep(bounds, deadline);
  }
  return {};
}

bool Scheduler::take_turns() {
  bool has_turned = false;
  // A turn can add takers, or remove them.
  for (std::size_t i = 0; i < takers_.size(); ++i) {
    TurnTaker& taker = *takers_[i];
    if (!taker.is_due_.load(std::memory_order_acquire) || taker.is_turning()) continue;
    taker.turn();
    has_turned = true;
  }
  return run_posted() || has_turned;
}

bool Scheduler::run_posted() {
  std::vector<std::function<void()>> functions;
  {
    const std::lock_guard lock(mutex_);
    functions.swap(posted_);
  }
  for (std::function<void()>& function : functions) std::exchange(function, nullptr)();
  return !functions.empty();
}

void Scheduler::post(std::function<void()> function) {
  {
    const std::lock_guard lock(mutex_);
    posted_.push_back(std::move(function));
  }
  notify();
}

void Scheduler::run_due() {
  {
    const std::lock_guard lock(mutex_);
    is_posted_ = false;
  }
  while (take_turns()) {
  }
  (void)end_late_waits();
}

bool Scheduler::are_idle() {
  // Those with a turn on the stack wait for this one.
  for (std::size_t i = 0; i < takers_.size(); ++i)
    if (!takers_[i]->is_turning() && !takers_[i]->is_idle()) return false;
  return true;
}

std::optional<call::Clock::time_point> Scheduler::end_late_waits() {
  std::optional<call::Clock::time_point> first;
  for (std::size_t i = 0; i < takers_.size(); ++i)
    if (const auto deadline = takers_[i]->end_late_waits();
        deadline && (!first || *deadline < *first))
      first = deadline;
  return first;
}

void Scheduler::sleep(const call::Bounds* bounds, std::optional<call::Clock::time_point> deadline) {
  const auto wake_at = [&](call::Clock::time_point at) {
    deadline = deadline ? std::min(*deadline, at) : at;
  };
  if (bounds != nullptr && bounds->deadline) wake_at(bounds->deadline->at);
  if (bounds != nullptr && bounds->interrupts != nullptr)
    wake_at(call::Clock::now() + kInterruptCheck);
  std::unique_lock lock(mutex_);
  const auto is_woken = [&] { return is_woken_; };
  if (deadline)
    changed_.wait_until(lock, *deadline, is_woken);
  else
    changed_.wait(lock, is_woken);
  is_woken_ = false;
}

void Scheduler::notify() {
  bool must_post = false;
  {
    const std::lock_guard lock(mutex_);
    is_woken_ = true;
    must_post = executor_ && !std::exchange(is_posted_, true);
  }
  changed_.notify_one();
  if (must_post) executor_([this] { run_due(); });
}

}  // namespace tenon::runtime
