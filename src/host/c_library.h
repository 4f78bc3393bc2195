// A plain C library as native code behind a WIT.
#pragma once

#include <string>

#include "host/c_plan.h"
#include "host/library.h"
#include "host/manifest.h"
#include "host/module_table.h"
#include "tenon/result.h"

namespace tenon::host {

// What people are told of.
struct CBundleNames {
  std::string host;  // the instance
  std::string wit;   // as it is opened
};

// The functions of the plan, with the symbols that the library has.
// Errors: host-wit-mismatch: one, with all symbols that are missing, or are none of a function.
[[nodiscard]] Result<ModuleTable> bind_c_library(const CBundleNames& names, const Library& library,
                                                 const CPlan& plan, const Manifest& manifest);

}  // namespace tenon::host
