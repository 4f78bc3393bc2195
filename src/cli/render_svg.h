// A graph as an SVG file: drawn by our own layout, legible on a light and on a dark page.
#pragma once

#include <string>

#include "cli/graph.h"

namespace tenon::cli {

// How many nodes a picture can hold and still be looked at; the layout's cost grows with their
// square.
inline constexpr std::size_t kMostPictureNodes = 500;

// REQUIRES: at most kMostPictureNodes nodes.
[[nodiscard]] std::string render_graph_svg(const Graph& graph);

}  // namespace tenon::cli
