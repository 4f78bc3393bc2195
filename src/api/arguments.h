// What a command line takes for components: FILE, NAME=FILE, a folder or a glob.
#pragma once

#include <string_view>
#include <vector>

#include "link/request.h"
#include "support/files.h"
#include "tenon/result.h"

namespace tenon::api {

struct Arguments {
  std::vector<link::UnitRequest> units;
  // A `read-core-module` note for each core module in a folder or glob: it is passed over.
  Diagnostics notes;
};

// One unit for a file; for a folder or a glob one for each component in it (`.wasm`, and `.wat`
// where no `.wasm` of that stem stands beside it), by name. A file that is not there is a unit
// too, which reading reports. Errors: read-file (a folder or glob without a component).
[[nodiscard]] Result<Arguments> expand_argument(std::string_view argument, UnitOrigin origin,
                                                const Files& files);

}  // namespace tenon::api
