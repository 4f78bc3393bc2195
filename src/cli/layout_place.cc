#include "cli/layout_place.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <limits>

#include "cli/layout_spread.h"

namespace tenon::cli {

namespace {

using LayerRow = std::vector<std::size_t>;

constexpr int kPlaceSweeps = 40;
constexpr std::int64_t kScale = 64;  // parts of a pixel while slots are moved about

constexpr int kBoxGap = 34;
constexpr int kLabelGap = 16;
constexpr int kBendGap = 18;

constexpr int kFramePad = 22;   // from a frame to what is in it
constexpr int kFrameHead = 34;  // the same above, where the frame's title is
constexpr int kBandGap = 24;    // between neighbouring frames, and from a frame to edges beside it
constexpr int kLeastLayerGap = 26;
constexpr int kMostLayerGap = 80;
constexpr int kBendLayerGap = 14;  // around a layer that edges only pass

int get_gap(Slot::Kind a, Slot::Kind b) {
  if (a == Slot::Kind::Box && b == Slot::Kind::Box) return kBoxGap;
  return a == Slot::Kind::Label && b == Slot::Kind::Label ? kLabelGap : kBendGap;
}

// Long edges are to be straight: where an edge only passes, it pulls hard; a box, which it may
// leave at any place, it does not.
std::int64_t get_weight(Slot::Kind a, Slot::Kind b) {
  if (a == Slot::Kind::Box || b == Slot::Kind::Box) return 1;
  return a == Slot::Kind::Bend && b == Slot::Kind::Bend ? 8 : 3;
}

// A slot this near to the only one it is joined to on one side is put in line with it.
std::int64_t get_snap(Slot::Kind kind) { return kScale * (kind == Slot::Kind::Bend ? 80 : 18); }
constexpr std::int64_t kSnapWeight = 1000;

// The part of each row that lies in one band, and the slots' positions while they are moved.
class Band {
 public:
  Band(const Layers& layers, std::size_t band) : layers_(layers), band_(band) {
    positions_.resize(layers.slots.size());
    for (const LayerRow& row : layers.rows) {
      LayerRow part;
      for (const std::size_t slot : row)
        if (layers.slots[slot].band == band) part.push_back(slot);
      rows_.push_back(std::move(part));
    }
  }

  void place() {
    for (const LayerRow& row : rows_) move_row(row, Sides::None);
    for (int i = 0; i < kPlaceSweeps; ++i) {
      for (const LayerRow& row : rows_) move_row(row, Sides::Above);
      for (auto row = rows_.rbegin(); row != rows_.rend(); ++row) move_row(*row, Sides::Below);
    }
    for (int i = 0; i < 4; ++i)
      for (const LayerRow& row : rows_) move_row(row, Sides::Both);
    for (const LayerRow& row : rows_) snap_row(row, Sides::Above);
    for (auto row = rows_.rbegin(); row != rows_.rend(); ++row) snap_row(*row, Sides::Below);
  }

  [[nodiscard]] int get(std::size_t slot) const {
    return static_cast<int>(positions_[slot] / kScale);
  }
  [[nodiscard]] const std::vector<LayerRow>& rows() const { return rows_; }

 private:
  enum class Sides { None, Above, Below, Both };

  void pull(std::size_t slot, const LayerRow& others, std::int64_t& sum,
            std::int64_t& weight) const {
    for (const std::size_t other : others) {
      if (layers_.slots[other].band != band_) continue;
      const std::int64_t pull = get_weight(layers_.slots[slot].kind, layers_.slots[other].kind);
      sum += pull * positions_[other];
      weight += pull;
    }
  }

  std::int64_t get_row_gap(const LayerRow& row, std::size_t i) const {
    if (i == 0) return 0;
    const Slot& left = layers_.slots[row[i - 1]];
    const Slot& slot = layers_.slots[row[i]];
    const int middles = (left.width + slot.width + 1) / 2;
    return kScale * (middles + get_gap(left.kind, slot.kind));
  }

  void set_row(const LayerRow& row, const std::vector<Wish>& wishes) {
    const std::vector<std::int64_t> positions = spread(wishes);
    for (std::size_t i = 0; i < row.size(); ++i) positions_[row[i]] = positions[i];
  }

  // What `slot` is to be in line with: the only slot it is joined to on that side. Upwards only
  // bends move, and only towards what cannot come to them: an edge may leave a box at any place.
  const std::size_t* find_guide(std::size_t slot, Sides side) const {
    const LayerRow& others = side == Sides::Above ? layers_.above[slot] : layers_.below[slot];
    if (others.size() != 1 || layers_.slots[others[0]].band != band_) return nullptr;
    const bool is_bend = layers_.slots[slot].kind == Slot::Kind::Bend;
    const bool leads_to_box = layers_.slots[others[0]].kind == Slot::Kind::Box;
    if (side == Sides::Below && (!is_bend || leads_to_box)) return nullptr;
    return &others[0];
  }

  void snap_row(const LayerRow& row, Sides side) {
    std::vector<Wish> wishes;
    for (std::size_t i = 0; i < row.size(); ++i) {
      Wish wish{positions_[row[i]], 1, get_row_gap(row, i)};
      const std::size_t* guide = find_guide(row[i], side);
      if (guide != nullptr &&
          std::abs(positions_[*guide] - wish.position) <= get_snap(layers_.slots[row[i]].kind)) {
        wish.position = positions_[*guide];
        wish.weight = kSnapWeight;
      }
      wishes.push_back(wish);
    }
    set_row(row, wishes);
  }

