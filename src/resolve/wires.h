// Wires: which of the user's lines decides which import.
//
// Of two wires that match one import the more precise one decides: one that names the consumer
// before one that does not, then by how much the import's name says. Provider and chain are decided
// apart, so that one line may name the provider and another the chain.
//
// Source: docs/resolve.md, "Filters and hints".
#pragma once

#include "resolve/draft.h"

namespace tenon::resolve {

// Fills DraftImport::wire and ::chain, and decides imports that a wire leaves open or lets trap.
// Problems: resolve-wire-unused, resolve-chain (a chain that names a unit that is not there, or
// twice), resolve-ambiguous (two lines decide one import in two ways).
void match_wires(Draft& draft);

// "cart:acme:tax/lib=tax-eu", as `--wire` and `--via` take it.
[[nodiscard]] std::string print_wire(const Wire& wire);

// What to write before `=` so that a wire means this import and no other of its unit.
[[nodiscard]] std::string wire_target(const Draft& draft, const DraftImport& import);

// The lines of tenon.toml that wire this import.
[[nodiscard]] Excerpt wire_lines(const Draft& draft, const DraftImport& import,
                                 const std::string& provider,
                                 const std::optional<std::string>& export_name);

// The `--wire` option that wires this import, as a hint.
[[nodiscard]] std::string wire_hint(const Draft& draft, const DraftImport& import,
                                    const std::string& provider,
                                    const std::optional<std::string>& export_name);

}  // namespace tenon::resolve
