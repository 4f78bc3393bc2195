#include "types/same_types.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <tuple>
#include <variant>

namespace tenon::types {

namespace {

// Whether all definitions have this node: that of a primitive that is written without one.
bool is_shared(const Types& types, TypeId type) {
  return std::ranges::find(types.primitives, type) != types.primitives.end();
}

// The size of `parts_of`, without a walk over the parts where there can be many.
std::size_t count_parts(const Type& type) {
  if (const auto* record = std::get_if<Record>(&type.kind)) return record->fields.size();
  if (const auto* variant = std::get_if<Variant>(&type.kind)) return variant->cases.size();
  if (const auto* tuple = std::get_if<Tuple>(&type.kind)) return tuple->types.size();
  return parts_of(type).size();
}

}  // namespace

void SameTypes::tie(const Types& types, TypeId a, TypeId b) {
  std::vector<std::pair<TypeId, TypeId>> pairs{{a, b}};
  while (!pairs.empty()) {
    const TypeId first = find_root(pairs.back().first);
    const TypeId second = find_root(pairs.back().second);
    pairs.pop_back();
    if (first == second || is_shared(types, first) || is_shared(types, second)) continue;
    parent_[std::max(first, second)] = std::min(first, second);
    // A component that is not valid can tie many small types to a large one. Its parts are not visited for
    // each of them.
    if (count_parts(types.types[first]) != count_parts(types.types[second])) continue;
    const auto parts = parts_of(types.types[first]);
    const auto same_parts = parts_of(types.types[second]);
    for (std::size_t i = 0; i < parts.size(); ++i)
      if (parts[i] && same_parts[i]) pairs.emplace_back(*parts[i], *same_parts[i]);
  }
}

TypeId SameTypes::find_root(TypeId type) {
  for (auto at = parent_.find(type); at != parent_.end(); at = parent_.find(type)) {
    if (const auto above = parent_.find(at->second); above != parent_.end())
      at->second = above->second;
    type = at->second;
  }
  return type;
}

TypeId SameTypes::representative(TypeId type) const {
  for (auto at = parent_.find(type); at != parent_.end(); at = parent_.find(type))
    type = at->second;
  return type;
}

void SameTypes::flatten() {
  for (auto& [type, parent] : parent_) parent = find_root(type);
}

std::vector<std::pair<TypeId, TypeId>> SameTypes::replacements() const {
  SameTypes flat = *this;
  flat.flatten();
  std::vector<std::pair<TypeId, TypeId>> all(flat.parent_.begin(), flat.parent_.end());
  std::ranges::sort(all, {}, [](const auto& pair) { return std::tuple(pair.second, pair.first); });
  return all;
}

}  // namespace tenon::types
