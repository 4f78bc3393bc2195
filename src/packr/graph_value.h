// A value as a tree, with all that its wire form says: names of types, types of elements, tags.
//
// For what lives longer than the bytes, for tests and for text; calls go by `GraphView` and
// `GraphWriter`. Floats are kept as bits, so that a NaN is equal to itself and keeps its payload.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "packr/graph_format.h"
#include "packr/graph_type.h"
#include "packr/graph_view.h"
#include "packr/graph_writer.h"
#include "tenon/result.h"

namespace tenon::packr {

struct GraphValue;
struct GraphField;

// A value that another owns. Empty only after a move.
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

// Of a kind with a fixed width: its bits, the upper ones 0.
struct GraphScalar {
  NodeKind kind = NodeKind::Bool;
  std::uint64_t bits = 0;

  bool operator==(const GraphScalar&) const = default;
};

struct GraphTuple {
  std::vector<GraphValue> items;

  bool operator==(const GraphTuple& other) const;
};

// A list of elements without fixed width.
struct GraphList {
  GraphType element;
  std::vector<GraphValue> items;

  bool operator==(const GraphList& other) const;
};

// A list of elements with: back to back, little-endian; bools are 0 or 1.
struct GraphArray {
  NodeKind element = NodeKind::U8;
  std::vector<std::uint8_t> bytes;

  bool operator==(const GraphArray&) const = default;
};

struct GraphRecord {
  std::string type_name;
  std::vector<GraphField> fields;  // in their order; a name may stand there twice

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
               GraphVariant, GraphOption, GraphResult>
      of;

  bool operator==(const GraphValue& other) const;
};

struct GraphField {
  std::string name;
  GraphValue value;

  bool operator==(const GraphField& other) const = default;
};

// As the kind of its node would be.
[[nodiscard]] NodeKind kind_of(const GraphValue& value);

// Memory for the tree of one value.
inline constexpr std::uint64_t kGraphBudget = std::uint64_t{1} << 30U;

// The tree at a node. Shared nodes become copies, each counted against `budget` bytes of memory;
// a number of nodes would not bound a long string that many share.
// Errors: OverBudget, before more memory is taken than that.
[[nodiscard]] Result<GraphValue, GraphError> read_value(NodeView node,
                                                        std::uint64_t budget = kGraphBudget);

// Adds a value to what is written. A list whose type has a fixed width is written as an array;
// what does not fit, and more than kMaxGraphDepth levels, is the writer's error.
void write_value(const GraphValue& value, GraphWriter& writer);

}  // namespace tenon::packr
