// The tokens of WAVE text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
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
  Number,  // `-inf` too; `nan` and `inf` are labels
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
  // Bytes of the text.
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  // Char, String, MultilineString: the decoded characters. Label: without `%`. Number, Handle: as
  // written. Others: empty.
  // Lifetime: until the next token.
  std::string_view text = {};
};

// True for `true`, `false`, `inf`, `nan`, `some`, `none`, `ok` and `err`. As the label of a case they
// are written with `%`.
[[nodiscard]] bool is_keyword(std::string_view label);

class WaveLexer {
 public:
  // REQUIRES: `text` is UTF-8 of less than 4 GiB, and outlives the lexer.
  WaveLexer(std::string_view text, std::size_t begin) : text_(text), at_(begin) {}

  // The next token; End and Problem repeat.
  [[nodiscard]] WaveToken next();
  // Why the last token is a Problem.
  [[nodiscard]] const TextProblem& problem() const { return problem_; }

 private:
  void skip_blanks();
  // The token from here to `end`, which is moved past.
  WaveToken make(WaveTokenKind kind, std::size_t end, std::string_view text = {});
  WaveToken fail(TextProblem problem);
  WaveToken lex_number();
  WaveToken lex_character();
  WaveToken lex_string();
  WaveToken lex_multiline();
  WaveToken lex_handle();
  WaveToken lex_label();

  std::string_view text_;
  std::size_t at_;
  std::string decoded_;
  TextProblem problem_;
};

}  // namespace tenon::value
