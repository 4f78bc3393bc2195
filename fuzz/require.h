// What a fuzz target claims of its input.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <source_location>

// Says where and ends the target, which is how a fuzzer learns that it found something.
inline void require(bool holds, std::source_location where = std::source_location::current()) {
  if (holds) return;
  std::fprintf(stderr, "%s:%u: what the target claims does not hold\n", where.file_name(),
               static_cast<unsigned>(where.line()));
  std::abort();
}
