// Facts, other than types, about the units of a composition that are not components: packages and
// host bundles.
#pragma once

#include "linker/bundle_unit.h"
#include "linker/package_unit.h"

namespace tenon::linker {

struct KnownUnits {
  Packages packages;
  Bundles bundles;
};

}  // namespace tenon::linker
