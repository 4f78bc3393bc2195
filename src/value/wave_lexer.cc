#include "value/wave_lexer.h"

#include <fmt/core.h>

#include <algorithm>
#include <string>

#include "support/utf8.h"
#include "value/wave_strings.h"

namespace tenon::value {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

constexpr std::string_view kTripleQuote = "\"\"\"";

}  // namespace

std::size_t find_label_end(std::string_view text, std::size_t at) {
  const auto peek = [&](std::size_t i) { return i < text.size() ? text[i] : '\0'; };
  std::size_t end = at;
  std::size_t word = peek(at) == '%' ? at + 1 : at;
  for (bool is_first = true;; is_first = false) {
    const char head = peek(word);
    if (!is_lower(head) && !is_upper(head) && (is_first || !is_digit(head))) return end;
    // A word is of one case; digits are of both.
    std::size_t digits = word;
    while (is_digit(peek(digits))) ++digits;
    const bool is_upper_word = is_upper(peek(digits));
    end = digits;
    while (is_digit(peek(end)) || (is_upper_word ? is_upper(peek(end)) : is_lower(peek(end))))
      ++end;
    if (peek(end) != '-') return end;
    word = end + 1;
  }
}

void WaveLexer::skip_blanks() {
  while (at_ < text_.size()) {
    if (text_.substr(at_, 2) == "//")
      at_ = std::min(text_.find('\n', at_), text_.size());
    else if (std::string_view(" \t\r\n").find(text_[at_]) == std::string_view::npos)
      return;
    else
      ++at_;
  }
}

WaveToken WaveLexer::make(WaveTokenKind kind, std::size_t end) {
  const WaveToken token{kind, static_cast<std::uint32_t>(at_), static_cast<std::uint32_t>(end)};
  at_ = end;
  return token;
}

WaveToken WaveLexer::fail(TextProblem problem) {
  problem_ = std::move(problem);
  return make(WaveTokenKind::Problem, at_);
}

WaveToken WaveLexer::next() {
  skip_blanks();
  if (at_ == text_.size()) return make(WaveTokenKind::End, at_);
  switch (text_[at_]) {
    case '{':
      return make(WaveTokenKind::BraceOpen, at_ + 1);
    case '}':
      return make(WaveTokenKind::BraceClose, at_ + 1);
    case '(':
      return make(WaveTokenKind::ParenOpen, at_ + 1);
    case ')':
      return make(WaveTokenKind::ParenClose, at_ + 1);
    case '[':
      return make(WaveTokenKind::BracketOpen, at_ + 1);
    case ']':
      return make(WaveTokenKind::BracketClose, at_ + 1);
    case ':':
      return make(WaveTokenKind::Colon, at_ + 1);
    case ',':
      return make(WaveTokenKind::Comma, at_ + 1);
    case '\'':
      return lex_character();
    case '"':
      return text_.substr(at_).starts_with(kTripleQuote) ? lex_multiline() : lex_string();
    case '$':
      return lex_handle();
    default:
      if (is_digit(text_[at_]) || text_[at_] == '-') return lex_number();
      return lex_other();
  }
}

// number ::= integer fraction? exponent? | '-inf'      integer ::= '-'? ('0' | [1-9][0-9]*)
WaveToken WaveLexer::lex_number() {
  const auto peek = [&](std::size_t i) { return i < text_.size() ? text_[i] : '\0'; };
  if (text_.substr(at_, 4) == "-inf" && find_label_end(text_, at_ + 1) == at_ + 4)
    return make(WaveTokenKind::Number, at_ + 4);
  std::size_t end = at_ + (text_[at_] == '-' ? 1 : 0);
  if (!is_digit(peek(end)))
    return fail({at_, std::max(find_label_end(text_, end), end),
                 "`-` is followed by neither digits nor `inf`",
                 "write a number such as `-1`, or `-inf`"});
  if (peek(end) == '0' && is_digit(peek(end + 1)))
    return fail({at_, end + 1, "a number begins with 0 and has more digits",
                 "write the number without zeros in front"});
  while (is_digit(peek(end))) ++end;
  if (peek(end) == '.') {
    if (!is_digit(peek(end + 1)))
      return fail({at_, end + 1, "a number ends with its point", "write a digit after the point"});
    for (++end; is_digit(peek(end));) ++end;
  }
  if (peek(end) == 'e' || peek(end) == 'E') {
    std::size_t power = end + 1;
    if (peek(power) == '+' || peek(power) == '-') ++power;
    if (!is_digit(peek(power)))
      return fail({at_, power, "an exponent has no digits", "write an exponent such as `e6`"});
    for (end = power; is_digit(peek(end));) ++end;
  }
  return make(WaveTokenKind::Number, end);
}

