// Values of packr packages in their wire form, CGRF (docs/formats/cgrf.md): a view that reads them
// in place, and a builder that writes them. A RawFunction (tenon/host.h) takes and returns such bytes,
// and `Function::call_encoded` calls a package with them. Reading in place is several times faster
// than a tree of `Value`s.
//
//   tenon::Result<tenon::GraphView> view = tenon::GraphView::open(bytes);   // checks all of it, once
//   if (!view) return report(view.error());
//   if (const auto name = view->root().field("name")) use(name->string().value_or("?"));
//
//   tenon::GraphBuilder builder;
//   builder.begin_record("item");
//   builder.field("name");
//   builder.add_string("tea");
//   builder.field("tags");
//   builder.begin_list({tenon::GraphKind::String});
//   builder.add_string("hot");
//   builder.end();
//   builder.end();
//   tenon::Result<std::span<const std::uint8_t>> bytes = builder.finish();
//
// The wire form has two versions, and a package reads one of them (docs/packr.md, "Versions"). A view
// opens both.
//
// On the wire, names are those of the guest's language: a field is `last_msg`, a case `HttpError`. A
// function with one parameter is called with its value, and with any other number of parameters with
// a tuple.
//
// Thread: a view: any number of readers; a builder: one.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/result.h"

namespace tenon {

struct GraphAccess;

// The kinds of values, with their numbers on the wire.
enum class GraphKind : std::uint8_t {
  Bool = 0x01,
  S32 = 0x02,
  S64 = 0x03,
  F32 = 0x04,
  F64 = 0x05,
  String = 0x06,
  List = 0x07,
  Variant = 0x08,  // also of an enum
  Record = 0x09,
  Option = 0x0a,
  Tuple = 0x0b,
  U8 = 0x0c,
  U16 = 0x0d,
  U32 = 0x0e,
  U64 = 0x0f,
  S8 = 0x10,
  S16 = 0x11,
  Char = 0x12,
  Flags = 0x13,
  Result = 0x14,
  Array = 0x15,  // a list whose elements have a fixed width
  Map = 0x16,    // since version 3 of the wire form, like Set; in version 2, a list of pairs
  Set = 0x17,    // in version 2, a list
};

// The elements of an Array, without gaps.
struct GraphArray {
  GraphKind element = GraphKind::U8;
  std::uint32_t count = 0;
  std::span<const std::uint8_t> bytes = {};  // little-endian; a bool is true if it is not 0
};

// One value in a GraphView. Functions for other kinds than its own return nothing.
// Lifetime: the view and its bytes must outlive it.
class GraphNode final {
 public:
  [[nodiscard]] GraphKind kind() const;

  [[nodiscard]] std::optional<bool> boolean() const;
  [[nodiscard]] std::optional<std::uint64_t> unsigned_integer() const;  // U8 to U64
  [[nodiscard]] std::optional<std::int64_t> signed_integer() const;     // S8 to S64
  [[nodiscard]] std::optional<double> number() const;                   // F32, F64
  [[nodiscard]] std::optional<char32_t> character() const;
  [[nodiscard]] std::optional<std::uint64_t> flags() const;  // the bits
  [[nodiscard]] std::optional<std::string_view> string() const;
  [[nodiscard]] std::optional<GraphArray> array() const;

  // The number of parts: the elements of a list, set or tuple, the fields of a record, the payload of
  // a variant, option or result, the keys and values of a map in turn. 0 for other kinds, also for an
  // Array.
  [[nodiscard]] std::uint32_t size() const;
  // Returns part i; nothing unless i < size(). Takes constant time.
  [[nodiscard]] std::optional<GraphNode> part(std::uint32_t i) const;
  // Returns the first field of a record with the name. Takes time linear in the number of fields.
  [[nodiscard]] std::optional<GraphNode> field(std::string_view name) const;
  // Returns the name of field i of a record; empty if there is none. Takes time linear in i.
  [[nodiscard]] std::string_view field_name(std::uint32_t i) const;
  // Returns the name of the type of a record or variant, which can be empty.
  [[nodiscard]] std::string_view type_name() const;
  // The name and the number of the case of a variant.
  [[nodiscard]] std::string_view case_name() const;
  [[nodiscard]] std::optional<std::uint32_t> case_number() const;
  // Whether a result is ok.
  [[nodiscard]] std::optional<bool> is_ok() const;

