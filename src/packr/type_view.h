// A type as values carry it, in place.
//
// A descriptor is the kind and what belongs to it: the element of a list and an option, the two
// sides of a result, count and parts of a tuple, the name of a record and a variant, which are
// never written out. So a type that contains itself needs nothing special. Equal types have equal
// bytes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "packr/graph_format.h"
#include "packr/payload_reader.h"
#include "tenon/result.h"

namespace tenon::packr {

class TypeView {
 public:
  // REQUIRES: `bytes` is one descriptor, which check_type has seen. They outlive the view.
  explicit TypeView(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  // The descriptor that begins at `at`, which more may follow.
  static TypeView at(const std::uint8_t* at);

  [[nodiscard]] std::span<const std::uint8_t> bytes() const { return bytes_; }
  [[nodiscard]] NodeKind kind() const { return static_cast<NodeKind>(bytes_[0]); }
  // REQUIRES: a record or a variant
  [[nodiscard]] std::string_view name() const;
  // Types within: 1 of a list or option, 2 of a result (ok, err), those of a tuple, else 0.
  [[nodiscard]] std::uint32_t part_count() const;
  // Takes time linear in the parts before it.  REQUIRES: i < part_count()
  [[nodiscard]] TypeView part(std::uint32_t i) const;

  friend bool operator==(TypeView a, TypeView b) { return std::ranges::equal(a.bytes_, b.bytes_); }

 private:
  std::span<const std::uint8_t> bytes_;
};

// Reads over the descriptor at `in`. Takes no memory but a fixed stack.
// Errors: BufferTooSmall, InvalidTag, InvalidEncoding (a name that is not UTF-8), TooDeep beyond
// `max_depth`, which is at most kMaxGraphDepth.
[[nodiscard]] Result<void, GraphError> check_type(PayloadReader& in, std::uint32_t max_depth);

}  // namespace tenon::packr
