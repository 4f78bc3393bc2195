// Values by themselves in packr's wire form, outside of any call: what `tenon pack encode` writes
// and `tenon pack decode` reads.
//
//   TENON_TRY(const ValueType type, pact::read_value_type({"--type", "list<s32>"}));
//   TENON_TRY(const Value value, parse_wave("[1, 2]", type.type));
//   TENON_TRY(const Bytes bytes, encode_value(value, type));
//   TENON_TRY(const Value again, decode_value(bytes, type));
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "packr/graph_view.h"
#include "packr/value_types.h"
#include "support/files.h"
#include "support/limits.h"
#include "tenon/result.h"
#include "tenon/type.h"
#include "tenon/value.h"

namespace tenon::packr {

// A type, and what the wire form calls its records and variants.
struct ValueType {
  Type type;
  TypeNamesOnWire names;
};

// A value in the wire form, with the index that its view needs.
class OpenBytes final {
 public:
  // Lifetime: the view refers to `bytes` and to this object.
  // Errors: read-truncated, read-malformed.
  [[nodiscard]] Result<NodeView> open(std::span<const std::uint8_t> bytes);
  [[nodiscard]] std::size_t node_count() const { return index_.size(); }

 private:
  std::vector<std::uint32_t> index_;
};

// value: may be read from text. Where the type is a Dynamic, the kind of the value decides, but a
// record or case that an enclosing type has is written by that type.
// version: of the wire form; by default, 2 unless the value has a map or a set.
// Errors: value-type, with the path to the part: it does not fit the type; it is a case or a flag,
//         and no type says which number it has; it is nested too deeply or too large.
[[nodiscard]] Result<Bytes> encode_value(const Value& value, const ValueType& type,
                                         std::optional<GraphVersion> version = {});

// Names of fields and cases become labels: `last_msg` is `last-msg`, `HttpError` is `http-error`.
// Where the type is a Dynamic, the wire form decides: flags are `b0` to `b63`, and a payload of
// several values is a tuple. Nodes that several others share are read once for each of them.
// budget: bytes of memory that the value can take.
// Errors: read-truncated, read-malformed; value-type, with the path to the part: it does not fit
//         the type, is nested too deeply, or takes more memory than the budget.
[[nodiscard]] Result<Value> decode_value(std::span<const std::uint8_t> bytes, const ValueType& type,
                                         std::uint64_t budget = limits::kReadValueBytes);

// Checks that WAVE can write the names in a value. The wire form can have any.
// Errors: value-label: a name that is not a label, or a field that a record has twice.
[[nodiscard]] Result<void> check_labels(const Value& value);

}  // namespace tenon::packr
