// WIT text of single items: a function's signature, a named type, a type in use.
//
//   const TypeNames names = names_of_instance(types, instance);
//   print_type(types, names, id)               // "list<rate>"
//   print_function(types, names, "lookup", f)  // "lookup: func(country: string) -> result<rate>;"
//   print_named_type(types, names, "rate", t)  // {"record rate {", "  percent: f64,", "}"}
//
// Whole packages and components are printed by the engine's printer (wit/print_package.h); this one
// serves diagnostics, where a part is shown. Text from hostile names holds no control characters.
// What would take more than about kMaxPrintedType bytes in a line or kMaxPrintedLines lines is cut
// with
// `...`.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "types/type.h"

namespace tenon::types {

// What types and resources are called where the text is read. A type without name is printed in
// place.
struct TypeNames {
  std::unordered_map<TypeId, std::string> types;
  std::unordered_map<ResourceId, std::string> resources;
};

inline constexpr std::size_t kMaxPrintedType = 400;
inline constexpr std::size_t kMaxPrintedLines = 1000;
// Members of a declaration that are printed: as many as the engine lets a type have.
inline constexpr std::size_t kMaxPrintedMembers = 10'000;

// The names that the type exports of an instance give; the first, where a type has two.
[[nodiscard]] TypeNames names_of_instance(const Types& types, InstanceId instance);

// A name as WIT writes it: `%type` for a keyword; escaped where it could harm a terminal.
[[nodiscard]] std::string print_label(std::string_view label);

// "u8", "error-context": static.
[[nodiscard]] std::string_view print_primitive(Primitive kind);

// A type as it is written where it is used.
[[nodiscard]] std::string print_type(const Types& types, const TypeNames& names, TypeId id);

// A function's declaration, with `;`; without a name, its type. `[method]r.f` prints as in a
// resource's body: "f: func(...)",
// `[static]r.f` as "f: static func(...)", `[constructor]r` as "constructor(...)".
[[nodiscard]] std::string print_function(const Types& types, const TypeNames& names,
                                         std::string_view name, FunctionId id);

// The declaration of a type under its name, a line each, without indent: `record`, `variant`,
// `enum` and `flags` have a line for each member; all else is `type name = ...;` or `resource
// name;`.
[[nodiscard]] std::vector<std::string> print_named_type(const Types& types, const TypeNames& names,
                                                        std::string_view name,
                                                        const TypeBound& type);

// The parts of a declaration with members: "record rate {", a line for each member with its comma
// and indent, "}". Empty for types without members.
struct Declaration {
  std::string head;
  std::vector<std::string> labels;   // as in the type
  std::vector<std::string> members;  // "  percent: f64,"
};
[[nodiscard]] Declaration print_declaration(const Types& types, const TypeNames& names,
                                            std::string_view name, TypeId id);

// Any item in a line or more: a function or type as above, an instance as `interface { ... }` with
// all of its items.
[[nodiscard]] std::vector<std::string> print_item(const Types& types, const TypeNames& names,
                                                  std::string_view name, const Item& item);

}  // namespace tenon::types
