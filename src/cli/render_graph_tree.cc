#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "cli/plan_names.h"
#include "cli/render_graph.h"
#include "tenon/text.h"

namespace tenon::cli {

namespace {

struct TreeRow {
  std::string left;  // lines and name
  std::string right;
  std::size_t width = 0;  // of `left`
};

std::string describe_items(const GraphEdge& edge) {
  std::vector<std::string> items;
  for (const GraphItem& item : edge.items) {
    std::string text = item.import;
    if (!item.functions.empty()) text += fmt::format(".{{{}}}", fmt::join(item.functions, ", "));
    items.push_back(std::move(text));
  }
  std::string text = fmt::format("{}", fmt::join(items, ", "));
  if (edge.kind != EdgeKind::Direct && edge.kind != EdgeKind::Wasi)
    text += fmt::format(" ({})", get_name(edge.kind));
  return text;
}

// Stands where the name of a provider would.
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
    // Units in a circle that nothing outside it uses.
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
    std::string head;     // what stands before the branch
    std::string below;    // what stands before the branches below
  };

  void add_row(const Visit& visit, bool is_repeated) {
    const GraphNode& node = graph_.nodes[visit.node];
    std::string plain = node.name;
    if (!node.version.empty()) plain += " " + node.version;
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
      row.right = import->name;
      rows_.push_back(std::move(row));
    }
  }

  // Depth first, without recursion: a chain may be long.
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

}  // namespace tenon::cli
