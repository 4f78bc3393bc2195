// Replaces types and resources inside of other types. A type that contains nothing to replace keeps
// its id; a type that is visited twice is copied once.
//
// `Substitution` is for evaluation, where instantiation copies a pattern within the budget.
// `ResourceReplacement` is for items that evaluation made.
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

#include "types/bounded_types.h"
#include "types/scope.h"
#include "types/type.h"

namespace tenon::types {

// The replacements of one instantiation. Lifetime: refers to the arena and patterns of the
// evaluation.
class Substitution final {
 public:
  Substitution(BoundedTypes& types, Patterns& patterns) : types_(types), patterns_(patterns) {}
  Substitution(const Substitution&) = delete;
  Substitution& operator=(const Substitution&) = delete;

  // Adds a replacement. If an id has several, the first counts, which is returned for value types.
  void replace(ResourceId from, ResourceId to) { resources_.emplace(from, to); }
  TypeId replace(TypeId from, TypeId to);
  [[nodiscard]] bool is_empty() const { return resources_.empty() && value_types_.empty(); }

  [[nodiscard]] ResourceId apply(ResourceId id) const;
  [[nodiscard]] TypeId apply(TypeId id);
  [[nodiscard]] FunctionId apply(FunctionId id);
  [[nodiscard]] InstanceId apply(InstanceId id);
  [[nodiscard]] ShapeIndex apply(ShapeIndex shape);
  [[nodiscard]] Item apply(const Item& item);

 private:
  // Replaces the parts from `begin` on. True if one of them changed.
  bool apply_parts(std::size_t begin);

  BoundedTypes& types_;
  Patterns& patterns_;
  std::unordered_map<ResourceId, ResourceId> resources_;
  // The replacements, and the results so far.
  std::unordered_map<TypeId, TypeId> value_types_;
  std::unordered_map<FunctionId, FunctionId> functions_;
  std::unordered_map<InstanceId, InstanceId> instances_;
  std::unordered_map<std::uint32_t, ShapeIndex> shapes_;
  // The parts of all types that are being copied: a stack shared by the levels of the recursion.
  std::vector<TypeId> parts_;
};

// Replaces resources in items. Lifetime: refers to `types`.
class ResourceReplacement final {
 public:
  using Resources = std::unordered_map<ResourceId, ResourceId>;

  ResourceReplacement(Types& types, Resources resources)
      : types_(types), resources_(std::move(resources)) {}

  // REQUIRES: the item comes from evaluation, so its nesting is limited.
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
