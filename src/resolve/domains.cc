#include "resolve/domains.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "resolve/cycles.h"
#include "resolve/prepare.h"
#include "resolve/wires.h"
#include "support/near_miss.h"
#include "types/uses.h"

namespace tenon::resolve {

namespace {

constexpr std::string_view kMainDomain = "main";

void report(Draft& draft, const Location& where, std::string message, std::string hint) {
  Diagnostic problem = make_diagnostic(Code::ResolvePlacement, "{}", message);
  problem.where = where;
  problem.hints.push_back(std::move(hint));
  draft.problems.push_back(std::move(problem));
}

std::string describe(const Placement& placement) {
  return placement.domain ? fmt::format("in the domain `{}`", *placement.domain)
                          : std::string("in a domain of its own");
}

void apply(const Placement& placement, Unit& unit) {
  unit.is_isolated = !placement.domain;
  if (placement.domain) unit.domain = *placement.domain;
}

void apply_placements(Draft& draft) {
  std::vector<std::string> names;
  for (UnitIndex u = 0; u < draft.linked; ++u)
    if (draft.is_inside(u)) names.push_back(draft.unit_name(u));
  std::map<UnitIndex, const Placement*> placed;
  for (const Placement& placement : draft.inputs.policy.placements) {
    const std::optional<UnitIndex> unit = draft.find_unit(placement.unit);
    if (!unit || !draft.is_inside(*unit)) {
      report(draft, placement.where,
             fmt::format("`{}` cannot be placed: {}", placement.unit,
                         !unit ? "there is no unit of this name"
                         : unit == draft.wasi
                             ? "it is the engine's WASI, which each domain has for itself"
                         : draft.unit(*unit).is_running
                             ? "it is of another composition, which has placed it"
                             : "it is of the program, and runs in no domain"),
             suggest_name(placement.unit, names, "units"));
      continue;
    }
    const auto [known, is_first] = placed.emplace(*unit, &placement);
    if (is_first) {
      apply(placement, draft.inputs.units[*unit]);
    } else if (known->second->domain != placement.domain) {
      report(draft, placement.where,
             fmt::format("`{}` is placed {} and {}", placement.unit, describe(*known->second),
                         describe(placement)),
             "say one of them");
    }
  }
  if (draft.inputs.policy.isolation == Policy::Isolation::All)
    for (UnitIndex u = 0; u < draft.linked; ++u)
      if (!placed.contains(u)) draft.inputs.units[u].is_isolated = true;
  for (UnitIndex u = 0; u < draft.linked; ++u) {
    Unit& unit = draft.inputs.units[u];
    if (!has_domain(unit)) {
      unit.is_isolated = false;
      if (!unit.is_running) unit.domain.clear();
    } else if (unit.is_isolated) {
      unit.domain = unit.name;
    }
  }
}

void check_name(Draft& draft, const Unit& unit) {
  if (is_unit_name(unit.domain) && unit.domain != "wasi") return;
  report(draft, where_of_unit(unit),
         fmt::format("`{}` is placed in the domain `{}`, and that is no name of a domain: {}",
                     unit.name, unit.domain,
                     unit.domain == "wasi"
                         ? "it is the engine's WASI"
                         : "a name is a lower case letter, then letters, digits and `-`"),
         fmt::format("name it `{}`", unit.domain == "wasi" ? std::string("wasi-domain")
                                                           : propose_name(unit.domain)));
}

void check_isolated(Draft& draft, const Unit& unit) {
  if (unit.is_isolated) return;
  const std::optional<UnitIndex> owner = draft.find_unit(unit.domain);
  if (!owner || !draft.is_inside(*owner) || !draft.unit(*owner).is_isolated) return;
  report(draft, where_of_unit(unit),
         fmt::format("`{}` is placed in the domain `{}`, which the unit `{}` has for itself",
                     unit.name, unit.domain, unit.domain),
         unit.domain == kMainDomain
             ? fmt::format("give the unit `{}` another name", unit.domain)
             : fmt::format("place both in a domain of another name, or leave `{}` alone",
                           unit.domain));
}

// Grants and limits that nobody gets are a mistake.
void check_tables(Draft& draft) {
  for (const DomainTable& table : draft.inputs.policy.domains) {
    if (std::ranges::binary_search(draft.domain_names, table.name)) continue;
    // What `main` was given goes to the root's domain.
    if (table.name == kMainDomain && draft.inputs.policy.isolation == Policy::Isolation::All)
      continue;
    report(
        draft, table.where, fmt::format("no unit is placed in the domain `{}`", table.name),
        draft.find_unit(table.name)
            ? fmt::format("give the unit `{}` a domain of its own: `isolated = true`", table.name)
            : suggest_name(table.name, draft.domain_names, "domains"));
  }
}

std::string_view get_domain(const Draft& draft, UnitIndex unit) { return draft.unit(unit).domain; }

// -- Domains that need each other

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
                             draft.unit_name(edge.consumer), get_domain(draft, edge.consumer),
                             draft.unit_name(edge.provider), get_domain(draft, edge.provider),
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
  problem.hints.push_back(fmt::format("or give `{}` a domain of its own: `isolated = true`",
                                      draft.unit_name(edges.back().provider)));
  draft.problems.push_back(std::move(problem));
}

// One cycle for each set of domains that all reach each other.
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

// -- Edges that cannot be bridged

// What is instantiated together cannot start later.
void check_lazy(Draft& draft, const DraftImport& import) {
  if (import.wire == nullptr || !import.wire->lazy) return;
  const std::string& provider = draft.unit_name(import.choice->from.unit);
  const bool is_inside = draft.is_inside(import.choice->from.unit);
  Diagnostic problem = make_diagnostic(
      Code::ResolveWireType, "the wire `{}` is lazy, and {}", print_wire(*import.wire),
      is_native(draft, import) ? fmt::format("`{}` is of the program, which runs already", provider)
      : is_inside              ? fmt::format("`{}` is in the domain of `{}` itself", provider,
                                             draft.unit_name(import.at.unit))
                  : fmt::format("`{}` is of another composition, which runs already", provider));
  problem.where = import.wire->where;
  problem.notes.push_back(
      {.text = "a lazy wire starts the domain of its provider at the first call",
       .excerpt = {},
       .related = {}});
  problem.hints.push_back(
      is_inside ? fmt::format("place `{}` in another domain, or leave `lazy` out", provider)
                : std::string("leave `lazy` out"));
  draft.problems.push_back(std::move(problem));
}

// A wire that names no provider has none to start later.
void check_lazy_target(Draft& draft, const Wire& wire) {
  if (!wire.lazy || wire.provider) return;
  Diagnostic problem = make_diagnostic(
      Code::ResolveWireType, "the wire `{}` is lazy, and names no provider to start later",
      print_wire(wire));
  problem.where = wire.where;
  problem.hints.emplace_back("name the provider, or leave `lazy` out");
  draft.problems.push_back(std::move(problem));
}

// What keeps one function from being called across.
struct Obstacle {
  std::string function;  // empty: the import itself
  std::string why;
};

class BridgeCheck final {
 public:
  explicit BridgeCheck(Draft& draft) : draft_(draft), types_(draft.inputs.types) {}

