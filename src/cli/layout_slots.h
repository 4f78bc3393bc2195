// Layers of slots: what stands in each layer, and what is joined to what in the next.
#pragma once

#include <cstddef>
#include <vector>

#include "cli/layout.h"
#include "cli/layout_ranks.h"

namespace tenon::cli {

// A place in a layer: of a box, of a label, or of an edge that passes.
struct Slot {
  enum class Kind { Box, Label, Bend };
  Kind kind = Kind::Bend;
  int width = 0;
  int height = 0;
  std::size_t layer = 0;
  // Vertical strip: 2g for group g, 2g + 1 for the gutter between g and g + 1, where edges between
  // groups run. Strips never overlap.
  std::size_t band = 0;
  int x = 0;  // of the middle
};

// Layers 2r hold the boxes of rank r, layers 2r + 1 the labels of edges to what is below.
struct Layers {
  std::vector<Slot> slots;                      // slot b is box b; the rest follow
  std::vector<std::vector<std::size_t>> rows;   // by layer: slots from left to right
  std::vector<std::vector<std::size_t>> above;  // by slot: what it is joined to
  std::vector<std::vector<std::size_t>> below;
  std::vector<std::vector<std::size_t>> chains;  // by edge: slots from its upper to its lower box
  std::vector<std::size_t> label_slots;          // by edge; of no meaning without a label
};

// Rows are in the order of a walk from the top, by input order.
[[nodiscard]] Layers make_layers(const LayoutInput& input, const Ranks& ranks);

}  // namespace tenon::cli
