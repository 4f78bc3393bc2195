// Orders and cycles in the dependency graph of a store. None of the functions recurses, because the
// depth of a graph is up to the index. A lazy need does not count for the order, since its provider
// is only started by a call; for that reason a cycle with a lazy edge is allowed.
#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "extension/needs.h"
#include "support/diagnostics.h"

namespace tenon::extension {

namespace {

using Node = std::size_t;  // an index into Index::extensions

struct NeedEdge {
  Node provider;
  const ExtensionNeed* need;
};

class NeedGraph final {
 public:
  explicit NeedGraph(const Index& index)
      : index_(index), edges_(index.extensions.size()), all_(index.extensions.size()) {
    for (Node node = 0; node < size(); ++node)
      for (const ExtensionNeed& need : index.extensions[node].needs) {
        const Extension* const provider = index.find(need.from, need.version);
        if (provider == nullptr) continue;
        const auto at = static_cast<Node>(provider - index.extensions.data());
        all_[node].push_back(at);
        if (!need.is_lazy) edges_[node].push_back({at, &need});
      }
  }

  [[nodiscard]] std::size_t size() const { return index_.extensions.size(); }
  // The needs of an extension that are not lazy.
  [[nodiscard]] const std::vector<NeedEdge>& of(Node node) const { return edges_[node]; }
  [[nodiscard]] const Extension& at(Node node) const { return index_.extensions[node]; }

  // The providers of all needs, lazy or not.
  [[nodiscard]] const std::vector<Node>& providers_of(Node node) const { return all_[node]; }
  // All that `from` needs directly or indirectly, and itself.
  [[nodiscard]] std::set<Node> reach(Node from) const {
    std::set<Node> reached = {from};
    std::vector<Node> open = {from};
    while (!open.empty()) {
      const Node node = open.back();
      open.pop_back();
      for (const Node next : all_[node])
        if (reached.insert(next).second) open.push_back(next);
    }
    return reached;
  }

 private:
  const Index& index_;
  std::vector<std::vector<NeedEdge>> edges_;
  std::vector<std::vector<Node>> all_;
};

// Topological order by Kahn's algorithm. Among nodes that are ready, the first in the index comes
// first; the index is sorted by name. Nodes in a cycle, and their consumers, are left out.
std::vector<Node> sort_nodes(const NeedGraph& graph, const std::set<Node>& nodes) {
  std::map<Node, std::size_t> waits_for;
  std::map<Node, std::vector<Node>> users;
  for (const Node node : nodes) {
    waits_for[node] = 0;
    for (const NeedEdge& edge : graph.of(node)) {
      ++waits_for[node];
      users[edge.provider].push_back(node);
    }
  }
  std::set<Node> ready;
  for (const auto& [node, count] : waits_for)
    if (count == 0) ready.insert(node);
  std::vector<Node> order;
  while (!ready.empty()) {
    const Node node = *ready.begin();
    ready.erase(ready.begin());
    order.push_back(node);
    for (const Node user : users[node])
      if (--waits_for[user] == 0) ready.insert(user);
  }
  return order;
}

// The sets of nodes that reach each other, by Tarjan's algorithm with an explicit stack.
class StronglyConnectedSets final {
 public:
  explicit StronglyConnectedSets(const NeedGraph& graph)
      : graph_(graph), number_(graph.size(), 0), low_(graph.size(), 0), on_stack_(graph.size()) {
    for (Node node = 0; node < graph.size(); ++node)
      if (number_[node] == 0) visit(node);
  }

  [[nodiscard]] const std::vector<std::vector<Node>>& sets() const { return sets_; }

 private:
  struct VisitFrame {
    Node node;
    std::size_t next = 0;
  };

  void visit(Node start) {
    std::vector<VisitFrame> frames;
    enter(start, frames);
    while (!frames.empty()) {
      VisitFrame& frame = frames.back();
      const Node node = frame.node;
      if (frame.next < graph_.of(node).size()) {
        const Node next = graph_.of(node)[frame.next++].provider;
        if (number_[next] == 0)
          enter(next, frames);
        else if (on_stack_[next])
          low_[node] = std::min(low_[node], number_[next]);
        continue;
      }
      frames.pop_back();
      if (!frames.empty())
        low_[frames.back().node] = std::min(low_[frames.back().node], low_[node]);
      if (low_[node] == number_[node]) take(node);
    }
  }
  void enter(Node node, std::vector<VisitFrame>& frames) {
    number_[node] = low_[node] = ++last_;
    on_stack_[node] = true;
    stack_.push_back(node);
    frames.push_back({node});
  }
  void take(Node root) {
    std::vector<Node> members;
    Node node = 0;
    do {
      node = stack_.back();
      stack_.pop_back();
      on_stack_[node] = false;
      members.push_back(node);
    } while (node != root);
    std::ranges::sort(members);
    sets_.push_back(std::move(members));
  }

