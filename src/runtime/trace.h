// The trace of a composition (`BuildOptions::trace_calls` and `trace_streams`).
//
// A wrapper around the callee of each edge between domains reports every call as text when it has
// ended; and before, when `Callee::start` returns although the call has not ended. The streams that
// these functions pass have kinds that name the edge (StreamKind::options). Their channels count
// the items that pass, and report the totals when both ends are gone.
//
// Values are read in place, before the callee or the caller takes them, and without lifting their
// handles; a handle is shown by the number that its side uses for it, if it has one. The time that
// printing takes is not part of the reported durations.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "call/call.h"
#include "call/value_form.h"
#include "runtime/channel.h"
#include "runtime/domain.h"
#include "tenon/builder.h"

namespace tenon::runtime {

// The span that causes the calls of this thread while the scope lasts: that of a traced call, here or at a
// peer. The calls of a guest are caused by the call that it works for.
class TraceScope final {
 public:
  // peer: the name of the caller, if it is a peer. It applies to the first call only.
  // Lifetime: refers to `peer`.
  explicit TraceScope(const TraceContext& context, std::string_view peer = {})
      : outer_(std::exchange(this_thread, {context, peer})) {}
  TraceScope(const TraceScope&) = delete;
  TraceScope& operator=(const TraceScope&) = delete;
  ~TraceScope() { this_thread = outer_; }

  // Outside of all scopes, it has no span.
  [[nodiscard]] static const TraceContext& current() { return this_thread.context; }
  [[nodiscard]] static std::string_view peer() { return this_thread.peer; }

 private:
  struct Thread {
    TraceContext context;
    std::string_view peer;
  };
  static constinit thread_local Thread this_thread;

  Thread outer_;
};

// How deep calls nest, and where they are reported. Thread: that of the composition.
class Trace final {
 public:
  // Lifetime: refers to `shared` and `domains`; outlives the domains, and all channels end before.
  Trace(const BuildOptions& options, Shared& shared,
        const std::vector<std::unique_ptr<Domain>>& domains)
      : report_call_(options.trace_calls),
        report_stream_(options.trace_streams),
        parent_(options.trace_parent),
        shared_(shared),
        domains_(domains) {
    shared_.trace = this;
  }
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;
  ~Trace() { shared_.trace = nullptr; }

  [[nodiscard]] bool has_calls() const { return report_call_ != nullptr; }
  [[nodiscard]] bool has_streams() const { return report_stream_ != nullptr; }

 private:
  friend class StreamTrace;
  friend class TraceHook;
  friend class TracedCallee;
  friend class TracedRequest;
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
  // While nothing is measured, the clock catches up with the real one, so that the times of several
  // processes agree.
  class Measure final {
   public:
    explicit Measure(Trace& trace) : trace_(trace) {
      if (trace_.open_++ == 0) trace_.spent_ = {};
    }
    Measure(const Measure&) = delete;
    Measure& operator=(const Measure&) = delete;
    ~Measure() { --trace_.open_; }

   private:
    Trace& trace_;
  };
  [[nodiscard]] Clock::time_point now() const { return Clock::now() - spent_; }
  // Sets the members that say when and where a call was reported, and reports it.
  void report(TraceCall& call, TraceCall::Event event);

  std::function<void(const TraceCall&)> report_call_;      // empty: calls are not traced
  std::function<void(const TraceStream&)> report_stream_;  // the same for streams
  TraceContext parent_;                                    // of calls that no traced call causes
  Shared& shared_;
  const std::vector<std::unique_ptr<Domain>>& domains_;
  Clock::duration spent_{};

  std::uint64_t open_ = 0;       // calls and streams that are measured
  std::uint32_t depth_ = 0;      // the calls that a callee has not returned from
  std::uint64_t suspended_ = 0;  // the number of suspended calls so far
  std::uint64_t streams_ = 0;    // and of streams
};

// A function of an edge, with the names of TraceCall.
struct TracedEdge {
  TraceCall::Side side = TraceCall::Side::Both;
  std::string consumer;  // empty: a peer
  std::string provider;
  std::string function;
};

// An HTTP request, which is reported as a call of its handler.
class TracedRequest final {
 public:
  // cause: of the client; without a span if it gave none. text: the method and the target.
  // REQUIRES: the trace has calls. Lifetime: refers to `trace`.
  TracedRequest(Trace& trace, const TraceContext& cause, TracedEdge edge, std::string text);
  TracedRequest(const TracedRequest&) = delete;
  TracedRequest& operator=(const TracedRequest&) = delete;

  // The cause of what its handler calls.
  [[nodiscard]] const TraceContext& context() const { return traced_.context; }
  // failure: null if it was answered.
  void end(const CallFailure* failure);

 private:
  Trace& trace_;
  const Trace::Measure measure_{trace_};
  TraceCall traced_;
};

// Counts what passes a stream, and reports it at its own end.
class StreamTrace final {
 public:
  // REQUIRES: the trace has streams, and the kind an edge. Lifetime: refers to `trace`
  StreamTrace(Trace& trace, const StreamKind& kind);
  StreamTrace(const StreamTrace&) = delete;
  StreamTrace& operator=(const StreamTrace&) = delete;
  ~StreamTrace();

  void add_items(std::size_t count, std::size_t bytes) {
    stream_.items += count;
    stream_.bytes += bytes;
  }
  // A write counts once, however often it waits.
  void note_writer_waits() {
    if (!std::exchange(is_writer_waiting_, true)) ++stream_.write_waits;
  }
  void end_write() { is_writer_waiting_ = false; }
  void note_reader_waits() { ++stream_.read_waits; }
  // There is nothing to report.
  void discard() { is_discarded_ = true; }

 private:
  Trace& trace_;
  const Trace::Measure measure_{trace_};
  TraceStream stream_;
  bool is_writer_waiting_ = false;
  bool is_discarded_ = false;
};

// A callee whose calls are traced.
class TracedCallee final : public call::Callee {
 public:
  // shape, values: of the function, with the consumer's types. REQUIRES: the trace has calls.
  // Lifetime: refers to `trace`.
  TracedCallee(Trace& trace, std::shared_ptr<const TracedEdge> edge,
               std::shared_ptr<const call::FunctionShape> shape,
               std::shared_ptr<const call::ValueForm> values, std::unique_ptr<call::Callee> callee);

  void start(call::Call& call) override;

 private:
  friend class TraceHook;

  // Starts the callee within `context`. Calls that it makes meanwhile are one level deeper.
  void start_callee(call::Call& call, const TraceContext& context);

  Trace& trace_;
  std::shared_ptr<const TracedEdge> edge_;
  std::shared_ptr<const call::FunctionShape> shape_;
  std::shared_ptr<const call::ValueForm> values_;
  std::unique_ptr<call::Callee> callee_;
};

}  // namespace tenon::runtime
