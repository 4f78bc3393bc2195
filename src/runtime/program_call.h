// Calls by the C++ program, or by any other caller that is not a guest and has its values in an
// arena.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "abi/value_arena.h"
#include "call/call.h"
#include "runtime/domain.h"

namespace tenon::runtime {

// Why a value of the program cannot be passed to a guest: value-type, value-label, value-handle,
// value-too-large.
[[nodiscard]] Diagnostic value_problem(const abi::AbiError& error);

class ProgramCall : public call::Call {
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

 protected:
  void end(CallFailure* failure) override;

 private:
  Result<void, abi::AbiError> take_result(const abi::From& result) override;
  Result<void, abi::AbiError> take_arena(abi::ValueArena& arena, std::uint32_t address) override;
  void keep_break(const abi::AbiError& error) override {
    broken_by_ = std::make_unique<const abi::AbiError>(error);
  }

  Shared& shared_;
  abi::ValueArena& arena_;
  abi::From params_;
  abi::FlatValue* result_to_;
  std::optional<std::uint32_t> result_at_;
  // Rare, and large.
  std::unique_ptr<const abi::AbiError> broken_by_;
  std::optional<CallFailure> failure_;  // no memory is needed for it when the call ends
};

// A call that can end after it was started.
class StartedCall final : public ProgramCall {
 public:
  // As ProgramCall; the result always replaces the contents of the arena. on_end: called once, when
  // the call ends, perhaps before `start` of the callee returns; it must not destroy this object.
  // Lifetime: refers to all arguments but `bounds`, which can be null.
  StartedCall(const call::FunctionShape& shape, Shared& shared, abi::ValueArena& arena,
              const abi::From& params, const call::Bounds* bounds, std::function<void()> on_end);
  // Cancels a call that has not ended: the callee runs on, and its result is dropped.
  ~StartedCall() override { abandon(); }

  [[nodiscard]] bool has_ended() const { return has_ended_; }
  // Ends the call before its callee does. Does nothing if it has ended.
  void cancel();

 private:
  void keep_hook(std::unique_ptr<call::CallHook> hook) override {
    hooks_.push_back(std::move(hook));
  }
  void end(CallFailure* failure) override;

  std::optional<call::Bounds> own_bounds_;
  std::function<void()> on_end_;
  bool has_ended_ = false;
  std::vector<std::unique_ptr<call::CallHook>> hooks_;
};

}  // namespace tenon::runtime
