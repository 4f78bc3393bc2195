// A call between guests of numbers and handles, each flat by itself on both sides: nothing of their
// memory is needed.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>

#include "abi/flat_types.h"
#include "runtime/domain.h"
#include "runtime/function_shape.h"
#include "runtime/handle_side.h"

namespace tenon::runtime {

class HandleCall final : public ValueCall {
 public:
  // Whether calls of a function are such.
  [[nodiscard]] static bool fits(const FunctionShape& shape) {
    return shape.program.is_flat_but_handles() &&
           shape.program.param_handles().size() <= kMaxHandles;
  }

  // REQUIRES: `fits(shape)`. Lifetime: does not own them.
  HandleCall(const FunctionShape& shape, Domain& caller, Domain& callee, engine::HostCall& call)
      : shape_(shape),
        callee_(callee),
        call_(call),
        transit_(caller.shared()),
        caller_(caller, call.caller(), transit_) {
    is_good_ = shape_.program.copy_params_but_handles(call.params(), std::span(params_));
  }

  // False: a number is wrong, and the call is not to be made.
  [[nodiscard]] bool is_good() const { return is_good_; }

  // Before the call: takes the handles from the caller. Of one that fails they are gone.
  Result<void, engine::CallError> take_params();
  // After one that went well.
  Result<void, engine::CallError> give_result();
  // What the caller did wrong, if that ended the call.
  [[nodiscard]] std::optional<engine::CallError> take_caller_error() {
    return std::move(caller_error_);
  }

  Result<void, engine::CallError> lower(engine::GuestSide& side,
                                        std::span<engine::FlatValue> params) override;
  Result<void, engine::CallError> lift(engine::GuestSide& side,
                                       std::span<const engine::FlatValue> result) override;
  [[nodiscard]] bool spares_callee() const override { return caller_error_.has_value(); }

 private:
  static constexpr std::size_t kMaxHandles = 4;

  const FunctionShape& shape_;
  Domain& callee_;
  engine::HostCall& call_;
  Transit transit_;
  HandleSide caller_;
  std::optional<engine::CallError> caller_error_;
  bool is_good_ = false;
  abi::ResourceToken result_ = 0;  // of a handle
  std::array<abi::ResourceToken, kMaxHandles> handles_;
  std::array<abi::FlatValue, abi::kMaxFlatParams> params_;
};

}  // namespace tenon::runtime
