// Completion scripts for shells. They are static: each asks `tenon __complete` what fits.
#pragma once

#include <string_view>

namespace tenon::cli {

// shell: bash, zsh or fish. Empty for another. Lifetime: static.
[[nodiscard]] std::string_view get_completion_script(std::string_view shell);

}  // namespace tenon::cli
