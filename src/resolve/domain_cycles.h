// Domains that need each other, and their order.
//
// Source: docs/resolve.md, "Placement, order, cycles".
#pragma once

#include <cstdint>
#include <vector>

#include "resolve/draft.h"

namespace tenon::resolve {

// One cycle for each set of domains that all reach each other.
// Problems: resolve-placement, for domains that need each other though their units do not.
void check_domain_cycles(Draft& draft);

// Dependencies first, ties by name: positions in Draft::domain_names. REQUIRES: no problem.
[[nodiscard]] std::vector<std::uint32_t> order_domains(Draft& draft);

}  // namespace tenon::resolve
