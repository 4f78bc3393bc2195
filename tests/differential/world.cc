#include "tests/differential/world.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <set>
#include <utility>
#include <variant>

#include "support/check.h"
#include "value/random_values.h"

namespace tenon::differential {
namespace {

using types::TypeId;

bool is_nominal(const types::Type& type) {
  return std::holds_alternative<types::Record>(type.kind) ||
         std::holds_alternative<types::Variant>(type.kind) ||
         std::holds_alternative<types::Enum>(type.kind) ||
         std::holds_alternative<types::Flags>(type.kind);
}

class Maker final {
 public:
  explicit Maker(std::uint64_t seed) : random_(seed), values_(seed) { world_.seed = seed; }

  World make() {
    const auto count = static_cast<unsigned>(1 + below(3));
    has_async_ = once_in(3);
    has_streams_ = once_in(3);
    for (unsigned i = 0; i < count; ++i) add_interface(i, i + 1 < count);
    add_units(count);
    settle(world_);
    return std::move(world_);
  }

 private:
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  bool once_in(std::uint64_t times) { return below(times) == 0; }

  // is_used: there is one after it.
  void add_interface(unsigned number, bool is_used) {
    world_.types.resources.add({fmt::format("r{}", number)});
    Interface& made = world_.interfaces.emplace_back();
    made.has_types_alone = is_used && once_in(4);
    made.is_open = once_in(5);
    if (made.has_types_alone) {
      while (made.named.empty()) {
        const TypeId type = make_type(number);
        if (!made.is_open || !has_resources(world_.types, type)) name_types(made, number, type);
      }
      return;
    }
    made.has_resource = !made.is_open && once_in(2);
    made.has_alias = made.has_resource && once_in(3);
    if (made.has_resource) add_resource(made, number);
    for (auto count = 1 + below(4); count > 0; --count) add_function(made, number);
  }

  TypeId add(types::Type type) { return world_.types.types.add(std::move(type)); }
  TypeId add_own(unsigned resource) { return add({types::Own{types::ResourceId{resource}}}); }
  TypeId add_borrow(unsigned resource) { return add({types::Borrow{types::ResourceId{resource}}}); }

  void add_resource(Interface& made, unsigned number) {
    const TypeId u32 = world_.types.primitive(types::Primitive::U32);
    const auto add = [&](Function::Role role, std::string name, std::vector<types::Field> params,
                         TypeId result) {
      made.functions.push_back({.role = role,
                                .name = std::move(name),
                                .type = {.params = std::move(params), .result = result}});
    };
    add(Function::Role::Make, fmt::format("[constructor]r{}", number), {{"id", u32}},
        add_own(number));
    add(Function::Role::Get, fmt::format("[method]r{}.get", number), {{"self", add_borrow(number)}},
        u32);
    add(Function::Role::Dropped, fmt::format("[static]r{}.dropped", number), {}, u32);
  }

  void add_function(Interface& made, unsigned number) {
    Function function{.name = fmt::format("f{}", made.functions.size())};
    function.answer = static_cast<Function::Answer>(below(3));
    if (once_in(8)) function.fault = static_cast<Function::Fault>(1 + below(2));
    function.type.is_async = has_async_ && once_in(2);
    for (auto count = below(4); count > 0; --count) {
      TypeId type = make_type(number);
      // A domain cannot lend its own resources to the program, which would call it for them.
      if (made.is_open && has_resources(world_.types, type))
        type = world_.types.primitive(types::Primitive::U16);
      function.type.params.push_back({fmt::format("p{}", function.type.params.size()), type});
      name_types(made, number, type);
    }
    made.functions.push_back(std::move(function));
  }

  // A type for a parameter: one of an earlier interface or of this one, one of handles, or another one.
  TypeId make_type(unsigned number) {
    if (has_streams_ && once_in(3)) {
      TypeId type = make_stream(number);
      for (auto depth = below(3); depth > 0; --depth) type = wrap(type);
      return type;
    }
    if (once_in(3)) {
      std::vector<TypeId> known;
      // A use of a type names the resource beside it, too.
      const bool is_open = world_.interfaces[number].is_open;
      for (const auto& [id, owner] : world_.owners)
        if (!is_open || !world_.interfaces[owner].has_resource) known.push_back(id);
      if (!known.empty()) {
        const TypeId type = known[below(known.size())];
        return once_in(2) ? type : wrap(type);
      }
    }
    std::vector<unsigned> resources;
    for (unsigned i = 0; i <= number; ++i)
      if (world_.interfaces[i].has_resource) resources.push_back(i);
    if (!resources.empty() && once_in(2)) {
      const unsigned resource = resources[below(resources.size())];
      if (once_in(3)) return add_borrow(resource);
      TypeId type = add_own(resource);
      for (auto depth = below(3); depth > 0; --depth) type = wrap(type);
      return type;
    }
    return values_.add_type(world_.types, static_cast<std::uint32_t>(below(4)));
  }

