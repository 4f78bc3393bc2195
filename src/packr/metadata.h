// The types in a package's metadata as types of a link, and types of a link as metadata.
//
// Metadata writes out every type at each use; `make_metadata` adds all of them to the arena of the
// link. The names of records and variants are kept beside the types, because types of a link have
// no names. Inside of a recursive type, metadata says `value`, any value: this becomes a Dynamic
// that knows the name of the enclosing type.
//
// Source: docs/packr.md, "Metadata".
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "packr/package_types.h"
#include "tenon/result.h"
#include "types/type.h"

namespace tenon::packr {

struct MetadataFunction {
  std::string interface;  // empty for a function without an interface
  std::string name;       // as in the metadata: "last-msg", "test_alloc"
  types::FunctionId type;
};

struct Metadata {
  std::vector<MetadataFunction> imports;
  std::vector<MetadataFunction> exports;
  std::vector<MetadataHash> import_hashes;
  std::vector<MetadataHash> export_hashes;
  // The names of records, variants and enums.
  std::unordered_map<types::TypeId, std::string> names;
  std::optional<GraphVersion> version = {};  // of its values
  std::string abi = {};                      // see PackageTypes
};

// types: receives the types. Labels are spelled as in WIT, with `-` instead of `_`; names of
// functions are unchanged.
[[nodiscard]] Metadata make_metadata(const PackageTypes& from, types::Types& types);

// Reads the bytes of metadata. Errors: as read_package_types.
[[nodiscard]] Result<Metadata> read_metadata(std::span<const std::uint8_t> bytes,
                                             types::Types& types);

// Finds the functions that no component can import or export. Returns one problem (pack-type) for
// each function with a type that WIT cannot express: a recursive type, `value`, a type parameter.
[[nodiscard]] Diagnostics check_component_types(const PackageTypes& from);

// Describes a function of a component as metadata.
// names: of records and variants.
// Errors: pack-type for resources, streams, futures, error contexts and fixed-length lists, and for
//         types that are nested deeper than limits::kNestingDepth or take more than
//         limits::kPackageTypesBytes.
[[nodiscard]] Result<PackageFunctionType> describe_function(
    const types::Types& types, const std::unordered_map<types::TypeId, std::string>& names,
    std::string interface, std::string name, types::FunctionId id);

}  // namespace tenon::packr
