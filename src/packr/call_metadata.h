// The metadata of a package that cannot be told from its bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "packr/package_module.h"
#include "tenon/result.h"

namespace tenon::packr {

// Runs `__pack_types` of a package in a store of its own, with imports that trap, and with bounds
// on what it does. Costs a compilation.
// Errors: read-invalid, run-engine; pack-metadata: it failed, or gave what is not in its memory.
[[nodiscard]] Result<std::vector<std::uint8_t>> call_metadata(std::span<const std::uint8_t> bytes);

// What find_metadata finds, or else what call_metadata gives; nothing of a package that exports no
// `__pack_types`. Errors: as call_metadata.
[[nodiscard]] Result<std::optional<std::vector<std::uint8_t>>> get_metadata(
    std::span<const std::uint8_t> bytes, const PackageModule& module);

}  // namespace tenon::packr
