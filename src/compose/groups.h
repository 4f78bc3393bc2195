// How many units one level of a component can hold, and how to divide more.
//
// wasmtime 48 takes at most 1000 components and core modules and 1000 instances in one level, and
// counts an aliased or exported instance as one. A composition above that becomes groups: each a
// component of its own that holds a run of the plan's order.
#pragma once

#include <cstddef>
#include <vector>

#include "compose/level.h"
#include "support/limits.h"
#include "tenon/result.h"

namespace tenon::compose {

struct LevelLimits {
  std::size_t components = limits::kComponentsPerLevel;
  std::size_t instances = limits::kInstancesPerLevel;
};

using Group = std::vector<resolve::UnitIndex>;

// The plan's order, cut into as few runs as fit, from the front; one group: no nesting is needed.
// Errors: compose-not-one-domain, for a unit that alone needs more than a level holds.
// Cost:   linear in units and arguments.
[[nodiscard]] Result<std::vector<Group>> divide(const Context& context, const LevelLimits& limits);

}  // namespace tenon::compose
