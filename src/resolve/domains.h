// Units in domains: where each is placed, and whether its edges can cross from one to another.
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

// Whether an import is met by a unit of another domain, or of another composition. REQUIRES:
// providers are chosen.
[[nodiscard]] bool is_bridged(const Draft& draft, const DraftImport& import);

// Whether an import is met by the program. REQUIRES: providers are chosen.
[[nodiscard]] bool is_native(const Draft& draft, const DraftImport& import);

// Problems: resolve-placement, for domains that need each other though their units do not, and for
// edges between domains, or to the program, whose functions cannot be called across;
// resolve-wire-type, for a wire that
// is lazy on an edge inside of a domain.
void check_domains(Draft& draft);

// Dependencies first, ties by name: positions in Draft::domain_names. REQUIRES: no problem.
[[nodiscard]] std::vector<std::uint32_t> order_domains(Draft& draft);

}  // namespace tenon::resolve
