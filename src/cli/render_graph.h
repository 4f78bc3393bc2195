// Pictures of a graph, each for another reader. Every one shows the units in their domains, the
// interfaces on the edges and the exports of the composition; lines say how a call crosses: solid
// is direct, dashed bridged, dotted remote, bold native.
#pragma once

#include <string>

#include "cli/graph.h"
#include "cli/style.h"

namespace tenon::cli {

// Who needs whom, from the root down, for a terminal. A unit met again is marked and not repeated.
//
//   cart 1.4.0
//   ├─ tax 1.3.1   acme:tax/lib@1.2.0
//   └─ log 0.1.0   acme:log/log@0.1.0 (bridged)
[[nodiscard]] std::string render_graph_tree(const Graph& graph, const Style& style);

// Graphviz; a cluster for each domain.
[[nodiscard]] std::string render_graph_dot(const Graph& graph);

// Mermaid's `flowchart LR`; a subgraph for each domain.
[[nodiscard]] std::string render_graph_mermaid(const Graph& graph);

// `{schema, name, root, clusters, nodes, edges, exports, open}`; docs/command.md describes it.
[[nodiscard]] std::string render_graph_json(const Graph& graph);

}  // namespace tenon::cli
