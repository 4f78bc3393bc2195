// Items with other resources in the place of some of theirs.
#pragma once

#include <unordered_map>
#include <utility>

#include "types/type.h"

namespace tenon::types {

// One replacement, applied to any number of items. What mentions none of the resources keeps its
// id; what is met twice is copied once. Lifetime: refers to `types`.
class ResourceReplacement final {
 public:
  using Resources = std::unordered_map<ResourceId, ResourceId>;

  ResourceReplacement(Types& types, Resources resources)
      : types_(types), resources_(std::move(resources)) {}

  // REQUIRES: evaluation made the item
  [[nodiscard]] Item apply(const Item& item);

 private:
  [[nodiscard]] ResourceId apply(ResourceId id) const;
  [[nodiscard]] TypeId apply(TypeId id);
  [[nodiscard]] FunctionId apply(FunctionId id);
  [[nodiscard]] InstanceId apply(InstanceId id);

  Types& types_;
  Resources resources_;
  std::unordered_map<TypeId, TypeId> value_types_;
  std::unordered_map<FunctionId, FunctionId> functions_;
  std::unordered_map<InstanceId, InstanceId> instances_;
};

}  // namespace tenon::types
