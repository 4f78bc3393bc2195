// Who uses whom, as nodes, edges and clusters: the model that every picture of a plan is drawn
// from.
#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "tenon/plan.h"

namespace tenon::cli {

inline constexpr std::size_t kNoCluster = std::numeric_limits<std::size_t>::max();
inline constexpr std::size_t kNoNode = std::numeric_limits<std::size_t>::max();

struct GraphNode {
  std::string name;
  std::string version;  // empty: none
  UnitKind kind = UnitKind::Component;
  std::size_t cluster = kNoCluster;
  std::size_t hidden = 0;  // edges that lead beyond the depth asked for
};

// One import that an edge carries.
struct GraphItem {
  std::string import;
  std::string export_name;
  std::vector<std::string> functions;  // of the import; empty unless they were asked for
};

// All imports of one consumer that one provider meets in one way.
struct GraphEdge {
  std::size_t consumer = 0;
  std::size_t provider = 0;
  EdgeKind kind = EdgeKind::Direct;
  std::vector<GraphItem> items;
};

// A domain.
struct GraphCluster {
  std::string name;
  std::vector<std::size_t> nodes;
};

// An export of the composition.
struct GraphExport {
  std::string name;
  std::size_t node = 0;
};

// An import of the composition that is not WASI's.
struct GraphOpen {
  std::string name;
  std::vector<std::size_t> nodes;
};

struct Graph {
  std::string title;
  std::size_t root = kNoNode;
  std::vector<GraphNode> nodes;  // consumers before their providers, the root first
  std::vector<GraphEdge> edges;  // by consumer
  std::vector<GraphCluster> clusters;
  std::vector<GraphExport> exports;
  std::vector<GraphOpen> open;
};

enum class ShowWasi { No, Yes };
enum class ShowFunctions { No, Yes };

struct GraphOptions {
  std::optional<std::size_t> depth;  // edges from the root, or from the units that nobody uses
  ShowWasi wasi = ShowWasi::No;      // one node; its interfaces are folded by package
  ShowFunctions functions = ShowFunctions::No;
};

// Names in the graph are escaped: it can be drawn as it stands.
[[nodiscard]] Graph make_graph(const Plan& plan, const GraphOptions& options);

// The nodes that a drawing starts from: the root, then those without consumer.
[[nodiscard]] std::vector<std::size_t> find_starts(const Graph& graph);

}  // namespace tenon::cli
