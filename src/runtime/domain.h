// A running domain: instances that share one store and one fate.
//
// The instances of a domain live in one engine store. A trap in any of them ends the whole domain;
// if its restart policy allows, the next call begins a fresh life with an empty store. Lives are
// numbered, so that everything that belongs to an earlier life can be recognized as stale.
// `domain.cc` begins with a description of how lives begin and end.
//
//   Domain domain(shared, "shop");
//   domain.prepare(parts);                       // no store yet: the first call begins a life
//   ExportedFunction rate(domain, shape, ...);   // enters the domain's guest for each call
//
// Thread: that of the composition; of a shared composition, the one that holds its OwnerLock. A
// guest runs on the stack of the thread that calls it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "call/bounds.h"
#include "engine/code.h"
#include "engine/engine.h"
#include "engine/event_loop.h"
#include "engine/linker.h"
#include "engine/raw_call.h"
#include "engine/store.h"
#include "runtime/active_call.h"
#include "runtime/owner_lock.h"
#include "runtime/resource_table.h"
#include "runtime/scheduler.h"
#include "runtime/ticker.h"
#include "tenon/result.h"

namespace tenon::call {
struct FunctionShape;
}

namespace tenon::runtime {

// Failures that pass through guests. The error that makes a guest trap carries only a number, so
// the failure of its call waits here until the domain of the guest describes the trap.
class FailureBox final {
 public:
  [[nodiscard]] std::uint64_t keep(CallFailure failure);
  [[nodiscard]] std::optional<CallFailure> take(std::uint64_t number);

 private:
  std::uint64_t next_ = 1;
  std::vector<std::pair<std::uint64_t, CallFailure>> failures_;
};

// The time limit of a run: `timeout` of the root's domain. It covers everything that guests do:
// start functions, calls and destructors.
struct RunLimit {
  std::chrono::nanoseconds length;
  // The end of the run in progress. Absent: each call from outside of all guests is a run of its
  // own.
  std::optional<call::Clock::time_point> end;
  std::string domain;  // the domain whose limit it is
};

class Channel;
struct ChannelList;
class InstancePool;
struct Shared;
class Trace;
[[nodiscard]] std::shared_ptr<ChannelList> make_channel_list(Shared& shared);

// The running composition that domains belong to, as they know it: the module that runs compositions derives
// its state from this class.
class Owner {
 public:
  Owner() = default;
  Owner(const Owner&) = delete;
  Owner& operator=(const Owner&) = delete;
  virtual ~Owner() = default;
};

// The state that all domains of a composition share.
struct Shared {
  std::string composition;  // its name, for messages
  // Held by every thread that calls from outside of the composition. Such a thread can keep the
  // lock alive longer than the composition.
  std::shared_ptr<OwnerLock> lock = std::make_shared<OwnerLock>();
  Ticker ticker;
  Scheduler scheduler{lock};
  // The composition is being destroyed: guests that run on other threads are to end.
  std::atomic<bool> is_ending = false;
  std::optional<RunLimit> run_limit;  // absent: unlimited
  // How often calls were interrupted from outside. Absent: calls cannot be interrupted.
  std::optional<std::atomic<std::uint64_t>> interrupts;

  ResourceTable resources;
  std::shared_ptr<ChannelList> channels = make_channel_list(*this);
  // The bytes of items that each stream holds until they are read, unless its StreamKind says it.
  std::size_t stream_buffer = 0;
  Trace* trace = nullptr;  // null: nothing is traced
  std::weak_ptr<Owner> owner;
  ProgramHandles program{resources};
  FailureBox failures;
};

// Whether a domain that has ended begins a fresh life at the next call.
struct RestartPolicy {
  std::uint32_t max = 0;  // number of restarts; 0: never
  // Only restarts within this time count towards `max`. Absent: all of them count.
  std::optional<std::chrono::nanoseconds> window = {};
};

// The content of a domain's store: the instances of one component, or the instance of one package.
// Thread: that of the domain.
class Body {
 public:
  virtual ~Body() = default;

  // Instantiates the code in a fresh store, which includes its start functions.
  [[nodiscard]] virtual Result<void, engine::Failure> begin(engine::Store& store) = 0;
  // Called before the store is destroyed.
  virtual void end() = 0;
};

// A body whose code is loaded when the first life begins.
class LateBody {
 public:
  virtual ~LateBody() = default;

