// Transforms of interfaces.
#pragma once

#include "pact/tree.h"

namespace tenon::pact {

// `rpc(base)`: each function may also fail as a call over a wire may, with `rpc-error`. Types of
// the base are not copied: they are found from within it.
[[nodiscard]] Scope make_rpc_interface(const Scope& base);

}  // namespace tenon::pact
