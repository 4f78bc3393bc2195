#include "types/type.h"

#include <utility>

namespace tenon::types {

Type::Type(Kind form) : kind(std::move(form)) {}
Type::Type(const Type& other) = default;
Type::Type(Type&& other) noexcept = default;
Type& Type::operator=(const Type& other) = default;
Type& Type::operator=(Type&& other) noexcept = default;
Type::~Type() = default;

}  // namespace tenon::types
