// Chains: consumer -> a -> b -> provider, for `via = [a, b]`.
//
// A unit in a chain imports and exports the interface that it stands in front of. Each import on
// the way gets the next unit as its `hop`; the last one is decided as the consumer's would have
// been, without the members in front.
//
// Source: docs/resolve.md, "Middleware".
#pragma once

#include "resolve/draft.h"

namespace tenon::resolve {

// Turns DraftImport::chain into hops. Problems: resolve-chain.
void lay_chains(Draft& draft);

}  // namespace tenon::resolve
