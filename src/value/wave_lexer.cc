// Splits WAVE into tokens. Strings and chars are checked and decoded here, so that neither the
// parser nor the reader sees an escape sequence. Productions are cited from docs/wave.md.
#include "value/wave_lexer.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "support/utf8.h"

namespace tenon::value {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

constexpr std::string_view kTripleQuote = "\"\"\"";

// Offset of the end of a number of a case, `#2`, that begins at `at`; `at` if there is none.
std::size_t find_number_end(std::string_view text, std::size_t at) {
  std::size_t end = at + 1;
  while (end < text.size() && is_digit(text[end])) ++end;
  return at < text.size() && text[at] == '#' && end > at + 1 ? end : at;
}

// Offset of the end of the label that begins at `at`, `%` included; `at` if there is none.
// label ::= '%'? word ('-' word)* ('#' digits)?
std::size_t find_label_end(std::string_view text, std::size_t at) {
  const auto peek = [&](std::size_t i) { return i < text.size() ? text[i] : '\0'; };
  std::size_t end = at;
  std::size_t word = peek(at) == '%' ? at + 1 : at;
  for (bool is_first = true;; is_first = false) {
    const char head = peek(word);
    if (!is_lower(head) && !is_upper(head) && (is_first || !is_digit(head))) return end;
    // A word is in one case, which its first letter decides: `HTTP3`, `2A`.
    std::size_t digits = word;
    while (is_digit(peek(digits))) ++digits;
    const bool is_upper_word = is_upper(peek(digits));
    end = digits;
    while (is_digit(peek(end)) || (is_upper_word ? is_upper(peek(end)) : is_lower(peek(end))))
      ++end;
    if (peek(end) != '-') return find_number_end(text, end);
    word = end + 1;
  }
}

// An escape sequence: its character and its length in bytes.
// escape ::= \' \" \\ \t \n \r \u{1-6 hexadecimal digits}
struct Escape {
  std::uint32_t code = 0;
  std::size_t length = 0;
};

constexpr std::size_t kMaxHexDigits = 6;

std::optional<std::uint32_t> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint32_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint32_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<std::uint32_t>(c - 'A' + 10);
  return std::nullopt;
}

std::optional<Escape> read_hex_escape(std::string_view text) {
  std::uint32_t code = 0;
  std::size_t at = 3;  // after `\u{`
  for (; at < text.size() && text[at] != '}'; ++at) {
    const std::optional<std::uint32_t> digit = hex_digit(text[at]);
    if (!digit || at - 3 >= kMaxHexDigits) return std::nullopt;
    code = code * 16 + *digit;
  }
  if (at >= text.size() || at == 3 || !is_scalar_value(code)) return std::nullopt;
  return Escape{code, at + 1};
}

// The escape sequence at the beginning of `text`.
std::optional<Escape> read_escape(std::string_view text) {
  if (text.size() < 2 || text[0] != '\\') return std::nullopt;
  switch (text[1]) {
    case '\\':
    case '\'':
    case '"':
      return Escape{static_cast<std::uint32_t>(text[1]), 2};
    case 't':
      return Escape{'\t', 2};
    case 'n':
      return Escape{'\n', 2};
    case 'r':
      return Escape{'\r', 2};
    case 'u':
      return text.size() > 2 && text[2] == '{' ? read_hex_escape(text) : std::nullopt;
    default:
      return std::nullopt;
  }
}

// The problem with the `\` at offset `at`, which does not begin an escape sequence.
TextProblem escape_problem(std::string_view text, std::size_t at) {
  const bool is_hex = text.substr(at).starts_with("\\u{");
  const std::size_t close = is_hex ? text.substr(at).substr(0, 12).find('}') : text.npos;
  const std::size_t length = close != text.npos ? close + 1 : std::size_t{is_hex ? 3U : 2U};
  return {at, at + length,
          fmt::format("{} is not an escape sequence", quote_text(text.substr(at, length))),
          is_hex ? "write 1 to 6 hexadecimal digits of a Unicode scalar value, as in `\\u{2603}`"
                 : "write one of `\\\\`, `\\\"`, `\\'`, `\\n`, `\\r`, `\\t`, `\\u{2603}`"};
}

