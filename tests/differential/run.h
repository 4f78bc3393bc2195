// Makes the calls of a script in a composition.
#pragma once

#include <chrono>

#include "tenon/composition.h"
#include "tests/differential/script.h"
#include "tests/differential/ways.h"

namespace tenon::differential {

// patience: how long resources may take to be dropped.
[[nodiscard]] Outcome run_script(const World& world, const Script& script,
                                 const Composition& composition,
                                 std::chrono::milliseconds patience = {});

}  // namespace tenon::differential
