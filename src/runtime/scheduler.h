// Lets the concurrent domains of a composition run while a call waits for one of them.
//
// The store of a concurrent domain has an event loop (engine/event_loop.h). A turn of it is due
// when a call was queued, or when something happened that a guest waits for: a host function ended
// its call, on any thread, or a timer or a socket of WASI is ready. Whoever waits for a call takes
// turns of all loops that are due, and sleeps if there are none. So no thread exists for a domain,
// and nothing runs while nobody waits.
//
//   TENON_TRY_VOID(scheduler.wait_until([&] { return call.has_ended(); }, bounds));
//
// A loop that is on a stack already, because a guest of it called out of its turn, is passed over. Its turn may
// become due while a guest is there that was entered without one, for a call or a destructor: then whoever
// passed it over looks again when that guest leaves (`Place::run`).
//
// Native code can wait for the operating system too: sockets of remote units. A reactor waits for
// them in place of a sleeping call, so a call over a socket passes through no second thread.
//
// The exception are domains that compute: their turns belong to the threads of a pool (pool.h), and
// to callers that wait for them on their stack. While such a guest runs, its thread lets others into
// the composition, so guests of several domains compute at once.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "call/bounds.h"
#include "runtime/owner_lock.h"
#include "runtime/pool.h"
#include "runtime/posting.h"
#include "tenon/result.h"

namespace tenon::runtime {

// The failure of a call that waited until its bounds were reached.
[[nodiscard]] CallFailure late_failure(const call::Bounds& bounds) noexcept;

class Scheduler;
struct GuestThread;

// Something that takes turns. Registered with its scheduler as long as it exists.
// Thread: that of the composition, unless a function says otherwise.
class TurnTaker {
 public:
  // Who takes its turns: whoever waits, or a thread of the pool, perhaps one that it has for itself.
  enum class TakenBy : std::uint8_t { Waiting, Pool, OwnThread };

  // Lifetime: refers to `taken_by`, which can change.
  TurnTaker(Scheduler& scheduler, const std::atomic<TakenBy>& taken_by);
  TurnTaker(const TurnTaker&) = delete;
  TurnTaker& operator=(const TurnTaker&) = delete;
  virtual ~TurnTaker();

  // The thread that has a turn of it on its stack; null if there is none.
  [[nodiscard]] virtual const GuestThread* turned_by() const = 0;
  // Ends with `Scheduler::note_turn`. REQUIRES: not `turned_by`
  virtual void turn() = 0;
  // Somebody would have taken a turn, but must not while `turned_by`. If a guest is there without a turn,
  // its end must call `Scheduler::wake_others`.
  virtual void note_passed_over() {}

  // Whether nothing can happen before it is called: its guests wait, and not for the host. It may
  // not exist any more if this returns false.
  // REQUIRES: not `turned_by`, and no turn is due
  [[nodiscard]] virtual bool is_idle() = 0;

  // Ends the waits of calls whose bounds are reached, unless they wait on the stack. Returns the
  // first deadline of the others.
  [[nodiscard]] virtual std::optional<call::Clock::time_point> end_late_waits() = 0;

  // A turn is due. Thread: any.
  void wake();

  [[nodiscard]] TakenBy taken_by() const { return taken_by_.load(std::memory_order_relaxed); }

 protected:
  // To be called by each turn, when it begins.
  void begin_turn() { is_due_.store(false, std::memory_order_release); }

 private:
  friend class Scheduler;

  [[nodiscard]] bool is_due() const { return is_due_.load(std::memory_order_acquire); }
  // Whether a turn is due, and none on a stack.
  [[nodiscard]] bool can_turn() {
    if (!is_due()) return false;
    if (turned_by() == nullptr) return true;
    note_passed_over();
    return false;
  }

