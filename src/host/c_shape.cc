#include "host/c_shape.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>
#include <variant>

#include "support/check.h"

namespace tenon::host {

namespace {

std::optional<std::uint8_t> kind_of(types::Primitive kind) {
  switch (kind) {
    case types::Primitive::Bool:
      return TENON_BOOL;
    case types::Primitive::S8:
      return TENON_S8;
    case types::Primitive::U8:
      return TENON_U8;
    case types::Primitive::S16:
      return TENON_S16;
    case types::Primitive::U16:
      return TENON_U16;
    case types::Primitive::S32:
      return TENON_S32;
    case types::Primitive::U32:
      return TENON_U32;
    case types::Primitive::S64:
      return TENON_S64;
    case types::Primitive::U64:
      return TENON_U64;
    case types::Primitive::F32:
      return TENON_F32;
    case types::Primitive::F64:
      return TENON_F64;
    case types::Primitive::Char:
      return TENON_CHAR;
    case types::Primitive::String:
    case types::Primitive::ErrorContext:
      break;
  }
  return std::nullopt;
}

// A type that is not plain data, for messages.
std::string_view article_of(const types::Types& types, const types::Type& type) {
  struct Names {
    const types::Types& types;
    std::string_view operator()(types::Primitive kind) const {
      return kind == types::Primitive::String ? "a string" : "an error-context";
    }
    std::string_view operator()(const types::Variant&) const { return "a variant with payloads"; }
    std::string_view operator()(const types::List& list) const {
      return number_kind(types.types[list.element]) ? "a list"
                                                    : "a list of elements other than numbers";
    }
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
  return std::visit(Names{types}, type.kind);
}

std::size_t round_up(std::size_t size, std::size_t align) {
  return (size + align - 1) / align * align;
}

}  // namespace

std::optional<std::uint8_t> number_kind(const types::Type& type) {
  if (const auto* const primitive = std::get_if<types::Primitive>(&type.kind))
    return kind_of(*primitive);
  if (std::holds_alternative<types::Enum>(type.kind)) return TENON_ENUM;
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

std::optional<std::uint8_t> element_kind(const types::Types& types, const types::Type& type) {
  const auto* const primitive = std::get_if<types::Primitive>(&type.kind);
  if (primitive != nullptr && *primitive == types::Primitive::String) return TENON_STRING;
  const auto* const list = std::get_if<types::List>(&type.kind);
  if (list == nullptr || list->length) return std::nullopt;
  const std::optional<std::uint8_t> element = number_kind(types.types[list->element]);
  return element && *element <= TENON_CHAR ? element : std::nullopt;
}

std::size_t label_count(const types::Type& type) {
  const auto* const flags = std::get_if<types::Flags>(&type.kind);
  return flags == nullptr ? 0 : flags->labels.size();
}

// Recursion is bounded by the depth of types.
Result<CShapeId, std::string> CShapes::add(types::TypeId type) {
  const auto found = done_.find(type);
  if (found != done_.end()) return found->second;
  Result<CShapeId, std::string> made = make(types_.types[type]);
  if (made) done_.emplace(type, *made);
  return made;
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
  return fmt::format("{} is not plain data", article_of(types_, type));
}

Result<CShapeId, std::string> CShapes::add_struct(std::uint8_t kind,
                                                  const std::vector<types::TypeId>& parts) {
  CShape made{.kind = kind};
  if (parts.empty()) return std::string("a record or tuple without fields is not plain data");
  for (const types::TypeId part : parts) {
    const Result<CShapeId, std::string> shape = add(part);
    if (!shape) return shape.error();
    const CShape& field = shapes_[*shape];
    made.align = std::max(made.align, field.align);
    made.size = round_up(made.size, field.align);
    made.fields.push_back({*shape, made.size});
    made.size += field.size;
    if (made.size > kMostStructBytes)
      return fmt::format("its struct is larger than the limit of {} bytes", kMostStructBytes);
  }
  made.size = round_up(made.size, made.align);
  return shapes_.add(std::move(made));
}

void store_shape(const Arena<CShape>& shapes, CShapeId id, const tenon_value& value,
                 std::uint8_t* to) {
  const CShape& shape = shapes[id];
  if (shape.kind == TENON_PACKED) {
    if (shape.size > 0) std::memcpy(to, value.of.packed.ptr, shape.size);
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
                                      tenon_value& made) {
  const CShape& shape = shapes[id];
  if (shape.kind == TENON_PACKED) {
    auto* const copy = static_cast<std::uint8_t*>(memory.allocate(shape.size, shape.align));
    if (copy == nullptr) return "more data than the memory of a call can hold";
    std::memcpy(copy, from, shape.size);
    made.kind = TENON_PACKED;
    made.elem = shape.element;
    made.of.packed = {copy, shape.length};
    return std::nullopt;
  }
  if (shape.kind != TENON_RECORD && shape.kind != TENON_TUPLE)
    return load_number(from, shape.type, shape.kind, made);
  auto* const items = memory.allocate<tenon_value>(shape.fields.size());
  if (items == nullptr) return "more data than the memory of a call can hold";
  made.kind = shape.kind;
  made.of.items = {items, shape.fields.size()};
  for (std::size_t i = 0; i < shape.fields.size(); ++i)
    if (auto wrong = load_shape(shapes, shape.fields[i].shape, from + shape.fields[i].offset,
                                memory, items[i]))
      return wrong;
  return std::nullopt;
}

}  // namespace tenon::host
