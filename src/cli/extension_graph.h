// Extensions and what they need, as a graph.
#pragma once

#include <vector>

#include "cli/graph.h"
#include "tenon/extension.h"

namespace tenon::cli {

// closure: providers before their consumers, the root last. Each is a domain of its own.
[[nodiscard]] Graph make_extension_graph(const std::vector<Extension>& closure);

}  // namespace tenon::cli
