// The order of slots in each layer: few crossings.
#pragma once

#include <cstddef>

#include "cli/layout_slots.h"

namespace tenon::cli {

// Reorders the rows, each inside its bands, and keeps the best order met.
// Cost: a fixed number of sweeps, each O(n log n) in slots and joints.
void order_layers(Layers& layers);

// Crossings between neighbouring layers.
[[nodiscard]] std::size_t count_crossings(const Layers& layers);

}  // namespace tenon::cli
