// What a package says of its types, as types of a link.
//
// Types are written out at every use, and names of records and variants stand beside them. Where a
// type contains itself, metadata says `value`, any value: a Dynamic that knows within which type it
// stands.
//
// Source: docs/packr.md, "Metadata".
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "packr/package_type.h"
#include "tenon/result.h"
#include "types/type.h"

namespace tenon::packr {

struct MetadataFunction {
  std::string interface;  // empty: exported by itself
  std::string name;       // as the metadata has it: "last-msg", "test_alloc"
  types::FunctionId type;
};

struct Metadata {
  std::vector<MetadataFunction> imports;
  std::vector<MetadataFunction> exports;
  std::vector<MetadataHash> import_hashes;
  std::vector<MetadataHash> export_hashes;
  // Of records, variants and enums.
  std::unordered_map<types::TypeId, std::string> names;
};

// types: where the types are added. Labels are as WIT would have them: `-` for `_`; the functions
// keep their names.
[[nodiscard]] Metadata make_metadata(const PackageTypes& from, types::Types& types);

// The same of the bytes that say them. Errors: as read_package_types.
[[nodiscard]] Result<Metadata> read_metadata(std::span<const std::uint8_t> bytes,
                                             types::Types& types);

}  // namespace tenon::packr
