// Wires as text: how messages print a wire, and the wire that they propose for an import.
//
// The passes that match wires with imports and lay chains are in wires.cc and declared in passes.h.
//
// Source: docs/resolve.md, "Middleware" and "Filters and hints".
#pragma once

#include <optional>
#include <string>

#include "resolve/draft.h"

namespace tenon::resolve {

// "cart:acme:tax/lib=tax-eu", in the syntax of `--wire` and `--via`.
[[nodiscard]] std::string print_wire(const Wire& wire);

// The name for a wire that matches this import and no other import of its unit.
[[nodiscard]] std::string wire_import(const Draft& draft, const DraftImport& import);

// The hint that proposes a wire for an import.
[[nodiscard]] Hint wire_hint(const Draft& draft, const DraftImport& import,
                             const std::string& provider,
                             const std::optional<std::string>& export_name);

}  // namespace tenon::resolve
