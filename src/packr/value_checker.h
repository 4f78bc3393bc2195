// Checks values in the wire form against their types, without reading them into `Value`s. What it
// accepts is what ValueReader accepts, except that the values can take any amount of memory.
#pragma once

#include <vector>

#include "packr/graph_view.h"
#include "packr/value_types.h"
#include "tenon/result.h"

namespace tenon::packr {

// Errors: the first part that does not match its type; values of more than kMaxTreeNodes nodes, where
// a shared node counts for each reference.
[[nodiscard]] Result<void, ValueProblem> check_value(const ValueTypes& types, NodeView node,
                                                     types::TypeId id);
// As ValueReader::read_arguments.
[[nodiscard]] Result<void, ValueProblem> check_arguments(const ValueTypes& types, NodeView node,
                                                         const std::vector<types::Field>& params);

}  // namespace tenon::packr
