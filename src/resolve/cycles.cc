// Cycles and orders, of units and of domains.
//
// A unit must be instantiated after the units that it needs, so units on a cycle can never start.
// Domains start one after the other as well, and two domains can need each other although no unit
// is on a cycle: `a` (main) needs `b` (far), which needs `c` (main).
#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "resolve/graph.h"
#include "resolve/hints.h"
#include "resolve/passes.h"

namespace tenon::resolve {

namespace {

// The units that must be instantiated before the consumer of one import: its provider, unless the
// edge is lazy, and for an import of types the units that make its resources. Not WASI.
std::vector<UnitIndex> find_needed(Draft& draft, const DraftImport& import) {
  std::vector<UnitIndex> needed;
  const bool is_lazy = import.wire != nullptr && import.wire->lazy && is_bridged(draft, import);
  if (import.outcome == Outcome::Provided && !is_lazy) needed.push_back(import.choice->from.unit);
  // A stub needs the resources in its types, as an import of types does.
  if (import.outcome == Outcome::Trap ||
      (import.outcome == Outcome::Types && import.kind == ImportKind::TypesOnly)) {
    for (const ResourceId id :
         types::mentioned_resources(draft.inputs.types, draft.item(import.at).item)) {
      const std::optional<ResourceId> definition = draft.classes->find_definition(id);
      const std::optional<UnitIndex> maker =
          definition ? draft.find_maker(*definition) : std::nullopt;
      if (maker) needed.push_back(*maker);
    }
  }
  std::erase_if(needed, [&](UnitIndex unit) { return unit >= draft.linked; });
  return needed;
}

}  // namespace

Graph find_dependencies(Draft& draft) {
  Graph graph(draft.linked);
  for (const DraftImport& import : draft.imports)
    for (const UnitIndex needed : find_needed(draft, import))
      if (import.at.unit < draft.linked) graph[import.at.unit].push_back(needed);
  sort_edges(graph);
  return graph;
}

void leave_cycles(Draft& draft) {
  std::vector<DraftImport*> unneeded;
  for (DraftImport& import : draft.imports)
    if (import.choice && !import.choice->is_needed && import.at.unit < draft.linked)
      unneeded.push_back(&import);
  if (unneeded.empty()) return;
  const std::vector<std::uint32_t> component = find_components(find_dependencies(draft));
  for (DraftImport* const import : unneeded) {
    const UnitIndex provider = import->choice->from.unit;
    if (provider >= draft.linked || component[import->at.unit] != component[provider]) continue;
    import->outcome = Outcome::Types;
    import->choice.reset();
  }
}

namespace {

// The interfaces by which one unit needs another.
std::vector<std::string> find_interfaces(Draft& draft, UnitIndex consumer, UnitIndex provider) {
  std::vector<std::string> names;
  const std::uint32_t first = draft.first_import[consumer];
  for (std::size_t i = 0; i < draft.unit(consumer).type.imports.size(); ++i) {
    const DraftImport& import = draft.imports[first + i];
    const std::vector<UnitIndex> needed = find_needed(draft, import);
    if (std::find(needed.begin(), needed.end(), provider) != needed.end())
      names.push_back(shown_name(import));
  }
  return names;
}

// The import that a lazy wire can defer: the only one for which `consumer` needs `provider`. Null
// if there is none.
const DraftImport* find_deferrable(Draft& draft, UnitIndex consumer, UnitIndex provider) {
  const DraftImport* deferrable = nullptr;
  const std::uint32_t first = draft.first_import[consumer];
  for (std::size_t i = 0; i < draft.unit(consumer).type.imports.size(); ++i) {
    const DraftImport& import = draft.imports[first + i];
    const std::vector<UnitIndex> needed = find_needed(draft, import);
    if (std::find(needed.begin(), needed.end(), provider) == needed.end()) continue;
    if (deferrable != nullptr || import.outcome != Outcome::Provided) return nullptr;
    deferrable = &import;
  }
  return deferrable;
}

// The hint that keeps the cycle and makes its first deferrable edge lazy. Empty if none is.
std::string describe_lazy_wire(Draft& draft, const std::vector<UnitIndex>& cycle) {
  if (cycle.size() < 2) return {};
  for (std::size_t i = 0; i < cycle.size(); ++i) {
    const UnitIndex consumer = cycle[i];
    const UnitIndex provider = cycle[(i + 1) % cycle.size()];
    const DraftImport* const import = find_deferrable(draft, consumer, provider);
    if (import == nullptr) continue;
    const std::string& name = draft.unit_name(provider);
    return fmt::format(
        "or let `{}` start at its first call: `isolated = true` in `[components.{}]`, and a "
        "`[[wire]]` with `consumer = \"{}\"`, `import = \"{}\"`, `provider = \"{}\"` and `lazy = "
        "true`",
        name, name, draft.unit_name(consumer), shown_name(*import), name);
  }
  return {};
}

Diagnostic describe_cycle(Draft& draft, const std::vector<UnitIndex>& cycle) {
  std::vector<CycleArrow> arrows;
  for (std::size_t i = 0; i < cycle.size(); ++i) {
    const Unit& consumer = draft.unit(cycle[i]);
    CycleArrow arrow;
    arrow.consumer = consumer.name;
    arrow.interfaces = find_interfaces(draft, cycle[i], cycle[(i + 1) % cycle.size()]);
    arrow.where.file = consumer.file;
    arrow.where.unit = consumer.name;
    arrow.where.item = arrow.interfaces.front();
    arrows.push_back(std::move(arrow));
  }
  Diagnostic problem = make_cycle_problem(Code::ResolveCycle, arrows);
  problem.where.file = draft.unit(cycle.front()).file;
  problem.where.unit = draft.unit_name(cycle.front());
  problem.hints.push_back(
      "move the code that they share into another unit, which needs none of them, or leave one of "
      "these imports open");
  std::string lazy_wire = describe_lazy_wire(draft, cycle);
  if (!lazy_wire.empty()) problem.hints.push_back(std::move(lazy_wire));
  return problem;
}

}  // namespace

void check_cycles(Draft& draft) {
  for (const CycleSet& set : find_cycles(find_dependencies(draft))) {
    for (const std::vector<UnitIndex>& cycle : set.cycles)
      draft.problems.push_back(describe_cycle(draft, cycle));
    if (set.has_more)
      draft.problems.back().notes.push_back(
          {.text = fmt::format("these {} units depend on each other in more cycles",
                               set.members.size()),
           .excerpt = {},
           .related = {}});
  }
}

std::vector<UnitIndex> order_units(Draft& draft) { return order_nodes(find_dependencies(draft)); }

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

// ignored: components of units. Edges inside of one lie on a cycle of units and are reported as
// such.
DomainGraph find_domain_graph(Draft& draft, const std::vector<std::uint32_t>* ignored) {
  DomainGraph domains;
  domains.graph.resize(draft.domain_names.size());
  const Graph units = find_dependencies(draft);
  for (UnitIndex consumer = 0; consumer < units.size(); ++consumer) {
    for (const UnitIndex provider : units[consumer]) {
      const std::uint32_t from = draft.domain_of[consumer];
      const std::uint32_t to = draft.domain_of[provider];
      if (from == to || to == kNoDomain) continue;
      if (ignored != nullptr && (*ignored)[consumer] == (*ignored)[provider]) continue;
      domains.edges[{from, to}].push_back({consumer, provider});
    }
  }
  for (const auto& [ends, edges] : domains.edges) domains.graph[ends.first].push_back(ends.second);
  return domains;
}

// One edge between units for each step of a cycle of domains. An edge that starts at the unit where
// the previous one ends is preferred, so that the message reads as one path.
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
  // Start at a domain that is entered at one unit and left at another: these two can be separated.
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
  Diagnostic problem = make_diagnostic(
      Code::ResolvePlacement, "the domains {} need each other, although their units do not: {}",
      names, path);
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
  problem.notes.push_back(
      {.text = "a domain starts after the domains that it needs", .excerpt = {}, .related = {}});
  std::set<std::string> between;
  for (const UnitEdge& edge : edges)
    for (const UnitIndex unit : {edge.consumer, edge.provider})
      if (draft.domain_of[unit] != cycle.front()) between.insert(draft.unit_name(unit));
  std::string joined;
  for (const std::string& unit : between)
    joined += fmt::format("{}`{}`", joined.empty() ? "" : " and ", unit);
  problem.hints.push_back(
      fmt::format("place {} in the domain `{}` too", joined, draft.domain_names[cycle.front()]));
  problem.hints.push_back(hint_at_isolation("or give", draft.unit_name(edges.back().provider)));
  problem.hints.push_back(
      "or start one of the domains at its first call: `lazy = true` in a [[wire]]; a call that "
      "comes "
      "back to a domain must be `async`");
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
      // The path leads from `to` back to `from`, and the edge closes it.
      std::vector<std::uint32_t> cycle = find_path(domains.graph, component, to, from);
      std::rotate(cycle.begin(), std::ranges::min_element(cycle), cycle.end());
      report_domain_cycle(draft, domains, std::move(cycle));
    }
  }
}

std::vector<std::uint32_t> order_domains(Draft& draft) {
  return order_nodes(find_domain_graph(draft, nullptr).graph);
}

}  // namespace tenon::resolve
