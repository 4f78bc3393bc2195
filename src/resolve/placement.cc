// Placement: the domain of each unit, and whether the edges between domains can work.
//
// `place_units` runs before providers are chosen and needs only names. `check_domains` runs when
// they are known. A bridged call copies its arguments from one store to another, proxies handles of
// resources that a unit makes, joins the ends of streams and futures, and moves some resources of
// WASI (types/wasi_handle.h). Nothing else can cross: no error context, and no other resource of
// which each domain has its own (of WASI, or of an open import).
// The check looks at every function that the consumer asks for, so that one message lists all
// obstacles of an edge. No unit is ever moved to make an edge work.
#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>
#include <span>

#include "resolve/hints.h"
#include "resolve/http_interfaces.h"
#include "resolve/passes.h"
#include "resolve/relays.h"
#include "resolve/wires.h"
#include "support/names.h"
#include "types/uses.h"
#include "types/wasi_handle.h"

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

// A package is instantiated alone.
void place_package(Draft& draft, Unit& unit) {
  const bool names_domain = !unit.is_isolated && unit.domain != kMainDomain;
  if (names_domain)
    report(
        draft, where_of_unit(unit),
        fmt::format("the package `{}` is placed in the domain `{}`, and each package has a domain "
                    "of its own",
                    unit.name, unit.domain),
        fmt::format("remove the domain: the domain of the package is called `{}`", unit.name));
  unit.is_isolated = true;
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
      report(
          draft, placement.where,
          fmt::format(
              "`{}` cannot be placed: {}", placement.unit,
              !unit                ? "there is no unit of this name"
              : unit == draft.wasi ? "it is the engine's WASI, and each domain has its own"
              : draft.unit(*unit).is_running ? "it runs in another composition, which has placed it"
              : is_native(draft.unit(*unit).kind) ? "it is native code, which runs in no domain"
                                                  : "it is remote, and runs where it is served"),
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
             "keep one of the two placements");
    }
  }
  if (draft.inputs.policy.isolation == Policy::Isolation::All)
    for (UnitIndex u = 0; u < draft.linked; ++u)
      if (!placed.contains(u)) draft.inputs.units[u].is_isolated = true;
  for (UnitIndex u = 0; u < draft.linked; ++u) {
    Unit& unit = draft.inputs.units[u];
    if (row_of(unit.kind).runs_in == RunsIn::OwnDomain && has_domain(unit))
      place_package(draft, unit);
    if (!has_domain(unit)) {
      unit.is_isolated = false;
      if (!unit.is_running) unit.domain.clear();
    } else if (unit.is_isolated) {
      unit.domain = unit.name;
    }
  }
}

void check_name(Draft& draft, const Unit& unit) {
  if (is_unit_name(unit.domain)) return;
  report(
      draft, where_of_unit(unit),
      fmt::format(
          "`{}` is placed in the domain `{}`, which is not a valid domain name: {}", unit.name,
          unit.domain,
          unit.domain == "wasi"
              ? "it is reserved for the engine's WASI"
              : "a name starts with a lower-case letter, followed by letters, digits and `-`"),
      fmt::format("call it `{}`", unit.domain == "wasi" ? std::string("wasi-domain")
                                                        : propose_unit_name(unit.domain, "unit-")));
}

void check_isolated(Draft& draft, const Unit& unit) {
  if (unit.is_isolated) return;
  const std::optional<UnitIndex> owner = draft.find_unit(unit.domain);
  if (!owner || !draft.is_inside(*owner) || !draft.unit(*owner).is_isolated) return;
  report(draft, where_of_unit(unit),
         fmt::format(
             "`{}` is placed in the domain `{}`, which belongs to the isolated unit `{}` alone",
             unit.name, unit.domain, unit.domain),
         unit.domain == kMainDomain ? fmt::format("give the unit `{}` another name", unit.domain)
                                    : fmt::format("place both in a domain of another name, or do "
                                                  "not place a unit in the domain of `{}`",
                                                  unit.domain));
}

// Settings of a domain without units would be ignored silently.
void check_tables(Draft& draft) {
  for (const DomainTable& table : draft.inputs.policy.domains) {
    if (std::ranges::binary_search(draft.domain_names, table.name)) continue;
    // The settings of `main` then apply to the domain of the root.
    if (table.name == kMainDomain && draft.inputs.policy.isolation == Policy::Isolation::All)
      continue;
    report(
        draft, table.where, fmt::format("no unit is placed in the domain `{}`", table.name),
        draft.find_unit(table.name)
            ? fmt::format("give the unit `{}` a domain of its own: `isolated = true`", table.name)
            : suggest_name(table.name, draft.domain_names, "domains"));
  }
}

}  // namespace

