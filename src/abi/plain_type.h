// Types as the Canonical ABI sees them: it defines the layout of a few plain types, and all other
// types by these.
//
// This is the only place that says what each kind of type is for the Canonical ABI. Layouts
// (layout.h) and flat types (flat_types.h) are computed from it.
//
// Source: component-model CanonicalABI.md, "Despecialization".
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "types/type.h"

namespace tenon::abi {

// How values of a type lie. Tuples and parameters are records; options, results and enums are
// variants; a map is a list of records with a key and a value; a stream or future is a handle that
// its receiver owns.
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

struct PlainType {
  Shape shape = Shape::Bool;
  // Record: the fields; Variant: the payload of each case, absent if it has none; List, FixedList:
  // the element; key and value for a map.
  std::vector<std::optional<types::TypeId>> parts = {};
  std::uint32_t count = 0;  // FixedList: number of elements; Flags: number of labels
};

// Nothing for a type whose values cannot leave a domain: an error context, or packr's `value`.
[[nodiscard]] std::optional<PlainType> despecialize(const types::Type& type);

}  // namespace tenon::abi
