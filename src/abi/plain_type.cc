#include "abi/plain_type.h"

#include <variant>

namespace tenon::abi {

std::optional<PlainType> despecialize(const types::Type& type) {
  switch (types::kind_of(type)) {
    case TypeKind::Bool:
      return PlainType{Shape::Bool};
    case TypeKind::S8:
      return PlainType{Shape::S8};
    case TypeKind::U8:
      return PlainType{Shape::U8};
    case TypeKind::S16:
      return PlainType{Shape::S16};
    case TypeKind::U16:
      return PlainType{Shape::U16};
    case TypeKind::S32:
      return PlainType{Shape::S32};
    case TypeKind::U32:
      return PlainType{Shape::U32};
    case TypeKind::S64:
      return PlainType{Shape::S64};
    case TypeKind::U64:
      return PlainType{Shape::U64};
    case TypeKind::F32:
      return PlainType{Shape::F32};
    case TypeKind::F64:
      return PlainType{Shape::F64};
    case TypeKind::Char:
      return PlainType{Shape::Char};
    case TypeKind::String:
      return PlainType{Shape::String};
    case TypeKind::List: {
      const auto& list = std::get<types::List>(type.kind);
      return PlainType{.shape = list.length ? Shape::FixedList : Shape::List,
                       .parts = types::parts_of(type),
                       .count = list.length.value_or(0)};
    }
    case TypeKind::Map:
      return PlainType{Shape::List, types::parts_of(type)};
    case TypeKind::Record:
    case TypeKind::Tuple:
      return PlainType{Shape::Record, types::parts_of(type)};
    case TypeKind::Variant:
    case TypeKind::Result:
      return PlainType{Shape::Variant, types::parts_of(type)};
    case TypeKind::Enum: {
      PlainType variant{Shape::Variant};
      variant.parts.resize(std::get<types::Enum>(type.kind).labels.size());
      return variant;
    }
    case TypeKind::Option:
      return PlainType{Shape::Variant, {std::nullopt, std::get<types::Option>(type.kind).type}};
    case TypeKind::Flags: {
      const std::size_t labels = std::get<types::Flags>(type.kind).labels.size();
      return PlainType{.shape = Shape::Flags, .count = static_cast<std::uint32_t>(labels)};
    }
    case TypeKind::Own:
    case TypeKind::Stream:
    case TypeKind::Future:
      return PlainType{Shape::Own};
    case TypeKind::Borrow:
      return PlainType{Shape::Borrow};
    case TypeKind::ErrorContext:
    case TypeKind::Dynamic:
      break;
  }
  return std::nullopt;
}

}  // namespace tenon::abi
