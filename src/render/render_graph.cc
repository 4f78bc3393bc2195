// The text forms of a graph, in this order: tree, DOT, Mermaid, JSON.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "render/graph.h"
#include "render/json.h"
#include "support/terminal_text.h"

namespace tenon::render {

namespace {

struct TreeRow {
  std::string left;  // lines and name
  std::string right;
  std::size_t width = 0;  // of `left`
};

std::string describe_items(const GraphEdge& edge) {
  std::vector<std::string> items;
  for (const GraphItem& item : edge.items) {
    std::string text = item.label();
    if (!item.functions.empty()) text += fmt::format(".{{{}}}", fmt::join(item.functions, ", "));
    if (!item.via.empty()) text += " via " + item.via;
    items.push_back(std::move(text));
  }
  std::string text = fmt::format("{}", fmt::join(items, ", "));
  if (edge.kind != EdgeKind::Direct && edge.kind != EdgeKind::Wasi)
    text += fmt::format(" ({})", get_name(edge.kind));
  return text;
}

// Shown instead of the name of a provider.
constexpr std::string_view kOpen = "(open)";

class TreeWriter {
 public:
  TreeWriter(const Graph& graph, const Style& style)
      : graph_(graph), style_(style), glyphs_(get_tree_glyphs(style.charset)) {
    edges_.resize(graph.nodes.size());
    open_.resize(graph.nodes.size());
    for (const GraphOpen& open : graph.open)
      for (const std::size_t node : open.nodes) open_[node].push_back(&open);
    for (const GraphEdge& edge : graph.edges) edges_[edge.consumer].push_back(&edge);
    is_shown_.resize(graph.nodes.size());
  }

  std::string write() {
    for (const std::size_t start : find_starts(graph_)) walk(start);
    // Units in a cycle that no unit outside of it uses.
    for (std::size_t node = 0; node < graph_.nodes.size(); ++node)
      if (!is_shown_[node]) walk(node);
    std::size_t width = 0;
    for (const TreeRow& row : rows_)
      if (!row.right.empty()) width = std::max(width, row.width);
    std::string text;
    for (const TreeRow& row : rows_) {
      text += row.left;
      if (!row.right.empty()) text += std::string(width - row.width + 3, ' ') + row.right;
      text += "\n";
    }
    return text;
  }

 private:
  struct Visit {
    std::size_t node;
    const GraphEdge* by;  // null for a start
    std::string head;     // tree lines before the name
    std::string below;    // tree lines before the names below
  };

  void add_row(const Visit& visit, bool is_repeated) {
    const GraphNode& node = graph_.nodes[visit.node];
    std::string plain = node.name;
    if (!node.version.empty()) plain += " " + node.version;
    if (node.has_process) plain += " (own process)";
    std::string tail;
    if (node.hidden > 0) tail = fmt::format(" (+{})", node.hidden);
    if (is_repeated && !edges_[visit.node].empty()) tail = " (above)";
    TreeRow row;
    row.width = display_width(visit.head + plain + tail);
    row.left = visit.head + style_.paint(Ink::Name, node.name) + plain.substr(node.name.size()) +
               style_.paint(Ink::Dim, tail);
    if (visit.by != nullptr) row.right = describe_items(*visit.by);
    rows_.push_back(std::move(row));
  }

  // Adds the imports without a provider, above those that have one.
  void add_open(const Visit& visit) {
    const std::vector<const GraphOpen*>& open = open_[visit.node];
    for (const GraphOpen* const import : open) {
      const bool is_last = import == open.back() && edges_[visit.node].empty();
      const std::string head = visit.below + std::string(is_last ? glyphs_.last : glyphs_.branch);
      TreeRow row;
      row.width = display_width(head) + kOpen.size();
      row.left = head + style_.paint(Ink::Dim, kOpen);
      row.right = import->label();
      rows_.push_back(std::move(row));
    }
  }

  // Depth first, without recursion, because a chain can be long.
  void walk(std::size_t start) {
    std::vector<Visit> stack{{start, nullptr, "", ""}};
    while (!stack.empty()) {
      const Visit visit = std::move(stack.back());
      stack.pop_back();
      const bool is_repeated = is_shown_[visit.node];
      is_shown_[visit.node] = true;
      add_row(visit, is_repeated);
      if (is_repeated) continue;
      const std::vector<const GraphEdge*>& edges = edges_[visit.node];
      add_open(visit);
      for (std::size_t i = edges.size(); i-- > 0;) {
        const bool is_last = i + 1 == edges.size();
        stack.push_back({edges[i]->provider, edges[i],
                         visit.below + std::string(is_last ? glyphs_.last : glyphs_.branch),
                         visit.below + std::string(is_last ? glyphs_.blank : glyphs_.pipe)});
      }
    }
  }

  const Graph& graph_;
  const Style& style_;
  const TreeGlyphs& glyphs_;
  std::vector<std::vector<const GraphEdge*>> edges_;  // by consumer
  std::vector<std::vector<const GraphOpen*>> open_;   // by consumer
  std::vector<bool> is_shown_;
  std::vector<TreeRow> rows_;
};

}  // namespace

std::string render_graph_tree(const Graph& graph, const Style& style) {
  return TreeWriter(graph, style).write();
}

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
  if (node.shows_kind()) text += fmt::format("\n{}", node.shown_kind());
  if (node.hidden > 0) text += fmt::format("\n+{} more", node.hidden);
  return text;
}

