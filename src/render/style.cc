#include "render/style.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <system_error>

#include "support/terminal_text.h"

namespace tenon::render {

namespace {

// Narrower terminals are treated as this wide.
constexpr std::size_t kLeastWidth = 24;

std::string_view get_escape(Ink ink) {
  switch (ink) {
    case Ink::Error:
      return "\x1b[1;31m";
    case Ink::Warning:
      return "\x1b[1;33m";
    case Ink::Note:
      return "\x1b[1;36m";
    case Ink::Hint:
      return "\x1b[1;32m";
    case Ink::Name:
      return "\x1b[1m";
    case Ink::Dim:
      return "\x1b[2m";
    case Ink::Removed:
      return "\x1b[31m";
    case Ink::Added:
      return "\x1b[32m";
  }
  return {};
}

Color choose_color(ColorWhen when, const TerminalSettings& settings, StreamKind stream) {
  if (when != ColorWhen::Auto) return when == ColorWhen::Always ? Color::Yes : Color::No;
  if (!settings.no_color.empty()) return Color::No;
  if (!settings.clicolor_force.empty() && settings.clicolor_force != "0") return Color::Yes;
  return stream == StreamKind::Terminal && settings.term != "dumb" ? Color::Yes : Color::No;
}

bool names_utf8(std::string_view locale) {
  std::string lower;
  for (const char c : locale)
    if (c != '-') lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower.find("utf8") != std::string::npos;
}

// The end of the first word, which includes any text in backticks.
std::size_t find_word_end(std::string_view text) {
  bool is_quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '`') is_quoted = !is_quoted;
    if (text[i] == ' ' && !is_quoted) return i;
  }
  // An unmatched backtick quotes nothing.
  return is_quoted ? std::min(text.find(' '), text.size()) : text.size();
}

}  // namespace

std::string Style::paint(Ink ink, std::string_view text) const {
  if (color == Color::No || text.empty()) return std::string(text);
  return fmt::format("{}{}\x1b[0m", get_escape(ink), text);
}

std::string Style::wrap(std::string_view text, std::size_t first, std::size_t indent) const {
  if (width == 0) return std::string(text);
  std::string wrapped;
  std::size_t column = first;
  bool is_line_empty = true;
  while (!text.empty()) {
    const std::size_t word = find_word_end(text);
    const std::size_t rest = std::min(text.find_first_not_of(' ', word), text.size());
    const std::size_t wide = display_width(text.substr(0, word));
    if (!is_line_empty && column + wide > width) {
      wrapped.erase(wrapped.find_last_not_of(' ') + 1);
      wrapped += '\n' + std::string(indent, ' ');
      column = indent;
    }
    wrapped += text.substr(0, rest);
    column += wide + (rest - word);
    is_line_empty = false;
    text.remove_prefix(rest);
  }
  return wrapped;
}

Style choose_style(ColorWhen when, CharsetChoice charset, const TerminalSettings& settings,
                   StreamKind stream, std::size_t columns) {
  Style style;
  style.color = choose_color(when, settings, stream);
  style.charset = charset == CharsetChoice::Locale && names_utf8(settings.locale) ? Charset::Utf8
                                                                                  : Charset::Ascii;
  style.width = columns;
  std::size_t requested = 0;
  const std::string& text = settings.columns;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), requested);
  if (error == std::errc() && rest == text.data() + text.size()) style.width = requested;
  if (style.width != 0) style.width = std::max(style.width, kLeastWidth);
  return style;
}

std::string render_rows(const std::vector<Row>& rows, std::string_view indent) {
  std::vector<std::size_t> widths;
  for (const Row& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i == widths.size()) widths.push_back(0);
      widths[i] = std::max(widths[i], display_width(row[i]));
    }
  std::string text;
  for (const Row& row : rows) {
    std::string line(indent);
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      line += std::string(widths[i] - display_width(row[i]) + 2, ' ');
    }
    while (line.ends_with(' ')) line.pop_back();
    text += line + '\n';
  }
  return text;
}

void add_section(std::string& text, std::string_view title, const std::vector<Row>& rows) {
  if (!rows.empty()) text += fmt::format("{}\n{}", title, render_rows(rows, "  "));
}

std::string pluralize(std::size_t number, std::string_view noun) {
  return fmt::format("{} {}{}", number, noun, number == 1 ? "" : "s");
}

namespace {

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-_./:@%+=,").find(c) != std::string_view::npos;
}

}  // namespace

std::string quote_shell_word(std::string_view text) {
  if (!text.empty() && std::ranges::all_of(text, is_plain)) return std::string(text);
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'')
      quoted += "'\\''";
    else
      quoted += c;
  }
  return quoted + "'";
}

std::string format_time(std::chrono::nanoseconds time, std::string_view gap) {
  const auto in = [&](double unit) { return static_cast<double>(time.count()) / unit; };
  if (time.count() < 1000) return fmt::format("{}{}ns", time.count(), gap);
  if (time.count() < 1'000'000) return fmt::format("{:.1f}{}us", in(1e3), gap);
  if (time.count() < 1'000'000'000) return fmt::format("{:.1f}{}ms", in(1e6), gap);
  return fmt::format("{:.1f}{}s", in(1e9), gap);
}

std::string format_bytes(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 3> kUnits = {"KiB", "MiB", "GiB"};
  if (bytes < 1024) return fmt::format("{} B", bytes);
  double size = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  for (; size >= 1024 && unit + 1 < kUnits.size(); ++unit) size /= 1024;
  return fmt::format("{:.1f} {}", size, kUnits[unit]);
}

}  // namespace tenon::render
