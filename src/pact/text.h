// Text of packr's interface languages: parser and printer.
//
//   TENON_TRY(const Scope file, parse_pact("f: func(n: s64) -> list<s64>"));
//   print_pact(file);                       // "f: func(n: s64) -> list<s64>;\n"
//
// Every tree has one printed form, the normal form, and parsing that gives an equal tree. Comments
// are lost.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "engine/wit_text.h"
#include "pact/tree.h"
#include "tenon/result.h"
#include "tenon/wit.h"

namespace tenon::pact {

inline constexpr std::size_t kMaxTextBytes = std::size_t{1} << 22U;
// Problems reported for one text.
inline constexpr std::size_t kMaxProblems = 20;

// The gates of a text, and the items that they leave out.
struct Gates {
  std::vector<std::string> features;  // those that attributes name
  // By their names in the text: "clock.zone" for a function of an interface. Without file.
  std::vector<engine::LeftOutItem> left_out;
};

// Reads a text in any of the languages. As in WIT, an item with the attribute
// `@unstable(feature = NAME)` is left out unless the feature is enabled; `@since(version = 1.0.0)` and
// `@deprecated(version = 1.0.0)` have no effect. The tree does not have these attributes.
//
// One construct means different things in them: `-> _` means
// that there is no result, as in the guest's languages, except in `exports` of an interface, a form
// that only the host has. There it is one result of type `_`.
// Errors: pack-syntax, each with line, column and excerpt. After a problem the parser continues
//         with the next item, so that one run reports them all.
// gates: is filled if it is not null.
[[nodiscard]] Result<Scope> parse_pact(std::string_view text, const WitFeatures& enabled = {},
                                       Gates* gates = nullptr);

// Reads the type of a value: `list<s32>`, or definitions and a type that uses them, such as
// `record point { x: s32, y: s32 } list<point>`. If no type follows the definitions, it is the last
// of them. The tree has the definitions, and one function `value` with a parameter of the type.
// Errors: pack-syntax.
[[nodiscard]] Result<Scope> parse_value_type(std::string_view text);

// The normal form of a file.
[[nodiscard]] std::string print_pact(const Scope& file);
// A type or function as used in the normal form: "list<point>", "double: func(n: s64) -> s64".
[[nodiscard]] std::string print_type(const TypeExpr& type);
[[nodiscard]] std::string print_function(const FunctionDecl& function);

}  // namespace tenon::pact
