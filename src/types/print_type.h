// Prints single items as WIT: the signature of a function, a named type, a type where it is used.
//
//   const TypeNames names = names_of_instance(types, instance);
//   print_type(types, names, id)               // "list<rate>"
//   print_function(types, names, "lookup", f)  // "lookup: func(country: string) -> result<rate>;"
//   print_named_type(types, names, "rate", t)  // {"record rate {", "  percent: f64,", "}"}
//
// This is for diagnostics; the engine's printer (engine/wit_text.h) prints whole packages and
// components. Hostile names are escaped. Text over kMaxPrintedType bytes in a line, or
// kMaxPrintedLines lines, is cut with `...`.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "types/type.h"

namespace tenon::types {

// The names of types and resources in the context where the text is shown. A type without a name is
// written out.
struct TypeNames {
  std::unordered_map<TypeId, std::string> types;
  std::unordered_map<ResourceId, std::string> resources;
};

inline constexpr std::size_t kMaxPrintedType = 400;
inline constexpr std::size_t kMaxPrintedLines = 1000;
// Members of a declaration; the engine does not allow more in a type.
inline constexpr std::size_t kMaxPrintedMembers = 10'000;

// Adds the names that an item gives to types: that of the item, or those of the exports of an instance. A type that
// has a name keeps it.
void add_names(const Types& types, TypeNames& names, const std::string& name, const Item& item);

// The names of the types that an instance exports. If a type has two names, the first counts.
[[nodiscard]] TypeNames names_of_instance(const Types& types, InstanceId instance);

// A name in WIT: `%type` for a keyword. Escaped for a terminal.
[[nodiscard]] std::string print_label(std::string_view label);

// "u8", "error-context". Lifetime: static.
[[nodiscard]] std::string_view print_primitive(Primitive kind);

// A type where it is used: its name, or its structure.
[[nodiscard]] std::string print_type(const Types& types, const TypeNames& names, TypeId id);

// The declaration of a function, with `;`. Functions of resources are printed as in the body of the
// resource: `[method]r.f` as "f: func(...);", `[static]r.f` as "f: static func(...);",
// `[constructor]r` as "constructor(...);".
// name: may be empty; then only the type is printed.
[[nodiscard]] std::string print_function(const Types& types, const TypeNames& names,
                                         std::string_view name, FunctionId id);

// The lines of the declaration of a named type, without indent. `record`, `variant`, `enum` and
// `flags` have a line for each member; other types are `type name = ...;` or `resource name;`.
[[nodiscard]] std::vector<std::string> print_named_type(const Types& types, const TypeNames& names,
                                                        std::string_view name,
                                                        const TypeBound& type);

// A declaration with members, without its last line "}". Empty for types without members.
struct Declaration {
  std::string head;                  // "record rate {"
  std::vector<std::string> labels;   // "percent"
  std::vector<std::string> members;  // "  percent: f64,"
};
[[nodiscard]] Declaration print_declaration(const Types& types, const TypeNames& names,
                                            std::string_view name, TypeId id);

// The lines of any item. An instance is printed as `interface { ... }` with all its items.
[[nodiscard]] std::vector<std::string> print_item(const Types& types, const TypeNames& names,
                                                  std::string_view name, const Item& item);

}  // namespace tenon::types
