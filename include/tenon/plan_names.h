// Names of the enums of a plan, as used in JSON output, lock files and graphs.
//
//   print("{}", tenon::get_name(edge.kind));  // "bridged"
#pragma once

#include <string_view>

#include "tenon/plan.h"

namespace tenon {

// "component", "host-bundle", ... Static.
[[nodiscard]] std::string_view get_name(UnitKind kind);
// "direct", "bridged", ... Static.
[[nodiscard]] std::string_view get_name(EdgeKind kind);
// "none", "output" or "inherit", as in a manifest. Static.
[[nodiscard]] std::string_view get_name(Stdio stdio);

}  // namespace tenon
