#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "tests/differential/world.h"
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
  explicit Maker(std::uint64_t seed) : random_(seed), extra_(seed + 1), values_(seed) {
    world_.seed = seed;
  }

  World make() {
    const auto count = static_cast<unsigned>(1 + below(3));
    has_async_ = once_in(3);
    has_streams_ = once_in(3);
    for (unsigned i = 0; i < count; ++i) add_interface(i, i + 1 < count);
    add_units(count);
    std::ranges::for_each(world_.units, [this](Unit& unit) { vary(unit); });
    add_second_resources();
    export_second_unit();
    use_wasi();
    settle(world_);
    add_trapping_destructor();
    return std::move(world_);
  }

 private:
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  bool once_in(std::uint64_t times) { return below(times) == 0; }
  // For what was added later: worlds keep what they had for their seeds.
  std::uint64_t extra(std::uint64_t bound) { return extra_() % bound; }
  // A generator of its own for a shape, on which the other shapes of a world do not depend.
  [[nodiscard]] std::mt19937_64 random_for(std::string_view shape) const {
    std::uint64_t hash = world_.seed;
    for (const char c : shape) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    return std::mt19937_64(hash);
  }

  // is_used: there is one after it.
  void add_interface(unsigned number, bool is_used) {
    world_.types.resources.add({fmt::format("r{}", number)});
    Interface& made = world_.interfaces.emplace_back();
    made.has_types_alone = is_used && once_in(4);
    made.is_open = once_in(5);
    made.lists_parts = extra(3) == 0 && !made.is_open;
    if (made.has_types_alone) {
      while (made.named.empty()) {
        const TypeId type = make_type(number);
        if (!made.is_open || !has_resources(world_.types, type)) name_types(made, number, type);
      }
      if (extra(4) == 0) made.resources = {number};
      return;
    }
    if (made.is_open ? extra(3) == 0 : once_in(2)) made.resources = {number};
    made.has_alias = !made.resources.empty() && once_in(3);
    if (!made.resources.empty()) add_resource(made, number);
    for (auto count = 1 + below(4); count > 0; --count) add_function(made, number);
    if (extra(3) == 0)
      made.functions.push_back(
          {.role = Function::Role::Which,
           .name = "which",
           .type = {.params = {}, .result = world_.types.primitive(types::Primitive::U32)}});
  }

  TypeId add(types::Type type) { return world_.types.types.add(std::move(type)); }
  TypeId add_own(unsigned resource) { return add({types::Own{types::ResourceId{resource}}}); }
  TypeId add_borrow(unsigned resource) { return add({types::Borrow{types::ResourceId{resource}}}); }

  void add_resource(Interface& made, unsigned number) {
    const TypeId u32 = world_.types.primitive(types::Primitive::U32);
    const auto add = [&](Function::Role role, std::string name, std::vector<types::Field> params,
                         TypeId result) {
      made.functions.push_back({.role = role,
                                .resource = number,
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
    if (extra(12) == 0) function.fault = static_cast<Function::Fault>(3 + extra(2));
    function.type.is_async = has_async_ && once_in(2);
    for (auto count = below(4); count > 0; --count) {
      TypeId type = make_type(number);
      // A domain cannot lend its own resources to the program, which would call it for them.
      if (made.is_open && !is_of_program(type))
        type = world_.types.primitive(types::Primitive::U16);
      function.type.params.push_back({fmt::format("p{}", function.type.params.size()), type});
      name_types(made, number, type);
    }
    made.functions.push_back(std::move(function));
  }

  // Whether its resources are those of the program, which cannot ask for the number of a borrowed one.
  [[nodiscard]] bool is_of_program(TypeId type) const {
    bool is_it = true;
    visit_types(world_.types, type, [&](TypeId id) {
      const types::Type::Kind& kind = world_.types.types[id].kind;
      const auto* const own = std::get_if<types::Own>(&kind);
      is_it &= own == nullptr || world_.interfaces[own->resource.index].is_open;
      is_it &= !std::holds_alternative<types::Borrow>(kind);
      return is_it;
    });
    return is_it;
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
      for (const auto& [id, owner] : world_.owners) {
        const Interface& other = world_.interfaces[owner];
        if (!is_open || other.is_open || other.resources.empty()) known.push_back(id);
      }
      if (!known.empty()) {
        const TypeId type = known[below(known.size())];
        return once_in(2) ? type : wrap(type);
      }
    }
    std::vector<unsigned> resources;
    for (unsigned i = 0; i <= number; ++i)
      if (world_.interfaces[i].makes_resources()) resources.push_back(i);
    if (!resources.empty() && once_in(2)) {
      const unsigned resource = resources[below(resources.size())];
      if (once_in(3)) return add_borrow(resource);
      TypeId type = add_own(resource);
      for (auto depth = below(3); depth > 0; --depth) type = wrap(type);
      return type;
    }
    TypeId type = values_.add_type(world_.types, static_cast<std::uint32_t>(below(4)));
    if (extra(60) == 0) return add_large_enum();
    if (extra(40) == 0)
      for (std::uint64_t i = 1 + extra(5); i > 0; --i) type = add({types::Tuple{{type, type}}});
    return type;
  }

  TypeId add_large_enum() {
    types::Enum made;
    for (std::uint64_t i = 1001 + extra(100); i > 0; --i)
      made.labels.push_back(fmt::format("n{}", i));
    return add({std::move(made)});
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
        const TypeId second = other();
        if (extra(2) == 0) return add({types::ResultType{second, type}});
        return add({types::ResultType{type, second}});
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

  // Some handles of a resource become those of a second one of its interface.
  void add_second_resources() {
    std::mt19937_64 random = random_for("second resource");
    for (unsigned i = 0; i < world_.interfaces.size(); ++i) {
      Interface& made = world_.interfaces[i];
      if (made.resources.empty() || random() % 3 != 0) continue;
      const auto number = static_cast<unsigned>(world_.types.resources.size());
      const types::ResourceId second = world_.types.resources.add({fmt::format("r{}", number)});
      std::set<TypeId> of_first;  // in the functions of the first one
      for (const Function& function : made.functions) {
        if (function.role == Function::Role::Make) of_first.insert(*function.type.result);
        if (function.role == Function::Role::Get) of_first.insert(function.type.params[0].type);
      }
      for_each_handle(world_.types, [&](TypeId type, types::ResourceId& resource) {
        if (resource.index == i && !of_first.contains(type) && random() % 2 == 0) resource = second;
      });
      if (made.makes_resources()) add_resource(made, number);
      made.resources.push_back(number);
    }
  }

  void export_second_unit() {
    std::mt19937_64 random = random_for("second unit");
    if (random() % 3 == 0) world_.units[random() % world_.units.size()].is_exported = true;
  }

  // Interfaces of WASI, and functions with their types and resources.
  void use_wasi() {
    std::mt19937_64 random = random_for("wasi");
    if (random() % 3 != 0) return;
    add_wasi(world_, random);
    for (unsigned i = 0; i < world_.interfaces.size(); ++i) {
      Interface& made = world_.interfaces[i];
      if (!made.wasi.empty() || made.has_types_alone) continue;
      for (auto count = below(3); count > 0; --count) {
        const std::optional<TypeId> type = make_type_of_wasi(i);
        if (!type) continue;
        Function function{.name = fmt::format("w{}", made.functions.size())};
        function.answer = static_cast<Function::Answer>(below(3));
        function.type.is_async = has_async_ && once_in(2);
        function.type.params.push_back({"held", *type});
        name_types(made, i, *type);
        made.functions.push_back(std::move(function));
      }
    }
  }

  // A type of WASI, or one that contains it. Nothing if the interface cannot have one.
  std::optional<TypeId> make_type_of_wasi(unsigned number) {
    const Interface& made = world_.interfaces[number];
    std::vector<TypeId> known;
    std::vector<unsigned> resources;
    for (const auto& [id, owner] : world_.owners) {
      const Interface& other = world_.interfaces[owner];
      // The program does not get handles of WASI, which a use of a type names, too.
      if (!other.wasi.empty() && (!made.is_open || other.resources.empty())) known.push_back(id);
    }
    for (unsigned i = 0; i < number && !made.is_open; ++i)
      for (const unsigned resource : world_.interfaces[i].resources)
        if (world_.is_of_wasi(resource) && find_function(world_, Function::Role::Make, resource))
          resources.push_back(resource);
    std::optional<TypeId> type;
    if (!resources.empty() && (known.empty() || once_in(2))) {
      const unsigned resource = resources[below(resources.size())];
      if (once_in(3) && can_be_lent(world_, resource)) return add_borrow(resource);
      type = add_own(resource);
    } else if (!known.empty()) {
      type = known[below(known.size())];
    }
    if (!type) return type;
    for (auto depth = below(3); depth > 0; --depth) type = wrap(*type);
    if (has_streams_ && once_in(3)) type = add({types::Stream{*type}});
    return type;
  }

  // A world has one trap, at its end.
  void add_trapping_destructor() {
    std::mt19937_64 random = random_for("trapping destructor");
    std::vector<unsigned> resources;
    for (const Interface& interface : world_.interfaces) {
      if (std::ranges::any_of(interface.functions, [](const Function& function) {
            return function.fault != Function::Fault::None;
          }))
        return;
      if (interface.makes_resources() && interface.is_of_units())
        resources.insert(resources.end(), interface.resources.begin(), interface.resources.end());
    }
    if (!resources.empty() && random() % 2 == 0)
      world_.trapping_resource = resources[random() % resources.size()];
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

  void vary(Unit& unit) {
    if (unit.kind == Unit::Kind::Pass) return;
    unit.has_bare = extra(4) == 0;
    unit.exports_others = extra(8) == 0;
    unit.has_start = extra(2) == 0;
    unit.has_post_return = extra(2) == 0;
    if (unit.kind == Unit::Kind::Provider) {
      unit.has_spares = extra(3) == 0;
      if (extra(3) == 0 && !world_.has_open()) add_types_alone(unit);
    }
    unit.labels_imports = extra(8) == 0;
    if (unit.kind != Unit::Kind::Relay) return;
    unit.uses_spares = extra(2) == 0;
    unit.uses_bare = extra(2) == 0;
    if (extra(4) == 0) unit.asyncness = static_cast<Unit::Asyncness>(1 + extra(2));
    if (extra(4) != 0) return;
    for (const unsigned i : unit.exports)
      if (extra(2) == 0) unit.passed.push_back(i);
  }

  // More interfaces of types alone: several units define the same types.
  void add_types_alone(Unit& unit) const {
    const std::vector<unsigned> imports =
        imports_of(world_, static_cast<std::size_t>(&unit - world_.units.data()));
    for (const unsigned i : imports) {
      const Interface& known = world_.interfaces[i];
      // A unit cannot import what uses its exports.
      const bool is_used = std::ranges::any_of(
          imports, [&](unsigned other) { return used_by(world_, other).contains(i); });
      if (known.has_types_alone && known.resources.empty() && !is_used) unit.exports.push_back(i);
    }
    std::ranges::sort(unit.exports);
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
    if (extra(80) == 0)
      for (std::uint64_t count = extra(12); count > 0; --count) {
        units.push_back(make_unit(Unit::Kind::Relay));
        for (unsigned i = 0; i < interfaces; ++i) units.back().exports.push_back(i);
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
  std::mt19937_64 extra_;
  value::RandomValues values_;
};

}  // namespace

World make_world(std::uint64_t seed) { return Maker(seed).make(); }

}  // namespace tenon::differential
