// Which types of a link are one type.
//
// Each unit has type ids of its own. Where the plan passes an item of one unit for an import of
// another, the type that both sides call `request` is one type, and the composed component should
// say so: its WIT then has `use types.{request}` and not a second record of the same shape.
//
// Resources are classed by resolve. Value types are classed here, by the arguments and exports of the
// plan: type exports with one name on both ends of an argument are one type. If an import gets no
// argument, the export that names its types takes the place of one. So are those of exports of
// which only one is written (CompositionExport::same_types).
#pragma once

#include <optional>

#include "resolve/plan.h"
#include "types/same_types.h"
#include "types/type.h"

namespace tenon::resolve {

// Lifetime: refers to `plan`.
class TypeClasses final {
 public:
  explicit TypeClasses(const LinkPlan& plan);

  // The representative of the class.
  [[nodiscard]] types::TypeId of(types::TypeId type) const;
  [[nodiscard]] types::ResourceId of(types::ResourceId resource) const;

  // The first export of a unit that names a type of the same class.
  [[nodiscard]] std::optional<UnitExport> find_naming_export(types::TypeId type) const;

  // Whether a type has a definition that can be named. The arena has one node for each primitive
  // that is written without a definition, and all units share it.
  [[nodiscard]] bool can_be_named(types::TypeId type) const;

 private:
  void tie(const types::Item& consumer, const types::Item& provider);
  [[nodiscard]] bool names_class(const types::Item& item, types::TypeId type_class) const;

  const resolve::LinkPlan& plan_;
  types::SameTypes same_;
};

}  // namespace tenon::resolve
