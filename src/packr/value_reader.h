// Values from packr's wire form, by their types.
//
// What a value says of its own types is not looked at: packages get it wrong. A value where a type
// wants another is an error; where any value may be, it has the kind that the wire says, and a case
// of a record or variant around it is read by that. Names are those of interfaces: `last-msg`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "packr/graph_view.h"
#include "packr/value_path.h"
#include "packr/value_types.h"
#include "tenon/result.h"
#include "tenon/value.h"

namespace tenon::packr {

class ValueReader final {
 public:
  // budget: bytes of memory that the values may take; a node that several share counts each time.
  // Lifetime: refers to `types`.
  ValueReader(const ValueTypes& types, std::uint64_t budget) : types_(types), left_(budget) {}

  // Errors: the first place that does not fit its type.
  [[nodiscard]] Result<Value, ValueProblem> read(NodeView node, types::TypeId id);
  // The arguments of a call as packr passes them: one by itself, none or more as a tuple.
  [[nodiscard]] Result<std::vector<Value>, ValueProblem> read_arguments(
      NodeView node, const std::vector<types::Field>& params);

 private:
  friend struct TypedRead;

  std::optional<Value> take(NodeView node, types::TypeId id);
  std::optional<Value> take_any(NodeView node);
  std::optional<Value> take_any_variant(NodeView node);
  std::optional<Value> take_array(const ArrayView& array);
  std::optional<Value> take_flags(std::uint64_t mask, const types::Flags& kind);
  std::optional<Value> take_all_flags(const ArrayView& array, const types::Flags& kind);
  std::optional<Value> take_list(NodeView node, types::TypeId element);
  // Nothing: remembers why the value at the path does not fit.
  std::nullopt_t fail(std::string message);
  // For one more value, and what it holds beside.
  bool spend(std::uint64_t bytes);

  const ValueTypes& types_;
  std::uint64_t left_;
  EnclosingTypes enclosing_;
  std::uint32_t depth_ = 0;
  ValuePath path_;
  std::optional<ValueProblem> problem_;
};

}  // namespace tenon::packr
