// Which exports were asked for: the root's, the wishes of the policy, or all that nobody consumes.
//
// Source: docs/resolve.md, "Exports of the composition".
#pragma once

#include <string>
#include <vector>

#include "resolve/draft.h"

namespace tenon::resolve {

// Why the composition exports an item.
enum class ExportReason : std::uint8_t {
  Asked,    // the root exports it, or a wish names it
  All,      // `--export-all`: if it clashes it may be passed over
  Implied,  // another export uses its types
};

struct WantedExport {
  std::string name;
  UnitExport from;
  ExportReason reason = ExportReason::Asked;
  Location where;
};

// In the order: root, wishes, all. A wish that renames an export of the root stands in its place.
// Problems: resolve-export-missing, resolve-hidden.
[[nodiscard]] std::vector<WantedExport> collect_wanted_exports(Draft& draft);

}  // namespace tenon::resolve
