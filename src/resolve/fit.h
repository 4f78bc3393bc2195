// Whether one export may meet one import, and if not, what to tell the user.
#pragma once

#include <string>

#include "resolve/draft.h"

namespace tenon::resolve {

enum class Fitness : std::uint8_t { Fits, WrongType, Hidden };

struct Fit {
  Fitness fitness = Fitness::Fits;
  std::vector<Tie> ties;
  std::vector<types::Difference> differences;
  std::string hidden_item;  // "acme:tax/lib.lookup"
  std::string hidden_by;    // "hide = \"acme:tax/lib.lookup\""
};

// Types first, filters then. The names are not compared.
[[nodiscard]] Fit check_fit(Draft& draft, const DraftImport& import, UnitExport from);

// "its type does not fit at `lookup -> result.ok.currency`", "`hide = ...` hides it".
[[nodiscard]] std::string describe_misfit(const Draft& draft, const Fit& fit, UnitExport from);

// Notes with an excerpt each for the first differences, and what would make them fit.
void explain_misfit(const Draft& draft, const DraftImport& import, UnitExport from, const Fit& fit,
                    Diagnostic& problem);

// Decides an import by the unit that a wire or chain names. Problems: resolve-wire-unused,
// resolve-wire-type, resolve-chain, resolve-hidden.
void choose_from_unit(Draft& draft, DraftImport& import, UnitIndex unit, EdgeReason reason);

}  // namespace tenon::resolve
