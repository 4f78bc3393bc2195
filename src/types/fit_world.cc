#include "types/fit_world.h"

#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "types/interface_name.h"
#include "types/uses.h"

namespace tenon::types {

namespace {

// The item with the same name, else the newest interface with the same path and version track.
const RootItem* find_item(const std::vector<RootItem>& items, const RootItem& expected) {
  for (const RootItem& item : items)
    if (item.name == expected.name) return &item;
  const Result<ItemName> name = parse_item_name(expected.name, expected.version_suffix);
  if (!name || name->kind != NameKind::Interface || !name->version) return nullptr;
  const RootItem* best = nullptr;
  std::optional<Version> best_version;
  for (const RootItem& item : items) {
    const Result<ItemName> other = parse_item_name(item.name, item.version_suffix);
    if (!other || other->path != name->path || other->track != name->track || !other->version)
      continue;
    if (best_version && compare_versions(*other->version, *best_version) <= 0) continue;
    best = &item;
    best_version = other->version;
  }
  return best;
}

// The correspondence between resources of the component and of the world. Two imported resources of
// the component may be the same one of the world, and two exported resources of the world the same
// one of the component, but never the reverse: one resource cannot be two.
class Resources {
 public:
  Resources(const Types& types, const ComponentType& world) {
    for (const RootItem& import : world.imports)
      for (const ResourceId id : mentioned_resources(types, import.item)) offered_.insert(id);
  }

  // A resource in an import: the component uses that of the world.
  bool take(ResourceId of_component, ResourceId of_world) {
    return taken_.emplace(of_component, of_world).first->second == of_world;
  }

  // A resource in an export: the component provides that of the world. If the world imports the
  // resource itself, it must be that one; else any, but always the same.
  bool give(ResourceId of_world, ResourceId of_component) {
    const auto taken = taken_.find(of_component);
    const ResourceId bound = taken == taken_.end() ? of_component : taken->second;
    if (offered_.contains(of_world)) return bound == of_world;
    return bound_.emplace(of_world, bound).first->second == bound;
  }

 private:
  std::unordered_set<ResourceId> offered_;
  std::unordered_map<ResourceId, ResourceId> taken_;  // component -> world
  std::unordered_map<ResourceId, ResourceId> bound_;  // world -> component
};

class WorldFit {
 public:
  WorldFit(const Types& types, const ComponentType& world)
      : types_(types), relation_(types), resources_(types, world) {}

  std::vector<WorldProblem> check(const ComponentType& world, const ComponentType& component) {
    for (const RootItem& import : component.imports) check_import(world, import);
    for (const RootItem& expected : world.exports) check_export(component, expected);
    return std::move(problems_);
  }

 private:
  using Kind = WorldProblem::Kind;

  void check_import(const ComponentType& world, const RootItem& import) {
    if (is_value_types_only(types_, import.item)) return;
    const RootItem* offered = find_item(world.imports, import);
    if (offered == nullptr) {
      problems_.push_back({Kind::ExtraImport, import.name, {}, {}});
      return;
    }
    const Verdict verdict = relation_.compare(import.item, offered->item);
    if (!verdict.fits()) {
      problems_.push_back({Kind::ImportDiffers, import.name, offered->name, verdict.differences});
      return;
    }
    for (const Tie& tie : verdict.ties) {
      if (resources_.take(tie.expected, tie.actual)) continue;
      problems_.push_back({Kind::ResourceSplit, import.name, offered->name, {}});
      return;
    }
  }

  void check_export(const ComponentType& component, const RootItem& expected) {
    const RootItem* actual = find_item(component.exports, expected);
    if (actual == nullptr) {
      problems_.push_back({Kind::MissingExport, expected.name, {}, {}});
      return;
    }
    const Verdict verdict = relation_.compare(expected.item, actual->item);
    if (!verdict.fits()) {
      problems_.push_back({Kind::ExportDiffers, expected.name, actual->name, verdict.differences});
      return;
    }
    for (const Tie& tie : verdict.ties) {
      if (resources_.give(tie.expected, tie.actual)) continue;
      problems_.push_back({Kind::ResourceSplit, expected.name, actual->name, {}});
      return;
    }
  }

  const Types& types_;
  Subtyping relation_;
  Resources resources_;
  std::vector<WorldProblem> problems_;
};

}  // namespace

std::vector<WorldProblem> fit_world(const Types& types, const ComponentType& world,
                                    const ComponentType& component) {
  return WorldFit(types, world).check(world, component);
}

}  // namespace tenon::types
