// The syntax tree of a text in one of packr's interface languages.
//
// packr has several parsers, which differ: one for WIT+ (`.wit`), one for the host's `.pact`, one
// for the guest's `.pact`, and one for the body of `pack_types!`. This tree can hold a text of any
// of them. Declarations are sorted by kind; within a kind they keep the order of the text.
//
//   record point { x: s32, y: s32 }
//   variant tree<t> { leaf(t), node(list<self>) }
//   imports { math { double: func(n: s64) -> s64; } }
//   exports { process: func(input: value) -> value; }
//
// Names are not resolved here; `Model` in model.h does that.
//
// Source: docs/packr.md, "Interface languages".
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "packr/package_types.h"

namespace tenon::pact {

// Bytes [begin, end) of the text, for messages. All spans compare equal, so that two trees are
// equal if their texts differ only in layout.
struct TextSpan {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;

  bool operator==(const TextSpan& /*other*/) const { return true; }
};

struct Name {
  std::string text;
  TextSpan span = {};

  bool operator==(const Name&) const = default;
};

enum class TypeKind : std::uint8_t {
  Plain,   // a type with a tag and no arguments: bool to string, value, and flags without labels
  List,    // one argument
  Option,  // one argument
  Set,     // one argument
  Map,     // key and value
  Result,  // ok and err
  Tuple,   // any number of arguments
  Self,    // the enclosing definition
  Unit,    // `_`: no value
  Named,   // a definition or a type parameter, with its arguments
};

// A type as written: `list<point>`.
struct TypeExpr {
  TypeKind kind = TypeKind::Unit;
  packr::TypeTag tag = packr::TypeTag::Bool;  // if kind is Plain
  std::string name = {};                      // if kind is Named
  std::vector<TypeExpr> arguments = {};
  TextSpan span = {};

  bool operator==(const TypeExpr& other) const;
};

inline bool TypeExpr::operator==(const TypeExpr& other) const = default;

// A field of a record, a case of a variant or enum, or a label of flags.
struct Member {
  Name name;
  std::vector<TypeExpr> types;  // a field has one, a case one or none, a label none

  bool operator==(const Member&) const = default;
};

struct Definition {
  enum class Kind : std::uint8_t { Alias, Record, Variant, Enum, Flags };
  Kind kind = Kind::Alias;
  Name name;
  std::vector<Name> parameters;   // of a generic definition: the `t` of `record box<t>`
  std::vector<Name> annotations;  // "forward-compatible", "default"
  TypeExpr target;                // of an alias
  std::vector<Member> members;    // of the other kinds

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

// `type s: serializable;` in an interface: a type that the user of the interface supplies.
struct TypeParameter {
  Name name;
  std::string constraint;  // empty: none

  bool operator==(const TypeParameter&) const = default;
};

// The value of a meta: a string, a number (kept as written), true or false, or a record.
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
  Name from;                    // the file, interface or transform
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

// An import or an export.
struct Item {
  enum class Kind : std::uint8_t {
    Interface,  // `a:b/c`: an interface defined in this text or elsewhere
    Member,     // `math.double`: one function of such an interface
    Group,      // `math { double: func(..); }`: an interface with its functions listed here
    Function,   // `process: func(..)`, or with a path `a:b/c.f: func(..)`
    Alias,      // `id: T`: a type under another name
  };
  Kind kind = Kind::Interface;
  Name path;              // of the interface; empty for an Alias and for a bare function
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
  std::vector<FunctionDecl> functions;  // listed directly, as WIT+ does
  std::vector<Item> imports;
  std::vector<Item> exports;
  std::vector<Scope> scopes;  // nested interfaces and worlds
  std::vector<DerivedInterface> derived;

  bool operator==(const Scope& other) const;
};

inline bool Scope::operator==(const Scope& other) const = default;

}  // namespace tenon::pact
