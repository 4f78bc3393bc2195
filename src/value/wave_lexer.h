// The words of WAVE text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "support/diagnostics.h"

namespace tenon::value {

enum class WaveTokenKind : std::uint8_t {
  BraceOpen,
  BraceClose,
  ParenOpen,
  ParenClose,
  BracketOpen,
  BracketClose,
  Colon,
  Comma,
  Number,  // `-inf` too
  Label,   // keywords too
  Char,
  String,
  MultilineString,
  Handle,  // `$3`
  End,
  Problem,  // see WaveLexer::problem
};

struct WaveToken {
  WaveTokenKind kind = WaveTokenKind::End;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

// Offset of the end of the label that begins at `at`, `%` included; `at` if none does.
// label ::= '%'? word ('-' word)*
[[nodiscard]] std::size_t find_label_end(std::string_view text, std::size_t at);

class WaveLexer {
 public:
  // REQUIRES: `text` is UTF-8 of less than 4 GiB, and outlives the lexer.
  WaveLexer(std::string_view text, std::size_t begin) : text_(text), at_(begin) {}

  // The next token; End and Problem repeat.
  [[nodiscard]] WaveToken next();
  // Why the last token is Problem.
  [[nodiscard]] const TextProblem& problem() const { return problem_; }

 private:
  void skip_blanks();
  WaveToken make(WaveTokenKind kind, std::size_t end);
  WaveToken fail(TextProblem problem);
  WaveToken lex_number();
  WaveToken lex_character();
  WaveToken lex_string();
  WaveToken lex_multiline();
  WaveToken lex_handle();
  WaveToken lex_other();

  std::string_view text_;
  std::size_t at_;
  TextProblem problem_;
};

}  // namespace tenon::value
