#include "resolve/cycles.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "resolve/domains.h"

namespace tenon::resolve {

namespace {

// Cycles that one group of units that all reach each other is reported with; the rest are counted.
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

// The import that alone makes `consumer` need `provider`, if a lazy wire can put that off; else
// null.
const DraftImport* find_deferrable(Draft& draft, UnitIndex consumer, UnitIndex provider) {
  const DraftImport* found = nullptr;
  const std::uint32_t first = draft.first_import[consumer];
  for (std::size_t i = 0; i < draft.unit(consumer).type.imports.size(); ++i) {
    const DraftImport& import = draft.imports[first + i];
    const std::vector<UnitIndex> needed = find_needed(draft, import);
    if (std::find(needed.begin(), needed.end(), provider) == needed.end()) continue;
    if (found != nullptr || import.outcome != Outcome::Provided) return nullptr;
    found = &import;
  }
  return found;
}

// How the circle may stay, with the first of its arrows that can wait for a call.
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
      "move what they share into a unit of its own, which none of them is needed by, or leave one "
      "of "
      "these imports open");
  std::string lazy_wire = describe_lazy_wire(draft, cycle);
  if (!lazy_wire.empty()) problem.hints.push_back(std::move(lazy_wire));
  draft.problems.push_back(std::move(problem));
}

// Reports cycles of one component: the shortest through each edge that no reported cycle has.
void report_component(Draft& draft, const Graph& graph, const std::vector<std::uint32_t>& component,
                      const std::vector<UnitIndex>& members) {
  std::set<std::pair<UnitIndex, UnitIndex>> named;
  std::size_t shown = 0;
  for (const UnitIndex from : members) {
    for (const UnitIndex to : graph[from]) {
      if (component[to] != component[from] || named.contains({from, to})) continue;
      if (++shown > kShownCycles) {
        draft.problems.back().notes.push_back(
            {.text = fmt::format("{} units reach each other in further circles", members.size()),
             .excerpt = {},
             .related = {}});
        return;
      }
      std::vector<UnitIndex> cycle = find_way(graph, component, to, from);
      std::rotate(cycle.begin(), std::min_element(cycle.begin(), cycle.end()), cycle.end());
      for (std::size_t i = 0; i < cycle.size(); ++i)
        named.emplace(cycle[i], cycle[(i + 1) % cycle.size()]);
      report_cycle(draft, cycle);
    }
  }
}

}  // namespace

std::vector<UnitIndex> find_needed(Draft& draft, const DraftImport& import) {
  std::vector<UnitIndex> needed;
  const bool is_lazy = import.wire != nullptr && import.wire->lazy && is_bridged(draft, import);
  if (import.outcome == Outcome::Provided && !is_lazy) needed.push_back(import.choice->from.unit);
  // A stub takes the resources that a unit makes, as an import of types does.
  if (import.outcome == Outcome::Trap ||
      (import.outcome == Outcome::Types && import.kind == ImportKind::TypesOnly)) {
    for (const ResourceId id :
         types::mentioned_resources(draft.inputs.types, draft.item(import.at).item)) {
      const std::optional<ResourceId> made = draft.classes->find_definition(id);
      const std::optional<UnitIndex> maker = made ? draft.find_maker(*made) : std::nullopt;
      if (maker) needed.push_back(*maker);
    }
  }
  std::erase_if(needed, [&](UnitIndex unit) { return unit >= draft.linked; });
  return needed;
}

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

void check_cycles(Draft& draft) {
  const Graph graph = find_dependencies(draft);
  const std::vector<std::uint32_t> component = find_components(graph);
  std::vector<std::vector<UnitIndex>> members(draft.linked);
  for (UnitIndex u = 0; u < draft.linked; ++u) members[component[u]].push_back(u);
  std::sort(members.begin(), members.end());
  for (const std::vector<UnitIndex>& units : members) {
    // A unit that imports the type of a resource which it makes itself is a circle of one.
    const bool is_circle =
        units.size() > 1 ||
        (units.size() == 1 &&
         std::binary_search(graph[units[0]].begin(), graph[units[0]].end(), units[0]));
    if (is_circle) report_component(draft, graph, component, units);
  }
}

std::vector<UnitIndex> order_units(Draft& draft) { return order_nodes(find_dependencies(draft)); }

}  // namespace tenon::resolve
