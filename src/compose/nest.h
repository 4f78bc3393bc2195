// Units in groups: each group is a component that imports what its units need from outside and
// exports what others need from them.
//
//   (component $group
//     (import "r7" (type (sub resource)))              ;; each resource that its imports mention
//     (import "i" (instance ...))                      ;; a bag of the composition's imports: "i0"
//     (import "g0" (instance ...))                     ;; a bag of group 0's exports: "u12-e3"
//     ...units...
//     (export "bag" (instance ...)))                   ;; "u40-e0", and "r9" for a resource made
//     here
//
// Names are positions in the plan, or count resources in the order in which groups mention them, so
// the bytes depend on the plan alone.
#pragma once

#include <span>
#include <vector>

#include "compose/groups.h"
#include "compose/level.h"

namespace tenon::compose {

// A group that was written: where its units are in it, and where it is in the root.
struct WrittenGroup {
  std::uint32_t component = 0;  // in the root's component index space
  std::vector<NestedUnit> units;
  std::vector<NestedStub> stubs;
  std::vector<binary::NestedBinary> spans;  // of its components, in its own bytes
};

// Writes the groups into the root, an instance of each, and makes known to the root where the
// exports of units are. Problems are added to `root.problems`.
// REQUIRES: the composition's imports are written.
[[nodiscard]] std::vector<WrittenGroup> write_groups(Level& root, std::span<const Group> groups);

}  // namespace tenon::compose
