// Units that need each other in a circle.
//
// Source: docs/resolve.md, "Placement, order, cycles".
#pragma once

#include "resolve/draft.h"
#include "resolve/graph.h"

namespace tenon::resolve {

// What each unit needs before it can be instantiated, each once, sorted: its providers, and the
// units that make the resources of its imports of types. WASI is not among them, nor is the
// provider of an import that is lazy.
[[nodiscard]] Graph find_dependencies(Draft& draft);

// The units that one import needs so.
[[nodiscard]] std::vector<UnitIndex> find_needed(Draft& draft, const DraftImport& import);

// Problems: resolve-cycle. Cycles are reported until every edge that lies on one is named by one,
// from their smallest unit on.
void check_cycles(Draft& draft);

// Dependencies first, ties by name. REQUIRES: there is no cycle.
[[nodiscard]] std::vector<UnitIndex> order_units(Draft& draft);

}  // namespace tenon::resolve
