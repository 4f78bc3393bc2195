// A call of numbers alone: nothing of who gives them is needed but them.
#pragma once

#include <array>
#include <span>

#include "abi/copy_program.h"
#include "abi/flat_types.h"
#include "runtime/domain.h"

namespace tenon::runtime {

class FlatCall final {
 public:
  // REQUIRES: `program.is_flat()`; the places of params and result, and all else, live as long.
  FlatCall(const abi::CopyProgram& program, const abi::FlatInput& params,
           const abi::FlatOutput& result)
      : program_(program), result_(result) {
    if (params.stride() == sizeof(abi::FlatValue) && program.takes_as_they_are(params)) {
      numbers_ = reinterpret_cast<const abi::FlatValue*>(params.first());
      is_good_ = true;
    } else {
      is_good_ = program.copy_flat_params(params, std::span(params_));
    }
  }

  // False: a number is wrong, and the call is not to be made.
  [[nodiscard]] bool is_good() const { return is_good_; }

  // Failures: as ExportedFunction::call.
  [[nodiscard]] CallResult<void> make(ExportedFunction& function) {
    engine::NumberCall call = {.params = numbers_ == nullptr ? params_.data() : numbers_};
    CallResult<void> called = function.call(call);
    if (called && program_.layout().result && !take(call.result)) called = refuse(function, call);
    return called;
  }

 private:
  [[nodiscard]] bool take(abi::FlatValue result) const {
    return program_.copy_flat_result(std::span(&result, 1), result_);
  }
  // Says what is wrong with the result.
  [[nodiscard, gnu::cold]] CallFailure refuse(ExportedFunction& function,
                                              const engine::NumberCall& call) const;

  const abi::CopyProgram& program_;
  abi::FlatOutput result_;
  bool is_good_ = false;
  const abi::FlatValue* numbers_ = nullptr;  // given as they are passed on; else `params_`
  std::array<abi::FlatValue, abi::kMaxFlatParams> params_;
};

}  // namespace tenon::runtime
