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
// A domain is three things: a life (life.h), the calls that do not run on their callers' stacks (calls.h), and
// the place where its guests run (place.h). A swap replaces the life (replacement.h).
//
// Thread: that of the composition; of a shared composition, the one that holds its OwnerLock. A
// guest runs on the stack of the thread that calls it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "call/bounds.h"
#include "runtime/active_call.h"
#include "runtime/calls.h"
#include "runtime/life.h"
#include "runtime/place.h"
#include "runtime/shared.h"

namespace tenon::runtime {

class InstancePool;

// Whether the engine had requested the arguments of a call when the call failed.
enum class Entered : std::uint8_t { No, Yes };

class Domain final {
 public:
  Domain(Shared& shared, std::string name);
  Domain(const Domain&) = delete;
  Domain& operator=(const Domain&) = delete;
  ~Domain();

  // Sets the parts. The first life begins at `start`, or else at the first call.
  void prepare(DomainParts parts);
  // Errors: run-grant, run-engine; the failure of a start function.
  // A life that is for a number of calls ends again, but its start functions have run.
  [[nodiscard]] Result<void> start();

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] Shared& shared() { return shared_; }
  [[nodiscard]] const Shared& shared() const { return shared_; }
  [[nodiscard]] Place& place() { return place_; }
  [[nodiscard]] const Place& place() const { return place_; }
  [[nodiscard]] Calls& calls() { return calls_; }
  [[nodiscard]] const Calls& calls() const { return calls_; }
  // The pool that it is the first domain of; null: there is none.
  [[nodiscard]] InstancePool* pool() const { return in_pool_ == 0 ? pool_ : nullptr; }
  // at: its position in the pool, which is notified of lives that are for a number of calls.
  void set_pool(InstancePool* pool, std::size_t at) {
    pool_ = pool;
    in_pool_ = at;
  }
  // Tells the pool that no call uses the domain, unless one does.
  void note_idle();
  // Tells it so after a call that the domain was picked for could not begin.
  void put_back();
  // The number of swaps that changed the exports of the component. A function that was looked up
  // at another number must not be called. Changed while the tables of the composition are locked,
  // so that the number and the tables agree.
  [[nodiscard]] std::uint64_t exports_version() const { return exports_version_; }
  void change_exports() { ++exports_version_; }

  // The state of the domain for a call from this thread.
  enum class State : std::uint8_t {
    Closed,   // it has to wait: for the end of a `Drained`, or of calls that the life is for
    Entered,  // a guest is on a stack
    Ending,   // `end` is running: what the store drops cannot enter it any more
    Ready,    // a guest can be entered
    Asleep,   // no life has begun, or the last one has ended
  };
  [[nodiscard]] State state() const {
    if (is_closed()) return State::Closed;
    if (place_.is_entered()) return State::Entered;
    if (ending_on_ != nullptr) return State::Ending;
    return life_.store ? State::Ready : State::Asleep;
  }
  [[nodiscard]] bool is_alive() const { return life_.store && ending_on_ == nullptr; }
  // Whether its engine supports concurrency.
  [[nodiscard]] bool is_concurrent() const {
    return life_.parts.engine->config().concurrency == engine::Concurrency::Yes;
  }
  // How many calls a life is for.
  [[nodiscard]] const CallsOfLife& calls_of_life() const { return life_.parts.calls; }
  // What its guests requested from WASI without a grant; null if it has no WASI.
  // Lifetime: until a swap.
  [[nodiscard]] const engine::Denials* denials() const {
    return life_.parts.grants ? life_.parts.grants->denials.get() : nullptr;
  }
  // The label of what its guests print; null if it has none. Lifetime of the domain's: until a swap.
  [[nodiscard]] std::shared_ptr<const engine::OutputLabel> output_label() const {
    return life_.parts.grants ? life_.parts.grants->label : nullptr;
  }
  // The number of the current life, or of the last one; 0 if none has begun.
  [[nodiscard]] std::uint64_t life() const { return life_.number; }
  // The number of lives that replaced an ended one.
  [[nodiscard]] std::uint64_t restarts() const { return restarts_.count(); }
  // Of calls that its guests make.
  [[nodiscard]] FailureBox& failures() { return failures_; }
  // Lifetime: that of the parts.
  [[nodiscard]] Body& body() { return *life_.parts.body; }
  // Lifetime: that of the current life. REQUIRES: alive
  [[nodiscard]] engine::Store& store() { return *life_.store; }
  // The same. REQUIRES: the body is a ComponentBody, and the domain is alive
  [[nodiscard]] engine::Instance& instance() {
    return static_cast<ComponentBody&>(body()).instance();
  }

