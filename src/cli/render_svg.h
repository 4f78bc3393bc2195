// A graph as an SVG file: laid out by Graphviz, legible on a light and on a dark page.
#pragma once

#include <string>

#include "cli/graph.h"
#include "tenon/result.h"

namespace tenon::cli {

// How many nodes a picture can hold and still be looked at; the time of the layout grows with
// their square.
inline constexpr std::size_t kMostPictureNodes = 500;

// REQUIRES: at most kMostPictureNodes nodes.
// Errors: config-usage (Graphviz is not installed, or failed).
[[nodiscard]] Result<std::string> render_graph_svg(const Graph& graph);

}  // namespace tenon::cli
