// The types of merged imports: one item for several, with one resource for each class and one type
// for each name.
//
// Source: docs/resolve.md, "Open imports".
#pragma once

#include <unordered_map>

#include "resolve/draft.h"

namespace tenon::resolve {

// Rewrites types: a resource becomes its class, a type that another import names becomes the type
// that it is there. Groups must be given so that used interfaces stand before those that use them.
class UnionTypes final {
 public:
  explicit UnionTypes(Draft& draft) : draft_(draft) {}

  // What the members of a group ask for, taken together.
  [[nodiscard]] types::Item unite(const ImportGroup& group);

 private:
  void add_instance(types::Instance& into, types::InstanceId from);
  // Types of one name in both are one type.
  void identify(const types::Item& kept, const types::Item& dropped);

  [[nodiscard]] types::Item rewrite(const types::Item& item);
  [[nodiscard]] types::FunctionId rewrite(types::FunctionId id);
  [[nodiscard]] types::InstanceId rewrite(types::InstanceId id);
  [[nodiscard]] types::TypeId rewrite(types::TypeId id);

  Draft& draft_;
  std::unordered_map<types::TypeId, types::TypeId> types_;
};

}  // namespace tenon::resolve
