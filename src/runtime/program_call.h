// Calls by the C++ program, or by any other caller that is not a guest and has its values in an
// arena.
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
  // params: in `arena` or flat, with tokens of `shared.resources` as handles. flat_result: receives
  // the result, which must then be one flat value without handles. If null, the result replaces the
  // contents of the arena.
  ProgramCall(const call::FunctionShape& shape, Shared& shared, abi::ValueArena& arena,
              const abi::From& params, abi::FlatValue* flat_result = nullptr);

  // The following functions require that the call has ended.
  [[nodiscard]] bool is_success() const { return !failure_ && !broken_by_; }
  // The address of the result, if it is in the arena.
  [[nodiscard]] const std::optional<std::uint32_t>& result() const { return result_at_; }
  // function: its name, for messages. Failures: of the callee; BadCall (value-type, value-label,
  // value-handle, value-too-large) for parameters that cannot be passed. REQUIRES: not `is_success`
  [[nodiscard, gnu::cold]] CallFailure take_failure(const std::string& function);

  [[nodiscard]] const abi::From* params() override { return &params_; }

 private:
  Result<void, abi::AbiError> take_result(const abi::From& result) override;
  Result<void, abi::AbiError> take_arena(abi::ValueArena& arena, std::uint32_t address) override;
  void keep_break(const abi::AbiError& error) override { broken_by_.emplace(error); }
  void end(CallFailure* failure) override;

  Shared& shared_;
  abi::ValueArena& arena_;
  abi::From params_;
  abi::FlatValue* result_to_;
  std::optional<std::uint32_t> result_at_;
  std::optional<abi::AbiError> broken_by_;
  std::optional<CallFailure> failure_;
};

}  // namespace tenon::runtime
