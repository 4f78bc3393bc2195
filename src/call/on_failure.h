// `on-failure`: the failure of a callee as an error value of its function, so that the caller goes
// on. It is the only way in which a guest can learn that a call failed: guests have no exceptions.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "abi/value_arena.h"
#include "call/call.h"

namespace tenon::call {

// Writes the result `err(...)` of a function that stands for a failure with a text, and returns its
// address. Nothing: the arena has no room.
using WriteFailure =
    std::function<std::optional<std::uint32_t>(std::string_view text, abi::ValueArena& arena)>;

// For a function in canonical form that returns a `result` with an error type. The error is a
// string, or the case `error_case`, without payload or with a string as payload.
// error_case: its label; empty: the error type has to be a string. Null: the error type cannot
// carry a failure. Lifetime: refers to the shape.
[[nodiscard]] WriteFailure find_failure_value(const FunctionShape& shape,
                                              std::string_view error_case);

// Whether it is the callee that failed: the caller may get an error value. Not, if the call could
// not be made, or if the caller itself is to end.
[[nodiscard]] bool is_failure_of_callee(const CallFailure& failure);

// A callee whose failures become values.
class OnFailure final : public Callee {
 public:
  OnFailure(std::unique_ptr<Callee> callee, WriteFailure write)
      : callee_(std::move(callee)), write_(std::move(write)) {}

  void start(Call& call) override;

 private:
  std::unique_ptr<Callee> callee_;
  WriteFailure write_;
};

}  // namespace tenon::call
