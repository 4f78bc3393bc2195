// How a plan becomes one plan for each domain.
//
// The domains are planned in two steps, because an export of one domain exists only if another
// domain imports it. First each domain plans its imports: those of the composition that its units
// have, and one import for each outside export that its units use together. What it uses is
// recorded in WholePlan::bridged of the providing domain. When all have done so, each domain plans
// its exports.
//
// The hard part is names. In a component, every record, variant, enum, flags and resource in the
// type of an import or export must have a name that is written before. Within one composition the
// `use` of interfaces takes care of that; across a border between domains the interface that names
// a type can be on the other side. So imports are written in an order in which each names what
// later ones mention, and whatever still has no name gets one: a resource by an import or export of
// its own, a value type by an import of the type alone. Names are made (`i3`, `e7`, `t0`), because
// a domain can use two providers of one interface.
//
// Nothing here can fail or choose: resolve has checked every bridged edge.
#include "resolve/split_domains.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include "resolve/component_types.h"
#include "resolve/plan.h"
#include "resolve/relays.h"
#include "resolve/type_classes.h"
#include "resolve/whole_plan.h"
#include "types/uses.h"

namespace tenon::resolve {

namespace {

// Null: the import has no edge.
BridgeOptions options_of(const PlanEdge* edge) {
  if (edge == nullptr) return {};
  return {.lazy = edge->lazy,
          .on_failure = edge->on_failure,
          .stream_buffer = edge->stream_buffer,
          .middleware = edge->middleware,
          .is_adapted = edge->is_adapted()};
}

// The options of imports that become one: they have the same middleware.
void merge(BridgeOptions& all, const BridgeOptions& one) {
  all.lazy &= one.lazy;
  if (all.on_failure.empty()) all.on_failure = one.on_failure;
  if (!all.stream_buffer) all.stream_buffer = one.stream_buffer;
  all.is_adapted |= one.is_adapted;
}

// The plan of one domain in the making.
class DomainSplit final {
 public:
  // Lifetime: refers to `whole`.
  DomainSplit(WholePlan& whole, DomainIndex domain);
  DomainSplit(const DomainSplit&) = delete;
  DomainSplit& operator=(const DomainSplit&) = delete;

  // Plans the imports, and records in WholePlan::bridged which exports of other domains they use.
  void plan_imports();

  // Plans the exports: those of the composition, and those that other domains use.
  // REQUIRES: every domain has planned its imports.
  void plan_exports();

  // REQUIRES: every domain has planned its exports.
  DomainPlan finish(const std::shared_ptr<const types::Types>& types);
  [[nodiscard]] std::vector<BridgedImport>& imports() { return split_.imports; }
  [[nodiscard]] const std::string& export_name(UnitExport from) const {
    return export_names_by_item_.at(from);
  }

 private:
  // Imports that can be one: of one export, with the same middleware. Middleware, and functions of
  // the program, see which unit calls, so units share no import of these.
  struct BridgeKey {
    UnitExport from;
    std::optional<UnitImport> import;  // if its calls are not like those of other imports
    std::vector<std::string> middleware;

    auto operator<=>(const BridgeKey&) const = default;
  };
  // One export of another domain, and the imports of this one that it meets.
  struct Bridge {
    BridgeKey key;
    UnitExport from;
    std::vector<UnitImport> users;
    std::vector<types::ResourceId> named;  // classes of resources that the imports name
    // Classes of resources that have a name before: those that the imports mention and do not name, and
    // those of value types without a name in them, which get one by an import before.
    std::vector<types::ResourceId> needed;
  };

  [[nodiscard]] bool is_here(UnitIndex unit) const { return whole_.domain_of[unit] == domain_; }
  [[nodiscard]] BridgeKey key_of(UnitImport at, UnitExport from) const;

  void take_units();
  // A package has no component: its domain has the imports and exports of the unit, under their own
  // names.
  [[nodiscard]] bool is_package() const;
  void list_package_imports();
  void list_package_exports();
  // Takes over the imports of the composition that units of this domain have. A stub that mentions
  // resources of other domains is written after the imports that name these.
  enum class When { AtFirst, AfterBridges };
  void take_imports(When when);
  [[nodiscard]] std::vector<types::ResourceId> find_bridged_resources(
      const CompositionImport& import) const;
  // resource: a class.
  [[nodiscard]] bool is_split_elsewhere(types::ResourceId resource) const;
  [[nodiscard]] UnitImport localize(UnitImport at) const { return {local_.at(at.unit), at.index}; }
  [[nodiscard]] UnitExport localize(UnitExport at) const { return {local_.at(at.unit), at.index}; }

