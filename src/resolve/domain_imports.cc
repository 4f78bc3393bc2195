// How the imports of one domain are planned: those of the composition that its units have, and one import for
// each outside export that its units use together. What it uses is recorded in WholePlan::bridged of the
// providing domain.
//
// Imports are written in an order in which each names what later ones mention. What still has no name then gets
// one: a resource by an import of its own, a value type by an import of the type alone.
#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include "resolve/domain_draft.h"
#include "types/uses.h"

namespace tenon::resolve {

namespace {

using types::ResourceId;
using types::TypeId;

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

class ImportPlanner final {
 public:
  explicit ImportPlanner(DomainDraft& draft)
      : draft_(draft),
        whole_(draft.whole),
        plan_(draft.plan()),
        split_(draft.split),
        unions_(*whole_.types, draft.class_of) {}

  void plan();

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
    std::vector<UnitImport> users;
    std::vector<ResourceId> named;  // classes of resources that the imports name
    // Classes of resources that have a name before: those that the imports mention and do not name, and
    // those of value types without a name in them, which get one by an import before.
    std::vector<ResourceId> needed;
  };

  [[nodiscard]] BridgeKey key_of(UnitImport at, UnitExport from) const;

  // Takes over the imports of the composition that units of this domain have. A stub that mentions
  // resources of other domains is written after the imports that name these.
  void take_imports();
  // import: a position in the plan.
  void take_import(std::uint32_t import);
  // Takes those that waited for a bridge that names their resources.
  void take_waiting();
  [[nodiscard]] bool must_wait(const CompositionImport& import) const;
  // The interfaces of WASI that make resources, without versions, by class.
  void list_wasi_owners();
  [[nodiscard]] std::vector<ResourceId> find_bridged_resources(
      const CompositionImport& import) const;
  // resource: a class.
  [[nodiscard]] bool is_split_elsewhere(ResourceId resource) const;

  // -- Imports from other domains

  void bridge_imports(std::vector<Bridge> bridges);
  std::vector<Bridge> collect_bridges();
  // Imports the resources of other domains that are mentioned only by imports without a provider:
  // by imports of types and by stubs.
  void import_lone_resources(const std::vector<Bridge>& bridges);
  // resource: a class.
  void import_resource(ResourceId resource);
  void collect_resources(Bridge& bridge, const types::RootItem& import) const;
  [[nodiscard]] bool is_ready(const Bridge& bridge) const;
  void write(const Bridge& bridge);

  enum class Called { No, Yes };
  void add_bridged(UnitExport from, std::vector<UnitImport> importers, Called called,
                   const types::Item& item);
  // Imports the value types that an item mentions and that neither it nor an import names.
  void name_value_types(const types::Item& item);
  void pass_arguments();

