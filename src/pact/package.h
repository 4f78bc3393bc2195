// Conversion between texts of the interface languages and the metadata of packages.
//
// Metadata has no definitions: each type is written out wherever it is used. From a text to
// metadata, names are replaced by the types they stand for. From metadata to a text, records and
// variants become definitions again.
//
// Source: docs/packr.md, "Metadata".
#pragma once

#include <string_view>
#include <vector>

#include "packr/package_types.h"
#include "packr/value_bytes.h"
#include "pact/model.h"
#include "pact/tree.h"
#include "tenon/result.h"

namespace tenon::pact {

// The functions of all interfaces of the text, each with the full name of its interface. Functions
// outside of an interface have an empty one. Used to compute interface hashes.
// Errors: pack-type: types that nest deeper than limits::kNestingDepth when written out, or take
//         more than limits::kPackageTypesBytes.
[[nodiscard]] Result<std::vector<packr::PackageFunctionType>> describe_interfaces(
    const Model& model);

// The metadata, with hashes, of a package that implements the text. Its imports and exports are
// those of the world, or those of the file if there is no world. If the file has neither, each
// interface is an export.
// world: selects one of several worlds; may be empty if there is at most one.
// Errors: as describe_interfaces; pack-type: an unknown world, several worlds and none selected, or
//         an imported or exported interface whose functions the text does not define.
[[nodiscard]] Result<packr::PackageTypes> describe_package(const Model& model,
                                                           std::string_view world);

// Reads the type of a value, with the definitions that it uses in front: `list<s32>`, or
// `record point { x: s32 } list<point>`. `value` is any value. A side `_` of a result is the empty
// tuple, as in values, not what metadata has for it. This is what `tenon pack encode --type` takes.
// Errors: pack-syntax; pack-type, as Model::open and describe_interfaces.
[[nodiscard]] Result<packr::ValueType> read_value_type(Source source);

// A file with the same meaning: `describe_package` of it gives equal metadata. Records and variants
// become definitions in the group of their interface. Different types of one name are numbered, and
// so are types without a name. What metadata lacks cannot be restored: a `value` may have been
// `self`, and `flags` have no labels unless `types` carries them.
[[nodiscard]] Scope make_pact(const packr::PackageTypes& types);

}  // namespace tenon::pact
