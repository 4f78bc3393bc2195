// The resources of other compositions that units of this one pass: each has one id here, whichever
// of those units name it, and however they came by it.
#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "resolve/unit.h"
#include "runtime/resource_table.h"
#include "types/type.h"

namespace tenon::linker {

// By the id that defines a resource here: the kind that it is where it is made.
using ForeignKinds = std::unordered_map<types::ResourceId, const runtime::ResourceKind*>;

class ForeignResources final {
 public:
  enum class Maker { No, Yes };

  // The id of what is `kind` in the composition of a unit. maker: whether that unit makes it.
  // types: the same for all.
  types::ResourceId add(const runtime::ResourceKind& kind, const std::string& unit, Maker maker,
                        types::Types& types);

  // Says who defines each: the unit that makes it, or the first by its name of those that have it.
  void define(std::vector<resolve::Unit>& units) const;

  [[nodiscard]] ForeignKinds kinds() const;

 private:
  struct Resource {
    types::ResourceId id;
    std::string unit;  // that defines it
    Maker maker = Maker::No;
  };
  std::map<const runtime::ResourceKind*, Resource> resources_;
};

}  // namespace tenon::linker
