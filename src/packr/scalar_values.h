// Values of fixed width: a kind each on the wire, a C++ type each in `Value`, and lists of them,
// arrays there and packed here.
#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <type_traits>

#include "packr/graph_view.h"
#include "packr/graph_writer.h"
#include "tenon/value.h"

namespace tenon::packr {

template <class T>
constexpr NodeKind kind_of_scalar() {
  if constexpr (std::is_same_v<T, bool>) return NodeKind::Bool;
  if constexpr (std::is_same_v<T, char32_t>) return NodeKind::Char;
  if constexpr (std::is_same_v<T, std::int8_t>) return NodeKind::S8;
  if constexpr (std::is_same_v<T, std::int16_t>) return NodeKind::S16;
  if constexpr (std::is_same_v<T, std::int32_t>) return NodeKind::S32;
  if constexpr (std::is_same_v<T, std::int64_t>) return NodeKind::S64;
  if constexpr (std::is_same_v<T, std::uint8_t>) return NodeKind::U8;
  if constexpr (std::is_same_v<T, std::uint16_t>) return NodeKind::U16;
  if constexpr (std::is_same_v<T, std::uint32_t>) return NodeKind::U32;
  if constexpr (std::is_same_v<T, std::uint64_t>) return NodeKind::U64;
  if constexpr (std::is_same_v<T, float>) return NodeKind::F32;
  if constexpr (std::is_same_v<T, double>) return NodeKind::F64;
}

template <class T>
std::uint64_t bits_of(T value) {
  if constexpr (std::is_same_v<T, float>)
    return std::bit_cast<std::uint32_t>(value);
  else if constexpr (std::is_same_v<T, double>)
    return std::bit_cast<std::uint64_t>(value);
  else
    return static_cast<std::make_unsigned_t<std::conditional_t<std::is_same_v<T, bool>, char, T>>>(
        value);
}

// Of a node of fixed width; nothing for flags, whose labels the wire does not have, and for others.
[[nodiscard]] std::optional<Value> scalar_value(NodeKind kind, std::uint64_t bits);
[[nodiscard]] std::optional<Value> scalar_value(NodeView node);

// A list of the elements; nothing for flags.
[[nodiscard]] std::optional<Value> packed_value(const ArrayView& array);

// The kind of what a list of plain numbers holds; nothing for other lists, and for an empty one.
[[nodiscard]] std::optional<NodeKind> packed_kind(const ValueList& list);

// Adds an array of elements that are held so; false: they are not.
[[nodiscard]] bool add_packed_array(GraphWriter& writer, NodeKind kind, const ValueList& list);

}  // namespace tenon::packr
