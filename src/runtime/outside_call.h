// Calls from outside of all guests: values lie in an arena before and after.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "abi/value_arena.h"
#include "runtime/bridge.h"
#include "runtime/domain.h"

namespace tenon::runtime {

// params: address in `arena` of the record of the params; tokens stand for handles.
// Returns the address of the result, if the function has one.
// Failures: as ExportedFunction::call; BadCall for values that the guest cannot be given.
[[nodiscard]] CallResult<std::optional<std::uint32_t>> call_with_arena(ExportedFunction& function,
                                                                       const FunctionShape& shape,
                                                                       abi::ValueArena& arena,
                                                                       std::uint32_t params);

}  // namespace tenon::runtime
