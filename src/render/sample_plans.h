// Sample plans for the tests of renderers and of the layout.
#pragma once

#include "tenon/plan.h"

namespace tenon::render {

// cart, tax and log in two domains: the example of docs/command.md.
[[nodiscard]] Plan make_shop();

// Ten units of a shop in one domain, with WASI.
[[nodiscard]] Plan make_ten_unit_shop();

// The units of examples/press.
[[nodiscard]] Plan make_press();

// Units in five domains, with bridged, remote and native edges, and an open import.
[[nodiscard]] Plan make_domains();

// units: their number. The same seed gives the same plan. Edges lead from lower to higher numbers.
[[nodiscard]] Plan make_random_plan(unsigned seed, unsigned units);

}  // namespace tenon::render
