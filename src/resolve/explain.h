// Answers `--why`: why an import got its provider, and what excluded every other export of its
// name.
#pragma once

#include <string_view>
#include <vector>

#include "resolve/plan.h"
#include "tenon/result.h"

namespace tenon::resolve {

// The imports that match a pattern, each with all exports of the same name: in every version,
// hidden ones and those of the consumer itself included.
// pattern: any form of a name (name_pattern.h), with or without `consumer:` in front.
// Errors: resolve-wire-unused, if no import matches the pattern.
// Cost:   decides all imports again, since a plan keeps only the candidates that it needed.
[[nodiscard]] Result<std::vector<PlanChoice>> explain_import(const LinkPlan& plan,
                                                             std::string_view pattern);

}  // namespace tenon::resolve
