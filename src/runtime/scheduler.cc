#include "runtime/scheduler.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <new>
#include <optional>
#include <utility>

#include "runtime/active_call.h"
#include "runtime/shared.h"
#include "support/counted.h"
#include "support/start_thread.h"
#include "support/try.h"

namespace tenon::runtime {

namespace {

// How often a sleeping call looks whether it was interrupted: nothing wakes it then.
constexpr std::chrono::milliseconds kInterruptCheck{10};
// How often a waiting call that always has turns to take looks around (`Scheduler::look_around`).
constexpr std::chrono::milliseconds kLookInterval{1};
// Rounds of turns in one piece of work for an executor, which has other work. Most calls need two.
constexpr int kRoundsAtOnce = 64;

// Decides when a waiting call that always has turns to take must look around.
class BusyTime final {
 public:
  // To be called after each round of turns.
  [[nodiscard]] bool must_look() {
    if (++rounds_ % kRoundsPerLook != 0) return false;
    const call::Clock::time_point now = call::Clock::now();
    if (rounds_ == kRoundsPerLook) last_ = now;
    if (now - last_ < kLookInterval) return false;
    last_ = now;
    return true;
  }
  void end() { rounds_ = 0; }

 private:
  // Reading the clock takes a fiftieth of the time of a short round.
  static constexpr std::uint32_t kRoundsPerLook = 4;

