// What stands between quotes in WAVE: escapes, and the indentation of multiline strings.
//
// Each function checks and decodes in one walk: the lexer calls it for the problem, the reader for
// the text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "support/diagnostics.h"

namespace tenon::value {

// escape ::= \' \" \\ \t \n \r \u{1-6 hex}
// An escape and its length in bytes; nothing if `text` does not begin with one.
struct Escape {
  std::uint32_t code = 0;
  std::size_t length = 0;
};
[[nodiscard]] std::optional<Escape> read_escape(std::string_view text);

// What is wrong with the bytes at `at`, which begin with `\` and are no escape.
[[nodiscard]] TextProblem escape_problem(std::string_view text, std::size_t at);

// Appends what bytes [begin, end) of `text` stand for, which are on one line of a string.
[[nodiscard]] std::optional<TextProblem> decode_characters(std::string_view text, std::size_t begin,
                                                           std::size_t end, std::string& out);

// multiline ::= '"""' NL line* ' '* '"""'
// Appends what bytes [begin, end) stand for: all between the triple quotes.
[[nodiscard]] std::optional<TextProblem> decode_multiline(std::string_view text, std::size_t begin,
                                                          std::size_t end, std::string& out);

// The text escaped for WAVE, with quotes around it. Bytes that are not UTF-8 become U+FFFD.
// max_bytes: stops soon after so many.
[[nodiscard]] std::string quote_string(std::string_view text, std::size_t max_bytes);
[[nodiscard]] std::string quote_character(std::uint32_t code);

}  // namespace tenon::value
