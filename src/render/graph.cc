#include "render/graph.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <deque>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>

#include "support/terminal_text.h"

namespace tenon::render {

namespace {

using NodeNames = std::map<std::string_view, std::size_t>;

GraphNode make_node(const PlanUnit& unit) {
  GraphNode node;
  node.name = sanitize_text(unit.name);
  node.version = sanitize_text(unit.version.value_or(""));
  node.kind = unit.kind;
  node.has_process = unit.process.has_value();
  return node;
}

const PlanItem* find_import(const PlanUnit& unit, const std::string& name) {
  const auto item = std::find_if(unit.imports.begin(), unit.imports.end(),
                                 [&](const PlanItem& import) { return import.name == name; });
  return item == unit.imports.end() ? nullptr : &*item;
}

// Adds nodes from the root in the reverse order of instantiation, so that consumers come first.
// Then adds edges: the imports of one consumer that one provider satisfies by one kind of edge are
// merged.
class GraphMaker {
 public:
  GraphMaker(const Plan& plan, const GraphOptions& options) : plan_(plan), options_(options) {}

  Graph make() {
    graph_.title = sanitize_text(get_title(plan_));
    add_nodes();
    for (const PlanEdge& edge : plan_.edges) add_edge(edge);
    sort_edges();
    for (const PlanExport& exported : plan_.exports)
      if (!exported.implied) add_export(exported);
    for (const PlanRoute& route : plan_.routes) add_route(route);
    for (const PlanOpenImport& open : plan_.open) add_open(open);
    return std::move(graph_);
  }

 private:
  // The index of a domain. Domains are in the order of their first units.
  std::size_t get_cluster(const std::string& domain) {
    const std::string name = sanitize_text(domain);
    for (std::size_t i = 0; i < graph_.clusters.size(); ++i)
      if (graph_.clusters[i].name == name) return i;
    graph_.clusters.push_back({name, {}});
    return graph_.clusters.size() - 1;
  }

  void add_unit(const PlanUnit& unit) {
    const std::size_t index = graph_.nodes.size();
    if (!indices_.emplace(unit.name, index).second) return;
    units_.push_back(&unit);
    graph_.nodes.push_back(make_node(unit));
    // A remote unit has no domain here.
    if (unit.domain.empty()) return;
    graph_.nodes.back().cluster = get_cluster(unit.domain);
    graph_.clusters[graph_.nodes.back().cluster].nodes.push_back(index);
  }

  void add_nodes() {
    std::map<std::string_view, const PlanUnit*> units;
    for (const PlanUnit& unit : plan_.units) units[unit.name] = &unit;
    if (const auto root = units.find(plan_.root); root != units.end()) {
      graph_.root = 0;
      add_unit(*root->second);
    }
    for (auto name = plan_.order.rbegin(); name != plan_.order.rend(); ++name)
      if (const auto unit = units.find(*name); unit != units.end()) add_unit(*unit->second);
    for (const PlanUnit& unit : plan_.units) add_unit(unit);
  }

  std::size_t find_provider(const PlanEdge& edge) {
    if (edge.kind != EdgeKind::Wasi) {
      const auto node = indices_.find(edge.provider);
      return node == indices_.end() ? kNoNode : node->second;
    }
    if (options_.wasi == ShowWasi::No) return kNoNode;
    if (wasi_ == kNoNode) {
      wasi_ = graph_.nodes.size();
      GraphNode node;
      node.name = "wasi";
      node.kind = UnitKind::Wasi;
      graph_.nodes.push_back(std::move(node));
    }
    return wasi_;
  }

  GraphItem make_item(const PlanEdge& edge, const PlanUnit& consumer) const {
    GraphItem item{
        sanitize_text(edge.import), sanitize_text(edge.export_name), {}, edge.is_optional};
    item.via = sanitize_text(fmt::format("{}", fmt::join(edge.middleware, ", ")));
    const PlanItem* import = find_import(consumer, edge.import);
    if (options_.functions == ShowFunctions::Yes && import != nullptr)
      for (const std::string& function : import->functions)
        item.functions.push_back(sanitize_text(function));
    return item;
  }

  void add_edge(const PlanEdge& edge) {
    const auto consumer = indices_.find(edge.consumer);
    const std::size_t provider = find_provider(edge);
    if (consumer == indices_.end() || provider == kNoNode) return;
    const auto key = std::tuple(consumer->second, provider, edge.kind);
    const auto [place, is_new] = edges_.emplace(key, graph_.edges.size());
    if (is_new) graph_.edges.push_back({consumer->second, provider, edge.kind, {}});
    std::vector<GraphItem>& items = graph_.edges[place->second].items;
    GraphItem item = make_item(edge, *units_[consumer->second]);
    if (edge.kind != EdgeKind::Wasi || options_.functions == ShowFunctions::Yes) {
      items.push_back(std::move(item));
      return;
    }
    item.import = item.export_name = fold_interface(item.import);
    const auto same = std::find_if(items.begin(), items.end(), [&](const GraphItem& other) {
      return other.import == item.import;
    });
    if (same == items.end()) items.push_back(std::move(item));
  }

  void sort_edges() {
    std::stable_sort(
        graph_.edges.begin(), graph_.edges.end(),
        [](const GraphEdge& a, const GraphEdge& b) { return a.consumer < b.consumer; });
  }