  // Loads the code, which can take seconds. Called without the lock of the composition.
  [[nodiscard]] virtual Result<void> load() = 0;
  // REQUIRES: `load` succeeded
  [[nodiscard]] virtual Result<std::unique_ptr<Body>> make() = 0;
};

class ComponentBody final : public Body {
 public:
  // A failure is that of each life.
  using Prepared = Result<engine::PreparedComponent, engine::Failure>;

  // prepared: can be shared with other bodies.
  explicit ComponentBody(std::shared_ptr<const Prepared> prepared)
      : prepared_(std::move(prepared)) {}

  Result<void, engine::Failure> begin(engine::Store& store) override;
  void end() override { instance_.reset(); }

  // REQUIRES: `begin` succeeded, and `end` has not been called since
  [[nodiscard]] engine::Instance& instance() { return *instance_; }

 private:
  std::shared_ptr<const Prepared> prepared_;
  std::optional<engine::Instance> instance_;
};

// The work of one call in the store of a domain whose body is not a component (`Domain::run`).
class BodyCall {
 public:
  virtual ~BodyCall() = default;
  [[nodiscard]] virtual Result<void, engine::Failure> run(engine::Store& store) = 0;
};

// Translates a failure of the engine: byte offsets become units and functions.
using DescribeFailure = std::function<CallFailure(const engine::Failure&)>;

// Everything that a life of a domain is made from. Kept for restarts.
struct DomainParts {
  std::shared_ptr<const engine::Engine> engine;
  std::unique_ptr<Body> body;                         // null until the first life, if it is late
  std::unique_ptr<LateBody> late_body;                // null if `body` is there
  std::unique_ptr<const engine::Grants> grants;       // null: no WASI
  std::unique_ptr<const engine::StoreLimits> limits;  // null: the engine's defaults
  RestartPolicy restart;
  // Time limit of one call from outside of the domain. Requires an engine that can be interrupted.
  std::optional<std::chrono::nanoseconds> call_timeout = {};
  // Each call gets a life of its own, which ends with the call. Requires a component.
  bool is_fresh = false;
  DescribeFailure describe;

  [[nodiscard]] engine::StoreLimits store_limits() const {
    return limits ? *limits : engine::StoreLimits();
  }
};

// Whether the engine had requested the arguments of a call when the call failed.
enum class Entered : std::uint8_t { No, Yes };

// A call into a domain that has not ended: it runs on the loop of the domain (`Domain::add_call`), or waits
// for its turn (`Domain::queue_call`). The domain owns it until then.
class CallInProgress {
 public:
  CallInProgress() = default;
  CallInProgress(const CallInProgress&) = delete;
  CallInProgress& operator=(const CallInProgress&) = delete;
  virtual ~CallInProgress() = default;
  // Null: it has none, or nobody waits for the call.
  [[nodiscard]] virtual const call::Bounds* bounds() const = 0;
  // The bounds are reached. If the caller does not wait on the stack, its wait ends.
  virtual void end_wait() {}
  // Adds the unit and the function to a failure that has none, because it has no backtrace.
  virtual void explain(CallFailure& /*failure*/) const {}
  // Whether anybody waits for the call.
  [[nodiscard]] virtual bool is_awaited() const { return true; }
  // The domain that waits for the call; empty: the program, or nobody.
  [[nodiscard]] virtual std::string_view caller_name() const { return {}; }
  // Ends the wait of a program that does not wait on its stack.
  virtual void end_wait_with(const CallFailure& /*failure*/) {}
  // A guest called `wasi:cli/exit`, and `end` follows.
  virtual void note_exit(int /*code*/) {}
  // The domain has ended, and does not own the call any more. The call is destroyed after it.
  virtual void end(const CallFailure& failure) = 0;

 private:
  friend class CallList;
  std::size_t place_ = 0;  // in the list of its domain
  // The deadline of its bounds, and whether it had bounds, when it was added.
  call::Clock::time_point deadline_ = call::Clock::time_point::max();
  bool had_bounds_ = false;
};

class Domain final {
 public:
  Domain(Shared& shared, std::string name);
  Domain(const Domain&) = delete;
  Domain& operator=(const Domain&) = delete;
  ~Domain();

  // Gives it a thread of its own. Call it once, before the first life.
  void own_thread();
  // From now on, it computes on the threads that call and wait.
  void give_up_thread();
  // Sets the parts. The first life begins at `start`, or else at the first call.
  void prepare(DomainParts parts);
  // Errors: run-grant, run-engine; the failure of a start function.
  // A life that is for one call ends again, but its start functions have run.
  [[nodiscard]] Result<void> start();

