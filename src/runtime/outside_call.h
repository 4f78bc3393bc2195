// Calls from outside of all guests: values lie in an arena before and after, or are flat.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "abi/value_arena.h"
#include "runtime/domain.h"
#include "runtime/function_shape.h"

namespace tenon::runtime {

// Where the values of a call lie.
struct OutsideValues {
  abi::ValueArena& arena;
  abi::From params;  // of `arena`; tokens stand for handles
  // Where a result goes that is one flat value without handles; null: into the arena.
  abi::FlatValue* flat_result = nullptr;
};

// Returns the address of the result, if the function has one and it went into the arena.
// Failures: as ExportedFunction::call; BadCall (value-type, value-handle, value-too-large) for
//           values that the guest cannot be given.
[[nodiscard]] CallResult<std::optional<std::uint32_t>> call_from_outside(
    ExportedFunction& function, const FunctionShape& shape, const OutsideValues& values);

}  // namespace tenon::runtime
