// Interfaces of WASI whose answers are known: without grants, there is nothing to tell.
#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/differential/world.h"

namespace tenon::differential {
namespace {

using types::Primitive;
using types::TypeId;

class Wasi final {
 public:
  Wasi(World& world, std::mt19937_64& random) : world_(world), random_(random) {}

  void add() {
    constexpr std::array<void (Wasi::*)(), 7> kParts = {
        &Wasi::add_environment, &Wasi::add_terminal, &Wasi::add_directories, &Wasi::add_clocks,
        &Wasi::add_streams,     &Wasi::add_random,   &Wasi::add_fields};
    const std::size_t always = random_() % kParts.size();
    for (std::size_t i = 0; i < kParts.size(); ++i)
      if (i == always || random_() % 5 == 0) (this->*kParts.at(i))();
    put_in_front();
    std::ranges::for_each(world_.units, [this](Unit& unit) { export_from(unit); });
  }

 private:
  TypeId primitive(Primitive kind) { return world_.types.primitive(kind); }
  TypeId add_type(types::Type type) { return world_.types.types.add(std::move(type)); }
  TypeId own(unsigned resource) { return add_type({types::Own{types::ResourceId{resource}}}); }
  TypeId borrow(unsigned resource) {
    return add_type({types::Borrow{types::ResourceId{resource}}});
  }
  TypeId list(TypeId element) { return add_type({types::List{element, {}}}); }

  void add_interface(std::string name) {
    made_.emplace_back().wasi = std::move(name);
    made_.back().has_types_alone = true;
  }
  unsigned add_resource(std::string name) {
    made_.back().resources.push_back(static_cast<unsigned>(world_.types.resources.size()));
    world_.types.resources.add({std::move(name)});
    return made_.back().resources.back();
  }
  TypeId add_named(std::string name, types::Type type) {
    const TypeId id = add_type(std::move(type));
    names_.emplace(id, static_cast<unsigned>(made_.size() - 1));
    made_.back().named.push_back(id);
    world_.wasi_names.emplace(id, std::move(name));
    return id;
  }
  Function& add_function(std::string name, TypeId result, std::optional<Value> answer) {
    made_.back().has_types_alone = false;
    Function& function = made_.back().functions.emplace_back();
    function.role = Function::Role::Known;
    function.name = std::move(name);
    function.type.result = result;
    function.known_answer = std::move(answer);
    return function;
  }
  static void add_param(Function& function, std::string label, TypeId type, Value argument) {
    function.type.params.push_back({std::move(label), type});
    function.known_arguments.push_back(std::move(argument));
  }
  Function& add_maker(std::string name, unsigned resource) {
    Function& function = add_function(std::move(name), own(resource), Value::u32(kWasiNumber));
    function.role = Function::Role::Make;
    function.resource = resource;
    return function;
  }

  // Without the arguments: the first one is the name of the program, which depends on the way.
  void add_environment() {
    const TypeId string = primitive(Primitive::String);
    add_interface("wasi:cli/environment");
    add_function("get-environment", list(add_type({types::Tuple{{string, string}}})),
                 Value::list({}));
    add_function("initial-cwd", add_type({types::Option{string}}), Value::none());
  }

  void add_terminal() {
    add_interface("wasi:cli/terminal-input");
    const unsigned input = add_resource("terminal-input");
    add_interface("wasi:cli/terminal-stdin");
    add_function("get-terminal-stdin", add_type({types::Option{own(input)}}), Value::none());
  }

  void add_directories() {
    add_interface("wasi:clocks/wall-clock");
    const TypeId datetime =
        add_named("datetime", {types::Record{{{"seconds", primitive(Primitive::U64)},
                                              {"nanoseconds", primitive(Primitive::U32)}}}});
    add_interface("wasi:filesystem/types");
    const unsigned descriptor = add_resource("descriptor");
    add_named("new-timestamp",
              {types::Variant{{{"no-change", {}}, {"now", {}}, {"timestamp", datetime}}}});
    add_named("open-flags", {types::Flags{{"create", "directory", "exclusive", "truncate"}}});
    const TypeId kind = add_named(
        "descriptor-type", {types::Enum{{"unknown", "block-device", "character-device", "directory",
                                         "fifo", "symbolic-link", "regular-file", "socket"}}});
    add_named("directory-entry",
              {types::Record{{{"type", kind}, {"name", primitive(Primitive::String)}}}});
    add_interface("wasi:filesystem/preopens");
    add_function("get-directories",
                 list(add_type({types::Tuple{{own(descriptor), primitive(Primitive::String)}}})),
                 Value::list({}));
  }

