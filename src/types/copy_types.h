// Copies types from one arena to another, each at most once.
//
//   TypeCopier copier(from, to);
//   const Item copy = copier.copy(item);        // and everything that it mentions
#pragma once

#include <unordered_map>

#include "types/type.h"

namespace tenon::types {

// Lifetime: refers to both arenas, which must be different.
// REQUIRES: the items come from evaluation or from a file (archive_types.h), so their nesting is
// limited.
class TypeCopier final {
 public:
  TypeCopier(const Types& from, Types& to) : from_(from), to_(to) {}

  [[nodiscard]] ResourceId copy(ResourceId id);
  [[nodiscard]] TypeId copy(TypeId id);
  [[nodiscard]] FunctionId copy(FunctionId id);
  [[nodiscard]] InstanceId copy(InstanceId id);
  [[nodiscard]] Item copy(const Item& item);
  [[nodiscard]] ComponentType copy(const ComponentType& type);

 private:
  const Types& from_;
  Types& to_;
  std::unordered_map<ResourceId, ResourceId> resources_;
  std::unordered_map<TypeId, TypeId> types_;
  std::unordered_map<FunctionId, FunctionId> functions_;
  std::unordered_map<InstanceId, InstanceId> instances_;
};

}  // namespace tenon::types
