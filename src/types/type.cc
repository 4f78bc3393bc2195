#include "types/type.h"

#include <utility>

namespace tenon::types {

Type::Type(Kind form) : kind(std::move(form)) {}
Type::Type(const Type& other) = default;
Type::Type(Type&& other) noexcept = default;
Type& Type::operator=(const Type& other) = default;
Type& Type::operator=(Type&& other) noexcept = default;
Type::~Type() = default;

TypeKind kind_of(Primitive kind) {
  switch (kind) {
    case Primitive::Bool:
      return TypeKind::Bool;
    case Primitive::S8:
      return TypeKind::S8;
    case Primitive::U8:
      return TypeKind::U8;
    case Primitive::S16:
      return TypeKind::S16;
    case Primitive::U16:
      return TypeKind::U16;
    case Primitive::S32:
      return TypeKind::S32;
    case Primitive::U32:
      return TypeKind::U32;
    case Primitive::S64:
      return TypeKind::S64;
    case Primitive::U64:
      return TypeKind::U64;
    case Primitive::F32:
      return TypeKind::F32;
    case Primitive::F64:
      return TypeKind::F64;
    case Primitive::Char:
      return TypeKind::Char;
    case Primitive::String:
      return TypeKind::String;
    case Primitive::ErrorContext:
      return TypeKind::ErrorContext;
  }
  return TypeKind::ErrorContext;
}

TypeKind kind_of(const Type& type) {
  struct Kinds {
    TypeKind operator()(Primitive kind) const { return kind_of(kind); }
    TypeKind operator()(const Record&) const { return TypeKind::Record; }
    TypeKind operator()(const Variant&) const { return TypeKind::Variant; }
    TypeKind operator()(const List&) const { return TypeKind::List; }
    TypeKind operator()(const Map&) const { return TypeKind::Map; }
    TypeKind operator()(const Tuple&) const { return TypeKind::Tuple; }
    TypeKind operator()(const Flags&) const { return TypeKind::Flags; }
    TypeKind operator()(const Enum&) const { return TypeKind::Enum; }
    TypeKind operator()(const Option&) const { return TypeKind::Option; }
    TypeKind operator()(const ResultType&) const { return TypeKind::Result; }
    TypeKind operator()(const Own&) const { return TypeKind::Own; }
    TypeKind operator()(const Borrow&) const { return TypeKind::Borrow; }
    TypeKind operator()(const Stream&) const { return TypeKind::Stream; }
    TypeKind operator()(const Future&) const { return TypeKind::Future; }
    TypeKind operator()(const Dynamic&) const { return TypeKind::Dynamic; }
  };
  return std::visit(Kinds(), type.kind);
}

std::vector<std::optional<TypeId>> parts_of(const Type& type) {
  std::vector<std::optional<TypeId>> parts;
  const auto add = [&](const std::optional<TypeId>& part) { parts.push_back(part); };
  for_each_place(type, add, add, [](ResourceId) {});
  return parts;
}

}  // namespace tenon::types
