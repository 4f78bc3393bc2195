// The edges that lead out of one domain: what its component imports from units of other domains and
// compositions, and from the program.
#pragma once

#include <vector>

#include "engine/linker.h"
#include "linker/call_table.h"
#include "linker/link.h"
#include "resolve/split_domains.h"

namespace tenon::linker {

[[nodiscard]] KnownImport know_import(const resolve::BridgedImport& import,
                                      const resolve::LinkPlan& plan);

// Defines every import of `domain` that is met by another, or from outside.
// calls: of `split`, whose calls are traced if `running` has a trace.
// Errors: type-unsupported-value, type-too-large, run-engine.
Result<void> define_bridges(engine::Linker& linker, const resolve::SplitPlan& split,
                            resolve::DomainIndex domain, CallTable& calls, Running& running);

// The same of a link that was known: all of its imports are of other domains. shapes: of its types.
Result<void> define_known_bridges(engine::Linker& linker, const std::vector<KnownImport>& imports,
                                  resolve::DomainIndex domain, ShapeTable& shapes,
                                  Running& running);

}  // namespace tenon::linker