  // Waits until the calls in progress have ended, and delays new calls until the end of the scope.
  // Calls of this thread whose callers wait on the stack are not delayed.
  class Drained final {
   public:
    // bounds: of the wait.
    Drained(Domain& domain, const call::Bounds& bounds);
    Drained(const Drained&) = delete;
    Drained& operator=(const Drained&) = delete;
    ~Drained();

    // Reentrance: a call of the domain is on this stack. Deadline, Deadlock: calls do not end.
    [[nodiscard]] const CallResult<void>& result() const { return result_; }

   private:
    Domain& domain_;
    CallResult<void> result_;
  };
  // Whether calls whose callers do not wait on their stacks are queued: a `Drained` exists, or the life
  // serves a call and is for no other.
  [[nodiscard]] bool holds_calls() const {
    return drained_by_ != nullptr || serves_call_ || (has_served_ && is_entered());
  }

  // The pool that it is the first domain of; null: it is in none.
  [[nodiscard]] InstancePool* pool() const { return pool_; }
  void set_pool(InstancePool& pool) { pool_ = &pool; }
  // Whether a call can be served at once.
  [[nodiscard]] bool is_free() const {
    return !is_running() && !is_closed() && (!queue_ || calls().empty());
  }
  // Whether a guest of it is on this stack.
  [[nodiscard]] bool is_entered_here() const { return entered_by_ == &GuestThread::current(); }

  // A life made from other parts that is to replace the current one, which can go on until `commit`.
  class Replacement;
  // Drops all resources that the guests of an ended life held, each in the domain that made it.
  // Destructors can make calls.
  void release(std::uint64_t life);

  // The number of swaps that changed the exports of the component. A function that was looked up
  // at another number must not be called. Changed while the tables of the composition are locked,
  // so that the number and the tables agree.
  [[nodiscard]] std::uint64_t exports_version() const { return exports_version_; }
  void change_exports() { ++exports_version_; }

  [[nodiscard]] const std::string& name() const { return name_; }
  // Whether a guest of it is on the stack, or its life is being ended.
  [[nodiscard]] bool is_running() const { return is_entered() || ending_; }
  // Whether its engine supports concurrency.
  [[nodiscard]] bool is_concurrent() const {
    return parts_->engine->config().concurrency == engine::Concurrency::Yes;
  }
  [[nodiscard]] Shared& shared() { return shared_; }
  [[nodiscard]] const Shared& shared() const { return shared_; }
  [[nodiscard]] bool is_alive() const { return store_.has_value() && !ending_; }
  // Lifetime: that of the parts.
  [[nodiscard]] Body& body() { return *parts_->body; }
  // What its guests requested from WASI without a grant; null if it has no WASI.
  // Lifetime: until a swap.
  [[nodiscard]] const engine::Denials* denials() const {
    return parts_->grants ? parts_->grants->denials.get() : nullptr;
  }
  // Lifetime: that of the current life. REQUIRES: alive
  [[nodiscard]] engine::Store& store() { return *store_; }
  // The number of the current life, from 1. Anything that belongs to an earlier life is stale.
  [[nodiscard]] std::uint64_t life() const { return life_; }
  // The number of lives that replaced an ended one.
  [[nodiscard]] std::uint64_t restarts() const { return restart_count_; }

  // Drops a resource of the guest, at once or as soon as the domain is not running. Does nothing
  // for a resource of an earlier life. Failures: of the destructor.
  [[nodiscard]] CallResult<void> drop(const engine::GuestResource& resource, std::uint64_t life);

  [[nodiscard]] CallResult<engine::CommandEnd> run_command(std::string_view interface);

  // Enters a body that is not a component, for one call. A failure ends the life.
  // name: of the function, for messages. bounds: of the call; null if it has none.
  // Failures: those of CallFailure; Reentrance if the domain is running.
  [[nodiscard]] CallResult<void> run(BodyCall& call, std::string_view unit, std::string_view name,
                                     const call::Bounds* bounds);

  // Ends the life and drops what its guests held (`release`). Later callers get `failure` as the
  // reason.
  void end(const CallFailure& failure);

  // For calls into a concurrent domain, which run on its event loop:

