// The metadata of a package, which `__pack_types` gives: from its bytes and to them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "packr/package_type.h"
#include "tenon/result.h"

namespace tenon::packr {

// bytes: a value in the wire form; more may follow. What is unknown is ignored, and what is missing
// is empty, as packr's own reader has it.
// Errors: pack-metadata, with the path to what is wrong; types nested deeper than
//         limits::kNestingDepth, or larger than limits::kPackageTypesBytes.
[[nodiscard]] Result<PackageTypes> read_package_types(std::span<const std::uint8_t> bytes);

// The bytes that packr's macro would make: what is read and written again has equal bytes, if a
// macro made it.
// Errors: pack-metadata, of types that nest too deeply.
[[nodiscard]] Result<std::vector<std::uint8_t>> write_package_types(const PackageTypes& types);

// "list", "flags": as the wire calls a tag. Static.
[[nodiscard]] const char* tag_name(TypeTag tag);

}  // namespace tenon::packr
