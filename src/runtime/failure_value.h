// A failure of a callee's domain as a value that its caller gets.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "abi/layout.h"
#include "abi/value_arena.h"
#include "tenon/result.h"

namespace tenon::runtime {

// How a caller is told that the callee's domain died: an error of the function's own result.
struct FailureValue {
  // By a case of the error type, without payload or with a string; else the error type is a string.
  bool is_case = false;
  std::uint32_t error_case = 0;
};

// error_case: its label; empty: only an error type that is a string will do. Nothing if the error
// type cannot tell. REQUIRES: the function returns a `result` with an error type.
[[nodiscard]] std::optional<FailureValue> find_failure_value(const abi::FunctionLayout& layout,
                                                             std::string_view error_case);

// The result `err(...)` with the text of a failure, in the arena. Errors: Limit.
[[nodiscard]] Result<std::uint32_t, abi::AbiError> write_failure(const abi::FunctionLayout& layout,
                                                                 const FailureValue& value,
                                                                 std::string_view text,
                                                                 abi::ValueArena& arena);

}  // namespace tenon::runtime