  // Whether calls can be added to its loop: start functions run before it begins.
  [[nodiscard]] bool has_loop() const { return loop_ != nullptr; }
  // The loop of the current life. REQUIRES: alive and concurrent
  [[nodiscard]] engine::EventLoop& loop();
  // Keeps the reader of results until the loop ends. If it has one for this shape, it drops the new
  // one. Returns the one that it keeps. shape: null for a command.
  engine::ResultReader& keep(const call::FunctionShape* shape,
                             std::unique_ptr<engine::ResultReader> reader);
  // Another end has begun to wait for a future of its guests, or is gone (`GuestFuture::settle`). Its
  // loop takes note before a guest of it runs on.
  void settle_later(std::weak_ptr<Channel> future);
  // The same, and at once if a guest of it has called the one that runs on this thread.
  void settle_soon(std::weak_ptr<Channel> future) {
    settle_later(std::move(future));
    if (host_call_ != nullptr && is_entered_here()) settle_now(host_call_);
  }
  // A guest of it begins a call. Returns what the end of the call is told.
  [[nodiscard]] engine::HostCall* begin_host_call(engine::HostCall& call) {
    return std::exchange(host_call_, &call);
  }
  void end_host_call(engine::HostCall* outer) {
    if (!unsettled_.empty()) settle_now(host_call_);
    host_call_ = outer;
  }
  // A call is in progress until it is removed or the domain ends.
  void add_call(std::unique_ptr<CallInProgress> call);
  // Null if the domain has ended.
  std::unique_ptr<CallInProgress> remove_call(CallInProgress& call);
  // The bounds of a call that begins now. outer: those of its caller; can be null.
  [[nodiscard]] std::optional<call::Bounds> bounds_of_call(const call::Bounds* outer) const;
  // Takes a turn now, unless one is on a stack, or there is no room on this one.
  void take_turn() {
    if (!is_entered() && ActiveCall::has_room()) turn();
  }
  // Whether its turns, or its calls, belong to the pool, unless a caller waits on its stack.
  [[nodiscard]] bool computes() const { return computes_; }

  // For calls into a domain without async code whose callers do not wait on their stacks:

  // A call that waits until the domain is free.
  class QueuedCall : public CallInProgress {
   public:
    // Makes the call. self: this object, which lives until the call is over or has another owner.
    virtual void run(std::unique_ptr<QueuedCall> self) = 0;
  };
  // Whether a call has to wait.
  [[nodiscard]] bool must_queue() const {
    return computes_ || holds_calls() || (is_entered() && entered_by_ != &GuestThread::current());
  }
  void queue_call(std::unique_ptr<QueuedCall> call);

  // Ends the waits of the program for its calls, which do not wait on a stack.
  void end_program_waits(const CallFailure& failure);
  // Whether its guests import WASI, and may wait for something outside of the composition.
  [[nodiscard]] bool has_wasi() const { return denials() != nullptr; }
  // The calls of the domain that have not ended. Lifetime: until one begins or ends.
  [[nodiscard]] std::span<const std::unique_ptr<CallInProgress>> calls() const;
  // The number of calls in progress that nobody waits for any more.
  [[nodiscard]] std::size_t count_unawaited() const;
  // The deadline of a call in progress has passed, and its task goes on. The domain ends when nobody
  // waits for any other call of it. failure: of the call.
  void note_late(const CallFailure& failure);
  // Nobody waits for a call in progress any more. Too many of those end the domain.
  void note_unawaited();
  // Ends the life if it was too late for one of its calls, and nobody waits for another; or if it was
  // for one call, which has ended. REQUIRES: not within `calls`
  void end_if_over();
  // Measures a run of its guests for a scope, and decides who runs them from then on.
  class RunLength final {
   public:
    explicit RunLength(Domain& domain);
    RunLength(const RunLength&) = delete;
    RunLength& operator=(const RunLength&) = delete;
    ~RunLength();

   private:
    Domain& domain_;
    bool is_precise_;  // whether the time is that of the processor
    std::chrono::nanoseconds began_;
    std::uint64_t calls_began_;  // of guests to the host on this thread, until then
  };

  // For ExportedFunction, which enters the guest itself:

