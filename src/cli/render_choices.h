// Why an import got its provider: `plan --why`, as text and JSON.
#pragma once

#include <string>
#include <vector>

#include "cli/style.h"
#include "tenon/plan.h"

namespace tenon::cli {

//   chosen:   tax (acme:tax/lib@1.3.1)       only candidate in track 1
//   rejected: tax-old (acme:tax/lib@0.9.0)   another track
[[nodiscard]] std::string render_choices(const std::vector<PlanChoice>& choices,
                                         const Style& style);

// The same as JSON: `{schema, why: [{consumer, import, why, chosen, shadowed, rejected}]}`. The
// chosen ones are edges of the plan.
[[nodiscard]] std::string render_choices_json(const Plan& plan,
                                              const std::vector<PlanChoice>& choices);

}  // namespace tenon::cli