  // -- Imports from other domains

  void bridge_imports();
  std::vector<Bridge> collect_bridges();
  // Imports the resources of other domains that are mentioned only by imports without a provider:
  // by imports of types and by stubs.
  void import_lone_resources(const std::vector<Bridge>& bridges);
  // resource: a class.
  void import_resource(types::ResourceId resource);
  static int rank(const types::Item& item);
  void collect_resources(Bridge& bridge, const types::RootItem& import) const;
  [[nodiscard]] bool is_ready(const Bridge& bridge) const;
  void write(const Bridge& bridge);

  enum class Called { No, Yes };
  void add_bridged(UnitExport from, std::vector<UnitImport> importers, Called called,
                   const types::Item& item);
  // Imports the value types that an item mentions and that neither it nor `known` names.
  void name_value_types(const types::Item& item, TypeNames& known,
                        std::vector<CompositionImport>& imports);
  void name_types(const types::Item& item, TypeNames& names) const {
    names.add(*whole_.types, class_of_, item);
  }
  void pass_arguments();

  // -- Exports to other domains

  // The export that answers HTTP requests: the engine finds it by its own name.
  void export_handler();
  // Exports for the program, after those for other domains.
  void export_reachable();
  [[nodiscard]] bool has_functions(const types::Item& item) const;
  [[nodiscard]] bool is_passed_on(UnitExport from) const;
  // Gives a name to every type that an export mentions and does not name: exports the item that
  // names a resource, with everything that this item needs in turn, and imports value types.
  void prepare_export(UnitExport from);
  // An export of this domain that names a resource which the item mentions and which has no name
  // yet, or a value type that contains one: the type of an import cannot mention a resource that an
  // export names.
  std::optional<UnitExport> find_missing(UnitExport from, const std::set<UnitExport>& begun);
  void add_export(UnitExport from);
  // Adds to `exported_`.
  void name_exported(const types::Item& item);

