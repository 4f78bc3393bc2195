// A bag: items that cross the border of a nested component as the exports of one instance.
//
//   Bag bag(context);
//   bag.add("u3-e0", item);
//   encoder.bound(bag.type())      // the type of the bag, for an import or an ascription
//
// Source: component-model Explainer.md, "Import and Export Definitions" (which types must be
// named).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "compose/type_classes.h"
#include "types/type.h"

namespace tenon::compose {

// The records, variants, enums and flags that an item mentions and that no type export in it names:
// the item can only be imported or exported beside names for them. What a type contains stands
// before it; each class once.
[[nodiscard]] std::vector<types::TypeId> types_to_name(const types::Types& types,
                                                       const TypeClasses& classes,
                                                       const types::Item& item);

// Lifetime: refers to the types and classes that it is made of.
class Bag final {
 public:
  Bag(const types::Types& types, const TypeClasses& classes) : types_(types), classes_(classes) {}

  // Adds an item, and before it, under names made from `name`, the types that it lacks names for.
  void add(std::string_view name, const types::Item& item);

  [[nodiscard]] const types::Instance& type() const { return type_; }

 private:
  const types::Types& types_;
  const TypeClasses& classes_;
  types::Instance type_;
};

}  // namespace tenon::compose
