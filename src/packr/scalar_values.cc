#include "packr/packed_list.h"

#include <vector>

namespace tenon::packr {

static_assert(std::endian::native == std::endian::little, "arrays are copied as they lie");

namespace {

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

std::optional<NodeKind> packed_kind(const ValueList& list) {
  std::optional<NodeKind> kind;
  const auto look = [&]<class T>(std::type_identity<T>) {
    if (!kind && list.get_if<T>() != nullptr) kind = kind_of_scalar<T>();
  };
  if (list.empty()) return std::nullopt;
  look(std::type_identity<bool>());
  look(std::type_identity<char32_t>());
  look(std::type_identity<std::int8_t>());
  look(std::type_identity<std::int16_t>());
  look(std::type_identity<std::int32_t>());
  look(std::type_identity<std::int64_t>());
  look(std::type_identity<std::uint8_t>());
  look(std::type_identity<std::uint16_t>());
  look(std::type_identity<std::uint32_t>());
  look(std::type_identity<std::uint64_t>());
  look(std::type_identity<float>());
  look(std::type_identity<double>());
  return kind;
}

bool add_packed_array(GraphWriter& writer, NodeKind kind, const ValueList& list) {
  switch (kind) {
    case NodeKind::Bool:
      return add_packed<bool>(writer, list);
    case NodeKind::Char:
      return add_packed<char32_t>(writer, list);
    case NodeKind::S8:
      return add_packed<std::int8_t>(writer, list);
    case NodeKind::S16:
      return add_packed<std::int16_t>(writer, list);
    case NodeKind::S32:
      return add_packed<std::int32_t>(writer, list);
    case NodeKind::S64:
      return add_packed<std::int64_t>(writer, list);
    case NodeKind::U8:
      return add_packed<std::uint8_t>(writer, list);
    case NodeKind::U16:
      return add_packed<std::uint16_t>(writer, list);
    case NodeKind::U32:
      return add_packed<std::uint32_t>(writer, list);
    case NodeKind::U64:
      return add_packed<std::uint64_t>(writer, list);
    case NodeKind::F32:
      return add_packed<float>(writer, list);
    case NodeKind::F64:
      return add_packed<double>(writer, list);
    default:
      return false;
  }
}

}  // namespace tenon::packr