std::string describe_edge(const GraphEdge& edge) {
  std::string text;
  for (const GraphItem& item : edge.items) {
    if (!text.empty()) text += "\n";
    text += item.label();
    if (!item.via.empty()) text += "\nvia " + item.via;
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
    text += fmt::format("  o{} [label={}, shape=plaintext];\n", i, quote(graph.open[i].label()));
    for (const std::size_t node : graph.open[i].nodes)
      text += fmt::format("  n{} -> o{} [arrowhead=empty];\n", node, i);
  }
  for (const GraphEdge& edge : graph.edges) {
    const std::string label =
        edge.items.empty() ? "" : fmt::format(", label={}", quote(describe_edge(edge)));
    text += fmt::format("  n{} -> n{} [style={}{}];\n", edge.consumer, edge.provider,
                        get_line(edge.kind), label);
  }
  return text + "}\n";
}

namespace {

// Escapes text in quotes: characters that Mermaid or HTML would interpret become entities.
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
    // Mermaid has only one broken line. `linkStyle` gives each kind its own dashes.
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
  if (node.shows_kind()) label += fmt::format("<br/>{}", node.shown_kind());
  if (node.hidden > 0) label += fmt::format("<br/>+{} more", node.hidden);
  return fmt::format("{}n{}[\"{}\"]\n", indent, index, label);
}

std::string write_label(const GraphEdge& edge) {
  std::string label;
  for (const GraphItem& item : edge.items) {
    if (!label.empty()) label += "<br/>";
    label += escape_mermaid(item.label());
    if (!item.via.empty()) label += "<br/>via " + escape_mermaid(item.via);
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
    text += fmt::format("  o{}([\"{}\"])\n", i, escape_mermaid(graph.open[i].label()));
    for (const std::size_t node : graph.open[i].nodes) {
      text += fmt::format("  n{} --> o{}\n", node, i);
      ++links;
    }
  }
  for (const GraphEdge& edge : graph.edges) {
    const std::string label = edge.items.empty() ? "" : fmt::format("|\"{}\"|", write_label(edge));
    text +=
        fmt::format("  n{} {}{} n{}\n", edge.consumer, get_arrow(edge.kind), label, edge.provider);
    if (!get_dashes(edge.kind).empty())
      styles += fmt::format("  linkStyle {} stroke-dasharray:{}\n", links, get_dashes(edge.kind));
    ++links;
  }
  return text + styles;
}

namespace {

JsonValue list_names(const Graph& graph, const std::vector<std::size_t>& nodes) {
  JsonValue names = JsonValue::array();
  for (const std::size_t node : nodes) names.push_back(graph.nodes[node].name);
  return names;
}

JsonValue make_node_json(const Graph& graph, const GraphNode& node) {
  JsonValue json = {
      {"name", node.name},
      {"kind", get_name(node.kind)},
      {"version", text_or_null(node.version)},
      {"domain", node.cluster == kNoCluster ? JsonValue(nullptr)
                                            : JsonValue(graph.clusters[node.cluster].name)},
      {"hidden", node.hidden}};
  if (node.has_process) json["process"] = true;
  return json;
}

JsonValue make_graph_edge_json(const Graph& graph, const GraphEdge& edge) {
  JsonValue items = JsonValue::array();
  for (const GraphItem& item : edge.items) {
    items.push_back(
        {{"import", item.import}, {"export", item.export_name}, {"functions", item.functions}});
    if (!item.via.empty()) items.back()["via"] = item.via;
    if (item.is_optional) items.back()["optional"] = true;
  }
  return {{"consumer", graph.nodes[edge.consumer].name},
          {"provider", graph.nodes[edge.provider].name},
          {"kind", get_name(edge.kind)},
          {"items", std::move(items)}};
}

}  // namespace

std::string render_graph_json(const Graph& graph) {
  JsonValue clusters = JsonValue::array();
  for (const GraphCluster& cluster : graph.clusters)
    clusters.push_back({{"name", cluster.name}, {"nodes", list_names(graph, cluster.nodes)}});
  JsonValue nodes = JsonValue::array();
  for (const GraphNode& node : graph.nodes) nodes.push_back(make_node_json(graph, node));
  JsonValue edges = JsonValue::array();
  for (const GraphEdge& edge : graph.edges) edges.push_back(make_graph_edge_json(graph, edge));
  JsonValue exports = JsonValue::array();
  for (const GraphExport& exported : graph.exports)
    exports.push_back({{"name", exported.name}, {"node", graph.nodes[exported.node].name}});
  JsonValue open = JsonValue::array();
  for (const GraphOpen& import : graph.open) {
    open.push_back({{"name", import.name}, {"nodes", list_names(graph, import.nodes)}});
    if (import.is_optional) open.back()["optional"] = true;
  }
  return dump_json({{"schema", 1},
                    {"name", graph.title},
                    {"root", graph.root == kNoNode ? JsonValue(nullptr)
                                                   : JsonValue(graph.nodes[graph.root].name)},
                    {"clusters", std::move(clusters)},
                    {"nodes", std::move(nodes)},
                    {"edges", std::move(edges)},
                    {"exports", std::move(exports)},
                    {"open", std::move(open)}});
}

}  // namespace tenon::render
