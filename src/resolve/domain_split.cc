#include "resolve/domain_split.h"

#include <fmt/core.h>

#include <algorithm>
#include <tuple>
#include <unordered_set>
#include <utility>
#include <variant>

#include "types/uses.h"

namespace tenon::resolve {

namespace {

using types::ResourceId;
using types::TypeId;

bool is_reachable(const Unit& unit) { return unit.is_isolated || unit.is_reachable; }

}  // namespace

DomainSplit::DomainSplit(WholePlan& whole, DomainIndex domain)
    : whole_(whole),
      plan_(whole.plan),
      domain_(domain),
      class_of_([&whole](types::ResourceId one) { return whole.class_of(one); }),
      unions_(*whole.types, class_of_) {}

bool DomainSplit::is_package() const {
  return plan_.units[made_.units.front()].kind == UnitKind::Package;
}

void DomainSplit::plan_imports() {
  made_.name = plan_.shown.domains[domain_].name;
  made_.link = std::make_unique<LinkPlan>();
  made_.link->shown.name = fmt::format("{} {}", plan_.shown.name, made_.name);
  made_.link->resource_class = plan_.resource_class;
  take_units();
  if (is_package()) return list_package_imports();
  take_imports(When::AtFirst);
  bridge_imports();
  take_imports(When::AfterBridges);
  pass_arguments();
}

void DomainSplit::take_units() {
  LinkPlan& link = *made_.link;
  for (UnitIndex u = 0; u < plan_.units.size(); ++u) {
    if (!is_here(u)) continue;
    local_.emplace(u, static_cast<UnitIndex>(made_.units.size()));
    made_.units.push_back(u);
    link.units.push_back(plan_.units[u]);
    if (plan_.units[u].name == plan_.shown.root) link.shown.root = plan_.shown.root;
  }
  for (const UnitIndex u : plan_.order)
    if (is_here(u)) link.order.push_back(local_.at(u));
  link.shown.order = plan_.shown.domains[domain_].units;
}

void DomainSplit::take_imports(When when) {
  for (std::uint32_t i = 0; i < plan_.imports.size(); ++i) {
    const CompositionImport& import = plan_.imports[i];
    if ((when == When::AfterBridges) != !find_bridged_resources(import).empty()) continue;
    std::vector<types::Item> items;
    CompositionImport own{.name = import.name,
                          .item = {},
                          .implements = import.implements,
                          .importers = {},
                          .met = import.met};
    for (const UnitImport at : import.importers) {
      if (!is_here(at.unit)) continue;
      items.push_back(whole_.item(at));
      own.importers.push_back(localize(at));
    }
    if (items.empty()) continue;
    own.item = unions_.unite(items);
    import_at_.emplace(i, made_.link->imports.size());
    import_names_.take(own.name);
    name_types(own.item, imported_);
    made_.link->imports.push_back(std::move(own));
  }
}

std::vector<ResourceId> DomainSplit::find_bridged_resources(const CompositionImport& import) const {
  std::vector<ResourceId> found;
  if (import.met != CompositionImport::Met::Trap) return found;
  for (const UnitImport at : import.importers) {
    if (!is_here(at.unit)) continue;
    for (const ResourceId one : types::mentioned_resources(*plan_.types, whole_.item(at))) {
      const ResourceId resource = whole_.class_of(one);
      if (is_made_elsewhere(resource)) found.push_back(resource);
    }
  }
  return found;
}

bool DomainSplit::is_made_elsewhere(ResourceId resource) const {
  const auto maker = whole_.makers.find(resource);
  return maker != whole_.makers.end() && !is_here(maker->second.unit);
}

void DomainSplit::bridge_imports() {
  std::vector<Bridge> bridges = collect_bridges();
  import_lone_resources(bridges);
  std::ranges::sort(bridges, {}, [&](const Bridge& bridge) {
    return std::pair(rank(whole_.item(bridge.users.front())), bridge.from);
  });
  // What names a resource stands before those that only mention it. Each round writes all whose
  // turn it is; of imports as WIT has them, the first writes all.
  while (!bridges.empty()) {
    std::vector<Bridge> waiting;
    for (Bridge& bridge : bridges) {
      if (is_ready(bridge))
        write(bridge);
      else
        waiting.push_back(std::move(bridge));
    }
    if (waiting.size() == bridges.size()) {
      for (const Bridge& bridge : waiting) write(bridge);
      return;
    }
    bridges = std::move(waiting);
  }
}

std::vector<DomainSplit::Bridge> DomainSplit::collect_bridges() {
  std::map<UnitExport, Bridge> bridges;
  for (const UnitIndex u : made_.units) {
    for (std::uint32_t i = 0; i < plan_.arguments[u].size(); ++i) {
      const auto* other = std::get_if<FromUnit>(&plan_.arguments[u][i]);
      if (other == nullptr || is_here(other->from.unit)) continue;
      Bridge& bridge = bridges[other->from];
      bridge.from = other->from;
      bridge.users.push_back({u, i});
      const types::RootItem& root = plan_.units[u].type.imports[i];
      for (const types::Slot& slot : types::resource_slots(*plan_.types, root.name, root.item))
        bridge.named.push_back(whole_.class_of(slot.resource));
      for (const ResourceId one : types::mentioned_resources(*plan_.types, root.item))
        bridge.mentioned.push_back(whole_.class_of(one));
    }
  }
  std::vector<Bridge> list;
  for (auto& [from, bridge] : bridges) list.push_back(std::move(bridge));
  return list;
}

void DomainSplit::import_lone_resources(const std::vector<Bridge>& bridges) {
  std::unordered_set<ResourceId> named = imported_.resources;
  for (const Bridge& bridge : bridges) named.insert(bridge.named.begin(), bridge.named.end());
  const auto import_resource = [&](ResourceId resource) {
    if (!named.insert(resource).second) return;
    const std::optional<UnitExport> from = whole_.find_naming_export(resource);
    add_bridged(from.value_or(UnitExport{whole_.makers.at(resource).unit, 0}), {}, Called::No,
                types::TypeBound{resource});
  };
  for (const UnitIndex u : made_.units) {
    for (std::uint32_t i = 0; i < plan_.arguments[u].size(); ++i) {
      if (!std::holds_alternative<FromTypes>(plan_.arguments[u][i])) continue;
      for (const ResourceId one :
           types::mentioned_resources(*plan_.types, whole_.item(UnitImport{u, i})))
        if (const ResourceId resource = whole_.class_of(one); is_made_elsewhere(resource))
          import_resource(resource);
    }
  }
  for (const CompositionImport& import : plan_.imports)
    for (const ResourceId resource : find_bridged_resources(import)) import_resource(resource);
}

void DomainSplit::list_package_imports() {
  const UnitIndex u = made_.units.front();
  for (std::uint32_t i = 0; i < plan_.arguments[u].size(); ++i) {
    const auto* met = std::get_if<FromUnit>(&plan_.arguments[u][i]);
    if (met == nullptr) continue;
    const types::RootItem& root = plan_.units[u].type.imports[i];
    const PlanEdge* const edge = whole_.find_edge({u, i});
    const DomainIndex provider = whole_.domain_of[met->from.unit];
    if (provider != kOutside) whole_.bridged[provider].insert(met->from);
    made_.imports.push_back({.name = root.name,
                             .from = met->from,
                             .provider = provider,
                             .export_name = {},
                             .lazy = edge != nullptr && edge->lazy,
                             .on_failure = edge != nullptr ? edge->on_failure : std::string(),
                             .item = root.item});
  }
}

void DomainSplit::list_package_exports() {
  const UnitIndex u = made_.units.front();
  const std::vector<types::RootItem>& exports = plan_.units[u].type.exports;
  for (std::uint32_t e = 0; e < exports.size(); ++e) {
    const UnitExport from{u, e};
    export_names_by_item_.emplace(from, exports[e].name);
    made_.exports.push_back({exports[e].name, from, exports[e].item});
  }
}

int DomainSplit::rank(const types::Item& item) {
  if (std::holds_alternative<types::TypeBound>(item)) return 0;
  return std::holds_alternative<types::InstanceId>(item) ? 1 : 2;
}

bool DomainSplit::is_ready(const Bridge& bridge) const {
  return std::ranges::all_of(bridge.mentioned, [&](ResourceId one) {
    return imported_.resources.contains(one) ||
           std::ranges::find(bridge.named, one) != bridge.named.end();
  });
}

void DomainSplit::write(const Bridge& bridge) {
  std::vector<types::Item> items;
  std::vector<UnitImport> importers;
  for (const UnitImport at : bridge.users) {
    items.push_back(whole_.item(at));
    importers.push_back(localize(at));
  }
  const types::Item item = unions_.unite(items);
  name_value_types(item, imported_, made_.link->imports);
  bridge_at_.emplace(bridge.from, made_.link->imports.size());
  add_bridged(bridge.from, std::move(importers), Called::Yes, item);
  BridgedImport& made = made_.imports.back();
  made.lazy = true;
  for (const UnitImport at : bridge.users) {
    const PlanEdge* edge = whole_.find_edge(at);
    made.lazy &= edge != nullptr && edge->lazy;
    if (edge != nullptr && made.on_failure.empty()) made.on_failure = edge->on_failure;
  }
}

void DomainSplit::add_bridged(UnitExport from, std::vector<UnitImport> importers, Called called,
                              const types::Item& item) {
  BridgedImport bridged{.name = import_names_.make('i'),
                        .from = from,
                        .provider = whole_.domain_of[from.unit],
                        .export_name = {},
                        .lazy = false,
                        .on_failure = {},
                        .item = item};
  name_types(item, imported_);
  made_.link->imports.push_back({.name = bridged.name,
                                 .item = item,
                                 .implements = {},
                                 .importers = std::move(importers),
                                 .met = CompositionImport::Met::Bridged});
  if (called == Called::Yes && bridged.provider != kOutside)
    whole_.bridged[bridged.provider].insert(from);
  made_.imports.push_back(std::move(bridged));
}

void DomainSplit::name_value_types(const types::Item& item, TypeNames& known,
                                   std::vector<CompositionImport>& imports) {
  for (const TypeId type : find_unnamed_types(*whole_.types, item)) {
    if (!known.types.insert(type).second) continue;
    imports.push_back({.name = import_names_.make('t'),
                       .item = types::TypeBound{type},
                       .implements = {},
                       .importers = {},
                       .met = CompositionImport::Met::Bridged});
  }
}

void DomainSplit::pass_arguments() {
  for (const UnitIndex u : made_.units) {
    std::vector<Argument>& arguments = made_.link->arguments.emplace_back();
    for (const Argument& passed : plan_.arguments[u]) {
      if (const auto* other = std::get_if<FromUnit>(&passed)) {
        if (is_here(other->from.unit))
          arguments.push_back(FromUnit{{local_.at(other->from.unit), other->from.index}});
        else
          arguments.push_back(FromImport{static_cast<std::uint32_t>(bridge_at_.at(other->from))});
      } else if (const auto* outer = std::get_if<FromImport>(&passed)) {
        arguments.push_back(FromImport{static_cast<std::uint32_t>(import_at_.at(outer->import))});
      } else {
        const std::optional<UnitExport> named = std::get<FromTypes>(passed).named_by;
        FromTypes types;
        if (named && is_here(named->unit))
          types.named_by = UnitExport{local_.at(named->unit), named->index};
        arguments.push_back(types);
      }
    }
  }
}

void DomainSplit::plan_exports() {
  if (is_package()) return list_package_exports();
  exported_ = imported_;
  for (const CompositionExport& wanted : plan_.exports)
    if (is_here(wanted.from.unit)) export_names_.take(wanted.name);
  for (const CompositionExport& wanted : plan_.exports) {
    if (!is_here(wanted.from.unit)) continue;
    prepare_export(wanted.from);
    CompositionExport own = wanted;
    own.from = localize(wanted.from);
    made_.link->exports.push_back(std::move(own));
    name_types(whole_.item(wanted.from), exported_);
  }
  const std::set<UnitExport>& wanted = whole_.bridged[domain_];
  std::vector<UnitExport> sorted(wanted.begin(), wanted.end());
  // Functions after what names their types, and units as they are instantiated.
  std::ranges::sort(sorted, {}, [&](UnitExport from) {
    return std::tuple(rank(whole_.item(from)) == 2, whole_.place_in_order[from.unit], from.index);
  });
  for (const UnitExport from : sorted) {
    prepare_export(from);
    add_export(from);
  }
  export_reachable();
}

void DomainSplit::export_reachable() {
  exports_ = &made_.reachable;
  std::set<UnitExport> known;
  for (const CompositionExport& wanted : plan_.exports) known.insert(wanted.from);
  for (const UnitIndex u : made_.units) {
    if (!is_reachable(plan_.units[u])) continue;
    for (std::uint32_t e = 0; e < plan_.units[u].type.exports.size(); ++e) {
      const UnitExport from{u, e};
      if (known.contains(from) || !has_functions(whole_.item(from))) continue;
      prepare_export(from);
      add_export(from);
    }
  }
}

bool DomainSplit::has_functions(const types::Item& item) const {
  if (std::holds_alternative<types::FunctionId>(item)) return true;
  const auto* const instance = std::get_if<types::InstanceId>(&item);
  return instance != nullptr &&
         std::ranges::any_of(whole_.types->instances[*instance].exports, [](const auto& part) {
           return std::holds_alternative<types::FunctionId>(part.item);
         });
}

void DomainSplit::prepare_export(UnitExport from) {
  std::vector<UnitExport> path{from};
  std::set<UnitExport> begun{from};
  while (!path.empty()) {
    const UnitExport current = path.back();
    if (const std::optional<UnitExport> naming = find_missing(current, begun)) {
      begun.insert(*naming);
      path.push_back(*naming);
      continue;
    }
    path.pop_back();
    name_value_types(whole_.item(current), exported_, made_.link->imports);
    if (current != from) add_export(current);
  }
}

std::optional<UnitExport> DomainSplit::find_missing(UnitExport from,
                                                    const std::set<UnitExport>& begun) {
  TypeNames own;
  name_types(whole_.item(from), own);
  for (const ResourceId one : types::mentioned_resources(*plan_.types, whole_.item(from))) {
    const ResourceId resource = whole_.class_of(one);
    if (own.resources.contains(resource) || exported_.resources.contains(resource)) continue;
    const std::optional<UnitExport> naming = whole_.find_naming_export(resource);
    if (naming && is_here(naming->unit) && !begun.contains(*naming)) return naming;
  }
  return std::nullopt;
}

void DomainSplit::add_export(UnitExport from) {
  const auto [name, is_new] = export_names_by_item_.try_emplace(from);
  if (!is_new) return;
  name->second = export_names_.make('e');
  made_.link->exports.push_back(
      {.name = name->second, .from = localize(from), .implements = {}, .hidden_functions = {}});
  exports_->push_back({name->second, from, whole_.item(from)});
  name_types(whole_.item(from), exported_);
}

DomainPlan DomainSplit::finish(const std::shared_ptr<const types::Types>& types) {
  made_.link->types = types;
  return std::move(made_);
}

}  // namespace tenon::resolve
