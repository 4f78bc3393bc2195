#include "wac/lexer.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstddef>

#include "support/terminal_text.h"
#include "support/utf8.h"

namespace tenon::wac {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

constexpr std::string_view kSigns = ";{}:=()<>_[].,/@*";

class Lexer {
 public:
  Lexer(std::string_view text, std::vector<TextProblem>& problems)
      : text_(text), problems_(problems) {}

  std::vector<Token> run() {
    while (skip_blanks()) read_token();
    tokens_.push_back({Token::Kind::End, {at_, at_}, {}});
    return std::move(tokens_);
  }

 private:
  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  [[nodiscard]] bool starts_with(std::string_view prefix) const {
    return text_.substr(at_).starts_with(prefix);
  }
  void add(Token::Kind kind, std::size_t begin) {
    tokens_.push_back({kind, {begin, at_}, text_.substr(begin, at_ - begin)});
  }
  void fail(std::size_t begin, std::string message, std::string hint = {}) {
    problems_.push_back({begin, at_, std::move(message), std::move(hint)});
  }

  // False at the end of the text.
  bool skip_blanks() {
    while (at_ < text_.size()) {
      if (std::string_view(" \t\r\n\f").find(peek()) != std::string_view::npos) {
        ++at_;
      } else if (starts_with("//")) {
        const std::size_t begin = at_;
        at_ = std::min(text_.find('\n', at_), text_.size());
        check_characters(begin);
      } else if (starts_with("/*")) {
        skip_comment();
      } else {
        return true;
      }
    }
    return false;
  }

  void skip_comment() {
    const std::size_t begin = at_;
    std::size_t depth = 0;
    do {
      if (starts_with("/*")) {
        ++depth;
        at_ += 2;
      } else if (starts_with("*/")) {
        --depth;
        at_ += 2;
      } else if (at_ < text_.size()) {
        ++at_;
      } else {
        at_ = begin + 2;
        fail(begin, "unterminated comment: expected `*/`");
        at_ = text_.size();
        return;
      }
    } while (depth > 0);
    check_characters(begin);
  }

  // Refuses control characters and those that change the direction of text in what was read since
  // `begin`: they can make it look different from what it says.
  void check_characters(std::size_t begin) {
    const std::size_t end = at_;
    for (at_ = begin; at_ < end;) {
      const std::size_t start = at_;
      const Utf8Character character = next_character(text_.substr(at_, end - at_));
      at_ += character.bytes.size();
      const bool is_blank = character.code == '\t' || character.code == '\n' ||
                            character.code == '\r' || character.code == '\f';
      if (is_blank || (character.code && is_safe_character(*character.code))) continue;
      fail(start, fmt::format("the character {} is not allowed",
                              quote_text(text_.substr(start, at_ - start))));
      break;
    }
    at_ = end;
  }

  // word ::= [a-z][a-z0-9]* | [A-Z][A-Z0-9]*
  bool skip_word() {
    const auto take = [&](auto is_letter) {
      if (!is_letter(peek())) return false;
      while (is_letter(peek()) || is_digit(peek())) ++at_;
      return true;
    };
    return take(is_lower) || take(is_upper);
  }

  bool skip_identifier() {
    const std::size_t begin = at_;
    if (peek() == '%') ++at_;
    if (!skip_word()) {
      at_ = begin;
      return false;
    }
    while (peek() == '-') {
      const std::size_t dash = at_++;
      if (skip_word()) continue;
      at_ = dash;
      break;
    }
    return true;
  }

  // (sign id)*; false if there is none.
  bool skip_parts(char sign) {
    bool has_part = false;
    while (peek() == sign) {
      const std::size_t before = at_++;
      if (!skip_identifier()) {
        at_ = before;
        break;
      }
      has_part = true;
    }
    return has_part;
  }

  // ('@' number)?
  void skip_version() {
    if (peek() != '@' || !is_digit(peek(1))) return;
    ++at_;
    skip_number();
  }

  // number ::= [0-9]+ ('.' [0-9a-zA-Z+-]+)*
  void skip_number() {
    while (is_digit(peek())) ++at_;
    const auto is_part = [](char c) {
      return is_digit(c) || is_lower(c) || is_upper(c) || c == '+' || c == '-';
    };
    while (peek() == '.' && is_part(peek(1))) {
      ++at_;
      while (is_part(peek())) ++at_;
    }
  }

  void read_token() {
    const std::size_t begin = at_;
    if (skip_identifier()) {
      if (!skip_parts(':')) return add(Token::Kind::Identifier, begin);
      const bool is_path = skip_parts('/');
      skip_version();
      return add(is_path ? Token::Kind::PackagePath : Token::Kind::PackageName, begin);
    }
    if (peek() == '"') return read_string();
    if (is_digit(peek())) {
      skip_number();
      return add(Token::Kind::Number, begin);
    }
    if (starts_with("...")) {
      at_ += 3;
      return add(Token::Kind::Sign, begin);
    }
    if (starts_with("->")) {
      at_ += 2;
      return add(Token::Kind::Sign, begin);
    }
    if (kSigns.find(peek()) != std::string_view::npos) {
      ++at_;
      return add(Token::Kind::Sign, begin);
    }
    // A run of other characters is one problem.
    do at_ += next_character(text_.substr(at_)).bytes.size();
    while (at_ < text_.size() && !begins_token());
    fail(begin, fmt::format("unexpected {}", quote_text(text_.substr(begin, at_ - begin))));
  }

  [[nodiscard]] bool begins_token() const {
    return is_lower(peek()) || is_upper(peek()) || peek() == '"' || peek() == '%' ||
           kSigns.find(peek()) != std::string_view::npos ||
           std::string_view(" \t\r\n\f").find(peek()) != std::string_view::npos;
  }

  void read_string() {
    const std::size_t begin = at_;
    const std::size_t end = text_.find('"', at_ + 1);
    if (end == std::string_view::npos) {
      at_ = std::min(text_.find('\n', at_), text_.size());
      return fail(begin, "unterminated string: expected `\"`");
    }
    at_ = end + 1;
    check_characters(begin);
    add(Token::Kind::String, begin);
  }

  std::string_view text_;
  std::vector<TextProblem>& problems_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
};

}  // namespace

std::vector<Token> lex(std::string_view text, std::vector<TextProblem>& problems) {
  return Lexer(text, problems).run();
}

}  // namespace tenon::wac
