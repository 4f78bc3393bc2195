// Names fit for a terminal: declared for programs too, in tenon/text.h; this is the rest.
#pragma once

#include <cstdint>

#include "tenon/text.h"

namespace tenon {

// False for a code point that `sanitize_text` escapes.
[[nodiscard]] bool is_safe_character(std::uint32_t code);

}  // namespace tenon
