#include "cli/style.h"

#include <fmt/core.h>

namespace tenon::cli {

namespace {

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

}  // namespace

std::string Style::paint(Ink ink, std::string_view text) const {
  if (color == Color::No || text.empty()) return std::string(text);
  return fmt::format("{}{}\x1b[0m", get_escape(ink), text);
}

Style choose_style(ColorWhen when, CharsetWish wish, const TerminalSettings& settings,
                   StreamKind stream) {
  Style style;
  style.color = choose_color(when, settings, stream);
  style.charset =
      wish == CharsetWish::Locale && names_utf8(settings.locale) ? Charset::Utf8 : Charset::Ascii;
  return style;
}

}  // namespace tenon::cli
