// Test support: a value of the wire form as a tree, with names of types, types of elements and
// tags. Floats are kept as bits, so that a NaN keeps its payload and equals itself.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "packr/graph_format.h"
#include "packr/graph_type.h"
#include "packr/graph_view.h"
#include "packr/graph_writer.h"

namespace tenon::packr {

struct GraphValue;
struct GraphField;

// Owns a value inside of another value. Empty only after a move.
class GraphBox {
 public:
  GraphBox(GraphValue value);
  GraphBox(const GraphBox& other);
  GraphBox(GraphBox&& other) noexcept;
  GraphBox& operator=(const GraphBox& other);
  GraphBox& operator=(GraphBox&& other) noexcept;
  ~GraphBox();

  const GraphValue& operator*() const { return *value_; }
  GraphValue& operator*() { return *value_; }
  bool operator==(const GraphBox& other) const;

 private:
  std::unique_ptr<GraphValue> value_;
};

// A value of a kind with a fixed width. The upper bits are 0.
struct GraphScalar {
  NodeKind kind = NodeKind::Bool;
  std::uint64_t bits = 0;

  bool operator==(const GraphScalar&) const = default;
};

struct GraphTuple {
  std::vector<GraphValue> items;

  bool operator==(const GraphTuple& other) const;
};

// A list whose elements have no fixed width.
struct GraphList {
  GraphType element;
  std::vector<GraphValue> items;

  bool operator==(const GraphList& other) const;
};

struct GraphMap {
  GraphType key;
  GraphType value;
  std::vector<GraphValue> parts;  // keys and values in turn

  bool operator==(const GraphMap& other) const;
};

struct GraphSet {
  GraphType element;
  std::vector<GraphValue> items;

  bool operator==(const GraphSet& other) const;
};

// A list whose elements have a fixed width: little-endian, without gaps. Bools are 0 or 1.
struct GraphArray {
  NodeKind element = NodeKind::U8;
  std::vector<std::uint8_t> bytes;

  bool operator==(const GraphArray&) const = default;
};

struct GraphRecord {
  std::string type_name;
  std::vector<GraphField> fields;  // in the order of the wire; names are not necessarily unique

  bool operator==(const GraphRecord& other) const;
};

struct GraphVariant {
  std::string type_name;
  std::string case_name;
  std::uint32_t tag = 0;
  std::vector<GraphValue> payload;

  bool operator==(const GraphVariant& other) const;
};

struct GraphOption {
  GraphType inner;
  std::optional<GraphBox> value;

  bool operator==(const GraphOption& other) const;
};

struct GraphResult {
  GraphType ok;
  GraphType err;
  ResultSide side = ResultSide::Ok;
  GraphBox value;

  bool operator==(const GraphResult& other) const;
};

struct GraphValue {
  std::variant<GraphScalar, std::string, GraphTuple, GraphList, GraphArray, GraphRecord,
               GraphVariant, GraphOption, GraphResult, GraphMap, GraphSet>
      of;

  bool operator==(const GraphValue& other) const;
};

struct GraphField {
  std::string name;
  GraphValue value;

