// A plan as JSON, schema 1; docs/command.md describes the members.
#pragma once

#include <vector>

#include "cli/diagnostics_json.h"
#include "tenon/plan.h"

namespace tenon::cli {

[[nodiscard]] std::string render_plan_json(const Plan& plan);
[[nodiscard]] JsonValue make_item_json(const PlanItem& item);
[[nodiscard]] JsonValue make_rejected_json(const PlanRejected& rejected);
[[nodiscard]] JsonValue make_hashes_json(const std::vector<PlanHash>& hashes);
[[nodiscard]] JsonValue make_edge_json(const PlanEdge& edge);

}  // namespace tenon::cli
