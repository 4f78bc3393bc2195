// Cycles and orders, of units and of domains.
//
// A unit must be instantiated after the units that it needs, so units on a cycle can never start.
// Domains start one after the other as well, and two domains can need each other although no unit
// is on a cycle: `a` (main) needs `b` (far), which needs `c` (main).
//
// A graph can hold exponentially many cycles, so not all of them are listed. Tarjan's algorithm
// finds the strongly connected components; every edge inside of a component lies on some cycle. For
// each such edge that no message has named yet, the shortest cycle through it is reported, from its
// smallest unit on. So every edge that must be looked at is named, the list is short, and it does
// not depend on the order of the inputs. Kahn's algorithm gives the orders, with ties by name.
#include <fmt/core.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <queue>
#include <set>
#include <unordered_map>
#include <utility>

#include "resolve/passes.h"

namespace tenon::resolve {

namespace {

// graph[node]: the successors of a node, sorted, each once.
using Graph = std::vector<std::vector<std::uint32_t>>;

constexpr std::uint32_t kUnseen = UINT32_MAX;

// The strongly connected component of each node: nodes that reach each other have one number.
// Tarjan's algorithm with an explicit stack, because the input decides how deep it goes.
std::vector<std::uint32_t> find_components(const Graph& graph) {
  struct Visit {
    std::uint32_t node = 0;
    std::size_t next = 0;
  };
  std::vector<std::uint32_t> component(graph.size(), kUnseen);
  std::vector<std::uint32_t> seen_at(graph.size(), kUnseen);
  std::vector<std::uint32_t> low(graph.size(), 0);
  std::vector<std::uint32_t> path;
  std::vector<Visit> visits;
  std::uint32_t seen = 0;
  std::uint32_t components = 0;
  for (std::uint32_t start = 0; start < graph.size(); ++start) {
    if (seen_at[start] != kUnseen) continue;
    visits.push_back({start});
    while (!visits.empty()) {
      Visit& visit = visits.back();
      const std::uint32_t node = visit.node;
      if (visit.next == 0) {
        seen_at[node] = low[node] = seen++;
        path.push_back(node);
      }
      if (visit.next < graph[node].size()) {
        const std::uint32_t to = graph[node][visit.next++];
        if (seen_at[to] == kUnseen)
          visits.push_back({to});
        else if (component[to] == kUnseen)
          low[node] = std::min(low[node], seen_at[to]);
        continue;
      }
      if (low[node] == seen_at[node]) {
        std::uint32_t member = 0;
        do {
          member = path.back();
          path.pop_back();
          component[member] = components;
        } while (member != node);
        ++components;
      }
      visits.pop_back();
      if (!visits.empty()) low[visits.back().node] = std::min(low[visits.back().node], low[node]);
    }
  }
  return component;
}

// A shortest path from one node to another of the same component, both ends included.
std::vector<std::uint32_t> find_path(const Graph& graph,
                                     const std::vector<std::uint32_t>& component,
                                     std::uint32_t from, std::uint32_t to) {
  std::unordered_map<std::uint32_t, std::uint32_t> came_from{{from, from}};
  std::deque<std::uint32_t> queue{from};
  while (!queue.empty() && !came_from.contains(to)) {
    const std::uint32_t here = queue.front();
    queue.pop_front();
    for (const std::uint32_t next : graph[here])
      if (component[next] == component[from] && came_from.emplace(next, here).second)
        queue.push_back(next);
  }
  std::vector<std::uint32_t> path{to};
  while (path.back() != from) path.push_back(came_from.at(path.back()));
  std::reverse(path.begin(), path.end());
  return path;
}

// Successors first, ties by number. Nodes on a cycle, and those that reach one, are left out.
std::vector<std::uint32_t> order_nodes(const Graph& graph) {
  Graph users(graph.size());
  std::vector<std::size_t> missing(graph.size());
  std::priority_queue<std::uint32_t, std::vector<std::uint32_t>, std::greater<>> ready;
  for (std::uint32_t node = 0; node < graph.size(); ++node) {
    missing[node] = graph[node].size();
    if (graph[node].empty()) ready.push(node);
    for (const std::uint32_t needed : graph[node]) users[needed].push_back(node);
  }
  std::vector<std::uint32_t> order;
  while (!ready.empty()) {
    const std::uint32_t node = ready.top();
    ready.pop();
    order.push_back(node);
    for (const std::uint32_t user : users[node])
      if (--missing[user] == 0) ready.push(user);
  }
  return order;
}

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

// The units that each unit needs.
Graph find_dependencies(Draft& draft) {
  Graph graph(draft.linked);
  for (const DraftImport& import : draft.imports)
    for (const UnitIndex needed : find_needed(draft, import))
      if (import.at.unit < draft.linked) graph[import.at.unit].push_back(needed);
  for (std::vector<UnitIndex>& providers : graph) {
    std::sort(providers.begin(), providers.end());
    providers.erase(std::unique(providers.begin(), providers.end()), providers.end());
  }
  return graph;
}

// The number of cycles that are reported for one component; a note says that there are more.
constexpr std::size_t kShownCycles = 10;

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

void report_cycle(Draft& draft, const std::vector<UnitIndex>& cycle) {
  std::string path;
  for (const UnitIndex unit : cycle) path += draft.unit_name(unit) + " -> ";
  path += draft.unit_name(cycle.front());
  Diagnostic problem =
      make_diagnostic(Code::ResolveCycle, "Circular dependency detected: {}", path);
  for (std::size_t i = 0; i < cycle.size(); ++i) {
    const UnitIndex consumer = cycle[i];
    const UnitIndex provider = cycle[(i + 1) % cycle.size()];
    const std::vector<std::string> names = find_interfaces(draft, consumer, provider);
    std::string text = fmt::format("{} -> {} by `{}`", draft.unit_name(consumer),
                                   draft.unit_name(provider), names.front());
    if (names.size() > 1) text += fmt::format(" and {} more", names.size() - 1);
    if (!draft.unit(consumer).file.empty()) text += fmt::format(" ({})", draft.unit(consumer).file);
    Location related;
    related.file = draft.unit(consumer).file;
    related.unit = draft.unit_name(consumer);
    related.item = names.front();
    problem.notes.push_back(
        {.text = std::move(text), .excerpt = {}, .related = std::move(related)});
  }
  problem.where.file = draft.unit(cycle.front()).file;
  problem.where.unit = draft.unit_name(cycle.front());
  problem.hints.push_back(
      "move the code that they share into another unit, which needs none of them, or leave one of "
      "these imports open");
  std::string lazy_wire = describe_lazy_wire(draft, cycle);
  if (!lazy_wire.empty()) problem.hints.push_back(std::move(lazy_wire));
  draft.problems.push_back(std::move(problem));
}

// Reports the cycles of one component: for each edge that no message has named, the shortest cycle
// through it.
void report_component(Draft& draft, const Graph& graph, const std::vector<std::uint32_t>& component,
                      const std::vector<UnitIndex>& members) {
  std::set<std::pair<UnitIndex, UnitIndex>> named;
  std::size_t shown = 0;
  for (const UnitIndex from : members) {
    for (const UnitIndex to : graph[from]) {
      if (component[to] != component[from] || named.contains({from, to})) continue;
      if (++shown > kShownCycles) {
        draft.problems.back().notes.push_back(
            {.text =
                 fmt::format("these {} units depend on each other in more cycles", members.size()),
             .excerpt = {},
             .related = {}});
        return;
      }
      std::vector<UnitIndex> cycle = find_path(graph, component, to, from);
      std::rotate(cycle.begin(), std::min_element(cycle.begin(), cycle.end()), cycle.end());
      for (std::size_t i = 0; i < cycle.size(); ++i)
        named.emplace(cycle[i], cycle[(i + 1) % cycle.size()]);
      report_cycle(draft, cycle);
    }
  }
}

}  // namespace

void check_cycles(Draft& draft) {
  const Graph graph = find_dependencies(draft);
  const std::vector<std::uint32_t> component = find_components(graph);
  std::vector<std::vector<UnitIndex>> members(draft.linked);
  for (UnitIndex u = 0; u < draft.linked; ++u) members[component[u]].push_back(u);
  std::sort(members.begin(), members.end());
  for (const std::vector<UnitIndex>& units : members) {
    // A unit that imports the type of a resource which it makes itself is a cycle of one.
    const bool is_cycle = units.size() > 1 || (units.size() == 1 &&
                                               std::binary_search(graph[units[0]].begin(),
                                                                  graph[units[0]].end(), units[0]));
    if (is_cycle) report_component(draft, graph, component, units);
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
  problem.notes.push_back({.text =
                               "a domain runs one call at a time, so a call that comes back to it "
                               "could not proceed",
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
                  "its table in tenon.toml",
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
