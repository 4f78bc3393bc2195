// Tokens of packr's interface languages.
//
//   identifier  [A-Za-z_][A-Za-z0-9_-]*, so `a-b` is one identifier
//   string      "..." with the escapes \" \\ \n \r \t \u{1b}
//   number      -?[0-9.]+
//   sign        one of { } ( ) < > : , = ; - . @ * /
//
// `//` and `/* */` are comments. A name that is not an identifier is written as a string; packr's
// own tools never produce one, but foreign metadata can contain it.
//
// The parser reads tokens through a TokenStream, which also collects the problems:
//
//   TokenStream in(text);
//   Name name;
//   if (!in.expect_name(name, "the name of a record")) return false;  // the problem is recorded
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pact/tree.h"
#include "support/diagnostics.h"

namespace tenon::pact {

struct Token {
  enum class Kind : std::uint8_t { Identifier, String, Number, Sign, End };
  Kind kind = Kind::End;
  std::string text = {};  // of a String: its content, without quotes and escapes
  TextSpan span = {};
};

// All tokens of the text, followed by an End. Bytes that are not part of a token are reported as
// problems and skipped.
// REQUIRES: `text` is UTF-8 and shorter than 4 GiB
[[nodiscard]] std::vector<Token> lex(std::string_view text, std::vector<TextProblem>& problems);

// The length of the identifier that `text` begins with, or 0.
[[nodiscard]] std::size_t find_identifier_end(std::string_view text);

// `text` as a string token.
[[nodiscard]] std::string quote_string(std::string_view text);

// A type keyword such as "list" or "u8".
struct TypeKeyword {
  std::string_view word;
  TypeKind kind;
  packr::TypeTag tag;  // if kind is Plain
};
// Null if `word` is not a keyword and can be the name of a type.
[[nodiscard]] const TypeKeyword* find_type_keyword(std::string_view word);
// REQUIRES: type.kind is not Named
[[nodiscard]] std::string_view type_keyword(const TypeExpr& type);

// A cursor over the tokens of a text. Functions that return bool return false after they have
// recorded a problem.
class TokenStream {
 public:
  explicit TokenStream(std::string_view text) : tokens_(lex(text, problems_)) {}

  [[nodiscard]] const Token& peek(std::size_t ahead = 0) const {
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
  }
  [[nodiscard]] std::size_t position() const { return at_; }
  [[nodiscard]] bool at_end() const { return peek().kind == Token::Kind::End; }
  [[nodiscard]] bool is_sign(char sign, std::size_t ahead = 0) const;
  [[nodiscard]] bool is_word(std::string_view word, std::size_t ahead = 0) const;
  // An identifier or a quoted name.
  [[nodiscard]] bool is_name(std::size_t ahead = 0) const;

  // The number of open braces.
  [[nodiscard]] std::size_t depth() const { return depth_; }
  const Token& take();

  bool accept(char sign);
  bool accept_word(std::string_view word);
  // after: the text before the sign, for the message: "the field `x`".
  bool expect(char sign, std::string_view after);
  // what: the meaning of the name, for the message: "the name of a record".
  bool expect_name(Name& name, std::string_view what);

  bool fail(std::string message, std::string hint = {}) {
    return fail_at(peek().span, std::move(message), std::move(hint));
  }
  bool fail_at(TextSpan span, std::string message, std::string hint = {});
  // The current token, for a message.
  [[nodiscard]] std::string describe_here() const;

  // Error recovery: skips to a place in the block at `depth` where an item can begin. This is after
  // a `;` or a closing brace, before the closing brace of the block itself, or before a keyword
  // that begins an item.
  void skip_to_item(std::size_t depth);
  // Skips to the end of the text, when enough problems have been reported.
  void give_up() { at_ = tokens_.size() - 1; }

  [[nodiscard]] const std::vector<TextProblem>& problems() const { return problems_; }

 private:
  std::vector<TextProblem> problems_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
};

}  // namespace tenon::pact
