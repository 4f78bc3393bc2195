// Graphs of what needs what: their cycles and orders. A node is a unit, a domain, a group of
// imports or an installed extension.
//
//   const Graph graph = {{1}, {0}, {3}, {}};
//   find_cycles(graph)   // one set: members {0, 1}, cycles {{0, 1}}
//   order_nodes(graph)   // {3, 2}
//
// Answers depend only on the numbers of the nodes, so a caller that numbers them by name gets the
// same answer for every order of its inputs. No function recurses, because the input decides how
// deep a graph is.
//
// Source: docs/resolve.md, "Placement, order, cycles"; docs/adr/0027-extensions-ask-resolve.md.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "support/diagnostics.h"

namespace tenon::resolve {

// graph[node]: the nodes that a node needs, sorted, each once.
using Graph = std::vector<std::vector<std::uint32_t>>;

// Sorts what each node needs, and removes repeats.
void sort_edges(Graph& graph);

// The strongly connected component of each node: nodes that reach each other have one number.
[[nodiscard]] std::vector<std::uint32_t> find_components(const Graph& graph);

// A shortest path from one node to another of the same component, both ends included.
// component: the result of find_components.
[[nodiscard]] std::vector<std::uint32_t> find_path(const Graph& graph,
                                                   const std::vector<std::uint32_t>& component,
                                                   std::uint32_t from, std::uint32_t to);

// Nodes that all reach each other, and the cycles among them that are reported.
struct CycleSet {
  std::vector<std::uint32_t> members;  // sorted
  // At least one. Each starts at its smallest node, and its last node needs the first one.
  std::vector<std::vector<std::uint32_t>> cycles;
  bool has_more = false;  // there are more cycles to report than are listed
};

// The cycles to report, by their smallest member. Each edge that lies on a cycle is on a listed
// one, up to ten cycles for each set.
[[nodiscard]] std::vector<CycleSet> find_cycles(const Graph& graph);

// What is needed comes first, ties by number. Nodes on a cycle, and those that reach one, are left
// out.
[[nodiscard]] std::vector<std::uint32_t> order_nodes(const Graph& graph);

// One arrow of a cycle in a message.
struct CycleArrow {
  std::string consumer;                 // the provider is the consumer of the next arrow
  std::vector<std::string> interfaces;  // by which it needs the provider; at least one
  Location where;                       // the related place of the note; its file is shown
};

// "Circular dependency detected: a -> b -> a", with a note for each arrow.
[[nodiscard]] Diagnostic make_cycle_problem(Code code, const std::vector<CycleArrow>& arrows);

}  // namespace tenon::resolve
