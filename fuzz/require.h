// What a fuzz target claims of its input.
#pragma once

#include <cstdlib>

// Ends the target, which is how a fuzzer learns that it found something.
inline void require(bool holds) {
  if (!holds) std::abort();
}
