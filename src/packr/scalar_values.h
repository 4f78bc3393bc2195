// Values with a fixed width: each kind of node corresponds to a C++ type in `Value`, and an array
// of them to a list that `Value` stores without gaps.
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

// The value of a node with a fixed width. Returns nothing for flags, because their labels are not
// on the wire, and for all other kinds.
[[nodiscard]] std::optional<Value> scalar_value(NodeKind kind, std::uint64_t bits);
[[nodiscard]] std::optional<Value> scalar_value(NodeView node);

// An array as a list. Returns nothing for flags.
[[nodiscard]] std::optional<Value> packed_value(const ArrayView& array);

// The kind of the elements, if the list stores them without gaps and is not empty.
[[nodiscard]] std::optional<NodeKind> packed_kind(const ValueList& list);

// Writes the list as an array. Returns false if its elements are not of that kind.
[[nodiscard]] bool add_packed_array(GraphWriter& writer, NodeKind kind, const ValueList& list);

}  // namespace tenon::packr
