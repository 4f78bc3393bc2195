// The words and signs of packr's interface languages.
//
//   identifier  [A-Za-z_][A-Za-z0-9_-]*, so that `a-b` is one
//   string      "..." with \" \\ \n \r \t \u{1b}
//   number      -?[0-9.]+
//   sign        one of { } ( ) < > : , = ; - . @ * /
//
// `//` and `/* */` are comments. A name that is no identifier, which only metadata made by other
// means can have, is written as a string.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pact/tree.h"
#include "support/text_place.h"

namespace tenon::pact {

struct Token {
  enum class Kind : std::uint8_t { Identifier, String, Number, Sign, End };
  Kind kind = Kind::End;
  std::string text = {};  // of a string: what it says
  TextSpan place = {};
};

// Every token of the text, the last one an End. What is no token is a problem, and left out.
// REQUIRES: text is UTF-8, and shorter than 4 GiB
[[nodiscard]] std::vector<Token> lex(std::string_view text, std::vector<TextProblem>& problems);

// Text as a string token says it.
[[nodiscard]] std::string quote_string(std::string_view text);

}  // namespace tenon::pact