void place_units(Draft& draft) {
  apply_placements(draft);
  for (UnitIndex u = 0; u < draft.linked; ++u) {
    if (!draft.is_inside(u)) continue;
    check_name(draft, draft.unit(u));
    check_isolated(draft, draft.unit(u));
  }
  list_domains(draft);
  check_tables(draft);
}

void list_domains(Draft& draft) {
  std::set<std::string> names;
  for (UnitIndex u = 0; u < draft.linked; ++u)
    if (draft.is_inside(u)) names.insert(draft.unit(u).domain);
  draft.domain_names.assign(names.begin(), names.end());
  draft.domain_of.clear();
  for (UnitIndex u = 0; u < draft.linked; ++u) {
    const auto at = std::ranges::lower_bound(draft.domain_names, draft.unit(u).domain);
    draft.domain_of.push_back(draft.is_inside(u)
                                  ? static_cast<std::uint32_t>(at - draft.domain_names.begin())
                                  : kNoDomain);
  }
}

namespace {

// Only the provider of a bridged edge can start later: the units of one domain are instantiated
// together.
void check_lazy(Draft& draft, const DraftImport& import) {
  if (import.wire == nullptr || !import.wire->lazy) return;
  const std::string& provider = draft.unit_name(import.choice->from.unit);
  const bool is_inside = draft.is_inside(import.choice->from.unit);
  Diagnostic problem = make_diagnostic(
      Code::ResolveWireType, "the wire `{}` is lazy, but {}", print_wire(*import.wire),
      is_outside(draft, import) ? fmt::format("`{}` {}", provider,
                                              is_native(draft.unit(import.choice->from.unit).kind)
                                                  ? "is native code, which runs already"
                                                  : "is remote, and runs already")
      : is_inside               ? fmt::format("`{}` is in the same domain as `{}`", provider,
                                              draft.unit_name(import.at.unit))
                  : fmt::format("`{}` runs in another composition already", provider));
  problem.where = import.wire->where;
  problem.notes.push_back(
      {.text = "a lazy wire starts the domain of its provider at the first call",
       .excerpt = {},
       .related = {}});
  problem.hints.push_back(
      is_inside ? fmt::format("place `{}` in another domain, or remove `lazy`", provider)
                : std::string("remove `lazy`"));
  draft.problems.push_back(std::move(problem));
}

void check_lazy_target(Draft& draft, const Wire& wire) {
  if (!wire.lazy || !wire.provider.empty()) return;
  Diagnostic problem = make_diagnostic(
      Code::ResolveWireType, "the wire `{}` is lazy, but names no provider that could start later",
      print_wire(wire));
  problem.where = wire.where;
  problem.hints.emplace_back("name the provider, or remove `lazy`");
  draft.problems.push_back(std::move(problem));
}

// The reason why a function cannot be called from another domain.
struct Obstacle {
  std::string function;  // empty: the import as a whole
  std::string why;
};

// Checks one edge after another: bridged edges and edges to native code.

class BridgeCheck final {
 public:
  explicit BridgeCheck(Draft& draft) : draft_(draft), types_(draft.inputs.types) {
    for (const DraftImport& import : draft.imports) {
      if (import.outcome != Outcome::Failed) continue;
      const types::RootItem& item = draft.item(import.at);
      for (const types::Slot& slot : types::resource_slots(types_, item.name, item.item))
        of_failed_imports_.insert(draft.classes->find_class(slot.resource));
    }
  }

  void check(const DraftImport& import) {
    obstacles_.clear();
    maker_here_.reset();
    consumer_ = import.at.unit;
    provider_ = import.choice->from.unit;
    const Unit& provider = draft_.unit(provider_);
    passes_streams_ = !provider.is_running;
    takes_wasi_handles_ = draft_.is_inside(provider_) ||
                          (provider.kind == UnitKind::HostFunctions &&
                           passes_requests(provider.type.exports[import.choice->from.index].name));
    // Ties are recorded at the leader, for all of its followers.
    ties_ = (import.leader ? draft_.imports[*import.leader] : import).choice->ties;
    const types::Item& item = draft_.item(import.at).item;
    visit("", item);
    if (obstacles_.empty())
      if (std::optional<std::string> why =
              judge_resources(types::mentioned_resources(types_, item)))
        obstacles_.push_back({"", *std::move(why)});
    if (!obstacles_.empty()) report(import);
  }

