// Writes values straight to the wire form, as packr writes them: no tree in between, no copy after.
//
// Values are added in their order; a container is begun, filled and ended:
//
//   GraphWriter writer;
//   writer.begin_record("point");
//   writer.field("x");
//   writer.add_s32(3);
//   writer.end();
//   TENON_TRY(const std::span<const std::uint8_t> bytes, writer.finish());
//   writer.clear();  // for the next value; the memory stays
//
// A list whose elements have a fixed width becomes an array by itself. What the wire form cannot
// say (an item of another kind in such a list, more than kMaxGraphDepth levels, a payload of 4 GiB)
// is said by `finish`; until then adding goes on without effect. A wrong order of calls ends the
// process.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "packr/graph_format.h"
#include "packr/graph_type.h"
#include "packr/graph_view.h"
#include "tenon/result.h"

namespace tenon::packr {

class GraphWriter {
 public:
  GraphWriter() { clear(); }

  // Back to nothing written. Keeps the memory.
  void clear();

  void add_bool(bool value) { add_scalar(NodeKind::Bool, std::uint64_t{value}); }
  void add_u8(std::uint8_t value) { add_scalar(NodeKind::U8, value); }
  void add_u16(std::uint16_t value) { add_scalar(NodeKind::U16, value); }
  void add_u32(std::uint32_t value) { add_scalar(NodeKind::U32, value); }
  void add_u64(std::uint64_t value) { add_scalar(NodeKind::U64, value); }
  void add_s8(std::int8_t value) { add_signed(NodeKind::S8, value); }
  void add_s16(std::int16_t value) { add_signed(NodeKind::S16, value); }
  void add_s32(std::int32_t value) { add_signed(NodeKind::S32, value); }
  void add_s64(std::int64_t value) { add_signed(NodeKind::S64, value); }
  void add_f32(float value) { add_scalar(NodeKind::F32, std::bit_cast<std::uint32_t>(value)); }
  void add_f64(double value) { add_scalar(NodeKind::F64, std::bit_cast<std::uint64_t>(value)); }
  // REQUIRES: a Unicode scalar value
  void add_char(char32_t value) { add_scalar(NodeKind::Char, value); }
  void add_flags(std::uint64_t mask) { add_scalar(NodeKind::Flags, mask); }
  // Of any kind with a fixed width, which the upper bits do not count for.
  void add_scalar(NodeKind kind, std::uint64_t bits);
  // REQUIRES: text is UTF-8
  void add_string(std::string_view text);
  // A list of elements of fixed width, back to back, little-endian; bools 0 or 1.
  // REQUIRES: bytes is a multiple of the width
  void add_array(NodeKind element, std::span<const std::uint8_t> bytes);

  // Each is ended by `end`.
  void begin_tuple() { begin(NodeKind::Tuple); }
  void begin_list(TypeView element) { begin_list_of(element.kind(), element); }
  void begin_list(const GraphType& element) { begin_list_of(element.kind, element); }
  // Names are UTF-8. Before each value of the record stands its `field`.
  void begin_record(std::string_view type_name);
  void field(std::string_view name);
  void begin_variant(std::string_view type_name, std::string_view case_name, std::uint32_t tag);
  // With one value, or none.
  template <class Type>
  void begin_option(const Type& inner) {
    begin(NodeKind::Option);
    stage_type(inner);
  }
  // With one value.
  template <class Type>
  void begin_result(const Type& ok, const Type& err, ResultSide side) {
    begin(NodeKind::Result);
    stage_type(ok);
    stage_type(err);
    stage_u32(side == ResultSide::Ok ? 0 : 1);
    stage_byte(1);
  }
  void end();

  // The whole value. Errors: InvalidEncoding with packr's text for a list that has other items than
  // its type says, TooDeep, TooLarge.
  // REQUIRES: one value was added, and all is ended.
  // Lifetime: a view into the writer, until the next call of another function.
  [[nodiscard]] Result<std::span<const std::uint8_t>, GraphError> finish();

 private:
  // A container that is not ended.
  struct Level {
    NodeKind kind;
    NodeKind element;            // of an array
    std::size_t begin;           // of what is staged for it; of the node of an array
    std::size_t field_count_at;  // staged count of a record's fields
    std::size_t first_child;     // in children_
    std::uint32_t field_count;
  };

  void add_signed(NodeKind kind, std::int64_t value) {
    add_scalar(kind, static_cast<std::uint64_t>(value));
  }
  template <class Type>
  void begin_list_of(NodeKind element, const Type& type) {
    if (fixed_width(element) != 0) return begin_array(element);
    begin(NodeKind::List);
    stage_type(type);
  }
  void begin(NodeKind kind);
  void begin_array(NodeKind element);
  void end_array(const Level& level);

  // Whether a node of `payload` bytes may come here; else why it cannot is in error_.
  [[nodiscard]] bool accepts_node(std::uint64_t payload);
  // The header of a node, and its place among its siblings.
  void put_header(NodeKind kind, std::size_t payload);
  void put_bytes(const void* bytes, std::size_t size);
  void put_u32(std::uint32_t value);

  void stage_type(TypeView type);
  void stage_type(const GraphType& type) {
    if (!error_) append_type(staged_, type);
  }
  void stage_byte(std::uint8_t byte) {
    if (!error_) staged_.push_back(byte);
  }
  void stage_u32(std::size_t value);
  void stage_text(std::string_view text);

  std::vector<std::uint8_t> bytes_;
  std::vector<std::uint8_t> staged_;     // payloads of open containers, as far as they stand
  std::vector<std::uint32_t> children_;  // of open containers, and the root
  std::vector<Level> levels_;
  std::uint64_t node_count_ = 0;
  std::optional<GraphError> error_;  // the first one
};

}  // namespace tenon::packr
