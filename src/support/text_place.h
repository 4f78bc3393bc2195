// Where in a text something is, and how a message shows it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "tenon/diagnostic.h"

namespace tenon {

// A rule that a text breaks, and the bytes that break it.
struct TextProblem {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string message;
  std::string hint;  // may be empty
};

// Puts the line and column of bytes [begin, end) of `text`, and their line with carets below, into
// `problem`. A long line is cut around the place. A range that is empty stands for its first byte.
void show_place(Diagnostic& problem, std::string_view text, std::size_t begin, std::size_t end);

// A few characters of `text` in backticks, for a message: "`[1, 2, 3, 4...`".
[[nodiscard]] std::string quote_text(std::string_view text);

}  // namespace tenon
