// The calls of a domain that do not run on their callers' stacks: those on its event loop, and those that
// wait until the domain is free.
//
// A concurrent domain has a loop for each life. Any other has a queue, once a call has had to wait; a
// concurrent one needs it too while it holds calls back. Both are turns for the scheduler.
//
// Thread: that of the composition.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "call/bounds.h"
#include "engine/event_loop.h"
#include "engine/http.h"
#include "engine/store.h"
#include "engine/wit_text.h"
#include "runtime/call_list.h"
#include "runtime/posting.h"
#include "tenon/result.h"

namespace tenon::call {
struct FunctionShape;
}

namespace tenon::runtime {

class Channel;
class Domain;

// A call that waits until its domain is free.
class QueuedCall : public CallInProgress {
 public:
  // Makes the call. self: this object, which lives until the call is over or has another owner.
  virtual void run(std::unique_ptr<QueuedCall> self) = 0;
};

class Calls final {
 public:
  explicit Calls(Domain& domain);
  Calls(const Calls&) = delete;
  Calls& operator=(const Calls&) = delete;
  ~Calls();

  // The calls that have not ended. Lifetime: until one begins or ends.
  [[nodiscard]] std::span<const CallPtr> all() const;
  // The number of calls that nobody waits for any more.
  [[nodiscard]] std::size_t count_unawaited() const;
  // Ends the waits of the program for its calls, which do not wait on a stack.
  void end_program_waits(const CallFailure& failure);

  // For calls on the loop of a concurrent domain that is alive:

  // Begins the loop of a life.
  [[nodiscard]] Result<void, engine::Failure> begin_loop(engine::Store& store);
  // Whether calls can be added: start functions run before the loop begins.
  [[nodiscard]] bool has_loop() const { return loop_ != nullptr; }
  [[nodiscard]] engine::EventLoop& loop();
  // Keeps the reader of results until the loop ends. If it has one for this shape, it drops the new
  // one. Returns the one that it keeps. shape: null for a command.
  engine::ResultReader& keep(const call::FunctionShape* shape,
                             std::unique_ptr<engine::ResultReader> reader);
  // The handler of HTTP requests in the life. Lifetime: that of the loop.
  [[nodiscard]] const engine::HttpHandler& http_handler(engine::WasiTrack track);
  // A call is in progress until it is removed or the domain ends.
  void add(CallPtr call);
  // Null if the domain has ended.
  CallPtr remove(CallInProgress& call);
  // Ends the life after this turn, or the next one: a guest has failed, and the engine does not know.
  void end_soon(engine::Failure failure);
  // Takes a turn now, unless one is on a stack, or there is no room on this one.
  void take_turn();

  // For calls that wait in the queue:

  // Whether a call whose caller does not wait on its stack has to wait.
  [[nodiscard]] bool must_queue() const;
  void queue(std::unique_ptr<QueuedCall> call);
  // Whether calls wait in the queue.
  [[nodiscard]] bool has_queued() const;
  // The domain may be free.
  void wake_queue();
  // Whether calls whose callers do not wait on their stacks are queued even by a concurrent domain: it is
  // closed, or its life takes no more calls now.
  [[nodiscard]] bool are_held() const;
  // Whether the life is for a number of calls, and another one has to wait until some of them have ended.
  [[nodiscard]] bool is_full() const { return loop_ != nullptr && loop_is_full(); }
  // Whether the life takes no more calls at all.
  [[nodiscard]] bool is_used_up() const { return loop_ != nullptr && loop_is_used_up(); }
  // Whether a call is the last one of the life. REQUIRES: there is a loop, to which it was added last
  [[nodiscard]] bool is_last() const { return loop_is_used_up(); }
  // When the last call of the life ended, or it began. REQUIRES: there is a loop
  [[nodiscard]] call::Clock::time_point idle_since() const;
  // Calls that wait until the life takes more may go on.
  void note_room();

  // The deadline of a call in progress has passed, and its task goes on. The domain ends when nobody
  // waits for any other call of it. failure: of the call.
  void note_late(const CallFailure& failure) noexcept;
  // Nobody waits for a call in progress any more. Too many of those end the domain.
  void note_unawaited() noexcept;
  // The same, and a life for a number of calls takes no more of them, and ends when nobody waits for any
  // other of them.
  void note_left(const CallFailure& failure) noexcept;
  // Ends the life if it was too late for one of its calls, and nobody waits for another; or if it was
  // for a number of calls, which have ended. REQUIRES: not within `all`
  void end_if_over();

  // Another end has begun to wait for a future of the guests, or is gone (`GuestFuture::settle`). The
  // loop takes note before a guest of it runs on.
  void settle_later(Posting settle);
  // The same, and at once if a guest of it has called the one that runs on this thread.
  void settle_soon(Posting settle);
  // Marks, for a scope, that a guest is in a call.
  class HostCallScope final {
   public:
    HostCallScope(Calls& calls, engine::HostCall& call)
        : calls_(calls), outer_(std::exchange(calls.host_call_, &call)) {}
    HostCallScope(const HostCallScope&) = delete;
    HostCallScope& operator=(const HostCallScope&) = delete;
    ~HostCallScope() { calls_.host_call_ = outer_; }

    // The call has ended, without an exception.
    void end() {
      if (!calls_.unsettled_.is_empty()) calls_.settle_now(calls_.host_call_);
    }

   private:
    Calls& calls_;
    engine::HostCall* const outer_;
  };

  // The loop of one life, which can wait while another life exists.
  class Loop;
  struct DeleteLoop {
    void operator()(Loop* loop) const;
  };
  using LoopPtr = std::unique_ptr<Loop, DeleteLoop>;
  // Sets the loop: null, or one that was taken. Returns the one before.
  LoopPtr exchange_loop(LoopPtr loop);
  // Ends the loop. Returns the calls on it; the caller ends them (`end_calls`).
  [[nodiscard]] static std::vector<CallPtr> end_loop(LoopPtr loop);
  // Removes the queued calls; the caller ends them (`end_calls`).
  [[nodiscard]] std::vector<CallPtr> take_queued();

 private:
  class Turns;
  class Queue;

  // REQUIRES: there is a loop
  [[nodiscard]] bool loop_is_full() const;
  [[nodiscard]] bool loop_is_used_up() const;
  // Lets the guests of the loop run. REQUIRES: the domain is not running
  void turn();
  // call: null at the beginning of a turn
  void settle_now(engine::HostCall* call);
  // Ends the life whose loop has ended in a turn.
  void end_after_turn(const engine::Failure& turned);

  Domain& domain_;
  LoopPtr loop_;
  std::unique_ptr<Queue> queue_;
  Postings unsettled_;                     // of `settle_later`
  engine::HostCall* host_call_ = nullptr;  // the call that its guest is in
};

}  // namespace tenon::runtime
