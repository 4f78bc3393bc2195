// A plan as a graph of nodes, edges and clusters: the one model from which every picture is drawn.
//
//   const Graph graph = make_graph(plan, {.wasi = ShowWasi::Yes});
//   print_result(render_graph_tree(graph, style));
#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "render/style.h"
#include "tenon/plan.h"

namespace tenon::render {

inline constexpr std::size_t kNoCluster = std::numeric_limits<std::size_t>::max();
inline constexpr std::size_t kNoNode = std::numeric_limits<std::size_t>::max();

struct GraphNode {
  // Whether a picture names the kind: most units are components, and WASI is known by its name.
  [[nodiscard]] bool shows_kind() const {
    return kind != UnitKind::Component && kind != UnitKind::Wasi;
  }
  // "host-bundle", or "host-bundle, own process".
  [[nodiscard]] std::string shown_kind() const {
    return std::string(get_name(kind)) + (has_process ? ", own process" : "");
  }

  std::string name;
  std::string version;  // empty: unknown
  UnitKind kind = UnitKind::Component;
  bool has_process = false;  // of its own
  std::size_t cluster = kNoCluster;
  std::size_t hidden = 0;  // edges beyond the requested depth
};

// One import that an edge carries.
struct GraphItem {
  std::string import;
  std::string export_name;
  std::vector<std::string> functions;  // of the import; empty unless requested
  bool is_optional = false;            // it can be without a provider
  std::string via = {};                // the middleware of the edge: "limit, tenon:log"

  // The import, marked if it is optional.
  [[nodiscard]] std::string label() const { return is_optional ? import + " (optional)" : import; }
};

// All imports of one consumer that one provider satisfies, by one kind of edge.
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

// An open import of the composition, except those of WASI.
struct GraphOpen {
  std::string name;
  std::vector<std::size_t> nodes;
  bool is_optional = false;

  [[nodiscard]] std::string label() const { return is_optional ? name + " (optional)" : name; }
};

struct Graph {
  std::string title;
  std::size_t root = kNoNode;
  std::vector<GraphNode> nodes;  // consumers before their providers, the root first
  std::vector<GraphEdge> edges;  // sorted by consumer
  std::vector<GraphCluster> clusters;
  std::vector<GraphExport> exports;
  std::vector<GraphOpen> open;
};

enum class ShowWasi { No, Yes };
enum class ShowFunctions { No, Yes };

struct GraphOptions {
  std::optional<std::size_t> depth;  // edges from the root, or from the units that no other uses
  ShowWasi wasi = ShowWasi::No;      // as one node; interfaces are folded by package
  ShowFunctions functions = ShowFunctions::No;
};

// Names in the graph are sanitized: they can be printed.
[[nodiscard]] Graph make_graph(const Plan& plan, const GraphOptions& options);

// The nodes at which a drawing starts: the root, then those without a consumer.
[[nodiscard]] std::vector<std::size_t> find_starts(const Graph& graph);

// The interface of an import, or all of its package: `wasi:cli/exit@0.2.6` is `wasi:cli/*@0.2.6`.
// Unchanged if the name is not that of an interface.
[[nodiscard]] std::string fold_interface(std::string_view name);

// The name of the plan; if it has none, its root, or "composition".
[[nodiscard]] std::string get_title(const Plan& plan);

// The pictures, each for another reader; picture.h has the SVG. All show the units in their
// domains, the interfaces on the edges and the exports of the composition. The style of a line is
// the kind of its edge: solid is direct, dashed bridged, dotted remote, bold native.

// A tree for a terminal, from the root down. A unit that was shown before is marked, and its
// providers are not repeated.
//
//   cart 1.4.0
//   ├─ tax 1.3.1   acme:tax/lib@1.2.0
//   └─ log 0.1.0   acme:log/log@0.1.0 (bridged)
[[nodiscard]] std::string render_graph_tree(const Graph& graph, const Style& style);

// DOT, for Graphviz, with a cluster for each domain.
[[nodiscard]] std::string render_graph_dot(const Graph& graph);

// Mermaid's `flowchart LR`, with a subgraph for each domain.
[[nodiscard]] std::string render_graph_mermaid(const Graph& graph);

// `{schema, name, root, clusters, nodes, edges, exports, open}`; docs/command.md describes it.
[[nodiscard]] std::string render_graph_json(const Graph& graph);

}  // namespace tenon::render
