// Binds the functions of a WIT to the symbols of a plain C library.
#pragma once

#include <string>

#include "host/c_plan.h"
#include "host/library.h"
#include "host/manifest.h"
#include "host/module_table.h"
#include "tenon/result.h"

namespace tenon::host {

// Names for messages.
struct CBundleNames {
  std::string host;  // the instance
  std::string wit;   // its path
};

// Finds the symbols of the plan in the library.
// Errors: host-wit-mismatch, once, with every symbol that is missing or not a function.
[[nodiscard]] Result<ModuleTable> bind_c_library(const CBundleNames& names, const Library& library,
                                                 const CPlan& plan, const Manifest& manifest);

}  // namespace tenon::host
