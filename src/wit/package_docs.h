// Reads the documentation in a binary WIT package. It is in the custom section `package-docs`: a byte with the
// version of the format, 0 or 1, and JSON.
//
// Source: wit-parser 0.262, metadata.rs (PackageMetadata).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>

#include "binary/component.h"
#include "types/evaluate.h"

namespace tenon::wit {

// The documentation of items, by their paths (engine::WitItem). It does not affect what is linked, so a
// malformed section is not an error: the result is empty. file: the bytes of the component. package: its types.
[[nodiscard]] std::unordered_map<std::string, std::string> read_package_docs(
    std::span<const std::uint8_t> file, const binary::Component& component,
    const types::WitPackageTypes& package);

}  // namespace tenon::wit
