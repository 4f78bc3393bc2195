// Why an import got its provider: `plan --why`, as text and JSON.
#pragma once

#include <string>
#include <vector>

#include "cli/diagnostics_json.h"
#include "cli/style.h"
#include "tenon/plan.h"

namespace tenon::cli {

// One import of one consumer: what was chosen for it and what was not.
struct ImportChoice {
  std::string consumer;
  std::string import;
  std::vector<PlanEdge> chosen;  // one, or none
  std::string why_chosen;
  std::vector<PlanRejected> rejected;
};

// Sorts the candidates that CompositionBuilder::explain_import lists by consumer and import, and
// finds the chosen one among them by the plan's edges.
[[nodiscard]] std::vector<ImportChoice> group_candidates(
    const Plan& plan, const std::vector<PlanRejected>& candidates);

//   chosen:   tax (acme:tax/lib@1.3.1)       only candidate in track 1
//   rejected: tax-old (acme:tax/lib@0.9.0)   another track
[[nodiscard]] std::string render_choices(const std::vector<ImportChoice>& choices,
                                         const Style& style);

// The same as JSON: `{schema, why: [{consumer, import, chosen, shadowed, rejected}]}`.
[[nodiscard]] JsonValue make_choices_json(const std::vector<ImportChoice>& choices);

}  // namespace tenon::cli