 private:
  // Instances can contain instances; evaluation bounds their depth.
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
    if (is_remote(draft_.unit(provider_).kind))
      if (std::optional<std::string> why =
              types::find_remote_obstacle(types_, id, draft_.unit(provider_).peer))
        return why;
    for (const types::TypeId type : types::mentioned_types(types_, id)) {
      const auto& kind = types_.types[type].kind;
      if (!passes_streams_ && std::holds_alternative<types::Stream>(kind))
        return "it passes a `stream`";
      if (!passes_streams_ && std::holds_alternative<types::Future>(kind))
        return "it passes a `future`";
      const auto* primitive = std::get_if<types::Primitive>(&kind);
      if (primitive != nullptr && *primitive == types::Primitive::ErrorContext)
        return "it passes an `error-context`";
    }
    if (std::optional<std::string> why = judge_resources(types::mentioned_resources(types_, id)))
      return why;
    return judge_borrows(id);
  }

  // Each domain has its own table of the resources of WASI, and not all of them can be in two.
  std::optional<std::string> judge_borrows(types::FunctionId id) const {
    if (!draft_.wasi) return std::nullopt;
    for (const types::TypeId type : types::mentioned_types(types_, id)) {
      const auto* const borrow = std::get_if<types::Borrow>(&types_.types[type].kind);
      if (borrow == nullptr) continue;
      const std::optional<ResourceId> definition =
          draft_.classes->find_definition(borrow->resource);
      if (!definition || is_unclear(borrow->resource) ||
          draft_.find_maker(*definition) != draft_.wasi)
        continue;
      const std::optional<types::WasiHandle> handle = find_handle(*definition);
      if (handle && !types::can_be_borrowed(*handle))
        return fmt::format(
            "it borrows `{}`, and such a handle can pass to another domain only for good",
            types_.resources[borrow->resource].name);
    }
    return std::nullopt;
  }

  std::optional<std::string> judge_resources(const std::vector<ResourceId>& resources) {
    for (const ResourceId resource : resources) {
      const std::optional<ResourceId> definition = draft_.classes->find_definition(resource);
      const std::optional<UnitIndex> maker =
          definition ? draft_.find_maker(*definition) : std::nullopt;
      if (is_unclear(resource)) continue;
      const std::string& name = types_.resources[resource].name;
      if (is_remote(draft_.unit(provider_).kind)) {
        if (maker == provider_) continue;
        return fmt::format("it needs `{}`, which the remote unit does not make", name);
      }
      if (!maker)
        return draft_.unit(provider_).is_running
                   ? of_no_unit(name)
                   : fmt::format(
                         "it needs `{}`, a resource of an open import, and each domain has its own",
                         name);
      if (maker == draft_.wasi && takes_wasi_handles_ && find_handle(*definition)) continue;
      if (maker == draft_.wasi)
        return fmt::format("it needs `{}`, a resource of WASI, and each domain has its own", name);
      if (draft_.unit(provider_).is_running && !is_defined_elsewhere(resource))
        return of_no_unit(name);
      if (draft_.domain_of[*maker] != draft_.domain_of[consumer_]) continue;
      maker_here_ = maker;
      return fmt::format("it needs `{}`, which `{}` makes in the same domain as `{}`", name,
                         draft_.unit_name(*maker), draft_.unit_name(consumer_));
    }
    return std::nullopt;
  }

  // Whether a problem was reported that leaves open who makes a resource: its other definition can be the one
  // that is meant, or it would come from the provider of an import that failed.
  [[nodiscard]] bool is_unclear(ResourceId resource) const {
    const std::optional<ResourceId> definition = draft_.classes->find_definition(resource);
    return definition ? draft_.split_definitions.contains(*definition)
                      : of_failed_imports_.contains(draft_.classes->find_class(resource));
  }

  // What handles of a resource of WASI are; nothing if they stay in their domain.
  [[nodiscard]] std::optional<types::WasiHandle> find_handle(ResourceId resource) const {
    for (const types::RootItem& exported : draft_.unit(*draft_.wasi).type.exports)
      for (const types::Slot& slot : types::resource_slots(types_, exported.name, exported.item))
        if (slot.resource == resource)
          if (const auto handle = types::find_wasi_handle(slot.path)) return handle;
    return std::nullopt;
  }

