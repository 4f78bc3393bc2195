// What a plan that works should still say.
//
// Source: docs/resolve.md, "Problems".
#pragma once

#include "resolve/draft.h"

namespace tenon::resolve {

// Notes `older-provider` for edges to an older version than was asked for. WASI links any patch.
void note_older_providers(Draft& draft);

// Notes `types-differ` for imports of value types that are met by their own, although a unit
// exports the name with other types. Problems: resolve-type-mismatch, where a wire names that unit.
void check_types_of_imports(Draft& draft);

// Notes `unused-unit` for units that nobody uses. Problems: resolve-unused-unit, for those named by
// hand.
void check_unused_units(Draft& draft);

}  // namespace tenon::resolve
