// Writes a tree of an interface language in its one normal form: what `parse_pact` reads as the
// equal tree.
#pragma once

#include <string>

#include "pact/tree.h"

namespace tenon::pact {

[[nodiscard]] std::string print_pact(const Scope& file);

// A type or a function where it is used: "list<point>", "double: func(n: s64) -> s64".
[[nodiscard]] std::string print_type(const TypeExpr& type);
[[nodiscard]] std::string print_function(const FunctionDecl& function);

}  // namespace tenon::pact