// Appends the characters of bytes [begin, end) to `out`, or returns what is wrong with them. The
// bytes are on one line, without the quotes.
std::optional<TextProblem> decode_characters(std::string_view text, std::size_t begin,
                                             std::size_t end, std::string& out) {
  while (begin < end) {
    const std::string_view rest = text.substr(begin, end - begin);
    const std::size_t plain = begin + std::min(rest.find('\\'), rest.size());
    out.append(rest.substr(0, plain - begin));
    if (plain == end) break;
    const std::optional<Escape> escape = read_escape(text.substr(plain, end - plain));
    if (!escape) return escape_problem(text.substr(0, end), plain);
    append_utf8(out, escape->code);
    begin = plain + escape->length;
  }
  return std::nullopt;
}

// Appends the lines between two `"""`, bytes [begin, end), to `out`. The spaces before the closing
// `"""` are the indentation: each line must have them, and they are removed.
std::optional<TextProblem> decode_multiline(std::string_view text, std::size_t begin,
                                            std::size_t end, std::string& out) {
  const std::string_view inner = text.substr(begin, end - begin);
  const std::size_t head = inner.starts_with("\r\n") ? 2 : inner.starts_with('\n') ? 1 : 0;
  if (head == 0)
    return TextProblem{begin - 3, begin, "expected a line break after the opening `\"\"\"`",
                       "begin the text on the next line"};
  const std::size_t last_line = inner.rfind('\n') + 1;
  const std::string_view indent = inner.substr(last_line);
  if (indent.find_first_not_of(' ') != indent.npos)
    return TextProblem{end, end + 3, "expected a line break before the closing `\"\"\"`",
                       "put the closing `\"\"\"` on a line of its own"};
  std::size_t at = begin + head;
  const std::size_t close = begin + last_line;
  for (bool is_first = true; at < close; is_first = false) {
    const std::size_t next = text.find('\n', at) + 1;
    std::size_t line_end = next - 1;
    if (line_end > at && text[line_end - 1] == '\r') --line_end;
    if (!text.substr(at, line_end - at).starts_with(indent))
      return TextProblem{at, at, "a line is indented less than the closing `\"\"\"`",
                         fmt::format("begin each line with {} spaces, or move the closing `\"\"\"` "
                                     "to the left",
                                     indent.size())};
    if (!is_first) out += '\n';
    auto problem = decode_characters(text, at + indent.size(), line_end, out);
    if (problem) return problem;
    at = next;
  }
  return std::nullopt;
}

}  // namespace

bool is_keyword(std::string_view label) {
  static constexpr std::array<std::string_view, 8> kKeywords = {"err",  "false", "inf",  "nan",
                                                                "none", "ok",    "some", "true"};
  static_assert(std::is_sorted(kKeywords.begin(), kKeywords.end()));
  return std::binary_search(kKeywords.begin(), kKeywords.end(), label);
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

WaveToken WaveLexer::make(WaveTokenKind kind, std::size_t end, std::string_view text) {
  const WaveToken token{kind, static_cast<std::uint32_t>(at_), static_cast<std::uint32_t>(end),
                        text};
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
      return lex_label();
  }
}

// number ::= integer fraction? exponent? | '-inf'      integer ::= '-'? ('0' | [1-9][0-9]*)
WaveToken WaveLexer::lex_number() {
  const auto peek = [&](std::size_t i) { return i < text_.size() ? text_[i] : '\0'; };
  if (text_.substr(at_, 4) == "-inf" && find_label_end(text_, at_ + 1) == at_ + 4)
    return make(WaveTokenKind::Number, at_ + 4, "-inf");
  std::size_t end = at_ + (text_[at_] == '-' ? 1 : 0);
  if (!is_digit(peek(end)))
    return fail({at_, std::max(find_label_end(text_, end), end),
                 "expected digits or `inf` after `-`", "write a number such as `-1`, or `-inf`"});
  if (peek(end) == '0' && is_digit(peek(end + 1)))
    return fail({at_, end + 1, "a number cannot begin with `0` and another digit",
                 "remove the leading zeros"});
  while (is_digit(peek(end))) ++end;
  if (peek(end) == '.') {
    if (!is_digit(peek(end + 1)))
      return fail({at_, end + 1, "expected a digit after the decimal point",
                   "write a number such as `1.0`"});
    for (++end; is_digit(peek(end));) ++end;
  }
  if (peek(end) == 'e' || peek(end) == 'E') {
    std::size_t power = end + 1;
    if (peek(power) == '+' || peek(power) == '-') ++power;
    if (!is_digit(peek(power)))
      return fail({at_, power, "expected digits in the exponent", "write a number such as `1e6`"});
    for (end = power; is_digit(peek(end));) ++end;
  }
  return make(WaveTokenKind::Number, end, text_.substr(at_, end - at_));
}

