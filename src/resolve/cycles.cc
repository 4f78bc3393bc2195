#include "resolve/cycles.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <queue>
#include <set>

namespace tenon::resolve {

namespace {

using Graph = std::vector<std::vector<UnitIndex>>;

// Cycles that one group of units that all reach each other is reported with; the rest are counted.
constexpr std::size_t kShownCycles = 10;

constexpr std::uint32_t kUnseen = UINT32_MAX;

// Tarjan's strongly connected components, with a stack of its own: the component of each unit.
std::vector<std::uint32_t> find_components(const Graph& graph) {
  struct Frame {
    UnitIndex unit = 0;
    std::size_t next = 0;
  };
  std::vector<std::uint32_t> component(graph.size(), kUnseen);
  std::vector<std::uint32_t> seen_at(graph.size(), kUnseen);
  std::vector<std::uint32_t> low(graph.size(), 0);
  std::vector<UnitIndex> path;
  std::vector<Frame> frames;
  std::uint32_t seen = 0;
  std::uint32_t components = 0;
  for (UnitIndex start = 0; start < graph.size(); ++start) {
    if (seen_at[start] != kUnseen) continue;
    frames.push_back({start});
    while (!frames.empty()) {
      Frame& frame = frames.back();
      const UnitIndex unit = frame.unit;
      if (frame.next == 0) {
        seen_at[unit] = low[unit] = seen++;
        path.push_back(unit);
      }
      if (frame.next < graph[unit].size()) {
        const UnitIndex to = graph[unit][frame.next++];
        if (seen_at[to] == kUnseen)
          frames.push_back({to});
        else if (component[to] == kUnseen)
          low[unit] = std::min(low[unit], seen_at[to]);
        continue;
      }
      if (low[unit] == seen_at[unit]) {
        UnitIndex member = 0;
        do {
          member = path.back();
          path.pop_back();
          component[member] = components;
        } while (member != unit);
        ++components;
      }
      frames.pop_back();
      if (!frames.empty()) low[frames.back().unit] = std::min(low[frames.back().unit], low[unit]);
    }
  }
  return component;
}

// A shortest way from one unit to another within a component; the two ends included.
std::vector<UnitIndex> find_way(const Graph& graph, const std::vector<std::uint32_t>& component,
                                UnitIndex from, UnitIndex to) {
  std::unordered_map<UnitIndex, UnitIndex> came_from{{from, from}};
  std::deque<UnitIndex> queue{from};
  while (!queue.empty() && !came_from.contains(to)) {
    const UnitIndex here = queue.front();
    queue.pop_front();
    for (const UnitIndex next : graph[here])
      if (component[next] == component[from] && came_from.emplace(next, here).second)
        queue.push_back(next);
  }
  std::vector<UnitIndex> way{to};
  while (way.back() != from) way.push_back(came_from.at(way.back()));
  std::reverse(way.begin(), way.end());
  return way;
}

// The units that an import needs.
std::vector<UnitIndex> find_needed(Draft& draft, const DraftImport& import) {
  std::vector<UnitIndex> needed;
  if (import.outcome == Outcome::Provided) needed.push_back(import.choice->from.unit);
  if (import.outcome == Outcome::Types && import.kind == ImportKind::TypesOnly) {
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

std::vector<UnitIndex> order_units(Draft& draft) {
  const Graph graph = find_dependencies(draft);
  Graph consumers(graph.size());
  std::vector<std::size_t> missing(graph.size());
  std::priority_queue<UnitIndex, std::vector<UnitIndex>, std::greater<>> ready;
  for (UnitIndex u = 0; u < graph.size(); ++u) {
    missing[u] = graph[u].size();
    if (graph[u].empty()) ready.push(u);
    for (const UnitIndex provider : graph[u]) consumers[provider].push_back(u);
  }
  std::vector<UnitIndex> order;
  while (!ready.empty()) {
    const UnitIndex unit = ready.top();
    ready.pop();
    order.push_back(unit);
    for (const UnitIndex consumer : consumers[unit])
      if (--missing[consumer] == 0) ready.push(consumer);
  }
  return order;
}

}  // namespace tenon::resolve
