// The types of merged imports: one item for several, with one resource for each class and one type
// for each name.
//
// Source: docs/resolve.md, "Open imports".
#pragma once

#include <span>
#include <unordered_map>
#include <utility>

#include "resolve/type_names.h"
#include "types/type.h"

namespace tenon::resolve {

// Rewrites types: a resource becomes its class, a type that another import names becomes the type
// that it is there. Items must be given so that used interfaces stand before those that use them.
class UnionTypes final {
 public:
  UnionTypes(types::Types& types, ClassOf class_of)
      : arena_(types), class_of_(std::move(class_of)) {}

  // What the items ask for, taken together. REQUIRES: they are of one sort, and agree.
  [[nodiscard]] types::Item unite(std::span<const types::Item> items);

 private:
  void add_instance(types::Instance& into, types::InstanceId from);
  // Types of one name in both are one type.
  void identify(const types::Item& kept, const types::Item& dropped);

  [[nodiscard]] types::Item rewrite(const types::Item& item);
  [[nodiscard]] types::FunctionId rewrite(types::FunctionId id);
  [[nodiscard]] types::InstanceId rewrite(types::InstanceId id);
  [[nodiscard]] types::TypeId rewrite(types::TypeId id);

  types::Types& arena_;
  ClassOf class_of_;
  std::unordered_map<types::TypeId, types::TypeId> types_;
};

}  // namespace tenon::resolve
