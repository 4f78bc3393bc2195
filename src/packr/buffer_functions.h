// The module `tenon:buffer`, which packages import.
//
//   new(ptr, len) -> handle                 copies bytes in
//   len(handle) -> i32
//   read(handle, offset, ptr, len) -> i32   copies bytes out, and says how many there were
//   drop(handle)
#pragma once

#include <vector>

#include "engine/core_instance.h"
#include "packr/buffers.h"

namespace tenon::packr {

inline constexpr std::string_view kBufferModule = "tenon:buffer";

// For one life of a package. A handle that it does not have is a trap. Lifetime: refers to `table`.
[[nodiscard]] std::vector<engine::CoreHostImport> make_buffer_functions(BufferTable& table);

}  // namespace tenon::packr