// char ::= "'" (scalar | escape) "'"
WaveToken WaveLexer::lex_character() {
  const std::string_view rest = text_.substr(at_ + 1);
  std::size_t length = 0;
  decoded_.clear();
  if (rest.starts_with('\\')) {
    const std::optional<Escape> escape = read_escape(rest);
    if (!escape) return fail(escape_problem(text_, at_ + 1));
    length = escape->length;
    append_utf8(decoded_, escape->code);
  } else if (!rest.empty() && rest[0] != '\'' && rest[0] != '\n') {
    decoded_ = next_character(rest).bytes;
    length = decoded_.size();
  }
  if (length == 0)
    return fail({at_, at_ + 1, "a char needs a character between its quotes",
                 "write a char as `'x'`, and `'` itself as `'\\''`"});
  if (rest.substr(length).starts_with('\''))
    return make(WaveTokenKind::Char, at_ + length + 2, decoded_);
  const std::size_t close = rest.substr(0, rest.find('\n')).find('\'');
  if (close != rest.npos)
    return fail({at_, at_ + close + 2, "a char has more than one character",
                 "write a string in double quotes"});
  return fail({at_, at_ + 1 + length, "the char has no closing `'`", "write a char as `'x'`"});
}

// string ::= '"' (scalar | escape)* '"'
WaveToken WaveLexer::lex_string() {
  std::size_t end = at_ + 1;
  while (end < text_.size() && text_[end] != '"' && text_[end] != '\n')
    end += text_[end] == '\\' && end + 1 < text_.size() && text_[end + 1] != '\n' ? 2 : 1;
  if (end >= text_.size() || text_[end] != '"')
    return fail({at_, end, "the string has no closing `\"` on its line",
                 "write a line break as `\\n`, or the string in `\"\"\"`"});
  decoded_.clear();
  if (auto problem = decode_characters(text_, at_ + 1, end, decoded_))
    return fail(*std::move(problem));
  return make(WaveTokenKind::String, end + 1, decoded_);
}

// multiline ::= '"""' newline line* ' '* '"""'
WaveToken WaveLexer::lex_multiline() {
  const std::size_t begin = at_ + kTripleQuote.size();
  const std::size_t end = text_.find(kTripleQuote, begin);
  if (end == text_.npos)
    return fail({at_, begin, "the multiline string has no closing `\"\"\"`",
                 "put `\"\"\"` on a line of its own after the text"});
  decoded_.clear();
  if (auto problem = decode_multiline(text_, begin, end, decoded_))
    return fail(*std::move(problem));
  return make(WaveTokenKind::MultilineString, end + kTripleQuote.size(), decoded_);
}

// handle ::= '$' ('0' | [1-9][0-9]*)
WaveToken WaveLexer::lex_handle() {
  std::size_t end = at_ + 1;
  while (end < text_.size() && is_digit(text_[end])) ++end;
  if (end == at_ + 1 || (text_[at_ + 1] == '0' && end > at_ + 2))
    return fail({at_, end, "expected the number of a handle after `$`", "write a handle as `$1`"});
  return make(WaveTokenKind::Handle, end, text_.substr(at_, end - at_));
}

WaveToken WaveLexer::lex_label() {
  const std::size_t end = find_label_end(text_, at_);
  if (end != at_) {
    const std::size_t begin = text_[at_] == '%' ? at_ + 1 : at_;
    return make(WaveTokenKind::Label, end, text_.substr(begin, end - begin));
  }
  const std::size_t length = next_character(text_.substr(at_)).bytes.size();
  return fail({at_, at_ + length,
               fmt::format("unexpected character {}", quote_text(text_.substr(at_, length))),
               text_[at_] == '<' ? "write a handle as its number, such as `$1`"
                                 : "write text in double quotes, as in `\"text\"`"});
}

}  // namespace tenon::value
