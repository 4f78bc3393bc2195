// Which imports a component exports as they are. Types do not tell: an import and an export may
// have one type and be different functions.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "binary/component.h"

namespace tenon::types {

// By export, in the order written: an import, by its position, that is the exported function, or
// that an exported instance has a function of. What passes through a nested component is not found.
// REQUIRES: `component` was evaluated, so that its indices are valid.
[[nodiscard]] std::vector<std::optional<std::uint32_t>> find_passed_imports(
    const binary::Component& component);

}  // namespace tenon::types
