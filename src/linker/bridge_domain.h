// The bridged edges of one domain: what its component imports from units of other domains.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "engine/linker.h"
#include "linker/call_table.h"
#include "linker/trace.h"
#include "resolve/split_domains.h"
#include "runtime/domain.h"

namespace tenon::linker {

// The last of `wires` that is about a bridged import and that `is_meant` takes; null if there is
// none.
[[nodiscard]] const resolve::Wire* find_wire(
    const std::vector<resolve::Wire>& wires, const resolve::LinkPlan& plan,
    const resolve::DomainPlan& domain, const resolve::BridgedImport& import,
    const std::function<bool(const resolve::Wire&)>& is_meant);

// Defines every import of `domain` that is met by another.
// domains: by resolve::DomainIndex. wires: some of them name an `on-failure`.
// trace: of all calls over them; null: none.
// Errors: type-unsupported-value, type-too-large, run-engine.
Result<void> define_bridges(engine::Linker& linker, const resolve::SplitPlan& split,
                            resolve::DomainIndex domain, CallTable& calls,
                            const std::vector<std::unique_ptr<runtime::Domain>>& domains,
                            const std::vector<resolve::Wire>& wires, Trace* trace);

}  // namespace tenon::linker
