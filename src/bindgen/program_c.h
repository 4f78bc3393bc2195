// The code for programs that embed tenon by its C API: `tenon bindgen c`.
//
// The header has the types of the WIT, a struct of function pointers for each interface that the program
// provides, and a function for each one of its units. The source file has tables of types, and functions that
// pass the addresses of their arguments to tenon/detail/c_calls.h, which does the rest.
#pragma once

#include <vector>

#include "bindgen/host_model.h"
#include "tenon/result.h"

namespace tenon::bindgen {

// Errors: host-wit-mismatch: types that C cannot spell.
[[nodiscard]] Result<std::vector<GeneratedFile>> print_program_c(const HostModel& model);

}  // namespace tenon::bindgen
