#include "runtime/scheduler.h"

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace tenon::runtime {

namespace {

// How often a sleeping call looks whether it was interrupted: nothing wakes it then.
constexpr std::chrono::milliseconds kInterruptCheck{10};

CallFailure reached_failure(const call::Bounds& bounds) {
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

}  // namespace

constinit thread_local int Scheduler::turns = 0;

TurnTaker::TurnTaker(Scheduler& scheduler) : scheduler_(scheduler) {
  scheduler_.takers_.push_back(this);
}

TurnTaker::~TurnTaker() { std::erase(scheduler_.takers_, this); }

void TurnTaker::wake() {
  if (!is_due_.exchange(true, std::memory_order_acq_rel)) scheduler_.notify();
}

CallResult<void> Scheduler::wait_until(const std::function<bool()>& is_done,
                                       const call::Bounds* bounds) {
  while (!is_done()) {
    if (bounds != nullptr && bounds->are_reached()) return reached_failure(*bounds);
    if (!take_turns()) sleep(bounds);
  }
  return {};
}

bool Scheduler::take_turns() {
  bool has_turned = false;
  // A turn can add takers, or remove them.
  for (std::size_t i = 0; i < takers_.size(); ++i) {
    TurnTaker& taker = *takers_[i];
    if (!taker.is_due_.load(std::memory_order_acquire) || taker.is_turning()) continue;
    taker.is_due_.store(false, std::memory_order_release);
    taker.turn();
    has_turned = true;
  }
  return has_turned;
}

void Scheduler::sleep(const call::Bounds* bounds) {
  std::unique_lock lock(mutex_);
  const auto is_woken = [&] { return is_woken_; };
  if (bounds == nullptr) {
    changed_.wait(lock, is_woken);
  } else {
    call::Clock::time_point until = call::Clock::time_point::max();
    if (bounds->interrupts != nullptr) until = call::Clock::now() + kInterruptCheck;
    if (bounds->deadline) until = std::min(until, bounds->deadline->at);
    changed_.wait_until(lock, until, is_woken);
  }
  is_woken_ = false;
}

void Scheduler::notify() {
  {
    const std::lock_guard lock(mutex_);
    is_woken_ = true;
  }
  changed_.notify_one();
}

}  // namespace tenon::runtime
