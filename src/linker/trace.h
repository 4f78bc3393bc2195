// The trace of a composition: what bridged calls look like in text, for
// `BuildOptions::trace_calls`.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "linker/call_table.h"
#include "runtime/call_observer.h"
#include "runtime/domain.h"
#include "tenon/trace_call.h"

namespace tenon::linker {

class Trace final {
 public:
  // Lifetime: refers to all but `tell`.
  Trace(std::function<void(const TraceCall&)> tell, const runtime::Shared& shared,
        const std::vector<std::unique_ptr<runtime::Domain>>& domains)
      : tell_(std::move(tell)), shared_(shared), domains_(domains) {}
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;

  struct Names {
    std::string consumer;
    std::string provider;
    std::string interface;  // of the provider's export; empty: the function is one by itself
    std::string function;   // "write", "[method]account.close"
  };
  // Lifetime: refers to the trace.  REQUIRES: `calls.shape_of(function)` has a value
  [[nodiscard]] std::unique_ptr<runtime::CallObserver> observe(const Names& names, CallTable& calls,
                                                               types::FunctionId function);

 private:
  friend class TracedFunction;
  using Clock = std::chrono::steady_clock;

  // While one lives, the clock of the trace stands still.
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

  std::function<void(const TraceCall&)> tell_;
  const runtime::Shared& shared_;
  const std::vector<std::unique_ptr<runtime::Domain>>& domains_;
  Clock::duration spent_{};
  std::vector<TraceCall> open_;  // calls that have begun, innermost last
};

}  // namespace tenon::linker
