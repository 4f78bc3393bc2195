#include "runtime/place.h"

#include <algorithm>
#include <ctime>

#include "engine/host_gate.h"
#include "runtime/domain.h"
#include "support/counted.h"

namespace tenon::runtime {

namespace {

// Two hundred times as long as a hand-over between threads. To read the coarse clock costs 5 ns, a
// precise clock 25, and that of the processor's time 200. So a domain is noticed by the first, and
// measured by the last.
constexpr std::chrono::nanoseconds kLongRun = std::chrono::milliseconds(10);
// A guest that calls out more often spends its time with others, such as the reader of its stream.
constexpr std::chrono::nanoseconds kBetweenCalls = std::chrono::microseconds(200);
// So many short runs one after the other end the time in which a domain computes.
constexpr unsigned kShortRuns = 16;

std::chrono::nanoseconds read_clock(clockid_t clock) {
  timespec time = {};
  clock_gettime(clock, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace

OwnerLock& Place::lock() const { return *shared_.lock; }

bool Place::is_alone() const {
  for (const ActiveCall* call = ActiveCall::innermost(); call != nullptr; call = call->outer())
    if (&call->domain().shared() != &shared_) return false;
  return true;
}

CallResult<void> Place::wait_until(const std::function<bool()>& is_done) {
  const Counted waiting(waiting_threads_);
  return shared_.scheduler.wait_until(is_done, ActiveCall::innermost_bounds(),
                                      Scheduler::OnIdle::Wait);
}

void Place::wake_threads() {
  is_turn_due_ = false;
  shared_.scheduler.wake_others();
}

bool Place::waits_for_this_thread() const {
  const GuestThread& self = GuestThread::current();
  for (const Place* place = this; place != nullptr && place->is_entered();
       place = place->entered_by_->waits_for)
    if (place->entered_by_ == &self) return true;
  return false;
}

CallResult<void> Place::wait_until_left() {
  const Wait wait(*this);
  return wait_until([this] { return !is_entered(); });
}

Place::RunLength::RunLength(Place& place)
    : place_(place),
      is_precise_(place.may_compute_ || place.computes_),
      began_(read_clock(is_precise_ ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC_COARSE)),
      calls_began_(engine::HostEntry::count) {}

Place::RunLength::~RunLength() {
  if (is_precise_)
    place_.note_run(read_clock(CLOCK_THREAD_CPUTIME_ID) - began_,
                    engine::HostEntry::count - calls_began_);
  else if (read_clock(CLOCK_MONOTONIC_COARSE) - began_ >= kLongRun)
    place_.may_compute_ = true;
}

void Place::note_run(std::chrono::nanoseconds length, std::uint64_t calls) {
  may_compute_ = false;
  if (owns_thread_) return;
  if (length >= std::max<std::chrono::nanoseconds>(kLongRun, calls * kBetweenCalls)) {
    short_runs_ = 0;
    if (!computes_ && shared_.scheduler.pool().size() != 0) set_computes(true);
  } else if (computes_ && ++short_runs_ == kShortRuns) {
    set_computes(false);
  }
}

void Place::set_computes(bool computes) {
  short_runs_ = 0;
  computes_ = computes;
  if (computes) shared_.lock->share();
  const TurnTaker::TakenBy by = owns_thread_ ? TurnTaker::TakenBy::OwnThread
                                : computes_  ? TurnTaker::TakenBy::Pool
                                             : TurnTaker::TakenBy::Waiting;
  taken_by_.store(by, std::memory_order_relaxed);
  // A turn may be due that others take from now on.
  shared_.scheduler.note_turn();
}

void Place::own_thread() {
  shared_.scheduler.pool().add_own_thread();
  owns_thread_ = true;
  set_computes(true);
}

void Place::give_up_thread() {
  owns_thread_ = false;
  set_computes(false);
}

}  // namespace tenon::runtime
