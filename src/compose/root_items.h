// The imports and exports of the composition, written at the outermost level.
#pragma once

#include "compose/level.h"

namespace tenon::compose {

// Writes every import of the plan but those that trap, in the order of the plan: each type refers
// to the imports before it. `root.imports` and `root.defined` then hold them.
// Problems: compose-not-one-domain, for an import that mentions a resource which a unit makes.
void write_imports(Level& root);

// Writes every export of the plan, in its order. An export that uses types which an import or an
// earlier export names is ascribed a type in terms of them; so is one that a filter narrows.
// imported: the types that imports name.
// REQUIRES: `root` knows where each export is.
void write_exports(Level& root, const TypeTable& imported);

}  // namespace tenon::compose
