// More than one provider, and nothing that decides.
//
// Source: docs/resolve.md, "Who wins".
#pragma once

#include "resolve/draft.h"

namespace tenon::resolve {

// Lists the candidates that are left with the line to add for each, and proposes a chain where
// candidates are middleware. Problems: resolve-ambiguous.
void report_ambiguous(Draft& draft, const DraftImport& import);

}  // namespace tenon::resolve
