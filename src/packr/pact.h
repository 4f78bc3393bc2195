// A text of packr's interface languages, as a tree.
//
// packr has several parsers that differ: of WIT+ (`.wit`), of the host's `.pact`, of the guest's
// `.pact`, of the body of `pack_types!`. This tree holds what all of them can say; what is sorted
// by kind keeps its order within the kind. `parse_pact` makes it, `print_pact` writes its one
// normal form.
//
//   record point { x: s32, y: s32 }
//   variant tree<t> { leaf(t), node(list<self>) }
//   imports { math { double: func(n: s64) -> s64; } }
//   exports { process: func(input: value) -> value; }
//
// Source: docs/packr.md, "Interface languages".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "packr/package_type.h"

namespace tenon::packr {

// Bytes of the text, for messages. Trees are equal wherever their parts stand.
struct PactPlace {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;

  bool operator==(const PactPlace& /*other*/) const { return true; }
};

struct PactName {
  std::string text;
  PactPlace place = {};

  bool operator==(const PactName&) const = default;
};

enum class PactKind : std::uint8_t {
  Plain,   // what `plain` says: bool to string, value, and `flags` whose labels nobody knows
  List,    // one argument, as Option and Set
  Option,  //
  Set,     // a list on the wire
  Map,     // key and value; a list of pairs on the wire
  Result,  // ok and err
  Tuple,   // any number of arguments
  Self,    // the definition around it
  Unit,    // `_`: nothing
  Named,   // a definition or a type parameter, with its arguments
};

struct PactType {
  PactKind kind = PactKind::Unit;
  TypeTag plain = TypeTag::Bool;  // of Plain
  std::string name = {};          // of Named
  std::vector<PactType> arguments = {};
  PactPlace place = {};

  bool operator==(const PactType& other) const;
};

inline bool PactType::operator==(const PactType& other) const = default;

// A field, case or label.
struct PactMember {
  PactName name;
  std::vector<PactType> types;  // one of a field; one or none of a case; none of a label

  bool operator==(const PactMember&) const = default;
};

struct PactDefinition {
  enum class Kind : std::uint8_t { Alias, Record, Variant, Enum, Flags };
  Kind kind = Kind::Alias;
  PactName name;
  std::vector<PactName> parameters;   // of a generic one
  std::vector<PactName> annotations;  // "forward-compatible", "default"
  PactType target;                    // of an alias
  std::vector<PactMember> members;    // of the others

  bool operator==(const PactDefinition&) const = default;
};

struct PactParameter {
  PactName name;
  PactType type;

  bool operator==(const PactParameter&) const = default;
};

struct PactFunction {
  PactName name;
  std::vector<PactParameter> params;
  std::vector<PactType> results;

  bool operator==(const PactFunction&) const = default;
};

// `type s: serializable;` in an interface: a type that its user puts in.
struct PactTypeParameter {
  PactName name;
  std::string constraint;  // empty: none

  bool operator==(const PactTypeParameter&) const = default;
};

// A string, a number as it is written, true or false, or fields.
struct PactMetaValue {
  enum class Kind : std::uint8_t { String, Number, Bool, Record };
  Kind kind = Kind::String;
  std::string text = {};
  std::vector<std::pair<std::string, PactMetaValue>> fields = {};

  bool operator==(const PactMetaValue&) const = default;
};

// `@package: string = "theater:simple";`
struct PactMeta {
  PactName name;
  PactType type;
  PactMetaValue value;

  bool operator==(const PactMeta&) const = default;
};

// `use "types.pact".{point};`, `use shapes.{point};`, `use rpc(calculator);`
struct PactUse {
  enum class Kind : std::uint8_t { File, Interface, Transform };
  Kind kind = Kind::Interface;
  PactName from;                    // file, interface or transform
  std::vector<PactName> arguments;  // of a transform
  std::vector<PactName> items;

  bool operator==(const PactUse&) const = default;
};

// `interface remote = rpc(calculator);`
struct PactDerived {
  PactName name;
  PactName transform;
  std::vector<PactName> arguments;

  bool operator==(const PactDerived&) const = default;
};

// What is imported or exported.
struct PactItem {
  enum class Kind : std::uint8_t {
    Interface,  // `a:b/c`: one that is defined elsewhere, or in the text
    Member,     // `math.double`: one of its functions
    Group,      // `math { double: func(..); }`: with its functions
    Function,   // `process: func(..)`; with a path `a:b/c.f: func(..)`
    Alias,      // `id: T`: a type under another name
  };
  Kind kind = Kind::Interface;
  PactName path;          // of an interface; empty for an Alias and a function by itself
  PactName name;          // of a Member or Alias
  PactType type;          // of an Alias
  PactFunction function;  // of a Function
  std::vector<PactDefinition> definitions;  // of a Group
  std::vector<PactFunction> functions;      // of a Group

  bool operator==(const PactItem&) const = default;
};

// A file, or an interface or world in it.
struct PactScope {
  enum class Kind : std::uint8_t { File, Interface, World };
  Kind kind = Kind::File;
  PactName name;     // empty for a file
  PactName package;  // of a file: "theater:simple"; may be empty
  std::vector<PactMeta> metas;
  std::vector<PactTypeParameter> parameters;
  std::vector<PactUse> uses;
  std::vector<PactDefinition> definitions;
  std::vector<PactFunction> functions;  // of WIT+: those of the interface
  std::vector<PactItem> imports;
  std::vector<PactItem> exports;
  std::vector<PactScope> scopes;
  std::vector<PactDerived> derived;

  bool operator==(const PactScope& other) const;
};

inline bool PactScope::operator==(const PactScope& other) const = default;

// What a word stands for as a type; nothing if it is a name. Kinds with arguments too: "list".
struct PactTypeWord {
  std::string_view word;
  PactKind kind;
  TypeTag plain;
};
[[nodiscard]] const PactTypeWord* find_type_keyword(std::string_view word);
// The word of a kind that is not Named.
[[nodiscard]] std::string_view type_keyword(const PactType& type);

}  // namespace tenon::packr
