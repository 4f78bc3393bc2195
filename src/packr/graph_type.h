// Types as values on the wire carry them, in two forms: a TypeView reads a descriptor in place, and
// a GraphType is a tree of its own.
//
// A descriptor is a kind and what belongs to it: the element of a list or option, the two sides of
// a result, the count and parts of a tuple, the key and value of a map. A record or variant is only
// named, never written out, so a recursive type needs no special form. Equal types have equal bytes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "packr/graph_format.h"
#include "tenon/result.h"

namespace tenon::packr {

class TypeView {
 public:
  // REQUIRES: `bytes` is one descriptor that passed `check_type`. Lifetime: refers to `bytes`.
  explicit TypeView(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  // The descriptor that begins at `at`; other bytes can follow it.
  static TypeView at(const std::uint8_t* at);

  [[nodiscard]] std::span<const std::uint8_t> bytes() const { return bytes_; }
  [[nodiscard]] NodeKind kind() const { return static_cast<NodeKind>(bytes_[0]); }
  // REQUIRES: a record or a variant
  [[nodiscard]] std::string_view name() const;
  // The number of parts: 1 for a list, set or option, 2 for a result (ok, err) or a map (key, value),
  // the items of a tuple, otherwise 0.
  [[nodiscard]] std::uint32_t part_count() const;
  // Takes time linear in the sizes of the parts before it. REQUIRES: i < part_count()
  [[nodiscard]] TypeView part(std::uint32_t i) const;

  friend bool operator==(TypeView a, TypeView b) { return std::ranges::equal(a.bytes_, b.bytes_); }

 private:
  std::span<const std::uint8_t> bytes_;
};

// Checks and skips a descriptor, with a fixed amount of stack.
// max_depth: at most kMaxGraphDepth.
// Errors: BufferTooSmall, InvalidTag, InvalidEncoding (a name that is not UTF-8), TooDeep.
[[nodiscard]] Result<void, GraphError> check_type(PayloadReader& in, std::uint32_t max_depth,
                                                  GraphVersion version);

struct GraphType {
  NodeKind kind = NodeKind::Tuple;  // never Array. The default is the unit type, an empty tuple
  std::string name = {};            // of a record or variant; can be empty
  // The element of a list, set or option; ok and err of a result; key and value of a map; or the
  // parts of a tuple.
  std::vector<GraphType> parts = {};

  static GraphType named(NodeKind kind, std::string name) { return {kind, std::move(name), {}}; }
  static GraphType of(NodeKind kind, std::vector<GraphType> parts = {}) {
    return {kind, {}, std::move(parts)};
  }

  bool operator==(const GraphType& other) const;
};

// Whether a type is, or contains, a map or a set.
[[nodiscard]] bool has_collections(TypeView type);
[[nodiscard]] bool has_collections(const GraphType& type);

// Appends the descriptor of a type. In version 2, a map is a list of pairs, and a set is a list.
void append_type(std::vector<std::uint8_t>& bytes, const GraphType& type, GraphVersion version);
// The same in version 2 for a type that was read, in one pass over its bytes.
void append_with_lists(std::vector<std::uint8_t>& bytes, TypeView type);

}  // namespace tenon::packr