 private:
  friend class GraphView;
  friend struct GraphAccess;
  GraphNode(const std::uint8_t* bytes, const std::uint32_t* index, std::uint32_t node)
      : bytes_(bytes), index_(index), node_(node) {}

  const std::uint8_t* bytes_;
  const std::uint32_t* index_;
  std::uint32_t node_;
};

// A value that is read in place. Nodes can be shared, so a few bytes can stand for a tree of any
// size: code that visits all of it as a tree needs a bound of its own.
class GraphView final {
 public:
  // Checks that the bytes are one value: that of packr's readers, nested at most 1000 levels deep.
  // Allocates at most half as many bytes as there are, for an index. Bytes can come from anyone.
  // Errors: read-malformed.
  // Lifetime: the bytes must outlive the view, and must not change.
  [[nodiscard]] static Result<GraphView> open(std::span<const std::uint8_t> bytes);

  GraphView(GraphView&&) noexcept = default;  // nodes stay valid
  GraphView& operator=(GraphView&&) noexcept = default;

  [[nodiscard]] GraphNode root() const { return {bytes_.data(), index_.data(), root_}; }
  [[nodiscard]] std::span<const std::uint8_t> bytes() const { return bytes_; }

 private:
  GraphView() = default;

  std::span<const std::uint8_t> bytes_;
  std::vector<std::uint32_t> index_;
  std::uint32_t root_ = 0;
};

// The type of the elements of a list, or of the parts of an option or result, as the wire has it.
// packr's readers ignore it, except that a list of a type with a fixed width is an Array.
struct GraphType {
  GraphKind kind = GraphKind::Tuple;  // not Array; alone, the type of nothing: an empty tuple
  std::string name = {};              // of a record or variant
  // One for a list, set or option; ok and err for a result; key and value for a map.
  std::vector<GraphType> parts = {};
};

// Builds a value, from its beginning to its end. Containers are begun, filled and ended. Calls in a
// wrong order, such as a field outside of a record, end the process. What the wire cannot represent
// makes `finish` fail, and calls after it have no effect.
class GraphBuilder final {
 public:
  GraphBuilder();
  GraphBuilder(GraphBuilder&&) noexcept;
  GraphBuilder& operator=(GraphBuilder&&) noexcept;
  ~GraphBuilder();

  void add_bool(bool value);
  void add_u8(std::uint8_t value);
  void add_u16(std::uint16_t value);
  void add_u32(std::uint32_t value);
  void add_u64(std::uint64_t value);
  void add_s8(std::int8_t value);
  void add_s16(std::int16_t value);
  void add_s32(std::int32_t value);
  void add_s64(std::int64_t value);
  void add_f32(float value);
  void add_f64(double value);
  void add_char(char32_t value);
  void add_flags(std::uint64_t bits);
  void add_string(std::string_view text);  // UTF-8
  // A list whose elements have a fixed width, little-endian and without gaps.
  void add_array(GraphKind element, std::span<const std::uint8_t> bytes);

  void begin_tuple();
  void begin_list(const GraphType& element);
  void begin_map(const GraphType& key, const GraphType& value);  // takes keys and values in turn
  void begin_set(const GraphType& element);
  void begin_record(std::string_view type_name);
  void field(std::string_view name);  // before each value of a record
  // Takes the values of its payload: usually one, or none.
  void begin_variant(std::string_view type_name, std::string_view case_name, std::uint32_t number);
  void begin_option(const GraphType& inner);  // takes one value, or none
  void begin_result(const GraphType& ok, const GraphType& err, bool is_ok);  // takes one value
  void end();

  // Returns the bytes, of version 3 of the wire form if there is a map or a set, otherwise of version
  // 2. A package gets the version that it reads. Errors: value-type, for text that is not UTF-8, a char32_t that is not a
  // character, an element that is not of its list's type, an array that is not a multiple of its
  // elements; value-too-large, for more than 1000 levels and values of 4 GiB.
  // Lifetime: until the builder is used again.
  [[nodiscard]] Result<std::span<const std::uint8_t>> finish();
  // Begins another value, and keeps the memory.
  void clear();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tenon
