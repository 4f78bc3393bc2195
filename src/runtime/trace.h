// The trace of a composition (`BuildOptions::trace_calls`): a wrapper around the callee of each
// edge between domains, which reports every call as text when it has ended.
//
// Values are read in place, before the callee or the caller takes them, and without lifting their
// handles; a handle is shown by the number that its side uses for it. The time that printing takes
// is not part of the reported durations.
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
#include "tenon/builder.h"

namespace tenon::runtime {

// How deep calls nest, and where they are reported. Thread: that of the composition.
class Trace final {
 public:
  // Lifetime: refers to `shared` and `domains`.
  Trace(std::function<void(const TraceCall&)> report, const Shared& shared,
        const std::vector<std::unique_ptr<Domain>>& domains)
      : report_(std::move(report)), shared_(shared), domains_(domains) {}
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;

 private:
  friend class TraceHook;
  friend class TracedCallee;
  using Clock = std::chrono::steady_clock;

  // Stops the clock of the trace for a scope.
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
  std::uint32_t depth_ = 0;  // the calls that a callee has not returned from
};

// The names of an edge's function in a trace.
struct TraceNames {
  std::string consumer;
  std::string provider;
  std::string interface;  // of the provider's export; empty for a function without an interface
  std::string function;   // "write", "[method]account.close"
};

// A callee whose calls are traced.
class TracedCallee final : public call::Callee {
 public:
  // shape, values: of the function, with the consumer's types. Lifetime: refers to `trace`.
  TracedCallee(Trace& trace, const TraceNames& names,
               std::shared_ptr<const call::FunctionShape> shape,
               std::shared_ptr<const call::ValueForm> values, std::unique_ptr<call::Callee> callee);

  void start(call::Call& call) override;

 private:
  friend class TraceHook;

  // Starts the callee. Calls that it makes meanwhile are one level deeper.
  void start_callee(call::Call& call);

  Trace& trace_;
  std::string consumer_;
  std::string provider_;
  std::string function_;
  std::shared_ptr<const call::FunctionShape> shape_;
  std::shared_ptr<const call::ValueForm> values_;
  std::unique_ptr<call::Callee> callee_;
};

}  // namespace tenon::runtime
