// Where the Canonical ABI puts the parts of a value, in a 32-bit memory and in flat values.
//
// A `FunctionLayout` is computed once for a function type and holds all that copying, reading and
// writing its values needs; the types may be dropped.
//
//   TENON_TRY(const FunctionLayout layout, lay_out_function(types, function));
//   const Layout& params = layout.layouts[layout.params];   // a record of the params
//   params.parts[1].offset                                  // where the second one lies
//
// Handles are numbered as they stand in the type of the params, from 0, and in that of the result
// from 0 again: depth first, params, fields and cases in order, the element of a list once. Each
// place in the type has a number of its own, though one resource or one type may stand in many.
//
// Source: component-model CanonicalABI.md, "Alignment", "Element Size", "Flattening".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "abi/flat_types.h"
#include "support/arena.h"
#include "tenon/result.h"
#include "types/type.h"

namespace tenon::abi {

// What a value looks like. Tuples and params are records, options, results and enums are variants,
// a map is a list of records of a key and a value.
enum class Shape : std::uint8_t {
  Bool,
  U8,
  S8,
  U16,
  S16,
  U32,
  S32,
  U64,
  S64,
  F32,
  F64,
  Char,
  String,
  List,
  FixedList,
  Record,
  Variant,
  Flags,
  Own,
  Borrow,
};

// A scalar that any bits are a value of.
[[nodiscard]] constexpr bool is_number(Shape shape) { return shape <= Shape::F64; }

// Whether a list of it can be used where it lies: a bool that is not 0 or 1 is made so.
[[nodiscard]] constexpr bool can_view_list(Shape shape) {
  return is_number(shape) && shape != Shape::Bool;
}

struct Layout;
using LayoutId = Id<Layout>;

// A field, a case, or the element of a list.
struct LayoutPart {
  std::string label = {};               // empty: an element; "0": the first part of a tuple
  std::optional<LayoutId> layout = {};  // absent: a case without payload
  std::uint32_t offset = 0;             // bytes from the start of the value; an element: 0
  std::uint32_t flat_offset = 0;        // flat values from the first of the value; an element: 0
  std::uint32_t handles = 0;            // how many places of handles the value has before this part
};

struct Layout {
  Shape shape = Shape::Bool;
  std::uint8_t discriminant_size = 0;  // Variant: 1, 2 or 4 bytes, at offset 0
  std::uint32_t size = 0;              // bytes, a multiple of `align`
  std::uint32_t align = 1;
  std::uint32_t handles = 0;  // places of handles
  std::uint32_t count = 0;    // FixedList: elements. Flags: labels
  FlatTypes flat = {};
  std::vector<LayoutPart> parts = {};  // Record, Variant; of a List or FixedList the element
  types::ResourceId resource = {};     // Own, Borrow
};

// Bytes of a string or list in memory: an address, then a length.
inline constexpr std::uint32_t kPointerPair = 8;

// One place of a handle in a type.
struct HandleType {
  Shape shape = Shape::Own;  // or Borrow
  types::ResourceId resource;

  bool operator==(const HandleType&) const = default;
};

struct FunctionLayout {
  Arena<Layout> layouts;
  LayoutId params;  // a record of all; its labels are the names of the params
  std::optional<LayoutId> result;
  std::vector<HandleType> param_handles;  // by number
  std::vector<HandleType> result_handles;

  // Whether they do not fit in flat values, for a function that is lifted or lowered without
  // `async`: then the record of the params, or the result, lies in memory.
  [[nodiscard]] bool has_spilled_params() const {
    return !layouts[params].flat.fits(kMaxFlatParams);
  }
  [[nodiscard]] bool has_spilled_result() const {
    return result && !layouts[*result].flat.fits(kMaxFlatResults);
  }
};

// Errors: type-unsupported-value (stream, future, error-context), type-too-large (a value of more
// than limits::kValueBytes, types nested deeper than limits::kNestingDepth, more than
// limits::kTypeNodes handles).
[[nodiscard]] Result<FunctionLayout> lay_out_function(const types::Types& types,
                                                      const types::Function& function);

}  // namespace tenon::abi
