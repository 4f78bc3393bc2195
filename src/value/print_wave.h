// Prints WAVE that is cut where a value is long, for lines that show several values.
//
//   print_cut_wave(value, {.all = 14, .list = 4})   // ([7, 7, ...], "...
#pragma once

#include <cstddef>
#include <limits>
#include <string>

#include "tenon/value.h"

namespace tenon::value {

// The number of bytes, roughly, after which text is replaced by `...`.
struct WaveCut {
  std::size_t all = std::numeric_limits<std::size_t>::max();
  // For each list, map or string that is not inside of another: `[1, 2...]`, `"abc..."`. To print a
  // value in this way it is enough to read `list` + 4 of its parts (ReadBound).
  std::size_t list = std::numeric_limits<std::size_t>::max();
};

// Like print_wave.
[[nodiscard]] std::string print_cut_wave(const Value& value, WaveCut cut);

}  // namespace tenon::value
