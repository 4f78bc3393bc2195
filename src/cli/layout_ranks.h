// The layer of every box: consumers above providers, edges as short as that allows.
#pragma once

#include <cstddef>
#include <vector>

#include "cli/layout.h"

namespace tenon::cli {

struct Ranks {
  std::vector<std::size_t> of_box;
  // Edges that close a circle: they are drawn from bottom to top.
  std::vector<bool> is_reversed;  // by edge
};

// An edge from a box to itself has no say.
[[nodiscard]] Ranks assign_ranks(const LayoutInput& input);

}  // namespace tenon::cli