  Scheduler& scheduler_;
  std::atomic<bool> is_due_ = false;
  const std::atomic<TakenBy>& taken_by_;
};

// Waits for events of the operating system, and runs their handlers, outside of the composition. Its functions throw
// nothing.
class Reactor {
 public:
  virtual ~Reactor() = default;
  // Returns after a handler has run, at `until`, or after `interrupt`. A handler may call
  // `Scheduler::post`. Thread: any, one at a time.
  virtual void run(std::optional<call::Clock::time_point> until) = 0;
  // Runs some of the handlers whose events have happened, without waiting. Thread: as `run`.
  virtual void poll() = 0;
  // Ends the `run` in progress. Needs no memory. Thread: any.
  virtual void interrupt() = 0;
};

class Scheduler final {
 public:
  explicit Scheduler(const std::shared_ptr<OwnerLock>& lock) : lock_(*lock), pool_(*this, lock) {}
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;
  // Functions that have not run are lost.
  ~Scheduler();

  // Takes turns until the predicate holds. bounds: of the waiting call; can be null.
  // Failures: Deadline, Interrupted: the bounds are reached. Deadlock: nothing can happen any more
  // that would end the wait. Each has a list of what waits.
  // on_idle: what to do when nothing can happen: wait for other threads, or fail.
  enum class OnIdle : std::uint8_t { Fail, Wait };
  [[nodiscard]] CallResult<void> wait_until(const std::function<bool()>& is_done,
                                            const call::Bounds* bounds,
                                            OnIdle on_idle = OnIdle::Fail);
  // The same without a CallFailure. Its list of waits is slow to build if there are thousands of calls.
  enum class WaitEnd : std::uint8_t { Done, Late, Deadlock };
  [[nodiscard]] WaitEnd wait(const std::function<bool()>& is_done, const call::Bounds* bounds,
                             OnIdle on_idle = OnIdle::Fail);
  // The failure for a wait that has just ended with WaitEnd::Deadlock.
  [[nodiscard]] CallFailure deadlock_failure() const;

  // Something outside of the composition that its guests may wait for: a task of the program, or an
  // end of a stream that the program holds. It can outlive the scheduler.
  class OutsideWork final {
   public:
    explicit OutsideWork(const Scheduler& scheduler) : count_(scheduler.outside_) { ++*count_; }
    OutsideWork(const OutsideWork&) = delete;
    OutsideWork& operator=(const OutsideWork&) = delete;
    ~OutsideWork() { --*count_; }

   private:
    std::shared_ptr<std::atomic<std::size_t>> count_;
  };
  // Sets what lists the tasks that wait, for failures.
  void set_describe_waits(std::function<std::vector<std::string>()> describe) {
    describe_waits_ = std::move(describe);
  }

  using Posting = runtime::Posting;
  // Runs a function in the composition, outside of this call: by whoever waits next, or by the
  // executor. Thread: any.
  void post(std::function<void()> function) { post(Posting(std::move(function))); }
  // The same. Once, if it is posted again before it has begun.
  void post(Posting posting);
  // A function that posts this one, whenever it is called. Thread of it: any. Lifetime: refers to the scheduler.
  [[nodiscard]] std::function<void()> make_poster(std::function<void()> function) {
    return [this, posting = Posting(std::move(function))] { post(posting); };
  }
  // Lets whoever waits look again whether the wait is over. Thread: any.
  void wake_waits() { notify(); }
  // Runs the functions that were posted; those that they post are for the next time. Returns false if there were none.
  // Throws what a function throws; the others stay.
  bool run_posted();
  // Keeps what a continuation of the program has thrown, unless there is something. Thread: any.
  void keep(std::exception_ptr thrown) noexcept;
  // A run of the composition for the program ends when an exception is kept, and then throws it.
  [[nodiscard]] bool has_kept() const { return has_kept_.load(std::memory_order_relaxed); }
  void throw_kept();
  // Sets who runs what is due while nobody waits. executor: is called with the work whenever something
  // is due; it can throw, and the work is then posted after the next change. make_work: of something that
  // calls `run_due`, and can outlive the scheduler. Errors: run-engine (no thread for the reactor).
  using Work = std::function<void()>;
  [[nodiscard]] Result<void> set_executor(std::function<void(Work)> executor,
                                          std::function<Work()> make_work);
  // Runs what is due, without waiting. If guests always have turns due, it stops after some of them; with
  // an executor, the others were posted to it.
  void run_due();
  // Whether nothing can happen before the program does something. Takes the turns that are due before.
  [[nodiscard]] bool is_idle();

