// What a host bundle has to provide, in the order and with the names that generated code has.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "support/files.h"
#include "tenon/bindgen.h"
#include "tenon/result.h"
#include "types/print_type.h"
#include "types/type.h"

namespace tenon::bindgen {

enum class HostFunctionKind {
  Free,
  Constructor,
  Static,
  Method  // its first parameter is the resource
};

struct HostFunction {
  HostFunctionKind kind = HostFunctionKind::Free;
  std::string table_name;  // "query", "[method]connection.query"
  std::string name;        // of the member that it becomes: "query"
  types::FunctionId function;
  std::uint64_t signature = 0;
  std::string wit;  // its declaration: "query: func(text: string) -> u32;"
};

// A resource, whose class is made here.
struct HostResource {
  types::ResourceId resource;
  std::string label;  // "connection"
  std::string name;   // "connection", or `union_`
  std::vector<HostFunction> methods;
};

// A type that an interface names.
struct HostType {
  std::string name;
  std::variant<types::TypeId, types::ResourceId> type;
  bool is_own = true;  // false: another interface names it first
};

struct HostInterface {
  std::string label;       // "tenon:sqlite/sql@0.1.0"; empty: the world itself
  std::string table_name;  // "tenon:sqlite/sql"; empty: the world itself
  std::string scope;       // its namespace: "sql"
  std::vector<HostType> types;
  std::vector<HostResource> resources;  // also those of `types`
  std::vector<HostFunction> functions;  // all but methods
  // Names of parameters, fields, cases and functions: in their scopes a type of that name is
  // hidden.
  std::set<std::string, std::less<>> member_names;
};

// Where a type is named first.
struct TypePlace {
  std::size_t interface = 0;
  std::string name;
};

struct HostModel {
  types::Types types;
  std::string name;   // "my-db"
  std::string snake;  // "my_db"
  std::string wit;    // as the user wrote its path
  std::string world;  // "tenon:sqlite/host@0.1.0"; may be empty
  std::vector<HostInterface> interfaces;
  std::unordered_map<types::TypeId, TypePlace> named_types;
  std::unordered_map<types::ResourceId, TypePlace> named_resources;
};

// A function as messages and comments call it: "connection.query".
[[nodiscard]] std::string shown_name(const HostFunction& function);

// Errors: as `generate_host_cpp`.
[[nodiscard]] Result<HostModel> read_host_model(const Files& files, const BindgenOptions& options);

}  // namespace tenon::bindgen
