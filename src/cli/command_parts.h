// The parts of other projects that only the command has, in addition to `library_parts`.
// cmake/tenon_parts.cmake generates the source.
#pragma once

#include <span>

#include "tenon/inspect.h"

namespace tenon::cli {

// Lifetime: static.
[[nodiscard]] std::span<const LibraryPart> command_parts();

}  // namespace tenon::cli
