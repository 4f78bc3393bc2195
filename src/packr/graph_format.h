// CGRF, the wire form of packr's values: its constants, its limits, its errors, and the functions that
// read and write its integers.
//
// A buffer is a header and nodes back to back; nodes refer to each other by position:
//
//   header   "CGRF", version u16 = 2 or 3, flags u16, node count u32, root u32
//   node     kind u8, flags u8, reserved u16, payload length u32, payload
//
// All integers are little-endian, and nothing is aligned. docs/formats/cgrf.md lists the payloads.
// packr writes version 2 up to 0.21, and version 3, which adds maps and sets, since 0.22. Each of its
// readers accepts only the version that it writes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "tenon/result.h"

namespace tenon::packr {

// The kind of a node. A type descriptor begins with the kind of its values. Array is the form in
// which a list of fixed-width elements is written; the descriptor of such a list says List.
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
  // Since version 3. In version 2, a map is a list of pairs, and a set is a list.
  Map,
  Set,
};

enum class GraphVersion : std::uint16_t { V2 = 2, V3 = 3 };

inline constexpr std::uint8_t kLastNodeKind = 0x17;

[[nodiscard]] constexpr bool is_node_kind(std::uint8_t byte, GraphVersion version) {
  const NodeKind last = version == GraphVersion::V2 ? NodeKind::Array : NodeKind::Set;
  return byte >= 1 && byte <= static_cast<std::uint8_t>(last);
}
[[nodiscard]] constexpr bool is_type_tag(std::uint8_t byte, GraphVersion version) {
  return is_node_kind(byte, version) && static_cast<NodeKind>(byte) != NodeKind::Array;
}

// The size in bytes of a value whose kind has a fixed width; 0 for all other kinds.
[[nodiscard]] constexpr std::size_t fixed_width(NodeKind kind) {
  constexpr std::array<std::uint8_t, kLastNodeKind + 1> kWidths{0, 1, 4, 8, 4, 8, 0, 0, 0, 0, 0, 0,
                                                                1, 2, 4, 8, 1, 2, 4, 8, 0, 0, 0, 0};
  return kWidths[static_cast<std::uint8_t>(kind)];
}

// "u8", "string": the name of a kind, for messages. An Array is a list.
[[nodiscard]] std::string_view kind_word(NodeKind kind);

inline constexpr std::array<std::uint8_t, 4> kGraphMagic{'C', 'G', 'R', 'F'};
inline constexpr std::size_t kGraphHeaderBytes = 16;
inline constexpr std::size_t kGraphVersionAt = 4;
inline constexpr std::size_t kNodeHeaderBytes = 8;

// How deep nodes, and type descriptors, can be nested. packr's readers have no such limit and
// overflow their stacks somewhere between 1,000 and 10,000 levels.
inline constexpr std::uint32_t kMaxGraphDepth = 1'000;

// The largest buffer that can be opened, whatever the limits: the index of a view uses one bit of
// each offset for itself.
inline constexpr std::uint64_t kMaxGraphBytes = (std::uint64_t{1} << 31U) - 1;

// The limits of a reader.
struct GraphLimits {
  std::uint64_t max_buffer = 0;    // bytes
  std::uint32_t max_nodes = 0;     // in one buffer, reachable or not
  std::uint32_t max_payload = 0;   // bytes in one node
  std::uint32_t max_sequence = 0;  // items of a tuple or elements of an array, not of a list
  std::uint32_t max_depth = kMaxGraphDepth;  // no more than kMaxGraphDepth

  bool operator==(const GraphLimits&) const = default;
};

inline constexpr GraphLimits kLimits054{16U << 20U, 1'000'000, 8U << 20U, 1'000'000};
inline constexpr GraphLimits kLimits021{256U << 20U, 10'000'000, 128U << 20U, 128U << 20U};
inline constexpr GraphLimits kDefaultLimits = kLimits021;

// Nodes of a value that is read out of a graph, where a shared node counts for each reference. A
// graph without shared nodes cannot have more.
inline constexpr std::uint32_t kMaxTreeNodes = kDefaultLimits.max_nodes;
// The payloads of these nodes, in bytes; a graph without shared nodes has at most an eighth.
inline constexpr std::uint64_t kMaxTreeBytes = kDefaultLimits.max_buffer * 8;

