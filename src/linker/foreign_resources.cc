#include "linker/foreign_resources.h"

#include <algorithm>
#include <tuple>

namespace tenon::linker {

types::ResourceId ForeignResources::add(const runtime::ResourceKind& kind, const std::string& unit,
                                        Maker maker, types::Types& types) {
  const runtime::ResourceKind& source = kind.source();
  const auto [at, is_new] = resources_.try_emplace(&source);
  Resource& resource = at->second;
  if (is_new) {
    // "acme:kv/store.bucket"
    resource = {types.resources.add({source.name.substr(source.name.rfind('.') + 1)}), unit, maker};
  } else if (std::tuple(resource.maker == Maker::No, resource.unit) >
             std::tuple(maker == Maker::No, unit)) {
    resource.unit = unit;
    resource.maker = maker;
  }
  return resource.id;
}

void ForeignResources::define(std::vector<resolve::Unit>& units) const {
  for (const auto& [kind, resource] : resources_) {
    const auto unit = std::ranges::find(units, resource.unit, &resolve::Unit::name);
    if (unit != units.end()) unit->type.defined.push_back(resource.id);
  }
  for (resolve::Unit& unit : units)
    if (unit.is_running) std::ranges::sort(unit.type.defined);
}

ForeignKinds ForeignResources::kinds() const {
  ForeignKinds kinds;
  for (const auto& [kind, resource] : resources_) kinds.emplace(resource.id, kind);
  return kinds;
}

}  // namespace tenon::linker
