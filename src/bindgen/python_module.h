// The module of a program in Python: `tenon bindgen py`.
//
// `NAME.pyi` is what type checkers and editors read: the types of the WIT, methods for what units export, and
// protocols for what the program provides. `NAME.py` is what runs: the classes of the types, which are those
// that the package `tenon` makes for them, and the world, by which the program links.
#pragma once

#include <vector>

#include "bindgen/host_model.h"
#include "tenon/result.h"

namespace tenon::bindgen {

// Errors: host-wit-mismatch: types that Python cannot spell.
[[nodiscard]] Result<std::vector<GeneratedFile>> print_program_python(const HostModel& model);

}  // namespace tenon::bindgen
