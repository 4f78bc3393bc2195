// Types and functions as packr's metadata has them: without definitions, written out at every use.
//
// Whatever packr compares, hashes or prints about an interface goes by this form. Where a type
// contains itself, it says `value`, any value.
//
// Source: docs/packr.md, "Metadata".
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "support/sha256.h"

namespace tenon::packr {

// As on the wire, but for Parameter, which the wire has as another kind of Variant.
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
  Flags,
  List,
  Option,
  Result,
  Record,
  Variant,  // enums too: variants whose cases carry nothing
  Tuple,
  Value,
  Unit,       // an empty tuple; packr's guests do not write it
  Parameter,  // of a generic interface
};

// What a type is made of: numbers, booleans, characters and strings are Primitive, the rest as the
// tags say.
enum class TypeShape : std::uint8_t {
  Primitive,
  Flags,
  List,
  Option,
  Result,
  Record,
  Variant,
  Tuple,
  Value,
  Unit,
  Parameter,
};

[[nodiscard]] constexpr TypeShape shape_of(TypeTag tag) {
  if (tag <= TypeTag::String) return TypeShape::Primitive;
  constexpr auto kFirst = static_cast<std::uint32_t>(TypeTag::Flags);
  return static_cast<TypeShape>(static_cast<std::uint32_t>(tag) - kFirst + 1);
}
static_assert(shape_of(TypeTag::Flags) == TypeShape::Flags);
static_assert(shape_of(TypeTag::Parameter) == TypeShape::Parameter);

[[nodiscard]] constexpr bool is_primitive(TypeTag tag) {
  return shape_of(tag) == TypeShape::Primitive;
}

struct PackageType {
  struct Member {
    std::string name;
    std::vector<PackageType> types;  // one of a field; one or none of a case; none of a label

    bool operator==(const Member&) const = default;
  };

  TypeTag tag = TypeTag::Value;
  // Of a record or variant, empty: it has none. Of a Parameter: which. Of a Value: the definition
  // around it that it stands for, which the wire does not say.
  std::string name = {};
  // Fields or cases; labels of Flags, which the wire does not have, if they are known.
  std::vector<Member> members = {};
  // The element of a List or Option; ok and err of a Result; the parts of a Tuple.
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
  std::string interface;  // empty: by itself
  std::string name;       // as the interface has it: "last-msg", "test_alloc"
  std::vector<PackageParameter> params;
  std::vector<PackageType> results;

  bool operator==(const PackageFunctionType&) const = default;
};

using InterfaceHash = Sha256;

struct MetadataHash {
  std::string interface;
  InterfaceHash hash = {};

  bool operator==(const MetadataHash&) const = default;
};

// What is put in when the package is used.
struct TypeParameter {
  std::string name;
  std::string constraint;  // empty: none. packr checks none of them.

  bool operator==(const TypeParameter&) const = default;
};

// All that a package's metadata says.
struct PackageTypes {
  std::vector<PackageFunctionType> imports;
  std::vector<PackageFunctionType> exports;
  std::vector<MetadataHash> import_hashes;
  std::vector<MetadataHash> export_hashes;
  std::vector<TypeParameter> parameters;

  bool operator==(const PackageTypes&) const = default;
};

}  // namespace tenon::packr
