// The functions of the program, for interfaces that no unit provides.
#pragma once

#include "tenon/builder.h"
#include "tests/differential/world.h"

namespace tenon::differential {

void add_program(const World& world, CompositionBuilder& builder);

}  // namespace tenon::differential
