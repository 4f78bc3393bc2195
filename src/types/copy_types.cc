#include "types/copy_types.h"

#include <utility>
#include <variant>

namespace tenon::types {

ResourceId TypeCopier::copy(ResourceId id) {
  const auto known = resources_.find(id);
  if (known != resources_.end()) return known->second;
  return resources_.emplace(id, to_.resources.add(from_.resources[id])).first->second;
}

TypeId TypeCopier::copy(TypeId id) {
  const auto known = types_.find(id);
  if (known != types_.end()) return known->second;
  const auto* const primitive = std::get_if<Primitive>(&from_.types[id].kind);
  if (primitive != nullptr && from_.primitives[static_cast<std::size_t>(*primitive)] == id)
    return types_.emplace(id, to_.primitive(*primitive)).first->second;
  Type type = from_.types[id];
  for_each_part(
      type, [this](TypeId& part) { part = copy(part); },
      [this](ResourceId& part) { part = copy(part); });
  return types_.emplace(id, to_.types.add(std::move(type))).first->second;
}

FunctionId TypeCopier::copy(FunctionId id) {
  const auto known = functions_.find(id);
  if (known != functions_.end()) return known->second;
  Function function = from_.functions[id];
  for_each_part(function, [this](TypeId& part) { part = copy(part); });
  return functions_.emplace(id, to_.functions.add(std::move(function))).first->second;
}

InstanceId TypeCopier::copy(InstanceId id) {
  const auto known = instances_.find(id);
  if (known != instances_.end()) return known->second;
  Instance instance = from_.instances[id];
  for (NamedItem& part : instance.exports) part.item = copy(part.item);
  return instances_.emplace(id, to_.instances.add(std::move(instance))).first->second;
}

Item TypeCopier::copy(const Item& item) {
  if (const auto* function = std::get_if<FunctionId>(&item)) return copy(*function);
  if (const auto* instance = std::get_if<InstanceId>(&item)) return copy(*instance);
  if (const auto* bound = std::get_if<TypeBound>(&item))
    return std::visit([this](auto id) { return TypeBound{copy(id)}; }, bound->type);
  return item;
}

ComponentType TypeCopier::copy(const ComponentType& type) {
  ComponentType copied = type;
  for (RootItem& import : copied.imports) import.item = copy(import.item);
  for (RootItem& exported : copied.exports) exported.item = copy(exported.item);
  for (ResourceId& resource : copied.defined) resource = copy(resource);
  return copied;
}

}  // namespace tenon::types
