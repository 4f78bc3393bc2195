// Looks around for what a link lacks: a component beside its inputs, a host bundle that is found by
// its name, or an installed extension.
#pragma once

#include "cli/link_request.h"
#include "tenon/builder.h"
#include "tenon/result.h"

namespace tenon::cli {

// Adds hints to the imports among `problems` that nothing provides. Files that cannot be read are
// skipped, and so is what is beyond the limits in nearby.cc.
void suggest_nearby(const CompositionBuilder& builder, const HostFlags& hosts,
                    Diagnostics& problems);

}  // namespace tenon::cli
