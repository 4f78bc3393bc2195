// The trace of a composition (`BuildOptions::trace_calls`): a wrapper around the callee of each
// edge between domains, which reports every call as text when it has ended.
//
// Values are read where they lie, before the callee or the caller takes them, and without touching
// their handles: a handle is shown by the number by which the side that gives it knows it. The time
// that printing takes does not count.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "call/call.h"
#include "call/value_form.h"
#include "runtime/domain.h"
#include "tenon/trace_call.h"

namespace tenon::runtime {

// Thread: that of the composition. Calls nest: one begins and ends within another.
class Trace final {
 public:
  // Lifetime: refers to all but `report`.
  Trace(std::function<void(const TraceCall&)> report, const Shared& shared,
        const std::vector<std::unique_ptr<Domain>>& domains)
      : report_(std::move(report)), shared_(shared), domains_(domains) {}
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;

 private:
  friend class TraceHook;
  using Clock = std::chrono::steady_clock;

  // The clock of the trace stands still while one of these lives.
  class Pause final {
   public:
    explicit Pause(Trace& trace) : trace_(trace) {}
    Pause(const Pause&) = delete;
    Pause& operator=(const Pause&) = delete;
    ~Pause() { trace_.spent_ += Clock::now() - begin_; }

   private:
    Trace& trace_;
    Clock::time_point begin_ = Clock::now();
  };
  [[nodiscard]] Clock::time_point now() const { return Clock::now() - spent_; }

  std::function<void(const TraceCall&)> report_;
  const Shared& shared_;
  const std::vector<std::unique_ptr<Domain>>& domains_;
  Clock::duration spent_{};
  std::vector<TraceCall> open_;  // calls that have begun, innermost last
};

// The names of an edge's function in a trace.
struct TraceNames {
  std::string consumer;
  std::string provider;
  std::string interface;  // of the provider's export; empty: a bare function
  std::string function;   // "write", "[method]account.close"
};

// A callee whose calls are traced.
class TracedCallee final : public call::Callee {
 public:
  // shape, values: of the function as the consumer has it. Lifetime: refers to `trace`.
  TracedCallee(Trace& trace, const TraceNames& names,
               std::shared_ptr<const call::FunctionShape> shape,
               std::shared_ptr<const call::ValueForm> values, std::unique_ptr<call::Callee> callee);

  void start(call::Call& call) override;

 private:
  friend class TraceHook;

  Trace& trace_;
  std::string consumer_;
  std::string provider_;
  std::string function_;
  std::shared_ptr<const call::FunctionShape> shape_;
  std::shared_ptr<const call::ValueForm> values_;
  std::unique_ptr<call::Callee> callee_;
};

}  // namespace tenon::runtime
