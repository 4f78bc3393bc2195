// Expands the component arguments of a command line: FILE, NAME=FILE, a folder or a glob.
#pragma once

#include <string_view>
#include <vector>

#include "link/request.h"
#include "support/files.h"
#include "tenon/result.h"

namespace tenon::api {

struct Arguments {
  std::vector<link::UnitRequest> units;
  // A `read-core-module` note for each core module in a folder or glob, which is skipped.
  Diagnostics notes;
};

// One unit for a file; for a folder or a glob, one for each component in it, by name: each `.wasm`,
// and each `.wat` without a `.wasm` of the same stem. A missing file is a unit as well; reading it
// reports the problem. Errors: read-file (a folder or glob without a component).
[[nodiscard]] Result<Arguments> expand_argument(std::string_view argument, UnitOrigin origin,
                                                const Files& files);

}  // namespace tenon::api
