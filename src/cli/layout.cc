#include "cli/layout.h"

#include <algorithm>

#include "cli/layout_order.h"
#include "cli/layout_place.h"
#include "cli/layout_ranks.h"
#include "cli/layout_route.h"
#include "cli/layout_slots.h"

namespace tenon::cli {

namespace {

// The rectangle of a slot, in the middle of its layer.
Rect get_rect(const Slot& slot, const LayerSpan& span) {
  const int y = span.top + (span.bottom - span.top - slot.height) / 2;
  return {slot.x - slot.width / 2, y, slot.width, slot.height};
}

void measure_whole(Layout& layout) {
  for (const std::vector<Rect>* rects : {&layout.boxes, &layout.labels, &layout.frames}) {
    for (const Rect& rect : *rects) {
      layout.width = std::max(layout.width, rect.right());
      layout.height = std::max(layout.height, rect.bottom());
    }
  }
}

}  // namespace

Layout lay_out(const LayoutInput& input) {
  const Ranks ranks = assign_ranks(input);
  Layers layers = make_layers(input, ranks);
  order_layers(layers);
  Layout layout;
  layout.frames = place_slots(input, layers);
  const std::vector<LayerSpan> spans = place_layers(input, layers, layout.frames);
  const auto get_slot_rect = [&](std::size_t slot) {
    return get_rect(layers.slots[slot], spans[layers.slots[slot].layer]);
  };
  for (std::size_t box = 0; box < input.boxes.size(); ++box)
    layout.boxes.push_back(get_slot_rect(box));
  layout.paths = route_edges(layers, spans, layout.boxes);
  for (std::size_t edge = 0; edge < input.edges.size(); ++edge) {
    const bool has_label = input.edges[edge].label_width > 0 && !layers.chains[edge].empty();
    layout.labels.push_back(has_label ? get_slot_rect(layers.label_slots[edge]) : Rect{});
    if (ranks.is_reversed[edge]) std::reverse(layout.paths[edge].begin(), layout.paths[edge].end());
  }
  measure_whole(layout);
  return layout;
}

}  // namespace tenon::cli
