// Which unit the composition is about.
//
// Source: docs/resolve.md, "Exports of the composition".
#pragma once

#include "resolve/draft.h"

namespace tenon::resolve {

// Fills Draft::root: the unit that the policy names, or the only component, composition or package
// that no other unit imports from. With `--export-all` there may be none.
// Problems: resolve-root. None for a root that would have to be found among failed imports.
void find_root(Draft& draft);

}  // namespace tenon::resolve
