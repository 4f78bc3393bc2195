// What kinds of units and edges are called, in JSON, in locks and in pictures.
//
// Thread: any.
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
