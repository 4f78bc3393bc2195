// Which types and resources are in a type, a function or an interface.
#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <variant>
#include <vector>

#include "support/check.h"
#include "tests/differential/world.h"

namespace tenon::differential {
namespace {

using types::TypeId;

// Calls visit_types with each type of an interface.
template <class F>
void visit_interface(const World& world, unsigned interface, F&& visit) {
  for (const TypeId id : world.interfaces[interface].named) visit_types(world.types, id, visit);
  for (const Function& function : world.interfaces[interface].functions) {
    for (const types::Field& param : function.type.params)
      visit_types(world.types, param.type, visit);
    if (function.type.result) visit_types(world.types, *function.type.result, visit);
  }
}

}  // namespace

const types::Borrow* as_borrow(const types::Types& types, TypeId id) {
  return std::get_if<types::Borrow>(&types.types[id].kind);
}

std::optional<unsigned> resource_of(const types::Types& types, TypeId id) {
  if (const types::Borrow* const borrow = as_borrow(types, id)) return borrow->resource.index;
  if (const auto* const own = std::get_if<types::Own>(&types.types[id].kind))
    return own->resource.index;
  return std::nullopt;
}

bool has_part(const types::Types& types, TypeId id,
              const std::function<bool(TypeId part)>& is_wanted) {
  bool found = false;
  visit_types(types, id, [&](TypeId part) {
    found = found || is_wanted(part);
    return !found;
  });
  return found;
}

void for_each_handle(types::Types& types,
                     const std::function<void(TypeId, types::ResourceId&)>& act) {
  for (std::uint32_t i = 0; i < types.types.size(); ++i)
    types::for_each_part(
        types.types[TypeId{i}], [](TypeId&) {},
        [&](types::ResourceId& resource) { act(TypeId{i}, resource); });
}

bool has_resources(const types::Types& types, TypeId id) {
  return has_part(types, id, [&](TypeId part) { return resource_of(types, part).has_value(); });
}

bool is_future(const types::Types& types, TypeId id) {
  return std::holds_alternative<types::Future>(types.types[id].kind);
}

bool is_stream(const types::Types& types, TypeId id) {
  return std::holds_alternative<types::Stream>(types.types[id].kind) || is_future(types, id);
}

bool has_streams(const types::Types& types, TypeId id) {
  return has_part(types, id, [&](TypeId part) { return is_stream(types, part); });
}

bool has_handles(const types::Types& types, TypeId id) {
  return has_resources(types, id) || has_streams(types, id);
}

bool has_handles(const types::Types& types, const Function& function) {
  return std::ranges::any_of(
             function.type.params,
             [&](const types::Field& param) { return has_handles(types, param.type); }) ||
         (function.type.result && has_handles(types, *function.type.result));
}

unsigned World::resource_owner(unsigned resource) const {
  const auto owner = std::ranges::find_if(interfaces, [&](const Interface& interface) {
    return std::ranges::find(interface.resources, resource) != interface.resources.end();
  });
  TENON_CHECK(owner != interfaces.end());
  return static_cast<unsigned>(owner - interfaces.begin());
}

bool World::is_of_wasi(unsigned resource) const {
  return !interfaces[resource_owner(resource)].wasi.empty();
}

std::vector<unsigned> made_resources(const World& world) {
  std::vector<unsigned> resources;
  for (const Interface& interface : world.interfaces)
    if (interface.makes_resources() && interface.wasi.empty())
      resources.insert(resources.end(), interface.resources.begin(), interface.resources.end());
  return resources;
}

std::set<unsigned> used_by(const World& world, unsigned interface) {
  std::set<unsigned> used;
  visit_interface(world, interface, [&](TypeId id) {
    if (const auto owner = world.owners.find(id);
        owner != world.owners.end() && owner->second != interface) {
      used.insert(owner->second);
      return world.interfaces[interface].lists_parts;
    }
    if (const auto resource = resource_of(world.types, id))
      used.insert(world.resource_owner(*resource));
    return true;
  });
  used.erase(interface);
  return used;
}

std::set<TypeId> used_types(const World& world, unsigned interface) {
  std::set<TypeId> used;
  visit_interface(world, interface, [&](TypeId id) {
    const auto owner = world.owners.find(id);
    const bool is_foreign = owner != world.owners.end() && owner->second != interface;
    if (is_foreign) used.insert(id);
    return !is_foreign || world.interfaces[interface].lists_parts;
  });
  return used;
}

Mentioned mentioned_by(const World& world, unsigned interface) {
  Mentioned mentioned;
  const auto add_resources = [&](unsigned owner) {
    const std::vector<unsigned>& resources = world.interfaces[owner].resources;
    mentioned.resources.insert(resources.begin(), resources.end());
  };
  add_resources(interface);
  for (const unsigned used : used_by(world, interface)) add_resources(used);
  visit_interface(world, interface, [&](TypeId id) {
    if (const auto resource = resource_of(world.types, id)) mentioned.resources.insert(*resource);
    if (world.owners.contains(id)) mentioned.types.insert(id);
    return true;
  });
  return mentioned;
}

bool is_alone(const World& world, TypeId type) {
  std::size_t names = 0;
  visit_types(world.types, type, [&](TypeId id) {
    names += world.owners.contains(id) ? 1 : 0;
    return true;
  });
  return names == 1 && !has_handles(world.types, type);
}

}  // namespace tenon::differential
