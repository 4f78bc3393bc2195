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

namespace tenon::pact {

// Bytes of the text, for messages. Trees are equal wherever their parts stand.
struct TextSpan {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;

  bool operator==(const TextSpan& /*other*/) const { return true; }
};

struct Name {
  std::string text;
  TextSpan place = {};

  bool operator==(const Name&) const = default;
};

enum class TypeKind : std::uint8_t {
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

struct TypeExpr {
  TypeKind kind = TypeKind::Unit;
  packr::TypeTag plain = packr::TypeTag::Bool;  // of Plain
  std::string name = {};                        // of Named
  std::vector<TypeExpr> arguments = {};
  TextSpan place = {};

  bool operator==(const TypeExpr& other) const;
};

inline bool TypeExpr::operator==(const TypeExpr& other) const = default;

// A field, case or label.
struct Member {
  Name name;
  std::vector<TypeExpr> types;  // one of a field; one or none of a case; none of a label

  bool operator==(const Member&) const = default;
};

struct Definition {
  enum class Kind : std::uint8_t { Alias, Record, Variant, Enum, Flags };
  Kind kind = Kind::Alias;
  Name name;
  std::vector<Name> parameters;   // of a generic one
  std::vector<Name> annotations;  // "forward-compatible", "default"
  TypeExpr target;                // of an alias
  std::vector<Member> members;    // of the others

  bool operator==(const Definition&) const = default;
};

struct Parameter {
  Name name;
  TypeExpr type;

  bool operator==(const Parameter&) const = default;
};

struct FunctionDecl {
  Name name;
  std::vector<Parameter> params;
  std::vector<TypeExpr> results;

  bool operator==(const FunctionDecl&) const = default;
};

// `type s: serializable;` in an interface: a type that its user puts in.
struct TypeParameter {
  Name name;
  std::string constraint;  // empty: none

  bool operator==(const TypeParameter&) const = default;
};

// A string, a number as it is written, true or false, or fields.
struct MetaValue {
  enum class Kind : std::uint8_t { String, Number, Bool, Record };
  Kind kind = Kind::String;
  std::string text = {};
  std::vector<std::pair<std::string, MetaValue>> fields = {};

  bool operator==(const MetaValue&) const = default;
};

// `@package: string = "theater:simple";`
struct Meta {
  Name name;
  TypeExpr type;
  MetaValue value;

  bool operator==(const Meta&) const = default;
};

// `use "types.pact".{point};`, `use shapes.{point};`, `use rpc(calculator);`
struct Use {
  enum class Kind : std::uint8_t { File, Interface, Transform };
  Kind kind = Kind::Interface;
  Name from;                    // file, interface or transform
  std::vector<Name> arguments;  // of a transform
  std::vector<Name> items;

  bool operator==(const Use&) const = default;
};

// `interface remote = rpc(calculator);`
struct DerivedInterface {
  Name name;
  Name transform;
  std::vector<Name> arguments;

  bool operator==(const DerivedInterface&) const = default;
};

// What is imported or exported.
struct Item {
  enum class Kind : std::uint8_t {
    Interface,  // `a:b/c`: one that is defined elsewhere, or in the text
    Member,     // `math.double`: one of its functions
    Group,      // `math { double: func(..); }`: with its functions
    Function,   // `process: func(..)`; with a path `a:b/c.f: func(..)`
    Alias,      // `id: T`: a type under another name
  };
  Kind kind = Kind::Interface;
  Name path;              // of an interface; empty for an Alias and a function by itself
  Name name;              // of a Member or Alias
  TypeExpr type;          // of an Alias
  FunctionDecl function;  // of a Function
  std::vector<Definition> definitions;  // of a Group
  std::vector<FunctionDecl> functions;  // of a Group

  bool operator==(const Item&) const = default;
};

// A file, or an interface or world in it.
struct Scope {
  enum class Kind : std::uint8_t { File, Interface, World };
  Kind kind = Kind::File;
  Name name;     // empty for a file
  Name package;  // of a file: "theater:simple"; may be empty
  std::vector<Meta> metas;
  std::vector<TypeParameter> parameters;
  std::vector<Use> uses;
  std::vector<Definition> definitions;
  std::vector<FunctionDecl> functions;  // of WIT+: those of the interface
  std::vector<Item> imports;
  std::vector<Item> exports;
  std::vector<Scope> scopes;
  std::vector<DerivedInterface> derived;

  bool operator==(const Scope& other) const;
};

inline bool Scope::operator==(const Scope& other) const = default;

// What a word stands for as a type; nothing if it is a name. Kinds with arguments too: "list".
struct TypeKeyword {
  std::string_view word;
  TypeKind kind;
  packr::TypeTag plain;
};
[[nodiscard]] const TypeKeyword* find_type_keyword(std::string_view word);
// The word of a kind that is not Named.
[[nodiscard]] std::string_view type_keyword(const TypeExpr& type);

}  // namespace tenon::pact
