// What a type of a function is, as a number: how bindgen and the linker tell that a library was
// built for the WIT that it comes with.
#pragma once

#include <cstdint>

#include "types/type.h"

namespace tenon::host {

// Of structure and labels, not of names of types: equal for equal functions, in any order of
// definition. Never 0. FNV-1a, 64 bits, of the text of each type, its parts by their numbers.
[[nodiscard]] std::uint64_t hash_signature(const types::Types& types, types::FunctionId function);

}  // namespace tenon::host
