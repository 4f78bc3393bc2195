#include "resolve/import_collector.h"

#include <algorithm>
#include <set>
#include <utility>
#include <variant>

#include "types/uses.h"

namespace tenon::resolve {

void ImportCollector::add(const std::vector<types::RootItem>& imports,
                          const std::vector<std::optional<Provided>>& provided) {
  types::ResourceReplacement replacement(types_, find_resources(imports, provided));
  for (std::size_t i = 0; i < imports.size(); ++i)
    if (provided[i]) add(imports[i], *provided[i], replacement.apply(imports[i].item));
}

void ImportCollector::finish(Unit& unit) {
  bool has_only_wired = false;
  for (auto& [key, exported] : exports_) {
    if (exported.instance) exported.item.item = types_.instances.add(*std::move(exported.instance));
    unit.type.exports.push_back(std::move(exported.item));
    unit.only_wired.push_back(exported.is_only_wired);
    has_only_wired |= exported.is_only_wired;
  }
  if (!has_only_wired) unit.only_wired.clear();
  for (const auto& [path, resource] : resources_) unit.type.defined.push_back(resource);
  std::ranges::sort(unit.type.defined);
}

ImportCollector::Key ImportCollector::key_of(const Provided& provided) {
  return {provided.name, provided.implements ? *provided.implements : std::string()};
}

// A resource belongs to the first import that names it: the others use it from there.
types::ResourceReplacement::Resources ImportCollector::find_resources(
    const std::vector<types::RootItem>& imports,
    const std::vector<std::optional<Provided>>& provided) {
  types::ResourceReplacement::Resources replaced;
  std::set<types::ResourceId> others;
  for (std::size_t i = 0; i < imports.size(); ++i) {
    for (const types::Slot& slot : types::resource_slots(types_, {}, imports[i].item)) {
      if (replaced.contains(slot.resource) || others.contains(slot.resource)) continue;
      if (!provided[i]) {
        others.insert(slot.resource);
        continue;
      }
      const auto [own, is_new] = resources_.try_emplace({key_of(*provided[i]), slot.path});
      if (is_new) own->second = types_.resources.add({types_.resources[slot.resource].name});
      replaced.emplace(slot.resource, own->second);
    }
  }
  return replaced;
}

void ImportCollector::add(const types::RootItem& import, const Provided& provided,
                          const types::Item& item) {
  const auto [known, is_new] = exports_.try_emplace(key_of(provided));
  Export& exported = known->second;
  if (is_new) {
    exported.item = import;
    if (provided.name != import.name) exported.item.version_suffix.reset();
    exported.item.name = provided.name;
    exported.item.implements = provided.implements;
    exported.item.span = {};
    exported.item.item = item;
  }
  exported.is_only_wired &= provided.is_only_wired;
  const auto* const instance = std::get_if<types::InstanceId>(&item);
  if (instance == nullptr) return;
  if (!exported.instance) exported.instance.emplace();
  for (const types::NamedItem& part : types_.instances[*instance].exports)
    if (exported.instance->find_export(part.name) == nullptr)
      exported.instance->add_export(part.name, part.item);
}

}  // namespace tenon::resolve
