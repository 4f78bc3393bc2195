#include "host/c_types.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>
#include <variant>

#include "host/native_values.h"
#include "support/check.h"
#include "value/scalar_kind.h"

namespace tenon::host {

namespace {

// --- Numbers

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
      const T converted = static_cast<T>(number);
      std::memcpy(to, &converted, sizeof(converted));
      return true;
    }
  });
}

// --- Plain data

// A type that is not plain data, for messages.
std::string_view article_of(const types::Type& type) {
  struct Names {
    std::string_view operator()(types::Primitive kind) const {
      return kind == types::Primitive::String ? "a string" : "an error-context";
    }
    std::string_view operator()(const types::Variant&) const { return "a variant"; }
    std::string_view operator()(const types::List&) const { return "a list"; }
    std::string_view operator()(const types::Map&) const { return "a map"; }
    std::string_view operator()(const types::Option&) const { return "an option"; }
    std::string_view operator()(const types::ResultType&) const { return "a result"; }
    std::string_view operator()(const types::Own&) const { return "a handle"; }
    std::string_view operator()(const types::Borrow&) const { return "a handle"; }
    std::string_view operator()(const types::Stream&) const { return "a stream"; }
    std::string_view operator()(const types::Future&) const { return "a future"; }
    std::string_view operator()(const types::Flags&) const {
      return "flags with 65 or more labels";
    }
    std::string_view operator()(const types::Record&) const { return "a record"; }
    std::string_view operator()(const types::Tuple&) const { return "a tuple"; }
    std::string_view operator()(const types::Enum&) const { return "an enum"; }
    std::string_view operator()(const types::Dynamic&) const { return "a value of any type"; }
  };
  return std::visit(Names(), type.kind);
}

