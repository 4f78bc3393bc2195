#include "runtime/outside_call.h"

#include <fmt/core.h>

#include <array>
#include <span>
#include <utility>

#include "runtime/engine_guest.h"
#include "support/diagnostics.h"
#include "tenon/detail/call_port.h"

namespace tenon::runtime {

namespace {

using abi::AbiError;
using abi::AbiErrorKind;
using engine::CallError;
using engine::FlatValue;

class OutsideCall final : public ValueCall {
 public:
  OutsideCall(const FunctionShape& shape, Domain& callee, const OutsideValues& values)
      : shape_(shape), callee_(callee), values_(values), transit_(callee.shared()) {}

  Result<void, CallError> lower(engine::GuestSide& side, std::span<FlatValue> params) override {
    note_entered();
    EngineGuest callee(callee_, side, {}, shape_.param_kinds, transit_);
    const abi::To to = shape_.program.layout().has_spilled_params()
                           ? abi::To::allocated(callee, params)
                           : abi::To::flat(callee, params);
    Result<void, AbiError> copied = shape_.program.copy_params(values_.params, to);
    if (copied) copied = callee.put_handles();
    if (copied) return {};
    if (!callee.has_failed() && copied.error().kind != AbiErrorKind::BadAllocation)
      refused_ = copied.error();
    return callee.take_error(copied.error());
  }

  Result<void, CallError> lift(engine::GuestSide& side,
                               std::span<const FlatValue> result) override {
    if (values_.flat_result != nullptr &&
        shape_.program.copy_flat_result(result, std::span(values_.flat_result, 1)))
      return {};
    EngineGuest callee(callee_, side, shape_.result_kinds, {}, transit_);
    const abi::From from = returned_values(shape_.program, callee, result);
    if (values_.flat_result != nullptr) {
      const Result<void, AbiError> copied = shape_.program.copy_result(
          from, abi::To::flat(values_.arena, std::span(values_.flat_result, 1)));
      if (!copied) return callee.take_error(copied.error());
      return {};
    }
    // The guest has its params: the result may take all of the arena.
    values_.arena.clear();
    Result<std::uint32_t, AbiError> lifted = shape_.program.lift_result(from, values_.arena);
    if (!lifted) return callee.take_error(lifted.error());
    result_ = *lifted;
    return {};
  }

  [[nodiscard]] bool spares_callee() const override { return refused_.has_value(); }
  // What is wrong with the params.
  [[nodiscard]] const std::optional<AbiError>& refused() const { return refused_; }
  // After a call that succeeded.
  [[nodiscard]] std::optional<std::uint32_t> take_result() {
    transit_.give_to_program();
    return result_;
  }

 private:
  const FunctionShape& shape_;
  Domain& callee_;
  const OutsideValues& values_;
  Transit transit_;
  std::optional<AbiError> refused_;
  std::optional<std::uint32_t> result_;
};

Code code_of(AbiErrorKind kind) {
  switch (kind) {
    case AbiErrorKind::BadDiscriminant:
      return Code::ValueLabel;
    case AbiErrorKind::BadChar:
    case AbiErrorKind::BadText:
      return Code::ValueType;
    case AbiErrorKind::Guest:
      return Code::ValueHandle;
    case AbiErrorKind::TooLong:
    case AbiErrorKind::Limit:
      return Code::ValueTooLarge;
    case AbiErrorKind::OutOfBounds:
    case AbiErrorKind::Misaligned:
    case AbiErrorKind::BadAllocation:
    case AbiErrorKind::BadCall:
      break;
  }
  return Code::RunEngine;
}

CallFailure refuse(const AbiError& error, std::string function) {
  Diagnostic problem = make_diagnostic(code_of(error.kind), "{}", error.message);
  problem.where.item = fmt::format("${}{}", error.path.empty() ? "" : ".", error.path);
  return detail::refuse_call(std::move(function), {std::move(problem)});
}

CallResult<std::optional<std::uint32_t>> make_call(ExportedFunction& function,
                                                   const FunctionShape& shape,
                                                   const OutsideValues& values) {
  OutsideCall call(shape, function.domain(), values);
  CallResult<void> called = function.call(call);
  if (called) return call.take_result();
  if (call.refused()) return refuse(*call.refused(), function.name());
  return std::move(called).error();
}

}  // namespace

CallResult<std::optional<std::uint32_t>> call_from_outside(ExportedFunction& function,
                                                           const FunctionShape& shape,
                                                           const OutsideValues& values) {
  if (!function.domain().is_concurrent()) return make_call(function, shape, values);
  // An engine with concurrency does not leave a guest that it failed to give its params.
  abi::ValueArena read;
  const Result<std::uint32_t, AbiError> params = shape.program.lift_params(values.params, read);
  if (!params) return refuse(params.error(), function.name());
  return make_call(function, shape,
                   {.arena = values.arena,
                    .params = abi::From::memory(read, *params),
                    .flat_result = values.flat_result});
}

}  // namespace tenon::runtime
