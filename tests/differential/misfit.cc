#include <algorithm>
#include <functional>
#include <optional>
#include <random>
#include <utility>
#include <variant>
#include <vector>

#include "tests/differential/world.h"

namespace tenon::differential {
namespace {

using types::TypeId;

struct Change {
  std::function<void(World&)> make;
  std::optional<TypeId> type = {};  // the type that differs; absent: it is a function
};

types::Field more(World& world) { return {"more", world.types.primitive(types::Primitive::U32)}; }

// The changes of each kind that a world has places for.
class Changes final {
 public:
  explicit Changes(const World& world) : world_(world) {
    for (const unsigned i : imports_of(world, world.root())) {
      if (!provider_of(world, world.root(), i)) continue;
      for (const TypeId type : world.interfaces[i].named)
        change_type(world.interfaces[i].has_types_alone ? types_alone_ : types_, type);
      for (std::size_t j = 0; j < world.interfaces[i].functions.size(); ++j)
        if (world.interfaces[i].functions[j].role == Function::Role::Echo) change_function(i, j);
    }
  }

  [[nodiscard]] std::optional<Change> choose(std::mt19937_64& random) const {
    std::vector<const std::vector<Change>*> kinds;
    for (const std::vector<Change>* const kind :
         {&names_, &more_params_, &fewer_params_, &resources_, &siblings_, &types_, &types_alone_})
      if (!kind->empty()) kinds.push_back(kind);
    if (kinds.empty()) return std::nullopt;
    const std::vector<Change>& kind = *kinds[random() % kinds.size()];
    return kind[random() % kind.size()];
  }

 private:
  static void change_type(std::vector<Change>& kind, TypeId id) {
    const auto make = [id](World& world) {
      const types::Field field = more(world);
      types::Type& type = world.types.types[id];
      if (auto* const record = std::get_if<types::Record>(&type.kind))
        record->fields.push_back(field);
      else if (auto* const variant = std::get_if<types::Variant>(&type.kind))
        variant->cases.push_back({field.label, field.type});
      else
        type = {types::Record{{field}}};
    };
    kind.push_back({.make = make, .type = id});
  }

  void change_function(unsigned interface, std::size_t function) {
    const auto add = [&](std::vector<Change>& kind, auto change) {
      kind.push_back({.make = [=](World& world) {
        change(world, world.interfaces[interface].functions[function]);
      }});
    };
    add(names_, [](World&, Function& changed) { changed.name += "-more"; });
    add(more_params_,
        [](World& world, Function& changed) { changed.type.params.push_back(more(world)); });
    const std::vector<types::Field>& params =
        world_.interfaces[interface].functions[function].type.params;
    if (!params.empty())
      add(fewer_params_, [](World&, Function& changed) { changed.type.params.pop_back(); });
    for (std::size_t i = 0; i < params.size(); ++i) {
      const std::optional<unsigned> resource = resource_of(world_.types, params[i].type);
      if (!resource) continue;
      const unsigned owner = world_.resource_owner(*resource);
      for (unsigned other = 0; other <= interface; ++other) {
        if (!world_.interfaces[other].makes_resources()) continue;
        for (const unsigned wanted : world_.interfaces[other].resources)
          if (wanted != *resource)
            add(other == owner ? siblings_ : resources_, [=](World& world, Function& changed) {
              types::Type type = world.types.types[changed.type.params[i].type];
              types::for_each_part(
                  type, [](TypeId&) {},
                  [&](types::ResourceId& handle) { handle = types::ResourceId{wanted}; });
              changed.type.params[i].type = world.types.types.add(std::move(type));
            });
      }
    }
  }

  const World& world_;
  std::vector<Change> names_;
  std::vector<Change> more_params_;
  std::vector<Change> fewer_params_;
  std::vector<Change> resources_;  // of another interface
  std::vector<Change> siblings_;   // the other resource of the same interface
  std::vector<Change> types_;
  std::vector<Change> types_alone_;  // of an interface that has nothing else
};

// Whether only interfaces of types alone mention a type.
bool is_of_types_alone(const World& world, TypeId type) {
  return std::ranges::all_of(imports_of(world, world.root()), [&](unsigned i) {
    const Interface& interface = world.interfaces[i];
    const bool has_types_of_a_unit = interface.has_types_alone && interface.resources.empty() &&
                                     provider_of(world, world.root(), i);
    return has_types_of_a_unit || !mentioned_by(world, i).types.contains(type);
  });
}

}  // namespace

std::optional<Misfit> make_misfit(const World& world) {
  std::mt19937_64 random(world.seed + 2);
  const std::optional<Change> change = Changes(world).choose(random);
  if (!change) return std::nullopt;
  Misfit misfit{.expected = world};
  // There, a function is known by its name alone.
  misfit.expected.units.back().uses_bare = false;
  change->make(misfit.expected);
  settle(misfit.expected);
  misfit.keeps_types = change->type && is_of_types_alone(world, *change->type);
  return misfit;
}

}  // namespace tenon::differential
