// What is wrong with the values of a call, all at once.
#pragma once

#include <span>
#include <unordered_map>

#include "tenon/diagnostic.h"
#include "tenon/type.h"
#include "tenon/value.h"

namespace tenon::value {

// What is wrong with handles, by where each stands; without path.
using HandleProblems = std::unordered_map<const ValueHandle*, Diagnostics>;

// Each problem with its path: `$.items[3].price`. A wrong count of arguments is one problem.
// Empty: nothing is wrong.
[[nodiscard]] Diagnostics check_arguments(std::span<const Value> arguments,
                                          const FunctionType& function,
                                          const HandleProblems& handles = {});
[[nodiscard]] Diagnostics check_part(const Value& value, const Type& type,
                                     const HandleProblems& handles = {});

}  // namespace tenon::value