  void move_row(const LayerRow& row, Sides sides) {
    std::vector<Wish> wishes;
    for (std::size_t i = 0; i < row.size(); ++i) {
      std::int64_t sum = 0;
      std::int64_t weight = 0;
      if (sides == Sides::Above || sides == Sides::Both)
        pull(row[i], layers_.above[row[i]], sum, weight);
      if (sides == Sides::Below || sides == Sides::Both)
        pull(row[i], layers_.below[row[i]], sum, weight);
      Wish wish;
      wish.position = weight == 0 ? positions_[row[i]] : sum / weight;
      wish.weight = std::max<std::int64_t>(weight, 1);
      wish.gap = get_row_gap(row, i);
      wishes.push_back(wish);
    }
    set_row(row, wishes);
  }

  const Layers& layers_;
  std::size_t band_;
  std::vector<LayerRow> rows_;
  std::vector<std::int64_t> positions_;
};

struct Extent {
  int left = std::numeric_limits<int>::max();
  int right = std::numeric_limits<int>::min();

  [[nodiscard]] bool is_empty() const { return left > right; }
  void add(int x, int width) {
    left = std::min(left, x - width / 2);
    right = std::max(right, x + (width + 1) / 2);
  }
};

struct LayerRange {
  std::size_t first = std::numeric_limits<std::size_t>::max();
  std::size_t last = 0;

  [[nodiscard]] bool is_empty() const { return first > last; }
};

LayerRange find_framed_layers(const LayoutInput& input, const Layers& layers, std::size_t group) {
  LayerRange range;
  for (std::size_t box = 0; box < input.boxes.size(); ++box) {
    if (input.boxes[box].group != group || !input.boxes[box].is_framed) continue;
    range.first = std::min(range.first, layers.slots[box].layer);
    range.last = std::max(range.last, layers.slots[box].layer);
  }
  return range;
}

// How far apart two layers must be for the curves between them to be gentle.
int find_layer_gap(const Layers& layers, std::size_t upper) {
  const auto is_passed = [&](std::size_t layer) {
    return std::all_of(layers.rows[layer].begin(), layers.rows[layer].end(), [&](std::size_t slot) {
      return layers.slots[slot].kind == Slot::Kind::Bend;
    });
  };
  int widest = 0;
  for (const std::size_t slot : layers.rows[upper])
    for (const std::size_t below : layers.below[slot])
      widest = std::max(widest, std::abs(layers.slots[slot].x - layers.slots[below].x));
  const int least = is_passed(upper) || is_passed(upper + 1) ? kBendLayerGap : kLeastLayerGap;
  return std::clamp(widest / 5, least, kMostLayerGap);
}

}  // namespace

std::vector<Rect> place_slots(const LayoutInput& input, Layers& layers) {
  std::vector<Rect> frames(input.groups);
  int left = 0;  // where the next band begins
  for (std::size_t index = 0; index + 1 < 2 * input.groups; ++index) {
    Band band(layers, index);
    band.place();
    const bool is_gutter = index % 2 == 1;
    const LayerRange range =
        is_gutter ? LayerRange{} : find_framed_layers(input, layers, index / 2);
    Extent whole;
    Extent framed;
    for (std::size_t layer = 0; layer < band.rows().size(); ++layer) {
      for (const std::size_t slot : band.rows()[layer]) {
        whole.add(band.get(slot), layers.slots[slot].width);
        if (layer >= range.first && layer <= range.last)
          framed.add(band.get(slot), layers.slots[slot].width);
      }
    }
    if (whole.is_empty()) continue;
    if (!framed.is_empty()) {
      whole.add(framed.left - kFramePad, 0);
      whole.add(framed.right + kFramePad, 0);
    }
    const int shift = left - whole.left;
    for (const LayerRow& row : band.rows())
      for (const std::size_t slot : row) layers.slots[slot].x = band.get(slot) + shift;
    if (!framed.is_empty()) {
      frames[index / 2].x = framed.left - kFramePad + shift;
      frames[index / 2].width = framed.right - framed.left + 2 * kFramePad;
    }
    left = whole.right + shift + kBandGap;
  }
  return frames;
}

std::vector<LayerSpan> place_layers(const LayoutInput& input, const Layers& layers,
                                    std::vector<Rect>& frames) {
  std::vector<bool> begins(layers.rows.size(), false);
  std::vector<bool> ends(layers.rows.size(), false);
  std::vector<LayerRange> ranges;
  for (std::size_t group = 0; group < input.groups; ++group) {
    ranges.push_back(find_framed_layers(input, layers, group));
    if (ranges.back().is_empty()) continue;
    begins[ranges.back().first] = true;
    ends[ranges.back().last] = true;
  }
  std::vector<LayerSpan> spans;
  int y = 0;
  for (std::size_t layer = 0; layer < layers.rows.size(); ++layer) {
    if (begins[layer]) y += kFrameHead;
    int height = 0;
    for (const std::size_t slot : layers.rows[layer])
      height = std::max(height, layers.slots[slot].height);
    spans.push_back({y, y + height});
    y += height;
    if (ends[layer]) y += kFramePad;
    if (layer + 1 < layers.rows.size()) y += find_layer_gap(layers, layer);
  }
  for (std::size_t group = 0; group < input.groups; ++group) {
    if (ranges[group].is_empty()) continue;
    frames[group].y = spans[ranges[group].first].top - kFrameHead;
    frames[group].height = spans[ranges[group].last].bottom + kFramePad - frames[group].y;
  }
  return spans;
}

}  // namespace tenon::cli