  static std::string of_no_unit(const std::string& resource) {
    return fmt::format(
        "it needs `{}`, which no unit of its composition makes, and each domain has its own",
        resource);
  }

  // Whether a running provider has a resource from a unit that makes it. Such a resource has a
  // definition. A resource that no unit makes is only tied to its counterpart in this composition,
  // and means something else in the composition of the provider.
  bool is_defined_elsewhere(ResourceId resource) {
    const auto tie = std::ranges::find(ties_, resource, &Tie::expected);
    return tie != ties_.end() && draft_.find_maker(tie->actual).has_value();
  }

  void report(const DraftImport& import) {
    const Obstacle& first = obstacles_.front();
    const bool is_bare = first.function.empty();
    if (is_outside(draft_, import)) return report_outside(import);
    const bool is_running = draft_.unit(provider_).is_running;
    Diagnostic problem = make_diagnostic(
        Code::ResolvePlacement,
        "`{0}` imports `{1}` from `{2}`, which is in another {3}, and {4} cannot be called across "
        "{3}s: {5}",
        draft_.unit_name(consumer_), shown_name(import), draft_.unit_name(provider_),
        is_running ? "composition" : "domain",
        is_bare ? std::string("it") : fmt::format("`{}`", first.function), first.why);
    problem.where = where_of(draft_, import.at);
    for (std::size_t i = 1; i < obstacles_.size(); ++i)
      problem.notes.push_back({.text = fmt::format("`{}` cannot be called either: {}",
                                                   obstacles_[i].function, obstacles_[i].why),
                               .excerpt = {},
                               .related = {}});
    problem.notes.push_back(
        {.text = fmt::format("`{}` is in the domain `{}`, `{}` in `{}`",
                             draft_.unit_name(consumer_), draft_.unit(consumer_).domain,
                             draft_.unit_name(provider_), draft_.unit(provider_).domain),
         .excerpt = {},
         .related = where_of(draft_, import.choice->from)});
    problem.hints.push_back(
        is_running ? fmt::format("add the component of `{}` to this composition, or wire `{}` to "
                                 "another unit",
                                 draft_.unit_name(provider_), shown_name(import))
                   : fmt::format("place `{}` and `{}` in one domain", draft_.unit_name(consumer_),
                                 draft_.unit_name(provider_)));
    if (maker_here_ && maker_here_ != consumer_)
      problem.hints.push_back(hint_at_isolation("or give", draft_.unit_name(*maker_here_)));
    draft_.problems.push_back(std::move(problem));
  }

  // One problem for each function: the program provides them one by one.
  void report_outside(const DraftImport& import) {
    const bool is_elsewhere = is_remote(draft_.unit(provider_).kind);
    for (const Obstacle& obstacle : obstacles_) {
      Diagnostic problem = make_diagnostic(
          Code::ResolvePlacement, "`{}` imports `{}` from {}, and {} cannot be called: {}",
          draft_.unit_name(consumer_), shown_name(import),
          is_elsewhere ? fmt::format("the remote `{}`", draft_.unit_name(provider_))
                       : std::string("the program"),
          obstacle.function.empty() ? std::string("it") : fmt::format("`{}`", obstacle.function),
          obstacle.why);
      problem.where = where_of(draft_, import.at);
      problem.hints.emplace_back(is_elsewhere
                                     ? "add a component that exports it to this composition"
                                     : "remove it from the host functions of the program");
      draft_.problems.push_back(std::move(problem));
    }
  }

  Draft& draft_;
  const types::Types& types_;
  std::set<ResourceId> of_failed_imports_;  // each by its class
  // Of the import that is being checked.
  UnitIndex consumer_ = 0;
  UnitIndex provider_ = 0;
  std::optional<UnitIndex> maker_here_;  // of a resource that an obstacle needs, in its domain
  bool passes_streams_ = false;          // another composition, which provides, does not
  bool takes_wasi_handles_ = false;      // domains do, and the program to answer HTTP requests
  std::span<const Tie> ties_;
  std::vector<Obstacle> obstacles_;
};

std::string describe_obstacle(const RelayObstacle& obstacle) {
  return obstacle.function.empty() ? obstacle.why
                                   : fmt::format("`{}`: {}", obstacle.function, obstacle.why);
}