  // Sets the reactor, which sleeping threads run, one of them at a time. With an executor, no thread
  // sleeps, so the reactor gets a thread of its own. Lifetime: it must outlive all waits. Thread: that of
  // the composition. Errors: run-engine (there is no thread, and so no reactor).
  [[nodiscard]] Result<void> set_reactor(Reactor& reactor);
  void remove_reactor();
  // Lets the reactor free what belongs to sockets that were closed, unless a thread runs it, which does that.
  void poll_reactor();

  [[nodiscard]] Pool& pool() { return pool_; }
  // Takes a turn that belongs to the pool. Returns false if none is due. nested: the thread waits
  // within another turn, and does not count towards the size of the pool.
  enum class Nested : std::uint8_t { No, Yes };
  bool take_pooled_turn(Nested nested);
  // To be called after each turn: other threads may have waited for it.
  void note_turn() {
    if (lock_.is_shared()) wake_others();
  }
  // Wakes the threads that wait, and whoever takes the turns that are due.
  void wake_others();

 private:
  friend class TurnTaker;

  // Takes the turns that are due, and runs the functions. Returns false if there were none.
  bool take_turns();
  bool take_own_turns();
  // Throws std::bad_alloc: then the turn is due again.
  void take_turn(TurnTaker& taker);
  // Whether all of them wait, and none for the host. REQUIRES: no turn is due
  [[nodiscard]] bool are_idle();
  // Returns the first deadline of all calls that do not wait on the stack.
  [[nodiscard]] std::optional<call::Clock::time_point> end_late_waits();
  // Sleeps until something has happened after change number `seen`, the bounds may be reached, or
  // the deadline passes. Lets other threads in meanwhile.
  void sleep(std::uint64_t seen, const call::Bounds* bounds,
             std::optional<call::Clock::time_point> deadline);
  // Does what happens while a call sleeps, without sleeping: ends late waits of other calls, runs
  // handlers of the reactor, and lets other threads in.
  void look_around();
  // Adds what waits.
  [[nodiscard]] CallFailure explain(CallFailure failure) const;
  // The part of `sleep` in which the lock is held, except in waits.
  void sleep_locked(std::unique_lock<std::mutex>& lock, std::uint64_t seen,
                    std::optional<call::Clock::time_point> until);
  // Wakes the threads that wait, and the executor.
  enum class Wake : std::uint8_t { Threads, All };
  void notify(Wake wake = Wake::All);
  // Ends the sleep of all threads, except those that wait for `changed_`. REQUIRES: the lock is held
  void note_change();
  // REQUIRES: the lock is held
  [[nodiscard]] bool can_run_reactor() const {
    return reactor_ != nullptr && reactor_thread_ == std::thread::id();
  }
  // Calls `run` with the reactor, without the lock. REQUIRES: `can_run_reactor`
  template <class Run>
  void run_reactor(std::unique_lock<std::mutex>& lock, const Run& run);
  [[nodiscard]] Result<void> start_reactor_thread();
  // Makes the work for the next time, unless there is no memory: then it is made when something is due.
  void prepare_work();

  OwnerLock& lock_;
  std::vector<TurnTaker*> takers_;
  std::shared_ptr<std::atomic<std::size_t>> outside_ =
      std::make_shared<std::atomic<std::size_t>>(0);
  std::function<std::vector<std::string>()> describe_waits_;
  std::function<void(Work)> executor_;
  std::function<Work()> make_work_;
  std::uint32_t sleepers_ = 0;
  std::size_t pooled_turns_ = 0;  // in progress, of domains without a thread of their own
  std::mutex mutex_;
  std::condition_variable changed_;
  std::atomic<std::uint64_t> changes_ = 0;  // so far
  Reactor* reactor_ = nullptr;
  std::thread::id reactor_thread_;     // that runs it; none if no thread does
  std::uint32_t reactor_waiters_ = 0;  // threads that sleep while another one runs it
  std::jthread own_reactor_thread_;
  Work work_;                              // for the executor; empty: none was made
  bool is_posted_ = false;                 // whether it was posted to the executor, and has not run
  std::atomic<bool> was_refused_ = false;  // by the executor, the last time
  Postings posted_;
  std::exception_ptr kept_;
  std::atomic<bool> has_kept_ = false;
  Pool pool_;
};

}  // namespace tenon::runtime
