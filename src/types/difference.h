// Shows a difference between an import and an export as a few lines of WIT, like a diff.
//
//   record rate {
//     percent: f64,
// -   currency: string,          cart expects
// +   currency: option<string>,  tax provides
//   }
#pragma once

#include <string_view>

#include "tenon/result.h"
#include "types/subtype.h"
#include "types/type.h"

namespace tenon::types {

// Shows a difference as `-` and `+` lines.
//
// expected_label, actual_label: the two sides, such as "cart expects" and "tax provides". They are
//   appended to the first `-` line and the first `+` line.
// Every line begins with "- ", "+ " or two spaces. Long types are cut with `...`, except around the
// difference. Hostile names are escaped.
[[nodiscard]] Excerpt show_difference(const Types& types, const Difference& difference,
                                      std::string_view expected_label,
                                      std::string_view actual_label);

}  // namespace tenon::types
