// Writes the plan down: for users (tenon::Plan), and beside it the ids for compose.
//
// Source: docs/resolve.md, "The Plan".
#pragma once

#include "resolve/draft.h"

namespace tenon::resolve {

// REQUIRES: no problems; every import is decided and `imports` are made. The draft is spent.
[[nodiscard]] LinkPlan make_plan(Draft& draft, std::vector<CompositionImport> imports);

// The edge of an import that has a provider.
[[nodiscard]] PlanEdge make_edge(const Draft& draft, const DraftImport& import);

}  // namespace tenon::resolve
