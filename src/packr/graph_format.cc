#include "packr/graph_format.h"

#include <fmt/format.h>

#include <algorithm>

#include "support/utf8.h"

namespace tenon::packr {

std::string_view kind_word(NodeKind kind) {
  constexpr std::array<std::string_view, kLastNodeKind + 1> kNames{
      "",        "bool",   "s32",    "s64",   "f32",    "f64",  "string", "list",
      "variant", "record", "option", "tuple", "u8",     "u16",  "u32",    "u64",
      "s8",      "s16",    "char",   "flags", "result", "list", "map",    "set"};
  return kNames[static_cast<std::uint8_t>(kind)];
}

std::optional<GraphVersion> version_of(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < kGraphVersionAt + 2 ||
      !std::equal(kGraphMagic.begin(), kGraphMagic.end(), bytes.begin()))
    return std::nullopt;
  const auto version = load<std::uint16_t>(bytes.data() + kGraphVersionAt);
  if (version != static_cast<std::uint16_t>(GraphVersion::V2) &&
      version != static_cast<std::uint16_t>(GraphVersion::V3))
    return std::nullopt;
  return static_cast<GraphVersion>(version);
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

Result<void, GraphError> check_text(PayloadReader& in, std::string_view rule) {
  if (!in.has(4)) return in.too_small(4);
  const std::uint32_t size = in.take_u32();
  if (!in.has(size)) return in.too_small(size);
  const std::span<const std::uint8_t> text = in.take(size);
  if (!is_utf8({reinterpret_cast<const char*>(text.data()), text.size()}))
    return invalid_encoding(rule);
  return {};
}

}  // namespace tenon::packr
