// Orders and cycles in the dependency graph of a store, by the graph functions of resolve. A lazy
// need does not count for the order, since its provider is only started by a call; for that reason
// a cycle with a lazy need is allowed.
#include <fmt/core.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "extension/needs.h"
#include "resolve/graph.h"

namespace tenon::extension {

namespace {

// Nodes are positions in Index::extensions, which is sorted by name.
struct NeedGraph {
  resolve::Graph all;
  resolve::Graph eager;  // without lazy needs
};

std::uint32_t node_of(const Index& index, const Extension& extension) {
  return static_cast<std::uint32_t>(&extension - index.extensions.data());
}

NeedGraph make_need_graph(const Index& index) {
  NeedGraph graph;
  for (const Extension& consumer : index.extensions) {
    std::vector<std::uint32_t>& all = graph.all.emplace_back();
    std::vector<std::uint32_t>& eager = graph.eager.emplace_back();
    for (const ExtensionNeed& need : consumer.needs) {
      const Extension* const provider = index.find(need.from, need.version);
      if (provider == nullptr) continue;
      all.push_back(node_of(index, *provider));
      if (!need.is_lazy) eager.push_back(all.back());
    }
  }
  resolve::sort_edges(graph.all);
  resolve::sort_edges(graph.eager);
  return graph;
}

// Marks the nodes that can be reached from `open`, including these.
std::vector<bool> reach(const resolve::Graph& graph, std::vector<std::uint32_t> open) {
  std::vector<bool> reached(graph.size());
  for (const std::uint32_t node : open) reached[node] = true;
  while (!open.empty()) {
    const std::uint32_t node = open.back();
    open.pop_back();
    for (const std::uint32_t next : graph[node]) {
      if (reached[next]) continue;
      reached[next] = true;
      open.push_back(next);
    }
  }
  return reached;
}

std::set<const Extension*> pick(const Index& index, const std::vector<bool>& nodes) {
  std::set<const Extension*> extensions;
  for (std::uint32_t node = 0; node < nodes.size(); ++node)
    if (nodes[node]) extensions.insert(&index.extensions[node]);
  return extensions;
}

// The interfaces by which `consumer` needs `provider` before it can start.
std::vector<std::string> interfaces_between(const Extension& consumer, const Extension& provider) {
  std::vector<std::string> interfaces;
  for (const ExtensionNeed& need : consumer.needs)
    if (!need.is_lazy && need.from == provider.name && need.version == provider.version)
      interfaces.push_back(need.interface);
  return interfaces;
}

Diagnostic cycle_problem(const Index& index, const std::vector<std::uint32_t>& cycle) {
  std::vector<resolve::CycleArrow> arrows;
  for (std::size_t k = 0; k < cycle.size(); ++k) {
    const Extension& consumer = index.extensions[cycle[k]];
    const Extension& provider = index.extensions[cycle[(k + 1) % cycle.size()]];
    arrows.push_back({consumer.name, interfaces_between(consumer, provider), {}});
  }
  Diagnostic problem = resolve::make_cycle_problem(Code::ExtCycle, arrows);
  problem.hints.emplace_back(
      "move the shared interface into a third extension; or make one dependency `lazy`, if "
      "neither side calls back during a call");
  return problem;
}

}  // namespace

std::vector<const Extension*> closure_of(const Index& index, const Extension& root) {
  const NeedGraph graph = make_need_graph(index);
  const std::vector<bool> is_needed = reach(graph.all, {node_of(index, root)});
  std::vector<const Extension*> closure;
  for (const std::uint32_t node : resolve::order_nodes(graph.eager))
    if (is_needed[node]) closure.push_back(&index.extensions[node]);
  return closure;
}

std::set<const Extension*> needed_by(const Index& index,
                                     const std::vector<const Extension*>& roots) {
  std::vector<std::uint32_t> open;
  for (const Extension* const root : roots) open.push_back(node_of(index, *root));
  return pick(index, reach(make_need_graph(index).all, std::move(open)));
}

std::set<const Extension*> eager_closure_of(const Index& index, const Extension& root) {
  return pick(index, reach(make_need_graph(index).eager, {node_of(index, root)}));
}

std::vector<const Extension*> affected_by(const Index& index,
                                          const std::vector<const Extension*>& changed) {
  const NeedGraph graph = make_need_graph(index);
  resolve::Graph users(graph.all.size());
  for (std::uint32_t node = 0; node < graph.all.size(); ++node)
    for (const std::uint32_t provider : graph.all[node]) users[provider].push_back(node);
  std::vector<std::uint32_t> open;
  for (const Extension* const extension : changed) open.push_back(node_of(index, *extension));
  const std::vector<bool> is_affected = reach(users, std::move(open));
  std::vector<const Extension*> affected;
  for (const Extension& extension : index.extensions)
    if (is_affected[node_of(index, extension)]) affected.push_back(&extension);
  return affected;
}

std::vector<const Extension*> load_order(const Index& index) {
  std::vector<const Extension*> order;
  for (const std::uint32_t node : resolve::order_nodes(make_need_graph(index).eager))
    order.push_back(&index.extensions[node]);
  return order;
}

Diagnostics find_cycles(const Index& index, const ExtensionKeys& ignored) {
  Diagnostics problems;
  for (const resolve::CycleSet& set : resolve::find_cycles(make_need_graph(index).eager)) {
    const auto is_ignored = [&](std::uint32_t node) {
      return ignored.contains(key_of(index.extensions[node]));
    };
    if (std::ranges::all_of(set.members, is_ignored)) continue;
    for (const std::vector<std::uint32_t>& cycle : set.cycles)
      problems.push_back(cycle_problem(index, cycle));
    if (set.has_more)
      problems.back().notes.push_back(
          {fmt::format("these {} extensions depend on each other in more cycles",
                       set.members.size()),
           {},
           {}});
  }
  return problems;
}

ExtensionKeys find_members_of_cycles(const Index& index) {
  ExtensionKeys members;
  for (const resolve::CycleSet& set : resolve::find_cycles(make_need_graph(index).eager))
    for (const std::uint32_t node : set.members) members.insert(key_of(index.extensions[node]));
  return members;
}

}  // namespace tenon::extension