  void add_clocks() {
    add_interface("wasi:io/poll");
    const unsigned pollable = add_resource("pollable");
    // A timer of no time is ready at the second question, for the first one lets the engine go on.
    Function& ready =
        add_function("[method]pollable.ready", primitive(Primitive::Bool), std::nullopt);
    ready.role = Function::Role::Get;
    ready.resource = pollable;
    add_param(ready, "self", borrow(pollable), Value::u32(0));
    add_interface("wasi:clocks/monotonic-clock");
    for (const std::string_view name : {"subscribe-duration", "subscribe-instant"})
      add_param(add_maker(std::string(name), pollable), "when", primitive(Primitive::U64),
                Value::u64(0));
  }

  void add_streams() {
    add_interface("wasi:io/streams");
    const bool is_input = random_() % 2 == 0;
    const unsigned stream = add_resource(is_input ? "input-stream" : "output-stream");
    add_interface(is_input ? "wasi:cli/stdin" : "wasi:cli/stderr");
    add_maker(is_input ? "get-stdin" : "get-stderr", stream);
  }

  void add_random() {
    add_interface("wasi:random/random");
    add_param(add_function("get-random-bytes", list(primitive(Primitive::U8)), Value::list({})),
              "len", primitive(Primitive::U64), Value::u64(0));
  }

  void add_fields() {
    add_interface("wasi:http/types");
    const unsigned fields = add_resource("fields");
    add_maker("[constructor]fields", fields);
    // The program cannot call it.
    Function& has = add_function("[method]fields.has", primitive(Primitive::Bool), std::nullopt);
    add_param(has, "self", borrow(fields), Value::u32(0));
    add_param(has, "name", primitive(Primitive::String), Value::string("host"));
  }

  void put_in_front() {
    const auto count = static_cast<unsigned>(made_.size());
    for (auto& [id, owner] : world_.owners) owner += count;
    world_.owners.merge(names_);
    for (Unit& unit : world_.units) {
      for (unsigned& exported : unit.exports) exported += count;
      for (unsigned& passed : unit.passed) passed += count;
    }
    world_.interfaces.insert(world_.interfaces.begin(), made_.begin(), made_.end());
  }

  void export_from(Unit& unit) {
    if (unit.provides()) return;
    const bool is_root = &unit == &world_.units.back();
    unit.renames_wasi = random_() % 3 == 0;
    for (unsigned i = 0; i < made_.size(); ++i) {
      if (!is_root && random_() % 2 == 0) continue;
      unit.exports.push_back(i);
      if (random_() % 2 == 0) unit.passed.push_back(i);
    }
    std::ranges::sort(unit.exports);
  }

  World& world_;
  std::mt19937_64& random_;
  std::vector<Interface> made_;
  std::map<TypeId, unsigned> names_;
};

// As docs/domains.md says ("What crosses an edge").
constexpr std::string_view kStaysInDomain = "terminal-input";
constexpr std::string_view kCannotBeLent = "fields";

}  // namespace

void add_wasi(World& world, std::mt19937_64& random) { Wasi(world, random).add(); }

bool can_be_lent(const World& world, unsigned resource) {
  return resource_name(world, resource) != kCannotBeLent;
}

bool can_cross(const World& world, unsigned interface) {
  const auto stays = [&](unsigned resource) {
    return resource_name(world, resource) == kStaysInDomain;
  };
  const auto is_lent_in_vain = [&](const types::Field& param) {
    const types::Borrow* const borrow = as_borrow(world.types, param.type);
    return borrow != nullptr && !can_be_lent(world, borrow->resource.index);
  };
  return std::ranges::none_of(mentioned_by(world, interface).resources, stays) &&
         std::ranges::none_of(world.interfaces[interface].functions, [&](const Function& function) {
           return std::ranges::any_of(function.type.params, is_lent_in_vain);
         });
}

}  // namespace tenon::differential
