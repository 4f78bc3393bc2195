// The code for programs that embed tenon: `tenon bindgen cpp`.
//
// The header has the types of the WIT; an abstract class for each interface and resource that the program
// provides; and classes with methods for those of its units. It includes little, so that files that use it
// compile fast. The source file has what the templates of tenon/function.h and tenon/host.h are needed for.
#pragma once

#include "bindgen/bindgen.h"
#include "bindgen/host_model.h"
#include "tenon/result.h"

namespace tenon::bindgen {

// Errors: host-wit-mismatch: types that C++ cannot spell.
[[nodiscard]] Result<std::vector<GeneratedFile>> print_program_cpp(const HostModel& model,
                                                                   Callers callers);

}  // namespace tenon::bindgen
