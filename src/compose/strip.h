// Drops what has no meaning from a component.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tenon/result.h"

namespace tenon::compose {

// The component without its custom sections (names, producers, ...) at any depth, also those of its
// core modules. Everything else is copied as it is.
// Errors: read-truncated, read-malformed (a section that reaches beyond its end), read-limit
//         (limits::kNestingDepth).
[[nodiscard]] Result<std::vector<std::uint8_t>> strip_custom_sections(
    std::span<const std::uint8_t> component);

}  // namespace tenon::compose
