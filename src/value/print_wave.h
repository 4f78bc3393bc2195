// WAVE that is cut where a value is long, for lines that show many.
#pragma once

#include <cstddef>
#include <limits>
#include <string>

#include "tenon/value.h"

namespace tenon::value {

// Bytes after which `...` stands, about.
struct WaveCut {
  std::size_t all = std::numeric_limits<std::size_t>::max();
  // Of each list, map or string that is in no other: `[1, 2...]`, `"abc..."`. A bound of `list`
  // parts and four (ReadBound) reads all that is shown.
  std::size_t list = std::numeric_limits<std::size_t>::max();
};

// As print_wave.
[[nodiscard]] std::string print_cut_wave(const Value& value, WaveCut cut);

}  // namespace tenon::value
