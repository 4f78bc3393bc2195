#include "runtime/outside_call.h"

#include <array>
#include <span>
#include <utility>

#include "runtime/engine_guest.h"

namespace tenon::runtime {

namespace {

using abi::AbiError;
using engine::CallError;
using engine::FlatValue;

class ArenaCall final : public ValueCall {
 public:
  ArenaCall(const FunctionShape& shape, Domain& callee, abi::ValueArena& arena,
            std::uint32_t params)
      : shape_(shape), callee_(callee), arena_(arena), params_(params), transit_(callee.shared()) {}

  Result<void, CallError> lower(engine::GuestSide& side, std::span<FlatValue> params) override {
    EngineGuest callee(callee_, side, {}, shape_.param_kinds, transit_);
    const abi::To to = shape_.program.layout().has_spilled_params()
                           ? abi::To::allocated(callee, params)
                           : abi::To::flat(callee, params);
    Result<void, AbiError> copied =
        shape_.program.copy_params(abi::From::memory(arena_, params_), to);
    if (copied) return {};
    spares_callee_ =
        !callee.has_failed() && copied.error().kind != abi::AbiErrorKind::BadAllocation;
    return callee.take_error(copied.error());
  }

  Result<void, CallError> lift(engine::GuestSide& side, FlatValue result) override {
    EngineGuest callee(callee_, side, shape_.result_kinds, {}, transit_);
    const std::array flat = {result};
    const abi::From from = shape_.program.layout().has_spilled_result()
                               ? abi::From::memory(callee, result.u32())
                               : abi::From::flat(callee, flat);
    Result<std::uint32_t, AbiError> lifted = shape_.program.lift_result(from, arena_);
    if (!lifted) return callee.take_error(lifted.error());
    result_ = *lifted;
    return {};
  }

  [[nodiscard]] bool spares_callee() const override { return spares_callee_; }
  // After a call that succeeded.
  [[nodiscard]] std::optional<std::uint32_t> take_result() {
    transit_.give_to_program();
    return result_;
  }

 private:
  const FunctionShape& shape_;
  Domain& callee_;
  abi::ValueArena& arena_;
  std::uint32_t params_;
  Transit transit_;
  bool spares_callee_ = false;
  std::optional<std::uint32_t> result_;
};

}  // namespace

CallResult<std::optional<std::uint32_t>> call_with_arena(ExportedFunction& function,
                                                         const FunctionShape& shape,
                                                         abi::ValueArena& arena,
                                                         std::uint32_t params) {
  ArenaCall call(shape, function.domain(), arena, params);
  CallResult<void> called = function.call(call);
  if (!called) return std::move(called).error();
  return call.take_result();
}

}  // namespace tenon::runtime
