// Who takes the turns of a domain: its event loop, or the queue of calls that wait for it.
//
// For the sources of Domain alone.
#pragma once

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "call/bounds.h"
#include "engine/event_loop.h"
#include "runtime/domain.h"
#include "runtime/scheduler.h"
#include "support/try.h"

namespace tenon::runtime {

// Takes the turns of a domain.
class Domain::Turns : public TurnTaker {
 public:
  using TurnTaker::begin_turn;

  explicit Turns(Domain& domain) : TurnTaker(domain.shared_.scheduler), domain_(domain) {
    set_place(domain.place());
  }

  [[nodiscard]] const GuestThread* turned_by() const override { return domain_.entered_by_; }

  std::optional<call::Clock::time_point> end_late_waits() override {
    std::optional<call::Clock::time_point> first;
    for (std::size_t i = 0; i < calls.size(); ++i) {
      const call::Bounds* const own = calls[i]->bounds();
      if (own == nullptr) continue;
      if (own->are_reached())
        calls[i]->end_wait();
      else if (own->deadline && (!first || own->deadline->at < *first))
        first = own->deadline->at;
    }
    return first;
  }

  std::vector<CallInProgress*> calls;

 protected:
  [[nodiscard]] Domain& domain() { return domain_; }

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

  // The bounds of a turn: those of the call in progress whose deadline is the first.
  [[nodiscard]] const call::Bounds* bounds() const {
    const call::Bounds* first = nullptr;
    for (const CallInProgress* const call : calls) {
      const call::Bounds* const next = call->bounds();
      if (next == nullptr) continue;
      const bool is_earlier = first == nullptr || !first->deadline ||
                              (next->deadline && next->deadline->at < first->deadline->at);
      if (is_earlier) first = next;
    }
    return first;
  }

  void turn() override { domain().turn(); }
  [[nodiscard]] bool is_idle() override {
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

// The calls that wait until a domain without async code is free. One turn is one call.
class Domain::Queue final : public Turns {
 public:
  using Turns::Turns;

  void add(QueuedCall& call) {
    waiting_.push_back(&call);
    calls.push_back(&call.in_progress());
    wake();
  }

  void turn() override {
    begin_turn();
    if (waiting_.empty()) return;
    QueuedCall& call = *waiting_.front();
    waiting_.pop_front();
    {
      const RunLength length(domain());
      std::erase(calls, &call.in_progress());
      call.run();
    }
    if (!waiting_.empty()) wake();
    domain().shared_.scheduler.note_turn();
  }
  [[nodiscard]] bool is_idle() override { return true; }

 private:
  std::deque<QueuedCall*> waiting_;
};

}  // namespace tenon::runtime
