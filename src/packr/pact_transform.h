// Transforms of interfaces.
#pragma once

#include "packr/pact.h"

namespace tenon::packr {

// `rpc(base)`: each function may also fail as a call over a wire may, with `rpc-error`. Types of
// the base are not copied: they are found from within it.
[[nodiscard]] PactScope make_rpc_interface(const PactScope& base);

}  // namespace tenon::packr
