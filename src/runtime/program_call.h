// A call that the C++ program makes, or any other caller outside of all guests whose values lie in
// an arena.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "abi/value_arena.h"
#include "call/call.h"
#include "runtime/domain.h"

namespace tenon::runtime {

class ProgramCall final : public call::Call {
 public:
  // params: in `arena` or flat; tokens of `shared` stand for handles. The result goes into the
  // arena, whose contents are gone then; or, if it is one flat value without handles and
  // `flat_result` is not null, there.
  ProgramCall(const call::FunctionShape& shape, Shared& shared, abi::ValueArena& arena,
              const abi::From& params, abi::FlatValue* flat_result = nullptr);

  // When the call has ended.
  [[nodiscard]] bool is_success() const { return !failure_ && !broken_by_; }
  // The address of the result in the arena, if it went there.
  [[nodiscard]] const std::optional<std::uint32_t>& result() const { return result_at_; }
  // function: for people. Failures: of the callee; BadCall (value-type, value-label, value-handle,
  // value-too-large) for parameters that it cannot be passed.  REQUIRES: not `is_success`
  [[nodiscard, gnu::cold]] CallFailure take_failure(const std::string& function);

  [[nodiscard]] const abi::From* params() override { return &params_; }

 private:
  Result<void, abi::AbiError> take_result(const abi::From& result) override;
  void keep_break(const abi::AbiError& error) override { broken_by_.emplace(error); }
  void end(CallResult<void> outcome) override;

  Shared& shared_;
  abi::ValueArena& arena_;
  abi::From params_;
  abi::FlatValue* result_to_;
  std::optional<std::uint32_t> result_at_;
  std::optional<abi::AbiError> broken_by_;
  std::optional<CallFailure> failure_;
};

}  // namespace tenon::runtime
