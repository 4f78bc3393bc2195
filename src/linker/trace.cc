#include "linker/trace.h"

#include <algorithm>
#include <utility>

#include "support/check.h"
#include "tenon/value_text.h"
#include "value/arena_value.h"
#include "value/cut_wave.h"

namespace tenon::linker {

namespace {

using runtime::ObservedValues;

constexpr std::size_t kTextBytes = 200;
constexpr std::size_t kListBytes = 64;
constexpr value::ReadBound kBound{kListBytes + 4};

// Handles by their numbers with who gives them.
class Seen final : public value::HandleExchange {
 public:
  explicit Seen(const std::vector<const runtime::ResourceKind*>& kinds) : kinds_(kinds) {}

  Result<abi::ResourceToken> give(const ValueHandle& handle, abi::HandlePart /*part*/) override {
    return handle.id;
  }
  ValueHandle take(abi::ResourceToken token, abi::HandlePart part,
                   const std::string& /*resource*/) override {
    ValueHandle handle;
    handle.resource = kinds_[part.number]->name;
    handle.id = token;
    return handle;
  }

 private:
  const std::vector<const runtime::ResourceKind*>& kinds_;
};

std::string print_arguments(const std::vector<Value>& values) {
  std::string text;
  for (const Value& value : values) {
    if (text.size() >= kTextBytes) return text.ends_with("...") ? text : text + "...";
    if (!text.empty()) text += ", ";
    text += value::print_cut_wave(
        value, {.all = kTextBytes - std::min(text.size(), kTextBytes), .list = kListBytes});
  }
  return text;
}

}  // namespace

class TracedFunction final : public runtime::CallObserver {
 public:
  TracedFunction(Trace& trace, const Trace::Names& names,
                 std::shared_ptr<const runtime::FunctionShape> shape, value::ValueProgram values)
      : trace_(trace),
        consumer_(names.consumer),
        provider_(names.provider),
        function_(print_call_name(names.interface, names.function)),
        shape_(std::move(shape)),
        values_(std::move(values)) {}

  void begin(engine::HostCall& call) override {
    {
      const Trace::Pause pause(trace_);
      TraceCall& traced = trace_.open_.emplace_back();
      traced.consumer = consumer_;
      traced.provider = provider_;
      traced.function = function_;
      traced.depth = static_cast<std::uint32_t>(trace_.open_.size() - 1);
      ObservedValues params = runtime::observe_params(shape_->program, call);
      traced.arguments = print(params, [&] {
        Seen seen(shape_->param_kinds);
        return print_arguments(values_.read_params(params.address, params.arena, seen, kBound));
      });
    }
    trace_.open_.back().start = trace_.now();
  }

  void see_result(engine::GuestSide& callee, const engine::FlatValue& flat) override {
    const Trace::Pause pause(trace_);
    ObservedValues result = runtime::observe_result(shape_->program, callee, flat);
    trace_.open_.back().result = print(result, [&] {
      Seen seen(shape_->result_kinds);
      const Value value = values_.read_result(result.address, result.arena, seen, kBound);
      return value::print_cut_wave(value, {.all = kTextBytes, .list = kListBytes});
    });
  }

  void end(const CallFailure* failure) override {
    const Trace::Pause pause(trace_);
    TENON_CHECK(!trace_.open_.empty());
    TraceCall call = std::move(trace_.open_.back());
    trace_.open_.pop_back();
    call.duration = trace_.now() - call.start;
    if (failure != nullptr)
      call.failure = *failure;
    else if (!shape_->program.layout().result)
      call.result = "()";
    call.handles = trace_.shared_.resources.size();
    for (const auto& domain : trace_.domains_) call.restarts += domain->restarts();
    trace_.tell_(call);
  }

 private:
  // `print_read`, if there is something to read.
  template <class PrintRead>
  std::string print(const ObservedValues& values, PrintRead&& print_read) {
    switch (values.state) {
      case ObservedValues::State::Read:
        trace_.open_.back().bytes += values.arena.bytes().size();
        return print_read();
      case ObservedValues::State::Bad:
        return "<bad>";
      case ObservedValues::State::TooLarge:
        return "<too large>";
    }
    return {};
  }

  Trace& trace_;
  std::string consumer_;
  std::string provider_;
  std::string function_;
  std::shared_ptr<const runtime::FunctionShape> shape_;
  value::ValueProgram values_;
};

std::unique_ptr<runtime::CallObserver> Trace::observe(const Names& names, CallTable& calls,
                                                      types::FunctionId function) {
  auto shape = calls.shape_of(function);
  TENON_CHECK(shape);
  value::ValueProgram values = value::ValueProgram::make(
      value::make_function_type(calls.graph(), function), (*shape)->program.layout());
  return std::make_unique<TracedFunction>(*this, names, *std::move(shape), std::move(values));
}

}  // namespace tenon::linker
