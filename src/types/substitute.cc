#include "types/substitute.h"

#include <cstddef>
#include <optional>
#include <utility>
#include <variant>

namespace tenon::types {

namespace {

void charge_copy(BoundedTypes& types, const Shape& shape) {
  std::uint64_t cost = 1;
  for (const std::vector<RootItem>* list : {&shape.type.imports, &shape.type.exports})
    for (const RootItem& item : *list) cost += 4 + item.name.size() / 32;
  types.charge(cost);
}

}  // namespace

TypeId Substitution::replace(TypeId from, TypeId to) {
  return types_.is_own(from) ? value_types_.emplace(from, to).first->second : to;
}

ResourceId Substitution::apply(ResourceId id) const {
  const auto known = resources_.find(id);
  return known == resources_.end() ? id : known->second;
}

// Adding a node can move the others in memory, so no reference to a node is kept across a
// recursion.

bool Substitution::apply_parts(std::size_t begin) {
  const std::size_t end = parts_.size();
  // Most parts are known, so several cost as much as a node.
  types_.charge((end - begin) / 8);
  bool changed = false;
  for (std::size_t i = begin; i < end; ++i) {
    const TypeId part = parts_[i];
    const TypeId replaced = apply(part);
    changed |= replaced != part;
    parts_[i] = replaced;
  }
  return changed;
}

TypeId Substitution::apply(TypeId id) {
  if (!types_.is_own(id)) return id;
  if (const auto known = value_types_.find(id); known != value_types_.end()) return known->second;

  types_.charge(1);
  const std::size_t begin = parts_.size();
  bool changed = false;
  for_each_part(
      std::as_const(types_.arena().types[id]), [&](TypeId part) { parts_.push_back(part); },
      [&](ResourceId part) { changed |= apply(part) != part; });
  changed |= apply_parts(begin);
  TypeId answer = id;
  if (changed) {
    Type copy = types_.arena().types[id];
    std::size_t next = begin;
    for_each_part(
        copy, [&](TypeId& part) { part = parts_[next++]; },
        [&](ResourceId& part) { part = apply(part); });
    answer = types_.add(std::move(copy));
  }
  parts_.resize(begin);
  value_types_.emplace(id, answer);
  return answer;
}

FunctionId Substitution::apply(FunctionId id) {
  if (const auto known = functions_.find(id); known != functions_.end()) return known->second;
  types_.charge(1);
  const std::size_t begin = parts_.size();
  for_each_part(std::as_const(types_.arena().functions[id]),
                [&](TypeId part) { parts_.push_back(part); });
  FunctionId answer = id;
  if (apply_parts(begin)) {
    Function copy = types_.arena().functions[id];
    std::size_t next = begin;
    for_each_part(copy, [&](TypeId& part) { part = parts_[next++]; });
    answer = types_.add(std::move(copy));
  }
  parts_.resize(begin);
  functions_.emplace(id, answer);
  return answer;
}

InstanceId Substitution::apply(InstanceId id) {
  if (const auto known = instances_.find(id); known != instances_.end()) return known->second;
  std::optional<Instance> copy;
  const std::size_t count = types_.arena().instances[id].exports.size();
  types_.charge(1 + count);
  for (std::size_t i = 0; i < count; ++i) {
    const Item item = types_.arena().instances[id].exports[i].item;
    const Item replaced = apply(item);
    if (replaced == item) continue;
    if (!copy) copy = types_.arena().instances[id];
    copy->exports[i].item = replaced;
  }
  const InstanceId answer = copy ? types_.add(*std::move(copy)) : id;
  instances_.emplace(id, answer);
  return answer;
}

ShapeIndex Substitution::apply(ShapeIndex shape) {
  if (const auto known = shapes_.find(shape.value); known != shapes_.end()) return known->second;
  std::optional<Shape> copy;
  for (const auto list : {&ComponentType::imports, &ComponentType::exports}) {
    const std::size_t count = (patterns_.shapes[shape.value].type.*list).size();
    types_.charge(1 + count);
    for (std::size_t i = 0; i < count; ++i) {
      const Item item = (patterns_.shapes[shape.value].type.*list)[i].item;
      const Item replaced = apply(item);
      if (replaced == item) continue;
      if (!copy) copy = patterns_.shapes[shape.value];
      (copy->type.*list)[i].item = replaced;
    }
  }
  ShapeIndex answer = shape;
  if (copy) {
    charge_copy(types_, *copy);
    answer = types_.add(*std::move(copy));
  }
  shapes_.emplace(shape.value, answer);
  return answer;
}

Item Substitution::apply(const Item& item) {
  if (const auto* function = std::get_if<FunctionId>(&item)) return apply(*function);
  if (const auto* instance = std::get_if<InstanceId>(&item)) return apply(*instance);
  if (const auto* bound = std::get_if<TypeBound>(&item)) {
    TypeBound answer;
    std::visit([&](auto id) { answer.type = apply(id); }, bound->type);
    return answer;
  }
  types_.charge(1);
  Unsupported unsupported = std::get<Unsupported>(item);
  if (unsupported.detail >= patterns_.details.size()) return unsupported;
  const TypeEntry entry = patterns_.details[unsupported.detail];
  TypeEntry replaced = entry;
  std::visit([&](auto id) { replaced = apply(id); }, entry);
  if (replaced != entry) {
    types_.charge(1);
    unsupported.detail = static_cast<std::uint32_t>(patterns_.details.size());
    patterns_.details.push_back(replaced);
  }
  return unsupported;
}

ResourceId ResourceReplacement::apply(ResourceId id) const {
  const auto known = resources_.find(id);
  return known == resources_.end() ? id : known->second;
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
