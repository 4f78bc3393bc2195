// A domain that runs: instances that share a store and a fate. A trap ends it; a fresh life can
// begin, with nothing of the old one.
//
// Thread: that of the composition; of one that is shared, the one that holds its lock. A guest is
// entered by the thread that calls, on its own stack.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "call/bounds.h"
#include "engine/engine.h"
#include "engine/linker.h"
#include "engine/raw_call.h"
#include "engine/store.h"
#include "runtime/active_call.h"
#include "runtime/body.h"
#include "runtime/owner_lock.h"
#include "runtime/program_handles.h"
#include "runtime/resource_table.h"
#include "runtime/ticker.h"
#include "tenon/call_failure.h"

namespace tenon::runtime {

// Failures on their way through guests, which carry a number alone.
class FailureBox final {
 public:
  [[nodiscard]] std::uint64_t keep(CallFailure failure);
  [[nodiscard]] std::optional<CallFailure> take(std::uint64_t number);

 private:
  std::uint64_t next_ = 1;
  std::vector<std::pair<std::uint64_t, CallFailure>> kept_;
};

// What a run may take: `timeout` of the root's domain. It holds for all that guests do: start
// functions, calls, destructors.
struct RunLimit {
  std::chrono::nanoseconds length;
  // When the run that is in progress is over. Absent: each entry from outside of all guests is a
  // run of its own.
  std::optional<call::Clock::time_point> end;
  std::string domain;  // whose limit it is
};

// What the domains of a composition share.
struct Shared {
  std::string composition;  // its name, for people
  // Who calls from outside of the composition holds it. It outlives the composition while one does.
  std::shared_ptr<OwnerLock> lock = std::make_shared<OwnerLock>();
  Ticker ticker;
  std::optional<RunLimit> run_limit;  // absent: any time
  // How often its calls were interrupted from outside; absent: they cannot be.
  std::optional<std::atomic<std::uint64_t>> interrupts;

  ResourceTable resources;
  ProgramHandles program{resources};
  FailureBox failures;
};

// Whether a domain that ended gets a fresh life when it is called again.
struct RestartPolicy {
  std::uint32_t max = 0;                                // lives after the first; 0: none
  std::optional<std::chrono::nanoseconds> window = {};  // in this time; absent: ever
};

// Units and functions for byte offsets.
using DescribeFailure = std::function<CallFailure(const engine::Failure&)>;

// What a domain is made from, again for each life.
struct DomainParts {
  std::shared_ptr<const engine::Engine> engine;
  std::unique_ptr<Body> body;
  std::unique_ptr<const engine::Grants> grants;       // null: it has no WASI
  std::unique_ptr<const engine::StoreLimits> limits;  // null: the engine's own
  RestartPolicy restart;
  // Of one call from outside the domain. Demands an engine that can be interrupted.
  std::optional<std::chrono::nanoseconds> call_timeout = {};
  DescribeFailure describe;

  [[nodiscard]] engine::StoreLimits limits_given() const {
    return limits ? *limits : engine::StoreLimits();
  }
};

// Whether the engine came to ask for the arguments of the call that failed.
enum class Entered : std::uint8_t { No, Yes };

class Domain final {
 public:
  Domain(Shared& shared, std::string name);
  Domain(const Domain&) = delete;
  Domain& operator=(const Domain&) = delete;
  ~Domain();

  // What it is made from. A domain that is not started begins its first life when it is called.
  void prepare(DomainParts parts);
  // Errors: run-grant, run-engine; the failure of a start function.
  [[nodiscard]] Result<void> start() { return begin_life(); }

  // Begins a life made from other parts, and returns the number of the one before, for `release`.
  // If that fails, the life before goes on. REQUIRES: it does not run. Errors: as `start`.
  [[nodiscard]] Result<std::uint64_t> swap(DomainParts parts);
  // Drops what the guests of a life that is over held, where it came from. Destructors may call.
  void release(std::uint64_t life);

  // Counts the swaps that changed what its component exports: what was found before is not to be
  // called. Changed with the tables of the composition locked, so that both tell one of it.
  [[nodiscard]] std::uint64_t exports() const { return exports_; }
  void change_exports() { ++exports_; }

  [[nodiscard]] const std::string& name() const { return name_; }
  // Also while it ends.
  [[nodiscard]] bool is_running() const { return running_ || ending_; }
  // Whether its engine supports concurrency.
  [[nodiscard]] bool is_concurrent() const {
    return parts_->engine->config().concurrency == engine::Concurrency::Yes;
  }
  [[nodiscard]] Shared& shared() { return shared_; }
  [[nodiscard]] const Shared& shared() const { return shared_; }
  [[nodiscard]] bool is_alive() const { return store_.has_value(); }
  // As it was made. Lifetime: that of what it is made from.
  [[nodiscard]] Body& body() { return *parts_->body; }
  // What it asked for and has no grant of; null: it has no WASI. Lifetime: until a swap.
  [[nodiscard]] const engine::Denials* denials() const {
    return parts_->grants ? parts_->grants->denials.get() : nullptr;
  }
  // Lifetime: this life's. REQUIRES: alive
  [[nodiscard]] engine::Store& store() { return *store_; }
  // Counts lives from 1. What belongs to an earlier one is stale.
  [[nodiscard]] std::uint64_t life() const { return life_; }
  // Lives that replaced one that ended.
  [[nodiscard]] std::uint64_t restarts() const { return restart_count_; }

