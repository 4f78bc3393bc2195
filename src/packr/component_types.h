// Types of packages and types of components: each as the other, where both can say them.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "packr/metadata.h"
#include "packr/package_type.h"
#include "tenon/result.h"
#include "types/type.h"

namespace tenon::packr {

// The functions as types of a link that WIT can say.
// Errors: pack-type, for each function that it cannot: a type that contains itself, which is named,
//         `value`, a type parameter, flags without labels.
[[nodiscard]] Result<Metadata> make_component_types(const PackageTypes& from, types::Types& types);

// A function of a component as a package would have it. A map is a list of pairs; names of types
// are those of `names`.
// Errors: pack-type: resources, streams, futures and error contexts, a list of fixed length, types
//         that nest deeper than limits::kNestingDepth or take more than limits::kPackageTypesBytes.
[[nodiscard]] Result<PackageFunction> describe_function(
    const types::Types& types, const std::unordered_map<types::TypeId, std::string>& names,
    std::string interface, std::string name, types::FunctionId id);

}  // namespace tenon::packr
