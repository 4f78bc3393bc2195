// What a component cannot contain, because it is provided from outside of all components: by the program, by
// tenon, by host bundles, remote units, or units of other compositions.
#pragma once

#include "link/request.h"
#include "resolve/plan.h"

namespace tenon::link {

// Whether any import is provided from outside, by the program, by tenon or by units of other
// compositions. plan: the plan of `request`.
[[nodiscard]] bool has_outside(const Request& request, const resolve::LinkPlan& plan);

// Removes the outside providers from a plan, because a component cannot contain them: the imports
// that they provide stay open. plan: the plan of `request`.
[[nodiscard]] Request leave_outside_out(Request request, const resolve::LinkPlan& plan);

}  // namespace tenon::link
