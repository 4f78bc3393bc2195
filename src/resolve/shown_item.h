// An import or export as plans and inspections show it.
#pragma once

#include "tenon/plan.h"
#include "types/type.h"

namespace tenon::resolve {

// name, kind, and the functions of an instance in the order written.
[[nodiscard]] PlanItem shown_item(const types::Types& types, const types::NamedItem& item);

}  // namespace tenon::resolve
