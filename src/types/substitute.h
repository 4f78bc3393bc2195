// Replaces types and resources inside of types: what instantiation does to a pattern.
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

// The patterns of one evaluation, and the items that `Unsupported::detail` stands for.
struct Patterns {
  std::vector<Shape> shapes;
  std::vector<TypeEntry> details;
};

// One replacement, applied to any number of types. What does not contain anything replaced keeps
// its id; a type that is met twice is replaced once. Lifetime: refers to the evaluation's arena and
// patterns.
class Substitution final {
 public:
  Substitution(BoundedTypes& types, Patterns& patterns) : types_(types), patterns_(patterns) {}
  Substitution(const Substitution&) = delete;
  Substitution& operator=(const Substitution&) = delete;

  // The first replacement of an id counts.
  void replace(ResourceId from, ResourceId to) { resources_.emplace(from, to); }
  void replace(TypeId from, TypeId to);
  [[nodiscard]] bool is_empty() const { return resources_.empty() && value_types_.empty(); }

  [[nodiscard]] ResourceId apply(ResourceId id) const;
  [[nodiscard]] TypeId apply(TypeId id);
  [[nodiscard]] FunctionId apply(FunctionId id);
  [[nodiscard]] InstanceId apply(InstanceId id);
  [[nodiscard]] ShapeIndex apply(ShapeIndex shape);
  [[nodiscard]] Item apply(const Item& item);

 private:
  // Replaces the parts from `begin` on; true if that changes one.
  bool apply_parts(std::size_t begin);

  BoundedTypes& types_;
  Patterns& patterns_;
  std::unordered_map<ResourceId, ResourceId> resources_;
  // Replacements, and the answers so far.
  std::unordered_map<TypeId, TypeId> value_types_;
  std::unordered_map<FunctionId, FunctionId> functions_;
  std::unordered_map<InstanceId, InstanceId> instances_;
  std::unordered_map<std::uint32_t, ShapeIndex> shapes_;
  // The parts of the types on the way down: a stack that all levels share.
  std::vector<TypeId> parts_;
};

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
