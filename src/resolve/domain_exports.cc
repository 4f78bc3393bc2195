// How the exports of one domain are planned: those of the composition, those that other domains use, and those
// that only the program calls.
//
// Before an export is written, every resource that it mentions gets a name: the item that names it is exported first,
// with everything that this item needs in turn.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "resolve/domain_draft.h"
#include "resolve/relays.h"
#include "resolve/type_classes.h"
#include "types/uses.h"

namespace tenon::resolve {

namespace {

using types::ResourceId;
using types::TypeId;

// Whether the program, or a swap, can call the exports of a unit.
bool is_reachable(const Unit& unit) {
  return unit.is_isolated || unit.is_reachable || find_handover(unit.type);
}

// Whether an export, directly or through other units of the domain, passes on an import of the
// domain.
bool is_passed_on(const DomainDraft& draft, UnitExport from) {
  std::set<UnitExport> seen{from};
  std::vector<UnitExport> pending{from};
  while (!pending.empty()) {
    const UnitExport exported = pending.back();
    pending.pop_back();
    const auto& passed =
        draft.plan().units[exported.unit].type.exports[exported.index].passed_imports;
    if (!passed) continue;
    for (const std::uint32_t import : *passed) {
      const Argument& argument = draft.plan().arguments[exported.unit][import];
      const auto* const provided = std::get_if<FromUnit>(&argument);
      if (provided != nullptr && draft.is_here(provided->from.unit)) {
        if (seen.insert(provided->from).second) pending.push_back(provided->from);
      } else if (!std::holds_alternative<FromTypes>(argument)) {
        return true;
      }
    }
  }
  return false;
}

bool has_functions(const types::Types& types, const types::Item& item) {
  if (std::holds_alternative<types::FunctionId>(item)) return true;
  const auto* const instance = std::get_if<types::InstanceId>(&item);
  return instance != nullptr &&
         std::ranges::any_of(types.instances[*instance].exports, [](const auto& part) {
           return std::holds_alternative<types::FunctionId>(part.item);
         });
}

class ExportPlanner final {
 public:
  explicit ExportPlanner(DomainDraft& draft);

  void plan();

 private:
  void export_root();
  // The export that answers HTTP requests: the engine finds it by its own name.
  void export_handler();
  void export_bridged();
  // Exports for the program, after those for other domains.
  void export_reachable();
  // Gives a name to every resource that an export mentions and does not name. Value types get names when it is written
  // (compose/root_exports.h).
  void prepare_export(UnitExport from);
  // An export of this domain that names a resource which the item mentions and which has no name
  // yet, or a value type that contains one.
  std::optional<UnitExport> find_missing(UnitExport from, const std::set<UnitExport>& begun);
  void add_export(UnitExport from);
  // Adds to `exported_`.
  void name_exported(const types::Item& item);

