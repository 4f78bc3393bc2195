// What happens to a consumer when the domain of its provider dies during a call: the function
// returns an error if its result type can carry one; otherwise the domain of the consumer ends too.
//
// Source: docs/resolve.md, "Placement, order, cycles"; docs/domains.md.
#pragma once

#include <optional>

#include "types/type.h"

namespace tenon::resolve {

// The error type of a function whose result is a `result` with one. A variant with a case called
// `error` or `err` does not count.
[[nodiscard]] std::optional<types::TypeId> error_type(const types::Types& types,
                                                      types::FunctionId function);

}  // namespace tenon::resolve