  // Drops what its guest gave away, now or as soon as it does not run. A stale one is gone already.
  // Failures: the destructor's.
  [[nodiscard]] CallResult<void> drop(const engine::GuestResource& resource, std::uint64_t life);

  [[nodiscard]] CallResult<engine::CommandEnd> run_command(std::string_view interface);

  // Enters a body other than a component for one call. A failure ends the life.
  // name: of the function, for messages. bounds: of the call; null if it has none.
  // Failures: those of CallFailure; Reentrance if the domain is running.
  [[nodiscard]] CallResult<void> run(BodyCall& call, std::string_view unit, std::string_view name,
                                     const call::Bounds* bounds);

  // Ends the life: `failure` is what callers are told from now on. What its guests held is dropped
  // where it came from.
  void end(const CallFailure& failure);

  // For ExportedFunction, which enters the guest itself.

  // Whether it can be entered as it is.
  [[nodiscard]] bool is_ready() const { return !running_ && is_alive() && ActiveCall::has_room(); }
  // Why it cannot be entered, after a restart if it has one left; nothing: it can.
  [[nodiscard, gnu::cold]] std::optional<CallFailure> refuse();
  // Enters the guest by `enter`, which returns a Result<T, engine::Failure>.
  // bounds: of the call that enters; null: none. REQUIRES: `is_ready`
  template <class Enter>
  auto run_guest(const call::Bounds* bounds, Enter&& enter) {
    return run_guest(bounds, parts_->call_timeout, std::forward<Enter>(enter));
  }
  // A failure of the engine with the failures that guests below it brought along.
  [[nodiscard]] CallFailure describe(const engine::Failure& failure, Entered entered = Entered::No);
  // After a call: drops what had to wait until the guest no longer runs.
  void finish_drops() {
    if (!pending_drops_.empty()) drop_pending();
  }
  // REQUIRES: its body is a component's, and alive
  [[nodiscard]] engine::Instance& instance();
  // What ends the run in progress; null: nothing.
  [[nodiscard]] const call::Bounds* bounds() const { return bounds_ ? &*bounds_ : nullptr; }

 private:
  // What callers of a dead domain are told.
  [[nodiscard]] CallFailure ended() const;
  // What the caller is told whose call was to begin a life, which failed.
  [[nodiscard]] CallFailure failed_start() const;
  [[nodiscard]] Result<void> begin_life();
  template <class Enter>
  auto run_guest(const call::Bounds* bounds, const std::optional<std::chrono::nanoseconds>& timeout,
                 Enter&& enter) {
    if (bounds != nullptr || timeout || shared_.run_limit || shared_.interrupts)
      set_bounds(bounds, timeout);
    else
      bounds_.reset();
    std::optional<Ticker::Watch> watch;
    if (bounds_) watch.emplace(shared_.ticker);
    const ActiveCall active(*this, bounds_);
    running_ = true;
    auto result = enter();
    running_ = false;
    return result;
  }
  // Those of the enclosing call, or else of the run; or an earlier deadline `timeout` from now.
  void set_bounds(const call::Bounds* outer,
                  const std::optional<std::chrono::nanoseconds>& timeout);
  // Says which limits ended it, or may have.
  void add_limits(CallFailure& described, engine::FailureKind kind) const;
  // REQUIRES: alive, not running
  [[nodiscard]] CallResult<void> drop_now(const engine::GuestResource& resource);
  // Those of its life.
  void drop_pending();
  void forget_drops(std::uint64_t life);

  Shared& shared_;
  std::string name_;
  std::optional<DomainParts> parts_;
  std::uint64_t life_ = 0;
  std::uint64_t lives_ = 0;  // that began
  std::uint64_t exports_ = 0;
  bool running_ = false;
  std::optional<call::Bounds> bounds_;  // of the last run
  std::optional<engine::Store> store_;  // none: it has ended
  std::unique_ptr<const CallFailure> ended_by_;
  std::vector<std::chrono::steady_clock::time_point> restarts_;
  std::uint64_t restart_count_ = 0;
  // What has to wait until it does not run.
  struct PendingDrop {
    engine::GuestResource resource;
    std::uint64_t life = 0;
  };
  std::vector<PendingDrop> pending_drops_;
  std::uint64_t replaced_life_ = 0;  // in a swap, which may fail: it goes on then. Else 0
  bool ending_ = false;              // its life, and what its guests held
};

}  // namespace tenon::runtime
