// Candidates: the exports that could provide an import, and for the others, why they cannot.
//
// An export is a candidate if its name matches, its type fits and no filter hides it. Types are
// compared first, because a type that differs says more to the user than a filter. `check_fit` asks
// both questions of one import and one export; everything that reports near misses uses it too.
//
// Source: docs/resolve.md, "Candidates and the type relation" and "Who wins".
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
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

// Exports that match an import by name and do not fit it.
using Misfits = std::vector<std::pair<UnitExport, Fit>>;

// Compares types and filters. Names are not compared, so that a wire can connect other names.
[[nodiscard]] Fit check_fit(Draft& draft, const DraftImport& import, UnitExport from);

// "its type does not fit at `lookup -> result.ok.currency`", "`hide = ...` hides it".
[[nodiscard]] std::string describe_misfit(const Draft& draft, const Fit& fit, UnitExport from);

// Adds to `problem` a note with an excerpt for each of the first differences, and a hint that says
// how to make the types fit.
void explain_misfit(Draft& draft, const DraftImport& import, UnitExport from, const Fit& fit,
                    Diagnostic& problem);

// The exports that match an import by name, without those of its own unit, of units in front of it in
// its chain, and of units that the policy excludes. Sorted by unit, without repeats.
[[nodiscard]] std::vector<UnitExport> find_name_matches(const Draft& draft,
                                                        const DraftImport& import);

// The exports of one unit that match an import by name. An export that matches by two names repeats.
[[nodiscard]] std::vector<UnitExport> find_name_matches_in(const Draft& draft,
                                                           const DraftImport& import,
                                                           UnitIndex unit);

// The exports among `fitting` that the name of an import excludes, sorted; each is added to
// Draft::rejected. If one of them has the import's own name, all others are excluded. If an export with
// the import's label does not fit, all exports with other labels are.
[[nodiscard]] std::vector<UnitExport> exclude_by_name(Draft& draft, const DraftImport& import,
                                                      const Misfits& misfits,
                                                      std::vector<UnitExport> fitting);

// The same for a list whose items have their export in `from`: removes those that are excluded.
template <class Fitting>
void drop_by_name(Draft& draft, const DraftImport& import, const Misfits& misfits,
                  std::vector<Fitting>& fitting) {
  std::vector<UnitExport> exports;
  for (const Fitting& item : fitting) exports.push_back(item.from);
  const std::vector<UnitExport> excluded =
      exclude_by_name(draft, import, misfits, std::move(exports));
  std::erase_if(fitting, [&](const Fitting& item) {
    return std::ranges::binary_search(excluded, item.from);
  });
}

// The exports of a unit that a name given by the user selects: those with this name, or else those that
// implement an interface of this name. A glob selects both. Of exports with one label, it is the one without an
// interface.
[[nodiscard]] std::vector<UnitExport> find_named_exports(const Draft& draft, UnitIndex unit,
                                                         const NamePattern& pattern);

// Why an export with a similar name does not match: "`tax` exports `acme:tax/lib@2.0.0`: another track
// (2, expected 1)". Empty if it matches, or if the names have nothing in common.
[[nodiscard]] std::string describe_other_name(const Draft& draft, const DraftImport& import,
                                              UnitExport from);

// Whether an export's own name is that of an interface.
[[nodiscard]] bool has_interface_name(const Draft& draft, UnitExport from);
// Whether two exports of a unit are versions of one interface, so that the better one can be taken.
[[nodiscard]] bool are_versions(const Draft& draft, UnitExport a, UnitExport b);

// The export name that a wire needs, besides the unit, to connect an import to this export. Absent if
// the unit alone is enough.
[[nodiscard]] std::optional<std::string> export_for_wire(const Draft& draft,
                                                         const DraftImport& import,
                                                         UnitExport from);

}  // namespace tenon::resolve