  void add_export(const PlanExport& exported) {
    const auto node = indices_.find(exported.unit);
    if (node != indices_.end())
      graph_.exports.push_back({sanitize_text(exported.name), node->second});
  }

  // A route leads to its unit, as an export does.
  void add_route(const PlanRoute& route) {
    const auto node = indices_.find(route.unit);
    if (node == indices_.end()) return;
    const std::string methods = fmt::format("{}", fmt::join(route.methods, ","));
    graph_.exports.push_back(
        {sanitize_text(
             fmt::format("{} {}{}", methods.empty() ? "HTTP" : methods, route.host, route.path)),
         node->second});
  }

  void add_open(const PlanOpenImport& open) {
    if (open.is_wasi) return;
    GraphOpen import{sanitize_text(open.name), {}, open.is_optional};
    for (const PlanOpenImport::Importer& importer : open.importers)
      if (const auto node = indices_.find(importer.unit); node != indices_.end())
        import.nodes.push_back(node->second);
    graph_.open.push_back(std::move(import));
  }

  const Plan& plan_;
  const GraphOptions& options_;
  Graph graph_;
  NodeNames indices_;
  std::vector<const PlanUnit*> units_;  // by node
  std::map<std::tuple<std::size_t, std::size_t, EdgeKind>, std::size_t> edges_;
  std::size_t wasi_ = kNoNode;
};

// The distance of each node from the starts, in edges (breadth-first search).
std::vector<std::size_t> measure_depths(const Graph& graph) {
  std::vector<std::vector<std::size_t>> providers(graph.nodes.size());
  for (const GraphEdge& edge : graph.edges) providers[edge.consumer].push_back(edge.provider);
  std::vector<std::size_t> depths(graph.nodes.size(), kNoNode);
  std::deque<std::size_t> queue;
  const auto reach = [&](std::size_t node, std::size_t depth) {
    if (depths[node] != kNoNode) return;
    depths[node] = depth;
    queue.push_back(node);
  };
  if (graph.root != kNoNode)
    reach(graph.root, 0);
  else
    for (const std::size_t node : find_starts(graph)) reach(node, 0);
  while (!queue.empty()) {
    const std::size_t node = queue.front();
    queue.pop_front();
    for (const std::size_t provider : providers[node]) reach(provider, depths[node] + 1);
  }
  return depths;
}

// Leaves out the nodes that are further than `depth` from the starts or cannot be reached.
Graph cut_graph(const Graph& whole, std::size_t depth) {
  const std::vector<std::size_t> depths = measure_depths(whole);
  Graph graph;
  graph.title = whole.title;
  std::vector<std::size_t> places(whole.nodes.size(), kNoNode);
  for (std::size_t i = 0; i < whole.nodes.size(); ++i) {
    if (depths[i] > depth) continue;
    places[i] = graph.nodes.size();
    graph.nodes.push_back(whole.nodes[i]);
    graph.nodes.back().cluster = kNoCluster;
  }
  if (whole.root != kNoNode) graph.root = places[whole.root];
  for (GraphEdge edge : whole.edges) {
    if (places[edge.consumer] == kNoNode) continue;
    edge.consumer = places[edge.consumer];
    edge.provider = places[edge.provider];
    if (edge.provider == kNoNode)
      ++graph.nodes[edge.consumer].hidden;
    else
      graph.edges.push_back(std::move(edge));
  }
  for (const GraphCluster& cluster : whole.clusters) {
    GraphCluster kept{cluster.name, {}};
    for (const std::size_t node : cluster.nodes) {
      if (places[node] == kNoNode) continue;
      kept.nodes.push_back(places[node]);
      graph.nodes[places[node]].cluster = graph.clusters.size();
    }
    if (!kept.nodes.empty()) graph.clusters.push_back(std::move(kept));
  }
  for (const GraphExport& exported : whole.exports)
    if (places[exported.node] != kNoNode)
      graph.exports.push_back({exported.name, places[exported.node]});
  for (const GraphOpen& open : whole.open) {
    GraphOpen kept{open.name, {}, open.is_optional};
    for (const std::size_t node : open.nodes)
      if (places[node] != kNoNode) kept.nodes.push_back(places[node]);
    if (!kept.nodes.empty()) graph.open.push_back(std::move(kept));
  }
  return graph;
}

}  // namespace

Graph make_graph(const Plan& plan, const GraphOptions& options) {
  Graph graph = GraphMaker(plan, options).make();
  return options.depth ? cut_graph(graph, *options.depth) : graph;
}

std::vector<std::size_t> find_starts(const Graph& graph) {
  std::vector<bool> is_used(graph.nodes.size(), false);
  for (const GraphEdge& edge : graph.edges) is_used[edge.provider] = true;
  std::vector<std::size_t> starts;
  if (graph.root != kNoNode) starts.push_back(graph.root);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i)
    if (!is_used[i] && i != graph.root) starts.push_back(i);
  return starts;
}

std::string fold_interface(std::string_view name) {
  const std::size_t slash = name.find('/');
  if (slash == std::string_view::npos) return std::string(name);
  const std::size_t at = name.find('@', slash);
  return fmt::format("{}/*{}", name.substr(0, slash),
                     at == std::string_view::npos ? std::string_view() : name.substr(at));
}

std::string get_title(const Plan& plan) {
  if (!plan.name.empty()) return plan.name;
  return plan.root.empty() ? "composition" : plan.root;
}

}  // namespace tenon::render