  bool operator==(const GraphField& other) const = default;
};

// The default limit for the memory of a tree.
inline constexpr std::uint64_t kGraphBudget = std::uint64_t{1} << 30U;

inline GraphBox::GraphBox(GraphValue value)
    : value_(std::make_unique<GraphValue>(std::move(value))) {}
inline GraphBox::GraphBox(const GraphBox& other) : value_(std::make_unique<GraphValue>(*other)) {}
inline GraphBox::GraphBox(GraphBox&& other) noexcept = default;
inline GraphBox& GraphBox::operator=(const GraphBox& other) {
  if (this != &other) value_ = std::make_unique<GraphValue>(*other);
  return *this;
}
inline GraphBox& GraphBox::operator=(GraphBox&& other) noexcept = default;
inline GraphBox::~GraphBox() = default;
inline bool GraphBox::operator==(const GraphBox& other) const { return **this == *other; }

inline bool GraphTuple::operator==(const GraphTuple& other) const = default;
inline bool GraphList::operator==(const GraphList& other) const = default;
inline bool GraphMap::operator==(const GraphMap& other) const = default;
inline bool GraphSet::operator==(const GraphSet& other) const = default;
inline bool GraphRecord::operator==(const GraphRecord& other) const = default;
inline bool GraphVariant::operator==(const GraphVariant& other) const = default;
inline bool GraphOption::operator==(const GraphOption& other) const = default;
inline bool GraphResult::operator==(const GraphResult& other) const = default;
inline bool GraphValue::operator==(const GraphValue& other) const = default;

// The kind of the node that represents the value on the wire.
inline NodeKind kind_of(const GraphValue& value) {
  if (const auto* const scalar = std::get_if<GraphScalar>(&value.of)) return scalar->kind;
  // In the order of the alternatives. The entry for scalars is not used.
  constexpr std::array kKinds{NodeKind::Bool,    NodeKind::String, NodeKind::Tuple,
                              NodeKind::List,    NodeKind::Array,  NodeKind::Record,
                              NodeKind::Variant, NodeKind::Option, NodeKind::Result,
                              NodeKind::Map,     NodeKind::Set};
  return kKinds[value.of.index()];
}

// A type that was read in place, as a tree. The recursion is bounded by the depth that was checked.
inline GraphType make_type(TypeView type) {
  GraphType tree{type.kind(), {}, {}};
  if (tree.kind == NodeKind::Record || tree.kind == NodeKind::Variant) tree.name = type.name();
  if (type.part_count() == 0) return tree;
  const std::uint8_t* at = type.part(0).bytes().data();
  for (std::uint32_t left = type.part_count(); left > 0; --left) {
    const TypeView part = TypeView::at(at);
    at += part.bytes().size();
    tree.parts.push_back(make_type(part));
  }
  return tree;
}

// Copies nodes into trees. Functions return false when the budget is used up. The depth of a view
// bounds the recursion. Results are written in place, to keep the stack frames small.
class TreeReader {
 public:
  explicit TreeReader(std::uint64_t budget) : budget_(budget) {}

  bool read(NodeView node, GraphValue& value) {
    const NodeKind kind = node.kind();
    if (fixed_width(kind) != 0) {
      value.of = GraphScalar{kind, node.bits()};
      return true;
    }
    if (kind == NodeKind::String) return take_text(node.string(), value.of.emplace<std::string>());
    if (kind == NodeKind::Tuple)
      return read_all(node.tuple(), value.of.emplace<GraphTuple>().items);
    if (kind == NodeKind::List) return read_list(node.list(), value.of.emplace<GraphList>());
    if (kind == NodeKind::Set) {
      const ListView set = node.set();
      GraphSet& to = value.of.emplace<GraphSet>();
      return take_type(set.element, to.element) && read_all(set.items, to.items);
    }
    if (kind == NodeKind::Map) {
      const MapView map = node.map();
      GraphMap& to = value.of.emplace<GraphMap>();
      return take_type(map.key, to.key) && take_type(map.value, to.value) &&
             read_all(map.parts, to.parts);
    }
    if (kind == NodeKind::Array) return read_array(node.array(), value.of.emplace<GraphArray>());
    if (kind == NodeKind::Record)
      return read_record(node.record(), value.of.emplace<GraphRecord>());
    if (kind == NodeKind::Variant)
      return read_variant(node.variant(), value.of.emplace<GraphVariant>());
    if (kind == NodeKind::Option)
      return read_option(node.option(), value.of.emplace<GraphOption>());
    return read_result(node.result(), value);
  }

 private:
  [[nodiscard]] bool take(std::uint64_t bytes) {
    if (bytes > budget_) return false;
    budget_ -= bytes;
    return true;
  }

  [[nodiscard]] bool take_text(std::string_view from, std::string& text) {
    if (!take(from.size())) return false;
    text = from;
    return true;
  }

  [[nodiscard]] bool take_type(TypeView from, GraphType& type) {
    // Each type takes at least one byte.
    if (!take(from.bytes().size() * sizeof(GraphType))) return false;
    type = make_type(from);
    return true;
  }

  bool read_all(const NodeSequence& nodes, std::vector<GraphValue>& values) {
    if (!take(std::uint64_t{nodes.size()} * sizeof(GraphValue))) return false;
    values.resize(nodes.size());
    for (std::uint32_t i = 0; i < nodes.size(); ++i)
      if (!read(nodes[i], values[i])) return false;
    return true;
  }

  bool read_list(const ListView& view, GraphList& list) {
    return take_type(view.element, list.element) && read_all(view.items, list.items);
  }

  bool read_array(const ArrayView& view, GraphArray& array) {
    if (!take(view.bytes.size())) return false;
    array.element = view.element;
    array.bytes.assign(view.bytes.begin(), view.bytes.end());
    if (view.element == NodeKind::Bool)
      for (std::uint8_t& byte : array.bytes) byte = byte != 0 ? 1 : 0;
    return true;
  }

