#include "cli/layout_order.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace tenon::cli {

namespace {

using LayerRow = std::vector<std::size_t>;

constexpr int kOrderSweeps = 24;
constexpr int kSwapRounds = 8;

std::vector<std::size_t> find_positions(const Layers& layers) {
  std::vector<std::size_t> positions(layers.slots.size());
  for (const LayerRow& row : layers.rows)
    for (std::size_t i = 0; i < row.size(); ++i) positions[row[i]] = i;
  return positions;
}

// Counts the pairs of joints that cross: inversions of their lower ends, by a binary indexed tree.
std::size_t count_crossings_below(const Layers& layers, const LayerRow& row,
                                  const std::vector<std::size_t>& positions, std::size_t width) {
  std::vector<std::size_t> tree(width + 1, 0);
  std::size_t crossings = 0;
  std::size_t seen = 0;
  for (const std::size_t slot : row) {
    for (const std::size_t below : layers.below[slot]) {
      std::size_t not_right = 0;
      for (std::size_t i = positions[below] + 1; i > 0; i &= i - 1) not_right += tree[i];
      crossings += seen - not_right;
    }
    for (const std::size_t below : layers.below[slot]) {
      ++seen;
      for (std::size_t i = positions[below] + 1; i <= width; i += i & (~i + 1)) ++tree[i];
    }
  }
  return crossings;
}

// Middle of the neighbours' positions, in 1/256 of a place. Ties stay as they are.
void sort_row(const Layers& layers, LayerRow& row, const std::vector<LayerRow>& neighbours,
              const std::vector<std::size_t>& positions) {
  struct Key {
    std::size_t band;
    std::uint64_t middle;
    std::size_t slot;
  };
  std::vector<Key> keys;
  for (const std::size_t slot : row) {
    std::uint64_t sum = 0;
    for (const std::size_t other : neighbours[slot]) sum += 256 * positions[other];
    const std::uint64_t middle =
        neighbours[slot].empty() ? 256 * positions[slot] : sum / neighbours[slot].size();
    keys.push_back({layers.slots[slot].band, middle, slot});
  }
  std::stable_sort(keys.begin(), keys.end(), [](const Key& a, const Key& b) {
    return std::pair(a.band, a.middle) < std::pair(b.band, b.middle);
  });
  for (std::size_t i = 0; i < row.size(); ++i) row[i] = keys[i].slot;
}

void sweep(Layers& layers, std::vector<std::size_t>& positions, bool downwards) {
  const std::size_t count = layers.rows.size();
  for (std::size_t i = 1; i < count; ++i) {
    LayerRow& row = layers.rows[downwards ? i : count - 1 - i];
    sort_row(layers, row, downwards ? layers.above : layers.below, positions);
    for (std::size_t place = 0; place < row.size(); ++place) positions[row[place]] = place;
  }
}

// Crossings of the joints of `left` and `right` to one side if they stand in this order.
std::size_t count_pair(const LayerRow& left, const LayerRow& right,
                       const std::vector<std::size_t>& positions) {
  std::size_t crossings = 0;
  for (const std::size_t a : left)
    for (const std::size_t b : right) crossings += positions[a] > positions[b] ? 1 : 0;
  return crossings;
}

// Swaps neighbours in a row where that removes crossings. Returns whether it did.
bool swap_neighbours(Layers& layers, std::vector<std::size_t>& positions) {
  bool has_improved = false;
  for (LayerRow& row : layers.rows) {
    for (std::size_t i = 0; i + 1 < row.size(); ++i) {
      const std::size_t a = row[i];
      const std::size_t b = row[i + 1];
      if (layers.slots[a].band != layers.slots[b].band) continue;
      const std::size_t before = count_pair(layers.above[a], layers.above[b], positions) +
                                 count_pair(layers.below[a], layers.below[b], positions);
      const std::size_t after = count_pair(layers.above[b], layers.above[a], positions) +
                                count_pair(layers.below[b], layers.below[a], positions);
      if (after >= before) continue;
      std::swap(row[i], row[i + 1]);
      std::swap(positions[a], positions[b]);
      has_improved = true;
    }
  }
  return has_improved;
}

}  // namespace

std::size_t count_crossings(const Layers& layers) {
  const std::vector<std::size_t> positions = find_positions(layers);
  std::size_t crossings = 0;
  for (std::size_t i = 0; i + 1 < layers.rows.size(); ++i)
    crossings +=
        count_crossings_below(layers, layers.rows[i], positions, layers.rows[i + 1].size());
  return crossings;
}

void order_layers(Layers& layers) {
  std::vector<std::size_t> positions = find_positions(layers);
  std::vector<LayerRow> best = layers.rows;
  std::size_t fewest = count_crossings(layers);
  for (int i = 0; i < kOrderSweeps && fewest > 0; ++i) {
    sweep(layers, positions, i % 2 == 0);
    for (int round = 0; round < kSwapRounds; ++round)
      if (!swap_neighbours(layers, positions)) break;
    const std::size_t crossings = count_crossings(layers);
    if (crossings >= fewest) continue;
    fewest = crossings;
    best = layers.rows;
  }
  layers.rows = std::move(best);
}

}  // namespace tenon::cli
