// Numbers as text: the text of a value's number reads back as the same number.
//
//   read_number<std::uint8_t>("300")   // nothing: out of range
//   visit_number(Primitive::S16, []<class T>(std::type_identity<T>) { ... });
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "types/type.h"

namespace tenon::value {

// True for texts of integers such as `0`, `-12`, `7`; false for `1.0`, `1e2`, `01`.
[[nodiscard]] bool is_integer_text(std::string_view text);

// Reads a number. Nothing if T is an integer type and `text` is not an integer in its range. A
// float rounds to the nearest; a number that is too large becomes `inf`.
// REQUIRES: `text` is a number of the WAVE or JSON grammar, or `nan`, `inf`, `-inf`.
template <class T>
[[nodiscard]] std::optional<T> read_number(std::string_view text);

// The shortest text that reads back as the same number: "0.1", "1e+300", "nan", "-inf".
[[nodiscard]] std::string print_float(float number);
[[nodiscard]] std::string print_float(double number);

// "0 to 255"; empty for types other than integers.
[[nodiscard]] std::string range_text(types::Primitive kind);

// Calls `visitor` with the C++ type of a number type, and returns true. Returns false for bool,
// char, string and error-context.
template <class Visitor>
bool visit_number(types::Primitive kind, Visitor&& visitor) {
  using types::Primitive;
  switch (kind) {
    case Primitive::S8:
      visitor(std::type_identity<std::int8_t>());
      return true;
    case Primitive::U8:
      visitor(std::type_identity<std::uint8_t>());
      return true;
    case Primitive::S16:
      visitor(std::type_identity<std::int16_t>());
      return true;
    case Primitive::U16:
      visitor(std::type_identity<std::uint16_t>());
      return true;
    case Primitive::S32:
      visitor(std::type_identity<std::int32_t>());
      return true;
    case Primitive::U32:
      visitor(std::type_identity<std::uint32_t>());
      return true;
    case Primitive::S64:
      visitor(std::type_identity<std::int64_t>());
      return true;
    case Primitive::U64:
      visitor(std::type_identity<std::uint64_t>());
      return true;
    case Primitive::F32:
      visitor(std::type_identity<float>());
      return true;
    case Primitive::F64:
      visitor(std::type_identity<double>());
      return true;
    case Primitive::Bool:
    case Primitive::Char:
    case Primitive::String:
    case Primitive::ErrorContext:
      return false;
  }
  return false;
}

}  // namespace tenon::value
