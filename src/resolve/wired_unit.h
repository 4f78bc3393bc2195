// Imports whose unit a wire or a chain names. Which of its exports provides the import is decided here,
// and if none does, the report says why.
//
// Source: docs/resolve.md, "Middleware" and "Wires".
#pragma once

#include "resolve/draft.h"

namespace tenon::resolve {

// Decides an import by the unit that a wire or chain names.
// reason: EdgeReason::Wire or EdgeReason::Chain.
// Problems: resolve-wire-unused, resolve-wire-type, resolve-chain, resolve-hidden,
//           resolve-ambiguous.
void choose_from_unit(Draft& draft, DraftImport& import, UnitIndex unit, EdgeReason reason);

// Decides an optional import whose wire names a unit that does not exist.
void leave_absent(Draft& draft, DraftImport& import);

// Adds a hint that proposes `adapt = true`, if tenon could convert the values of this edge.
void suggest_adapting(Draft& draft, const DraftImport& import, UnitExport from,
                      Diagnostic& problem);

}  // namespace tenon::resolve
