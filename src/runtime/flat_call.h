// A call of numbers alone: nothing of who gives them is needed but them.
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "abi/copy_program.h"
#include "abi/flat_types.h"
#include "runtime/domain.h"

namespace tenon::runtime {

class FlatCall final : public ValueCall {
 public:
  // REQUIRES: `program.is_flat()`; the places of params and result, and all else, live as long.
  FlatCall(const abi::CopyProgram& program, Domain& callee, const abi::FlatInput& params,
           const abi::FlatOutput& result)
      : program_(program), callee_(callee), result_(result) {
    is_good_ = program.copy_flat_params(params, std::span(params_));
  }

  // False: a number is wrong, and the call is not to be made.
  [[nodiscard]] bool is_good() const { return is_good_; }

  Result<void, engine::CallError> lower(engine::GuestSide& /*callee*/,
                                        std::span<engine::FlatValue> params) override {
    note_entered();
    for (std::size_t i = 0; i < params.size(); ++i) params[i].bits = params_[i];
    return {};
  }

  Result<void, engine::CallError> lift(engine::GuestSide& callee,
                                       const engine::FlatValue& result) override {
    if (program_.copy_flat_result(std::span(&result, 1), result_)) return {};
    return explain(callee, result);
  }

  [[nodiscard]] bool spares_callee() const override { return false; }

 private:
  // What is wrong with the result.
  [[nodiscard]] engine::CallError explain(engine::GuestSide& callee,
                                          const engine::FlatValue& result);

  const abi::CopyProgram& program_;
  Domain& callee_;
  abi::FlatOutput result_;
  bool is_good_ = false;
  std::array<abi::FlatValue, abi::kMaxFlatParams> params_;
};

}  // namespace tenon::runtime