std::size_t round_up(std::size_t size, std::size_t align) {
  return (size + align - 1) / align * align;
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
                                       tenon_value& value) {
  value.kind = kind;
  if (is_float(type)) {
    const double number = visit(type, [&]<class T>(std::type_identity<T>) {
      T bits;
      std::memcpy(&bits, from, sizeof(bits));
      return static_cast<double>(bits);
    });
    // Without a conversion, the bits of a NaN are kept.
    if (kind == TENON_F32 && type == CType::F32)
      std::memcpy(&value.of.f32, from, sizeof(float));
    else if (kind == TENON_F32)
      value.of.f32 = static_cast<float>(number);
    else if (type == CType::F64)
      std::memcpy(&value.of.f64, from, sizeof(double));
    else
      value.of.f64 = number;
    return std::nullopt;
  }
  const std::int64_t number = load_integer(from, type);
  if (is_signed_kind(kind)) {
    if (!is_signed(type) && number < 0)
      return fmt::format("{}", static_cast<std::uint64_t>(number));
    value.of.s = number;
    return std::nullopt;
  }
  if (is_signed(type) && number < 0) return fmt::format("{}", number);
  const auto bits = static_cast<std::uint64_t>(number);
  if (!is_indexed(kind)) {
    value.of.u = bits;
    return std::nullopt;
  }
  if (bits > std::numeric_limits<std::uint32_t>::max()) return fmt::format("case {}", bits);
  value.index = static_cast<std::uint32_t>(bits);
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

std::optional<std::uint8_t> number_kind(const types::Type& type) {
  const TypeKind kind = types::kind_of(type);
  if (value::is_scalar(kind) || kind == TypeKind::Enum) return native_kind(kind);
  if (const auto* const flags = std::get_if<types::Flags>(&type.kind))
    return flags->labels.size() <= 64 ? std::optional<std::uint8_t>(TENON_FLAGS) : std::nullopt;
  if (const auto* const variant = std::get_if<types::Variant>(&type.kind)) {
    const bool is_plain = std::ranges::none_of(variant->cases, [](const types::Case& variant_case) {
      return variant_case.type.has_value();
    });
    return is_plain ? std::optional<std::uint8_t>(TENON_VARIANT) : std::nullopt;
  }
  return std::nullopt;
}

std::size_t label_count(const types::Type& type) {
  const auto* const flags = std::get_if<types::Flags>(&type.kind);
  return flags == nullptr ? 0 : flags->labels.size();
}

// Recursion is bounded by the depth of types.
Result<CShapeId, std::string> CShapes::add(types::TypeId type) {
  const auto known = done_.find(type);
  if (known != done_.end()) return known->second;
  Result<CShapeId, std::string> shape = make(types_.types[type]);
  if (shape) done_.emplace(type, *shape);
  return shape;
}

std::optional<CElements> CShapes::add_elements(types::TypeId id) {
  const types::Type& type = types_.types[id];
  const auto* const primitive = std::get_if<types::Primitive>(&type.kind);
  if (primitive != nullptr && *primitive == types::Primitive::String)
    return CElements{.kind = TENON_STRING};
  const auto* const list = std::get_if<types::List>(&type.kind);
  if (list == nullptr || list->length) return std::nullopt;
  const std::optional<std::uint8_t> number = number_kind(types_.types[list->element]);
  if (number && *number <= TENON_CHAR) return CElements{.kind = *number};
  const Result<CShapeId, std::string> shape = add(list->element);
  if (!shape) return std::nullopt;
  return CElements{.kind = TENON_LIST, .shape = *shape};
}

Result<CShapeId, std::string> CShapes::make(const types::Type& type) {
  if (const std::optional<std::uint8_t> kind = number_kind(type)) {
    CShape shape{.kind = *kind, .labels = label_count(type)};
    shape.type = natural_type(*kind, shape.labels);
    shape.size = shape.align = size_of(shape.type);
    return shapes_.add(std::move(shape));
  }
  if (const auto* const record = std::get_if<types::Record>(&type.kind)) {
    std::vector<types::TypeId> parts;
    for (const types::Field& field : record->fields) parts.push_back(field.type);
    return add_struct(TENON_RECORD, parts);
  }
  if (const auto* const tuple = std::get_if<types::Tuple>(&type.kind))
    return add_struct(TENON_TUPLE, tuple->types);
  if (const auto* const list = std::get_if<types::List>(&type.kind);
      list != nullptr && list->length) {
    const std::optional<std::uint8_t> element = number_kind(types_.types[list->element]);
    if (!element || *element > TENON_CHAR)
      return std::string("a list of fixed length is plain data only if its elements are numbers");
    CShape shape{.kind = TENON_PACKED, .element = *element, .length = *list->length};
    shape.align = size_of(natural_type(*element, 0));
    // A type without bytes could be nested without limit.
    if (*list->length == 0) return std::string("a list of length 0 is not plain data");
    shape.size = shape.align * std::size_t{*list->length};
    if (shape.size > kMostStructBytes)
      return fmt::format("its struct is larger than the limit of {} bytes", kMostStructBytes);
    return shapes_.add(std::move(shape));
  }
  if (const auto* const variant = std::get_if<types::Variant>(&type.kind))
    return add_variant(*variant);
  if (const auto* const list = std::get_if<types::List>(&type.kind); list != nullptr)
    if (const Result<CShapeId, std::string> element = add(list->element); !element)
      return fmt::format("the elements of a list must be plain data: {}", element.error());
  return fmt::format("{} is not plain data", article_of(type));
}

Result<CShapeId, std::string> CShapes::add_variant(const types::Variant& variant) {
  CShape layout{.kind = TENON_VARIANT, .align = alignof(std::uint32_t)};
  std::size_t payload = 0;
  for (const types::Case& each : variant.cases) {
    CField& field = layout.fields.emplace_back();
    if (!each.type) continue;
    const Result<CShapeId, std::string> shape = add(*each.type);
    if (!shape) return shape.error();
    field.shape = *shape;
    layout.align = std::max(layout.align, shapes_[*shape].align);
    payload = std::max(payload, shapes_[*shape].size);
  }
  const std::size_t offset = round_up(sizeof(std::uint32_t), layout.align);
  for (CField& field : layout.fields) field.offset = offset;
  layout.size = round_up(offset + payload, layout.align);
  if (layout.size > kMostStructBytes)
    return fmt::format("its struct is larger than the limit of {} bytes", kMostStructBytes);
  return shapes_.add(std::move(layout));
}

Result<CShapeId, std::string> CShapes::add_struct(std::uint8_t kind,
                                                  const std::vector<types::TypeId>& parts) {
  CShape layout{.kind = kind};
  if (parts.empty()) return std::string("a record or tuple without fields is not plain data");
  for (const types::TypeId part : parts) {
    const Result<CShapeId, std::string> shape = add(part);
    if (!shape) return shape.error();
    const CShape& field = shapes_[*shape];
    layout.align = std::max(layout.align, field.align);
    layout.size = round_up(layout.size, field.align);
    layout.fields.push_back({*shape, layout.size});
    layout.size += field.size;
    if (layout.size > kMostStructBytes)
      return fmt::format("its struct is larger than the limit of {} bytes", kMostStructBytes);
  }
  layout.size = round_up(layout.size, layout.align);
  return shapes_.add(std::move(layout));
}

void store_shape(const Arena<CShape>& shapes, CShapeId id, const tenon_value& value,
                 std::uint8_t* to) {
  const CShape& shape = shapes[id];
  if (shape.kind == TENON_PACKED) {
    if (shape.size > 0) std::memcpy(to, value.of.packed.ptr, shape.size);
    return;
  }
  if (shape.kind == TENON_VARIANT && !shape.fields.empty()) {
    std::memcpy(to, &value.index, sizeof(value.index));
    const CField& field = shape.fields[value.index];
    if (field.shape.is_valid())
      store_shape(shapes, field.shape, *value.of.payload, to + field.offset);
    return;
  }
  if (shape.kind != TENON_RECORD && shape.kind != TENON_TUPLE) {
    // The natural C type of a WIT type can hold each of its values.
    TENON_CHECK(store_number(value, shape.type, to));
    return;
  }
  for (std::size_t i = 0; i < shape.fields.size(); ++i)
    store_shape(shapes, shape.fields[i].shape, value.of.items.ptr[i], to + shape.fields[i].offset);
}

std::optional<std::string> load_shape(const Arena<CShape>& shapes, CShapeId id,
                                      const std::uint8_t* from, CallMemory& memory,
                                      tenon_value& value) {
  const CShape& shape = shapes[id];
  if (shape.kind == TENON_PACKED) {
    auto* const copy = static_cast<std::uint8_t*>(memory.allocate(shape.size, shape.align));
    if (copy == nullptr) return "more data than the memory of a call can hold";
    std::memcpy(copy, from, shape.size);
    value.kind = TENON_PACKED;
    value.elem = shape.element;
    value.of.packed = {copy, shape.length};
    return std::nullopt;
  }
  if (shape.kind == TENON_VARIANT && !shape.fields.empty()) {
    value.kind = TENON_VARIANT;
    std::memcpy(&value.index, from, sizeof(value.index));
    if (value.index >= shape.fields.size())
      return fmt::format("case {} does not exist, the type has {} cases", value.index,
                         shape.fields.size());
    const CField& field = shape.fields[value.index];
    if (!field.shape.is_valid()) return std::nullopt;
    value.of.payload = memory.allocate<tenon_value>(1);
    if (value.of.payload == nullptr) return "more data than the memory of a call can hold";
    return load_shape(shapes, field.shape, from + field.offset, memory, *value.of.payload);
  }
  if (shape.kind != TENON_RECORD && shape.kind != TENON_TUPLE)
    return load_number(from, shape.type, shape.kind, value);
  auto* const items = memory.allocate<tenon_value>(shape.fields.size());
  if (items == nullptr) return "more data than the memory of a call can hold";
  value.kind = shape.kind;
  value.of.items = {items, shape.fields.size()};
  for (std::size_t i = 0; i < shape.fields.size(); ++i)
    if (auto wrong = load_shape(shapes, shape.fields[i].shape, from + shape.fields[i].offset,
                                memory, items[i]))
      return wrong;
  return std::nullopt;
}

}  // namespace tenon::host
