// What a text of an interface language says, as metadata has it: types written out at every use.
#pragma once

#include <string_view>
#include <vector>

#include "packr/package_type.h"
#include "pact/model.h"
#include "tenon/result.h"

namespace tenon::pact {

// The functions of every interface of the text, with its full name; those of a file without
// interface around them have none. For their hashes.
// Errors: pack-type: types that nest deeper than limits::kNestingDepth when written out, or take
//         more than limits::kPackageTypesBytes.
[[nodiscard]] Result<std::vector<packr::PackageFunctionType>> describe_interfaces(
    const Model& model);

// What a package of that text would carry, with hashes: what its one world imports and exports, or
// without world the file itself; or else each of its interfaces as an export.
// world: which one, if there are several; empty: the only one.
// Errors: as describe_interfaces; pack-type: a world that is not there, or has to be named; an
//         interface that is imported or exported and that nothing defines.
[[nodiscard]] Result<packr::PackageTypes> describe_package(const Model& model,
                                                           std::string_view world);

}  // namespace tenon::pact
