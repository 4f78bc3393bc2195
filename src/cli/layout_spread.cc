#include "cli/layout_spread.h"

#include <cstddef>

namespace tenon::cli {

namespace {

// Neighbours that are as near to each other as they may be and move together.
struct Block {
  std::int64_t weight = 0;
  std::int64_t sum = 0;
  std::size_t size = 0;

  [[nodiscard]] std::int64_t position() const {
    const std::int64_t quotient = sum / weight;
    return sum % weight < 0 ? quotient - 1 : quotient;
  }
};

}  // namespace

std::vector<std::int64_t> spread(const std::vector<Wish>& wishes) {
  std::vector<Block> blocks;
  std::int64_t offset = 0;
  for (std::size_t i = 0; i < wishes.size(); ++i) {
    if (i > 0) offset += wishes[i].gap;
    Block block{wishes[i].weight, wishes[i].weight * (wishes[i].position - offset), 1};
    while (!blocks.empty() && blocks.back().position() >= block.position()) {
      block.weight += blocks.back().weight;
      block.sum += blocks.back().sum;
      block.size += blocks.back().size;
      blocks.pop_back();
    }
    blocks.push_back(block);
  }
  std::vector<std::int64_t> positions;
  offset = 0;
  for (const Block& block : blocks) {
    for (std::size_t i = 0; i < block.size; ++i) {
      if (!positions.empty()) offset += wishes[positions.size()].gap;
      positions.push_back(block.position() + offset);
    }
  }
  return positions;
}

}  // namespace tenon::cli
