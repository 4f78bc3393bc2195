// What a package says of its types: the value that `__pack_types` gives.
//
// Types are written out at every use, and names of records and variants stand beside them. Where a
// type contains itself, metadata says `value`, any value: a Dynamic that knows within which type it
// stands.
//
// Source: docs/packr.md, "Metadata".
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "tenon/result.h"
#include "types/type.h"

namespace tenon::packr {

using InterfaceHash = std::array<std::uint8_t, 32>;

struct MetadataFunction {
  std::string interface;  // empty: exported by itself
  std::string name;       // as the metadata has it: "last-msg", "test_alloc"
  types::FunctionId type;
};

struct MetadataHash {
  std::string interface;
  InterfaceHash hash = {};
};

struct Metadata {
  std::vector<MetadataFunction> imports;
  std::vector<MetadataFunction> exports;
  std::vector<MetadataHash> import_hashes;
  std::vector<MetadataHash> export_hashes;
  // Of records, variants and enums.
  std::unordered_map<types::TypeId, std::string> names;
};

// bytes: a value in the wire form; more may follow. types: where the types are added.
// What is unknown is ignored, and what is missing is empty, as packr's own reader has it.
// Errors: pack-metadata, with the path to what is wrong; also more than limits::kTypeNodes parts.
[[nodiscard]] Result<Metadata> read_metadata(std::span<const std::uint8_t> bytes,
                                             types::Types& types);

}  // namespace tenon::packr