  // A stream or future. Borrowed handles cannot be in one, and characters not yet.
  TypeId make_stream(unsigned number) {
    std::optional<TypeId> item;
    if (!once_in(6)) {
      item = make_type(number);
      if (as_borrow(world_.types, *item) != nullptr ||
          *item == world_.types.primitive(types::Primitive::Char))
        item = world_.types.primitive(types::Primitive::U8);
    }
    return once_in(3) ? add({types::Future{item}}) : add({types::Stream{item}});
  }

  TypeId wrap(TypeId type) {
    const auto other = [&] { return values_.add_type(world_.types, 1); };
    switch (below(6)) {
      case 0:
        return add({types::List{type, {}}});
      case 1:
        return add({types::Option{type}});
      case 2: {
        const TypeId second = other();
        return add({types::Tuple{{type, second}}});
      }
      case 3: {
        const TypeId error = other();
        return add({types::ResultType{type, error}});
      }
      case 4: {
        const TypeId first = other();
        return add({types::Record{{{"data", first}, {"held", type}}}});
      }
      default: {
        const TypeId second = other();
        return add({types::Variant{{{"held", type}, {"data", second}, {"none", {}}}}});
      }
    }
  }

  // Records, variants, enums and flags have names, and so do streams in other types, for which the text format has no
  // place everywhere; other types can have.
  void name_types(Interface& made, unsigned number, TypeId type) {
    visit_types(world_.types, type, [&](TypeId id) {
      if (world_.owners.contains(id)) return false;
      const types::Type& found = world_.types.types[id];
      const bool is_handle = std::holds_alternative<types::Own>(found.kind) ||
                             std::holds_alternative<types::Borrow>(found.kind);
      const bool is_primitive = std::holds_alternative<types::Primitive>(found.kind);
      const bool is_inner_stream = id != type && is_stream(world_.types, id);
      if (is_nominal(found) || is_inner_stream || (!is_handle && !is_primitive && once_in(3))) {
        world_.owners.emplace(id, number);
        made.named.push_back(id);
      }
      return true;
    });
    std::ranges::sort(made.named);
  }

  Unit make_unit(Unit::Kind kind) {
    constexpr abi::Encoding kEncodings[] = {abi::Encoding::Utf8, abi::Encoding::Utf16,
                                            abi::Encoding::Latin1Utf16};
    Unit unit{.kind = kind, .encoding = kEncodings[below(3)]};
    unit.lifts_with_callback = once_in(2);
    unit.suspends = once_in(2);
    unit.copies_streams = once_in(2);
    unit.lowers_async = once_in(2);
    unit.has_labels = once_in(8);
    unit.repeats_types = once_in(4);
    unit.lists_backwards = (world_.seed + world_.units.size()) % 2 == 0;
    return unit;
  }

  void add_units(unsigned interfaces) {
    std::vector<Unit>& units = world_.units;
    for (unsigned i = 0; i < interfaces; ++i) {
      if (world_.interfaces[i].is_open) continue;
      // A unit cannot import an open interface that uses what the unit exports.
      if (units.empty() || world_.interfaces[i - 1].is_open || once_in(2))
        units.push_back(make_unit(Unit::Kind::Provider));
      units.back().exports.push_back(i);
    }
    if (once_in(4) && !world_.interfaces[0].is_open) {
      units.push_back(make_unit(Unit::Kind::Decoy));
      for (unsigned i = 0; i < interfaces && !world_.interfaces[i].is_open; ++i)
        units.back().exports.push_back(i);
    }
    for (auto count = below(3); count > 0; --count) {
      Unit relay = make_unit(once_in(4) ? Unit::Kind::Pass : Unit::Kind::Relay);
      for (unsigned i = 0; i < interfaces; ++i)
        if (once_in(2)) relay.exports.push_back(i);
      if (!relay.exports.empty()) units.push_back(std::move(relay));
    }
    units.push_back(make_unit(once_in(8) ? Unit::Kind::Pass : Unit::Kind::Relay));
    for (unsigned i = 0; i < interfaces; ++i) units.back().exports.push_back(i);
    if (once_in(2)) return;
    auto minor = static_cast<unsigned>(below(4));
    for (Unit& unit : units) {
      unit.minor = minor;
      if (!unit.provides()) minor -= static_cast<unsigned>(below(minor + 1));
    }
  }

