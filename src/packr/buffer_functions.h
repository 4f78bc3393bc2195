// The module `tenon:buffer`, which packages import.
//
//   new(ptr, len) -> handle                 copies bytes in
//   len(handle) -> i32
//   read(handle, offset, ptr, len) -> i32   copies bytes out, and says how many there were
//   drop(handle)
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/core_instance.h"
#include "packr/buffers.h"

namespace tenon::packr {

inline constexpr std::string_view kBufferModule = "tenon:buffer";

// All that is passed and returned is i32.
struct BufferFunctionType {
  std::string_view name;
  std::uint32_t params;
  std::uint32_t results;
};
inline constexpr std::array<BufferFunctionType, 4> kBufferFunctions{
    {{"new", 2, 1}, {"len", 1, 1}, {"read", 4, 1}, {"drop", 1, 0}}};

// For one life of a package. A handle that it does not have is a trap. Lifetime: refers to `table`.
[[nodiscard]] std::vector<engine::CoreHostImport> make_buffer_functions(BufferTable& table);

}  // namespace tenon::packr
