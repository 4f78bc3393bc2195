#include "host/c_number.h"

#include <fmt/core.h>

#include <array>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>

#include "support/check.h"

namespace tenon::host {

namespace {

struct TypeName {
  std::string_view name;
  CType type;
};

// The integer type with the size and sign of a C type, on any machine.
template <class T>
constexpr CType whole() {
  constexpr bool kSigned = std::is_signed_v<T>;
  switch (sizeof(T)) {
    case 1:
      return kSigned ? CType::S8 : CType::U8;
    case 2:
      return kSigned ? CType::S16 : CType::U16;
    case 4:
      return kSigned ? CType::S32 : CType::U32;
    default:
      return kSigned ? CType::S64 : CType::U64;
  }
}

constexpr std::array kNames = {TypeName{"bool", CType::Bool},
                               TypeName{"char", whole<char>()},
                               TypeName{"schar", CType::S8},
                               TypeName{"uchar", CType::U8},
                               TypeName{"short", whole<short>()},
                               TypeName{"ushort", whole<unsigned short>()},
                               TypeName{"int", whole<int>()},
                               TypeName{"uint", whole<unsigned>()},
                               TypeName{"long", whole<long>()},
                               TypeName{"ulong", whole<unsigned long>()},
                               TypeName{"longlong", whole<long long>()},
                               TypeName{"ulonglong", whole<unsigned long long>()},
                               TypeName{"size", whole<std::size_t>()},
                               TypeName{"ssize", whole<std::ptrdiff_t>()},
                               TypeName{"float", CType::F32},
                               TypeName{"double", CType::F64},
                               TypeName{"s8", CType::S8},
                               TypeName{"u8", CType::U8},
                               TypeName{"s16", CType::S16},
                               TypeName{"u16", CType::U16},
                               TypeName{"s32", CType::S32},
                               TypeName{"u32", CType::U32},
                               TypeName{"s64", CType::S64},
                               TypeName{"u64", CType::U64},
                               TypeName{"f32", CType::F32},
                               TypeName{"f64", CType::F64}};

// Calls `visitor` with the C++ type of `type`.
template <class Visitor>
auto visit(CType type, Visitor&& visitor) {
  switch (type) {
    case CType::S8:
      return visitor(std::type_identity<std::int8_t>());
    case CType::Bool:
    case CType::U8:
      return visitor(std::type_identity<std::uint8_t>());
    case CType::S16:
      return visitor(std::type_identity<std::int16_t>());
    case CType::U16:
      return visitor(std::type_identity<std::uint16_t>());
    case CType::S32:
      return visitor(std::type_identity<std::int32_t>());
    case CType::U32:
      return visitor(std::type_identity<std::uint32_t>());
    case CType::S64:
      return visitor(std::type_identity<std::int64_t>());
    case CType::U64:
    case CType::Pointer:
      return visitor(std::type_identity<std::uint64_t>());
    case CType::F32:
      return visitor(std::type_identity<float>());
    case CType::F64:
      return visitor(std::type_identity<double>());
  }
  TENON_CHECK(false);
  return visitor(std::type_identity<std::uint64_t>());
}

bool is_signed_kind(std::uint8_t kind) {
  return kind == TENON_S8 || kind == TENON_S16 || kind == TENON_S32 || kind == TENON_S64;
}
bool is_indexed(std::uint8_t kind) { return kind == TENON_ENUM || kind == TENON_VARIANT; }
bool is_float_kind(std::uint8_t kind) { return kind == TENON_F32 || kind == TENON_F64; }

template <class From>
bool store_whole(From number, CType type, void* to) {
  return visit(type, [&]<class T>(std::type_identity<T>) {
    if constexpr (std::is_floating_point_v<T>) {
      return false;
    } else {
      if (!std::in_range<T>(number) || (type == CType::Bool && number > From{1})) return false;
      const T made = static_cast<T>(number);
      std::memcpy(to, &made, sizeof(made));
      return true;
    }
  });
}

}  // namespace

std::size_t size_of(CType type) {
  return visit(type, []<class T>(std::type_identity<T>) { return sizeof(T); });
}

bool is_signed(CType type) {
  return visit(type, []<class T>(std::type_identity<T>) { return std::is_signed_v<T>; });
}

bool is_float(CType type) { return type == CType::F32 || type == CType::F64; }

std::optional<CType> find_c_type(std::string_view name) {
  for (const TypeName& entry : kNames)
    if (entry.name == name) return entry.type;
  return std::nullopt;
}

std::string_view name_of(CType type) {
  switch (type) {
    case CType::Bool:
      return "bool";
    case CType::S8:
      return "s8";
    case CType::U8:
      return "u8";
    case CType::S16:
      return "s16";
    case CType::U16:
      return "u16";
    case CType::S32:
      return "s32";
    case CType::U32:
      return "u32";
    case CType::S64:
      return "s64";
    case CType::U64:
      return "u64";
    case CType::F32:
      return "float";
    case CType::F64:
      return "double";
    case CType::Pointer:
      return "pointer";
  }
  return "";
}

std::vector<std::string> all_c_types() {
  std::vector<std::string> names;
  for (const TypeName& entry : kNames) names.emplace_back(entry.name);
  return names;
}

CType natural_type(std::uint8_t kind, std::size_t labels) {
  switch (kind) {
    case TENON_BOOL:
      return CType::Bool;
    case TENON_S8:
      return CType::S8;
    case TENON_U8:
      return CType::U8;
    case TENON_S16:
      return CType::S16;
    case TENON_U16:
      return CType::U16;
    case TENON_S32:
      return CType::S32;
    case TENON_S64:
      return CType::S64;
    case TENON_U64:
      return CType::U64;
    case TENON_F32:
      return CType::F32;
    case TENON_F64:
      return CType::F64;
    case TENON_FLAGS:
      return labels <= 32 ? CType::U32 : CType::U64;
    case TENON_U32:
    case TENON_CHAR:
    case TENON_ENUM:
    case TENON_VARIANT:
      return CType::U32;
    default:
      break;
  }
  TENON_CHECK(false);
  return CType::U32;
}

bool may_be(std::uint8_t kind, CType type) {
  return type != CType::Pointer && is_float_kind(kind) == is_float(type);
}

bool has_same_bits(std::uint8_t kind, std::size_t labels, CType type) {
  const CType natural = natural_type(kind, labels);
  if (natural == type) return true;
  // The index of a case is stored apart, in four bytes.
  if (is_float(natural) || is_float(type) || is_indexed(kind)) return false;
  if (size_of(type) < size_of(natural) || type == CType::Bool) return false;
  return is_signed_kind(kind) ? is_signed(type)
                              : size_of(type) > size_of(natural) || !is_signed(type);
}

const void* bytes_of(const tenon_value& value) {
  return is_indexed(value.kind) ? static_cast<const void*>(&value.index) : &value.of;
}

bool store_number(const tenon_value& value, CType type, void* to) {
  if (is_float_kind(value.kind)) {
    const double number = value.kind == TENON_F32 ? double{value.of.f32} : value.of.f64;
    if (type == CType::F32) {
      const auto narrow = static_cast<float>(number);
      std::memcpy(to, &narrow, sizeof(narrow));
    } else {
      std::memcpy(to, &number, sizeof(number));
    }
    return true;
  }
  if (is_indexed(value.kind)) return store_integer(std::uint64_t{value.index}, type, to);
  return is_signed_kind(value.kind) ? store_integer(value.of.s, type, to)
                                    : store_integer(value.of.u, type, to);
}

std::optional<std::string> load_number(const void* from, CType type, std::uint8_t kind,
                                       tenon_value& made) {
  made.kind = kind;
  if (is_float(type)) {
    const double number = visit(type, [&]<class T>(std::type_identity<T>) {
      T bits;
      std::memcpy(&bits, from, sizeof(bits));
      return static_cast<double>(bits);
    });
    // Without a conversion, the bits of a NaN are kept.
    if (kind == TENON_F32 && type == CType::F32)
      std::memcpy(&made.of.f32, from, sizeof(float));
    else if (kind == TENON_F32)
      made.of.f32 = static_cast<float>(number);
    else if (type == CType::F64)
      std::memcpy(&made.of.f64, from, sizeof(double));
    else
      made.of.f64 = number;
    return std::nullopt;
  }
  const std::int64_t number = load_integer(from, type);
  if (is_signed_kind(kind)) {
    if (!is_signed(type) && number < 0)
      return fmt::format("{}", static_cast<std::uint64_t>(number));
    made.of.s = number;
    return std::nullopt;
  }
  if (is_signed(type) && number < 0) return fmt::format("{}", number);
  const auto bits = static_cast<std::uint64_t>(number);
  if (!is_indexed(kind)) {
    made.of.u = bits;
    return std::nullopt;
  }
  if (bits > std::numeric_limits<std::uint32_t>::max()) return fmt::format("case {}", bits);
  made.index = static_cast<std::uint32_t>(bits);
  return std::nullopt;
}

bool store_integer(std::int64_t number, CType type, void* to) {
  return store_whole(number, type, to);
}

bool store_integer(std::uint64_t number, CType type, void* to) {
  return store_whole(number, type, to);
}

std::int64_t load_integer(const void* from, CType type) {
  return visit(type, [&]<class T>(std::type_identity<T>) {
    T bits;
    std::memcpy(&bits, from, sizeof(bits));
    return static_cast<std::int64_t>(bits);
  });
}

}  // namespace tenon::host
