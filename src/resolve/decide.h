// The passes of resolve, up to the point where every import is decided.
#pragma once

#include "resolve/draft.h"

namespace tenon::resolve {

// Runs the passes that choose providers. Problems are in the draft; if unit names clash, nothing
// after them has run.
enum class Names : std::uint8_t { Fine, Clash };
Names decide_imports(Draft& draft);

}  // namespace tenon::resolve