enum class GraphErrorKind : std::uint8_t {
  // The errors of packr's readers and writer.
  InvalidEncoding,
  BufferTooSmall,
  InvalidTag,  // of a node or a type
  // Errors that packr does not have.
  TooDeep,   // nodes or types are nested deeper than the limit
  TooLarge,  // a size or a count does not fit the integers of the wire form
};

// Why bytes do not encode a value, or why a value cannot be encoded. The messages of the first
// three kinds are those of packr.
struct GraphError {
  GraphErrorKind kind = GraphErrorKind::InvalidEncoding;
  std::string message = {};  // for all kinds but BufferTooSmall and InvalidTag
  // BufferTooSmall: the required and the actual size of the buffer, or of a node's payload.
  std::uint64_t need = 0;
  std::uint64_t have = 0;
  std::uint8_t tag = 0;  // InvalidTag

  bool operator==(const GraphError&) const = default;
};

[[nodiscard]] GraphError invalid_encoding(std::string_view message);
// InvalidEncoding with the message "`rule` at node N".
[[nodiscard]] GraphError invalid_node(std::string_view rule, std::uint32_t node);
[[nodiscard]] GraphError buffer_too_small(std::uint64_t need, std::uint64_t have);
[[nodiscard]] GraphError invalid_tag(std::uint8_t tag);

// The text of packr's host for the error: "Buffer too small: need 4 bytes, have 0".
[[nodiscard]] std::string describe(const GraphError& error);

// Loads the little-endian integer at `at`. The `load` functions do not check bounds: they are for
// bytes that a PayloadReader has checked.
template <class Integer>
[[nodiscard]] inline Integer load(const std::uint8_t* at) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof(Integer); ++i) value |= std::uint64_t{at[i]} << (8 * i);
  return static_cast<Integer>(value);
}

[[nodiscard]] inline std::uint32_t load_u32(const std::uint8_t* at) {
  return load<std::uint32_t>(at);
}

template <class Integer>
inline void store(std::uint8_t* at, Integer value) {
  for (std::size_t i = 0; i < sizeof(Integer); ++i)
    at[i] = static_cast<std::uint8_t>(static_cast<std::uint64_t>(value) >> (8 * i));
}

// The version that a value states; nothing if the bytes are not a value of a version that there is.
[[nodiscard]] std::optional<GraphVersion> version_of(std::span<const std::uint8_t> bytes);

// Loads the text at `at`: a length and that many bytes.
[[nodiscard]] inline std::string_view load_text(const std::uint8_t* at) {
  return {reinterpret_cast<const char*>(at) + 4, load_u32(at)};
}

// Reads bytes from hostile input. Every step is checked first:
//
//   if (!in.has(4)) return in.too_small(4);
//   const std::uint32_t count = in.take_u32();
class PayloadReader {
 public:
  explicit PayloadReader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  [[nodiscard]] bool has(std::uint64_t size) const { return size <= bytes_.size() - at_; }
  [[nodiscard]] bool at_end() const { return at_ == bytes_.size(); }
  [[nodiscard]] std::size_t offset() const { return at_; }
  [[nodiscard]] GraphError too_small(std::uint64_t size) const {
    return buffer_too_small(at_ + size, bytes_.size());
  }

  // The following functions require that `has` returned true for the size they take.
  std::uint8_t take_byte() { return bytes_[at_++]; }
  std::uint32_t take_u32() {
    at_ += 4;
    return load_u32(bytes_.data() + at_ - 4);
  }
  std::span<const std::uint8_t> take(std::size_t size) {
    at_ += size;
    return bytes_.subspan(at_ - size, size);
  }

 private:
  std::span<const std::uint8_t> bytes_;
  std::size_t at_ = 0;
};

// Skips a text. rule: the message of the error if it is not UTF-8.
[[nodiscard]] Result<void, GraphError> check_text(PayloadReader& in, std::string_view rule);

}  // namespace tenon::packr
