// The program of a composition: `run` of `wasi:cli/run`.
#pragma once

#include <string_view>

#include "engine/linker.h"
#include "tenon/result.h"

namespace tenon::runtime {

class Domain;

// Returns when the command has ended. interface: of the exported instance, such as "wasi:cli/run@0.2.0".
// Failures: those of CallFailure. Thread: that of the composition, which others may enter meanwhile.
[[nodiscard]] CallResult<engine::CommandEnd> run_command(Domain& domain,
                                                         std::string_view interface);

}  // namespace tenon::runtime
