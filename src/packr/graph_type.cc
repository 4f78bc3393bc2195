#include "packr/graph_type.h"

#include <cstddef>

#include "packr/payload_reader.h"

namespace tenon::packr {

namespace {

void append_u32(std::vector<std::uint8_t>& bytes, std::size_t value) {
  bytes.resize(bytes.size() + 4);
  store(bytes.data() + bytes.size() - 4, static_cast<std::uint32_t>(value));
}

}  // namespace

bool GraphType::operator==(const GraphType& other) const = default;

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