  std::uint32_t rounds_ = 0;
  call::Clock::time_point last_;
};

}  // namespace

CallFailure late_failure(const call::Bounds& bounds) noexcept {
  if (bounds.was_interrupted())
    return make_failure(CallFailure::Kind::Interrupted, "the call was interrupted");
  CallFailure failure =
      make_failure(CallFailure::Kind::Deadline, "it did not end before the deadline");
  try {
    failure.domain = bounds.deadline->domain;
    failure.limits.emplace_back(bounds.deadline->key);
  } catch (const std::bad_alloc&) {
    // The kind and the message are enough.
  }
  return failure;
}

Scheduler::~Scheduler() {
  // Destroying a function can post another one.
  for (Posting lost;; lost = {}) {
    const std::lock_guard lock(mutex_);
    if (posted_.is_empty()) break;
    lost = posted_.take_first();
  }
}

TurnTaker::TurnTaker(Scheduler& scheduler, const std::atomic<TakenBy>& taken_by)
    : scheduler_(scheduler), taken_by_(taken_by) {
  scheduler_.takers_.push_back(this);
}

TurnTaker::~TurnTaker() { std::erase(scheduler_.takers_, this); }

void TurnTaker::wake() {
  if (is_due_.exchange(true, std::memory_order_acq_rel) && !scheduler_.was_refused_) return;
  if (taken_by() != TakenBy::Waiting) scheduler_.pool_.wake();
  // Also if the pool takes the turn: a caller on whose stack it was may be waiting for it.
  scheduler_.notify();
}

CallFailure Scheduler::deadlock_failure() const {
  CallFailure failure;
  failure.kind = CallFailure::Kind::Deadlock;
  failure.message = "all tasks wait, and nothing that they wait for can happen any more";
  return explain(std::move(failure));
}

CallResult<void> Scheduler::wait_until(const std::function<bool()>& is_done,
                                       const call::Bounds* bounds, OnIdle on_idle) {
  switch (wait(is_done, bounds, on_idle)) {
    case WaitEnd::Late:
      return explain(late_failure(*bounds));
    case WaitEnd::Deadlock:
      return deadlock_failure();
    case WaitEnd::Done:
      break;
  }
  return {};
}

Scheduler::WaitEnd Scheduler::wait(const std::function<bool()>& is_done, const call::Bounds* bounds,
                                   OnIdle on_idle) {
  BusyTime busy;
  while (true) {
    const std::uint64_t seen = changes_.load(std::memory_order_acquire);
    if (is_done()) return WaitEnd::Done;
    if (bounds != nullptr && bounds->are_reached()) return WaitEnd::Late;
    if (take_turns()) {
      if (busy.must_look()) look_around();
      continue;
    }
    busy.end();
    const std::optional<call::Clock::time_point> deadline = end_late_waits();
    if (is_done()) return WaitEnd::Done;
    // A deadline is something that happens.
    if (on_idle == OnIdle::Fail && !deadline && are_idle()) {
      if (is_done()) return WaitEnd::Done;  // a timer of a guest was faster
      if (sleepers_ != 0) wake_others();    // they wait for the same
      return WaitEnd::Deadlock;
    }
    sleep(seen, bounds, deadline);
  }
}

bool Scheduler::take_turns() {
  // A thread of the pool leaves functions to the program's threads.
  if (pool_.is_worker()) return take_pooled_turn(Nested::Yes) || take_own_turns();
  if (pool_.has_failed() && take_pooled_turn(Nested::Yes)) return true;
  const bool has_turned = take_own_turns();
  return run_posted() || has_turned;
}

void Scheduler::take_turn(TurnTaker& taker) {
  try {
    taker.turn();
  } catch (const std::bad_alloc&) {
    // Somebody else may wait for what it has not done.
    if (std::ranges::find(takers_, &taker) != takers_.end()) taker.wake();
    throw;
  }
}

bool Scheduler::take_own_turns() {
  bool has_turned = false;
  // A turn can add takers, or remove them.
  for (std::size_t i = 0; i < takers_.size(); ++i) {
    TurnTaker& taker = *takers_[i];
    if (!taker.can_turn() || taker.taken_by() != TurnTaker::TakenBy::Waiting) continue;
    take_turn(taker);
    has_turned = true;
  }
  return has_turned;
}

bool Scheduler::take_pooled_turn(Nested nested) {
  for (std::size_t i = 0; i < takers_.size(); ++i) {
    TurnTaker& taker = *takers_[i];
    if (!taker.can_turn() || taker.taken_by() == TurnTaker::TakenBy::Waiting) continue;
    // A domain with a thread of its own finds one that no other takes.
    const bool counts = taker.taken_by() == TurnTaker::TakenBy::Pool && nested == Nested::No;
    if (counts && pooled_turns_ >= pool_.size()) continue;
    std::optional<Counted<std::size_t>> counted;
    if (counts) counted.emplace(pooled_turns_);
    take_turn(taker);
    return true;
  }
  return false;
}

bool Scheduler::run_posted() {
  bool has_run = false;
  // Those that are posted meanwhile are for the next time. Each one is taken alone, because it can run a
  // guest that waits for the others.
  for (std::size_t left = SIZE_MAX; left != 0; --left) {
    Posting posted;
    {
      const std::lock_guard lock(mutex_);
      left = std::min(left, posted_.size());
      if (left == 0) break;
      posted = posted_.take_first();
    }
    posted.run();
    has_run = true;
  }
  if (has_run) note_turn();
  return has_run;
}

void Scheduler::post(Posting posting) {
  {
    const std::lock_guard lock(mutex_);
    posted_.append(std::move(posting));
  }
  notify();
}

void Scheduler::run_due() {
  {
    const std::lock_guard lock(mutex_);
    is_posted_ = false;
    was_refused_ = false;
  }
  prepare_work();
  try {
    // Whatever became due meanwhile was also posted to the executor.
    for (int rounds = 0; rounds < kRoundsAtOnce && take_turns(); ++rounds) {
    }
    (void)end_late_waits();
  } catch (...) {
    notify();  // the rest is for the next time
    throw;
  }
}

void Scheduler::keep(std::exception_ptr thrown) noexcept {
  {
    const std::lock_guard lock(mutex_);
    if (kept_ == nullptr) kept_ = std::move(thrown);
    has_kept_ = true;
  }
  notify();
}

void Scheduler::throw_kept() {
  std::exception_ptr kept;
  {
    const std::lock_guard lock(mutex_);
    kept = std::exchange(kept_, nullptr);
    has_kept_ = false;
  }
  if (kept != nullptr) std::rethrow_exception(kept);
}

bool Scheduler::is_idle() {
  run_due();
  // Guests can always have turns due.
  return !take_turns() && !end_late_waits() && are_idle();
}

CallFailure Scheduler::explain(CallFailure failure) const {
  if (describe_waits_) failure.waits = describe_waits_();
  return failure;
}

bool Scheduler::are_idle() {
  // Threads that are out and do not sleep run guests.
  if (*outside_ != 0 || lock_.released() != sleepers_) return false;
  for (std::size_t i = 0; i < takers_.size(); ++i) {
    // Those with a turn on this stack wait for this one.
    const GuestThread* const thread = takers_[i]->turned_by();
    if (thread == &GuestThread::current()) continue;
    // The pool takes it.
    if (thread != nullptr || takers_[i]->is_due()) return false;
    if (!takers_[i]->is_idle()) return false;
  }
  // A guest of one can have called another: it runs on if its timer is faster than the question.
  return std::ranges::none_of(takers_, &TurnTaker::is_due);
}

std::optional<call::Clock::time_point> Scheduler::end_late_waits() {
  std::optional<call::Clock::time_point> first;
  for (std::size_t i = 0; i < takers_.size(); ++i)
    if (const auto deadline = takers_[i]->end_late_waits();
        deadline && (!first || *deadline < *first))
      first = deadline;
  return first;
}

void Scheduler::look_around() {
  (void)end_late_waits();
  const OwnerLock::Released released(lock_);
  poll_reactor();
}

void Scheduler::poll_reactor() {
  std::unique_lock lock(mutex_);
  if (can_run_reactor()) run_reactor(lock, &Reactor::poll);
}

void Scheduler::sleep(std::uint64_t seen, const call::Bounds* bounds,
                      std::optional<call::Clock::time_point> deadline) {
  const auto wake_at = [&](call::Clock::time_point at) {
    deadline = deadline ? std::min(*deadline, at) : at;
  };
  if (bounds != nullptr && bounds->deadline) wake_at(bounds->deadline->at);
  if (bounds != nullptr && bounds->can_be_interrupted())
    wake_at(call::Clock::now() + kInterruptCheck);
  const Counted sleeper(sleepers_);
  const OwnerLock::Released released(lock_);
  std::unique_lock lock(mutex_);
  sleep_locked(lock, seen, deadline);
}

void Scheduler::sleep_locked(std::unique_lock<std::mutex>& lock, std::uint64_t seen,
                             std::optional<call::Clock::time_point> until) {
  const auto is_woken = [&] { return changes_.load(std::memory_order_relaxed) != seen; };
  const auto is_late = [&] { return until && call::Clock::now() >= *until; };
  bool has_run = false;
  while (!is_woken() && !(has_run && is_late())) {
    has_run = true;
    if (!can_run_reactor()) {
      const auto can_go_on = [&] { return is_woken() || can_run_reactor(); };
      ++reactor_waiters_;
      if (until)
        changed_.wait_until(lock, *until, can_go_on);
      else
        changed_.wait(lock, can_go_on);
      --reactor_waiters_;
      continue;
    }
    run_reactor(lock, [&](Reactor& reactor) { reactor.run(until); });
  }
}

template <class Run>
void Scheduler::run_reactor(std::unique_lock<std::mutex>& lock, const Run& run) {
  reactor_thread_ = std::this_thread::get_id();
  Reactor& reactor = *reactor_;
  lock.unlock();
  std::invoke(run, reactor);
  lock.lock();
  reactor_thread_ = {};
  // Another thread goes on with it.
  if (reactor_waiters_ != 0) changed_.notify_all();
}

Result<void> Scheduler::set_reactor(Reactor& reactor) {
  if (executor_) TENON_TRY_VOID(start_reactor_thread());
  {
    const std::lock_guard lock(mutex_);
    reactor_ = &reactor;
    note_change();
  }
  changed_.notify_all();
  return {};
}

void Scheduler::remove_reactor() {
  if (own_reactor_thread_.joinable()) {
    own_reactor_thread_.request_stop();
    {
      const std::lock_guard lock(mutex_);
      note_change();
    }
    changed_.notify_all();
    own_reactor_thread_.join();
  }
  {
    const std::lock_guard lock(mutex_);
    reactor_ = nullptr;
    note_change();
  }
  changed_.notify_all();
}

Result<void> Scheduler::set_executor(std::function<void(Work)> executor,
                                     std::function<Work()> make_work) {
  executor_ = std::move(executor);
  make_work_ = std::move(make_work);
  prepare_work();
  if (reactor_ != nullptr) return start_reactor_thread();
  return {};
}

void Scheduler::prepare_work() {
  if (!executor_) return;
  try {
    Work work = make_work_();
    const std::lock_guard lock(mutex_);
    work_ = std::move(work);
  } catch (const std::bad_alloc&) {
    // `notify` tries again.
  }
}

// It sleeps until there is a reactor.
Result<void> Scheduler::start_reactor_thread() {
  if (own_reactor_thread_.joinable()) return {};
  auto started = start_thread<std::jthread>([this](const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (!stop.stop_requested()) {
      if (can_run_reactor()) {
        run_reactor(lock, [](Reactor& reactor) { reactor.run(std::nullopt); });
        continue;
      }
      ++reactor_waiters_;
      changed_.wait(lock, [&] { return stop.stop_requested() || can_run_reactor(); });
      --reactor_waiters_;
    }
  });
  if (!started) return thread_problem("remote units", started.error());
  own_reactor_thread_ = *std::move(started);
  return {};
}

void Scheduler::notify(Wake wake) {
  bool must_post = false;
  Work work;
  {
    const std::lock_guard lock(mutex_);
    note_change();
    must_post = wake == Wake::All && executor_ && !std::exchange(is_posted_, true);
    if (must_post) std::swap(work, work_);
    // With the lock: whoever is woken can destroy the scheduler.
    changed_.notify_all();
  }
  if (!must_post) return;
  try {
    executor_(work ? std::move(work) : make_work_());
  } catch (...) {
    // There may be nobody to throw it to: this can be called by a guest, or by a thread of the engine.
    was_refused_ = true;
    const std::lock_guard lock(mutex_);
    is_posted_ = false;
  }
}

void Scheduler::note_change() {
  changes_.fetch_add(1, std::memory_order_release);
  const bool is_elsewhere =
      reactor_thread_ != std::thread::id() && reactor_thread_ != std::this_thread::get_id();
  if (is_elsewhere) reactor_->interrupt();
}

void Scheduler::wake_others() {
  Wake wake = Wake::Threads;
  for (TurnTaker* const taker : takers_) {
    if (!taker->can_turn()) continue;
    if (taker->taken_by() == TurnTaker::TakenBy::Waiting)
      wake = Wake::All;
    else
      pool_.wake();
  }
  notify(wake);
}

}  // namespace tenon::runtime
