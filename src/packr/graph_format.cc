#include "packr/graph_format.h"

#include <fmt/format.h>

namespace tenon::packr {

GraphError invalid_encoding(std::string_view message) {
  return {GraphErrorKind::InvalidEncoding, std::string(message)};
}

GraphError invalid_node(std::string_view rule, std::uint32_t node) {
  return {GraphErrorKind::InvalidEncoding, fmt::format("{} at node {}", rule, node)};
}

GraphError buffer_too_small(std::uint64_t need, std::uint64_t have) {
  return {.kind = GraphErrorKind::BufferTooSmall, .need = need, .have = have};
}

GraphError invalid_tag(std::uint8_t tag) {
  return {.kind = GraphErrorKind::InvalidTag, .tag = tag};
}

std::string describe(const GraphError& error) {
  switch (error.kind) {
    case GraphErrorKind::InvalidEncoding:
      return "Invalid encoding: " + error.message;
    case GraphErrorKind::BufferTooSmall:
      return fmt::format("Buffer too small: need {} bytes, have {}", error.need, error.have);
    case GraphErrorKind::InvalidTag:
      return fmt::format("Invalid variant tag: {}", error.tag);
    case GraphErrorKind::TooDeep:
      return "Nested too deep: " + error.message;
    case GraphErrorKind::OverBudget:
      return "Too much memory: " + error.message;
    case GraphErrorKind::TooLarge:
      return "Too large: " + error.message;
  }
  return {};
}

}  // namespace tenon::packr
