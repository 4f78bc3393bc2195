#include "resolve/type_names.h"

#include <fmt/core.h>

#include <variant>

#include "types/uses.h"

namespace tenon::resolve {

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

// Instances in instances: nesting is bounded by evaluation.
void collect_unnamed(const types::Types& arena, const types::Item& item, Named named,
                     std::vector<TypeId>& found) {
  if (const auto* instance = std::get_if<types::InstanceId>(&item)) {
    const std::vector<types::NamedItem>& parts = arena.instances[*instance].exports;
    for (const types::NamedItem& part : parts)
      if (const TypeId* value = find_value_type(part.item)) named.insert(*value);
    for (const types::NamedItem& part : parts) collect_unnamed(arena, part.item, named, found);
    return;
  }
  if (const TypeId* value = find_value_type(item)) named.insert(*value);
  for (const TypeId type : types::mentioned_types(arena, item))
    if (must_be_named(arena.types[type]) && !named.contains(type)) found.push_back(type);
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
  std::vector<TypeId> found;
  collect_unnamed(arena, item, {}, found);
  return found;
}

void FreshNames::take(std::string_view name) {
  std::string lower(name);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  taken_.insert(std::move(lower));
}

std::string FreshNames::make(char prefix) {
  std::uint32_t& next = next_[prefix];
  std::string name;
  do {
    name = fmt::format("{}{}", prefix, next++);
  } while (!taken_.insert(name).second);
  return name;
}

}  // namespace tenon::resolve