  DomainDraft& draft_;
  WholePlan& whole_;
  const LinkPlan& plan_;
  DomainPlan& split_;
  UnionTypes unions_;
  // Positions in split_.link->imports: by import of the composition, and by outside export.
  std::unordered_map<std::uint32_t, std::size_t> import_at_;
  std::map<BridgeKey, std::size_t> bridge_at_;
  std::unordered_set<ResourceId> bridged_;  // classes of resources that bridges name
  std::unordered_map<ResourceId, std::string_view> wasi_owners_;
  std::vector<std::uint32_t> waiting_;  // imports, in order
};

std::string_view without_version(std::string_view interface) {
  return interface.substr(0, interface.find('@'));
}

void ImportPlanner::plan() {
  for (const CompositionImport& import : plan_.imports) draft_.import_names.take(import.name);
  std::vector<Bridge> bridges = collect_bridges();
  for (const Bridge& bridge : bridges) bridged_.insert(bridge.named.begin(), bridge.named.end());
  if (!bridged_.empty()) list_wasi_owners();
  take_imports();
  bridge_imports(std::move(bridges));
  for (const std::uint32_t import : std::exchange(waiting_, {})) take_import(import);
  pass_arguments();
}

void ImportPlanner::list_wasi_owners() {
  if (!plan_.wasi) return;
  for (const types::RootItem& exported : plan_.wasi->type.exports)
    for (const types::Slot& slot :
         types::resource_slots(*plan_.types, exported.name, exported.item))
      wasi_owners_.try_emplace(whole_.class_of(slot.resource), without_version(exported.name));
}

void ImportPlanner::take_imports() {
  for (std::uint32_t i = 0; i < plan_.imports.size(); ++i) {
    if (must_wait(plan_.imports[i]))
      waiting_.push_back(i);
    else
      take_import(i);
  }
}

void ImportPlanner::take_waiting() {
  for (const std::uint32_t import : std::exchange(waiting_, {})) {
    if (must_wait(plan_.imports[import]))
      waiting_.push_back(import);
    else
      take_import(import);
  }
}

// The engine finds a resource of WASI only in the interface that makes it. If a unit of another domain passes that
// on, it comes before what uses it.
bool ImportPlanner::must_wait(const CompositionImport& import) const {
  if (import.binding == CompositionImport::Binding::Trap)
    return !find_bridged_resources(import).empty();
  if (import.binding != CompositionImport::Binding::Wasi) return false;
  for (const UnitImport at : import.importers) {
    if (!draft_.is_here(at.unit)) continue;
    for (const ResourceId id : types::mentioned_resources(*plan_.types, whole_.item(at))) {
      const ResourceId resource = whole_.class_of(id);
      if (draft_.imported.resources.contains(resource) || !bridged_.contains(resource)) continue;
      const auto owner = wasi_owners_.find(resource);
      if (owner != wasi_owners_.end() && owner->second != without_version(import.name)) return true;
    }
  }
  return false;
}

void ImportPlanner::take_import(std::uint32_t position) {
  const CompositionImport& import = plan_.imports[position];
  std::vector<types::Item> items;
  CompositionImport own{.name = import.name,
                        .item = {},
                        .implements = import.implements,
                        .importers = {},
                        .binding = import.binding,
                        .trap_wires = import.trap_wires};
  for (const UnitImport at : import.importers) {
    if (!draft_.is_here(at.unit)) continue;
    items.push_back(whole_.item(at));
    own.importers.push_back(draft_.localize(at));
  }
  if (items.empty()) return;
  own.item = unions_.unite(items);
  if (own.binding == CompositionImport::Binding::Trap) {
    // A stub is written inside, where its value types have no name for an import.
    TypeNames named;
    draft_.name_types(own.item, named);
    draft_.imported.resources.merge(named.resources);
  } else {
    name_value_types(own.item);
    draft_.name_types(own.item, draft_.imported);
  }
  import_at_.emplace(position, split_.link->imports.size());
  split_.link->imports.push_back(std::move(own));
}

std::vector<ResourceId> ImportPlanner::find_bridged_resources(
    const CompositionImport& import) const {
  std::vector<ResourceId> resources;
  if (import.binding != CompositionImport::Binding::Trap) return resources;
  for (const UnitImport at : import.importers) {
    if (!draft_.is_here(at.unit)) continue;
    for (const ResourceId id : types::mentioned_resources(*plan_.types, whole_.item(at))) {
      const ResourceId resource = whole_.class_of(id);
      if (is_split_elsewhere(resource)) resources.push_back(resource);
    }
  }
  return resources;
}

bool ImportPlanner::is_split_elsewhere(ResourceId resource) const {
  const auto maker = whole_.makers.find(resource);
  return maker != whole_.makers.end() && !draft_.is_here(maker->second.unit);
}

void ImportPlanner::bridge_imports(std::vector<Bridge> bridges) {
  import_lone_resources(bridges);
  std::ranges::sort(bridges, {}, [&](const Bridge& bridge) {
    return std::pair(DomainDraft::rank(whole_.item(bridge.users.front())), bridge.key);
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
          if (!draft_.imported.resources.contains(resource) && is_split_elsewhere(resource))
            import_resource(resource);
        write(bridge);
      }
      return;
    }
    bridges = std::move(waiting);
    take_waiting();
  }
}

ImportPlanner::BridgeKey ImportPlanner::key_of(UnitImport at, UnitExport from) const {
  BridgeOptions options = options_of(whole_.find_edge(at));
  BridgeKey key{.from = from, .import = {}, .middleware = std::move(options.middleware)};
  if (has_types_of_consumer(plan_.units[from.unit].kind) || !key.middleware.empty() ||
      options.is_adapted)
    key.import = at;
  return key;
}

std::vector<ImportPlanner::Bridge> ImportPlanner::collect_bridges() {
  std::map<BridgeKey, Bridge> bridges;
  for (const UnitIndex u : split_.units) {
    for (std::uint32_t i = 0; i < plan_.arguments[u].size(); ++i) {
      const auto* other = std::get_if<FromUnit>(&plan_.arguments[u][i]);
      if (other == nullptr || draft_.is_here(other->from.unit)) continue;
      BridgeKey key = key_of({u, i}, other->from);
      Bridge& bridge = bridges[key];
      bridge.key = std::move(key);
      bridge.users.push_back({u, i});
      collect_resources(bridge, plan_.units[u].type.imports[i]);
    }
  }
  std::vector<Bridge> list;
  for (auto& [key, bridge] : bridges) list.push_back(std::move(bridge));
  return list;
}

