#include "compose/places.h"

#include <vector>

namespace tenon::compose {

PlaceId Places::at(binary::SortIndex item) {
  return places_.add({.sort = item.sort, .index = item.index, .instance = {}, .name = {}});
}

PlaceId Places::inside(PlaceId instance, binary::Sort sort, std::string_view name) {
  const auto [place, is_new] = inside_.try_emplace({instance, std::string(name)});
  if (is_new)
    place->second = places_.add(
        {.sort = sort, .index = UINT32_MAX, .instance = instance, .name = std::string(name)});
  return place->second;
}

std::uint32_t Places::index(PlaceId place) {
  std::vector<PlaceId> unaliased;
  for (PlaceId at = place; places_[at].index == UINT32_MAX; at = places_[at].instance)
    unaliased.push_back(at);
  for (auto at = unaliased.rbegin(); at != unaliased.rend(); ++at) {
    Place& unaliased_place = places_[*at];
    unaliased_place.index = scope_.alias_export(places_[unaliased_place.instance].index,
                                                unaliased_place.sort, unaliased_place.name);
  }
  return places_[place].index;
}

binary::SortIndex Places::item(PlaceId place) {
  const std::uint32_t item_index = index(place);
  return {places_[place].sort, item_index};
}

}  // namespace tenon::compose
