// The contract of a host bundle, or of a program and its units, as generated code sees it: interfaces,
// types, functions and resources of its WIT, in the order of the WIT, each with the name that it has in C
// and C++.
//
//   const Result<HostModel> model = read_host_model(files, {.wit = "wit", .name = "sqlite"});
//   model->interfaces[0].scope;  // "sql", for namespace sqlite_host::sql
//
// All printers of this module start from a HostModel, so that they agree on names.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "bindgen/bindgen.h"
#include "support/files.h"
#include "tenon/result.h"
#include "types/type.h"

namespace tenon::bindgen {

// "read-only" -> "read_only"; a trailing `_` is added to words that C, C++ or their common macros
// reserve: "delete" -> "delete_".
[[nodiscard]] std::string snake_name(std::string_view label);

// "read-only" -> "read_only". Keywords are kept: for parts of longer names.
[[nodiscard]] std::string snake_words(std::string_view label);

// "read_only" -> "READ_ONLY"
[[nodiscard]] std::string macro_name(std::string_view name);

// The names of one scope, all different. No name of a WIT ends in `_`, so that appending one cannot
// produce another name of the WIT.
class Names final {
 public:
  Names() = default;
  explicit Names(std::set<std::string> taken) : taken_(std::move(taken)) {}

  // `name`, with as many `_` appended as it takes to be unique in the scope.
  std::string take(std::string name);

 private:
  std::set<std::string> taken_;
};

enum class HostFunctionKind {
  Free,
  Constructor,
  Static,
  Method  // its first parameter is the resource
};

struct HostFunction {
  HostFunctionKind kind = HostFunctionKind::Free;
  std::string table_name;  // "query", "[method]connection.query"
  std::string name;        // of the C++ member function: "query"
  types::FunctionId function;
  std::uint64_t signature = 0;  // hash of its type
  std::string wit;        // its declaration, for a comment: "query: func(text: string) -> u32;"
  std::string docs = {};  // of the WIT text; in models of programs
};

// A resource that the bundle implements; a class is generated for it.
struct HostResource {
  types::ResourceId resource;
  std::string label;  // "connection"
  std::string name;   // "connection", or `union_`
  std::vector<HostFunction> methods;
};

// A named type of an interface.
struct HostType {
  std::string label;  // "read-only"
  std::string name;   // "read_only"
  std::variant<types::TypeId, types::ResourceId> type;
  bool is_own = true;  // false: it is an alias of a type of an earlier interface
  std::string docs = {};
  std::vector<std::string> member_docs = {};  // of its fields or cases; empty: none has any

  // Empty if the member has none. index: in the order of the WIT
  [[nodiscard]] std::string_view docs_of(std::size_t index) const {
    return index < member_docs.size() ? std::string_view(member_docs[index]) : std::string_view();
  }
};

struct HostInterface {
  std::string label;       // "tenon:sqlite/sql@0.1.0"; empty for the world itself
  std::string table_name;  // "tenon:sqlite/sql"; empty for the world itself
  std::string scope;  // its namespace: "sql"; "exports::sql", if units provide it to the program
  bool is_export = false;  // units provide it, and the program calls it
  std::string docs;
  std::vector<HostType> types;
  std::vector<HostResource> resources;  // also listed in `types`
  std::vector<HostFunction> functions;  // all but methods
  // Names of parameters, fields, cases and functions. In their scopes they hide types of the same
  // name, which must be spelled in full there.
  std::set<std::string, std::less<>> member_names;
};

// The first interface that names a type, and the name.
struct TypePlace {
  std::size_t interface = 0;
  std::string name;
};

// Whose code is generated.
enum class CodeFor : std::uint8_t {
  Bundle,  // it provides all interfaces
  Program  // it provides the imports of the world, and calls the exports
};

struct HostModel {
  CodeFor code_for = CodeFor::Bundle;
  types::Types types;
  std::string name;                   // "my-db"
  std::string snake;                  // "my_db"
  std::string root;                   // the namespace around all others: "my_db_host"
  std::string wit;                    // path, as the user wrote it
  std::string world;                  // "tenon:sqlite/host@0.1.0"; empty if the WIT has none
  std::string docs;                   // of the world
  std::vector<std::string> left_out;  // "tenon:sqlite/sql@0.1.0#vacuum (feature `vacuum`)"
  Diagnostics notes;                  // on the WIT
  std::vector<HostInterface> interfaces;
  std::unordered_map<types::TypeId, TypePlace> named_types;
  std::unordered_map<types::ResourceId, TypePlace> named_resources;

  // The index of one of `interfaces`.
  [[nodiscard]] std::size_t index_of(const HostInterface& interface) const {
    return static_cast<std::size_t>(&interface - interfaces.data());
  }
};

// The name of a function in messages and comments: "connection.query".
[[nodiscard]] std::string shown_name(const HostFunction& function);

// The items that are left out, for the comment at the top of generated code. line: the text that begins
// each line of the comment. Empty if nothing is left out.
[[nodiscard]] std::string print_left_out(const HostModel& model, std::string_view line);

// The problem of a model with types that code in a language cannot have. language: "C++"
[[nodiscard]] Diagnostic refuse_types(const HostModel& model, std::string_view language);

// Errors: as `generate_host_cpp`.
[[nodiscard]] Result<HostModel> read_host_model(const Files& files, const BindgenOptions& options);

// The same for a program, with interfaces that it provides first. A WIT without worlds is that of a program
// that both provides and calls each interface. Errors: as `generate_cpp`.
[[nodiscard]] Result<HostModel> read_program_model(const Files& files,
                                                   const BindgenOptions& options);

}  // namespace tenon::bindgen
