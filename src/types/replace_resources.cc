#include "types/replace_resources.h"

#include <utility>
#include <variant>

#include "types/parts.h"

namespace tenon::types {

ResourceId ResourceReplacement::apply(ResourceId id) const {
  const auto found = resources_.find(id);
  return found == resources_.end() ? id : found->second;
}

TypeId ResourceReplacement::apply(TypeId id) {
  if (const auto known = value_types_.find(id); known != value_types_.end()) return known->second;
  Type copy = types_.types[id];
  bool changed = false;
  const auto replace = [&](auto& part) {
    const auto replaced = apply(part);
    changed |= replaced != part;
    part = replaced;
  };
  for_each_part(copy, replace, replace);
  const TypeId answer = changed ? types_.types.add(std::move(copy)) : id;
  value_types_.emplace(id, answer);
  return answer;
}

FunctionId ResourceReplacement::apply(FunctionId id) {
  if (const auto known = functions_.find(id); known != functions_.end()) return known->second;
  Function copy = types_.functions[id];
  bool changed = false;
  for_each_part(copy, [&](TypeId& part) {
    const TypeId replaced = apply(part);
    changed |= replaced != part;
    part = replaced;
  });
  const FunctionId answer = changed ? types_.functions.add(std::move(copy)) : id;
  functions_.emplace(id, answer);
  return answer;
}

InstanceId ResourceReplacement::apply(InstanceId id) {
  if (const auto known = instances_.find(id); known != instances_.end()) return known->second;
  Instance copy = types_.instances[id];
  bool changed = false;
  for (NamedItem& part : copy.exports) {
    const Item replaced = apply(part.item);
    changed |= replaced != part.item;
    part.item = replaced;
  }
  const InstanceId answer = changed ? types_.instances.add(std::move(copy)) : id;
  instances_.emplace(id, answer);
  return answer;
}

Item ResourceReplacement::apply(const Item& item) {
  if (const auto* function = std::get_if<FunctionId>(&item)) return apply(*function);
  if (const auto* instance = std::get_if<InstanceId>(&item)) return apply(*instance);
  const auto* bound = std::get_if<TypeBound>(&item);
  if (bound == nullptr) return item;
  TypeBound answer;
  std::visit([&](auto id) { answer.type = apply(id); }, bound->type);
  return answer;
}

}  // namespace tenon::types
