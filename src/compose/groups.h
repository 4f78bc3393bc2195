// Groups: more units than one level of a component can hold.
//
// wasmtime 48 accepts at most 1000 components and core modules and 1000 instances in one level, and
// counts an aliased or exported instance as one. A larger composition is divided into groups. Each
// is a component of its own that holds a run of the plan's order, imports what its units need from
// outside and exports what other groups need from them:
//
//   (component $group
//     (import "r7" (type (sub resource)))              ;; each resource that its imports mention
//     (import "i" (instance ...))                      ;; imports of the composition: "i0"
//     (import "g0" (instance ...))                     ;; exports of group 0: "u12-e3"
//     ...units...
//     (export "bag" (instance ...)))                   ;; "u40-e0", and "r9" for its resources
//
// Names are positions in the plan, or count resources in the order in which groups mention them, so
// the bytes depend on the plan alone.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "compose/level.h"
#include "support/limits.h"
#include "tenon/result.h"

namespace tenon::compose {

// What one level can hold; smaller in tests.
struct LevelLimits {
  std::size_t components = limits::kComponentsPerLevel;
  std::size_t instances = limits::kInstancesPerLevel;
};

using Group = std::vector<resolve::UnitIndex>;

// Cuts the plan's order into as few runs as possible, filling each from the front. A single group
// means that no nesting is needed.
// Errors: compose-not-one-domain, for a unit that alone needs more than a level can hold.
// Cost:   linear in units and arguments.
[[nodiscard]] Result<std::vector<Group>> divide(const Context& context, const LevelLimits& limits);

// A group that was written, with the positions of its components.
struct WrittenGroup {
  std::uint32_t component = 0;  // in the root's component index space
  std::vector<NestedUnit> units;
  std::vector<NestedStub> stubs;
  std::vector<binary::NestedBinary> spans;  // of its components, in its own bytes
};

// Writes the groups and an instance of each into the root, and records in the root where the
// exports of units are. Problems are added to `root.problems`.
// REQUIRES: the imports of the composition are written.
[[nodiscard]] std::vector<WrittenGroup> write_groups(Level& root, std::span<const Group> groups);

}  // namespace tenon::compose