  // Whether the guest can be entered without any preparation.
  [[nodiscard]] bool is_ready() const {
    return !is_entered() && is_alive() && !is_closed() && ActiveCall::has_room();
  }
  // Makes the domain ready, if necessary by beginning a life. Returns nothing on success, otherwise
  // why the guest cannot be entered.
  [[nodiscard, gnu::cold]] std::optional<CallFailure> make_ready();
  // Enters the guest by calling `enter`, which returns a Result<T, engine::Failure>.
  // bounds: of the call; null if it has none. REQUIRES: `is_ready`
  template <class Enter>
  auto run_guest(const call::Bounds* bounds, Enter&& enter) {
    return run_guest(bounds, parts_->call_timeout, std::forward<Enter>(enter));
  }
  // The failure for the caller: that of an inner call, if the engine's failure carries one, with
  // the frames of this domain added to its backtrace.
  [[nodiscard]] CallFailure describe(const engine::Failure& failure, Entered entered = Entered::No);
  // After a run: performs the drops that waited until the guest was not running.
  void finish_drops() {
    if (!pending_drops_.empty()) drop_pending();
  }
  // The same after a call that is not on a loop.
  void finish_call() {
    finish_drops();
    if (is_fresh_) end_served();
  }
  // REQUIRES: the body is a ComponentBody, and the domain is alive
  [[nodiscard]] engine::Instance& instance();
  // The bounds of the run in progress; null if it has none.
  [[nodiscard]] const call::Bounds* bounds() const { return bounds_ ? &*bounds_ : nullptr; }

 private:
  class Turns;
  class Loop;
  class Queue;

  // What callers of an ended domain get.
  [[nodiscard]] CallFailure ended_failure() const;
  // What a caller gets whose call was to begin a life, which failed.
  [[nodiscard]] CallFailure start_failure() const;
  [[nodiscard]] Result<void> begin_life();
  template <class Enter>
  auto run_guest(const call::Bounds* bounds, const std::optional<std::chrono::nanoseconds>& timeout,
                 Enter&& enter) {
    if (bounds != nullptr || timeout || shared_.run_limit || shared_.interrupts)
      bounds_ = make_bounds(bounds, timeout);
    else
      bounds_.reset();
    std::optional<Ticker::Watch> watch;
    if (bounds_) watch.emplace(shared_.ticker);
    const ActiveCall active(*this, bounds_);
    entered_by_ = &GuestThread::current();
    auto result = computes_ && is_alone() ? run_unlocked(enter) : enter();
    entered_by_ = nullptr;
    if (waiting_threads_ != 0) shared_.scheduler.note_turn();
    return result;
  }
  template <class Enter>
  [[gnu::noinline]] auto run_unlocked(Enter& enter) {
    const Unlocked unlocked(*shared_.lock);
    return enter();
  }
  // Whether a guest of it is on a stack.
  [[nodiscard]] bool is_entered() const { return entered_by_ != nullptr; }
  // Whether calls of this thread have to wait: for the end of a `Drained` of another one, of the call
  // that the life serves, or of a life that another thread ends.
  [[nodiscard]] bool is_closed() const {
    return (drained_by_ != nullptr && drained_by_ != &GuestThread::current()) || serves_call_ ||
           (is_fresh_ && ending_ && ended_here_ != &GuestThread::current());
  }
  // Ends the life after its only call.
  void end_served();
  // Whether all guests on this stack are of this composition. A thread that is in another one must
  // not wait for this one without a check for circles.
  [[nodiscard]] bool is_alone() const;
  // Waits for the guest on another thread's stack. Returns why it cannot be waited for: it waits for
  // a guest on this stack, or the bounds of the call in progress are reached.
  [[nodiscard]] CallResult<void> wait_until_left();
  // Decides after a run of its guests who runs them next. length: of the time of the processor.
  // calls: of guests to the host meanwhile.
  void note_run(std::chrono::nanoseconds length, std::uint64_t calls);
  void set_computes(bool computes);
  [[nodiscard]] TurnTaker::Place place() const {
    if (owns_thread_) return TurnTaker::Place::OwnThread;
    return computes_ ? TurnTaker::Place::Pool : TurnTaker::Place::Waiting;
  }
  // The bounds of the enclosing call, or without one those of the run. If `timeout` from now is
  // earlier, that becomes the deadline.
  [[nodiscard]] call::Bounds make_bounds(
      const call::Bounds* outer, const std::optional<std::chrono::nanoseconds>& timeout) const;
  // Loads and makes the body that was left out so far.
  [[nodiscard]] Result<void> load_body();
  // Instantiates the body in the store, and begins its loop.
  [[nodiscard]] Result<void, engine::Failure> begin_body();
  // Lets the guests of the loop run. REQUIRES: the domain is not running
  void turn();
  // call: null at the beginning of a turn
  void settle_now(engine::HostCall* call);
  // Ends the life whose loop has ended in a turn.
  void end_after_turn(const engine::Failure& turned);
  // Drops the loop, the body and the store. Returns the calls that were in progress.
  std::vector<std::unique_ptr<CallInProgress>> end_body();
  // Waits for a call on the loop of the domain.
  [[nodiscard]] CallResult<engine::CommandEnd> run_command_on_loop(std::string_view interface);
  // Adds the limits that ended the call, or may have.
  void add_limits(CallFailure& described, engine::FailureKind kind) const;
  // REQUIRES: alive, not running
  [[nodiscard]] CallResult<void> drop_now(const engine::GuestResource& resource);
  // Performs the pending drops of the current life.
  void drop_pending();
  void forget_drops(std::uint64_t life);

