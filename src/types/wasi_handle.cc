#include "types/wasi_handle.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace tenon::types {

namespace {

struct Row {
  std::string_view interface;
  std::string_view resource;
  WasiHandle handle;
  bool can_be_borrowed;
};

constexpr std::array kRows{
#define TENON_WASI_HANDLE(name, constant, interface, resource, can_be_borrowed) \
  Row{interface, resource, WasiHandle::name, can_be_borrowed},
#include "support/wasi_handles.def"
#undef TENON_WASI_HANDLE
};

}  // namespace

std::optional<WasiHandle> find_wasi_handle(std::string_view path) {
  const std::string_view resource = path.substr(path.rfind('.') + 1);
  const auto* const row = std::ranges::find_if(kRows, [&](const Row& known) {
    return path.starts_with(known.interface) && known.resource == resource;
  });
  return row == kRows.end() ? std::nullopt : std::optional(row->handle);
}

bool can_be_borrowed(WasiHandle handle) {
  return kRows[static_cast<std::size_t>(handle)].can_be_borrowed;
}

}  // namespace tenon::types
