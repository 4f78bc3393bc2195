// Shows a difference between an import and an export as a few lines of WIT, like a diff.
//
//   record rate {
//     percent: f64,
// -   currency: string,          cart expects
// +   currency: option<string>,  tax provides
//   }
#pragma once

#include <string_view>

#include "tenon/diagnostic.h"
#include "types/subtype.h"
#include "types/type.h"

namespace tenon::types {

// wanted_label, found_label: the two sides, such as "cart expects" and "tax provides". They are
// appended
//   to the first `-` line and the first `+` line.
// Every line begins with "- ", "+ " or two spaces. Long types are cut with `...`, except around the
// difference. Hostile names are escaped.
[[nodiscard]] Excerpt show_difference(const Types& types, const Difference& difference,
                                      std::string_view wanted_label, std::string_view found_label);

}  // namespace tenon::types