  const NeedGraph& graph_;
  std::vector<std::size_t> number_;
  std::vector<std::size_t> low_;
  std::vector<bool> on_stack_;
  std::vector<Node> stack_;
  std::size_t last_ = 0;
  std::vector<std::vector<Node>> sets_;
};

// The shortest cycle through the first member, found by breadth-first search.
std::vector<std::pair<Node, const ExtensionNeed*>> find_shortest_cycle(
    const NeedGraph& graph, const std::vector<Node>& members) {
  const Node start = members.front();
  std::map<Node, std::pair<Node, const ExtensionNeed*>> came_from;
  std::vector<Node> open = {start};
  for (std::size_t k = 0; k < open.size(); ++k)
    for (const NeedEdge& edge : graph.of(open[k])) {
      if (!std::ranges::binary_search(members, edge.provider) || came_from.contains(edge.provider))
        continue;
      came_from.emplace(edge.provider, std::pair(open[k], edge.need));
      open.push_back(edge.provider);
    }
  std::vector<std::pair<Node, const ExtensionNeed*>> cycle;
  Node at = start;
  do {
    const auto& [consumer, need] = came_from.at(at);
    cycle.emplace_back(consumer, need);
    at = consumer;
  } while (at != start);
  std::ranges::reverse(cycle);
  return cycle;
}

Diagnostic cycle_problem(const NeedGraph& graph, const std::vector<Node>& members) {
  const auto cycle = find_shortest_cycle(graph, members);
  std::string path;
  for (const auto& [node, need] : cycle) path += graph.at(node).name + " -> ";
  Diagnostic problem = make_diagnostic(Code::ExtCycle, "circular dependency detected: {}{}", path,
                                       graph.at(cycle.front().first).name);
  for (const auto& [node, need] : cycle)
    problem.notes.push_back(
        {fmt::format("`{}` needs `{}` from `{}`", graph.at(node).name, need->interface, need->from),
         {},
         {}});
  if (members.size() > cycle.size()) {
    std::string others;
    for (const Node node : members) others += (others.empty() ? "" : ", ") + graph.at(node).name;
    problem.notes.push_back({fmt::format("{} depend on each other", others), {}, {}});
  }
  problem.hints.emplace_back(
      "move the shared interface into a third extension; or make one dependency `lazy`, if "
      "neither side calls back during a call");
  return problem;
}

bool is_cycle(const NeedGraph& graph, const std::vector<Node>& members) {
  if (members.size() > 1) return true;
  return std::ranges::any_of(graph.of(members.front()), [&](const NeedEdge& edge) {
    return edge.provider == members.front();
  });
}

std::vector<const Extension*> extensions_of(const NeedGraph& graph,
                                            const std::vector<Node>& nodes) {
  std::vector<const Extension*> extensions;
  for (const Node node : nodes) extensions.push_back(&graph.at(node));
  return extensions;
}

}  // namespace

std::vector<const Extension*> closure_of(const Index& index, const Extension& root) {
  const NeedGraph graph(index);
  const auto at = static_cast<Node>(&root - index.extensions.data());
  return extensions_of(graph, sort_nodes(graph, graph.reach(at)));
}

std::vector<const Extension*> affected_by(const Index& index,
                                          const std::vector<const Extension*>& changed) {
  const NeedGraph graph(index);
  std::vector<std::vector<Node>> users(graph.size());
  std::set<Node> reached;
  for (Node node = 0; node < graph.size(); ++node) {
    for (const Node provider : graph.providers_of(node)) users[provider].push_back(node);
    if (std::ranges::find(changed, &graph.at(node)) != changed.end()) reached.insert(node);
  }
  std::vector<Node> open(reached.begin(), reached.end());
  while (!open.empty()) {
    const Node node = open.back();
    open.pop_back();
    for (const Node user : users[node])
      if (reached.insert(user).second) open.push_back(user);
  }
  return extensions_of(graph, {reached.begin(), reached.end()});
}

std::vector<const Extension*> load_order(const Index& index) {
  const NeedGraph graph(index);
  std::set<Node> all;
  for (Node node = 0; node < graph.size(); ++node) all.insert(node);
  return extensions_of(graph, sort_nodes(graph, all));
}

Diagnostics find_cycles(const Index& index) {
  const NeedGraph graph(index);
  Diagnostics problems;
  const StronglyConnectedSets connected(graph);
  for (const std::vector<Node>& members : connected.sets())
    if (is_cycle(graph, members)) problems.push_back(cycle_problem(graph, members));
  std::ranges::sort(problems, {}, &Diagnostic::message);
  return problems;
}

}  // namespace tenon::extension