// The first import that an export passes on from a provider. Null if it passes on none, or only open
// imports, which trap unless the component is composed further.
const DraftImport* find_provided(const std::vector<const DraftImport*>& passed) {
  const auto provided = std::ranges::find(passed, Outcome::Provided, &DraftImport::outcome);
  return provided == passed.end() ? nullptr : *provided;
}

// An edge to an export that a unit passes on goes through a relay, if one is possible.
void check_passed_import(Draft& draft, const DraftImport& consumer) {
  const UnitExport from = consumer.choice->from;
  const DraftImport* const passed = find_provided(find_passed_imports(draft, from));
  if (passed == nullptr) return;
  const std::optional<RelayObstacle> obstacle =
      find_relay_obstacle(draft.inputs.types, draft.item(from).item, {});
  if (!obstacle) return;
  const std::string& unit = draft.unit_name(passed->at.unit);
  const UnitExport source = passed->choice->from;
  Diagnostic problem = make_diagnostic(
      Code::ResolvePlacement,
      "`{}` imports `{}` from `{}`, which is in another domain, and it cannot be called across "
      "domains: `{}` exports its own import `{}` unchanged, and such an export cannot be passed on "
      "({})",
      draft.unit_name(consumer.at.unit), shown_name(consumer), draft.unit_name(from.unit), unit,
      shown_name(*passed), describe_obstacle(*obstacle));
  problem.where = where_of(draft, consumer.at);
  if (source.unit < draft.linked) {
    problem.notes.push_back(
        {.text = fmt::format("`{}` imports it from `{}`", unit, draft.unit_name(source.unit)),
         .excerpt = {},
         .related = {}});
    problem.hints.push_back(
        hint_at_wire(fmt::format("let `{}` import it from `{}` directly",
                                 draft.unit_name(consumer.at.unit), draft.unit_name(source.unit)),
                     {.consumer = draft.unit_name(consumer.at.unit),
                      .import = shown_name(consumer),
                      .provider = draft.unit_name(source.unit),
                      .export_name = shown_name(draft, source)}));
  }
  problem.hints.push_back(fmt::format("{}place `{}` in the domain of `{}`",
                                      problem.hints.empty() ? "" : "or ", unit,
                                      draft.unit_name(consumer.at.unit)));
  draft.problems.push_back(std::move(problem));
}

void check_passed_export(Draft& draft, DraftExport& exported) {
  const std::vector<const DraftImport*> entering = find_passed_imports(draft, exported.from);
  if (entering.empty()) return;
  const std::optional<RelayObstacle> obstacle =
      find_relay_obstacle(draft.inputs.types, draft.item(exported.from).item,
                          draft.visibility.hidden_functions(exported.from));
  exported.relayed = !obstacle;
  const DraftImport* const passed = find_provided(entering);
  if (!obstacle || passed == nullptr) return;
  const std::string& unit = draft.unit_name(exported.from.unit);
  const UnitExport source = passed->choice->from;
  const std::string& provider = draft.unit_name(source.unit);
  Diagnostic problem = make_diagnostic(
      Code::ResolvePlacement,
      "the composition exports `{}` of `{}`, which is an import of `{}` unchanged, `{}` from `{}`: "
      "the engine cannot export an import, and this one cannot be passed on ({})",
      exported.name, unit, draft.unit_name(passed->at.unit), shown_name(*passed), provider,
      describe_obstacle(*obstacle));
  problem.where = where_of(draft, exported.from);
  if (draft.is_inside(source.unit)) {
    problem.hints.push_back(hint_at_export(fmt::format("export it from `{}`", provider), provider,
                                           shown_name(draft, source)));
    problem.hints.push_back(fmt::format("or place `{}` in the domain of `{}`", provider,
                                        draft.unit_name(passed->at.unit)));
  } else {
    problem.hints.push_back(
        obstacle->function.empty() || exported.from.unit != draft.root
            ? Hint(fmt::format(
                  "do not export it, or let `{}` export a function of its own that calls it",
                  draft.unit_name(passed->at.unit)))
            : hint_at_hiding(unit, fmt::format("{}.{}", shown_name(draft, exported.from),
                                               obstacle->function)));
  }
  draft.problems.push_back(std::move(problem));
}

}  // namespace

void check_passed_exports(Draft& draft) {
  for (DraftExport& exported : draft.composition_exports) check_passed_export(draft, exported);
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
    if (is_bridged(draft, import) || is_outside(draft, import)) bridges.check(import);
    if (is_bridged(draft, import)) check_passed_import(draft, import);
  }
}

}  // namespace tenon::resolve
