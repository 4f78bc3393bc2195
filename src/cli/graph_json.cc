#include <nlohmann/json.hpp>
#include <utility>

#include "cli/diagnostics_json.h"
#include "cli/plan_names.h"
#include "cli/render_graph.h"

namespace tenon::cli {

namespace {

JsonValue list_names(const Graph& graph, const std::vector<std::size_t>& nodes) {
  JsonValue names = JsonValue::array();
  for (const std::size_t node : nodes) names.push_back(graph.nodes[node].name);
  return names;
}

JsonValue make_node_json(const Graph& graph, const GraphNode& node) {
  return {{"name", node.name},
          {"kind", get_name(node.kind)},
          {"version", text_or_null(node.version)},
          {"domain", node.cluster == kNoCluster ? JsonValue(nullptr)
                                                : JsonValue(graph.clusters[node.cluster].name)},
          {"hidden", node.hidden}};
}

JsonValue make_graph_edge_json(const Graph& graph, const GraphEdge& edge) {
  JsonValue items = JsonValue::array();
  for (const GraphItem& item : edge.items)
    items.push_back(
        {{"import", item.import}, {"export", item.export_name}, {"functions", item.functions}});
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
  for (const GraphOpen& import : graph.open)
    open.push_back({{"name", import.name}, {"nodes", list_names(graph, import.nodes)}});
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

}  // namespace tenon::cli
