// A read-only view of a value in the wire form, in place: in a guest's memory, for example.
//
// `GraphView::open` checks everything that can be reached from the root, once, and stores the
// offset of each node in an index that the caller provides. After that, nothing can fail and
// nothing is allocated:
//
//   TENON_TRY(const std::uint32_t count, GraphView::count_nodes(bytes));
//   std::vector<std::uint32_t> index(count);
//   TENON_TRY(const GraphView view, GraphView::open(bytes, index));
//   for (const FieldView field : view.root().record().fields)
//     print(field.name, field.value.kind());
//
// `open` accepts what packr's readers accept: nodes in any order, nodes shared by several others,
// unreferenced nodes, any flags, an option whose presence byte is not 1 (none), a result whose tag
// is not 0 (err), and types that do not match the children. In addition, it rejects graphs of more
// than kMaxGraphDepth levels. With shared nodes, a small graph can stand for a tree of any size, so
// code that visits it as a tree needs a TreeBudget.
//
// Lifetime: the bytes and the index must outlive the views, and the bytes must not change.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "packr/graph_format.h"
#include "packr/graph_type.h"
#include "tenon/result.h"

namespace tenon {
struct GraphAccess;  // the public view, tenon/packr.h
}  // namespace tenon

namespace tenon::packr {

class NodeView;
class NodeSequence;
class FieldSequence;
struct ListView;
struct ArrayView;
struct MapView;
struct RecordView;
struct VariantView;
struct OptionView;
struct ResultView;

class GraphView {
 public:
  // The number of words that `open` needs: at most an eighth of the number of bytes.
  // Errors: those of `open` for the header.
  static Result<std::uint32_t, GraphError> count_nodes(std::span<const std::uint8_t> bytes,
                                                       const GraphLimits& limits = kDefaultLimits);

  // Opens one value, which takes up all of `bytes`. Takes time linear in the number of bytes and a
  // fixed amount of stack.
  // Errors: those of GraphErrorKind. Checks are made in packr's order: limits and header, the
  // headers of all nodes, root, trailing bytes, scalars and tuples of all nodes, then everything
  // that the root reaches.
  // REQUIRES: index has at least count_nodes(bytes) words
  static Result<GraphView, GraphError> open(std::span<const std::uint8_t> bytes,
                                            std::span<std::uint32_t> index,
                                            const GraphLimits& limits = kDefaultLimits);

  // A faster `open` for graphs of a single number, the most frequent argument. Returns nothing if
  // the graph is anything else or `index` is empty. Every bit pattern is a valid number.
  static std::optional<GraphView> open_number(std::span<const std::uint8_t> bytes,
                                              std::span<std::uint32_t> index);

  // The same for a value at the beginning of `bytes`, followed by anything.
  static Result<std::uint32_t, GraphError> count_prefix_nodes(
      std::span<const std::uint8_t> bytes, const GraphLimits& limits = kDefaultLimits);
  static Result<GraphView, GraphError> open_prefix(std::span<const std::uint8_t> bytes,
                                                   std::span<std::uint32_t> index,
                                                   const GraphLimits& limits = kDefaultLimits);

  // The bytes that the value takes.
  [[nodiscard]] std::span<const std::uint8_t> bytes() const { return bytes_; }
  [[nodiscard]] NodeView root() const;
  // Whether it has a map or a set in a node, reachable or not, or in a type that a node states.
  [[nodiscard]] bool has_collections() const;

 private:
  friend class GraphOpener;
  GraphView(std::span<const std::uint8_t> bytes, const std::uint32_t* index)
      : bytes_(bytes), index_(index) {}

  std::span<const std::uint8_t> bytes_;
  const std::uint32_t* index_;  // the offset of each node
};

// A node that can be reached from the root. Reading it as a kind that it does not have ends the
// process.
class NodeView {
 public:
  [[nodiscard]] NodeKind kind() const { return static_cast<NodeKind>(*header()); }

  // The bits of a value with a fixed width; the upper bits are 0. Preserves the payload of a NaN.
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
  // A list whose elements have no fixed width. Other lists are arrays.
  [[nodiscard]] ListView list() const;
  [[nodiscard]] ArrayView array() const;
  [[nodiscard]] MapView map() const;
  [[nodiscard]] ListView set() const;
  [[nodiscard]] RecordView record() const;
  [[nodiscard]] VariantView variant() const;
  [[nodiscard]] OptionView option() const;
  [[nodiscard]] ResultView result() const;

  [[nodiscard]] std::uint32_t payload_size() const { return load_u32(header() + 4); }

 private:
  friend class GraphView;
  friend class NodeSequence;
  friend struct tenon::GraphAccess;
  NodeView(const std::uint8_t* bytes, const std::uint32_t* index, std::uint32_t node)
      : bytes_(bytes), index_(index), node_(node) {}

  [[nodiscard]] const NodeView& expect(NodeKind kind) const;
  [[nodiscard]] const std::uint8_t* header() const { return bytes_ + index_[node_]; }
  [[nodiscard]] const std::uint8_t* payload() const { return header() + kNodeHeaderBytes; }
  // The children whose count is at `at`.
  [[nodiscard]] NodeSequence sequence(const std::uint8_t* at) const;
  // The child whose position is at `at`.
  [[nodiscard]] NodeView child(const std::uint8_t* at) const {
    return {bytes_, index_, load_u32(at)};
  }

