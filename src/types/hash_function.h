// A hash of a function's type, by which two sides that were built apart notice that they have different
// ones: generated code of host bundles and their hosts, and two tenons.
#pragma once

#include <cstdint>

#include "types/type.h"

namespace tenon::types {

// Hashes structure and labels, not the names of types, so equal functions have equal hashes in any order
// of definition. Never 0. FNV-1a, 64 bits, of a text in which inner types are their hashes.
[[nodiscard]] std::uint64_t hash_function(const Types& types, FunctionId function);

}  // namespace tenon::types
