// A value in place: bytes of the wire form, looked at where they lie, such as in a guest's memory.
//
// `GraphView::open` checks everything that can be reached from the root, once, and notes in the
// caller's memory where each node stands. After that nothing can fail and nothing is allocated:
//
//   TENON_TRY(const std::uint32_t count, GraphView::count_nodes(bytes));
//   std::vector<std::uint32_t> index(count);
//   TENON_TRY(const GraphView view, GraphView::open(bytes, index));
//   for (const FieldView field : view.root().record().fields) print(field.name,
//   field.value.kind());
//
// What is accepted is what packr's readers accept: any order of nodes, nodes that several others
// share, nodes that nobody refers to, any flags, an option whose presence is not 1 as none, a
// result whose tag is not 0 as err, types that do not say what the children are. Refused besides
// what they refuse: more than kMaxGraphDepth levels. A value with shared nodes can be a tree of any
// size: who walks it as a tree has to bound that (`read_value` does).
//
// Lifetime: bytes and index must outlive the views, and the bytes must not change meanwhile.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "packr/graph_format.h"
#include "packr/payload_reader.h"
#include "packr/type_view.h"
#include "tenon/result.h"

namespace tenon::packr {

class NodeView;
class NodeSequence;
class FieldSequence;
struct ListView;
struct ArrayView;
struct RecordView;
struct VariantView;
struct OptionView;
struct ResultView;

class GraphView {
 public:
  // How many words `open` needs. Never more than an eighth of the bytes that are there.
  // Errors: those of `open` as far as the header goes.
  static Result<std::uint32_t, GraphError> count_nodes(std::span<const std::uint8_t> bytes,
                                                       const GraphLimits& limits = kDefaultLimits);

  // `bytes` is one value. Takes time linear in the bytes, and no memory but a fixed stack.
  // Errors: those of GraphErrorKind, in packr's order: limits and header, the headers of all nodes,
  // root, trailing bytes, scalars and tuples of all nodes, then what the root reaches.
  // REQUIRES: index has count_nodes(bytes) words or more
  static Result<GraphView, GraphError> open(std::span<const std::uint8_t> bytes,
                                            std::span<std::uint32_t> index,
                                            const GraphLimits& limits = kDefaultLimits);

  // A faster `open` for graphs of a single number, the most frequent argument. Returns nothing if the
  // graph is anything else or `index` is empty. Every bit pattern is a valid number.
  static std::optional<GraphView> open_number(std::span<const std::uint8_t> bytes,
                                              std::span<std::uint32_t> index);

  // The same for a value that `bytes` begins with.
  static Result<std::uint32_t, GraphError> count_prefix_nodes(
      std::span<const std::uint8_t> bytes, const GraphLimits& limits = kDefaultLimits);
  static Result<GraphView, GraphError> open_prefix(std::span<const std::uint8_t> bytes,
                                                   std::span<std::uint32_t> index,
                                                   const GraphLimits& limits = kDefaultLimits);

  // The bytes that the value takes.
  [[nodiscard]] std::span<const std::uint8_t> bytes() const { return bytes_; }
  [[nodiscard]] NodeView root() const;

 private:
  friend class GraphOpener;
  GraphView(std::span<const std::uint8_t> bytes, const std::uint32_t* index)
      : bytes_(bytes), index_(index) {}

  std::span<const std::uint8_t> bytes_;
  const std::uint32_t* index_;  // where each node begins
};

// One node that the root reaches. Reading it as another kind than it has ends the process.
class NodeView {
 public:
  [[nodiscard]] NodeKind kind() const { return static_cast<NodeKind>(*header()); }

  // Of a kind with a fixed width: its bits, the upper ones 0. A float's are those of its NaN too.
  [[nodiscard]] std::uint64_t bits() const;
  [[nodiscard]] bool boolean() const { return expect(NodeKind::Bool).bits() != 0; }
  [[nodiscard]] std::uint64_t unsigned_integer() const;  // U8 to U64
  [[nodiscard]] std::int64_t signed_integer() const;     // S8 to S64
  [[nodiscard]] float f32() const;
  [[nodiscard]] double f64() const { return std::bit_cast<double>(expect(NodeKind::F64).bits()); }
  [[nodiscard]] char32_t character() const;
  [[nodiscard]] std::uint64_t flags() const { return expect(NodeKind::Flags).bits(); }
  [[nodiscard]] std::string_view string() const;

