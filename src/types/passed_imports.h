// Finds the imports that a component exports unchanged. Types do not show this: an import and an
// export can have the same type and be different functions.
#pragma once

#include <cstdint>
#include <vector>

#include "binary/component.h"

namespace tenon::types {

// For each export, the positions of the imports that are the exported function, or that have a
// function of the exported instance, in ascending order. Follows aliases, instances of inline exports
// and nested components. Empty for a component that nests so many instances that following them would
// take more than linear time and memory.
// REQUIRES: `component` was evaluated, so its indices are valid.
// Cost:     linear in the definitions and in what instantiation copies.
[[nodiscard]] std::vector<std::vector<std::uint32_t>> find_passed_imports(
    const binary::Component& component);

}  // namespace tenon::types
