// Test support: compares a view with a tree, through every function of the view.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "packr/graph_value.h"
#include "packr/graph_view.h"

namespace tenon::packr {

inline bool is_same_type(TypeView view, const GraphType& type) {
  if (view.kind() != type.kind || view.part_count() != type.parts.size()) return false;
  const bool is_named = type.kind == NodeKind::Record || type.kind == NodeKind::Variant;
  if (is_named && view.name() != type.name) return false;
  for (std::uint32_t i = 0; i < view.part_count(); ++i)
    if (!is_same_type(view.part(i), type.parts[i])) return false;
  std::vector<std::uint8_t> bytes;
  append_type(bytes, type, GraphVersion::V3);
  return view == TypeView(bytes);
}

inline bool is_same(NodeView node, const GraphValue& value);

inline bool are_same(const NodeSequence& nodes, const std::vector<GraphValue>& values) {
  if (nodes.size() != values.size()) return false;
  std::size_t i = 0;
  for (const NodeView node : nodes)
    if (!is_same(node, values[i++])) return false;
  return true;
}

inline bool is_same_scalar(NodeView node, const GraphScalar& scalar) {
  if (node.bits() != scalar.bits) return false;
  const auto integer = static_cast<std::int64_t>(scalar.bits);
  switch (scalar.kind) {
    case NodeKind::Bool:
      return node.boolean() == (scalar.bits == 1);
    case NodeKind::U8:
    case NodeKind::U16:
    case NodeKind::U32:
    case NodeKind::U64:
      return node.unsigned_integer() == scalar.bits;
    case NodeKind::S8:
      return node.signed_integer() == static_cast<std::int8_t>(integer);
    case NodeKind::S16:
      return node.signed_integer() == static_cast<std::int16_t>(integer);
    case NodeKind::S32:
      return node.signed_integer() == static_cast<std::int32_t>(integer);
    case NodeKind::S64:
      return node.signed_integer() == integer;
    case NodeKind::F32:
      return std::bit_cast<std::uint32_t>(node.f32()) == scalar.bits;
    case NodeKind::F64:
      return std::bit_cast<std::uint64_t>(node.f64()) == scalar.bits;
    case NodeKind::Char:
      return node.character() == scalar.bits;
    case NodeKind::Flags:
      return node.flags() == scalar.bits;
    case NodeKind::String:
    case NodeKind::List:
    case NodeKind::Variant:
    case NodeKind::Record:
    case NodeKind::Option:
    case NodeKind::Tuple:
    case NodeKind::Result:
    case NodeKind::Array:
    case NodeKind::Map:
    case NodeKind::Set:
      return false;
  }
  return false;
}

inline bool is_same_array(const ArrayView& view, const GraphArray& array) {
  const std::size_t width = fixed_width(array.element);
  if (view.element != array.element || view.count * width != array.bytes.size()) return false;
  for (std::uint32_t i = 0; i < view.count; ++i) {
    std::uint64_t bits = 0;
    for (std::size_t k = 0; k < width; ++k)
      bits |= std::uint64_t{array.bytes[i * width + k]} << (8 * k);
    if (view.bits(i) != bits) return false;
  }
  return true;
}

inline bool is_same_record(const RecordView& view, const GraphRecord& record) {
  if (view.type_name != record.type_name || view.fields.size() != record.fields.size())
    return false;
  std::uint32_t i = 0;
  for (const FieldView field : view.fields) {
    const GraphField& other = record.fields[i];
    if (field.name != other.name || !is_same(field.value, other.value)) return false;
    // `find` returns the first field with the name.
    const auto named = std::ranges::find(record.fields, other.name, &GraphField::name);
    const std::optional<NodeView> found = view.fields.find(other.name);
    if (!found || found->kind() != kind_of(named->value)) return false;
    if (view.fields.values()[i].kind() != field.value.kind()) return false;
    ++i;
  }
  return !view.fields.find("no field has this name");
}

inline bool is_same(NodeView node, const GraphValue& value) {
  if (node.kind() != kind_of(value)) return false;
  if (const auto* const scalar = std::get_if<GraphScalar>(&value.of))
    return is_same_scalar(node, *scalar);
  if (const auto* const text = std::get_if<std::string>(&value.of)) return node.string() == *text;
  if (const auto* const tuple = std::get_if<GraphTuple>(&value.of))
    return are_same(node.tuple(), tuple->items);
  if (const auto* const list = std::get_if<GraphList>(&value.of))
    return is_same_type(node.list().element, list->element) &&
           are_same(node.list().items, list->items);
  if (const auto* const array = std::get_if<GraphArray>(&value.of))
    return is_same_array(node.array(), *array);
  if (const auto* const record = std::get_if<GraphRecord>(&value.of))
    return is_same_record(node.record(), *record);
  if (const auto* const variant = std::get_if<GraphVariant>(&value.of)) {
    const VariantView view = node.variant();
    return view.type_name == variant->type_name && view.case_name == variant->case_name &&
           view.tag == variant->tag && are_same(view.payload, variant->payload);
  }
  if (const auto* const option = std::get_if<GraphOption>(&value.of)) {
    const OptionView view = node.option();
    return is_same_type(view.inner, option->inner) &&
           view.value.has_value() == option->value.has_value() &&
           (!view.value || is_same(*view.value, **option->value));
  }
  if (const auto* const set = std::get_if<GraphSet>(&value.of))
    return is_same_type(node.set().element, set->element) && are_same(node.set().items, set->items);
  if (const auto* const map = std::get_if<GraphMap>(&value.of)) {
    const MapView view = node.map();
    return is_same_type(view.key, map->key) && is_same_type(view.value, map->value) &&
           are_same(view.parts, map->parts);
  }
  const GraphResult& result = std::get<GraphResult>(value.of);
  const ResultView view = node.result();
  return is_same_type(view.ok, result.ok) && is_same_type(view.err, result.err) &&
         view.side == result.side && is_same(view.value, *result.value);
}

}  // namespace tenon::packr
