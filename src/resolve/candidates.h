// Who could provide each import: by wire, by chain, or by name, type and filter.
//
// Source: docs/resolve.md, "Candidates and the type relation" and "Who wins".
#pragma once

#include "resolve/draft.h"

namespace tenon::resolve {

// For every import: the choice that a wire or a chain makes, or the candidates of the highest level
// that has one, or an open import. An import of types only may end without any of them: the rounds
// of identity can give each of its resources a definition. Lower levels are listed in
// Draft::rejected as shadowed, and name matches that do not fit as rejected. Problems: those of
// choose_from_unit, and resolve-no-provider, resolve-type-mismatch, resolve-version-track,
// resolve-hidden for an import that nothing fits.
void find_candidates(Draft& draft);

// Exports that the import's names mean, of units that may provide for it; by unit, each once.
[[nodiscard]] std::vector<UnitExport> find_name_matches(const Draft& draft,
                                                        const DraftImport& import);

// The level at which a unit competes for an import.
[[nodiscard]] Level level_of(const Draft& draft, const DraftImport& import, UnitIndex unit);

// "a host function", "a component", ...: what hides the levels below.
[[nodiscard]] std::string_view describe_level(Level level);

}  // namespace tenon::resolve
