// Whether functions of two versions of an interface can call each other if values are converted
// (`adapt = true` on a wire).
//
// The provider can have additional cases of an enum or a variant in what it receives, lack some in what it
// returns, and have additional fields of option types. Other differences cannot be converted. A
// case that the receiving side does not have fails a call that passes it.
//
// Source: docs/resolve.md, "Adapted edges".
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "types/type.h"

namespace tenon::types {

// One function of both versions.
struct FunctionPair {
  std::string_view name = {};  // begins each text; may be empty
  FunctionId expected = {};
  FunctionId actual = {};
};

// The conversions in the values of functions. A long list ends with "and 12 more".
struct Adaptation {
  // "`order.color` is `none`", "get: `result` is never `low`"
  std::vector<std::string> conversions;
  // "`result` is `urgent`": the values that cannot be passed.
  std::vector<std::string> failures;
};

// Nothing if one of the functions cannot be adapted: other differences, or handles, streams or futures
// in their types. Recursion is bounded by the depth of types.
[[nodiscard]] std::optional<Adaptation> adapt_functions(const Types& types,
                                                        std::span<const FunctionPair> functions);
[[nodiscard]] std::optional<Adaptation> adapt_function(const Types& types, FunctionId expected,
                                                       FunctionId actual);

}  // namespace tenon::types
