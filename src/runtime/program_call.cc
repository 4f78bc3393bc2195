#include "runtime/program_call.h"

#include <fmt/core.h>

#include <span>
#include <utility>

#include "support/diagnostics.h"
#include "support/try.h"
#include "tenon/detail/call_port.h"

namespace tenon::runtime {

namespace {

using abi::AbiError;
using abi::AbiErrorKind;

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

// The program becomes the holder of the handles in a result.
void hold_result(const abi::ValueArena& arena, Shared& shared) {
  for (const std::optional<abi::ResourceToken>& token : arena.resources()) {
    HeldResource* const held = token ? shared.resources.find(*token) : nullptr;
    if (held != nullptr && held->holder.who == Holder::Who::Call)
      held->holder = {Holder::Who::Program};
  }
}

abi::FlatOutput output_of(abi::FlatValue* value) {
  if (value == nullptr) return {};
  return std::span(value, 1);
}

}  // namespace

Diagnostic value_problem(const AbiError& error) {
  Diagnostic problem = make_diagnostic(code_of(error.kind), "{}", error.message);
  problem.where.item = fmt::format("${}{}", error.path.empty() ? "" : ".", error.path);
  return problem;
}

ProgramCall::ProgramCall(const call::FunctionShape& shape, Shared& shared, abi::ValueArena& arena,
                         const abi::From& params, abi::FlatValue* flat_result)
    : Call(shape, params.flat_values, output_of(flat_result), ActiveCall::innermost_bounds()),
      shared_(shared),
      arena_(arena),
      params_(params),
      result_to_(flat_result) {}

Result<void, AbiError> ProgramCall::take_result(const abi::From& result) {
  const abi::CopyProgram& program = shape().program;
  if (result_to_ != nullptr)
    return program.copy_result(result, abi::To::flat(arena_, std::span(result_to_, 1)));
  // The callee has read the parameters, so the result can use the whole arena.
  arena_.clear();
  TENON_TRY(result_at_, program.lift_result(result, arena_));
  return {};
}

Result<void, AbiError> ProgramCall::take_arena(abi::ValueArena& arena, std::uint32_t address) {
  if (result_to_ != nullptr) return take_result(abi::From::memory(arena, address));
  std::swap(arena_, arena);
  result_at_ = address;
  return {};
}

void ProgramCall::end(CallFailure* failure) {
  if (failure != nullptr) {
    failure_ = std::move(*failure);
    return;
  }
  if (result_at_ && !broken_by_) hold_result(arena_, shared_);
}

CallFailure ProgramCall::take_failure(const std::string& function) {
  if (broken_by_) return detail::refuse_call(function, {value_problem(*broken_by_)});
  return *std::move(failure_);
}

StartedCall::StartedCall(const call::FunctionShape& shape, Shared& shared, abi::ValueArena& arena,
                         const abi::From& params, const call::Bounds* bounds,
                         std::function<void()> on_end)
    : ProgramCall(shape, shared, arena, params), on_end_(std::move(on_end)) {
  // The call can outlive the one that encloses it.
  if (bounds != nullptr) own_bounds_.emplace(shared.make_bounds(bounds, std::nullopt, {}));
  end_later(own_bounds_ ? &*own_bounds_ : nullptr);
}

void StartedCall::end(CallFailure* failure) {
  if (has_ended_) return;
  has_ended_ = true;
  ProgramCall::end(failure);
  on_end_();
}

void StartedCall::cancel() {
  if (has_ended_) return;
  CallFailure cancelled = make_failure(CallFailure::Kind::Interrupted, "the call was cancelled");
  abandon();
  end(&cancelled);
}

}  // namespace tenon::runtime
