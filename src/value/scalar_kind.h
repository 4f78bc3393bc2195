// Types whose values lists hold packed, as C++ has them.
#pragma once

#include <cstdint>
#include <type_traits>

#include "tenon/type.h"

namespace tenon::value {

// Calls `visitor` with the C++ type of a scalar kind; false for others.
template <class Visitor>
bool visit_scalar(TypeKind kind, Visitor&& visitor) {
  switch (kind) {
    case TypeKind::Bool:
      visitor(std::type_identity<bool>());
      return true;
    case TypeKind::S8:
      visitor(std::type_identity<std::int8_t>());
      return true;
    case TypeKind::U8:
      visitor(std::type_identity<std::uint8_t>());
      return true;
    case TypeKind::S16:
      visitor(std::type_identity<std::int16_t>());
      return true;
    case TypeKind::U16:
      visitor(std::type_identity<std::uint16_t>());
      return true;
    case TypeKind::S32:
      visitor(std::type_identity<std::int32_t>());
      return true;
    case TypeKind::U32:
      visitor(std::type_identity<std::uint32_t>());
      return true;
    case TypeKind::S64:
      visitor(std::type_identity<std::int64_t>());
      return true;
    case TypeKind::U64:
      visitor(std::type_identity<std::uint64_t>());
      return true;
    case TypeKind::F32:
      visitor(std::type_identity<float>());
      return true;
    case TypeKind::F64:
      visitor(std::type_identity<double>());
      return true;
    case TypeKind::Char:
      visitor(std::type_identity<char32_t>());
      return true;
    case TypeKind::String:
    case TypeKind::ErrorContext:
    case TypeKind::List:
    case TypeKind::Map:
    case TypeKind::Record:
    case TypeKind::Tuple:
    case TypeKind::Variant:
    case TypeKind::Enum:
    case TypeKind::Option:
    case TypeKind::Result:
    case TypeKind::Flags:
    case TypeKind::Own:
    case TypeKind::Borrow:
    case TypeKind::Stream:
    case TypeKind::Future:
    case TypeKind::Dynamic:
      return false;
  }
  return false;
}

// Whether lists of the kind are packed.
[[nodiscard]] inline bool is_scalar(TypeKind kind) {
  return visit_scalar(kind, [](auto /*type*/) {});
}

}  // namespace tenon::value
