// Hashes of interfaces: what packages compare before they are linked.
//
// A hash is of the structure: names of types and parameters do not count, and fields and cases are
// taken by name, in any order. So two variants whose cases stand in another order have one hash,
// though their values have other tags: equal hashes do not settle that two interfaces fit.
//
// Source: docs/packr.md, "Interface hashes".
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "packr/package_type.h"
#include "tenon/diagnostic.h"

namespace tenon::packr {

[[nodiscard]] InterfaceHash hash_type(const PackageType& type);
[[nodiscard]] InterfaceHash hash_function(const PackageFunctionType& function);
// Of these functions: a part of an interface has another hash than the whole.
[[nodiscard]] InterfaceHash hash_interface(std::string_view name,
                                           std::span<const PackageFunctionType> functions);

// The hash of each interface that the functions name, in the order of the names.
[[nodiscard]] std::vector<MetadataHash> hash_interfaces(
    std::span<const PackageFunctionType> functions);

// What the hashes that metadata states differ in from those of its types: pack-metadata.
[[nodiscard]] Diagnostics check_hashes(const PackageTypes& types);

}  // namespace tenon::packr
