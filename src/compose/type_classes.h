// Which types of a link are one.
//
// Each unit has type ids of its own. Where the plan passes an item of one unit for an import of
// another, what both sides call `request` is one type, and a composed component should say so: the
// printed WIT of an export then has `use types.{request}` and not a second record of the same
// shape.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "resolve/plan.h"
#include "types/type.h"

namespace tenon::compose {

// Representatives of the classes. Resources are classed by resolve; value types here, by the
// arguments of the plan: the type exports of one name on both ends of an argument, or of what names
// the types of an import that gets none.
// Lifetime: refers to `plan`.
class TypeClasses final {
 public:
  explicit TypeClasses(const resolve::LinkPlan& plan);

  [[nodiscard]] types::TypeId of(types::TypeId type) const;
  [[nodiscard]] types::ResourceId of(types::ResourceId resource) const;

  // True for a type that a definition stands for. The one node of `u32` is nobody's.
  [[nodiscard]] bool can_be_named(types::TypeId type) const;

 private:
  void tie(const types::Item& consumer, const types::Item& provider);
  void tie(types::TypeId a, types::TypeId b);
  [[nodiscard]] std::uint32_t find_root(std::uint32_t index);

  const resolve::LinkPlan& plan_;
  // By TypeId::index, of types that are tied to another; a parent is smaller. Not one entry for
  // each type of the link: domains share an arena, and each ties few.
  std::unordered_map<std::uint32_t, std::uint32_t> parent_;
};

}  // namespace tenon::compose
