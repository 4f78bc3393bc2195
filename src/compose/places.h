// What one level of a component can refer to, each item aliased at most once.
//
//   const PlaceId kv = places.at({Sort::Instance, 3});
//   const PlaceId store = places.inside(kv, Sort::Instance, "press:kv/store@0.1.0");
//   const PlaceId bucket = places.inside(store, Sort::Type, "bucket");
//   places.index(bucket)      // writes two aliases; a second call writes none
//
// A level has few instances (limits::kInstancesPerLevel), and an alias counts as one: so places are
// found first and aliased when something needs their index.
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
  PlaceId instance;                  // that exports it
  std::string name;                  // of the export
};

// Lifetime: refers to `scope`, the level that is being written.
class Places final {
 public:
  explicit Places(binary::TypeScope& scope) : scope_(scope) {}
  Places(const Places&) = delete;
  Places& operator=(const Places&) = delete;

  // An item that has an index already.
  [[nodiscard]] PlaceId at(binary::SortIndex item);
  // An export of an instance. One instance and name have one place.
  [[nodiscard]] PlaceId inside(PlaceId instance, binary::Sort sort, std::string_view name);
  // The index of a place; writes the aliases that it takes.
  [[nodiscard]] std::uint32_t index(PlaceId place);
  [[nodiscard]] binary::SortIndex item(PlaceId place);

  [[nodiscard]] binary::TypeScope& scope() { return scope_; }

 private:
  binary::TypeScope& scope_;
  Arena<Place> places_;
  std::map<std::pair<PlaceId, std::string>, PlaceId, std::less<>> inside_;
};

}  // namespace tenon::compose
