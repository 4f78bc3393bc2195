// Edges as curves: through the middle of every slot on the way, and around all boxes.
#pragma once

#include <vector>

#include "cli/layout.h"
#include "cli/layout_place.h"
#include "cli/layout_slots.h"

namespace tenon::cli {

// By edge, as in Layout::paths, from the upper to the lower box. boxes: where the first slots lie.
// REQUIRES: place_slots.
[[nodiscard]] std::vector<std::vector<Point>> route_edges(const Layers& layers,
                                                          const std::vector<LayerSpan>& spans,
                                                          const std::vector<Rect>& boxes);

}  // namespace tenon::cli
