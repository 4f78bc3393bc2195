// Candidates: the exports that could provide an import, and for the others, why they cannot.
//
// An export is a candidate if its name matches, its type fits and no filter hides it. Types are
// compared first, because a type that differs says more to the user than a filter. `check_fit` asks
// both questions of one import and one export; everything that reports near misses uses it too.
//
// Source: docs/resolve.md, "Candidates and the type relation" and "Who wins".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "resolve/draft.h"
#include "resolve/name_pattern.h"

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

// The exports of a unit that a name given by the user selects. One with this name of its own is
// preferred to those that implement the interface; a glob selects all.
[[nodiscard]] std::vector<UnitExport> find_named_exports(const Draft& draft, UnitIndex unit,
                                                         const NamePattern& pattern);

// Why an export with a similar name does not match: "`tax` exports `acme:tax/lib@2.0.0`: another track
// (2, expected 1)". Empty if it matches, or if its name is another one altogether.
[[nodiscard]] std::string describe_other_name(const Draft& draft, const DraftImport& import,
                                              UnitExport from);

// Whether an export has an interface name of its own.
[[nodiscard]] bool is_version(const Draft& draft, UnitExport from);
// Whether two exports of a unit are versions of one interface, so that the better one can be taken.
[[nodiscard]] bool are_versions(const Draft& draft, UnitExport a, UnitExport b);

// The export that a wire must name besides the unit to connect an import to it. Absent: the unit is
// enough.
[[nodiscard]] std::optional<std::string> export_for_wire(const Draft& draft,
                                                         const DraftImport& import,
                                                         UnitExport from);

}  // namespace tenon::resolve
