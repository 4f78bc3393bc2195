// Places: the items that one level of a component can refer to, each aliased at most once.
//
//   const PlaceId kv = places.at({Sort::Instance, 3});
//   const PlaceId store = places.inside(kv, Sort::Instance, "press:kv/store@0.1.0");
//   const PlaceId bucket = places.inside(store, Sort::Type, "bucket");
//   places.index(bucket)      // writes two aliases; a second call writes none
//
// A level can have few instances (limits::kInstancesPerLevel), and an alias counts as one. So a
// place is only a description; its aliases are written when an index is needed.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "binary/write_component.h"
#include "support/arena.h"

namespace tenon::compose {

struct Place;
using PlaceId = Id<Place>;

struct Place {
  binary::Sort sort = binary::Sort::Instance;
  std::uint32_t index = UINT32_MAX;  // in the index space of `sort`; UINT32_MAX: not aliased yet
  PlaceId instance;                  // the instance that exports the item
  std::string name;                  // the name of that export
};

// Lifetime: refers to `scope`, the level that is being written.
class Places final {
 public:
  explicit Places(binary::TypeScope& scope) : scope_(scope) {}
  Places(const Places&) = delete;
  Places& operator=(const Places&) = delete;

  // The place of an item that has an index already.
  [[nodiscard]] PlaceId at(binary::SortIndex item);
  // The place of an export of an instance. Equal arguments give the same place.
  [[nodiscard]] PlaceId inside(PlaceId instance, binary::Sort sort, std::string_view name);
  // The index of a place. Writes the aliases that are needed to reach it.
  [[nodiscard]] std::uint32_t index(PlaceId place);
  [[nodiscard]] binary::SortIndex item(PlaceId place);

  [[nodiscard]] binary::TypeScope& scope() { return scope_; }

 private:
  binary::TypeScope& scope_;
  Arena<Place> places_;
  std::map<std::pair<PlaceId, std::string>, PlaceId, std::less<>> inside_;
};

}  // namespace tenon::compose