  void check(const DraftImport& import) {
    obstacles_.clear();
    consumer_ = import.at.unit;
    provider_ = import.choice->from.unit;
    const types::Item& item = draft_.item(import.at).item;
    visit("", item);
    if (obstacles_.empty())
      if (std::optional<std::string> why =
              judge_resources(types::mentioned_resources(types_, item)))
        obstacles_.push_back({"", *std::move(why)});
    if (!obstacles_.empty()) report(import);
  }

 private:
  // Instances in instances: nesting is bounded by evaluation.
  void visit(const std::string& path, const types::Item& item) {
    if (const auto* instance = std::get_if<types::InstanceId>(&item)) {
      for (const types::NamedItem& part : types_.instances[*instance].exports)
        visit(path.empty() ? part.name : path + "." + part.name, part.item);
    } else if (const auto* function = std::get_if<types::FunctionId>(&item)) {
      if (std::optional<std::string> why = judge(*function))
        obstacles_.push_back({path, *std::move(why)});
    }
  }

  std::optional<std::string> judge(types::FunctionId id) {
    if (types_.functions[id].is_async) return "it is `async`";
    for (const types::TypeId type : types::mentioned_types(types_, id)) {
      const auto& kind = types_.types[type].kind;
      if (std::holds_alternative<types::Stream>(kind)) return "it passes a `stream`";
      if (std::holds_alternative<types::Future>(kind)) return "it passes a `future`";
      const auto* primitive = std::get_if<types::Primitive>(&kind);
      if (primitive != nullptr && *primitive == types::Primitive::ErrorContext)
        return "it passes an `error-context`";
    }
    return judge_resources(types::mentioned_resources(types_, id));
  }

  std::optional<std::string> judge_resources(const std::vector<ResourceId>& resources) {
    if (draft_.unit(provider_).is_running && !resources.empty())
      return fmt::format("it needs `{}`, and a resource stays in its composition",
                         types_.resources[resources.front()].name);
    for (const ResourceId resource : resources) {
      const std::optional<ResourceId> made = draft_.classes->find_definition(resource);
      const std::optional<UnitIndex> maker = made ? draft_.find_maker(*made) : std::nullopt;
      const std::string& name = types_.resources[resource].name;
      if (!maker)
        return fmt::format(
            "it needs `{}`, which an import that is left open brings in, and each "
            "domain has its own of that",
            name);
      if (maker == draft_.wasi)
        return fmt::format("it needs `{}`, a resource of WASI, and each domain has its own of that",
                           name);
      if (draft_.domain_of[*maker] == draft_.domain_of[consumer_])
        return fmt::format("it needs `{}`, which `{}` makes in the domain of `{}` itself", name,
                           draft_.unit_name(*maker), draft_.unit_name(consumer_));
    }
    return std::nullopt;
  }

