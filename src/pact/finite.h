// Types that no value can have, because each would contain another one.
#pragma once

#include <vector>

#include "pact/model.h"

namespace tenon::pact {

struct InfiniteType {
  const ParsedFile* file;
  const Definition* definition;
  // Of an alias of itself: from it on, each the alias of the next; else empty.
  std::vector<const Definition*> circle;
};

// In the order of the texts. What merely contains such a type is not among them.
[[nodiscard]] std::vector<InfiniteType> find_infinite(const Model& model);

}  // namespace tenon::pact
