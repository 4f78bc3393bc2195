// What can be asked of a directed graph of units or of domains.
#pragma once

#include <cstdint>
#include <vector>

namespace tenon::resolve {

// successors[node]: sorted, each once.
using Graph = std::vector<std::vector<std::uint32_t>>;

// The strongly connected component of each node: two nodes have one number if each reaches the
// other. Needs no deep stack.
[[nodiscard]] std::vector<std::uint32_t> find_components(const Graph& graph);

// A shortest way from one node to another within their component; the two ends included.
// REQUIRES: both are in one component.
[[nodiscard]] std::vector<std::uint32_t> find_way(const Graph& graph,
                                                  const std::vector<std::uint32_t>& component,
                                                  std::uint32_t from, std::uint32_t to);

// Successors first, ties by number. Nodes on a cycle, and those that reach one, are left out.
[[nodiscard]] std::vector<std::uint32_t> order_nodes(const Graph& graph);

}  // namespace tenon::resolve
