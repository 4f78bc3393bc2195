// The parts of other projects that only the command has, in addition to `library_parts`.
// tools/parts.py generates the source.
#pragma once

#include <span>

#include "tenon/inspect.h"

namespace tenon::cli {

// Lifetime: static.
[[nodiscard]] std::span<const LibraryPart> command_parts();

}  // namespace tenon::cli
