// Imports that nothing fits: what was wanted, by whom, and what came near.
//
// Near misses in this order, and the first says the code: an export of another version track, one
// whose type differs, one that a filter hides, one of a near name or with the same functions.
//
// Source: docs/resolve.md, "Open imports".
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "resolve/draft.h"
#include "resolve/fit.h"

namespace tenon::resolve {

using Misfits = std::vector<std::pair<UnitExport, Fit>>;

class UnmetReport final {
 public:
  explicit UnmetReport(Draft& draft) : draft_(draft) {}

  // Reports an import without a candidate, or leaves it open where the policy allows that; then a
  // near miss is a warning in Draft::notes.
  // misfits: exports that match by name.
  void add(DraftImport& import, const Misfits& misfits);

 private:
  [[nodiscard]] Diagnostic make(const DraftImport& import, const Misfits& misfits);
  void add_other_tracks(const DraftImport& import, Diagnostic& problem);
  void add_own_export(const DraftImport& import, Diagnostic& problem);
  void add_near_names(const DraftImport& import, Diagnostic& problem);
  void add_same_functions(const DraftImport& import, Diagnostic& problem);
  void add_lone_functions(const DraftImport& import, Diagnostic& problem);
  void suggest(const DraftImport& import, UnitExport from, Diagnostic& problem);

  Draft& draft_;
  std::vector<std::string_view> names_;  // of every export; filled when first needed
  // Exported instances by the sorted names of their functions.
  std::map<std::vector<std::string>, std::vector<UnitExport>> by_functions_;
  bool is_indexed_ = false;
  std::size_t compared_ = 0;  // names compared so far
};

}  // namespace tenon::resolve
