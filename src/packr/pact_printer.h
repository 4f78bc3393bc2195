// Writes a tree of an interface language in its one normal form: what `parse_pact` reads as the
// equal tree.
#pragma once

#include <string>

#include "packr/pact.h"

namespace tenon::packr {

[[nodiscard]] std::string print_pact(const PactScope& file);

// A type or a function where it is used: "list<point>", "double: func(n: s64) -> s64".
[[nodiscard]] std::string print_pact_type(const PactType& type);
[[nodiscard]] std::string print_pact_function(const PactFunction& function);

}  // namespace tenon::packr
