// Asks the engine's validator, without compiling anything.
#pragma once

#include <cstdint>
#include <span>

#include "tenon/result.h"

namespace tenon::engine {

// Succeeds if `component` is a component that an engine with concurrency support would take: the
// whole grammar that tenon reads, async and streams included.
// component: bytes of a component; a core module is refused.
// Errors:    read-invalid, with the validator's words and the byte offset in `where.offset`.
//            The caller fills in file and unit.
[[nodiscard]] Result<void> validate_component(std::span<const std::uint8_t> component);

// The same for a core module; a component is refused.
[[nodiscard]] Result<void> validate_module(std::span<const std::uint8_t> module);

}  // namespace tenon::engine
