#include "link/import_collector.h"

#include <algorithm>
#include <set>
#include <utility>
#include <variant>

#include "types/uses.h"

namespace tenon::link {

void ImportCollector::add(const std::vector<types::RootItem>& imports,
                          const std::vector<bool>& is_provided) {
  types::ResourceReplacement replacement(types_, find_resources(imports, is_provided));
  for (std::size_t i = 0; i < imports.size(); ++i)
    if (is_provided[i]) add(imports[i], replacement.apply(imports[i].item));
}

void ImportCollector::finish(resolve::Unit& unit) {
  for (auto& [name, item] : items_) {
    if (const auto merged = instances_.find(name); merged != instances_.end())
      item.item = types_.instances.add(std::move(merged->second));
    unit.type.exports.push_back(std::move(item));
  }
  for (const auto& [path, resource] : resources_) unit.type.defined.push_back(resource);
  std::ranges::sort(unit.type.defined);
}

// A resource belongs to the first import that names it: the others use it from there.
types::ResourceReplacement::Resources ImportCollector::find_resources(
    const std::vector<types::RootItem>& imports, const std::vector<bool>& is_provided) {
  types::ResourceReplacement::Resources replaced;
  std::set<types::ResourceId> others;
  for (std::size_t i = 0; i < imports.size(); ++i) {
    for (const types::Slot& slot :
         types::resource_slots(types_, imports[i].name, imports[i].item)) {
      if (replaced.contains(slot.resource) || others.contains(slot.resource)) continue;
      if (!is_provided[i]) {
        others.insert(slot.resource);
        continue;
      }
      const auto [own, is_new] = resources_.try_emplace(slot.path);
      if (is_new) own->second = types_.resources.add({types_.resources[slot.resource].name});
      replaced.emplace(slot.resource, own->second);
    }
  }
  return replaced;
}

void ImportCollector::add(const types::RootItem& import, const types::Item& item) {
  const auto [known, is_new] = items_.try_emplace(import.name, import);
  if (is_new) {
    known->second.span = {};
    known->second.item = item;
  }
  const auto* const instance = std::get_if<types::InstanceId>(&item);
  if (instance == nullptr) return;
  types::Instance& merged = instances_[import.name];
  for (const types::NamedItem& part : types_.instances[*instance].exports)
    if (merged.find_export(part.name) == nullptr) merged.add_export(part.name, part.item);
}

}  // namespace tenon::link
