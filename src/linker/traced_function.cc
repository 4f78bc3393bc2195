#include "linker/traced_function.h"

#include <string>
#include <vector>

#include "support/check.h"

namespace tenon::linker {

namespace {

using runtime::ObservedValues;

constexpr value::ReadBound kBound{kTracedListBytes + 4};

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

// `print_read`, if there is something to read.
template <class PrintRead>
std::string print(const ObservedValues& values, std::uint64_t& bytes, PrintRead&& print_read) {
  switch (values.state) {
    case ObservedValues::State::Read:
      bytes += values.arena.bytes().size();
      return print_read();
    case ObservedValues::State::Bad:
      return "<bad>";
    case ObservedValues::State::TooLarge:
      return "<too large>";
  }
  return {};
}

std::shared_ptr<const runtime::FunctionShape> get_shape(CallTable& calls,
                                                        types::FunctionId function) {
  auto shape = calls.shape_of(function);
  TENON_CHECK(shape);
  return *std::move(shape);
}

}  // namespace

TracedFunction::TracedFunction(Trace& trace, const Trace::Names& names, CallTable& calls,
                               types::FunctionId function)
    : calls_(trace, names),
      shape_(get_shape(calls, function)),
      values_(value::ValueProgram::make(value::make_function_type(calls.graph(), function),
                                        shape_->program.layout())) {}

void TracedFunction::begin(engine::HostCall& call) {
  calls_.begin([&](std::uint64_t& bytes) {
    ObservedValues params = runtime::observe_params(shape_->program, call);
    return print(params, bytes, [&] {
      Seen seen(shape_->param_kinds);
      return print_traced_arguments(
          values_.read_params(params.address, params.arena, seen, kBound));
    });
  });
}

void TracedFunction::see_result(engine::GuestSide& callee,
                                std::span<const engine::FlatValue> flat) {
  calls_.see_result([&](std::uint64_t& bytes) {
    ObservedValues result = runtime::observe_result(shape_->program, callee, flat);
    return print(result, bytes, [&] {
      Seen seen(shape_->result_kinds);
      return print_traced(values_.read_result(result.address, result.arena, seen, kBound));
    });
  });
}

void TracedFunction::see_value(const Value& result, std::uint64_t bytes) {
  calls_.see_result([&](std::uint64_t& sum) {
    sum += bytes;
    return print_traced(result);
  });
}

}  // namespace tenon::linker
