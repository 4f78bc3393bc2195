// Text that is safe to print on a terminal. tenon/text.h declares the functions that programs use
// too (`sanitize_text`, `display_width`); terminal_text.cc implements them.
#pragma once

#include <cstdint>

#include "tenon/text.h"

namespace tenon {

// False for a code point that `sanitize_text` escapes, such as a control character.
[[nodiscard]] bool is_safe_character(std::uint32_t code);

}  // namespace tenon
