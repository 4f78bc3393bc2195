// Candidates: the exports that could provide an import, and for the others, why they cannot.
//
// An export is a candidate if its name matches, its type fits and no filter hides it. Types are
// compared first, because a type that differs says more to the user than a filter. `check_fit` asks
// both questions of one import and one export; everything that reports near misses uses it too.
//
// Source: docs/resolve.md, "Candidates and the type relation" and "Who wins".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "resolve/draft.h"

namespace tenon::resolve {

enum class Fitness : std::uint8_t { Fits, WrongType, Hidden };

// The result of comparing one import with one export.
struct Fit {
  Fitness fitness = Fitness::Fits;
  std::vector<Tie> ties;                       // resources that the edge would make one
  std::vector<types::Difference> differences;  // WrongType: at least one
  std::string hidden_item;                     // Hidden: "acme:tax/lib.lookup"
  std::string hidden_by;                       // Hidden: "hide = \"acme:tax/lib.lookup\""
};

// Compares types and filters. Names are not compared, so that a wire can connect other names.
[[nodiscard]] Fit check_fit(Draft& draft, const DraftImport& import, UnitExport from);

// "its type does not fit at `lookup -> result.ok.currency`", "`hide = ...` hides it".
[[nodiscard]] std::string describe_misfit(const Draft& draft, const Fit& fit, UnitExport from);

// Adds to `problem` a note with an excerpt for each of the first differences, and a hint that says
// how to make the types fit.
void suggest_adapting(Draft& draft, const DraftImport& import, UnitExport from,
                      Diagnostic& problem);
void explain_misfit(const Draft& draft, const DraftImport& import, UnitExport from, const Fit& fit,
                    Diagnostic& problem);

// The exports that match an import by name, without those of its own unit, of units in front of it in
// its chain, and of units that the policy excludes. Sorted by unit, without repeats.
[[nodiscard]] std::vector<UnitExport> find_name_matches(const Draft& draft,
                                                        const DraftImport& import);

}  // namespace tenon::resolve
