#include "cli/layout_slots.h"

#include <algorithm>
#include <utility>

namespace tenon::cli {

namespace {

class LayerMaker {
 public:
  LayerMaker(const LayoutInput& input, const Ranks& ranks) : input_(input), ranks_(ranks) {}

  Layers make() {
    for (std::size_t box = 0; box < input_.boxes.size(); ++box) {
      const LayoutBox& shape = input_.boxes[box];
      add_slot(
          {Slot::Kind::Box, shape.width, shape.height, 2 * ranks_.of_box[box], 2 * shape.group, 0});
    }
    layers_.chains.resize(input_.edges.size());
    layers_.label_slots.resize(input_.edges.size());
    for (std::size_t edge = 0; edge < input_.edges.size(); ++edge)
      if (input_.edges[edge].from != input_.edges[edge].to) add_chain(edge);
    fill_rows();
    return std::move(layers_);
  }

 private:
  std::size_t add_slot(const Slot& slot) {
    layers_.slots.push_back(slot);
    layers_.above.emplace_back();
    layers_.below.emplace_back();
    return layers_.slots.size() - 1;
  }

  std::size_t find_band(const LayoutEdge& edge) const {
    const std::size_t from = input_.boxes[edge.from].group;
    const std::size_t to = input_.boxes[edge.to].group;
    if (from == to) return 2 * from;
    return to > from ? 2 * from + 1 : 2 * from - 1;
  }

  void add_chain(std::size_t index) {
    const LayoutEdge& edge = input_.edges[index];
    auto [upper, lower] = std::pair(edge.from, edge.to);
    if (ranks_.is_reversed[index]) std::swap(upper, lower);
    const std::size_t top = ranks_.of_box[upper];
    const std::size_t bottom = ranks_.of_box[lower];
    const std::size_t label_layer = 2 * ((top + bottom - 1) / 2) + 1;
    std::vector<std::size_t>& chain = layers_.chains[index];
    chain.push_back(upper);
    for (std::size_t layer = 2 * top + 1; layer < 2 * bottom; ++layer) {
      Slot slot;
      slot.layer = layer;
      slot.band = find_band(edge);
      if (layer == label_layer && edge.label_width > 0) {
        slot.kind = Slot::Kind::Label;
        slot.width = edge.label_width;
        slot.height = edge.label_height;
        layers_.label_slots[index] = layers_.slots.size();
      }
      chain.push_back(add_slot(slot));
    }
    chain.push_back(lower);
    for (std::size_t i = 0; i + 1 < chain.size(); ++i) {
      layers_.below[chain[i]].push_back(chain[i + 1]);
      layers_.above[chain[i + 1]].push_back(chain[i]);
    }
  }

  // Depth first from the boxes without anything above them: what is joined stands together.
  void fill_rows() {
    std::size_t count = 0;
    for (const Slot& slot : layers_.slots) count = std::max(count, slot.layer + 1);
    layers_.rows.resize(count);
    std::vector<bool> is_placed(layers_.slots.size(), false);
    std::vector<std::size_t> stack;
    for (std::size_t start = input_.boxes.size(); start-- > 0;)
      if (layers_.above[start].empty()) stack.push_back(start);
    while (!stack.empty()) {
      const std::size_t slot = stack.back();
      stack.pop_back();
      if (is_placed[slot]) continue;
      is_placed[slot] = true;
      layers_.rows[layers_.slots[slot].layer].push_back(slot);
      const std::vector<std::size_t>& below = layers_.below[slot];
      stack.insert(stack.end(), below.rbegin(), below.rend());
    }
    for (std::vector<std::size_t>& row : layers_.rows)
      std::stable_sort(row.begin(), row.end(), [&](std::size_t a, std::size_t b) {
        return layers_.slots[a].band < layers_.slots[b].band;
      });
  }

  const LayoutInput& input_;
  const Ranks& ranks_;
  Layers layers_;
};

}  // namespace

Layers make_layers(const LayoutInput& input, const Ranks& ranks) {
  return LayerMaker(input, ranks).make();
}

}  // namespace tenon::cli
