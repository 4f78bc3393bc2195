// Tokens of `.wac` files.
//
//   identifier    %?word(-word)*, a word being all lower or all upper case: `tax`, `%let`, `HTTP-2`
//   package name  id(:id)+(@version)?, without blanks: `acme:tax@1.2.0`
//   package path  a package name with (/id)+ before the version: `acme:tax/lib@1.2.0`
//   string        "..." without escapes
//   number        digits, or a version in a gate: `4`, `1.2.0`
//   sign          one of ; { } : = ( ) < > _ [ ] . , / @ * and -> and ...
//
// `//` and nested `/* */` are comments.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "support/diagnostics.h"
#include "wac/syntax.h"

namespace tenon::wac {

struct Token {
  enum class Kind : std::uint8_t {
    Identifier,
    PackageName,
    PackagePath,
    String,
    Number,
    Sign,
    End
  };
  Kind kind = Kind::End;
  Span span = {};
  std::string_view text = {};  // a view into the source, with `%` or quotes
};

// All tokens, followed by an End. What is not a token is reported and skipped, as are characters that
// could make the text look different from what it says.
// Lifetime: tokens refer to `text`.
[[nodiscard]] std::vector<Token> lex(std::string_view text, std::vector<TextProblem>& problems);

}  // namespace tenon::wac
