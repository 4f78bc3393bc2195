#include <fmt/core.h>

#include <string>
#include <string_view>

#include "cli/plan_names.h"
#include "cli/render_graph.h"

namespace tenon::cli {

namespace {

// A quoted string of the DOT language; a line feed becomes its `\n`.
std::string quote(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    if (c == '\n')
      quoted += "\\n";
    else
      quoted += c;
  }
  return quoted + "\"";
}

std::string_view get_line(EdgeKind kind) {
  switch (kind) {
    case EdgeKind::Direct:
      return "solid";
    case EdgeKind::Bridged:
    case EdgeKind::Packr:
      return "dashed";
    case EdgeKind::Native:
      return "bold";
    case EdgeKind::Remote:
    case EdgeKind::Wasi:
      return "dotted";
  }
  return {};
}

std::string describe_node(const GraphNode& node) {
  std::string text = node.name;
  if (!node.version.empty()) text += "\n" + node.version;
  if (node.kind != UnitKind::Component && node.kind != UnitKind::Wasi)
    text += fmt::format("\n{}", get_name(node.kind));
  if (node.hidden > 0) text += fmt::format("\n+{} more", node.hidden);
  return text;
}

std::string describe_edge(const GraphEdge& edge) {
  std::string text;
  for (const GraphItem& item : edge.items) {
    if (!text.empty()) text += "\n";
    text += item.import;
    for (const std::string& function : item.functions) text += "\n." + function;
  }
  return text;
}

std::string write_node(const Graph& graph, std::size_t node, std::string_view indent) {
  return fmt::format("{}n{} [label={}{}];\n", indent, node, quote(describe_node(graph.nodes[node])),
                     node == graph.root ? ", penwidth=2" : "");
}

}  // namespace

std::string render_graph_dot(const Graph& graph) {
  std::string text = fmt::format("digraph {} {{\n", quote(graph.title));
  text += "  node [shape=box, style=rounded, fontname=\"sans-serif\"];\n";
  text += "  edge [fontname=\"sans-serif\", fontsize=10];\n";
  for (std::size_t i = 0; i < graph.clusters.size(); ++i) {
    text += fmt::format("  subgraph cluster_{} {{\n    label={};\n", i,
                        quote("domain " + graph.clusters[i].name));
    for (const std::size_t node : graph.clusters[i].nodes) text += write_node(graph, node, "    ");
    text += "  }\n";
  }
  for (std::size_t node = 0; node < graph.nodes.size(); ++node)
    if (graph.nodes[node].cluster == kNoCluster) text += write_node(graph, node, "  ");
  for (std::size_t i = 0; i < graph.exports.size(); ++i)
    text += fmt::format("  e{0} [label={1}, shape=plaintext];\n  e{0} -> n{2};\n", i,
                        quote(graph.exports[i].name), graph.exports[i].node);
  for (std::size_t i = 0; i < graph.open.size(); ++i) {
    text += fmt::format("  o{} [label={}, shape=plaintext];\n", i, quote(graph.open[i].name));
    for (const std::size_t node : graph.open[i].nodes)
      text += fmt::format("  n{} -> o{} [arrowhead=empty];\n", node, i);
  }
  for (const GraphEdge& edge : graph.edges)
    text += fmt::format("  n{} -> n{} [style={}, label={}];\n", edge.consumer, edge.provider,
                        get_line(edge.kind), quote(describe_edge(edge)));
  return text + "}\n";
}

}  // namespace tenon::cli
