#include "types/wasi_handle.h"

#include <algorithm>
#include <array>

namespace tenon::types {

namespace {

struct Row {
  std::string_view interface;
  std::string_view resource;
  WasiHandle handle;
};

constexpr std::array kRows{
    Row{"wasi:io/streams", "input-stream", WasiHandle::InputStream},
    Row{"wasi:io/streams", "output-stream", WasiHandle::OutputStream},
    Row{"wasi:io/poll", "pollable", WasiHandle::Pollable},
    Row{"wasi:io/error", "error", WasiHandle::Error},
    // In WASI 0.2 and 0.3.
    Row{"wasi:filesystem/types", "descriptor", WasiHandle::Descriptor},
};

}  // namespace

std::optional<WasiHandle> find_wasi_handle(std::string_view path) {
  const std::string_view interface = path.substr(0, path.find('@'));
  const std::string_view resource = path.substr(path.rfind('.') + 1);
  const auto* const row = std::ranges::find_if(kRows, [&](const Row& known) {
    return known.interface == interface && known.resource == resource;
  });
  return row == kRows.end() ? std::nullopt : std::optional(row->handle);
}

}  // namespace tenon::types
