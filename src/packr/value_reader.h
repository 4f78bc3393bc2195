// Reads `Value`s from the wire form, by their types, or checks them without making `Value`s.
//
// The types that a value carries itself are ignored, because packages get them wrong. A value of
// another kind than the type requires is an error. Where the type is a Dynamic, any value is
// accepted and has the kind that the wire states; a variant with a case of an enclosing record or
// variant is read by that type, and any other variant has the number of its case. Labels are
// written as in interfaces: `last-msg`.
#pragma once

#include <cstdint>
#include <vector>

#include "packr/buffers.h"
#include "packr/graph_view.h"
#include "packr/value_types.h"
#include "tenon/result.h"
#include "tenon/value.h"

namespace tenon::packr {

class ValueReader final {
 public:
  // budget: the memory that the values can take, in bytes. They can have kMaxTreeNodes nodes. A shared
  // node counts for each reference.
  // buffers: those of handles in the values; null: there are none.
  // Lifetime: refers to `types` and `buffers`.
  ValueReader(const ValueTypes& types, std::uint64_t budget, BufferTable* buffers = nullptr)
      : types_(types), budget_(budget), buffers_(buffers) {}

  // Errors: the first part that does not match its type.
  [[nodiscard]] Result<Value, ValueProblem> read(NodeView node, types::TypeId id) const;
  // Reads the arguments of a call: a single one is passed directly, any other number as a tuple.
  [[nodiscard]] Result<std::vector<Value>, ValueProblem> read_arguments(
      NodeView node, const std::vector<types::Field>& params) const;

 private:
  const ValueTypes& types_;
  std::uint64_t budget_;
  BufferTable* buffers_;
};

// Check what `read` and `read_arguments` would accept, except that the values can take any amount of memory.
// Errors: the first part that does not match its type; more than kMaxTreeNodes nodes.
[[nodiscard]] Result<void, ValueProblem> check_value(const ValueTypes& types, NodeView node,
                                                     types::TypeId id);
[[nodiscard]] Result<void, ValueProblem> check_arguments(const ValueTypes& types, NodeView node,
                                                         const std::vector<types::Field>& params);

}  // namespace tenon::packr
