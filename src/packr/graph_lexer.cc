#include "packr/graph_lexer.h"

#include <fmt/core.h>

#include <bit>
#include <charconv>
#include <utility>

#include "packr/graph_words.h"
#include "support/utf8.h"
#include "tenon/text.h"

namespace tenon::packr {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The number that all of `digits` says.
template <class Number, class... Base>
std::optional<Number> parse_number(std::string_view digits, Base... base) {
  Number number{};
  const char* const end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, number, base...);
  if (read.ec != std::errc{} || read.ptr != end) return std::nullopt;
  return number;
}

template <class Number>
std::optional<std::uint64_t> parse_bits(std::string_view digits) {
  const std::optional<Number> number = parse_number<Number>(digits);
  if (!number) return std::nullopt;
  if constexpr (std::is_same_v<Number, float>)
    return std::bit_cast<std::uint32_t>(*number);
  else if constexpr (std::is_same_v<Number, double>)
    return std::bit_cast<std::uint64_t>(*number);
  else
    return static_cast<std::make_unsigned_t<Number>>(*number);
}

// The bits of a number of that kind; nothing if it is none, or out of range.
std::optional<std::uint64_t> parse_bits_of(NodeKind kind, std::string_view digits) {
  if (kind == NodeKind::U8) return parse_bits<std::uint8_t>(digits);
  if (kind == NodeKind::U16) return parse_bits<std::uint16_t>(digits);
  if (kind == NodeKind::U32) return parse_bits<std::uint32_t>(digits);
  if (kind == NodeKind::U64) return parse_bits<std::uint64_t>(digits);
  if (kind == NodeKind::S8) return parse_bits<std::int8_t>(digits);
  if (kind == NodeKind::S16) return parse_bits<std::int16_t>(digits);
  if (kind == NodeKind::S32) return parse_bits<std::int32_t>(digits);
  if (kind == NodeKind::S64) return parse_bits<std::int64_t>(digits);
  if (kind == NodeKind::F32) return parse_bits<float>(digits);
  return parse_bits<double>(digits);
}

bool is_number_kind(NodeKind kind) {
  return fixed_width(kind) != 0 && kind != NodeKind::Bool && kind != NodeKind::Char &&
         kind != NodeKind::Flags;
}

}  // namespace

void GraphLexer::skip_blanks() {
  while (!at_end() && std::string_view(" \t\r\n\f").find(peek()) != std::string_view::npos) ++at_;
}

bool GraphLexer::accept(std::string_view word) {
  skip_blanks();
  if (!text_.substr(at_).starts_with(word)) return false;
  at_ += word.size();
  return true;
}

bool GraphLexer::expect(std::string_view word) {
  return accept(word) || fail(fmt::format("expected `{}`, found {}", word, describe_here()));
}

bool GraphLexer::fail_at(std::size_t offset, std::string message) {
  if (message_.empty()) {
    problem_at_ = offset;
    message_ = std::move(message);
  }
  return false;
}

std::string GraphLexer::describe_here() const {
  if (at_end()) return "the end of the text";
  return fmt::format("`{}`", sanitize_text(next_character(text_.substr(at_)).bytes));
}

std::string_view GraphLexer::take_identifier() {
  const std::string_view found = text_.substr(at_, find_identifier_end(text_.substr(at_)));
  at_ += found.size();
  return found;
}

bool GraphLexer::read_string(std::string& text) {
  const std::size_t begin = at_++;
  while (peek() != '"') {
    if (at_end()) return fail_at(begin, "missing closing `\"`");
    if (peek() == '\\') {
      if (!read_escape('"', text)) return false;
    } else {
      text += text_[at_++];
    }
  }
  ++at_;
  return true;
}

