#include "cli/extension_graph.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "tenon/text.h"

namespace tenon::cli {

Graph make_extension_graph(const std::vector<Extension>& closure) {
  Graph graph;
  std::map<std::pair<std::string, std::string>, std::size_t> places;
  for (auto one = closure.rbegin(); one != closure.rend(); ++one) {
    const std::size_t at = graph.nodes.size();
    places.emplace(std::pair(one->name, one->version), at);
    graph.nodes.push_back({.name = one->name, .version = one->version, .cluster = at});
    graph.clusters.push_back({one->name, {at}});
  }
  if (!closure.empty()) {
    graph.title = closure.back().name;
    graph.root = 0;
  }
  for (auto one = closure.rbegin(); one != closure.rend(); ++one) {
    std::map<std::size_t, GraphEdge> edges;
    for (const ExtensionNeed& need : one->needs) {
      const auto provider = places.find({need.from, need.version});
      if (provider == places.end()) continue;
      GraphEdge& edge = edges[provider->second];
      edge.consumer = places.at({one->name, one->version});
      edge.provider = provider->second;
      edge.kind = EdgeKind::Bridged;
      edge.items.push_back({sanitize_text(need.interface), sanitize_text(need.exported), {}});
    }
    for (auto& [at, edge] : edges) graph.edges.push_back(std::move(edge));
  }
  return graph;
}

}  // namespace tenon::cli
