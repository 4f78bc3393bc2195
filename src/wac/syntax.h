// The syntax tree of a `.wac` file: what is instantiated, with which arguments, and what is exported.
//
//   package demo:shop targets wasi:cli/command@0.2.6;
//   let tax = new demo:tax {};
//   let cart = new demo:cart { tax: tax.lib, ... };
//   export cart...;
//
// Declarations of interfaces, worlds and types are kept as spans of the text, because they are WIT,
// and the reader of WIT gives them their meaning.
//
// Source: the language of wac 0.12 (LANGUAGE.md of bytecodealliance/wac).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tenon/result.h"

namespace tenon::wac {

// Bytes [begin, end) of the text.
struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;

  bool operator==(const Span&) const = default;
};

// An identifier, without its `%`, or a string, without its quotes.
struct Name {
  std::string text = {};
  bool is_quoted = false;
  Span span = {};

  bool operator==(const Name&) const = default;
};

// `acme:tax@1.2.0`
struct PackageName {
  std::string name = {};     // "acme:tax"
  std::string version = {};  // empty: none
  Span span = {};

  [[nodiscard]] std::string text() const { return version.empty() ? name : name + "@" + version; }
  bool operator==(const PackageName&) const = default;
};

// `acme:tax/lib@1.2.0`
struct PackagePath {
  PackageName package = {};  // its span is that of the whole path
  std::string item = {};     // "lib"; with further `/` for an item inside of it

  // As the component model writes it.
  [[nodiscard]] std::string text() const {
    return package.name + "/" + item + (package.version.empty() ? "" : "@" + package.version);
  }
  bool operator==(const PackagePath&) const = default;
};

// A reference of a declaration to an interface or a world: `use acme:tax/types.{rate}`, `include acme:tax/app`.
struct Use {
  PackagePath path = {};
  std::vector<Name> types = {};  // of a `use`; empty otherwise

  bool operator==(const Use&) const = default;
};

struct Argument;

// A local name, or `new acme:cart { tax, ... }`, and the exports that are accessed, one inside the
// other. Parentheses leave no trace: `(a).b` is `a.b`.
struct Expr {
  Name local = {};
  bool is_new = false;              // then `package` and `arguments` count, and not `local`
  PackageName package = {};         // whose component is instantiated
  std::vector<Argument> arguments;  // no initializer, since the type is incomplete here
  std::vector<Name> accesses = {};  // `.name` and `["name"]`
  Span span = {};

  bool operator==(const Expr&) const;
};

struct Argument {
  enum class Kind : std::uint8_t {
    Inferred,  // `tax`
    Named,     // `tax: expr`, `"acme:tax/lib": expr`
    Spread,    // `...tax`
    Fill,      // `...`
  };
  Kind kind = Kind::Inferred;
  Name name = {};   // of the argument, or of the local item
  Expr value = {};  // Named only
  Span span = {};

  bool operator==(const Argument&) const = default;
};

inline bool Expr::operator==(const Expr& other) const {
  return local == other.local && is_new == other.is_new && package == other.package &&
         arguments == other.arguments && accesses == other.accesses && span == other.span;
}

// The type of an import: a path, the name of a declaration, or WIT in place.
struct ImportType {
  enum class Kind : std::uint8_t { Path, Local, Function, Interface };
  Kind kind = Kind::Path;
  PackagePath path = {};  // Path
  Name local = {};        // Local
  Span span = {};

  bool operator==(const ImportType&) const = default;
};

// `import log as "acme:log/sink": interface { .. };`
struct ImportStatement {
  Name id = {};
  std::optional<Name> as = {};
  ImportType type = {};

  bool operator==(const ImportStatement&) const = default;
};

// `interface i { .. }`, `world w { .. }`, `type t = ..;`, `record r { .. }`, ...
struct TypeStatement {
  enum class Kind : std::uint8_t { Interface, World, Type };
  Kind kind = Kind::Type;
  Name id = {};
  Span span = {};      // all of it, with its gates: `@unstable(feature = fancy) interface i { .. }`
  Span function = {};  // of `type f = func(..)`, which WIT does not have: the `func(..)`

  bool operator==(const TypeStatement&) const = default;
};

// `let x = expr;`
struct LetStatement {
  Name id = {};
  Expr value = {};

  bool operator==(const LetStatement&) const = default;
};

// `export expr;`, `export expr as "name";`, `export expr...;`
struct ExportStatement {
  Expr value = {};
  bool is_spread = false;
  std::optional<Name> as = {};

  bool operator==(const ExportStatement&) const = default;
};

using Statement = std::variant<ImportStatement, TypeStatement, LetStatement, ExportStatement>;

// A part of a declaration that is not WIT: it is left out, or WIT has `by` in its place.
struct Edit {
  Span at = {};
  Span by = {};  // empty: nothing

  bool operator==(const Edit&) const = default;
};

struct Document {
  Span directive = {};  // `package .. ;`
  PackageName package = {};
  std::optional<PackagePath> targets = {};
  std::vector<Statement> statements = {};
  // The paths in declarations and inline types.
  std::vector<Use> used = {};
  // Types of functions are declared as `type f = func(..);` and used as `g: f;`, and an inline
  // interface ends with `;`. In the order of the text.
  std::vector<Edit> edits = {};

  bool operator==(const Document&) const = default;
};

// Parses a file. After a statement with an error, it goes on with the next.
// file: for messages. Errors: wac-syntax, each with line, column and an excerpt; at most kMostProblems.
// Nesting is limited to limits::kNestingDepth.
inline constexpr std::size_t kMostProblems = 20;
[[nodiscard]] Result<Document> parse_wac(const std::string& file, std::string_view text);

}  // namespace tenon::wac
