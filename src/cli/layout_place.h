// Coordinates of slots.
#pragma once

#include <vector>

#include "cli/layout.h"
#include "cli/layout_slots.h"

namespace tenon::cli {

// Where a layer lies.
struct LayerSpan {
  int top = 0;
  int bottom = 0;
};

// Sets Slot::x of every slot: inside a band near what it is joined to, bands side by side.
// Returns the frames of the groups with x and width; width 0 for a group without framed boxes.
std::vector<Rect> place_slots(const LayoutInput& input, Layers& layers);

// Heights of layers and gaps; sets y and height of the frames. REQUIRES: place_slots.
[[nodiscard]] std::vector<LayerSpan> place_layers(const LayoutInput& input, const Layers& layers,
                                                  std::vector<Rect>& frames);

}  // namespace tenon::cli
