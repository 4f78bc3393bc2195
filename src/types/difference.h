// A difference between an import and an export as a few lines of WIT, both sides marked.
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

// Shows one difference.
// wanted_label, found_label: who asks and who gives, such as "cart expects", "tax provides"; they
//   stand behind the first `-` and the first `+` line.
// Lines of a long type are left out, with `...`, except around the difference. Lines begin with "-
// ",
// "+ " or two spaces. Text of hostile names is escaped.
[[nodiscard]] Excerpt show_difference(const Types& types, const Difference& difference,
                                      std::string_view wanted_label, std::string_view found_label);

}  // namespace tenon::types
