// The bytes of a package's metadata, in the wire form of a value.
//
// A package returns them from `__pack_types`. In most packages this function only stores two
// constants, the address and the size of the metadata in a data segment. `find_metadata` recognizes
// such a function and reads the segment, without running any code. For all other packages,
// `call_metadata` runs the function.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "packr/package_module.h"
#include "tenon/result.h"

namespace tenon::packr {

// Returns nothing if the metadata cannot be found without running the package. Does not check what
// the metadata contains.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> find_metadata(
    std::span<const std::uint8_t> bytes);

// Runs `__pack_types` in a store of its own, with limits on memory and time and with imports that
// trap. Compiles the package.
// Errors: read-invalid, run-engine; pack-metadata if the function fails or returns an address
// outside
//         of its memory.
[[nodiscard]] Result<std::vector<std::uint8_t>> call_metadata(std::span<const std::uint8_t> bytes);

// The result of find_metadata or otherwise of call_metadata; nothing if the package does not export
// `__pack_types`. Errors: as call_metadata.
[[nodiscard]] Result<std::optional<std::vector<std::uint8_t>>> get_metadata(
    std::span<const std::uint8_t> bytes, const PackageModule& module);

}  // namespace tenon::packr
