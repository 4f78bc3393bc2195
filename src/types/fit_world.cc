#include "types/fit_world.h"

#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "types/interface_name.h"
#include "types/uses.h"

namespace tenon::types {

namespace {

// The item of that name, else the interface of its path and track with the newest version.
const RootItem* find_item(const std::vector<RootItem>& items, const RootItem& wanted) {
  for (const RootItem& item : items)
    if (item.name == wanted.name) return &item;
  const Result<ItemName> name = parse_item_name(wanted.name, wanted.version_suffix);
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

// Which resource of the world each one stands for. A component may take one resource for two of its
// imports, and give one for two of its exports; never two for one.
class Resources {
 public:
  Resources(const Types& types, const ComponentType& world) {
    for (const RootItem& import : world.imports)
      for (const ResourceId id : mentioned_resources(types, import.item)) offered_.insert(id);
  }

  // An import of the component gets a resource that the world offers.
  bool take(ResourceId of_component, ResourceId of_world) {
    return taken_.emplace(of_component, of_world).first->second == of_world;
  }

  // An export of the component gives a resource that the world asks for: one that it offers itself,
  // or any, but the same in every place.
  bool give(ResourceId of_world, ResourceId of_component) {
    const auto taken = taken_.find(of_component);
    const ResourceId given = taken == taken_.end() ? of_component : taken->second;
    if (offered_.contains(of_world)) return given == of_world;
    return given_.emplace(of_world, given).first->second == given;
  }

 private:
  std::unordered_set<ResourceId> offered_;
  std::unordered_map<ResourceId, ResourceId> taken_;  // by the component's
  std::unordered_map<ResourceId, ResourceId> given_;  // by the world's
};

class WorldFit {
 public:
  WorldFit(const Types& types, const ComponentType& world)
      : types_(types), relation_(types), resources_(types, world) {}

  std::vector<WorldProblem> judge(const ComponentType& world, const ComponentType& component) {
    for (const RootItem& import : component.imports) judge_import(world, import);
    for (const RootItem& wanted : world.exports) judge_export(component, wanted);
    return std::move(problems_);
  }

 private:
  using Kind = WorldProblem::Kind;

  void judge_import(const ComponentType& world, const RootItem& import) {
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
      if (resources_.take(tie.wanted, tie.found)) continue;
      problems_.push_back({Kind::ResourceSplit, import.name, offered->name, {}});
      return;
    }
  }

  void judge_export(const ComponentType& component, const RootItem& wanted) {
    const RootItem* found = find_item(component.exports, wanted);
    if (found == nullptr) {
      problems_.push_back({Kind::MissingExport, wanted.name, {}, {}});
      return;
    }
    const Verdict verdict = relation_.compare(wanted.item, found->item);
    if (!verdict.fits()) {
      problems_.push_back({Kind::ExportDiffers, wanted.name, found->name, verdict.differences});
      return;
    }
    for (const Tie& tie : verdict.ties) {
      if (resources_.give(tie.wanted, tie.found)) continue;
      problems_.push_back({Kind::ResourceSplit, wanted.name, found->name, {}});
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
  return WorldFit(types, world).judge(world, component);
}

}  // namespace tenon::types
