// How cycles and orders are found.
//
// A graph can hold exponentially many cycles, so not all of them are listed. Tarjan's algorithm
// finds the strongly connected components; every edge inside of a component lies on some cycle. For
// each such edge that no listed cycle has, the shortest cycle through it is listed, from its
// smallest node on. So every edge that must be looked at is named, and the list is short. Kahn's
// algorithm gives the orders.
#include "resolve/graph.h"

#include <fmt/core.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <queue>
#include <set>
#include <unordered_map>
#include <utility>

namespace tenon::resolve {

namespace {

constexpr std::uint32_t kUnseen = UINT32_MAX;

// The number of cycles that are listed for one component.
constexpr std::size_t kListedCycles = 10;

// Lists the cycles of one component: for each edge that is on none of them, the shortest cycle
// through it.
void list_cycles(const Graph& graph, const std::vector<std::uint32_t>& component, CycleSet& set) {
  std::set<std::pair<std::uint32_t, std::uint32_t>> listed;
  for (const std::uint32_t from : set.members) {
    for (const std::uint32_t to : graph[from]) {
      if (component[to] != component[from] || listed.contains({from, to})) continue;
      if (set.cycles.size() == kListedCycles) {
        set.has_more = true;
        return;
      }
      // The path leads from `to` back to `from`, and the edge closes it.
      std::vector<std::uint32_t> cycle = find_path(graph, component, to, from);
      std::rotate(cycle.begin(), std::min_element(cycle.begin(), cycle.end()), cycle.end());
      for (std::size_t i = 0; i < cycle.size(); ++i)
        listed.emplace(cycle[i], cycle[(i + 1) % cycle.size()]);
      set.cycles.push_back(std::move(cycle));
    }
  }
}

}  // namespace

void sort_edges(Graph& graph) {
  for (std::vector<std::uint32_t>& needed : graph) {
    std::sort(needed.begin(), needed.end());
    needed.erase(std::unique(needed.begin(), needed.end()), needed.end());
  }
}

std::vector<std::uint32_t> find_components(const Graph& graph) {
  struct Visit {
    std::uint32_t node = 0;
    std::size_t next = 0;
  };
  std::vector<std::uint32_t> component(graph.size(), kUnseen);
  std::vector<std::uint32_t> seen_at(graph.size(), kUnseen);
  std::vector<std::uint32_t> low(graph.size(), 0);
  std::vector<std::uint32_t> path;
  std::vector<Visit> visits;
  std::uint32_t seen = 0;
  std::uint32_t components = 0;
  for (std::uint32_t start = 0; start < graph.size(); ++start) {
    if (seen_at[start] != kUnseen) continue;
    visits.push_back({start});
    while (!visits.empty()) {
      Visit& visit = visits.back();
      const std::uint32_t node = visit.node;
      if (visit.next == 0) {
        seen_at[node] = low[node] = seen++;
        path.push_back(node);
      }
      if (visit.next < graph[node].size()) {
        const std::uint32_t to = graph[node][visit.next++];
        if (seen_at[to] == kUnseen)
          visits.push_back({to});
        else if (component[to] == kUnseen)
          low[node] = std::min(low[node], seen_at[to]);
        continue;
      }
      if (low[node] == seen_at[node]) {
        std::uint32_t member = 0;
        do {
          member = path.back();
          path.pop_back();
          component[member] = components;
        } while (member != node);
        ++components;
      }
      visits.pop_back();
      if (!visits.empty()) low[visits.back().node] = std::min(low[visits.back().node], low[node]);
    }
  }
  return component;
}

std::vector<std::uint32_t> find_path(const Graph& graph,
                                     const std::vector<std::uint32_t>& component,
                                     std::uint32_t from, std::uint32_t to) {
  std::unordered_map<std::uint32_t, std::uint32_t> came_from{{from, from}};
  std::deque<std::uint32_t> queue{from};
  while (!queue.empty() && !came_from.contains(to)) {
    const std::uint32_t here = queue.front();
    queue.pop_front();
    for (const std::uint32_t next : graph[here])
      if (component[next] == component[from] && came_from.emplace(next, here).second)
        queue.push_back(next);
  }
  std::vector<std::uint32_t> path{to};
  while (path.back() != from) path.push_back(came_from.at(path.back()));
  std::reverse(path.begin(), path.end());
  return path;
}

std::vector<CycleSet> find_cycles(const Graph& graph) {
  const std::vector<std::uint32_t> component = find_components(graph);
  std::vector<CycleSet> sets(graph.size());
  for (std::uint32_t node = 0; node < graph.size(); ++node)
    sets[component[node]].members.push_back(node);
  // A component of one node is a cycle only if the node needs itself.
  for (CycleSet& set : sets) list_cycles(graph, component, set);
  std::erase_if(sets, [](const CycleSet& set) { return set.cycles.empty(); });
  std::ranges::sort(sets, {}, &CycleSet::members);
  return sets;
}

std::vector<std::uint32_t> order_nodes(const Graph& graph) {
  Graph users(graph.size());
  std::vector<std::size_t> missing(graph.size());
  std::priority_queue<std::uint32_t, std::vector<std::uint32_t>, std::greater<>> ready;
  for (std::uint32_t node = 0; node < graph.size(); ++node) {
    missing[node] = graph[node].size();
    if (graph[node].empty()) ready.push(node);
    for (const std::uint32_t needed : graph[node]) users[needed].push_back(node);
  }
  std::vector<std::uint32_t> order;
  while (!ready.empty()) {
    const std::uint32_t node = ready.top();
    ready.pop();
    order.push_back(node);
    for (const std::uint32_t user : users[node])
      if (--missing[user] == 0) ready.push(user);
  }
  return order;
}

Diagnostic make_cycle_problem(Code code, const std::vector<CycleArrow>& arrows) {
  std::string path;
  for (const CycleArrow& arrow : arrows) path += arrow.consumer + " -> ";
  path += arrows.front().consumer;
  Diagnostic problem = make_diagnostic(code, "Circular dependency detected: {}", path);
  for (std::size_t i = 0; i < arrows.size(); ++i) {
    const CycleArrow& arrow = arrows[i];
    std::string text =
        fmt::format("{} -> {} by `{}`", arrow.consumer, arrows[(i + 1) % arrows.size()].consumer,
                    arrow.interfaces.front());
    if (arrow.interfaces.size() > 1)
      text += fmt::format(" and {} more", arrow.interfaces.size() - 1);
    if (!arrow.where.file.empty()) text += fmt::format(" ({})", arrow.where.file);
    problem.notes.push_back({.text = std::move(text), .excerpt = {}, .related = arrow.where});
  }
  return problem;
}

}  // namespace tenon::resolve
