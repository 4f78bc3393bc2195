// The wire form of packr's values, CGRF version 2, in figures.
//
// A buffer is a header and nodes back to back; nodes refer to each other by position:
//
//   header   "CGRF", version u16 = 2, flags u16, node count u32, root u32
//   node     kind u8, flags u8, reserved u16, payload length u32, payload
//
// All integers are little-endian, nothing is aligned. The payloads are listed in
// docs/formats/cgrf.md. packr 0.5.4 and 0.21 write the same form; their readers differ in limits
// alone.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tenon::packr {

// What a node is. A type descriptor begins with the kind of its values; no type is an Array, which
// is how a list of elements of fixed width is written.
enum class NodeKind : std::uint8_t {
  Bool = 0x01,
  S32,
  S64,
  F32,
  F64,
  String,
  List,
  Variant,
  Record,
  Option,
  Tuple,
  U8,
  U16,
  U32,
  U64,
  S8,
  S16,
  Char,
  Flags,
  Result,
  Array,
};

inline constexpr std::uint8_t kLastTypeTag = 0x14;
inline constexpr std::uint8_t kLastNodeKind = 0x15;

[[nodiscard]] constexpr bool is_node_kind(std::uint8_t byte) {
  return byte >= 1 && byte <= kLastNodeKind;
}
[[nodiscard]] constexpr bool is_type_tag(std::uint8_t byte) {
  return byte >= 1 && byte <= kLastTypeTag;
}

// What messages call a kind: "u8", "record"; an Array is a "list". Lifetime: static.
[[nodiscard]] std::string_view kind_word(NodeKind kind);

// Bytes of a value whose kind has a fixed width; 0 for the others.
[[nodiscard]] constexpr std::size_t fixed_width(NodeKind kind) {
  constexpr std::array<std::uint8_t, kLastNodeKind + 1> kWidths{0, 1, 4, 8, 4, 8, 0, 0, 0, 0, 0,
                                                                0, 1, 2, 4, 8, 1, 2, 4, 8, 0, 0};
  return kWidths[static_cast<std::uint8_t>(kind)];
}

inline constexpr std::array<std::uint8_t, 4> kGraphMagic{'C', 'G', 'R', 'F'};
inline constexpr std::uint16_t kGraphVersion = 2;
inline constexpr std::size_t kGraphHeaderBytes = 16;
inline constexpr std::size_t kNodeHeaderBytes = 8;

// Nodes and type descriptors within each other. packr's readers have no such limit and overflow
// their stacks somewhere between 1,000 and 10,000.
inline constexpr std::uint32_t kMaxGraphDepth = 1'000;

// A buffer of more cannot be opened, whatever the limits say: one bit of an offset is in use.
inline constexpr std::uint64_t kMaxGraphBytes = (std::uint64_t{1} << 31U) - 1;

// What a reader accepts.
struct GraphLimits {
  std::uint64_t max_buffer = 0;    // bytes
  std::uint32_t max_nodes = 0;     // of one buffer, reachable or not
  std::uint32_t max_payload = 0;   // bytes of one node
  std::uint32_t max_sequence = 0;  // items of a tuple, elements of an array; of nothing else
  std::uint32_t max_depth = kMaxGraphDepth;  // at most that

  bool operator==(const GraphLimits&) const = default;
};

inline constexpr GraphLimits kLimits054{16U << 20U, 1'000'000, 8U << 20U, 1'000'000};
inline constexpr GraphLimits kLimits021{256U << 20U, 10'000'000, 128U << 20U, 128U << 20U};
inline constexpr GraphLimits kDefaultLimits = kLimits021;

enum class GraphErrorKind : std::uint8_t {
  // As packr's readers and writer name them.
  InvalidEncoding,
  BufferTooSmall,
  InvalidTag,  // of a node or a type
  // Where they have no error.
  TooDeep,   // nodes or types nested beyond the depth
  TooLarge,  // a value that the wire form has no numbers for
};

// Why bytes do not encode a value, or why a value cannot be encoded. The messages of the first
// three kinds are those of packr.
struct GraphError {
  GraphErrorKind kind = GraphErrorKind::InvalidEncoding;
  std::string message = {};  // of all kinds but BufferTooSmall and InvalidTag
  // BufferTooSmall: bytes of the buffer, or of a node's payload, that would have to be there.
  std::uint64_t need = 0;
  std::uint64_t have = 0;
  std::uint8_t tag = 0;  // InvalidTag

  bool operator==(const GraphError&) const = default;
};

[[nodiscard]] GraphError invalid_encoding(std::string_view message);
// `rule` and " at node N".
[[nodiscard]] GraphError invalid_node(std::string_view rule, std::uint32_t node);
[[nodiscard]] GraphError buffer_too_small(std::uint64_t need, std::uint64_t have);
[[nodiscard]] GraphError invalid_tag(std::uint8_t tag);

// The error as packr's host says it: "Buffer too small: need 4 bytes, have 0".
[[nodiscard]] std::string describe(const GraphError& error);

}  // namespace tenon::packr
