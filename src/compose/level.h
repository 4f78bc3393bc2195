// One level of a component under construction: units are instantiated in it, and their arguments
// are looked up in it.
//
//   Level level(context);
//   write_imports(level);
//   for (const resolve::UnitIndex unit : plan.order) level.instantiate(unit);
//
// The same code writes the only level of a small composition and each group of a large one
// (groups.h). They differ in what `exports`, `imports` and `defined` hold before the first unit.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "binary/write_component.h"
#include "compose/places.h"
#include "compose/type_encoder.h"
#include "compose/unit_form.h"
#include "resolve/plan.h"
#include "support/rare.h"

namespace tenon::compose {

// The custom sections of the result.
// Keep: those of the units, and names and producers of the composed component.
// KeepUnits: those of the units only, so that the bytes do not depend on the names of units.
// Strip: none.
enum class Sections { Keep, KeepUnits, Strip };

// The form in which a level nests a unit: its bytes, or its reference form.
struct NestedForm {
  std::span<const std::uint8_t> bytes = {};
  const ReferenceForm* reference = nullptr;
  std::vector<std::uint32_t> root_modules = {};  // by module of `reference`
};

// What every level of one composition shares.
struct Context {
  // `name` if it belongs into a name section, otherwise empty.
  [[nodiscard]] std::string_view debug_name(std::string_view name) const {
    return sections == Sections::Keep ? name : std::string_view();
  }

  const resolve::LinkPlan& plan;
  const TypeClasses& classes;
  std::vector<NestedForm> forms;  // by unit; of units with the same key, only the first is used
  // By unit; units with the same binary have the same key.
  std::vector<std::uint32_t> keys;
  Sections sections = Sections::Keep;
  KeepLabels labels = KeepLabels::No;
};

// The sort under which an item is exported.
[[nodiscard]] binary::Sort sort_of(const types::Item& item);

// The component of a unit within the component that a level writes.
struct NestedUnit {
  resolve::UnitIndex unit = 0;
  std::uint32_t component = 0;  // position in EncodedComponent::components
};

// A trap stub within the component that a level writes.
struct NestedStub {
  std::uint32_t import = 0;     // position in LinkPlan::imports
  std::uint32_t component = 0;  // position in EncodedComponent::components
};

// The name of an import or export of the composition.
[[nodiscard]] binary::Name root_name(std::string_view name, const Rare<std::string>& implements);

class Level final {
 public:
  // depth: 0 for the root, 1 for a group.
  explicit Level(const Context& context, std::uint32_t depth = 0);

  // Writes the unit's component, unless this level has it, and an instance of it.
  // REQUIRES: the providers of its imports are instantiated, or known to this level from outside.
  void instantiate(resolve::UnitIndex unit);

  // Writes the unit's component, unless this level has it; returns its index.
  std::uint32_t add_component(resolve::UnitIndex unit);

  // The place of a unit's export, and of an import of the composition.
  // REQUIRES: the unit is instantiated in this level, or `exports` has its export.
  [[nodiscard]] PlaceId find(resolve::UnitExport from);
  [[nodiscard]] PlaceId find_import(std::uint32_t import);

  // The resource of a class, which a late stub can define. If this level does not know it, adds a problem and returns
  // index 0.
  [[nodiscard]] binary::SortIndex resource(types::ResourceId resource);

  [[nodiscard]] TypeEncoder encoder(std::vector<const TypeTable*> tables,
                                    std::unordered_set<types::TypeId> own = {});
  void name_types(PlaceId place, std::string_view name, const types::Item& item, TypeTable& table);
  // A value type. Adds a problem for each resource in it that this level does not know.
  [[nodiscard]] binary::SortIndex value_type(types::TypeId type);

  const Context& context;
  binary::ComponentWriter out;
  Places places;
  // The types that arguments can refer to: those of imports, and the resources that units define.
  TypeTable defined;
  // The exports of units that are known here.
  std::map<resolve::UnitExport, PlaceId> exports;
  // The imports of the composition that are known here.
  std::map<std::uint32_t, PlaceId> imports;
  // Stubs that define resources, and are not written yet; and the classes of those that stubs define.
  struct LateStub {
    std::uint32_t import = 0;
    std::vector<types::ResourceId> defined;
  };
  std::vector<LateStub> late_stubs;
  std::unordered_set<types::ResourceId> stubbed;
  // Components by Context::keys, including shared ones of the outer level.
  std::unordered_map<std::uint32_t, std::uint32_t> components;
  std::vector<NestedUnit> nested;
  std::vector<NestedStub> stubs;
  // If there is a problem, the bytes are not valid.
  Diagnostics problems;

 private:
  binary::SortIndex argument(resolve::UnitIndex unit, std::uint32_t import);
  binary::SortIndex argument_of_types(const types::Item& item);

  std::uint32_t depth_;
  std::unordered_map<resolve::UnitIndex, PlaceId> instances_;
};

}  // namespace tenon::compose
