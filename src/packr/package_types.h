// Types and functions as a package's metadata describes them: without definitions, every type is
// written out at each use.
//
// packr compares, hashes and prints interfaces in this form. Inside of a recursive type, metadata
// says `value` (any value) instead of the type itself.
//
// Source: docs/packr.md, "Metadata".
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/sha256.h"
#include "packr/graph_format.h"
#include "tenon/result.h"

namespace tenon::packr {

// The tags of types other than numbers, booleans, characters and strings. A Variant is also an enum: its cases have
// no payload. A Unit is an empty tuple; packr's guests do not write it. A Map is a list of pairs before packr 0.22,
// which has version 3 of the wire form, and a Set a list. A Parameter is a type parameter of a generic interface.
#define TENON_PACKR_COMPOUND_TAGS \
  Flags, List, Option, Result, Record, Variant, Tuple, Value, Unit, Map, Set, Parameter

// The tags of the wire, and Parameter, which the wire writes as a variant without cases.
enum class TypeTag : std::uint32_t {
  Bool,
  U8,
  U16,
  U32,
  U64,
  S8,
  S16,
  S32,
  S64,
  F32,
  F64,
  Char,
  String,
  TENON_PACKR_COMPOUND_TAGS
};

// The tags with one entry, Primitive, for all numbers, booleans, characters and strings.
enum class TypeShape : std::uint8_t { Primitive, TENON_PACKR_COMPOUND_TAGS };

#undef TENON_PACKR_COMPOUND_TAGS

[[nodiscard]] constexpr TypeShape shape_of(TypeTag tag) {
  if (tag <= TypeTag::String) return TypeShape::Primitive;
  constexpr auto kFirst = static_cast<std::uint32_t>(TypeTag::Flags);
  return static_cast<TypeShape>(static_cast<std::uint32_t>(tag) - kFirst + 1);
}
static_assert(shape_of(TypeTag::Flags) == TypeShape::Flags);
static_assert(shape_of(TypeTag::Parameter) == TypeShape::Parameter);

struct PackageType {
  struct Member {
    std::string name;
    std::vector<PackageType> types;  // a field has one, a case at most one, a flag none

    bool operator==(const Member&) const = default;
  };

  TypeTag tag = TypeTag::Value;
  // The name of a record or variant, if it has one; the name of a Parameter. For a Value, the name
  // of the enclosing type that it stands for, if known; the wire does not contain it.
  std::string name = {};
  // Fields or cases. For Flags, the labels, if known; the wire does not contain them.
  std::vector<Member> members = {};
  // The element of a List, Set or Option; ok and err of a Result; the parts of a Tuple; key and value
  // of a Map.
  std::vector<PackageType> parts = {};

  bool operator==(const PackageType&) const = default;
};

using PackageMember = PackageType::Member;

struct PackageParameter {
  std::string name;
  PackageType type;

  bool operator==(const PackageParameter&) const = default;
};

struct PackageFunctionType {
  std::string interface;  // empty for a function without an interface
  std::string name;       // as in the interface: "last-msg", "test_alloc"
  std::vector<PackageParameter> params;
  std::vector<PackageType> results;

  bool operator==(const PackageFunctionType&) const = default;
};

using InterfaceHash = engine::Sha256;

struct MetadataHash {
  std::string interface;
  InterfaceHash hash = {};

  bool operator==(const MetadataHash&) const = default;
};

// A type that the user of a generic package chooses.
struct TypeParameter {
  std::string name;
  std::string constraint;  // can be empty; packr does not check it

  bool operator==(const TypeParameter&) const = default;
};

// The complete metadata of a package.
struct PackageTypes {
  std::vector<PackageFunctionType> imports;
  std::vector<PackageFunctionType> exports;
  std::vector<MetadataHash> import_hashes;
  std::vector<MetadataHash> export_hashes;
  std::vector<TypeParameter> parameters;
  std::string abi = {};  // how results are returned, by name (`PackageAbi`); empty: it does not say

  bool operator==(const PackageTypes&) const = default;
};

// Reads metadata from a value in the wire form. Other bytes can follow the value. As in packr's own
// reader, unknown fields are ignored and missing ones are empty.
// Errors: pack-metadata, with the path to the problem; also for types that are nested deeper than
//         limits::kNestingDepth or larger than limits::kPackageTypesBytes.
[[nodiscard]] Result<PackageTypes> read_package_types(std::span<const std::uint8_t> bytes);

// The bytes that packr's macro generates. Metadata from that macro is written back with equal
// bytes.
// version: of the wire form, which the macro has too; by default, 2 unless there are maps or sets.
// Errors: pack-metadata for types that are nested too deep.
[[nodiscard]] Result<std::vector<std::uint8_t>> write_package_types(
    const PackageTypes& types, std::optional<GraphVersion> version = {});

// The name of a tag on the wire: "list", "flags". The text is static.
[[nodiscard]] const char* tag_name(TypeTag tag);

}  // namespace tenon::packr
