// The imports of the composition: what is open, what the engine's WASI meets, and the interfaces of
// value types that these and the exports use.
//
// Source: docs/resolve.md, "Open imports" and "What makes a composed component valid".
#pragma once

#include "resolve/draft.h"

namespace tenon::resolve {

// Groups every import that stays an import, and gives value types that need one a name.
// REQUIRES: plan_exports has run.
// Problems: resolve-merge, resolve-name-clash, resolve-wire-type (a trap that would define a
// resource), resolve-resource-split (an open import that uses a resource made inside).
void plan_imports(Draft& draft);

// The groups in the order in which they are written: what is used stands first, ties by name.
// Problems: resolve-merge, for a circle of uses.
[[nodiscard]] std::vector<std::uint32_t> order_groups(Draft& draft);

// Makes the imports of the plan. REQUIRES: no problems.
[[nodiscard]] std::vector<CompositionImport> make_imports(Draft& draft,
                                                          const std::vector<std::uint32_t>& order);

}  // namespace tenon::resolve
