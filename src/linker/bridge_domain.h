// The edges that lead out of one domain: what its component imports from units of other domains and
// compositions, and from the program.
#pragma once

#include "engine/linker.h"
#include "linker/call_table.h"
#include "linker/link.h"
#include "resolve/split_domains.h"

namespace tenon::linker {

// Defines every import of `domain` that is met by another, or from outside.
// calls: of `split`, whose calls are traced if `running` has a trace.
// Errors: type-unsupported-value, type-too-large, run-engine.
Result<void> define_bridges(engine::Linker& linker, const resolve::SplitPlan& split,
                            resolve::DomainIndex domain, CallTable& calls, Running& running);

}  // namespace tenon::linker
