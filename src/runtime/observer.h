// Reads the values of a call as `Value`s while it passes, for traces and middleware: in place, before the
// callee or the caller takes them, and without lifting their handles. A handle is shown by the name of its
// resource and by the number that its side uses for it, if it has one.
#pragma once

#include <cstdint>
#include <vector>

#include "abi/copy_program.h"
#include "abi/value_arena.h"
#include "call/function_shape.h"
#include "call/value_form.h"
#include "tenon/result.h"
#include "tenon/value.h"

namespace tenon::runtime {

class Observer final {
 public:
  // Lifetime: refers to both.
  Observer(const call::FunctionShape& shape, const call::ValueForm& values)
      : shape_(shape), values_(values) {}

  // bytes: grows by the size of the values.
  // Errors, of both: the values are malformed, or too large (AbiErrorKind::Limit).
  [[nodiscard]] Result<std::vector<Value>, abi::AbiError> read_params(
      const abi::From& params, std::uint64_t& bytes, call::ReadBound bound = {}) const;
  // REQUIRES: the function has a result
  [[nodiscard]] Result<Value, abi::AbiError> read_result(const abi::From& result,
                                                         std::uint64_t& bytes,
                                                         call::ReadBound bound = {}) const;

  // Copies the values as they are, and returns their address in the arena. Errors: as above.
  [[nodiscard]] static Result<std::uint32_t, abi::AbiError> copy_params(
      const call::FunctionShape& shape, const abi::From& params, abi::ValueArena& arena);
  // REQUIRES: the function has a result
  [[nodiscard]] static Result<std::uint32_t, abi::AbiError> copy_result(
      const call::FunctionShape& shape, const abi::From& result, abi::ValueArena& arena);
  // The size of the values in the arena.
  [[nodiscard]] static std::uint64_t count_bytes(const call::FunctionShape& shape,
                                                 const abi::ValueArena& arena);

 private:
  const call::FunctionShape& shape_;
  const call::ValueForm& values_;
};

}  // namespace tenon::runtime
