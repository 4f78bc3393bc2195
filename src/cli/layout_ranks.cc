#include "cli/layout_ranks.h"

#include <algorithm>
#include <utility>

namespace tenon::cli {

namespace {

using Neighbours = std::vector<std::vector<std::size_t>>;

struct Acyclic {
  Neighbours below;  // by box: boxes that must be below it
  Neighbours above;
  std::vector<std::size_t> order;  // every box after those above it
};

// Edges by the box they leave.
Neighbours list_edges(const LayoutInput& input) {
  Neighbours edges(input.boxes.size());
  for (std::size_t e = 0; e < input.edges.size(); ++e)
    if (input.edges[e].from != input.edges[e].to) edges[input.edges[e].from].push_back(e);
  return edges;
}

// Walks depth first, without recursion; an edge to a box on the way there closes a circle.
std::vector<bool> find_reversed(const LayoutInput& input) {
  enum class Mark { Fresh, Open, Done };
  const Neighbours edges = list_edges(input);
  std::vector<bool> is_reversed(input.edges.size(), false);
  std::vector<Mark> marks(input.boxes.size(), Mark::Fresh);
  std::vector<std::pair<std::size_t, std::size_t>> way;  // box, and how many edges were followed
  for (std::size_t start = 0; start < input.boxes.size(); ++start) {
    if (marks[start] != Mark::Fresh) continue;
    marks[start] = Mark::Open;
    way.emplace_back(start, 0);
    while (!way.empty()) {
      auto& [box, next] = way.back();
      if (next == edges[box].size()) {
        marks[box] = Mark::Done;
        way.pop_back();
        continue;
      }
      const std::size_t edge = edges[box][next++];
      const std::size_t to = input.edges[edge].to;
      if (marks[to] == Mark::Open) is_reversed[edge] = true;
      if (marks[to] != Mark::Fresh) continue;
      marks[to] = Mark::Open;
      way.emplace_back(to, 0);
    }
  }
  return is_reversed;
}

Acyclic make_acyclic(const LayoutInput& input, const std::vector<bool>& is_reversed) {
  Acyclic graph{Neighbours(input.boxes.size()), Neighbours(input.boxes.size()), {}};
  for (std::size_t e = 0; e < input.edges.size(); ++e) {
    auto [from, to] = std::pair(input.edges[e].from, input.edges[e].to);
    if (from == to) continue;
    if (is_reversed[e]) std::swap(from, to);
    graph.below[from].push_back(to);
    graph.above[to].push_back(from);
  }
  std::vector<std::size_t> waits(input.boxes.size());
  for (std::size_t box = 0; box < input.boxes.size(); ++box) {
    waits[box] = graph.above[box].size();
    if (waits[box] == 0) graph.order.push_back(box);
  }
  for (std::size_t i = 0; i < graph.order.size(); ++i)
    for (const std::size_t box : graph.below[graph.order[i]])
      if (--waits[box] == 0) graph.order.push_back(box);
  return graph;
}

// A box with more edges down than up goes down as far as they let it: that shortens them.
void pull_down(const Acyclic& graph, const LayoutInput& input, std::vector<std::size_t>& ranks) {
  for (auto box = graph.order.rbegin(); box != graph.order.rend(); ++box) {
    const std::vector<std::size_t>& below = graph.below[*box];
    if (input.boxes[*box].layer == LayoutBox::Layer::First) continue;
    if (below.empty() || below.size() <= graph.above[*box].size()) continue;
    std::size_t lowest = ranks[below.front()];
    for (const std::size_t other : below) lowest = std::min(lowest, ranks[other]);
    ranks[*box] = lowest - 1;
  }
}

void fix_last(const LayoutInput& input, std::vector<std::size_t>& ranks) {
  const auto is_last = [&](std::size_t box) {
    return input.boxes[box].layer == LayoutBox::Layer::Last;
  };
  std::size_t end = 0;
  for (std::size_t box = 0; box < ranks.size(); ++box)
    if (!is_last(box)) end = std::max(end, ranks[box] + 1);
  for (std::size_t box = 0; box < ranks.size(); ++box)
    if (is_last(box)) ranks[box] = std::max(ranks[box], end);
}

}  // namespace

Ranks assign_ranks(const LayoutInput& input) {
  Ranks ranks;
  ranks.is_reversed = find_reversed(input);
  const Acyclic graph = make_acyclic(input, ranks.is_reversed);
  const bool has_first =
      std::any_of(input.boxes.begin(), input.boxes.end(),
                  [](const LayoutBox& box) { return box.layer == LayoutBox::Layer::First; });
  ranks.of_box.assign(input.boxes.size(), 0);
  for (const std::size_t box : graph.order) {
    std::size_t& rank = ranks.of_box[box];
    if (has_first && input.boxes[box].layer != LayoutBox::Layer::First)
      rank = std::max<std::size_t>(rank, 1);
    for (const std::size_t below : graph.below[box])
      ranks.of_box[below] = std::max(ranks.of_box[below], rank + 1);
  }
  pull_down(graph, input, ranks.of_box);
  fix_last(input, ranks.of_box);
  return ranks;
}

}  // namespace tenon::cli
