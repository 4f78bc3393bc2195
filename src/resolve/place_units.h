// In which domain each unit is.
//
// Source: docs/resolve.md, "Placement, order, cycles".
#pragma once

#include "resolve/draft.h"

namespace tenon::resolve {

// Fills Draft::domain_names and Draft::domain_of from what units are declared with and from
// Policy::placements, which decide.
// Problems: resolve-placement, for a placement of a unit that does not exist, for two that
// disagree, for a name that is none, for a unit in the domain of an isolated one, and for a table
// of a domain in which no unit is.
void place_units(Draft& draft);

}  // namespace tenon::resolve
