// Makes the calls of a script in a composition.
#pragma once

#include <chrono>
#include <cstdint>

#include "tenon/composition.h"
#include "tests/differential/script.h"
#include "tests/differential/ways.h"

namespace tenon::differential {

enum class HasSecondUnit : std::uint8_t { No, Yes };
// has_second: whether the composition exports what units other than the root export; otherwise they are not called.
// patience: how long resources may take to be dropped.
[[nodiscard]] Outcome run_script(const World& world, const Script& script,
                                 const Composition& composition, HasSecondUnit has_second,
                                 std::chrono::milliseconds patience = {});

}  // namespace tenon::differential
