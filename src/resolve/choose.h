// One provider for every import: what is forced is fixed, and what it ties rules others out, in
// rounds.
//
// Source: docs/resolve.md, "Resource identity".
#pragma once

#include "resolve/draft.h"

namespace tenon::resolve {

// Decides every import that is not yet decided. In each round all imports are judged against the
// ties as they stand at its start, so that no order matters. Problems: resolve-resource-split,
// resolve-ambiguous, and for imports of types only those of UnmetReport.
void choose_providers(Draft& draft);

}  // namespace tenon::resolve
