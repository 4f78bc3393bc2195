// Stubs: what `trap = true` puts in the place of an import. A stub has the import's type, and each
// of its functions traps when it is called.
#pragma once

#include "compose/places.h"
#include "resolve/plan.h"

namespace tenon::compose {

class Level;

// Writes a component with the functions of `import` and an instance of it into the level, after
// what its resources come from.
// REQUIRES: the import has no resource of its own; resolve refuses that (`resolve-wire-type`).
[[nodiscard]] PlaceId write_trap_stub(Level& level, const resolve::CompositionImport& import);

}  // namespace tenon::compose
