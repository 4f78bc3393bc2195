// The exports of a composed component.
//
//   RootExports(root, imported).write();
//
// An export is ascribed a type if it uses types that have a name at the root, or if a filter narrows it. The type can
// only mention types with a name there, so some of them are exported first, by names such as `tenon-t0`.
#pragma once

#include <string>
#include <string_view>
#include <unordered_set>

#include "compose/level.h"
#include "compose/type_encoder.h"
#include "resolve/plan.h"

namespace tenon::compose {

class RootExports final {
 public:
  // imported: the types that imports name.
  // REQUIRES: `root` knows the place of each export.
  // Lifetime: refers to its arguments.
  RootExports(Level& root, const TypeTable& imported);

  // Writes every export of the plan, in its order.
  void write();

 private:
  void write(const resolve::CompositionExport& exported);
  // Exports the resources of stubs that an item mentions and does not name.
  void name_resources_of_stubs(const types::Item& item);
  // Exports the value types that an item mentions and nothing at the root names: those of stubs, which the composition
  // does not export, and those with resources that are made inside.
  void name_value_types(const types::Item& item);
  // The classes of value types that an item names and that an import of its name has named first. They are written
  // again, so that an interface which is both imported and exported defines its types on both sides.
  [[nodiscard]] std::unordered_set<types::TypeId> find_own(std::string_view name,
                                                           const types::Item& item) const;
  // Whether the item mentions a type that has a name, so that its WIT has a `use`.
  [[nodiscard]] bool uses_named(const types::Item& item) const;
  // kind: `r` or `t`.
  [[nodiscard]] std::string make_name(char kind);

  Level& root_;
  const TypeTable& imported_;
  TypeTable exported_;
  std::unordered_set<std::string> names_;
  unsigned made_ = 0;
};

}  // namespace tenon::compose
