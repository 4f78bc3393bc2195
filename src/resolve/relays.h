// Relays, which let the component of a domain export one of its own imports.
//
// A unit can export an import unchanged. If the import comes from outside of its domain, the
// component of the domain would export one of its own imports, which the engine cannot compile. So
// compose puts a relay between the two (compose/relay.h). The functions here decide whether an export
// needs a relay, and whether one can be made.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "resolve/draft.h"

namespace tenon::resolve {

// The imports that an export passes on, through other units of the domain too, and that come from
// outside of the domain. Empty: units of the domain make all of its functions.
[[nodiscard]] std::vector<const DraftImport*> find_passed_imports(Draft& draft, UnitExport from);

struct RelayObstacle {
  std::string function;  // empty: the item as a whole
  std::string why;       // "it is async"
};

// Why no relay can be made for an item. Absent if one can.
// hidden: functions of the instance that are not relayed, sorted.
[[nodiscard]] std::optional<RelayObstacle> find_relay_obstacle(
    const types::Types& types, const types::Item& item, const std::vector<std::string>& hidden);

}  // namespace tenon::resolve
