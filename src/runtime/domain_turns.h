// Who takes the turns of a domain: its event loop, or the queue of calls that wait for it.
//
// For the sources of Domain alone.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "call/bounds.h"
#include "engine/event_loop.h"
#include "runtime/domain.h"
#include "runtime/scheduler.h"
#include "support/try.h"

namespace tenon::runtime {

// The calls of a domain that have not ended. There can be thousands, so nothing that happens often may
// iterate over all of them.
class CallList final {
 public:
  using CallPtr = std::unique_ptr<CallInProgress>;

  [[nodiscard]] std::span<const CallPtr> all() const { return all_; }
  void add(CallPtr call);
  // Null if it was taken.
  CallPtr remove(CallInProgress& call);
  [[nodiscard]] std::vector<CallPtr> take();

  // The bounds with the first deadline, or else any; null if no call has bounds.
  [[nodiscard]] const call::Bounds* first_bounds() const;
  // As for TurnTaker. interrupts: how often calls of the composition have been interrupted.
  std::optional<call::Clock::time_point> end_late_waits(std::uint64_t interrupts);

 private:
  using AtDeadline = std::pair<call::Clock::time_point, CallInProgress*>;

  std::vector<CallPtr> all_;
  std::set<AtDeadline> deadlines_;
  std::size_t bounded_ = 0;       // that had bounds when they were added
  std::uint64_t interrupts_ = 0;  // at the last `end_late_waits`
};

// Takes the turns of a domain.
class Domain::Turns : public TurnTaker {
 public:
  using TurnTaker::begin_turn;

  explicit Turns(Domain& domain) : TurnTaker(domain.shared_.scheduler), domain_(domain) {
    set_place(domain.place());
  }

  [[nodiscard]] const GuestThread* turned_by() const override { return domain_.entered_by_; }

  std::optional<call::Clock::time_point> end_late_waits() override {
    const auto& interrupts = domain_.shared_.interrupts;
    return calls.end_late_waits(interrupts ? interrupts->load(std::memory_order_relaxed) : 0);
  }

  CallList calls;

 protected:
  [[nodiscard]] Domain& domain() const { return domain_; }

 private:
  Domain& domain_;
};

// The event loop of one life of a concurrent domain.
class Domain::Loop final : public Turns {
 public:
  using Turns::Turns;

  [[nodiscard]] Result<void, engine::Failure> begin(engine::Store& store) {
    TENON_TRY(engine::EventLoop begun, engine::EventLoop::begin(store, [this] { wake(); }));
    loop.emplace(std::move(begun));
    return {};
  }

  // The bounds of a turn.
  [[nodiscard]] const call::Bounds* bounds() const { return calls.first_bounds(); }

  // Not that of the current life: it waits, while a Replacement exists.
  [[nodiscard]] bool is_parked() const { return domain().loop_.get() != this; }
  void turn() override {
    if (is_parked()) return begin_turn();
    domain().turn();
  }
  [[nodiscard]] bool is_idle() override {
    if (is_parked()) return true;
    // Its guests wait for other domains, for the program or for bundles. The engine would take these
    // waits for something that can happen at any time.
    if (!domain().has_wasi()) return true;
    const Scheduler::Turn in_turn;
    const auto idle = domain().run_guest(bounds(), std::nullopt, [&] { return loop->is_idle(); });
    if (idle) return *idle;
    domain().end_after_turn(idle.error());
    return false;
  }

  std::unordered_map<const call::FunctionShape*, std::unique_ptr<engine::ResultReader>> readers;
  std::optional<engine::EventLoop> loop;
};

// Queued calls. They wait until a domain without async code is free, or until the end of a `Drained`.
// One turn is one call.
class Domain::Queue final : public Turns {
 public:
  using Turns::Turns;

  void add(std::unique_ptr<QueuedCall> call) {
    waiting_.push_back(call.get());
    calls.add(std::move(call));
    wake();
  }

  void turn() override {
    begin_turn();
    // At its end, a `Drained` wakes the queue, and so does a life that is for one call.
    if (waiting_.empty() || domain().holds_calls()) return;
    QueuedCall& call = *waiting_.front();
    waiting_.pop_front();
    {
      const RunLength length(domain());
      (void)calls.remove(call).release();
      call.run(std::unique_ptr<QueuedCall>(&call));
    }
    if (!waiting_.empty()) wake();
    domain().shared_.scheduler.note_turn();
  }
  [[nodiscard]] bool is_idle() override { return true; }

 private:
  std::deque<QueuedCall*> waiting_;  // of `calls`
};

}  // namespace tenon::runtime
