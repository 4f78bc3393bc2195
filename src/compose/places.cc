#include "compose/places.h"

#include <vector>

namespace tenon::compose {

PlaceId Places::at(binary::SortIndex item) {
  return places_.add({.sort = item.sort, .index = item.index, .instance = {}, .name = {}});
}

PlaceId Places::inside(PlaceId instance, binary::Sort sort, std::string_view name) {
  const auto [found, is_new] = inside_.try_emplace({instance, std::string(name)});
  if (is_new)
    found->second = places_.add(
        {.sort = sort, .index = UINT32_MAX, .instance = instance, .name = std::string(name)});
  return found->second;
}

std::uint32_t Places::index(PlaceId place) {
  std::vector<PlaceId> unaliased;
  for (PlaceId at = place; places_[at].index == UINT32_MAX; at = places_[at].instance)
    unaliased.push_back(at);
  for (auto at = unaliased.rbegin(); at != unaliased.rend(); ++at) {
    Place& made = places_[*at];
    made.index = scope_.alias_export(places_[made.instance].index, made.sort, made.name);
  }
  return places_[place].index;
}

binary::SortIndex Places::item(PlaceId place) {
  const std::uint32_t found = index(place);
  return {places_[place].sort, found};
}

}  // namespace tenon::compose
