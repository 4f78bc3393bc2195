// Checks the values of a call against the types of its function. All problems are reported at once.
#pragma once

#include <span>
#include <unordered_map>

#include "tenon/result.h"
#include "tenon/type.h"
#include "tenon/value.h"

namespace tenon::value {

// Problems of handles that the caller found, by the handle. They have no path yet.
using HandleProblems = std::unordered_map<const ValueHandle*, Diagnostics>;

// The problems of all arguments, each with its path such as `$.items[3].price`; empty if they fit.
// A wrong number of arguments is one problem. Problems in `handles` get the path of their handle.
[[nodiscard]] Diagnostics check_arguments(std::span<const Value> arguments,
                                          const FunctionType& function,
                                          const HandleProblems& handles = {});
// The same for one value.
[[nodiscard]] Diagnostics check_part(const Value& value, const Type& type,
                                     const HandleProblems& handles = {});

}  // namespace tenon::value