  [[nodiscard]] NodeSequence tuple() const;
  // A list of elements without fixed width; those with are an array.
  [[nodiscard]] ListView list() const;
  [[nodiscard]] ArrayView array() const;
  [[nodiscard]] RecordView record() const;
  [[nodiscard]] VariantView variant() const;
  [[nodiscard]] OptionView option() const;
  [[nodiscard]] ResultView result() const;

 private:
  friend class GraphView;
  friend class NodeSequence;
  NodeView(const std::uint8_t* bytes, const std::uint32_t* index, std::uint32_t node)
      : bytes_(bytes), index_(index), node_(node) {}

  [[nodiscard]] const NodeView& expect(NodeKind kind) const;
  [[nodiscard]] const std::uint8_t* header() const { return bytes_ + index_[node_]; }
  [[nodiscard]] const std::uint8_t* payload() const { return header() + kNodeHeaderBytes; }
  // The children whose count stands at `at`.
  [[nodiscard]] NodeSequence sequence(const std::uint8_t* at) const;
  // The child whose position stands at `at`.
  [[nodiscard]] NodeView child(const std::uint8_t* at) const {
    return {bytes_, index_, load_u32(at)};
  }

  const std::uint8_t* bytes_;
  const std::uint32_t* index_;
  std::uint32_t node_;
};

// Children in a row: each is reached in constant time.
class NodeSequence {
 public:
  class Iterator;

  [[nodiscard]] std::uint32_t size() const { return count_; }
  // REQUIRES: i < size()
  [[nodiscard]] NodeView operator[](std::uint32_t i) const;
  [[nodiscard]] Iterator begin() const;
  [[nodiscard]] Iterator end() const;

 private:
  friend class NodeView;
  NodeSequence(const NodeView& parent, const std::uint8_t* at, std::uint32_t count)
      : parent_(parent), at_(at), count_(count) {}

  NodeView parent_;
  const std::uint8_t* at_;  // positions of the children
  std::uint32_t count_;
};

class NodeSequence::Iterator {
 public:
  Iterator(const NodeSequence& nodes, std::uint32_t i) : nodes_(nodes), i_(i) {}
  NodeView operator*() const { return nodes_[i_]; }
  Iterator& operator++() {
    ++i_;
    return *this;
  }
  bool operator==(const Iterator& other) const { return i_ == other.i_; }

 private:
  NodeSequence nodes_;
  std::uint32_t i_;
};

struct FieldView {
  std::string_view name;
  NodeView value;
};

// Fields of a record in the order of the wire. A name may stand there twice.
class FieldSequence {
 public:
  class Iterator;

  [[nodiscard]] std::uint32_t size() const { return values_.size(); }
  [[nodiscard]] Iterator begin() const;
  [[nodiscard]] Iterator end() const;
  // The first field of that name.
  [[nodiscard]] std::optional<NodeView> find(std::string_view name) const;
  // The values alone, by position.
  [[nodiscard]] const NodeSequence& values() const { return values_; }

 private:
  friend class NodeView;
  FieldSequence(const std::uint8_t* names, const NodeSequence& values)
      : names_(names), values_(values) {}

  const std::uint8_t* names_;
  NodeSequence values_;
};

class FieldSequence::Iterator {
 public:
  Iterator(const std::uint8_t* name, const NodeSequence& values, std::uint32_t i)
      : name_(name), values_(values), i_(i) {}
  FieldView operator*() const { return {load_text(name_), values_[i_]}; }
  Iterator& operator++() {
    name_ += 4 + load_text(name_).size();
    ++i_;
    return *this;
  }
  bool operator==(const Iterator& other) const { return i_ == other.i_; }

 private:
  const std::uint8_t* name_;
  NodeSequence values_;
  std::uint32_t i_;
};

struct ListView {
  TypeView element;
  NodeSequence items;
};

// Elements of fixed width, back to back. In an array of bools any byte but 0 is true.
struct ArrayView {
  NodeKind element;
  std::uint32_t count;
  std::span<const std::uint8_t> bytes;

  // Bits of one element, the upper ones 0; of a bool 0 or 1.  REQUIRES: i < count
  [[nodiscard]] std::uint64_t bits(std::uint32_t i) const;
};

struct RecordView {
  std::string_view type_name;  // may be empty
  FieldSequence fields;
};

struct VariantView {
  std::string_view type_name;
  std::string_view case_name;
  std::uint32_t tag;
  NodeSequence payload;  // any number of values
};

struct OptionView {
  TypeView inner;
  std::optional<NodeView> value;
};

enum class ResultSide : std::uint8_t { Ok, Err };

struct ResultView {
  TypeView ok;
  TypeView err;
  ResultSide side;
  NodeView value;
};

}  // namespace tenon::packr
