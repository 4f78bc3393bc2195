// The resources of WASI whose handles can pass from one domain to another.
//
// Each domain has its own WASI resources. Those of these types are objects of the engine that can
// move; all others stay in their domain.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tenon::types {

enum class WasiHandle : std::uint8_t {
#define TENON_WASI_HANDLE(name, constant, interface, resource, can_be_borrowed) name,
#include "support/wasi_handles.def"
#undef TENON_WASI_HANDLE
};

// path: of a slot of the engine's WASI (types/uses.h): "wasi:io/streams@0.2.12.input-stream".
[[nodiscard]] std::optional<WasiHandle> find_wasi_handle(std::string_view path);

// Whether another domain can borrow such a handle for the time of a call.
[[nodiscard]] bool can_be_borrowed(WasiHandle handle);

}  // namespace tenon::types
