// The one description of types that calls use: how their values lie in the Canonical ABI, and what
// is needed to copy, read and write these values.
//
// A `FunctionLayout` is computed once for a function type and shared by all calls; the types are not
// needed afterwards. `CopyProgram` is compiled from it. The readers and writers of each form of
// values (`Value`s, tenon_value, packr's messages) walk it directly.
//
//   TENON_TRY(const FunctionLayout layout, lay_out_function(types, function));
//   const Layout& params = layout.layouts[layout.params];   // a tuple of the parameters
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
#include "abi/plain_type.h"
#include "support/arena.h"
#include "tenon/result.h"
#include "tenon/type.h"
#include "types/labels.h"
#include "types/type.h"

namespace tenon::abi {

struct Layout;
using LayoutId = Id<Layout>;

// A field, a case, or the element of a list. The element of a map is an entry.
struct LayoutPart {
  std::optional<LayoutId> layout = {};  // absent for a case without payload
  std::uint32_t offset = 0;             // in bytes; 0 for an element
  std::uint32_t flat_offset = 0;        // in flat values; 0 for an element
  std::uint32_t handles = 0;            // number of handle places in the parts before this one
};

struct Layout {
  TypeKind kind = TypeKind::Bool;  // Tuple for the parameters and for an entry of a map
  Shape shape = Shape::Bool;
  std::uint8_t discriminant_size = 0;  // Variant: 1, 2 or 4 bytes, at offset 0
  std::uint32_t size = 0;              // in bytes, a multiple of `align`
  std::uint32_t align = 1;
  std::uint32_t handles = 0;  // number of handle places
  std::uint32_t count = 0;    // FixedList: number of elements; Flags: number of labels
  // Record: fields; Variant: cases; List, FixedList: the element
  std::vector<LayoutPart> parts = {};
  // The labels of a record, a variant, an enum or flags; the names of the parameters; `key` and
  // `value` for an entry of a map. Absent for other types.
  std::optional<types::LabelTable> labels = {};
  types::TypeId type = {};          // not valid for the parameters and for an entry of a map
  types::ResourceId resource = {};  // Own, Borrow; not valid for a stream or future
  FlatTypes flat = {};
};

// The name of a part of a record or variant in paths: its label, `some`, `err`, or its position in a
// tuple.  REQUIRES: `part` is an element of `layout.parts`
[[nodiscard]] std::string label_of(const Layout& layout, const LayoutPart& part);

// The size of a string or list in memory: an address and a length.
inline constexpr std::uint32_t kPointerPair = 8;

// A place in a type that has a handle.
struct HandleType {
  Shape shape = Shape::Own;  // or Borrow
  types::ResourceId resource;
  types::TypeId transmitted = {};  // the type of a stream or future, which has no resource

  bool operator==(const HandleType&) const = default;
};

struct FunctionLayout {
  Arena<Layout> layouts;
  LayoutId params;  // a tuple of all parameters; the labels are their names
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

// The items of streams and futures are not part of the layout: each has a layout of its own.
// Errors: type-unsupported-value (error-context), type-too-large (a value of more than
// limits::kValueBytes, types nested deeper than limits::kNestingDepth, more than limits::kTypeNodes
// handles).
[[nodiscard]] Result<FunctionLayout> lay_out_function(const types::Types& types,
                                                      const types::Function& function);

}  // namespace tenon::abi
