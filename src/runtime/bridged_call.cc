#include "runtime/bridged_call.h"

#include <array>
#include <utility>

#include "support/try.h"

namespace tenon::runtime {

namespace {

using abi::AbiError;
using abi::AbiErrorKind;
using engine::CallError;
using engine::FlatValue;

// Whether the side that takes values broke the copy.
bool blames_taker(const EngineGuest& taker, const AbiError& error) {
  return taker.has_failed() || error.kind == AbiErrorKind::BadAllocation;
}

}  // namespace

CallResult<void> BridgedCall::read_params() {
  const abi::From given = given_params();
  Result<std::uint32_t, AbiError> read = shape_.program.lift_params(given, read_params_.emplace());
  if (read) {
    read_params_at_ = *read;
    return {};
  }
  caller_error_.emplace(caller_.take_error(read.error()));
  CallFailure failure;
  failure.message = kBrokenOff;
  return failure;
}

Result<void, CallError> BridgedCall::lower(engine::GuestSide& side, std::span<FlatValue> params) {
  note_entered();
  has_params_ = shape_.program.copy_flat_params(call_.params(), params);
  if (has_params_) return {};
  EngineGuest callee(callee_, side, {}, param_kinds(), transit_there());
  std::optional<ForeignGuest> foreign;
  abi::Guest& taker = as_taken(callee, foreign);
  const abi::To to = shape_.program.layout().has_spilled_params()
                         ? abi::To::allocated(taker, params)
                         : abi::To::flat(taker, params);
  Result<void, AbiError> copied = shape_.program.copy_params(given_params(), to);
  if (copied) copied = callee.put_handles();
  has_params_ = copied.has_value();
  if (copied) return {};
  if (blames_taker(callee, copied.error())) return callee.take_error(copied.error());
  return blame_caller(copied.error());
}

Result<void, CallError> BridgedCall::lift(engine::GuestSide& side,
                                          std::span<const FlatValue> result) {
  if (shape_.program.copy_flat_result(result, call_.result())) return {};
  EngineGuest callee(callee_, side, result_kinds(), {}, transit_there());
  std::optional<ForeignGuest> foreign;
  abi::Guest& giver = as_taken(callee, foreign);
  const abi::From from = returned_values(shape_.program, giver, result);
  if (shape_.program.result_allocates() && !can_give_now()) {
    Result<std::uint32_t, AbiError> kept = shape_.program.lift_result(from, kept_.emplace());
    if (!kept) return callee.take_error(kept.error());
    kept_at_ = *kept;
    return {};
  }
  return give_result(from, &callee);
}

Result<void, CallError> BridgedCall::give_kept() {
  if (!kept_) return {};
  return give_result(abi::From::memory(*kept_, kept_at_), nullptr);
}

Result<void, CallError> BridgedCall::give_handles() {
  const Result<void, AbiError> given = caller_.put_handles();
  if (!given) return caller_.take_error(given.error());
  return {};
}

Result<void, CallError> BridgedCall::give_failure(const FailureValue& value,
                                                  std::string_view text) {
  TENON_TRY_VOID(take_params());
  Result<std::uint32_t, AbiError> written =
      write_failure(shape_.program.layout(), value, text, kept_.emplace());
  if (!written) return caller_.take_error(written.error());
  return give_result(abi::From::memory(*kept_, *written), nullptr);
}

abi::From BridgedCall::given_params() {
  if (read_params_) return abi::From::memory(*read_params_, read_params_at_);
  const auto address = call_.params_address();
  return address ? abi::From::memory(caller_, *address) : abi::From::flat(caller_, call_.params());
}

Result<void, CallError> BridgedCall::take_params() {
  if (has_params_ || read_params_ || shape_.param_kinds.empty()) return {};
  caller_.skip_lifted();
  abi::ValueArena scratch;
  const Result<std::uint32_t, AbiError> lifted =
      shape_.program.lift_params(given_params(), scratch);
  if (!lifted) return caller_.take_error(lifted.error());
  return {};
}

CallError BridgedCall::blame_caller(const AbiError& error) {
  caller_error_.emplace(caller_.take_error(error));
  return CallError::make(kBrokenOff);
}

Result<void, CallError> BridgedCall::give_result(const abi::From& from, EngineGuest* callee) {
  const abi::FunctionLayout& layout = shape_.program.layout();
  std::array<FlatValue, 1> flat = {};
  std::span<std::uint8_t> bytes;
  if (layout.has_spilled_result()) {
    auto given = call_.result_bytes(layout.layouts[*layout.result].size);
    if (!given) return std::move(given).error();
    bytes = *given;
  }
  const abi::To to =
      layout.has_spilled_result() ? abi::To::bytes(caller_, bytes) : abi::To::flat(caller_, flat);
  Result<void, AbiError> copied = shape_.program.copy_result(from, to);
  if (!copied && callee == nullptr) return caller_.take_error(copied.error());
  if (!copied && blames_taker(caller_, copied.error())) return blame_caller(copied.error());
  if (!copied) return callee->take_error(copied.error());
  if (!layout.has_spilled_result()) call_.set_result(flat[0]);
  return {};
}

}  // namespace tenon::runtime
