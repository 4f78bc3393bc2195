// Types that no value can have, because each would contain another one.
#pragma once

#include <vector>

#include "packr/pact_model.h"

namespace tenon::packr {

struct PactInfinite {
  const PactFile* file;
  const PactDefinition* definition;
  // Of an alias of itself: from it on, each the alias of the next; else empty.
  std::vector<const PactDefinition*> circle;
};

// In the order of the texts. What merely contains such a type is not among them.
[[nodiscard]] std::vector<PactInfinite> find_infinite(const PactModel& model);

}  // namespace tenon::packr
