#include "resolve/domain_cycles.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "resolve/cycles.h"
#include "resolve/prepare.h"

namespace tenon::resolve {

namespace {

struct UnitEdge {
  UnitIndex consumer = 0;
  UnitIndex provider = 0;
};

struct DomainGraph {
  Graph graph;
  // The edges between units that make an edge between domains, sorted.
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::vector<UnitEdge>> edges;
};

// ignored: components of units; edges inside of one are on a cycle of units, and reported as such.
DomainGraph find_domain_graph(Draft& draft, const std::vector<std::uint32_t>* ignored) {
  DomainGraph made;
  made.graph.resize(draft.domain_names.size());
  const Graph units = find_dependencies(draft);
  for (UnitIndex consumer = 0; consumer < units.size(); ++consumer) {
    for (const UnitIndex provider : units[consumer]) {
      const std::uint32_t from = draft.domain_of[consumer];
      const std::uint32_t to = draft.domain_of[provider];
      if (from == to || to == kNoDomain) continue;
      if (ignored != nullptr && (*ignored)[consumer] == (*ignored)[provider]) continue;
      made.edges[{from, to}].push_back({consumer, provider});
    }
  }
  for (const auto& [ends, edges] : made.edges) made.graph[ends.first].push_back(ends.second);
  return made;
}

// For each step of a cycle of domains the edge between units that is named; where the unit that a
// step enters is also one by which the next leaves, that.
std::vector<UnitEdge> choose_edges(const DomainGraph& domains,
                                   const std::vector<std::uint32_t>& cycle) {
  std::vector<UnitEdge> chosen;
  for (std::size_t i = 0; i < cycle.size(); ++i) {
    const auto& all = domains.edges.at({cycle[i], cycle[(i + 1) % cycle.size()]});
    auto edge = all.begin();
    if (!chosen.empty()) {
      const auto same = std::ranges::find(all, chosen.back().provider, &UnitEdge::consumer);
      if (same != all.end()) edge = same;
    }
    chosen.push_back(*edge);
  }
  return chosen;
}

// The import by which one unit needs another.
std::string find_interface(Draft& draft, const UnitEdge& edge) {
  const std::uint32_t first = draft.first_import[edge.consumer];
  for (std::size_t i = 0; i < draft.unit(edge.consumer).type.imports.size(); ++i) {
    const std::vector<UnitIndex> needed = find_needed(draft, draft.imports[first + i]);
    if (std::ranges::find(needed, edge.provider) != needed.end())
      return shown_name(draft.imports[first + i]);
  }
  return {};
}

void report_domain_cycle(Draft& draft, const DomainGraph& domains,
                         std::vector<std::uint32_t> cycle) {
  // Begin where the unit that is entered last is another than the one that is left first: the units
  // need not be together.
  std::vector<UnitEdge> edges;
  for (std::size_t turn = 0; turn < cycle.size(); ++turn) {
    edges = choose_edges(domains, cycle);
    if (edges.front().consumer != edges.back().provider) break;
    std::rotate(cycle.begin(), cycle.begin() + 1, cycle.end());
  }
  std::string path = fmt::format("`{}`", draft.unit_name(edges.front().consumer));
  for (std::size_t i = 0; i < edges.size(); ++i) {
    if (i > 0 && edges[i].consumer != edges[i - 1].provider)
      path += fmt::format(", `{}`", draft.unit_name(edges[i].consumer));
    path += fmt::format(" -> `{}`", draft.unit_name(edges[i].provider));
  }
  std::string names;
  for (std::size_t i = 0; i < cycle.size(); ++i)
    names += fmt::format("{}`{}`",
                         i == 0                  ? ""
                         : i + 1 == cycle.size() ? " and "
                                                 : ", ",
                         draft.domain_names[cycle[i]]);
  Diagnostic problem =
      make_diagnostic(Code::ResolvePlacement,
                      "the domains {} need each other, though their units do not: {}", names, path);
  problem.where = where_of_unit(draft.unit(edges.front().consumer));
  for (const UnitEdge& edge : edges) {
    const std::string interface = find_interface(draft, edge);
    problem.notes.push_back(
        {.text = fmt::format("{} (domain `{}`) -> {} (domain `{}`) by `{}`",
                             draft.unit_name(edge.consumer), draft.unit(edge.consumer).domain,
                             draft.unit_name(edge.provider), draft.unit(edge.provider).domain,
                             interface),
         .excerpt = {},
         .related = where_of_unit(draft.unit(edge.consumer))});
  }
  problem.notes.push_back({.text =
                               "a domain is entered by one call at a time, so a call that comes "
                               "back to it could not go on",
                           .excerpt = {},
                           .related = {}});
  std::set<std::string> between;
  for (const UnitEdge& edge : edges)
    for (const UnitIndex unit : {edge.consumer, edge.provider})
      if (draft.domain_of[unit] != cycle.front()) between.insert(draft.unit_name(unit));
  std::string joined;
  for (const std::string& unit : between)
    joined += fmt::format("{}`{}`", joined.empty() ? "" : " and ", unit);
  problem.hints.push_back(
      fmt::format("place {} in the domain `{}` too", joined, draft.domain_names[cycle.front()]));
  problem.hints.push_back(
      fmt::format("or give `{0}` a domain of its own: `--isolate={0}`, or `isolated = true` in "
                  "its table of tenon.toml",
                  draft.unit_name(edges.back().provider)));
  draft.problems.push_back(std::move(problem));
}

}  // namespace

void check_domain_cycles(Draft& draft) {
  const std::vector<std::uint32_t> units = find_components(find_dependencies(draft));
  const DomainGraph domains = find_domain_graph(draft, &units);
  const std::vector<std::uint32_t> component = find_components(domains.graph);
  std::set<std::uint32_t> reported;
  for (std::uint32_t from = 0; from < domains.graph.size(); ++from) {
    for (const std::uint32_t to : domains.graph[from]) {
      if (component[to] != component[from] || !reported.insert(component[from]).second) continue;
      // The way goes from `to` to `from`, and the edge closes it.
      std::vector<std::uint32_t> cycle = find_way(domains.graph, component, to, from);
      std::rotate(cycle.begin(), std::ranges::min_element(cycle), cycle.end());
      report_domain_cycle(draft, domains, std::move(cycle));
    }
  }
}

std::vector<std::uint32_t> order_domains(Draft& draft) {
  return order_nodes(find_domain_graph(draft, nullptr).graph);
}

}  // namespace tenon::resolve
