#include "value/wave_strings.h"

#include <fmt/core.h>

#include <algorithm>

#include "support/terminal_text.h"
#include "support/utf8.h"

namespace tenon::value {

namespace {

constexpr std::size_t kMaxHexDigits = 6;
constexpr std::uint32_t kReplacement = 0xfffd;

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

void append_escaped(std::string& out, std::uint32_t code, char quote) {
  switch (code) {
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  if (code == static_cast<std::uint32_t>(quote))
    out.append("\\").append(1, quote);
  else if (!is_safe_character(code))
    out += fmt::format("\\u{{{:x}}}", code);
  else
    append_utf8(out, code);
}

}  // namespace

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

TextProblem escape_problem(std::string_view text, std::size_t at) {
  const bool is_hex = text.substr(at).starts_with("\\u{");
  const std::size_t close = is_hex ? text.substr(at).substr(0, 12).find('}') : text.npos;
  const std::size_t length = close != text.npos ? close + 1 : std::size_t{is_hex ? 3U : 2U};
  return {at, at + length, fmt::format("{} is not an escape", quote_text(text.substr(at, length))),
          is_hex ? "write 1 to 6 hexadecimal digits of a Unicode scalar value, as in `\\u{2603}`"
                 : "write one of `\\\\`, `\\\"`, `\\'`, `\\n`, `\\r`, `\\t`, `\\u{2603}`"};
}

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

std::optional<TextProblem> decode_multiline(std::string_view text, std::size_t begin,
                                            std::size_t end, std::string& out) {
  const std::string_view inner = text.substr(begin, end - begin);
  const std::size_t head = inner.starts_with("\r\n") ? 2 : inner.starts_with('\n') ? 1 : 0;
  if (head == 0)
    return TextProblem{begin - 3, begin, "the line of the opening `\"\"\"` goes on",
                       "break the line after the opening `\"\"\"`"};
  const std::size_t last_line = inner.rfind('\n') + 1;
  const std::string_view indent = inner.substr(last_line);
  if (indent.find_first_not_of(' ') != indent.npos)
    return TextProblem{end, end + 3, "the closing `\"\"\"` stands behind text",
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

std::string quote_string(std::string_view text, std::size_t max_bytes) {
  std::string out = "\"";
  while (!text.empty() && out.size() < max_bytes) {
    const Utf8Character character = next_character(text);
    append_escaped(out, character.code.value_or(kReplacement), '"');
    text.remove_prefix(character.bytes.size());
  }
  return out + (text.empty() ? "\"" : "...");
}

std::string quote_character(std::uint32_t code) {
  std::string out = "'";
  append_escaped(out, is_scalar_value(code) ? code : kReplacement, '\'');
  return out + "'";
}

}  // namespace tenon::value