  DomainDraft& draft_;
  WholePlan& whole_;
  const LinkPlan& plan_;
  DomainPlan& split_;
  const TypeClasses classes_;                              // of `split_.link`
  std::vector<BridgedExport>* exports_ = &split_.exports;  // the list that add_export appends to
  TypeNames exported_;                                     // named by imports or exports; classes
  FreshNames export_names_;
};

ExportPlanner::ExportPlanner(DomainDraft& draft)
    : draft_(draft),
      whole_(draft.whole),
      plan_(draft.plan()),
      split_(draft.split),
      classes_(*split_.link) {
  exported_.resources = draft_.imported.resources;
  for (const TypeId type : draft_.imported.types) exported_.types.insert(classes_.of(type));
}

void ExportPlanner::plan() {
  export_root();
  export_handler();
  export_bridged();
  export_reachable();
}

void ExportPlanner::export_root() {
  for (const CompositionExport& exported : plan_.exports)
    if (draft_.is_here(exported.from.unit)) export_names_.take(exported.name);
  for (const CompositionExport& exported : plan_.exports) {
    if (!draft_.is_here(exported.from.unit)) continue;
    prepare_export(exported.from);
    CompositionExport own = exported;
    own.from = draft_.localize(exported.from);
    own.same_types.clear();
    for (const UnitExport same : exported.same_types)
      if (draft_.is_here(same.unit)) own.same_types.push_back(draft_.localize(same));
    split_.link->exports.push_back(std::move(own));
    name_exported(whole_.item(exported.from));
  }
}

void ExportPlanner::export_handler() {
  const auto handler = std::ranges::find_if(
      plan_.handlers, [&](const UnitExport& from) { return draft_.is_here(from.unit); });
  if (handler == plan_.handlers.end()) return;
  const Unit& unit = plan_.units[handler->unit];
  const std::string& name = unit.type.exports[handler->index].name;
  split_.handler = name;
  split_.handler_unit = unit.name;
  const bool is_exported = std::ranges::any_of(plan_.exports, [&](const auto& exported) {
    return exported.name == name && draft_.is_here(exported.from.unit);
  });
  if (is_exported) return;
  prepare_export(*handler);
  if (!draft_.export_names.try_emplace(*handler, name).second) return;
  export_names_.take(name);
  split_.link->exports.push_back({.name = name,
                                  .from = draft_.localize(*handler),
                                  .is_relayed = is_passed_on(draft_, *handler),
                                  .implements = {}});
  split_.exports.push_back({name, *handler, whole_.item(*handler)});
  name_exported(whole_.item(*handler));
}

void ExportPlanner::export_bridged() {
  const std::set<UnitExport>& used = whole_.bridged[draft_.domain];
  std::vector<UnitExport> sorted(used.begin(), used.end());
  // Functions come after the items that name their types; units in the order of instantiation.
  std::ranges::sort(sorted, {}, [&](UnitExport from) {
    return std::tuple(DomainDraft::rank(whole_.item(from)) == 2, whole_.place_in_order[from.unit],
                      from.index);
  });
  for (const UnitExport from : sorted) {
    prepare_export(from);
    add_export(from);
  }
}

void ExportPlanner::export_reachable() {
  exports_ = &split_.reachable;
  std::set<UnitExport> known;
  for (const CompositionExport& exported : plan_.exports) known.insert(exported.from);
  for (const UnitIndex u : split_.units) {
    if (!is_reachable(plan_.units[u])) continue;
    for (std::uint32_t e = 0; e < plan_.units[u].type.exports.size(); ++e) {
      const UnitExport from{u, e};
      if (known.contains(from) || !has_functions(*whole_.types, whole_.item(from))) continue;
      if (is_passed_on(draft_, from) && find_relay_obstacle(*plan_.types, whole_.item(from), {}))
        continue;
      prepare_export(from);
      add_export(from);
    }
  }
}

void ExportPlanner::prepare_export(UnitExport from) {
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
    if (current != from) add_export(current);
  }
}

std::optional<UnitExport> ExportPlanner::find_missing(UnitExport from,
                                                      const std::set<UnitExport>& begun) {
  TypeNames own;
  draft_.name_types(whole_.item(from), own);
  for (const ResourceId id : types::mentioned_resources(*plan_.types, whole_.item(from))) {
    const ResourceId resource = whole_.class_of(id);
    if (own.resources.contains(resource) || exported_.resources.contains(resource)) continue;
    const std::optional<UnitExport> naming = whole_.find_naming_export(resource);
    if (naming && draft_.is_here(naming->unit) && !begun.contains(*naming)) return naming;
  }
  for (const TypeId type : find_unnamed_types(*whole_.types, whole_.item(from))) {
    if (exported_.types.contains(classes_.of(type)) ||
        types::mentioned_resources(*whole_.types, types::TypeBound{type}).empty())
      continue;
    std::optional<UnitExport> naming = classes_.find_naming_export(type);
    if (!naming) continue;
    naming->unit = split_.units[naming->unit];
    if (!begun.contains(*naming)) return naming;
  }
  return std::nullopt;
}

void ExportPlanner::name_exported(const types::Item& item) {
  TypeNames names;
  draft_.name_types(item, names);
  exported_.resources.merge(names.resources);
  for (const TypeId type : names.types) exported_.types.insert(classes_.of(type));
}

void ExportPlanner::add_export(UnitExport from) {
  const auto [name, is_new] = draft_.export_names.try_emplace(from);
  if (!is_new) return;
  name->second = export_names_.make('e');
  split_.link->exports.push_back({.name = name->second,
                                  .from = draft_.localize(from),
                                  .is_relayed = is_passed_on(draft_, from),
                                  .implements = {}});
  exports_->push_back({name->second, from, whole_.item(from)});
  name_exported(whole_.item(from));
}

void list_package_exports(DomainDraft& draft) {
  const UnitIndex u = draft.split.units.front();
  const std::vector<types::RootItem>& exports = draft.plan().units[u].type.exports;
  for (std::uint32_t e = 0; e < exports.size(); ++e) {
    const UnitExport from{u, e};
    draft.export_names.emplace(from, exports[e].name);
    draft.split.exports.push_back({exports[e].name, from, exports[e].item});
  }
}

}  // namespace

void plan_exports(DomainDraft& draft) {
  if (draft.is_package())
    list_package_exports(draft);
  else
    ExportPlanner(draft).plan();
}

}  // namespace tenon::resolve
