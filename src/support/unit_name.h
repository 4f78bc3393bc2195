// Names of units and of domains.
#pragma once

#include <string>
#include <string_view>

namespace tenon {

inline constexpr std::string_view kUnitNameRule =
    "a unit name is a letter, then letters, digits and `-`, in lower case; `wasi` is taken";

// `[a-z][a-z0-9-]*`, and not `wasi`.
[[nodiscard]] bool is_unit_name(std::string_view name);

// Such a name like `name`. prefix: what it begins with if it would not.
[[nodiscard]] std::string propose_unit_name(std::string_view name, std::string_view prefix);

}  // namespace tenon
