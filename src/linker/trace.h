// The trace of a composition: what calls from domain to domain look like in text, for
// `BuildOptions::trace_calls`. What sees them: traced_function.h, traced_import.h.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "runtime/domain.h"
#include "tenon/trace_call.h"
#include "tenon/value.h"

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

 private:
  friend class TracedCalls;
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

// The calls of one function, as who sees them tells of them. Lifetime: refers to the trace.
class TracedCalls final {
 public:
  TracedCalls(Trace& trace, const Trace::Names& names);

  // print: the text of the arguments; it adds what they take to the bytes that it is given.
  template <class Print>
  void begin(Print&& print) {
    {
      const Trace::Pause pause(trace_);
      TraceCall& call = open_one();
      call.arguments = print(call.bytes);
    }
    trace_.open_.back().start = trace_.now();
  }
  // The same for a result, unless the function has none.
  template <class Print>
  void see_result(Print&& print) {
    const Trace::Pause pause(trace_);
    TraceCall& call = trace_.open_.back();
    call.result = print(call.bytes);
  }
  // Tells the call. failure: null if the callee returned and the caller has the result.
  void end(const CallFailure* failure);

 private:
  TraceCall& open_one();

  Trace& trace_;
  std::string consumer_;
  std::string provider_;
  std::string function_;
};

// A list is cut after about so much text, so a bound of so many parts reads all that is shown.
inline constexpr std::size_t kTracedListBytes = 64;

// The failure of a call whose callee did nothing wrong.
inline constexpr const char* kNotTaken = "what was passed, or the result, could not be taken";

// As TraceCall shows them: cut where they are long.
[[nodiscard]] std::string print_traced(const Value& result);
[[nodiscard]] std::string print_traced_arguments(std::span<const Value> arguments);

}  // namespace tenon::linker
