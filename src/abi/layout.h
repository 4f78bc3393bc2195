// The layout of values in the Canonical ABI: the offsets of their parts in a 32-bit memory and in
// flat values.
//
// A `FunctionLayout` is computed once for a function type. It has everything that is needed to
// copy, read and write its values, so the types may be dropped.
//
//   TENON_TRY(const FunctionLayout layout, lay_out_function(types, function));
//   const Layout& params = layout.layouts[layout.params];   // a record of the params
//   params.parts[1].offset                                  // the offset of the second one
//
// Handles are numbered by their place in the type, from 0 in the parameters and again from 0 in the
// result: depth first, with parameters, fields and cases in order, and the element of a list once.
// Two places have different numbers even if they have the same resource or are in the same type.
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

// The shape of a value. Tuples and parameters are records; options, results and enums are variants;
// a map is a list of records with a key and a value.
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

// True for a number or a bool. All bits of a number are valid; a bool is 0 or 1 after a copy.
[[nodiscard]] constexpr bool is_number(Shape shape) { return shape <= Shape::F64; }

// True if a list of this shape can be used without copying. Bools may have to be normalized.
[[nodiscard]] constexpr bool can_view_list(Shape shape) {
  return is_number(shape) && shape != Shape::Bool;
}

struct Layout;
using LayoutId = Id<Layout>;

// A field, a case, or the element of a list.
struct LayoutPart {
  std::string label = {};               // "0" for the first part of a tuple; empty for an element
  std::optional<LayoutId> layout = {};  // absent for a case without payload
  std::uint32_t offset = 0;             // in bytes; 0 for an element
  std::uint32_t flat_offset = 0;        // in flat values; 0 for an element
  std::uint32_t handles = 0;            // number of handle places in the parts before this one
};

struct Layout {
  Shape shape = Shape::Bool;
  std::uint8_t discriminant_size = 0;  // Variant: 1, 2 or 4 bytes, at offset 0
  std::uint32_t size = 0;              // in bytes, a multiple of `align`
  std::uint32_t align = 1;
  std::uint32_t handles = 0;  // number of handle places
  std::uint32_t count = 0;    // FixedList: number of elements; Flags: number of labels
  FlatTypes flat = {};
  std::vector<LayoutPart> parts =
      {};                           // Record: fields; Variant: cases; List, FixedList: the element
  types::ResourceId resource = {};  // Own, Borrow
};

// The size of a string or list in memory: an address and a length.
inline constexpr std::uint32_t kPointerPair = 8;

// A place in a type that has a handle.
struct HandleType {
  Shape shape = Shape::Own;  // or Borrow
  types::ResourceId resource;

  bool operator==(const HandleType&) const = default;
};

struct FunctionLayout {
  Arena<Layout> layouts;
  LayoutId params;  // a record of all parameters; the labels are their names
  std::optional<LayoutId> result;
  std::vector<HandleType> param_handles;   // by number
  std::vector<HandleType> result_handles;  // by number

  // True if the parameters, or the result, do not fit in flat values and are passed in memory. This
  // is for functions lifted or lowered without `async`.
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
