// What a running composition needs to know of units that are no components, beside their types.
#pragma once

#include "linker/bundle_unit.h"
#include "linker/package_unit.h"

namespace tenon::linker {

struct KnownUnits {
  Packages packages;
  Bundles bundles;
};

}  // namespace tenon::linker
