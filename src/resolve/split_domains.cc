// How a plan becomes one plan for each domain.
//
// The domains are planned in two steps, because an export of one domain exists only if another
// domain imports it. First each domain plans its imports (domain_imports.cc). When all have done so, each
// plans its exports (domain_exports.cc).
//
// The hard part is names. In a component, every record, variant, enum, flags and resource in the
// type of an import or export must have a name that is written before. Within one composition the
// `use` of interfaces takes care of that; across a border between domains the interface that names
// a type can be on the other side. Then the type is named by an import or export of its own. Names are made
// (`i3`, `e7`, `t0`), because a domain can use two providers of one interface.
//
// Nothing here can fail or choose: resolve has checked every bridged edge.
#include "resolve/split_domains.h"

#include <fmt/core.h>

#include <algorithm>
#include <deque>
#include <string_view>
#include <utility>
#include <variant>

#include "resolve/domain_draft.h"

namespace tenon::resolve {

DomainDraft::DomainDraft(WholePlan& whole_plan, DomainIndex index)
    : whole(whole_plan),
      domain(index),
      class_of([this](types::ResourceId resource) { return whole.class_of(resource); }) {
  const PlanDomain& shown = plan().shown.domains[domain];
  split.name = shown.name;
  split.link = std::make_unique<LinkPlan>();
  LinkPlan& link = *split.link;
  link.shown.name = fmt::format("{} {}", plan().shown.name, split.name);
  link.resource_class = plan().resource_class;
  link.types = whole.types;
  for (UnitIndex u = 0; u < plan().units.size(); ++u) {
    if (!is_here(u)) continue;
    local.emplace(u, static_cast<UnitIndex>(split.units.size()));
    split.units.push_back(u);
    link.units.push_back(plan().units[u]);
    if (plan().units[u].name == plan().shown.root) link.shown.root = plan().shown.root;
  }
  for (const UnitIndex u : plan().order)
    if (is_here(u)) link.order.push_back(local.at(u));
  link.shown.order = shown.units;
}

bool DomainDraft::is_package() const {
  return has_packr_types(plan().units[split.units.front()].kind);
}

int DomainDraft::rank(const types::Item& item) {
  if (std::holds_alternative<types::TypeBound>(item)) return 0;
  return std::holds_alternative<types::InstanceId>(item) ? 1 : 2;
}

void DomainDraft::import_type(types::TypeId type) {
  split.link->imports.push_back({.name = import_names.make('t'),
                                 .item = types::TypeBound{type},
                                 .implements = {},
                                 .importers = {},
                                 .binding = CompositionImport::Binding::Bridged});
}

namespace {

// The plan of a composition with one domain is also the plan of that domain.
SplitPlan keep_whole(const LinkPlan& plan) {
  SplitPlan split;
  DomainPlan& domain = split.domains.emplace_back();
  if (!plan.shown.domains.empty()) domain.name = plan.shown.domains.front().name;
  domain.link = std::make_unique<LinkPlan>(plan);
  for (UnitIndex u = 0; u < plan.units.size(); ++u) domain.units.push_back(u);
  return split;
}

void name_consumers(DomainPlan& domain) {
  const LinkPlan& link = *domain.link;
  auto edge = link.imports.begin();  // both lists have one order
  for (BridgedImport& import : domain.imports) {
    import.consumer = domain.name;
    import.imported = import.name;
    edge = std::find_if(edge, link.imports.end(),
                        [&](const auto& of_link) { return of_link.name == import.name; });
    if (edge == link.imports.end() || edge->importers.empty()) continue;
    const UnitImport first = edge->importers.front();
    import.imported = link.units[first.unit].type.imports[first.index].name;
    if (std::ranges::all_of(edge->importers, [&](UnitImport at) { return at.unit == first.unit; }))
      import.consumer = link.units[first.unit].name;
  }
}

}  // namespace

std::optional<std::uint32_t> find_handover(const types::ComponentType& unit) {
  constexpr std::string_view kName = "tenon:state/handover";
  const auto found = std::ranges::find_if(unit.exports, [&](const types::RootItem& item) {
    return item.name.starts_with(kName) &&
           (item.name.size() == kName.size() || item.name[kName.size()] == '@');
  });
  if (found == unit.exports.end()) return std::nullopt;
  return static_cast<std::uint32_t>(found - unit.exports.begin());
}

SplitPlan split_domains(const LinkPlan& plan) {
  SplitPlan split;
  WholePlan whole(plan);
  const auto count = static_cast<DomainIndex>(plan.shown.domains.size());
  const bool has_outside = std::ranges::any_of(plan.units, [](const Unit& unit) {
    return !has_domain(unit) || unit.is_reachable || find_handover(unit.type) ||
           row_of(unit.kind).runs_in == RunsIn::OwnDomain;
  });
  if (count < 2 && !has_outside && plan.handlers.empty()) {
    split = keep_whole(plan);
  } else {
    whole.bridged.resize(count);
    std::deque<DomainDraft> drafts;
    for (DomainIndex d = 0; d < count; ++d) plan_imports(drafts.emplace_back(whole, d));
    for (DomainDraft& draft : drafts) plan_exports(draft);
    for (DomainDraft& draft : drafts)
      for (BridgedImport& import : draft.split.imports)
        if (import.provider != kOutside && whole.bridged[import.provider].contains(import.from))
          import.export_name = drafts[import.provider].export_names.at(import.from);
    for (DomainDraft& draft : drafts) split.domains.push_back(std::move(draft.split));
  }
  for (DomainPlan& domain : split.domains) name_consumers(domain);
  split.types = split.domains.front().link->types;
  for (const CompositionExport& exported : plan.exports)
    split.exports.push_back({exported.name, whole.domain_of[exported.from.unit], exported.from});
  return split;
}

}  // namespace tenon::resolve
