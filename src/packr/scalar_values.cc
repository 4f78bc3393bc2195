#include "packr/scalar_values.h"

#include <algorithm>
#include <cstring>
#include <vector>

namespace tenon::packr {

static_assert(std::endian::native == std::endian::little, "arrays are copied without conversion");

namespace {

template <class... T>
struct Scalars {
  // Calls `visit` with each type until it returns true.
  static bool any_of(auto&& visit) { return (visit(std::type_identity<T>()) || ...); }
};

using AllScalars =
    Scalars<bool, char32_t, std::int8_t, std::int16_t, std::int32_t, std::int64_t, std::uint8_t,
            std::uint16_t, std::uint32_t, std::uint64_t, float, double>;

// Returns `use` of the C++ type of a kind, or `result` if the kind has none.
template <class Outcome>
Outcome with_scalar(NodeKind kind, Outcome result, auto&& use) {
  AllScalars::any_of([&]<class T>(std::type_identity<T> type) {
    if (kind != kind_of_scalar<T>()) return false;
    result = use(type);
    return true;
  });
  return result;
}

template <class T>
T of_bits(std::uint64_t bits) {
  if constexpr (std::is_same_v<T, bool>)
    return bits != 0;
  else if constexpr (std::is_same_v<T, float>)
    return std::bit_cast<float>(static_cast<std::uint32_t>(bits));
  else if constexpr (std::is_same_v<T, double>)
    return std::bit_cast<double>(bits);
  else
    return static_cast<T>(bits);
}

Value value_of(bool value) { return Value::boolean(value); }
Value value_of(char32_t value) { return Value::character(value); }
Value value_of(std::int8_t value) { return Value::s8(value); }
Value value_of(std::int16_t value) { return Value::s16(value); }
Value value_of(std::int32_t value) { return Value::s32(value); }
Value value_of(std::int64_t value) { return Value::s64(value); }
Value value_of(std::uint8_t value) { return Value::u8(value); }
Value value_of(std::uint16_t value) { return Value::u16(value); }
Value value_of(std::uint32_t value) { return Value::u32(value); }
Value value_of(std::uint64_t value) { return Value::u64(value); }
Value value_of(float value) { return Value::f32(value); }
Value value_of(double value) { return Value::f64(value); }

template <class T>
Value read_packed(const ArrayView& array) {
  std::vector<T> elements(array.count);
  if constexpr (std::is_same_v<T, bool>)
    std::transform(array.bytes.begin(), array.bytes.end(), elements.begin(),
                   [](std::uint8_t byte) { return byte != 0; });
  else if (!elements.empty())
    std::memcpy(elements.data(), array.bytes.data(), array.bytes.size());
  return Value::list(std::move(elements));
}

template <class T>
bool add_packed(GraphWriter& writer, const ValueList& list) {
  const std::vector<T>* const elements = list.get_if<T>();
  if (elements == nullptr) return false;
  if constexpr (std::is_same_v<T, bool>) {
    const std::vector<std::uint8_t> bytes(elements->begin(), elements->end());
    writer.add_array(NodeKind::Bool, bytes);
  } else {
    writer.add_array(kind_of_scalar<T>(), {reinterpret_cast<const std::uint8_t*>(elements->data()),
                                           elements->size() * sizeof(T)});
  }
  return true;
}

}  // namespace

std::optional<Value> scalar_value(NodeKind kind, std::uint64_t bits) {
  return with_scalar(kind, std::optional<Value>(), [&]<class T>(std::type_identity<T>) {
    return std::optional(value_of(of_bits<T>(bits)));
  });
}

std::optional<Value> scalar_value(NodeView node) {
  return fixed_width(node.kind()) == 0 ? std::nullopt : scalar_value(node.kind(), node.bits());
}

std::optional<Value> packed_value(const ArrayView& array) {
  return with_scalar(array.element, std::optional<Value>(), [&]<class T>(std::type_identity<T>) {
    return std::optional(read_packed<T>(array));
  });
}

std::optional<NodeKind> packed_kind(const ValueList& list) {
  std::optional<NodeKind> kind;
  if (list.empty()) return std::nullopt;
  AllScalars::any_of([&]<class T>(std::type_identity<T>) {
    if (list.get_if<T>() != nullptr) kind = kind_of_scalar<T>();
    return kind.has_value();
  });
  return kind;
}

bool add_packed_array(GraphWriter& writer, NodeKind kind, const ValueList& list) {
  return with_scalar(kind, false,
                     [&]<class T>(std::type_identity<T>) { return add_packed<T>(writer, list); });
}

}  // namespace tenon::packr
