#include "runtime/trace.h"

#include <algorithm>
#include <span>
#include <utility>

#include "runtime/observer.h"
#include "support/counted.h"
#include "tenon/value.h"
#include "value/print_wave.h"

namespace tenon::runtime {

namespace {

using abi::AbiError;
using abi::AbiErrorKind;

// The length of the text for all arguments or the result, and for each list or string in it.
constexpr std::size_t kTextBytes = 200;
constexpr std::size_t kListBytes = 64;
// Reads enough elements of a list for that text.
constexpr call::ReadBound kBound{kListBytes + 4};

std::string print(const Value& result) {
  return value::print_cut_wave(result, {.all = kTextBytes, .list = kListBytes});
}

std::string print(std::span<const Value> arguments) {
  std::string text;
  for (const Value& value : arguments) {
    if (text.size() >= kTextBytes) return text.ends_with("...") ? text : text + "...";
    if (!text.empty()) text += ", ";
    text += value::print_cut_wave(
        value, {.all = kTextBytes - std::min(text.size(), kTextBytes), .list = kListBytes});
  }
  return text;
}

const char* describe_unread(const AbiError& error) {
  return error.kind == AbiErrorKind::Limit ? "<too large>" : "<bad>";
}

}  // namespace

constinit thread_local TraceScope::Thread TraceScope::this_thread;

class TraceHook final : public call::CallHook {
 public:
  explicit TraceHook(const TracedCallee& callee) : callee_(callee), trace_(callee.trace_) {}
  // The caller drops its call. The callee of the hook may be gone.
  ~TraceHook() override {
    if (has_ended_ != nullptr) *has_ended_ = true;
    if (traced_.event == TraceCall::Event::Suspended) report(TraceCall::Event::Dropped);
  }

  void begin(call::Call& call) {
    {
      const Trace::Pause pause(trace_);
      const TraceContext& cause =
          TraceScope::current().span == 0 && callee_.edge_->side != TraceCall::Side::Server
              ? trace_.parent_
              : TraceScope::current();
      traced_.context = TraceContext::make(cause.trace);
      traced_.parent = cause.span;
      traced_.side = callee_.edge_->side;
      traced_.consumer = callee_.edge_->consumer.empty() ? std::string(TraceScope::peer())
                                                         : callee_.edge_->consumer;
      traced_.provider = callee_.edge_->provider;
      traced_.function = callee_.edge_->function;
      traced_.depth = trace_.depth_;
      const abi::From* const params = call.params();
      traced_.arguments = params == nullptr ? "<bad>" : print_params(*params, traced_.bytes);
    }
    traced_.start = trace_.now();
  }

  [[nodiscard]] const TraceContext& context() const { return traced_.context; }

  // has_ended: becomes true at the end of the call. Lifetime: until then, or until `suspend`.
  void watch(bool& has_ended) { has_ended_ = &has_ended; }
  // The caller goes on before the call has ended.
  void suspend() {
    has_ended_ = nullptr;
    traced_.number = ++trace_.suspended_;
    report(TraceCall::Event::Suspended);
  }

  void see_result(const abi::From& result) override {
    const Trace::Pause pause(trace_);
    traced_.result = print_result(result, traced_.bytes);
  }

  void change_outcome(call::Call& /*call*/, CallResult<void>& outcome) override {
    if (!outcome) traced_.failure = outcome.error();
  }

  void see_end(call::Call& call) override {
    if (has_ended_ != nullptr) *std::exchange(has_ended_, nullptr) = true;
    if (const auto result = call.passed_result()) see_result(*result);
    if (call.is_broken_off() && !traced_.failure)
      traced_.failure.emplace().message =
          "the caller passed malformed values or could not take the result";
    if (!traced_.failure && traced_.result.empty()) traced_.result = "()";
    report(TraceCall::Event::Ended);
  }

 private:
  void report(TraceCall::Event event) { trace_.report(traced_, event); }

  std::string print_params(const abi::From& params, std::uint64_t& bytes) const {
    const auto values =
        Observer(*callee_.shape_, *callee_.values_).read_params(params, bytes, kBound);
    return values ? print(*values) : describe_unread(values.error());
  }

  std::string print_result(const abi::From& result, std::uint64_t& bytes) const {
    const auto value =
        Observer(*callee_.shape_, *callee_.values_).read_result(result, bytes, kBound);
    return value ? print(*value) : describe_unread(value.error());
  }

  const TracedCallee& callee_;
  Trace& trace_;
  const Trace::Measure measure_{trace_};
  TraceCall traced_;
  bool* has_ended_ = nullptr;
};

TracedCallee::TracedCallee(Trace& trace, std::shared_ptr<const TracedEdge> edge,
                           std::shared_ptr<const call::FunctionShape> shape,
                           std::shared_ptr<const call::ValueForm> values,
                           std::unique_ptr<call::Callee> callee)
    : trace_(trace),
      edge_(std::move(edge)),
      shape_(std::move(shape)),
      values_(std::move(values)),
      callee_(std::move(callee)) {}

void TracedCallee::start(call::Call& call) {
  if (call.ends_later()) {
    auto owned = std::make_unique<TraceHook>(*this);
    TraceHook& hook = *owned;
    bool has_ended = false;
    hook.begin(call);
    hook.watch(has_ended);
    call.add_hook(std::move(owned));
    start_callee(call, hook.context());
    // A call that has ended may be gone.
    if (!has_ended) hook.suspend();
    return;
  }
  TraceHook hook(*this);
  hook.begin(call);
  call.add_hook(hook);
  start_callee(call, hook.context());
}

void Trace::report(TraceCall& call, TraceCall::Event event) {
  const Pause pause(*this);
  call.event = event;
  call.duration = now() - call.start;
  call.handles = shared_.resources.size();
  call.restarts = 0;
  call.left_behind = 0;
  for (const auto& domain : domains_) {
    call.restarts += domain->restarts();
    call.left_behind += domain->calls().count_unawaited();
  }
  report_call_(call);
}

TracedRequest::TracedRequest(Trace& trace, const TraceContext& cause, TracedEdge edge,
                             std::string text)
    : trace_(trace) {
  traced_.context = TraceContext::make(cause.trace);
  traced_.parent = cause.span;
  traced_.side = edge.side;
  traced_.consumer = std::move(edge.consumer);
  traced_.provider = std::move(edge.provider);
  traced_.function = std::move(edge.function);
  traced_.arguments = std::move(text);
  traced_.start = trace.now();
}

void TracedRequest::end(const CallFailure* failure) {
  if (failure == nullptr)
    traced_.result = "()";
  else
    traced_.failure = *failure;
  trace_.report(traced_, TraceCall::Event::Ended);
}

StreamTrace::StreamTrace(Trace& trace, const StreamKind& kind) : trace_(trace) {
  const TracedEdge& edge = *kind.options.edge;
  stream_.number = ++trace_.streams_;
  stream_.consumer = edge.consumer;
  stream_.provider = edge.provider;
  stream_.function = edge.function;
  stream_.type = kind.handle.name;
  stream_.start = trace_.now();
}

StreamTrace::~StreamTrace() {
  if (is_discarded_) return;
  const Trace::Pause pause(trace_);
  stream_.duration = trace_.now() - stream_.start;
  trace_.report_stream_(stream_);
}

void TracedCallee::start_callee(call::Call& call, const TraceContext& context) {
  const TraceScope scope(context);
  const Counted inner(trace_.depth_);
  callee_->start(call);
}

}  // namespace tenon::runtime
