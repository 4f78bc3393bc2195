#include "linker/trace.h"

#include <algorithm>
#include <utility>

#include "support/check.h"
#include "tenon/value_text.h"
#include "value/cut_wave.h"

namespace tenon::linker {

namespace {

constexpr std::size_t kTextBytes = 200;

}  // namespace

TracedCalls::TracedCalls(Trace& trace, const Trace::Names& names)
    : trace_(trace),
      consumer_(names.consumer),
      provider_(names.provider),
      function_(print_call_name(names.interface, names.function)) {}

TraceCall& TracedCalls::open_one() {
  TraceCall& call = trace_.open_.emplace_back();
  call.consumer = consumer_;
  call.provider = provider_;
  call.function = function_;
  call.depth = static_cast<std::uint32_t>(trace_.open_.size() - 1);
  return call;
}

void TracedCalls::end(const CallFailure* failure) {
  const Trace::Pause pause(trace_);
  TENON_CHECK(!trace_.open_.empty());
  TraceCall call = std::move(trace_.open_.back());
  trace_.open_.pop_back();
  call.duration = trace_.now() - call.start;
  if (failure != nullptr)
    call.failure = *failure;
  else if (call.result.empty())
    call.result = "()";
  call.handles = trace_.shared_.resources.size();
  for (const auto& domain : trace_.domains_) call.restarts += domain->restarts();
  trace_.tell_(call);
}

std::string print_traced(const Value& result) {
  return value::print_cut_wave(result, {.all = kTextBytes, .list = kTracedListBytes});
}

std::string print_traced_arguments(std::span<const Value> arguments) {
  std::string text;
  for (const Value& value : arguments) {
    if (text.size() >= kTextBytes) return text.ends_with("...") ? text : text + "...";
    if (!text.empty()) text += ", ";
    text += value::print_cut_wave(
        value, {.all = kTextBytes - std::min(text.size(), kTextBytes), .list = kTracedListBytes});
  }
  return text;
}

}  // namespace tenon::linker