// char ::= "'" (scalar | escape) "'"
WaveToken WaveLexer::lex_character() {
  const std::string_view rest = text_.substr(at_ + 1);
  std::size_t length = 0;
  if (rest.starts_with('\\')) {
    const std::optional<Escape> escape = read_escape(rest);
    if (!escape) return fail(escape_problem(text_, at_ + 1));
    length = escape->length;
  } else if (!rest.empty() && rest[0] != '\'' && rest[0] != '\n') {
    length = next_character(rest).bytes.size();
  }
  if (length > 0 && rest.substr(length).starts_with('\''))
    return make(WaveTokenKind::Char, at_ + length + 2);
  const std::size_t close = rest.substr(0, rest.find('\n')).find('\'');
  if (length > 0 && close != rest.npos)
    return fail({at_, at_ + close + 2, "a char is one character", "write a string in `\"`"});
  if (length > 0)
    return fail({at_, at_ + 1 + length, "a char has no closing `'`", "write a char as `'x'`"});
  return fail({at_, at_ + 1, "there is no character between the quotes of a char",
               "write a char as `'x'`, and `'` itself as `'\\''`"});
}

// string ::= '"' (scalar | escape)* '"'
WaveToken WaveLexer::lex_string() {
  std::size_t end = at_ + 1;
  while (end < text_.size() && text_[end] != '"' && text_[end] != '\n')
    end += text_[end] == '\\' && end + 1 < text_.size() && text_[end + 1] != '\n' ? 2 : 1;
  if (end >= text_.size() || text_[end] != '"')
    return fail({at_, end, "a string has no closing `\"` on its line",
                 "write a line break as `\\n`, or use a string in `\"\"\"`"});
  std::string ignored;
  if (auto problem = decode_characters(text_, at_ + 1, end, ignored))
    return fail(*std::move(problem));
  return make(WaveTokenKind::String, end + 1);
}

WaveToken WaveLexer::lex_multiline() {
  const std::size_t begin = at_ + kTripleQuote.size();
  const std::size_t end = text_.find(kTripleQuote, begin);
  if (end == text_.npos)
    return fail({at_, begin, "a multiline string has no closing `\"\"\"`",
                 "put `\"\"\"` on a line of its own after the text"});
  std::string ignored;
  if (auto problem = decode_multiline(text_, begin, end, ignored)) return fail(*std::move(problem));
  return make(WaveTokenKind::MultilineString, end + kTripleQuote.size());
}

WaveToken WaveLexer::lex_handle() {
  std::size_t end = at_ + 1;
  while (end < text_.size() && is_digit(text_[end])) ++end;
  if (end == at_ + 1 || (text_[at_ + 1] == '0' && end > at_ + 2))
    return fail(
        {at_, end, "`$` is not followed by the number of a handle", "write a handle as `$1`"});
  return make(WaveTokenKind::Handle, end);
}

WaveToken WaveLexer::lex_other() {
  const std::size_t end = find_label_end(text_, at_);
  if (end != at_) return make(WaveTokenKind::Label, end);
  const std::size_t length = next_character(text_.substr(at_)).bytes.size();
  const std::string found = quote_text(text_.substr(at_, length));
  if (text_[at_] == '<')
    return fail({at_, at_ + length, fmt::format("no value begins with {}", found),
                 "write a handle by its number, as in `$1`"});
  return fail({at_, at_ + length, fmt::format("no value begins with {}", found),
               "quote text as in `\"text\"`"});
}

}  // namespace tenon::value
