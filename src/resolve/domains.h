// Edges between domains: which they are, and whether they can cross from one to another.
//
// Source: docs/resolve.md, "Placement, order, cycles".
#pragma once

#include "resolve/draft.h"

namespace tenon::resolve {

// Whether an import is met by a unit of another domain, or of another composition. REQUIRES:
// providers are chosen.
[[nodiscard]] bool is_bridged(const Draft& draft, const DraftImport& import);

// Whether an import is met by the program. REQUIRES: providers are chosen.
[[nodiscard]] bool is_native(const Draft& draft, const DraftImport& import);

// Problems: those of check_domain_cycles; resolve-placement, for edges between domains, or to the
// program, whose functions cannot be called across; resolve-wire-type, for a wire that is lazy on
// an edge inside of a domain.
void check_domains(Draft& draft);

}  // namespace tenon::resolve