  bool read_record(const RecordView& view, GraphRecord& record) {
    if (!take_text(view.type_name, record.type_name)) return false;
    if (!take(std::uint64_t{view.fields.size()} * sizeof(GraphField))) return false;
    record.fields.resize(view.fields.size());
    auto field = record.fields.begin();
    for (const FieldView from : view.fields) {
      if (!take_text(from.name, field->name) || !read(from.value, field->value)) return false;
      ++field;
    }
    return true;
  }

  bool read_variant(const VariantView& view, GraphVariant& variant) {
    variant.tag = view.tag;
    return take_text(view.type_name, variant.type_name) &&
           take_text(view.case_name, variant.case_name) && read_all(view.payload, variant.payload);
  }

  bool read_option(const OptionView& view, GraphOption& option) {
    if (!take_type(view.inner, option.inner)) return false;
    if (!view.value) return true;
    if (!take(sizeof(GraphValue))) return false;
    return read(*view.value, *option.value.emplace(GraphValue{}));
  }

  bool read_result(const ResultView& view, GraphValue& value) {
    if (!take(sizeof(GraphValue))) return false;
    value.of = GraphResult{{}, {}, view.side, GraphValue{}};
    GraphResult& result = std::get<GraphResult>(value.of);
    return take_type(view.ok, result.ok) && take_type(view.err, result.err) &&
           read(view.value, *result.value);
  }

  std::uint64_t budget_;
};

// The recursion ends at the depth at which the writer reports an error.
class TreeWriter {
 public:
  explicit TreeWriter(GraphWriter& out) : out_(out) {}

  void write(const GraphValue& value, std::uint32_t depth) {
    if (depth > kMaxGraphDepth + 1) return;
    std::visit([&](const auto& of) { write_of(of, depth + 1); }, value.of);
  }

 private:
  void write_of(const GraphScalar& scalar, std::uint32_t /*depth*/) {
    out_.add_scalar(scalar.kind, scalar.bits);
  }
  void write_of(const std::string& text, std::uint32_t /*depth*/) { out_.add_string(text); }
  void write_of(const GraphArray& array, std::uint32_t /*depth*/) {
    out_.add_array(array.element, array.bytes);
  }
  void write_of(const GraphTuple& tuple, std::uint32_t depth) {
    out_.begin_tuple();
    write_all(tuple.items, depth);
  }
  void write_of(const GraphList& list, std::uint32_t depth) {
    out_.begin_list(list.element);
    write_all(list.items, depth);
  }
  void write_of(const GraphSet& set, std::uint32_t depth) {
    out_.begin_set(set.element);
    write_all(set.items, depth);
  }
  void write_of(const GraphMap& map, std::uint32_t depth) {
    out_.begin_map(map.key, map.value);
    for (std::size_t i = 0; i + 1 < map.parts.size(); i += 2) {
      out_.begin_entry();
      write(map.parts[i], depth);
      write(map.parts[i + 1], depth);
      out_.end_entry();
    }
    out_.end();
  }
  void write_of(const GraphRecord& record, std::uint32_t depth) {
    out_.begin_record(record.type_name);
    for (const GraphField& field : record.fields) {
      out_.field(field.name);
      write(field.value, depth);
    }
    out_.end();
  }
  void write_of(const GraphVariant& variant, std::uint32_t depth) {
    out_.begin_variant(variant.type_name, variant.case_name, variant.tag);
    write_all(variant.payload, depth);
  }
  void write_of(const GraphOption& option, std::uint32_t depth) {
    out_.begin_option(option.inner);
    if (option.value) write(**option.value, depth);
    out_.end();
  }
  void write_of(const GraphResult& result, std::uint32_t depth) {
    out_.begin_result(result.ok, result.err, result.side);
    write(*result.value, depth);
    out_.end();
  }
  void write_all(const std::vector<GraphValue>& values, std::uint32_t depth) {
    for (const GraphValue& value : values) write(value, depth);
    out_.end();
  }

  GraphWriter& out_;
};

// Copies a node and everything below it. Returns nothing if the tree would take more than `budget`
// bytes of memory. A shared node becomes one copy for each reference.
inline std::optional<GraphValue> read_value(NodeView node, std::uint64_t budget = kGraphBudget) {
  std::optional<GraphValue> value(std::in_place);
  if (!TreeReader(budget).read(node, *value)) value.reset();
  return value;
}

// Writes a value. A list whose type has a fixed width is written as an array. Items that do not
// match that type, and more than kMaxGraphDepth levels, become the error of the writer.
inline void write_value(const GraphValue& value, GraphWriter& writer) {
  TreeWriter(writer).write(value, 0);
}

}  // namespace tenon::packr
