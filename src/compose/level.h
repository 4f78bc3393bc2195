// One level of a component under construction: units are instantiated in it, and what they need is
// looked up in it, wherever it comes from.
//
// The same code writes the only level of a small composition and each group of a large one
// (nest.h): they differ in what stands in `exports`, `imports` and `defined` before the first unit.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "binary/write_component.h"
#include "compose/places.h"
#include "compose/type_classes.h"
#include "compose/type_encoder.h"
#include "resolve/plan.h"

namespace tenon::compose {

// Keep: the units as they are, and names and producers of the composed component.
// KeepUnits: the units as they are. What the units are called makes no difference to the bytes.
// Strip: neither custom sections of units nor of the result.
enum class Sections { Keep, KeepUnits, Strip };

// What every level of one composition shares.
struct Context {
  // A name for the name section; empty: none.
  [[nodiscard]] std::string_view debug_name(std::string_view name) const {
    return sections == Sections::Keep ? name : std::string_view();
  }

  const resolve::LinkPlan& plan;
  const TypeClasses& classes;
  // Bytes to nest, by unit.
  std::span<const std::span<const std::uint8_t>> forms;
  // Units of one binary have one key, by unit.
  std::vector<std::uint32_t> keys;
  Sections sections = Sections::Keep;
  KeepLabels labels = KeepLabels::No;
};

// The sort that an item has where it is exported.
[[nodiscard]] binary::Sort sort_of(const types::Item& item);

// A unit's component in the component that a level makes.
struct NestedUnit {
  resolve::UnitIndex unit = 0;
  std::uint32_t component = 0;  // position in EncodedComponent::components
};

// A trap stub in the component that a level makes.
struct NestedStub {
  std::uint32_t import = 0;     // position in LinkPlan::imports
  std::uint32_t component = 0;  // position in EncodedComponent::components
};

class Level final {
 public:
  explicit Level(const Context& context);

  // Writes the unit's component, unless this level has it, and an instance of it. What it imports
  // must have been instantiated, or be known to this level from outside.
  void instantiate(resolve::UnitIndex unit);

  // Writes the unit's component, unless this level has it; returns its index.
  std::uint32_t add_component(resolve::UnitIndex unit);

  // What a unit's export or an import of the composition is here.
  // REQUIRES: the unit stands in this level, or `exports` says where its export is.
  [[nodiscard]] PlaceId find(resolve::UnitExport from);
  [[nodiscard]] PlaceId find_import(std::uint32_t import);

  // The resource of a class. One that this level does not know is a problem, and index 0.
  [[nodiscard]] binary::SortIndex resource(types::ResourceId resource);

  [[nodiscard]] TypeEncoder encoder(std::vector<const TypeTable*> tables,
                                    std::string_view own_name = {});
  void name_types(PlaceId place, std::string_view name, const types::Item& item, TypeTable& table);

  const Context& context;
  binary::ComponentWriter out;
  Places places;
  // Types that arguments can be made of: of the imports, and the resources that units define.
  TypeTable defined;
  // Exports of units that are known here.
  std::map<resolve::UnitExport, PlaceId> exports;
  // Imports of the composition that are known here.
  std::map<std::uint32_t, PlaceId> imports;
  // Components by Context::keys; from outside those that several groups share.
  std::unordered_map<std::uint32_t, std::uint32_t> components;
  std::vector<NestedUnit> nested;
  std::vector<NestedStub> stubs;
  // What could not be written; the bytes are not valid then.
  Diagnostics problems;

 private:
  binary::SortIndex argument(resolve::UnitIndex unit, std::uint32_t import);
  binary::SortIndex argument_of_types(const types::Item& item);

  std::unordered_map<resolve::UnitIndex, PlaceId> instances_;
};

}  // namespace tenon::compose
