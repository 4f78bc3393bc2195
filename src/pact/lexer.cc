#include "pact/lexer.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "packr/graph_words.h"
#include "support/terminal_text.h"
#include "support/utf8.h"

namespace tenon::pact {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

class Lexer {
 public:
  Lexer(std::string_view text, std::vector<TextProblem>& problems)
      : text_(text), problems_(problems) {}

  std::vector<Token> run() {
    while (!gives_up() && skip_blanks()) read_token();
    if (gives_up()) tokens_.clear();
    tokens_.push_back({Token::Kind::End, {}, place(at_)});
    return std::move(tokens_);
  }

 private:
  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  [[nodiscard]] TextSpan place(std::size_t begin) const {
    return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(at_)};
  }
  void add(Token::Kind kind, std::size_t begin, std::string text) {
    tokens_.push_back({kind, std::move(text), place(begin)});
  }
  void fail(std::size_t begin, std::string message, std::string hint = {}) {
    problems_.push_back({begin, at_, std::move(message), std::move(hint)});
  }

  // What has so much without meaning is another language.
  [[nodiscard]] bool gives_up() const { return nothings_ == 3; }

  // False at the end.
  bool skip_blanks() {
    while (at_ < text_.size()) {
      if (std::string_view(" \t\r\n").find(peek()) != std::string_view::npos) {
        ++at_;
      } else if (text_.substr(at_).starts_with("//")) {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (text_.substr(at_).starts_with("/*")) {
        skip_comment();
      } else {
        return true;
      }
    }
    return false;
  }

  void skip_comment() {
    const std::size_t begin = at_;
    const std::size_t end = text_.find("*/", at_ + 2);
    if (end != std::string_view::npos) {
      at_ = end + 2;
      return;
    }
    at_ += 2;
    fail(begin, "a comment has no closing `*/`");
    at_ = text_.size();
  }

  void read_token() {
    const std::size_t begin = at_;
    if (const std::size_t length = packr::find_identifier_end(text_.substr(at_)); length > 0) {
      at_ += length;
      add(Token::Kind::Identifier, begin, std::string(text_.substr(begin, length)));
    } else if (is_digit(peek()) || (peek() == '-' && is_digit(peek(1)))) {
      do ++at_;
      while (is_digit(peek()) || peek() == '.');
      add(Token::Kind::Number, begin, std::string(text_.substr(begin, at_ - begin)));
    } else if (peek() == '"') {
      read_string();
    } else if (std::string_view("{}()<>:,=;-.@*/").find(peek()) != std::string_view::npos) {
      ++at_;
      add(Token::Kind::Sign, begin, std::string(1, text_[begin]));
    } else {
      read_nothing();
    }
  }

  [[nodiscard]] bool begins_token() const {
    return peek() == '"' || is_digit(peek()) ||
           std::string_view("{}()<>:,=;-.@*/ \t\r\n").find(peek()) != std::string_view::npos ||
           packr::find_identifier_end(text_.substr(at_)) > 0;
  }

  // A run of characters that begin nothing: one problem.
  void read_nothing() {
    const std::size_t begin = at_;
    do at_ += next_character(text_.substr(at_)).bytes.size();
    while (at_ < text_.size() && !begins_token());
    ++nothings_;
    const std::string shown = quote_text(text_.substr(begin, at_ - begin));
    std::string hint;
    if (text_[begin] == '%')
      hint = "packr's languages have no `%`: a word may be a name as it stands";
    if (gives_up()) hint = "is this a text of an interface language? docs/packr.md describes them";
    fail(begin, fmt::format("{} has no meaning here", shown), std::move(hint));
  }

  void read_string() {
    const std::size_t begin = at_++;
    std::string text;
    while (peek() != '"') {
      if (at_ >= text_.size() || peek() == '\n') {
        fail(begin, "a string has no closing `\"`");
        return;
      }
      if (peek() == '\\')
        read_escape(text);
      else
        text += text_[at_++];
    }
    ++at_;
    add(Token::Kind::String, begin, std::move(text));
  }

  void read_escape(std::string& text) {
    const std::size_t begin = at_++;
    constexpr std::string_view kEscapes = "n\nr\rt\t\"\"\\\\";
    for (std::size_t i = 0; i < kEscapes.size(); i += 2)
      if (peek() == kEscapes[i]) {
        text += kEscapes[i + 1];
        ++at_;
        return;
      }
    if (peek() == 'u' && peek(1) == '{') {
      std::uint32_t code = 0;
      const char* const end = text_.data() + text_.size();
      const auto read = std::from_chars(text_.data() + at_ + 2, end, code, 16);
      if (read.ec == std::errc{} && read.ptr != end && *read.ptr == '}' && is_scalar_value(code)) {
        at_ = static_cast<std::size_t>(read.ptr - text_.data()) + 1;
        append_utf8(text, code);
        return;
      }
    }
    fail(begin, "an escape is one of \\\" \\\\ \\n \\r \\t \\u{1b}");
  }

  std::string_view text_;
  std::vector<TextProblem>& problems_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  int nothings_ = 0;
};

}  // namespace

std::vector<Token> lex(std::string_view text, std::vector<TextProblem>& problems) {
  return Lexer(text, problems).run();
}

std::string quote_string(std::string_view text) {
  std::string quoted = "\"";
  while (!text.empty()) {
    const Utf8Character one = next_character(text);
    text.remove_prefix(one.bytes.size());
    const std::uint32_t code = one.code.value_or(0xfffd);
    if (code == '"' || code == '\\')
      quoted += fmt::format("\\{}", static_cast<char>(code));
    else if (is_safe_character(code))
      quoted += one.bytes;
    else
      quoted += fmt::format("\\u{{{:x}}}", code);
  }
  return quoted + '"';
}

}  // namespace tenon::pact
