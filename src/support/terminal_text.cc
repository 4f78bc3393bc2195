#include "support/terminal_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <optional>

namespace tenon {

namespace {

struct Range {
  std::uint32_t first;
  std::uint32_t last;
};

constexpr Range kZeroWidth[] = {
#define TENON_WIDTH_ZERO(first, last) {first, last},
#define TENON_WIDTH_DOUBLE(first, last)
#include "support/display_width.def"
#undef TENON_WIDTH_ZERO
#undef TENON_WIDTH_DOUBLE
};

constexpr Range kDoubleWidth[] = {
#define TENON_WIDTH_ZERO(first, last)
#define TENON_WIDTH_DOUBLE(first, last) {first, last},
#include "support/display_width.def"
#undef TENON_WIDTH_ZERO
#undef TENON_WIDTH_DOUBLE
};

// Characters that hide or reorder what stands beside them: soft hyphen, Arabic letter mark,
// Mongolian separator, zero-width and bidirectional controls, separators, byte order mark,
// annotations, tags.
constexpr Range kDeceptive[] = {
    {0xad, 0xad},     {0x61c, 0x61c},     {0x115f, 0x1160},   {0x180e, 0x180e}, {0x200b, 0x200f},
    {0x2028, 0x202e}, {0x2060, 0x206f},   {0x3164, 0x3164},   {0xfeff, 0xfeff}, {0xffa0, 0xffa0},
    {0xfff9, 0xfffb}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
};

template <std::size_t N>
bool holds(const Range (&ranges)[N], std::uint32_t character) {
  const Range* const after =
      std::upper_bound(std::begin(ranges), std::end(ranges), character,
                       [](std::uint32_t c, const Range& range) { return c < range.first; });
  return after != std::begin(ranges) && character <= std::prev(after)->last;
}

// One character of a text: its code point, or nothing where a byte is not UTF-8.
struct Character {
  std::optional<std::uint32_t> code;
  std::string_view bytes;
};

// Well-formed UTF-8 only (Unicode, table 3-7): no overlong forms, surrogates or values over 10ffff.
Character next_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = byte(0);
  if (lead < 0x80) return {lead, text.substr(0, 1)};
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  const Character bad{std::nullopt, text.substr(0, 1)};
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return bad;
  std::uint32_t code = lead & (0xffU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0U) != 0x80) return bad;
    code = (code << 6U) | (byte(i) & 0x3fU);
  }
  constexpr std::array<std::uint32_t, 5> kLeast{0, 0, 0x80, 0x800, 0x10000};
  if (code < kLeast[length] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return bad;
  return {code, text.substr(0, length)};
}

bool is_control(std::uint32_t code) { return code < 0x20 || (code >= 0x7f && code < 0xa0); }

std::size_t get_width(const Character& character) {
  if (!character.code) return 1;
  const std::uint32_t code = *character.code;
  if (is_control(code) || holds(kZeroWidth, code)) return 0;
  return holds(kDoubleWidth, code) ? 2 : 1;
}

}  // namespace

const TreeGlyphs& get_tree_glyphs(Charset charset) {
  static constexpr TreeGlyphs kUtf8{"├─ ", "└─ ", "│  ", "   ", "<-"};
  static constexpr TreeGlyphs kAscii{"|- ", "`- ", "|  ", "   ", "<-"};
  return charset == Charset::Utf8 ? kUtf8 : kAscii;
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const Character character = next_character(text);
    width += get_width(character);
    text.remove_prefix(character.bytes.size());
  }
  return width;
}

std::string sanitize_text(std::string_view text) {
  std::string safe;
  safe.reserve(text.size());
  while (!text.empty()) {
    const Character character = next_character(text);
    if (!character.code) {
      safe += fmt::format("\\x{:02x}", static_cast<std::uint8_t>(character.bytes[0]));
    } else if (character.code == '\n') {
      safe += "\\n";
    } else if (character.code == '\t') {
      safe += "\\t";
    } else if (is_control(*character.code) && *character.code < 0x80) {
      safe += fmt::format("\\x{:02x}", *character.code);
    } else if (is_control(*character.code) || holds(kDeceptive, *character.code)) {
      safe += fmt::format("\\u{{{:x}}}", *character.code);
    } else {
      safe += character.bytes;
    }
    text.remove_prefix(character.bytes.size());
  }
  return safe;
}

std::string pad_right(std::string_view text, std::size_t width) {
  std::string padded(text);
  const std::size_t taken = display_width(text);
  if (taken < width) padded.append(width - taken, ' ');
  return padded;
}

std::string truncate_text(std::string_view text, std::size_t width, Charset charset) {
  if (display_width(text) <= width) return std::string(text);
  const std::string_view ellipsis = charset == Charset::Utf8
                                        ? std::string_view("…").substr(0, width > 0 ? 3 : 0)
                                        : std::string_view("...").substr(0, width);
  const std::size_t room = width - display_width(ellipsis);
  std::string cut;
  std::size_t taken = 0;
  while (true) {
    const Character character = next_character(text);
    if (taken + get_width(character) > room) break;
    cut += character.bytes;
    taken += get_width(character);
    text.remove_prefix(character.bytes.size());
  }
  return cut.append(ellipsis);
}

}  // namespace tenon
