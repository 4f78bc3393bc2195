// The bridged edges of one domain: what its component imports from units of other domains.
#pragma once

#include <memory>
#include <vector>

#include "engine/linker.h"
#include "linker/call_table.h"
#include "linker/trace.h"
#include "resolve/split_domains.h"
#include "runtime/domain.h"

namespace tenon::linker {

// Defines every import of `domain` that is met by another.
// domains: by resolve::DomainIndex. trace: of all calls over them; null: none.
// Errors: type-unsupported-value, type-too-large, run-engine.
Result<void> define_bridges(engine::Linker& linker, const resolve::SplitPlan& split,
                            resolve::DomainIndex domain, CallTable& calls,
                            const std::vector<std::unique_ptr<runtime::Domain>>& domains,
                            Trace* trace);

}  // namespace tenon::linker
