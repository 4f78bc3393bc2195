// Types of packages and types of components: each as the other, where both can say them.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "packr/package_type.h"
#include "tenon/diagnostic.h"
#include "tenon/result.h"
#include "types/type.h"

namespace tenon::packr {

// Which functions no component can import or export: pack-type, for each that has a type which WIT
// cannot say: one that contains itself, which is named, `value`, a type parameter.
[[nodiscard]] Diagnostics check_component_types(const PackageTypes& from);

// A function of a component as a package would have it. A map is a list of pairs; names of types
// are those of `names`.
// Errors: pack-type: resources, streams, futures and error contexts, a fixed-length list, types
//         that nest deeper than limits::kNestingDepth or take more than limits::kPackageTypesBytes.
[[nodiscard]] Result<PackageFunctionType> describe_function(
    const types::Types& types, const std::unordered_map<types::TypeId, std::string>& names,
    std::string interface, std::string name, types::FunctionId id);

}  // namespace tenon::packr
