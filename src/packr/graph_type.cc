#include "packr/graph_type.h"

#include <cstddef>

namespace tenon::packr {

namespace {

// Reads the type at `at` and steps over it.
void read_type_at(const std::uint8_t*& at, GraphType& type) {
  type.kind = static_cast<NodeKind>(*at++);
  std::size_t parts = 0;
  if (type.kind == NodeKind::Record || type.kind == NodeKind::Variant) {
    type.name = load_text(at);
    at += 4 + type.name.size();
  } else if (type.kind == NodeKind::Tuple) {
    parts = load_u32(at);
    at += 4;
  } else if (type.kind == NodeKind::Result) {
    parts = 2;
  } else if (type.kind == NodeKind::List || type.kind == NodeKind::Option) {
    parts = 1;
  }
  type.parts.resize(parts);
  for (GraphType& part : type.parts) read_type_at(at, part);
}

void append_u32(std::vector<std::uint8_t>& bytes, std::size_t value) {
  bytes.resize(bytes.size() + 4);
  store(bytes.data() + bytes.size() - 4, static_cast<std::uint32_t>(value));
}

}  // namespace

bool GraphType::operator==(const GraphType& other) const = default;

GraphType read_type(TypeView view) {
  const std::uint8_t* at = view.bytes().data();
  GraphType type;
  read_type_at(at, type);
  return type;
}

void append_type(std::vector<std::uint8_t>& bytes, const GraphType& type) {
  bytes.push_back(static_cast<std::uint8_t>(type.kind));
  if (type.kind == NodeKind::Record || type.kind == NodeKind::Variant) {
    append_u32(bytes, type.name.size());
    bytes.insert(bytes.end(), type.name.begin(), type.name.end());
  } else if (type.kind == NodeKind::Tuple) {
    append_u32(bytes, type.parts.size());
  }
  for (const GraphType& part : type.parts) append_type(bytes, part);
}

}  // namespace tenon::packr
