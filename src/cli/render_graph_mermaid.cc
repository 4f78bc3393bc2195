#include <fmt/core.h>

#include <string>
#include <string_view>

#include "cli/plan_names.h"
#include "cli/render_graph.h"

namespace tenon::cli {

namespace {

// Text inside quotes: entities for what Mermaid or HTML would take for something else.
std::string escape_mermaid(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '"' || c == '#' || c == '&' || c == '<' || c == '>' || c == '`' || c == '\\')
      escaped += fmt::format("#{};", static_cast<int>(c));
    else
      escaped += c;
  }
  return escaped;
}

std::string_view get_arrow(EdgeKind kind) {
  switch (kind) {
    case EdgeKind::Direct:
      return "-->";
    case EdgeKind::Native:
      return "==>";
    // Mermaid has one broken line; `linkStyle` tells the others apart.
    case EdgeKind::Bridged:
    case EdgeKind::Packr:
    case EdgeKind::Remote:
    case EdgeKind::Wasi:
      return "-.->";
  }
  return {};
}

std::string_view get_dashes(EdgeKind kind) {
  switch (kind) {
    case EdgeKind::Bridged:
    case EdgeKind::Packr:
      return "8 4";
    case EdgeKind::Remote:
    case EdgeKind::Wasi:
      return "2 4";
    case EdgeKind::Direct:
    case EdgeKind::Native:
      return {};
  }
  return {};
}

std::string write_mermaid_node(const Graph& graph, std::size_t index, std::string_view indent) {
  const GraphNode& node = graph.nodes[index];
  std::string label = escape_mermaid(node.name);
  if (!node.version.empty()) label += "<br/>" + escape_mermaid(node.version);
  if (node.kind != UnitKind::Component && node.kind != UnitKind::Wasi)
    label += fmt::format("<br/>{}", get_name(node.kind));
  if (node.hidden > 0) label += fmt::format("<br/>+{} more", node.hidden);
  return fmt::format("{}n{}[\"{}\"]\n", indent, index, label);
}

std::string write_label(const GraphEdge& edge) {
  std::string label;
  for (const GraphItem& item : edge.items) {
    if (!label.empty()) label += "<br/>";
    label += escape_mermaid(item.import);
    for (const std::string& function : item.functions) label += "<br/>." + escape_mermaid(function);
  }
  return label;
}

}  // namespace

std::string render_graph_mermaid(const Graph& graph) {
  std::string text = "flowchart LR\n";
  std::string styles;
  std::size_t links = 0;
  for (std::size_t i = 0; i < graph.clusters.size(); ++i) {
    text +=
        fmt::format("  subgraph c{}[\"domain {}\"]\n", i, escape_mermaid(graph.clusters[i].name));
    for (const std::size_t node : graph.clusters[i].nodes)
      text += write_mermaid_node(graph, node, "    ");
    text += "  end\n";
  }
  for (std::size_t node = 0; node < graph.nodes.size(); ++node)
    if (graph.nodes[node].cluster == kNoCluster) text += write_mermaid_node(graph, node, "  ");
  for (std::size_t i = 0; i < graph.exports.size(); ++i, ++links)
    text += fmt::format("  e{0}([\"{1}\"]) --> n{2}\n", i, escape_mermaid(graph.exports[i].name),
                        graph.exports[i].node);
  for (std::size_t i = 0; i < graph.open.size(); ++i) {
    text += fmt::format("  o{}([\"{}\"])\n", i, escape_mermaid(graph.open[i].name));
    for (const std::size_t node : graph.open[i].nodes) {
      text += fmt::format("  n{} --> o{}\n", node, i);
      ++links;
    }
  }
  for (const GraphEdge& edge : graph.edges) {
    text += fmt::format("  n{} {}|\"{}\"| n{}\n", edge.consumer, get_arrow(edge.kind),
                        write_label(edge), edge.provider);
    if (!get_dashes(edge.kind).empty())
      styles += fmt::format("  linkStyle {} stroke-dasharray:{}\n", links, get_dashes(edge.kind));
    ++links;
  }
  return text + styles;
}

}  // namespace tenon::cli
