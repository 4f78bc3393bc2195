#include "types/same_types.h"

#include <algorithm>
#include <cstddef>
#include <tuple>

namespace tenon::types {

namespace {

// Whether all definitions have this node: that of a primitive that is written without one.
bool is_shared(const Types& types, TypeId type) {
  return std::ranges::find(types.primitives, type) != types.primitives.end();
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
    const auto parts = parts_of(types.types[first]);
    const auto same_parts = parts_of(types.types[second]);
    for (std::size_t i = 0; i < std::min(parts.size(), same_parts.size()); ++i)
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