  Shared& shared_;
  std::string name_;
  std::optional<DomainParts> parts_;
  std::uint64_t life_ = 0;
  std::uint64_t last_life_ = 0;  // the highest number of a life so far
  std::uint64_t exports_version_ = 0;
  const GuestThread* entered_by_ = nullptr;  // the thread on whose stack its guest is
  const GuestThread* drained_by_ = nullptr;  // keeps calls out
  unsigned waiting_threads_ = 0;             // that wait until it is left
  bool computes_ = false;
  bool may_compute_ = false;  // the last run took long, perhaps because the thread had to wait
  bool owns_thread_ = false;
  bool is_fresh_ = false;     // `DomainParts::is_fresh`
  bool serves_call_ = false;  // a call is on the loop of a life that is for no other
  bool has_served_ = false;   // there was one in this life
  InstancePool* pool_ = nullptr;
  unsigned short_runs_ = 0;             // since the last long one, of a domain that computes
  std::optional<call::Bounds> bounds_;  // of the last run
  std::optional<engine::Store> store_;  // absent: no life, or it has ended
  std::unique_ptr<Loop> loop_;          // of a concurrent domain with a store
  std::unique_ptr<Queue> queue_;        // of another one for which calls have waited
  std::vector<std::weak_ptr<Channel>> unsettled_;  // of `settle_later`
  engine::HostCall* host_call_ = nullptr;          // the call that its guest is in
  std::unique_ptr<const CallFailure> ended_by_;
  std::unique_ptr<const CallFailure> late_by_;  // of the first late call of this life
  std::vector<std::chrono::steady_clock::time_point> restarts_;
  std::uint64_t restart_count_ = 0;
  // A drop that waits until the domain is not running.
  struct PendingDrop {
    engine::GuestResource resource;
    std::uint64_t life = 0;
  };
  std::vector<PendingDrop> pending_drops_;
  // While a Replacement exists that is not committed, the life that waits meanwhile. Otherwise 0.
  std::uint64_t replaced_life_ = 0;
  bool ending_ = false;  // `end` is running: what its store drops cannot enter it any more
  const GuestThread* ended_here_ = nullptr;  // the thread of the last `end`
};

// Begins the life. Unless it is committed, the replaced life continues at the end of the scope.
class Domain::Replacement final {
 public:
  // begin: No: the next call begins the life.
  enum class Begin : std::uint8_t { No, Yes };
  // REQUIRES: the domain is not running, and has no other Replacement
  Replacement(Domain& domain, DomainParts parts, Begin begin);
  Replacement(const Replacement&) = delete;
  Replacement& operator=(const Replacement&) = delete;
  ~Replacement();

  // Errors: as `start`.
  [[nodiscard]] const Result<void>& result() const { return result_; }
  // Whether the new life has ended since it began, although it was not for one call.
  [[nodiscard]] bool has_ended() const { return !domain_.is_fresh_ && !domain_.is_alive(); }
  // Ends the replaced life. Returns its number, for `release`. REQUIRES: `result` is fine
  std::uint64_t commit();

 private:
  Domain& domain_;
  // The replaced life.
  std::optional<DomainParts> parts_;
  std::optional<engine::Store> store_;
  std::unique_ptr<Loop> loop_;
  std::unique_ptr<const CallFailure> ended_by_;
  std::uint64_t life_;

  Result<void> result_;
  bool is_committed_ = false;
};

}  // namespace tenon::runtime
