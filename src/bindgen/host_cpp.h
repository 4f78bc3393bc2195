// The C++ header that a host bundle is written over.
#pragma once

#include <string>

#include "bindgen/host_model.h"
#include "tenon/result.h"

namespace tenon::bindgen {

// Deterministic. Errors: host-wit-mismatch: types that are too large to be written.
[[nodiscard]] Result<std::string> print_host_cpp(const HostModel& model);

}  // namespace tenon::bindgen