bool GraphLexer::read_character(GraphScalar& scalar) {
  const std::size_t begin = at_++;
  if (at_end()) return fail_at(begin, "missing closing `'`");
  std::string text;
  if (peek() == '\\') {
    if (!read_escape('\'', text)) return false;
  } else {
    text = next_character(text_.substr(at_)).bytes;
    at_ += text.size();
  }
  if (peek() != '\'') return fail_at(begin, "expected one character between single quotes");
  ++at_;
  scalar = {NodeKind::Char, *next_character(text).code};
  return true;
}

// escape ::= \n | \r | \t | \\ | \ and the quote | \u{1b}
bool GraphLexer::read_escape(char quote, std::string& text) {
  const std::size_t begin = at_++;
  const char escape = peek();
  if (escape == 'u') return read_code_point(text);
  const std::size_t known = std::string_view("nrt\\").find(escape);
  if (escape == quote)
    text += quote;
  else if (escape != '\0' && known != std::string_view::npos)
    text += "\n\r\t\\"[known];
  else
    return fail_at(begin, fmt::format("unknown escape: `\\` followed by {}", describe_here()));
  ++at_;
  return true;
}

bool GraphLexer::read_code_point(std::string& text) {
  const std::size_t begin = at_ - 1;
  const std::size_t close = text_.substr(at_, 10).find('}');
  const bool is_whole = text_.substr(at_).starts_with("u{") && close != std::string_view::npos;
  const auto code =
      is_whole ? parse_number<std::uint32_t>(text_.substr(at_ + 2, close - 2), 16) : std::nullopt;
  if (!code || !is_scalar_value(*code))
    return fail_at(begin, "expected `\\u{...}` with one to six hexadecimal digits");
  append_utf8(text, *code);
  at_ += close + 1;
  return true;
}

std::string_view GraphLexer::take_digits() {
  const std::size_t begin = at_;
  while (is_digit(peek())) ++at_;
  return text_.substr(begin, at_ - begin);
}

bool GraphLexer::read_number(GraphScalar& scalar) {
  const std::size_t begin = at_;
  if (peek() == '-') ++at_;
  const bool has_digits = !take_digits().empty();
  if (peek() == '.') {
    ++at_;
    take_digits();
  }
  const std::string_view digits = text_.substr(begin, at_ - begin);
  if (!has_digits) return fail_at(begin, "expected a digit after `-`");
  const std::string_view suffix = take_identifier();
  const std::optional<NodeKind> kind = find_type_word(suffix);
  if (!kind || !is_number_kind(*kind))
    return fail_at(begin,
                   fmt::format("the number `{}` needs a type suffix, such as `u32`, `s64` or "
                               "`f64`",
                               digits));
  const std::optional<std::uint64_t> bits = parse_bits_of(*kind, digits);
  if (!bits) return fail_at(begin, fmt::format("`{}` is not a value of `{}`", digits, suffix));
  scalar = {*kind, *bits};
  return true;
}

bool GraphLexer::read_bits(GraphScalar& scalar) {
  if (!expect("(")) return false;
  skip_blanks();
  const std::size_t begin = at_;
  if (!expect("0x")) return false;
  std::size_t end = at_;
  while (end < text_.size() &&
         std::string_view("0123456789abcdefABCDEF").find(text_[end]) != std::string_view::npos)
    ++end;
  const std::string_view digits = text_.substr(at_, end - at_);
  const std::optional<std::uint64_t> bits = parse_number<std::uint64_t>(digits, 16);
  if (!bits || (scalar.kind == NodeKind::F32 && *bits > 0xffff'ffff))
    return fail_at(
        begin, fmt::format("`0x{}` has too many bits for `{}`", digits, type_word(scalar.kind)));
  at_ = end;
  scalar.bits = *bits;
  return expect(")");
}

bool GraphLexer::read_tag(std::uint32_t& tag) {
  if (!accept("#")) return true;
  const std::size_t begin = at_;
  const std::string_view digits = take_digits();
  const std::optional<std::uint32_t> number = parse_number<std::uint32_t>(digits);
  if (!number) return fail_at(begin, "expected a 32-bit tag after `#`");
  tag = *number;
  return true;
}

}  // namespace tenon::packr
