// Positions in a row: each as near as possible to where it wants to be, none too near to the next.
#pragma once

#include <cstdint>
#include <vector>

namespace tenon::cli {

struct Wish {
  std::int64_t position = 0;
  std::int64_t weight = 1;  // at least 1
  std::int64_t gap = 0;     // least distance from the one before it; of the first: of no meaning
};

// The positions that keep the order and the gaps and have the least weighted sum of squared
// distances to the wishes (isotonic regression by pooling), rounded down.
[[nodiscard]] std::vector<std::int64_t> spread(const std::vector<Wish>& wishes);

}  // namespace tenon::cli