  World world_;
  bool has_async_ = false;
  bool has_streams_ = false;
  std::mt19937_64 random_;
  value::RandomValues values_;
};

std::string interface_name(unsigned interface, unsigned minor, std::string_view package) {
  return fmt::format("{}/i{}@1.{}.0", package, interface, minor);
}

}  // namespace

const types::Borrow* as_borrow(const types::Types& types, TypeId id) {
  return std::get_if<types::Borrow>(&types.types[id].kind);
}

std::string exported_interface(const World& world, std::size_t unit, unsigned interface) {
  const Unit& made = world.units[unit];
  const bool is_own = unit == world.root() && made.kind == Unit::Kind::Relay;
  return interface_name(interface, made.minor, is_own ? "w:root" : "w:a");
}

std::set<unsigned> used_by(const World& world, unsigned interface) {
  std::set<unsigned> used;
  const auto visit = [&](TypeId id) {
    if (const auto owner = world.owners.find(id);
        owner != world.owners.end() && owner->second != interface) {
      used.insert(owner->second);
      return false;
    }
    const types::Type& type = world.types.types[id];
    if (const auto* const own = std::get_if<types::Own>(&type.kind))
      used.insert(own->resource.index);
    if (const auto* const borrow = std::get_if<types::Borrow>(&type.kind))
      used.insert(borrow->resource.index);
    return true;
  };
  for (const TypeId id : world.interfaces[interface].named) visit_types(world.types, id, visit);
  for (const Function& function : world.interfaces[interface].functions) {
    for (const types::Field& param : function.type.params)
      visit_types(world.types, param.type, visit);
    if (function.type.result) visit_types(world.types, *function.type.result, visit);
  }
  used.erase(interface);
  return used;
}

bool World::has_async() const {
  return std::ranges::any_of(interfaces, [&](const Interface& interface) {
    const auto has_stream = [&](TypeId type) { return has_streams(types, type); };
    return std::ranges::any_of(interface.named, has_stream) ||
           std::ranges::any_of(interface.functions, [&](const Function& function) {
             return function.type.is_async ||
                    std::ranges::any_of(function.type.params, has_stream, &types::Field::type);
           });
  });
}

bool World::has_open() const { return std::ranges::any_of(interfaces, &Interface::is_open); }

bool has_resources(const types::Types& types, TypeId id) {
  bool found = false;
  visit_types(types, id, [&](TypeId part) {
    const types::Type::Kind& kind = types.types[part].kind;
    found |=
        std::holds_alternative<types::Own>(kind) || std::holds_alternative<types::Borrow>(kind);
    return !found;
  });
  return found;
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

bool is_future(const types::Types& types, TypeId id) {
  return std::holds_alternative<types::Future>(types.types[id].kind);
}

bool is_stream(const types::Types& types, TypeId id) {
  return std::holds_alternative<types::Stream>(types.types[id].kind) || is_future(types, id);
}

bool has_streams(const types::Types& types, TypeId id) {
  bool found = false;
  visit_types(types, id, [&](TypeId part) {
    found |= is_stream(types, part);
    return !found;
  });
  return found;
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

World make_world(std::uint64_t seed) { return Maker(seed).make(); }

void settle(World& world) {
  std::set<TypeId> mentioned;
  const TypeId u32 = world.types.primitive(types::Primitive::U32);
  const auto mention = [&](TypeId type) {
    visit_types(world.types, type, [&](TypeId id) { return mentioned.insert(id).second; });
  };
  for (Interface& interface : world.interfaces) {
    if (interface.has_types_alone) std::ranges::for_each(interface.named, mention);
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
  std::erase_if(world.owners, [&](const auto& owner) { return !mentioned.contains(owner.first); });
  for (Interface& interface : world.interfaces)
    std::erase_if(interface.named, [&](TypeId id) { return !world.owners.contains(id); });
}

std::string unit_name(const World& world, std::size_t unit) {
  return unit == world.root() ? "root" : fmt::format("u{}", unit);
}

std::string export_name(const World& world, std::size_t unit, unsigned interface) {
  const Unit& made = world.units[unit];
  return made.has_labels ? fmt::format("label{}-of-u{}", interface, unit)
                         : exported_interface(world, unit, interface);
}

std::string import_name(const World& world, std::size_t unit, unsigned interface) {
  return interface_name(interface, world.units[unit].minor, "w:a");
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
  TENON_CHECK(world.interfaces[interface].is_open);
  return std::nullopt;
}

std::vector<Wire> wires_of(const World& world, std::size_t unit) {
  std::vector<Wire> wires;
  for (const unsigned interface : imports_of(world, unit)) {
    const std::optional<std::size_t> provider = provider_of(world, unit, interface);
    if (!provider) continue;
    wires.push_back({.consumer = unit_name(world, unit),
                     .import = import_name(world, unit, interface),
                     .provider = unit_name(world, *provider),
                     .export_name = export_name(world, *provider, interface)});
  }
  return wires;
}

}  // namespace tenon::differential
