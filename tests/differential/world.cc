#include "tests/differential/world.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "support/check.h"

namespace tenon::differential {
namespace {

using types::TypeId;

constexpr std::string_view kWasi = "wasi";

// The package of an interface that no unit makes.
std::string outer_package(const World& world, unsigned interface) {
  return world.interfaces[interface].wasi.empty() ? "w:a" : std::string(kWasi);
}

// Before the name of an interface that a unit exports.
std::string package_of(const World& world, std::size_t unit, unsigned interface) {
  const Unit& made = world.units[unit];
  const bool is_relay = made.kind == Unit::Kind::Relay && !made.passes(interface);
  if (is_relay && unit == world.root()) return "w:root";
  if (is_relay && made.asyncness != Unit::Asyncness::Same) return fmt::format("w:u{}", unit);
  if (made.provides()) return "w:a";
  if (const std::optional<std::size_t> provider = provider_of(world, unit, interface))
    return package_of(world, *provider, interface);
  if (made.renames_wasi && !world.interfaces[interface].wasi.empty())
    return fmt::format("w:u{}", unit);
  return outer_package(world, interface);
}

std::string interface_name(const World& world, const std::string& package, unsigned interface,
                           unsigned minor) {
  // Some are older than the engine's version, and some newer.
  constexpr std::array<unsigned, 4> kPatches = {0, 3, 12, 40};
  if (package == kWasi)
    return fmt::format("{}@0.2.{}", world.interfaces[interface].wasi, kPatches.at(minor));
  return fmt::format("{}/i{}@1.{}.0", package, interface, minor);
}

bool passes_to_async(const World& world, std::size_t unit, unsigned interface) {
  const Unit& made = world.units[unit];
  return made.kind == Unit::Kind::Relay && made.asyncness == Unit::Asyncness::Never &&
         !made.passes(interface) &&
         std::ranges::any_of(world.interfaces[interface].functions, [&](const Function& function) {
           return is_async_import(world, unit, interface, function);
         });
}

// The unit whose code is called, which need not be the one that provides the import.
std::optional<std::size_t> callee_of(const World& world, std::size_t unit, unsigned interface) {
  std::optional<std::size_t> callee = provider_of(world, unit, interface);
  while (callee && world.units[*callee].passes(interface))
    callee = provider_of(world, *callee, interface);
  return callee;
}

// Whether a composition can export the interfaces of a unit beside those of the root.
bool can_be_exported(const World& world, std::size_t unit) {
  const auto path_of = [&](std::size_t exporter, unsigned interface) {
    const std::string name = export_name(world, exporter, interface);
    return name.substr(0, name.find('@'));
  };
  return unit != world.root() && world.units[unit].kind != Unit::Kind::Decoy &&
         std::ranges::none_of(world.units[unit].exports, [&](unsigned i) {
           return path_of(unit, i) == path_of(world.root(), i) && !has_same_export(world, unit, i);
         });
}

// Whether it has handles of WASI that a smaller world cannot get.
bool needs_what_nobody_makes(const World& world, TypeId type) {
  return has_part(world.types, type, [&](TypeId part) {
    const std::optional<unsigned> resource = resource_of(world.types, part);
    return resource && world.is_of_wasi(*resource) &&
           !find_function(world, Function::Role::Make, *resource);
  });
}

// In the engine, a call answers at once if the callee makes no call for it.
void forbid_waiting(World& world) {
  for (std::size_t unit = 0; unit < world.units.size(); ++unit)
    for (const unsigned i : world.units[unit].exports) {
      if (!passes_to_async(world, unit, i)) continue;
      const std::optional<std::size_t> callee = callee_of(world, unit, i);
      if (!callee) continue;
      if (world.units[*callee].provides())
        world.units[*callee].suspends = false;
      else
        world.units[unit].asyncness = Unit::Asyncness::Same;
    }
}

}  // namespace

std::string exported_interface(const World& world, std::size_t unit, unsigned interface) {
  return interface_name(world, package_of(world, unit, interface), interface,
                        world.units[unit].minor);
}

std::string imported_interface(const World& world, std::size_t unit, unsigned interface) {
  const std::optional<std::size_t> provider = provider_of(world, unit, interface);
  const std::string package =
      provider ? package_of(world, *provider, interface) : outer_package(world, interface);
  return interface_name(world, package, interface, world.units[unit].minor);
}

bool World::has_async() const {
  const bool adds_async = std::ranges::any_of(
      units, [](const Unit& unit) { return unit.asyncness == Unit::Asyncness::Always; });
  return adds_async || std::ranges::any_of(interfaces, [&](const Interface& interface) {
           const auto has_stream = [&](TypeId type) { return has_streams(types, type); };
           return std::ranges::any_of(interface.named, has_stream) ||
                  std::ranges::any_of(interface.functions, [&](const Function& function) {
                    return function.type.is_async ||
                           std::ranges::any_of(function.type.params, has_stream,
                                               &types::Field::type);
                  });
         });
}

bool World::has_wasi(std::string_view interface) const {
  return std::ranges::find(interfaces, interface, &Interface::wasi) != interfaces.end();
}

bool World::has_open() const { return std::ranges::any_of(interfaces, &Interface::is_open); }

bool World::has_resource_of_program() const {
  return std::ranges::any_of(interfaces, [](const Interface& interface) {
    return interface.is_open && !interface.resources.empty();
  });
}

bool World::has_trap_with_result() const {
  const auto is_one = [&](const Function& function) {
    if (function.fault == Function::Fault::None || !function.type.result) return false;
    const auto* const result =
        std::get_if<types::ResultType>(&types.types[*function.type.result].kind);
    if (result == nullptr || !result->error) return false;
    const auto* const error = std::get_if<types::Primitive>(&types.types[*result->error].kind);
    return error != nullptr && *error == types::Primitive::String;
  };
  return std::ranges::any_of(interfaces, [&](const Interface& interface) {
    return std::ranges::any_of(interface.functions, is_one);
  });
}

void settle(World& world) {
  for (Interface& interface : world.interfaces)
    std::erase_if(interface.functions, [&](const Function& function) {
      return std::ranges::any_of(function.type.params, [&](const types::Field& param) {
        return needs_what_nobody_makes(world, param.type);
      });
    });
  std::set<TypeId> mentioned;
  const TypeId u32 = world.types.primitive(types::Primitive::U32);
  const auto mention = [&](TypeId type) {
    visit_types(world.types, type, [&](TypeId id) { return mentioned.insert(id).second; });
  };
  for (Interface& interface : world.interfaces) {
    if (interface.has_types_alone || !interface.wasi.empty())
      std::ranges::for_each(interface.named, mention);
    for (Function& function : interface.functions) {
      if (function.role != Function::Role::Echo) continue;
      std::vector<TypeId> answers;
      bool has_own = false;
      for (const types::Field& param : function.type.params) {
        mention(param.type);
        const bool is_borrow = as_borrow(world.types, param.type) != nullptr;
        has_own |= !is_borrow && has_handles(world.types, param.type);
        answers.push_back(is_borrow ? u32 : param.type);
      }
      // What is not in the answer would stay with the provider.
      if (has_own) function.answer = Function::Answer::All;
      function.type.result.reset();
      if (answers.empty() || function.answer == Function::Answer::Nothing) continue;
      const bool is_one = answers.size() == 1 || function.answer == Function::Answer::Last;
      function.type.result =
          is_one ? answers.back() : world.types.types.add({types::Tuple{answers}});
    }
  }
  forbid_waiting(world);
  for (std::size_t unit = 0; unit < world.units.size(); ++unit)
    if (!can_be_exported(world, unit)) world.units[unit].is_exported = false;
  if (world.trapping_resource &&
      std::ranges::count(made_resources(world), *world.trapping_resource) == 0)
    world.trapping_resource.reset();
  std::erase_if(world.owners, [&](const auto& owner) { return !mentioned.contains(owner.first); });
  for (Interface& interface : world.interfaces)
    std::erase_if(interface.named, [&](TypeId id) { return !world.owners.contains(id); });
}

std::string unit_name(const World& world, std::size_t unit) {
  return unit == world.root() ? "root" : fmt::format("unit{}", unit);
}

std::string export_name(const World& world, std::size_t unit, unsigned interface) {
  const Unit& made = world.units[unit];
  return made.has_labels ? fmt::format("label{}-of-u{}", interface, unit)
                         : exported_interface(world, unit, interface);
}

std::string import_name(const World& world, std::size_t unit, unsigned interface) {
  // Labels that stay open would be imports of their own, with resources of their own.
  return world.units[unit].labels_imports && provider_of(world, unit, interface)
             ? fmt::format("need{}", interface)
             : imported_interface(world, unit, interface);
}

std::vector<unsigned> imports_of(const World& world, std::size_t unit) {
  const Unit& made = world.units[unit];
  std::set<unsigned> found;
  for (const unsigned interface : made.exports) found.insert(interface);
  for (auto i = static_cast<unsigned>(world.interfaces.size()); i-- > 0;)
    if (found.contains(i)) found.merge(used_by(world, i));
  if (made.provides())
    for (const unsigned interface : made.exports) found.erase(interface);
  return {found.begin(), found.end()};
}

std::optional<std::size_t> provider_of(const World& world, std::size_t unit, unsigned interface) {
  while (unit-- > 0)
    if (world.units[unit].kind != Unit::Kind::Decoy && world.units[unit].has_export(interface))
      return unit;
  TENON_CHECK(!world.interfaces[interface].is_of_units());
  return std::nullopt;
}

std::optional<std::size_t> origin_of(const World& world, unsigned interface) {
  const auto found = std::ranges::find_if(world.units, [&](const Unit& unit) {
    return unit.kind == Unit::Kind::Provider && unit.has_export(interface);
  });
  if (found == world.units.end()) return std::nullopt;
  return static_cast<std::size_t>(found - world.units.begin());
}

std::vector<Link> links_of(const World& world, std::size_t unit) {
  std::vector<Link> links;
  for (const unsigned i : imports_of(world, unit)) {
    const std::optional<std::size_t> provider = provider_of(world, unit, i);
    links.push_back({.import = import_name(world, unit, i), .provider = provider, .interface = i});
    if (provider) links.back().export_name = export_name(world, *provider, i);
  }
  for (const unsigned i : world.units[unit].exports) {
    if (const std::optional<std::size_t> provider = spare_provider_of(world, unit, i))
      links.push_back({.import = spare_name(i),
                       .provider = provider,
                       .interface = i,
                       .export_name = spare_name(i)});
    if (!has_bare_imports(world, unit, i)) continue;
    for (const Function& function : world.interfaces[i].functions)
      if (is_plain(world, function))
        links.push_back({.import = bare_name(i, function),
                         .provider = provider_of(world, unit, i),
                         .interface = i,
                         .export_name = bare_name(i, function),
                         .is_bare = true});
  }
  return links;
}

std::optional<Wire> wire_of(const World& world, std::size_t unit, const Link& link) {
  if (!link.provider && world.interfaces[link.interface].is_open) return std::nullopt;
  return Wire{.consumer = unit_name(world, unit),
              .import = link.import,
              .provider = link.provider ? unit_name(world, *link.provider) : std::string(kWasi),
              .export_name = link.export_name};
}

std::vector<Wire> wires_of(const World& world, std::size_t unit) {
  std::vector<Wire> wires;
  for (const Link& link : links_of(world, unit))
    if (std::optional<Wire> wire = wire_of(world, unit, link)) wires.push_back(*std::move(wire));
  return wires;
}

bool is_async_export(const World& world, std::size_t unit, unsigned interface,
                     const Function& function) {
  const Unit& made = world.units[unit];
  if (function.role != Function::Role::Echo || made.provides()) return function.type.is_async;
  if (made.passes(interface) || made.asyncness == Unit::Asyncness::Same)
    return is_async_import(world, unit, interface, function);
  return made.asyncness == Unit::Asyncness::Always;
}

bool is_async_import(const World& world, std::size_t unit, unsigned interface,
                     const Function& function) {
  const std::optional<std::size_t> provider = provider_of(world, unit, interface);
  return provider ? is_async_export(world, *provider, interface, function) : function.type.is_async;
}

std::set<std::size_t> units_in_one_domain(const World& world) {
  std::set<std::size_t> units;
  for (std::size_t unit = 0; unit < world.units.size(); ++unit)
    for (const unsigned i : world.units[unit].exports)
      if (passes_to_async(world, unit, i)) {
        units.insert(unit);
        if (const std::optional<std::size_t> callee = callee_of(world, unit, i))
          units.insert(*callee);
      }
  return units;
}

std::optional<std::size_t> spare_provider_of(const World& world, std::size_t unit,
                                             unsigned interface) {
  const Unit& made = world.units[unit];
  if (!made.uses_spares || made.passes(interface)) return std::nullopt;
  const std::optional<std::size_t> origin = origin_of(world, interface);
  return origin && world.units[*origin].has_spares ? origin : std::nullopt;
}

bool has_same_export(const World& world, std::size_t unit, unsigned interface) {
  const Interface& made = world.interfaces[interface];
  return made.has_types_alone && made.resources.empty() &&
         export_name(world, unit, interface) == export_name(world, world.root(), interface);
}

std::string spare_name(unsigned interface) { return fmt::format("spare{}", interface); }

std::string spare_interface(const World& world, std::size_t unit, unsigned interface) {
  return interface_name(world, "w:a", interface, world.units[unit].minor);
}

std::uint32_t which_instance(const World& world, std::size_t unit, unsigned interface) {
  const Unit& made = world.units[unit];
  if (made.provides()) return 1;
  const std::optional<std::size_t> provider = provider_of(world, unit, interface);
  const std::uint32_t first = provider ? which_instance(world, *provider, interface) : 1;
  return spare_provider_of(world, unit, interface) ? 3 * first + kSpare : first;
}

bool is_plain(const World& world, const Function& function) {
  if (function.role != Function::Role::Echo) return false;
  bool is_it = true;
  const auto visit = [&](TypeId id) {
    is_it &= !world.owners.contains(id) && !has_resources(world.types, id);
    return is_it;
  };
  for (const types::Field& param : function.type.params)
    visit_types(world.types, param.type, visit);
  if (function.type.result) visit_types(world.types, *function.type.result, visit);
  return is_it;
}

bool has_bare_exports(const World& world, std::size_t unit, unsigned interface) {
  const Unit& made = world.units[unit];
  return made.has_bare && made.has_export(interface) && !made.passes(interface);
}

bool has_bare_imports(const World& world, std::size_t unit, unsigned interface) {
  const Unit& made = world.units[unit];
  if (!made.uses_bare || made.passes(interface) || !made.has_export(interface)) return false;
  const std::optional<std::size_t> provider = provider_of(world, unit, interface);
  return provider && has_bare_exports(world, *provider, interface);
}

std::string type_name(const World& world, TypeId type) {
  const auto found = world.wasi_names.find(type);
  return found == world.wasi_names.end() ? fmt::format("t{}", type.index) : found->second;
}

const std::string& resource_name(const World& world, unsigned resource) {
  return world.types.resources[types::ResourceId{resource}].name;
}

std::optional<Found> find_function(const World& world, Function::Role role, unsigned resource) {
  for (unsigned i = 0; i < world.interfaces.size(); ++i) {
    const std::vector<Function>& functions = world.interfaces[i].functions;
    for (std::size_t j = 0; j < functions.size(); ++j)
      if (functions[j].role == role && functions[j].resource == resource) return Found{i, j};
  }
  return std::nullopt;
}

std::string bare_name(unsigned interface, const Function& function) {
  return fmt::format("bare{}-{}", interface, function.name);
}

}  // namespace tenon::differential