  void report(const DraftImport& import) {
    const Obstacle& first = obstacles_.front();
    const bool is_bare = first.function.empty();
    if (is_native(draft_, import)) return report_native(import);
    const bool is_running = draft_.unit(provider_).is_running;
    Diagnostic problem = make_diagnostic(
        Code::ResolvePlacement,
        "`{}` imports `{}` of `{}`, which is in another {}, and {} cannot cross: {}",
        draft_.unit_name(consumer_), shown_name(import), draft_.unit_name(provider_),
        is_running ? "composition" : "domain",
        is_bare ? std::string("that") : fmt::format("`{}`", first.function), first.why);
    problem.where = where_of(draft_, import.at);
    for (std::size_t i = 1; i < obstacles_.size(); ++i)
      problem.notes.push_back(
          {.text = fmt::format("nor can `{}`: {}", obstacles_[i].function, obstacles_[i].why),
           .excerpt = {},
           .related = {}});
    problem.notes.push_back(
        {.text = fmt::format("`{}` is in the domain `{}`, `{}` in `{}`",
                             draft_.unit_name(consumer_), get_domain(draft_, consumer_),
                             draft_.unit_name(provider_), get_domain(draft_, provider_)),
         .excerpt = {},
         .related = where_of(draft_, import.choice->from)});
    problem.hints.push_back(
        is_running ? fmt::format("add the component of `{}` to this composition, or wire `{}` to "
                                 "another unit",
                                 draft_.unit_name(provider_), shown_name(import))
                   : fmt::format("place `{}` and `{}` in one domain", draft_.unit_name(consumer_),
                                 draft_.unit_name(provider_)));
    draft_.problems.push_back(std::move(problem));
  }

  // Of an import that the program meets.
  void report_native(const DraftImport& import) {
    for (const Obstacle& obstacle : obstacles_) {
      Diagnostic problem = make_diagnostic(
          Code::ResolvePlacement, "`{}` imports `{}` of the program, and {} cannot be called: {}",
          draft_.unit_name(consumer_), shown_name(import),
          obstacle.function.empty() ? std::string("that") : fmt::format("`{}`", obstacle.function),
          obstacle.why);
      problem.where = where_of(draft_, import.at);
      problem.hints.push_back("leave it out of what the program provides");
      draft_.problems.push_back(std::move(problem));
    }
  }

  Draft& draft_;
  const types::Types& types_;
  UnitIndex consumer_ = 0;  // of the import that is looked at
  UnitIndex provider_ = 0;
  std::vector<Obstacle> obstacles_;
};

}  // namespace

void place_units(Draft& draft) {
  apply_placements(draft);
  std::set<std::string> names;
  for (UnitIndex u = 0; u < draft.linked; ++u) {
    if (!draft.is_inside(u)) continue;
    check_name(draft, draft.unit(u));
    check_isolated(draft, draft.unit(u));
    names.insert(draft.unit(u).domain);
  }
  draft.domain_names.assign(names.begin(), names.end());
  for (UnitIndex u = 0; u < draft.linked; ++u) {
    const auto at = std::ranges::lower_bound(draft.domain_names, draft.unit(u).domain);
    draft.domain_of.push_back(draft.is_inside(u)
                                  ? static_cast<std::uint32_t>(at - draft.domain_names.begin())
                                  : kNoDomain);
  }
  check_tables(draft);
}

bool is_bridged(const Draft& draft, const DraftImport& import) {
  if (import.outcome != Outcome::Provided || import.choice->from.unit >= draft.linked) return false;
  const UnitKind kind = draft.unit(import.choice->from.unit).kind;
  return (kind == UnitKind::Component || kind == UnitKind::Composition) &&
         draft.domain_of[import.at.unit] != draft.domain_of[import.choice->from.unit];
}

bool is_native(const Draft& draft, const DraftImport& import) {
  return import.outcome == Outcome::Provided && import.choice->from.unit < draft.linked &&
         draft.unit(import.choice->from.unit).kind == UnitKind::HostFunctions;
}

void check_domains(Draft& draft) {
  for (const Wire& wire : draft.inputs.policy.wires) check_lazy_target(draft, wire);
  for (const DraftImport& import : draft.imports)
    if (import.outcome == Outcome::Provided &&
        (!is_bridged(draft, import) || !draft.is_inside(import.choice->from.unit)))
      check_lazy(draft, import);
  check_domain_cycles(draft);
  BridgeCheck bridges(draft);
  for (const DraftImport& import : draft.imports) {
    if (is_bridged(draft, import) || is_native(draft, import)) bridges.check(import);
  }
}

std::vector<std::uint32_t> order_domains(Draft& draft) {
  return order_nodes(find_domain_graph(draft, nullptr).graph);
}

}  // namespace tenon::resolve
