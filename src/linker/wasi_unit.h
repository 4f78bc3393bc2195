// The engine's WASI as a typed provider.
#pragma once

#include <span>

#include "resolve/unit.h"
#include "tenon/result.h"

namespace tenon::linker {

// The unit `wasi`, with the exports of the tracks that some import of `units` asks for, evaluated
// into `types`. Interfaces of one package that use each other's resources share them. Errors: none
// for units that were read; type- if the engine's own WIT does not evaluate.
[[nodiscard]] Result<resolve::Unit> make_wasi_unit(std::span<const resolve::Unit> units,
                                                   types::Types& types);

// Whether any import of any unit is of WASI.
[[nodiscard]] bool wants_wasi(std::span<const resolve::Unit> units);

}  // namespace tenon::linker
