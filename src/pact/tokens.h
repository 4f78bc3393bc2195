// The tokens of a text as its parser takes them, with what is wrong with them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pact/lexer.h"
#include "support/text_place.h"

namespace tenon::pact {

// Every function that returns a bool is false after it has told a problem.
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
  // An identifier or a name in quotes.
  [[nodiscard]] bool is_name(std::size_t ahead = 0) const;

  // How many braces are open.
  [[nodiscard]] std::size_t depth() const { return depth_; }
  const Token& take();

  bool accept(char sign);
  bool accept_word(std::string_view word);
  // after: what the sign follows, as "the field `x`".
  bool expect(char sign, std::string_view after);
  // what: "the name of a record".
  bool expect_name(Name& name, std::string_view what);

  bool fail(std::string message, std::string hint = {}) {
    return fail_at(peek().place, std::move(message), std::move(hint));
  }
  bool fail_at(TextSpan place, std::string message, std::string hint = {});
  // The token here, for a message.
  [[nodiscard]] std::string describe_here() const;

  // To where something may begin in the block at `depth`: past a `;` or a closing brace of its own,
  // before the block's closing brace, or before a word that begins an item.
  void skip_to_item(std::size_t depth);
  // To the end: enough has been told.
  void give_up() { at_ = tokens_.size() - 1; }

  [[nodiscard]] std::vector<TextProblem>& problems() { return problems_; }

 private:
  std::vector<TextProblem> problems_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
};

// Whether an item begins with the word, if a name or a brace follows.
[[nodiscard]] bool is_item_word(std::string_view word);

}  // namespace tenon::pact
