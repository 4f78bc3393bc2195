// Traced calls as JSON.
#pragma once

#include <string>

#include "tenon/trace.h"

namespace tenon::capi {

// One object on one line; docs/c-api.md describes the members.
[[nodiscard]] std::string print_trace(const TraceCall& call);

}  // namespace tenon::capi