  // Whether the guest can be entered without any preparation.
  [[nodiscard]] bool is_ready() const { return state() == State::Ready && ActiveCall::can_enter(); }
  // Makes the domain ready, if necessary by beginning a life. Returns nothing on success, otherwise
  // why the guest cannot be entered.
  [[nodiscard, gnu::cold]] std::optional<CallFailure> make_ready();
  // Enters the guest by calling `enter`, which returns a Result<T, engine::Failure>. After a failure, the
  // caller ends the life.
  // bounds: of the call; null if it has none. REQUIRES: `is_ready`
  template <class Enter>
  auto run_guest(const call::Bounds* bounds, Enter&& enter) {
    return run_guest(bounds, life_.parts.call_limit, std::forward<Enter>(enter));
  }
  // The same without the time limit of a call.
  template <class Enter>
  auto run_turn(const call::Bounds* bounds, Enter&& enter) {
    return run_guest(bounds, std::nullopt, std::forward<Enter>(enter));
  }
  // The bounds of the run in progress; null if it has none.
  [[nodiscard]] const call::Bounds* bounds() const { return bounds_ ? &*bounds_ : nullptr; }
  // The bounds of a call that begins now. caller: those of its caller; can be null.
  [[nodiscard]] std::optional<call::Bounds> bounds_of_call(const call::Bounds* caller) const;
  // The failure for the caller: that of an inner call, if the engine's failure carries one, with
  // the frames of this domain added to its backtrace.
  // If there is no memory, that is the failure.
  [[nodiscard]] CallFailure describe(const engine::Failure& failure, Entered entered = Entered::No);
  // Says where it happened, unless it does already, or there is no memory.
  static void add_names(CallFailure& failure, std::string_view unit, std::string_view function);
  // After a failure that was described: ends the life, unless it can go on. Lives for one or more calls end.
  void end_after(engine::FailureKind kind, const CallFailure& failure);
  // After a run: performs the drops that waited until the guest was not running.
  void finish_drops() {
    if (!life_.drops.is_empty()) drop_pending();
  }
  // The same after a call that is not on a loop.
  void finish_call() {
    finish_drops();
    if (calls_of_life().are_counted()) end_served();
  }
  // Enters a body that is not a component, for one call. A failure ends the life.
  // name: of the function, for messages. bounds: of the call; null if it has none.
  // Failures: those of CallFailure; Reentrance if the domain is running.
  [[nodiscard]] CallResult<void> run(BodyCall& call, std::string_view unit, std::string_view name,
                                     const call::Bounds* bounds);

  // Ends the life and drops what its guests held (`release`). Later callers get `failure` as the
  // reason.
  void end(const CallFailure& failure);
  // Ends the life after the calls that it was for.
  void end_served();
  // Removes a resource of the guest from the table, and drops it: at once, or as soon as the domain is not
  // running and there is memory. A resource of an earlier life is only removed. Failures: of the destructor.
  [[nodiscard]] CallResult<void> drop(ResourceTable::Token token);
  // Drops all resources that the guests of an ended life held, each in the domain that made it.
  // Destructors can make calls.
  void release(std::uint64_t life);

 private:
  friend class Drained;
  friend class Replacement;

  void end_life(const CallFailure& failure);
  // Destroys the store of a life of this domain: the current one, or one that was replaced. What its objects
  // drop is dropped afterwards: no guest runs while the store is half destroyed.
  void destroy(Life& life);

  template <class Enter>
  auto run_guest(const call::Bounds* bounds, const std::optional<call::TimeLimit>& limit,
                 Enter&& enter) {
    if (bounds != nullptr || limit || shared_.bounds_calls())
      bounds_ = shared_.make_bounds(bounds, limit, name_);
    else
      bounds_.reset();
    std::optional<Ticker::Watch> watch;
    if (bounds_) watch.emplace(shared_.ticker);
    // Without the ticker, nothing would enforce the deadline.
    if (watch && !watch->begun())
      return decltype(place_.run(enter))(engine::Failure{.kind = engine::FailureKind::NotEntered,
                                                         .message = watch->begun().error()});
    return ActiveCall::enter_with_room([&] {
      const ActiveCall active(*this, bounds_);
      return place_.run(enter);
    });
  }
  [[nodiscard]] bool is_closed() const {
    return place_.is_closed_to_this_thread() || calls_.is_full() ||
           (calls_of_life().are_counted() && ending_on_ != nullptr &&
            ending_on_ != &GuestThread::current());
  }
  // The failure for callers of an ended domain.
  [[nodiscard]] CallFailure ended_failure() const;
  // A life whose guest could not be entered, for lack of memory, a thread or a stack, does not count: the next call can
  // begin it.
  [[nodiscard]] Result<void> begin_life();
  // Counts the current life as a restart, unless it is the last one, or there was none.
  void count_restart(std::uint64_t last);
  [[nodiscard]] Result<void> try_life();
  // Loads the code, if it is late, and opens a store.
  [[nodiscard]] Result<void> open_life();
  // Instantiates the body in the store, and begins its loop.
  [[nodiscard]] Result<void, engine::Failure> begin_body();
  // It waits for a later turn if a guest keeps the whole store waiting: then this returns false.
  // REQUIRES: alive, and no guest is on a stack
  [[nodiscard]] CallResult<bool> drop_now(ResourceTable::Token token);
  // Performs the drops that wait in the current life.
  void drop_pending();

  Shared& shared_;
  std::string name_;
  Place place_{shared_};
  Life life_;
  Calls calls_{*this};
  // While a Replacement exists that is not committed, the life that waits meanwhile. Otherwise null.
  Life* replaced_ = nullptr;
  std::uint64_t last_life_ = 0;  // the highest number of a life so far
  FailureBox failures_;
  Restarts restarts_;
  std::uint64_t exports_version_ = 0;
  InstancePool* pool_ = nullptr;
  std::size_t in_pool_ = 0;
  std::optional<call::Bounds> bounds_;      // of the last run
  const GuestThread* ending_on_ = nullptr;  // the thread that ends the life
};

}  // namespace tenon::runtime
