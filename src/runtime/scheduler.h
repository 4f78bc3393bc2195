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
// A loop that is on the stack already, because a guest of it called out of its turn, is passed over.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

#include "call/bounds.h"
#include "tenon/result.h"

namespace tenon::runtime {

// The failure of a call that waited until its bounds were reached.
[[nodiscard]] CallFailure late_failure(const call::Bounds& bounds);

class Scheduler;

// Something that takes turns. Registered with its scheduler as long as it exists.
// Thread: that of the composition, unless a function says otherwise.
class TurnTaker {
 public:
  explicit TurnTaker(Scheduler& scheduler);
  TurnTaker(const TurnTaker&) = delete;
  TurnTaker& operator=(const TurnTaker&) = delete;
  virtual ~TurnTaker();

  // Whether a turn of it is on the stack.
  [[nodiscard]] virtual bool is_turning() const = 0;
  // REQUIRES: not `is_turning`
  virtual void turn() = 0;

  // Whether nothing can happen before it is called: its guests wait, and not for the host. It may
  // not exist any more if this returns false.
  // REQUIRES: not `is_turning`, and no turn is due
  [[nodiscard]] virtual bool is_idle() = 0;

  // Ends the waits of calls whose bounds are reached, unless they wait on the stack. Returns the
  // first deadline of the others.
  [[nodiscard]] virtual std::optional<call::Clock::time_point> end_late_waits() = 0;

  // A turn is due. Thread: any.
  void wake();

 protected:
  // To be called by each turn, when it begins.
  void begin_turn() { is_due_.store(false, std::memory_order_release); }

 private:
  friend class Scheduler;

  Scheduler& scheduler_;
  std::atomic<bool> is_due_ = false;
};

class Scheduler final {
 public:
  Scheduler() = default;
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  // Takes turns until the predicate holds. bounds: of the waiting call; can be null.
  // Failures: Deadline, Interrupted: the bounds are reached. Trap: nothing can happen any more that
  // would end the wait.
  // on_idle: what to do when nothing can happen: wait for other threads, or fail.
  enum class OnIdle : std::uint8_t { Fail, Wait };
  [[nodiscard]] CallResult<void> wait_until(const std::function<bool()>& is_done,
                                            const call::Bounds* bounds,
                                            OnIdle on_idle = OnIdle::Fail);

  // Runs a function in the composition, outside of this call: by whoever waits next, or by the
  // executor. Thread: any.
  void post(std::function<void()> function);
  // Sets who runs what is due while nobody waits. executor: is called with the work whenever something
  // is due; null: nothing runs then.
  void set_executor(std::function<void(std::function<void()>)> executor) {
    executor_ = std::move(executor);
  }
  // Runs what is due, without waiting.
  void run_due();

  // Marks a turn on this thread for a scope.
  class Turn final {
   public:
    Turn() { ++turns; }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn() { --turns; }
  };
  [[nodiscard]] static bool is_in_turn() { return turns != 0; }

 private:
  friend class TurnTaker;

  // The turns on the stack of this thread.
  static constinit thread_local int turns;

  // Takes the turns that are due, and runs the functions. Returns false if there were none.
  bool take_turns();
  bool run_posted();
  // Whether all of them wait, and none for the host. REQUIRES: no turn is due
  [[nodiscard]] bool are_idle();
  // Returns the first deadline of all calls that do not wait on the stack.
  [[nodiscard]] std::optional<call::Clock::time_point> end_late_waits();
  // Sleeps until a turn is due, the bounds may be reached, or the deadline passes.
  void sleep(const call::Bounds* bounds, std::optional<call::Clock::time_point> deadline);
  void notify();

  std::vector<TurnTaker*> takers_;
  std::function<void(std::function<void()>)> executor_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_woken_ = false;
  bool is_posted_ = false;  // whether `run_due` was posted to the executor, and has not run
  std::vector<std::function<void()>> posted_;
};

}  // namespace tenon::runtime