  const std::uint8_t* bytes_;
  const std::uint32_t* index_;
  std::uint32_t node_;
};

// The children of a node. Access to each takes constant time.
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

// The fields of a record, in the order of the wire. Names are not necessarily unique.
class FieldSequence {
 public:
  class Iterator;

  [[nodiscard]] std::uint32_t size() const { return values_.size(); }
  [[nodiscard]] Iterator begin() const;
  [[nodiscard]] Iterator end() const;
  // The first field with the name.
  [[nodiscard]] std::optional<NodeView> find(std::string_view name) const;
  // The values without the names.
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

// Elements of fixed width, without gaps. In an array of bools, any byte but 0 is true.
struct ArrayView {
  NodeKind element;
  std::uint32_t count;
  std::span<const std::uint8_t> bytes;

  // The bits of an element; the upper bits are 0, and a bool is 0 or 1. REQUIRES: i < count
  [[nodiscard]] std::uint64_t bits(std::uint32_t i) const;
};

struct MapView {
  TypeView key;
  TypeView value;
  NodeSequence parts;  // the keys and values in turn

  [[nodiscard]] std::uint32_t size() const { return parts.size() / 2; }
  // REQUIRES: i < size()
  [[nodiscard]] NodeView key_at(std::uint32_t i) const { return parts[2 * i]; }
  [[nodiscard]] NodeView value_at(std::uint32_t i) const { return parts[2 * i + 1]; }
};

struct RecordView {
  std::string_view type_name;  // can be empty
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

// --- Reading a graph as a tree ---

// How many nodes and bytes can be read. A shared node counts for each reference, and so does its payload, which
// is read again: its types, and the names of its fields.
class TreeBudget final {
 public:
  // Takes a node with a payload of so many bytes. Returns false if kMaxTreeNodes or kMaxTreeBytes have been
  // taken before.
  [[nodiscard]] bool visit(std::uint32_t payload) {
    if (nodes_left_ == 0 || bytes_left_ == 0) return false;
    --nodes_left_;
    take_bytes(payload);
    return true;
  }
  // Takes bytes that are read beside those of visits. If there are too many, no further node can be visited.
  void take_bytes(std::uint64_t bytes) { bytes_left_ -= std::min(bytes, bytes_left_); }
  // Gives a node back that will be visited again.
  void give_back() { ++nodes_left_; }

 private:
  std::uint32_t nodes_left_ = kMaxTreeNodes;
  std::uint64_t bytes_left_ = kMaxTreeBytes;
};

// Finds fields of a record. If they are asked for in the order in which the record has them, each is found at
// once; otherwise, the names of all fields are read.
class FieldFinder final {
 public:
  // REQUIRES: record is a Record. Lifetime: refers to the budget.
  FieldFinder(NodeView record, TreeBudget& budget)
      : fields_(record.record().fields),
        next_(fields_.begin()),
        size_(record.payload_size()),
        budget_(budget) {}

  // The first field with the name, or else the first one with the other name. REQUIRES: it was not asked for before
  [[nodiscard]] std::optional<NodeView> find(std::string_view name, std::string_view other);

 private:
  FieldSequence fields_;
  FieldSequence::Iterator next_;
  std::uint32_t size_;
  bool is_in_order_ = true;
  TreeBudget& budget_;
};

// --- Maps and sets in either form ---
//
// In version 2 of the wire form, maps and sets are lists. Readers take both forms whatever the version
// is, because the other side may have declared a function with the other form.

// The entries of a map.
class EntrySequence final {
 public:
  // Returns nothing unless the node is a Map, a List, an Array without elements, or a Record without
  // fields: text that is read without a type has an empty map as `{:}`, an empty record.
  [[nodiscard]] static std::optional<EntrySequence> find(NodeView node);

  [[nodiscard]] std::uint32_t size() const;
  // The key and the value; nothing if the item of a list is not a pair. REQUIRES: i < size()
  [[nodiscard]] std::optional<std::pair<NodeView, NodeView>> at(std::uint32_t i) const;

 private:
  enum class Form : std::uint8_t { Map, Pairs };

  EntrySequence() = default;
  EntrySequence(const NodeSequence& nodes, Form form) : nodes_(nodes), form_(form) {}

  std::optional<NodeSequence> nodes_;  // nothing: there are no entries
  Form form_ = Form::Pairs;
};

// The items of a List or a Set; nothing for other nodes, including an Array.
[[nodiscard]] std::optional<NodeSequence> find_items(NodeView node);
// The number of items of a List, a Set or an Array, or of entries of a Map; nothing for other nodes.
[[nodiscard]] std::optional<std::uint32_t> count_items(NodeView node);

// Opens graphs one after another, and provides the index. A single number needs no allocation.
class GraphOpening final {
 public:
  // The root of a graph that takes up all of `bytes`. Errors: as GraphView::open.
  // Lifetime: of the view: until the next call, and that of `bytes`.
  [[nodiscard]] Result<NodeView, GraphError> open(std::span<const std::uint8_t> bytes);
  // Of the graph that was opened last. REQUIRES: there is one
  [[nodiscard]] bool has_collections() const { return view_->has_collections(); }

 private:
  std::optional<GraphView> view_;
  std::uint32_t number_index_ = 0;
  std::vector<std::uint32_t> index_;
};

}  // namespace tenon::packr
