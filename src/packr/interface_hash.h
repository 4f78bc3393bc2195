// Hashes of interfaces, which packages compare before they are linked.
//
// A hash covers the structure only: names of types and parameters do not matter, and fields and
// cases are taken in the order of their names. So two variants with the same cases in another order
// have the same hash, although their values have other tags: equal hashes do not prove that two
// interfaces are compatible.
//
// Source: docs/packr.md, "Interface hashes".
#pragma once

#include <span>
#include <vector>

#include "packr/package_types.h"
#include "tenon/result.h"

namespace tenon::packr {

[[nodiscard]] InterfaceHash hash_type(const PackageType& type);
[[nodiscard]] InterfaceHash hash_function(const PackageFunctionType& function);
// The hash of each interface that the functions belong to, in the order of the names. A subset of
// an interface's functions has another hash than all of them.
[[nodiscard]] std::vector<MetadataHash> hash_interfaces(
    std::span<const PackageFunctionType> functions);

// Compares the hashes in metadata with those of its types. Returns a problem (pack-metadata) for
// each difference.
[[nodiscard]] Diagnostics check_hashes(const PackageTypes& types);

}  // namespace tenon::packr
