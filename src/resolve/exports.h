// What the composition exports, and in which order it must be written.
//
// Source: docs/resolve.md, "Exports of the composition".
#pragma once

#include "resolve/draft.h"

namespace tenon::resolve {

// Fills Draft::made_exports: the root's exports, those that the policy wishes for, and before each
// of them the interfaces whose types it uses. What is used and no unit exports goes to
// Draft::named_imports. REQUIRES: find_root has run, and every import is decided.
// Problems: resolve-export-missing, resolve-export-clash, resolve-hidden.
void plan_exports(Draft& draft);

}  // namespace tenon::resolve