void ImportPlanner::collect_resources(Bridge& bridge, const types::RootItem& import) const {
  TypeNames own;
  own.add(*plan_.types, draft_.class_of, import.item);
  bridge.named.insert(bridge.named.end(), own.resources.begin(), own.resources.end());
  for (const ResourceId id : types::mentioned_resources(*plan_.types, import.item))
    if (const ResourceId resource = whole_.class_of(id); !own.resources.contains(resource))
      bridge.needed.push_back(resource);
  for (const TypeId type : find_unnamed_types(*plan_.types, import.item))
    for (const ResourceId id : types::mentioned_resources(*plan_.types, types::TypeBound{type}))
      bridge.needed.push_back(whole_.class_of(id));
}

void ImportPlanner::import_lone_resources(const std::vector<Bridge>& bridges) {
  std::unordered_set<ResourceId> named = draft_.imported.resources;
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

void ImportPlanner::import_resource(ResourceId resource) {
  const std::optional<UnitExport> from = whole_.find_naming_export(resource);
  add_bridged(from.value_or(UnitExport{whole_.makers.at(resource).unit, 0}), {}, Called::No,
              types::TypeBound{resource});
}

bool ImportPlanner::is_ready(const Bridge& bridge) const {
  return std::ranges::all_of(bridge.needed, [&](ResourceId resource) {
    return draft_.imported.resources.contains(resource);
  });
}

void ImportPlanner::write(const Bridge& bridge) {
  std::vector<types::Item> items;
  std::vector<UnitImport> importers;
  for (const UnitImport at : bridge.users) {
    items.push_back(whole_.item(at));
    importers.push_back(draft_.localize(at));
  }
  const types::Item item = unions_.unite(items);
  name_value_types(item);
  bridge_at_.emplace(bridge.key, split_.link->imports.size());
  add_bridged(bridge.key.from, std::move(importers), Called::Yes, item);
  BridgeOptions& options = split_.imports.back().options;
  options = options_of(whole_.find_edge(bridge.users.front()));
  for (const UnitImport at : bridge.users) merge(options, options_of(whole_.find_edge(at)));
}

void ImportPlanner::name_value_types(const types::Item& item) {
  for (const TypeId type : find_unnamed_types(*whole_.types, item))
    if (draft_.imported.types.insert(type).second) draft_.import_type(type);
}

void ImportPlanner::add_bridged(UnitExport from, std::vector<UnitImport> importers, Called called,
                                const types::Item& item) {
  BridgedImport bridged{.name = draft_.import_names.make('i'),
                        .from = from,
                        .provider = whole_.domain_of[from.unit],
                        .item = item};
  draft_.name_types(item, draft_.imported);
  split_.link->imports.push_back({.name = bridged.name,
                                  .item = item,
                                  .implements = {},
                                  .importers = std::move(importers),
                                  .binding = CompositionImport::Binding::Bridged});
  if (called == Called::Yes && bridged.provider != kOutside)
    whole_.bridged[bridged.provider].insert(from);
  split_.imports.push_back(std::move(bridged));
}

void ImportPlanner::pass_arguments() {
  for (const UnitIndex u : split_.units) {
    std::vector<Argument>& arguments = split_.link->arguments.emplace_back();
    for (const Argument& passed : plan_.arguments[u]) {
      const UnitImport at{u, static_cast<std::uint32_t>(arguments.size())};
      if (const auto* other = std::get_if<FromUnit>(&passed)) {
        if (draft_.is_here(other->from.unit))
          arguments.push_back(FromUnit{{draft_.local.at(other->from.unit), other->from.index}});
        else
          arguments.push_back(
              FromImport{static_cast<std::uint32_t>(bridge_at_.at(key_of(at, other->from)))});
      } else if (const auto* outer = std::get_if<FromImport>(&passed)) {
        arguments.push_back(FromImport{static_cast<std::uint32_t>(import_at_.at(outer->import))});
      } else {
        const std::optional<UnitExport> named = std::get<FromTypes>(passed).named_by;
        FromTypes types;
        if (named && draft_.is_here(named->unit))
          types.named_by = UnitExport{draft_.local.at(named->unit), named->index};
        arguments.push_back(types);
      }
    }
  }
}

void list_package_imports(DomainDraft& draft) {
  const UnitIndex u = draft.split.units.front();
  for (std::uint32_t i = 0; i < draft.plan().arguments[u].size(); ++i) {
    const auto* provided = std::get_if<FromUnit>(&draft.plan().arguments[u][i]);
    if (provided == nullptr) continue;
    const types::RootItem& root = draft.plan().units[u].type.imports[i];
    const DomainIndex provider = draft.whole.domain_of[provided->from.unit];
    if (provider != kOutside) draft.whole.bridged[provider].insert(provided->from);
    draft.split.imports.push_back({.name = root.name,
                                   .from = provided->from,
                                   .provider = provider,
                                   .options = options_of(draft.whole.find_edge({u, i})),
                                   .item = root.item});
  }
}

}  // namespace

void plan_imports(DomainDraft& draft) {
  if (draft.is_package())
    list_package_imports(draft);
  else
    ImportPlanner(draft).plan();
}

}  // namespace tenon::resolve
