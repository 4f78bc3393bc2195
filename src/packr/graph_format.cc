#include "packr/graph_format.h"

#include <fmt/format.h>

namespace tenon::packr {

std::string_view kind_word(NodeKind kind) {
  switch (kind) {
    case NodeKind::Bool:
      return "bool";
    case NodeKind::S32:
      return "s32";
    case NodeKind::S64:
      return "s64";
    case NodeKind::F32:
      return "f32";
    case NodeKind::F64:
      return "f64";
    case NodeKind::String:
      return "string";
    case NodeKind::List:
    case NodeKind::Array:
      return "list";
    case NodeKind::Variant:
      return "variant";
    case NodeKind::Record:
      return "record";
    case NodeKind::Option:
      return "option";
    case NodeKind::Tuple:
      return "tuple";
    case NodeKind::U8:
      return "u8";
    case NodeKind::U16:
      return "u16";
    case NodeKind::U32:
      return "u32";
    case NodeKind::U64:
      return "u64";
    case NodeKind::S8:
      return "s8";
    case NodeKind::S16:
      return "s16";
    case NodeKind::Char:
      return "char";
    case NodeKind::Flags:
      return "flags";
    case NodeKind::Result:
      return "result";
  }
  return {};
}

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
    case GraphErrorKind::TooLarge:
      return "Too large: " + error.message;
  }
  return {};
}

}  // namespace tenon::packr
