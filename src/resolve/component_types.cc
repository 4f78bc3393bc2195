// How types of several units become one type.
//
// Units have type ids of their own, also for an interface that all of them import. A union walks the
// items part by part. The first item that names a type gives the type of the union; the type of the
// same name in every other item is recorded as equal to it in `types_`. When a later item mentions
// one of the recorded types, in a function or inside of another type, `rewrite` replaces it. So all
// users refer to one definition, as a `use` does.
#include "resolve/component_types.h"

#include <fmt/core.h>

#include <algorithm>
#include <variant>

#include "types/interface_name.h"
#include "types/uses.h"

namespace tenon::resolve {

namespace {

template <class... Cases>
struct Overload : Cases... {
  using Cases::operator()...;
};

bool is_primitive_node(const types::Types& types, types::TypeId id) {
  return std::find(types.primitives.begin(), types.primitives.end(), id) != types.primitives.end();
}

}  // namespace

types::Item UnionTypes::unite(std::span<const types::Item> items) {
  if (!std::holds_alternative<types::InstanceId>(items.front())) {
    const types::Item united = rewrite(items.front());
    for (const types::Item& item : items) identify(united, item);
    return united;
  }
  types::Instance united;
  for (const types::Item& item : items) add_instance(united, std::get<types::InstanceId>(item));
  return arena_.instances.add(std::move(united));
}

void UnionTypes::add_instance(types::Instance& into, types::InstanceId from) {
  // A copy: rewriting adds to the arena.
  const std::vector<types::NamedItem> exports = arena_.instances[from].exports;
  for (const types::NamedItem& part : exports) {
    const types::NamedItem* same = into.find_export(part.name);
    if (same == nullptr) {
      const types::Item item = rewrite(part.item);
      identify(item, part.item);
      into.add_export(part.name, item);
      continue;
    }
    identify(same->item, part.item);
    if (const types::InstanceId* inner = std::get_if<types::InstanceId>(&part.item)) {
      // Instances can contain instances; evaluation bounds their depth.
      types::Instance wider = arena_.instances[std::get<types::InstanceId>(same->item)];
      add_instance(wider, *inner);
      const std::uint32_t position = into.index.at(part.name);
      into.exports[position].item = arena_.instances.add(std::move(wider));
    }
  }
}

void UnionTypes::identify(const types::Item& kept, const types::Item& dropped) {
  const types::TypeBound* a = std::get_if<types::TypeBound>(&kept);
  const types::TypeBound* b = std::get_if<types::TypeBound>(&dropped);
  if (a == nullptr || b == nullptr) return;
  const types::TypeId* type_a = std::get_if<types::TypeId>(&a->type);
  const types::TypeId* type_b = std::get_if<types::TypeId>(&b->type);
  if (type_a == nullptr || type_b == nullptr || is_primitive_node(arena_, *type_b)) return;
  types_.insert_or_assign(*type_b, *type_a);
}

types::Item UnionTypes::rewrite(const types::Item& item) {
  return std::visit(
      Overload{[&](types::FunctionId id) -> types::Item { return rewrite(id); },
               [&](types::InstanceId id) -> types::Item { return rewrite(id); },
               [&](const types::TypeBound& bound) -> types::Item {
                 if (const types::TypeId* id = std::get_if<types::TypeId>(&bound.type))
                   return types::TypeBound{rewrite(*id)};
                 return types::TypeBound{class_of_(std::get<types::ResourceId>(bound.type))};
               },
               [](const types::Unsupported& unsupported) -> types::Item { return unsupported; }},
      item);
}

types::InstanceId UnionTypes::rewrite(types::InstanceId id) {
  types::Instance copy;
  add_instance(copy, id);
  return arena_.instances.add(std::move(copy));
}

types::FunctionId UnionTypes::rewrite(types::FunctionId id) {
  types::Function copy = arena_.functions[id];
  for (types::Field& param : copy.params) param.type = rewrite(param.type);
  if (copy.result) copy.result = rewrite(*copy.result);
  return arena_.functions.add(std::move(copy));
}

// A type without a part that changes keeps its id, so that most types are not copied. Evaluation
// bounds the depth (limits::kNestingDepth).
types::TypeId UnionTypes::rewrite(types::TypeId id) {
  const auto known = types_.find(id);
  if (known != types_.end()) return known->second;
  bool changed = false;
  const auto type = [&](types::TypeId& part) {
    const types::TypeId other = rewrite(part);
    changed |= other != part;
    part = other;
  };
  const auto resource = [&](types::ResourceId& part) {
    const types::ResourceId other = class_of_(part);
    changed |= other != part;
    part = other;
  };
  types::Type copy = arena_.types[id];
  types::for_each_part(copy, type, resource);
  const types::TypeId rewritten = changed ? arena_.types.add(std::move(copy)) : id;
  types_.emplace(id, rewritten);
  return rewritten;
}

namespace {

using types::TypeId;
using Named = std::unordered_set<TypeId>;

bool must_be_named(const types::Type& type) {
  return std::holds_alternative<types::Record>(type.kind) ||
         std::holds_alternative<types::Variant>(type.kind) ||
         std::holds_alternative<types::Enum>(type.kind) ||
         std::holds_alternative<types::Flags>(type.kind);
}

const TypeId* find_value_type(const types::Item& item) {
  const auto* bound = std::get_if<types::TypeBound>(&item);
  return bound == nullptr ? nullptr : std::get_if<TypeId>(&bound->type);
}

// Instances can contain instances; evaluation bounds their depth.
// named: value types that have a name where the item is. The same afterwards.
void collect_unnamed(const types::Types& arena, const types::Item& item, Named& named,
                     std::vector<TypeId>& unnamed) {
  std::vector<TypeId> added;
  const auto add = [&](const types::Item& part) {
    if (const TypeId* value = find_value_type(part);
        value != nullptr && named.insert(*value).second)
      added.push_back(*value);
  };
  if (const auto* instance = std::get_if<types::InstanceId>(&item)) {
    const std::vector<types::NamedItem>& parts = arena.instances[*instance].exports;
    for (const types::NamedItem& part : parts) add(part.item);
    for (const types::NamedItem& part : parts) collect_unnamed(arena, part.item, named, unnamed);
  } else {
    add(item);
    for (const TypeId type : types::mentioned_types(arena, item))
      if (must_be_named(arena.types[type]) && !named.contains(type)) unnamed.push_back(type);
  }
  for (const TypeId type : added) named.erase(type);
}

}  // namespace

void TypeNames::add(const types::Types& arena, const ClassOf& class_of, const types::Item& item) {
  if (const auto* bound = std::get_if<types::TypeBound>(&item)) {
    if (const auto* resource = std::get_if<types::ResourceId>(&bound->type))
      resources.insert(class_of(*resource));
    else
      types.insert(std::get<TypeId>(bound->type));
  } else if (const auto* instance = std::get_if<types::InstanceId>(&item)) {
    for (const types::NamedItem& part : arena.instances[*instance].exports)
      add(arena, class_of, part.item);
  }
}

std::vector<TypeId> find_unnamed_types(const types::Types& arena, const types::Item& item) {
  std::vector<TypeId> unnamed;
  Named named;
  collect_unnamed(arena, item, named, unnamed);
  std::vector<TypeId> all;
  for (const TypeId type : unnamed)
    for (const TypeId part : types::mentioned_types(arena, types::TypeBound{type}))
      if (must_be_named(arena.types[part])) all.push_back(part);
  return all;
}

void FreshNames::take(std::string_view name) { taken_.insert(types::label_key(name)); }

std::string FreshNames::make(char prefix) {
  std::uint32_t& next = next_[prefix];
  std::string name;
  do {
    name = fmt::format("{}{}", prefix, next++);
  } while (!taken_.insert(name).second);
  return name;
}

}  // namespace tenon::resolve
