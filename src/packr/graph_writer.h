// Writes values directly in the wire form, with the nodes in packr's order.
//
// Values are added in order. A container is begun, filled and ended:
//
//   GraphWriter writer;
//   writer.begin_record("point");
//   writer.field("x");
//   writer.add_s32(3);
//   writer.end();
//   TENON_TRY(const std::span<const std::uint8_t> bytes, writer.finish());
//   writer.clear();  // for the next value; keeps the memory
//
// A list whose elements have a fixed width is written as an array automatically. Maps and sets are
// values of version 3: in version 2, a map is a list of pairs, and a set is a list. A value that the
// wire form cannot represent (an item of the wrong kind in such a list, more than kMaxGraphDepth
// levels, a payload of 4 GiB) makes `finish` fail; until then, further calls have no effect. Calls
// in a wrong order end the process.
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
  // version: of all values; by default, the lowest that has the kinds of each value.
  explicit GraphWriter(std::optional<GraphVersion> version = {}) : version_(version) { clear(); }

  // Discards everything that was written, and keeps up to limits::kKeptArenaBytes of memory.
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
  // A value of any kind with a fixed width. The upper bits are ignored.
  void add_scalar(NodeKind kind, std::uint64_t bits);
  // REQUIRES: text is UTF-8
  void add_string(std::string_view text);
  // A list of elements of fixed width: little-endian, without gaps. Bools are 0 or 1.
  // REQUIRES: bytes is a multiple of the width
  void add_array(NodeKind element, std::span<const std::uint8_t> bytes);

  // Begin a container. `end` ends it.
  void begin_tuple() { begin(NodeKind::Tuple); }
  void begin_list(TypeView element) { begin_list_of(element.kind(), element); }
  void begin_list(const GraphType& element) { begin_list_of(element.kind, element); }
  // Call `begin_entry` before each key of a map, and `end_entry` after its value.
  template <class Type>
  void begin_map(const Type& key, const Type& value) {
    if (writes_lists()) {
      begin(NodeKind::List);
      stage_byte(static_cast<std::uint8_t>(NodeKind::Tuple));
      stage_u32(2);
    } else {
      begin(NodeKind::Map);
    }
    stage_type(key);
    stage_type(value);
  }
  void begin_entry();
  void end_entry();
  template <class Type>
  void begin_set(const Type& element) {
    if (writes_lists()) return begin_list(element);
    begin(NodeKind::Set);
    stage_type(element);
  }
  // Call `field` before adding each value of a record. All names are UTF-8.
  void begin_record(std::string_view type_name);
  void field(std::string_view name);
  void begin_variant(std::string_view type_name, std::string_view case_name, std::uint32_t tag);
  // Takes one value, or none.
  template <class Type>
  void begin_option(const Type& inner) {
    begin(NodeKind::Option);
    stage_type(inner);
  }
  // Takes one value.
  template <class Type>
  void begin_result(const Type& ok, const Type& err, ResultSide side) {
    begin(NodeKind::Result);
    stage_type(ok);
    stage_type(err);
    stage_u32(side == ResultSide::Ok ? 0 : 1);
    stage_byte(1);
  }
  void end();
  // The bytes that are written so far, with those of containers that have not been ended.
  [[nodiscard]] std::size_t size() const { return bytes_.size() + staged_.size(); }
  // By default, makes the value one of version 3, as maps and sets in it do.
  void note_collections() { has_collections_ = true; }

  // The encoded value. Errors: InvalidEncoding, with packr's text, for an item that does not match
  // the type of its list; TooDeep; TooLarge.
  // REQUIRES: exactly one value was added, and all containers are ended.
  // Lifetime: until another function of the writer is called.
  [[nodiscard]] Result<std::span<const std::uint8_t>, GraphError> finish();

 private:
  // A container that has not been ended.
  struct OpenContainer {
    NodeKind kind;
    NodeKind element;            // for an array
    std::size_t begin;           // offset in staged_; for an array, of its node in bytes_
    std::size_t field_count_at;  // for a record: offset of the count in staged_
    std::size_t first_child;     // index in children_
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
  // Whether maps and sets are written as lists.
  [[nodiscard]] bool writes_lists() const { return version_ == GraphVersion::V2; }
  void begin(NodeKind kind);
  void begin_array(NodeKind element);
  void end_array(const OpenContainer& container);

  // Whether a node with `payload` bytes can be added. Otherwise, sets error_.
  [[nodiscard]] bool accepts_node(std::uint64_t payload);
  // Writes the header of a node and adds it to its siblings.
  void put_header(NodeKind kind, std::size_t payload);
  void put_bytes(const void* bytes, std::size_t size);
  void put_u32(std::uint32_t value);

  void stage_type(TypeView type);
  void stage_type(const GraphType& type);
  void stage_byte(std::uint8_t byte) {
    if (!error_) staged_.push_back(byte);
  }
  void stage_u32(std::size_t value);
  void stage_text(std::string_view text);

  std::optional<GraphVersion> version_;
  bool has_collections_ = false;  // the current value has
  std::vector<std::uint8_t> bytes_;
  std::vector<std::uint8_t> staged_;     // the payloads of open containers, without their children
  std::vector<std::uint32_t> children_;  // the children of open containers, or the root
  std::vector<OpenContainer> open_;
  std::uint64_t node_count_ = 0;
  std::optional<GraphError> error_;  // the first one
};

}  // namespace tenon::packr