  WholePlan& whole_;
  const LinkPlan& plan_;
  const DomainIndex domain_;
  ClassOf class_of_;
  UnionTypes unions_;
  DomainPlan split_;
  std::vector<BridgedExport>* exports_ = &split_.exports;  // the list that add_export appends to
  std::unordered_map<UnitIndex, UnitIndex> local_;         // from the whole plan to split_.link
  // Positions in split_.link->imports: by import of the composition, and by outside export.
  std::unordered_map<std::uint32_t, std::size_t> import_at_;
  std::map<BridgeKey, std::size_t> bridge_at_;
  TypeNames imported_;                  // named by imports
  TypeNames exported_;                  // named by imports or exports; classes
  std::optional<TypeClasses> classes_;  // of `split_.link`, once its exports are planned
  FreshNames import_names_;
  FreshNames export_names_;
  std::map<UnitExport, std::string> export_names_by_item_;
};

using types::ResourceId;
using types::TypeId;

// Whether the program, or a swap, can call the exports of a unit.
bool is_reachable(const Unit& unit) {
  return unit.is_isolated || unit.is_reachable || find_handover(unit.type);
}

DomainSplit::DomainSplit(WholePlan& whole, DomainIndex domain)
    : whole_(whole),
      plan_(whole.plan),
      domain_(domain),
      class_of_([&whole](types::ResourceId resource) { return whole.class_of(resource); }),
      unions_(*whole.types, class_of_) {}

bool DomainSplit::is_package() const {
  return has_packr_types(plan_.units[split_.units.front()].kind);
}

void DomainSplit::plan_imports() {
  split_.name = plan_.shown.domains[domain_].name;
  split_.link = std::make_unique<LinkPlan>();
  split_.link->shown.name = fmt::format("{} {}", plan_.shown.name, split_.name);
  split_.link->resource_class = plan_.resource_class;
  take_units();
  if (is_package()) return list_package_imports();
  take_imports(When::AtFirst);
  bridge_imports();
  take_imports(When::AfterBridges);
  pass_arguments();
}

void DomainSplit::take_units() {
  LinkPlan& link = *split_.link;
  for (UnitIndex u = 0; u < plan_.units.size(); ++u) {
    if (!is_here(u)) continue;
    local_.emplace(u, static_cast<UnitIndex>(split_.units.size()));
    split_.units.push_back(u);
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
                          .binding = import.binding};
    for (const UnitImport at : import.importers) {
      if (!is_here(at.unit)) continue;
      items.push_back(whole_.item(at));
      own.importers.push_back(localize(at));
    }
    if (items.empty()) continue;
    own.item = unions_.unite(items);
    import_at_.emplace(i, split_.link->imports.size());
    import_names_.take(own.name);
    name_types(own.item, imported_);
    split_.link->imports.push_back(std::move(own));
  }
}

std::vector<ResourceId> DomainSplit::find_bridged_resources(const CompositionImport& import) const {
  std::vector<ResourceId> resources;
  if (import.binding != CompositionImport::Binding::Trap) return resources;
  for (const UnitImport at : import.importers) {
    if (!is_here(at.unit)) continue;
    for (const ResourceId id : types::mentioned_resources(*plan_.types, whole_.item(at))) {
      const ResourceId resource = whole_.class_of(id);
      if (is_split_elsewhere(resource)) resources.push_back(resource);
    }
  }
  return resources;
}

bool DomainSplit::is_split_elsewhere(ResourceId resource) const {
  const auto maker = whole_.makers.find(resource);
  return maker != whole_.makers.end() && !is_here(maker->second.unit);
}

void DomainSplit::bridge_imports() {
  std::vector<Bridge> bridges = collect_bridges();
  import_lone_resources(bridges);
  std::ranges::sort(bridges, {}, [&](const Bridge& bridge) {
    return std::pair(rank(whole_.item(bridge.users.front())), bridge.key);
  });
  // An import that names a resource comes before those that only mention it. Each round writes all
  // imports that are ready; for imports in the order of WIT, the first round writes all of them.
  while (!bridges.empty()) {
    std::vector<Bridge> waiting;
    for (Bridge& bridge : bridges) {
      if (is_ready(bridge))
        write(bridge);
      else
        waiting.push_back(std::move(bridge));
    }
    if (waiting.size() == bridges.size()) {
      for (const Bridge& bridge : waiting) {
        for (const ResourceId resource : bridge.needed)
          if (!imported_.resources.contains(resource) && is_split_elsewhere(resource))
            import_resource(resource);
        write(bridge);
      }
      return;
    }
    bridges = std::move(waiting);
  }
}

DomainSplit::BridgeKey DomainSplit::key_of(UnitImport at, UnitExport from) const {
  BridgeOptions options = options_of(whole_.find_edge(at));
  BridgeKey key{.from = from, .import = {}, .middleware = std::move(options.middleware)};
  if (has_types_of_consumer(plan_.units[from.unit].kind) || !key.middleware.empty() ||
      options.is_adapted)
    key.import = at;
  return key;
}

std::vector<DomainSplit::Bridge> DomainSplit::collect_bridges() {
  std::map<BridgeKey, Bridge> bridges;
  for (const UnitIndex u : split_.units) {
    for (std::uint32_t i = 0; i < plan_.arguments[u].size(); ++i) {
      const auto* other = std::get_if<FromUnit>(&plan_.arguments[u][i]);
      if (other == nullptr || is_here(other->from.unit)) continue;
      BridgeKey key = key_of({u, i}, other->from);
      Bridge& bridge = bridges[key];
      bridge.key = std::move(key);
      bridge.from = other->from;
      bridge.users.push_back({u, i});
      collect_resources(bridge, plan_.units[u].type.imports[i]);
    }
  }
  std::vector<Bridge> list;
  for (auto& [key, bridge] : bridges) list.push_back(std::move(bridge));
  return list;
}

void DomainSplit::collect_resources(Bridge& bridge, const types::RootItem& import) const {
  TypeNames own;
  own.add(*plan_.types, class_of_, import.item);
  bridge.named.insert(bridge.named.end(), own.resources.begin(), own.resources.end());
  for (const ResourceId id : types::mentioned_resources(*plan_.types, import.item))
    if (const ResourceId resource = whole_.class_of(id); !own.resources.contains(resource))
      bridge.needed.push_back(resource);
  for (const TypeId type : find_unnamed_types(*plan_.types, import.item))
    for (const ResourceId id : types::mentioned_resources(*plan_.types, types::TypeBound{type}))
      bridge.needed.push_back(whole_.class_of(id));
}

void DomainSplit::import_lone_resources(const std::vector<Bridge>& bridges) {
  std::unordered_set<ResourceId> named = imported_.resources;
  for (const Bridge& bridge : bridges) named.insert(bridge.named.begin(), bridge.named.end());
  const auto import_unnamed = [&](ResourceId resource) {
    if (named.insert(resource).second) import_resource(resource);
  };
  for (const UnitIndex u : split_.units) {
    for (std::uint32_t i = 0; i < plan_.arguments[u].size(); ++i) {
      if (!std::holds_alternative<FromTypes>(plan_.arguments[u][i])) continue;
      for (const ResourceId id :
           types::mentioned_resources(*plan_.types, whole_.item(UnitImport{u, i})))
        if (const ResourceId resource = whole_.class_of(id); is_split_elsewhere(resource))
          import_unnamed(resource);
    }
  }
  for (const CompositionImport& import : plan_.imports)
    for (const ResourceId resource : find_bridged_resources(import)) import_unnamed(resource);
}

void DomainSplit::import_resource(ResourceId resource) {
  const std::optional<UnitExport> from = whole_.find_naming_export(resource);
  add_bridged(from.value_or(UnitExport{whole_.makers.at(resource).unit, 0}), {}, Called::No,
              types::TypeBound{resource});
}

void DomainSplit::list_package_imports() {
  const UnitIndex u = split_.units.front();
  for (std::uint32_t i = 0; i < plan_.arguments[u].size(); ++i) {
    const auto* provided = std::get_if<FromUnit>(&plan_.arguments[u][i]);
    if (provided == nullptr) continue;
    const types::RootItem& root = plan_.units[u].type.imports[i];
    const DomainIndex provider = whole_.domain_of[provided->from.unit];
    if (provider != kOutside) whole_.bridged[provider].insert(provided->from);
    split_.imports.push_back({.name = root.name,
                              .from = provided->from,
                              .provider = provider,
                              .options = options_of(whole_.find_edge({u, i})),
                              .item = root.item});
  }
}

void DomainSplit::list_package_exports() {
  const UnitIndex u = split_.units.front();
  const std::vector<types::RootItem>& exports = plan_.units[u].type.exports;
  for (std::uint32_t e = 0; e < exports.size(); ++e) {
    const UnitExport from{u, e};
    export_names_by_item_.emplace(from, exports[e].name);
    split_.exports.push_back({exports[e].name, from, exports[e].item});
  }
}

// Types before instances before functions, which can mention both.
int DomainSplit::rank(const types::Item& item) {
  if (std::holds_alternative<types::TypeBound>(item)) return 0;
  return std::holds_alternative<types::InstanceId>(item) ? 1 : 2;
}

bool DomainSplit::is_ready(const Bridge& bridge) const {
  return std::ranges::all_of(
      bridge.needed, [&](ResourceId resource) { return imported_.resources.contains(resource); });
}

void DomainSplit::write(const Bridge& bridge) {
  std::vector<types::Item> items;
  std::vector<UnitImport> importers;
  for (const UnitImport at : bridge.users) {
    items.push_back(whole_.item(at));
    importers.push_back(localize(at));
  }
  const types::Item item = unions_.unite(items);
  name_value_types(item, imported_, split_.link->imports);
  bridge_at_.emplace(bridge.key, split_.link->imports.size());
  add_bridged(bridge.from, std::move(importers), Called::Yes, item);
  BridgeOptions& options = split_.imports.back().options;
  options = options_of(whole_.find_edge(bridge.users.front()));
  for (const UnitImport at : bridge.users) merge(options, options_of(whole_.find_edge(at)));
}

void DomainSplit::add_bridged(UnitExport from, std::vector<UnitImport> importers, Called called,
                              const types::Item& item) {
  BridgedImport bridged{.name = import_names_.make('i'),
                        .from = from,
                        .provider = whole_.domain_of[from.unit],
                        .item = item};
  name_types(item, imported_);
  split_.link->imports.push_back({.name = bridged.name,
                                  .item = item,
                                  .implements = {},
                                  .importers = std::move(importers),
                                  .binding = CompositionImport::Binding::Bridged});
  if (called == Called::Yes && bridged.provider != kOutside)
    whole_.bridged[bridged.provider].insert(from);
  split_.imports.push_back(std::move(bridged));
}

void DomainSplit::name_value_types(const types::Item& item, TypeNames& known,
                                   std::vector<CompositionImport>& imports) {
  for (const TypeId type : find_unnamed_types(*whole_.types, item)) {
    if (!known.types.insert(classes_ ? classes_->of(type) : type).second) continue;
    imports.push_back({.name = import_names_.make('t'),
                       .item = types::TypeBound{type},
                       .implements = {},
                       .importers = {},
                       .binding = CompositionImport::Binding::Bridged});
  }
}

void DomainSplit::pass_arguments() {
  for (const UnitIndex u : split_.units) {
    std::vector<Argument>& arguments = split_.link->arguments.emplace_back();
    for (const Argument& passed : plan_.arguments[u]) {
      const UnitImport at{u, static_cast<std::uint32_t>(arguments.size())};
      if (const auto* other = std::get_if<FromUnit>(&passed)) {
        if (is_here(other->from.unit))
          arguments.push_back(FromUnit{{local_.at(other->from.unit), other->from.index}});
        else
          arguments.push_back(
              FromImport{static_cast<std::uint32_t>(bridge_at_.at(key_of(at, other->from)))});
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
  split_.link->types = whole_.types;
  classes_.emplace(*split_.link);
  exported_.resources = imported_.resources;
  for (const TypeId type : imported_.types) exported_.types.insert(classes_->of(type));
  for (const CompositionExport& exported : plan_.exports)
    if (is_here(exported.from.unit)) export_names_.take(exported.name);
  for (const CompositionExport& exported : plan_.exports) {
    if (!is_here(exported.from.unit)) continue;
    prepare_export(exported.from);
    CompositionExport own = exported;
    own.from = localize(exported.from);
    own.same_types.clear();
    for (const UnitExport same : exported.same_types)
      if (is_here(same.unit)) own.same_types.push_back(localize(same));
    split_.link->exports.push_back(std::move(own));
    name_exported(whole_.item(exported.from));
  }
  export_handler();
  const std::set<UnitExport>& used = whole_.bridged[domain_];
  std::vector<UnitExport> sorted(used.begin(), used.end());
  // Functions come after the items that name their types; units in the order of instantiation.
  std::ranges::sort(sorted, {}, [&](UnitExport from) {
    return std::tuple(rank(whole_.item(from)) == 2, whole_.place_in_order[from.unit], from.index);
  });
  for (const UnitExport from : sorted) {
    prepare_export(from);
    add_export(from);
  }
  export_reachable();
}

void DomainSplit::export_handler() {
  const auto handler = std::ranges::find_if(
      plan_.handlers, [&](const UnitExport& from) { return is_here(from.unit); });
  if (handler == plan_.handlers.end()) return;
  const Unit& unit = plan_.units[handler->unit];
  const std::string& name = unit.type.exports[handler->index].name;
  split_.handler = name;
  split_.handler_unit = unit.name;
  const bool is_exported = std::ranges::any_of(plan_.exports, [&](const auto& exported) {
    return exported.name == name && is_here(exported.from.unit);
  });
  if (is_exported) return;
  prepare_export(*handler);
  if (!export_names_by_item_.try_emplace(*handler, name).second) return;
  export_names_.take(name);
  split_.link->exports.push_back({.name = name,
                                  .from = localize(*handler),
                                  .is_relayed = is_passed_on(*handler),
                                  .implements = {}});
  split_.exports.push_back({name, *handler, whole_.item(*handler)});
  name_exported(whole_.item(*handler));
}

void DomainSplit::export_reachable() {
  exports_ = &split_.reachable;
  std::set<UnitExport> known;
  for (const CompositionExport& exported : plan_.exports) known.insert(exported.from);
  for (const UnitIndex u : split_.units) {
    if (!is_reachable(plan_.units[u])) continue;
    for (std::uint32_t e = 0; e < plan_.units[u].type.exports.size(); ++e) {
      const UnitExport from{u, e};
      if (known.contains(from) || !has_functions(whole_.item(from))) continue;
      if (is_passed_on(from) && find_relay_obstacle(*plan_.types, whole_.item(from), {})) continue;
      prepare_export(from);
      add_export(from);
    }
  }
}

// Whether an export, directly or through other units of the domain, passes on an import of the
// domain.
bool DomainSplit::is_passed_on(UnitExport from) const {
  std::set<UnitExport> seen{from};
  std::vector<UnitExport> pending{from};
  while (!pending.empty()) {
    const UnitExport exported = pending.back();
    pending.pop_back();
    const auto& passed = plan_.units[exported.unit].type.exports[exported.index].passed_imports;
    if (!passed) continue;
    for (const std::uint32_t import : *passed) {
      const Argument& argument = plan_.arguments[exported.unit][import];
      const auto* const provided = std::get_if<FromUnit>(&argument);
      if (provided != nullptr && is_here(provided->from.unit)) {
        if (seen.insert(provided->from).second) pending.push_back(provided->from);
      } else if (!std::holds_alternative<FromTypes>(argument)) {
        return true;
      }
    }
  }
  return false;
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
    name_value_types(whole_.item(current), exported_, split_.link->imports);
    if (current != from) add_export(current);
  }
}

std::optional<UnitExport> DomainSplit::find_missing(UnitExport from,
                                                    const std::set<UnitExport>& begun) {
  TypeNames own;
  name_types(whole_.item(from), own);
  for (const ResourceId id : types::mentioned_resources(*plan_.types, whole_.item(from))) {
    const ResourceId resource = whole_.class_of(id);
    if (own.resources.contains(resource) || exported_.resources.contains(resource)) continue;
    const std::optional<UnitExport> naming = whole_.find_naming_export(resource);
    if (naming && is_here(naming->unit) && !begun.contains(*naming)) return naming;
  }
  for (const TypeId type : find_unnamed_types(*whole_.types, whole_.item(from))) {
    if (exported_.types.contains(classes_->of(type)) ||
        types::mentioned_resources(*whole_.types, types::TypeBound{type}).empty())
      continue;
    std::optional<UnitExport> naming = classes_->find_naming_export(type);
    if (!naming) continue;
    naming->unit = split_.units[naming->unit];
    if (!begun.contains(*naming)) return naming;
  }
  return std::nullopt;
}

void DomainSplit::name_exported(const types::Item& item) {
  TypeNames names;
  name_types(item, names);
  exported_.resources.merge(names.resources);
  for (const TypeId type : names.types) exported_.types.insert(classes_->of(type));
}

void DomainSplit::add_export(UnitExport from) {
  const auto [name, is_new] = export_names_by_item_.try_emplace(from);
  if (!is_new) return;
  name->second = export_names_.make('e');
  split_.link->exports.push_back({.name = name->second,
                                  .from = localize(from),
                                  .is_relayed = is_passed_on(from),
                                  .implements = {}});
  exports_->push_back({name->second, from, whole_.item(from)});
  name_exported(whole_.item(from));
}

DomainPlan DomainSplit::finish(const std::shared_ptr<const types::Types>& types) {
  split_.link->types = types;
  return std::move(split_);
}

// The plan of a composition with one domain is also the plan of that domain.
SplitPlan keep_whole(const LinkPlan& plan) {
  SplitPlan split;
  DomainPlan& domain = split.domains.emplace_back();
  if (!plan.shown.domains.empty()) domain.name = plan.shown.domains.front().name;
  domain.link = std::make_unique<LinkPlan>(plan);
  for (UnitIndex u = 0; u < plan.units.size(); ++u) domain.units.push_back(u);
  return split;
}

}  // namespace

static void name_consumers(DomainPlan& domain) {
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
    std::deque<DomainSplit> domains;
    for (DomainIndex d = 0; d < count; ++d) domains.emplace_back(whole, d).plan_imports();
    for (DomainSplit& domain : domains) domain.plan_exports();
    for (DomainSplit& domain : domains)
      for (BridgedImport& import : domain.imports())
        if (import.provider != kOutside && whole.bridged[import.provider].contains(import.from))
          import.export_name = domains[import.provider].export_name(import.from);
    const std::shared_ptr<const types::Types> types = whole.types;
    for (DomainSplit& domain : domains) split.domains.push_back(domain.finish(types));
  }
  for (DomainPlan& domain : split.domains) name_consumers(domain);
  split.types = split.domains.front().link->types;
  for (const CompositionExport& exported : plan.exports)
    split.exports.push_back({exported.name, whole.domain_of[exported.from.unit], exported.from});
  return split;
}

}  // namespace tenon::resolve
