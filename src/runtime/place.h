// Where the guests of a domain run: on which threads, and who waits for one of them to leave.
//
// A guest runs on the stack of the thread that calls it or waits for it. If its runs take long, the domain
// computes: its turns belong to threads of the pool, or to one of its own, which let others into the
// composition while the guest runs (docs/domains.md, "Domains that compute").
//
// Thread: that of the composition.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <utility>

#include "runtime/active_call.h"
#include "runtime/owner_lock.h"
#include "runtime/scheduler.h"
#include "tenon/result.h"

namespace tenon::runtime {

struct Shared;

class Place final {
 public:
  explicit Place(Shared& shared) : shared_(shared) {}
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  // Gives it a thread of its own. Call it once, before the first life.
  void own_thread();
  // From now on, guests run on the threads that call and wait.
  void give_up_thread();
  // Whether turns and calls belong to the pool, unless a caller waits on its stack.
  [[nodiscard]] bool computes() const { return computes_; }
  // Who takes the turns; for a TurnTaker.
  [[nodiscard]] const std::atomic<TurnTaker::TakenBy>& taken_by() const { return taken_by_; }

  // The thread on whose stack a guest is; null if there is none.
  [[nodiscard]] const GuestThread* entered_by() const { return entered_by_; }
  [[nodiscard]] bool is_entered() const { return entered_by_ != nullptr; }
  [[nodiscard]] bool is_entered_here() const { return entered_by_ == &GuestThread::current(); }
  // Enters for a call of `enter`. REQUIRES: not `is_entered`
  template <class Enter>
  auto run(Enter&& enter) {
    entered_by_ = &GuestThread::current();
    const Leaving leaving(*this);
    return computes_ && is_alone() ? run_unlocked(enter) : enter();
  }

  // Keeps calls of other threads out until `open`.
  void close() { closed_by_ = &GuestThread::current(); }
  void open() { closed_by_ = nullptr; }
  [[nodiscard]] bool is_closed() const { return closed_by_ != nullptr; }
  [[nodiscard]] bool is_closed_to_this_thread() const {
    return closed_by_ != nullptr && closed_by_ != &GuestThread::current();
  }

  // Waits, within the bounds of the call in progress. Failures: of Scheduler::wait_until.
  [[nodiscard]] CallResult<void> wait_until(const std::function<bool()>& is_done);
  // Wakes the threads that wait for a change of this place.
  void note_change() {
    if (waiting_threads_ != 0) wake_threads();
  }
  // Its turns can be taken when the guest leaves. REQUIRES: `is_entered`
  void note_turn_due() { is_turn_due_ = true; }
  // Whether the guest of this place, or the one that it waits for and so on, is on this stack.
  [[nodiscard]] bool waits_for_this_thread() const;
  // Marks for a scope that this thread waits for a guest of the place.
  class Wait final {
   public:
    explicit Wait(const Place& place)
        : outer_(std::exchange(GuestThread::current().waits_for, &place)) {}
    Wait(const Wait&) = delete;
    Wait& operator=(const Wait&) = delete;
    ~Wait() { GuestThread::current().waits_for = outer_; }

   private:
    const Place* outer_;
  };
  // Waits until the guest on another thread's stack has left. Failures: of Scheduler::wait_until.
  // REQUIRES: not `waits_for_this_thread`
  [[nodiscard]] CallResult<void> wait_until_left();

  // Measures a run of its guests for a scope, and decides who runs them from then on.
  class RunLength final {
   public:
    explicit RunLength(Place& place);
    RunLength(const RunLength&) = delete;
    RunLength& operator=(const RunLength&) = delete;
    ~RunLength();

   private:
    Place& place_;
    bool is_precise_;  // whether the time is that of the processor
    std::chrono::nanoseconds began_;
    std::uint64_t calls_began_;  // of guests to the host on this thread, until then
  };

  // Whether all guests on this stack are of this composition. A thread that is in another one must
  // not wait for this one without a check for circles.
  [[nodiscard]] bool is_alone() const;

 private:
  // The end of a run.
  class Leaving final {
   public:
    explicit Leaving(Place& place) : place_(place) {}
    Leaving(const Leaving&) = delete;
    Leaving& operator=(const Leaving&) = delete;
    ~Leaving() {
      place_.entered_by_ = nullptr;
      if (place_.waiting_threads_ != 0 || place_.is_turn_due_) place_.wake_threads();
    }

   private:
    Place& place_;
  };

  template <class Enter>
  [[gnu::noinline]] auto run_unlocked(Enter& enter) {
    const Unlocked unlocked(lock());
    return enter();
  }
  [[nodiscard]] OwnerLock& lock() const;
  void wake_threads();
  // length: of the time of the processor. calls: of guests to the host meanwhile.
  void note_run(std::chrono::nanoseconds length, std::uint64_t calls);
  void set_computes(bool computes);

  Shared& shared_;
  const GuestThread* entered_by_ = nullptr;
  const GuestThread* closed_by_ = nullptr;
  unsigned waiting_threads_ = 0;
  bool is_turn_due_ = false;  // and was passed over because a guest is on a stack
  bool computes_ = false;
  bool may_compute_ = false;  // the last run took long, perhaps because the thread had to wait
  bool owns_thread_ = false;
  unsigned short_runs_ = 0;  // since the last long one, of a domain that computes
  std::atomic<TurnTaker::TakenBy> taken_by_ = TurnTaker::TakenBy::Waiting;
};

}  // namespace tenon::runtime
