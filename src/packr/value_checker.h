// Checks values in the wire form against their types, without reading them into `Value`s. What it
// accepts is what ValueReader accepts, except that the values can take any amount of memory.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "packr/graph_view.h"
#include "packr/value_types.h"
#include "tenon/result.h"

namespace tenon::packr {

class ValueChecker final {
 public:
  // Lifetime: refers to `types`.
  explicit ValueChecker(const ValueTypes& types) : types_(types) {}

  // Errors: the first part that does not match its type; values of more than kMaxTreeNodes nodes, where
  // a shared node counts for each reference.
  [[nodiscard]] Result<void, ValueProblem> check(NodeView node, types::TypeId id);
  // As ValueReader::read_arguments.
  [[nodiscard]] Result<void, ValueProblem> check_arguments(NodeView node,
                                                           const std::vector<types::Field>& params);

 private:
  friend struct TypedCheck;

  bool visit(NodeView node, types::TypeId id);
  bool visit_any(NodeView node);
  bool visit_part(ValuePath::Part part, NodeView node, types::TypeId id);
  bool visit_all(const NodeSequence& nodes);
  bool enter();
  bool fail(std::string message);

  const ValueTypes& types_;
  std::uint32_t nodes_left_ = kMaxTreeNodes;
  EnclosingTypes enclosing_;
  std::uint32_t depth_ = 0;
  ValuePath path_;
  std::optional<ValueProblem> problem_;
};

// The innermost type that has the case of a variant whose own type is unknown, with its position.
[[nodiscard]] std::optional<types::TypeId> find_enclosing_variant(const ValueTypes& types,
                                                                  const EnclosingTypes& enclosing,
                                                                  const VariantView& variant);

}  // namespace tenon::packr
