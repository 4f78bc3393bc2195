// Functions that packages export by themselves, for a component that imports them in an interface.
#pragma once

#include "linker/inputs.h"
#include "tenon/diagnostic.h"

namespace tenon::linker {

// A wire may name one function of what a component imports, `math.double`, and a function of a
// package. A component takes an interface from one unit: the package gets an export that has the
// functions of all such wires, and one wire takes the place of them.
// Errors: resolve-ambiguous, for functions of one import that are wired to several packages.
// What fits nothing is left as it is, for the resolver to say why.
[[nodiscard]] Diagnostics join_lone_functions(Inputs& inputs);

}  // namespace tenon::linker
