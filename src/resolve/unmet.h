// The report of an import that nothing fits: the consumer, the import and the near misses.
//
// Near misses are listed in this order, and the first one gives the code: an export of another
// version track, one whose type differs, one that a filter hides, one with a similar name or with
// the same functions.
//
// Source: docs/resolve.md, "Open imports".
#pragma once

#include <map>
#include <string>
#include <vector>

#include "resolve/candidates.h"
#include "resolve/draft.h"

namespace tenon::resolve {

// REQUIRES: Draft::exports is complete. The indexes below are built at the first report and shared
// by all later ones.
class UnmetReport final {
 public:
  explicit UnmetReport(Draft& draft) : draft_(draft) {}

  // Reports an import without a candidate. If it is optional it becomes a stub instead, and where the
  // policy allows it, it is left open; a near miss is then a warning in Draft::notes.
  void add(DraftImport& import, const Misfits& misfits);

 private:
  [[nodiscard]] Diagnostic make(const DraftImport& import, const Misfits& misfits);
  // Returns whether there is one in another track; under the same label, it can be another interface.
  bool add_other_tracks(const DraftImport& import, Diagnostic& problem);
  void add_own_export(const DraftImport& import, Diagnostic& problem);
  // An import of one of the two handlers of HTTP, if a unit exports the other one.
  void add_other_handler(const DraftImport& import, Diagnostic& problem);
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
