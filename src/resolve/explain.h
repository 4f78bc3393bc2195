// Why an import got its provider: every export that came near, and what became of it.
#pragma once

#include <string_view>
#include <vector>

#include "resolve/plan.h"
#include "tenon/result.h"

namespace tenon::resolve {

// The imports that a pattern means, each with its candidates: the exports of the same name in every
// version, those that a filter hides and those of the consumer itself included. pattern: any form
// of the name, with or without `consumer:` in front. Errors: resolve-wire-unused, if the pattern
// means no import. Cost: that of the plan; a plan itself looks only at what it needs.
[[nodiscard]] Result<std::vector<PlanChoice>> explain_import(const LinkPlan& plan,
                                                             std::string_view pattern);

}  // namespace tenon::resolve
