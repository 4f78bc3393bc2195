// A hash of a function type. Generated code contains it, so the linker can detect a library that was
// built for another WIT.
#pragma once

#include <cstdint>

#include "types/type.h"

namespace tenon::host {

// Hashes structure and labels, not the names of types, so equal functions have equal hashes in any
// order of definition. Never 0. FNV-1a, 64 bits, of a text in which inner types are their hashes.
[[nodiscard]] std::uint64_t hash_signature(const types::Types& types, types::FunctionId function);

}  // namespace tenon::host
