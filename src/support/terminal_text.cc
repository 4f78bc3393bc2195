#include "support/terminal_text.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>
#include <iterator>

#include "support/utf8.h"

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

// Characters that hide or reorder the text next to them: soft hyphen, Arabic letter mark,
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

bool is_control(std::uint32_t code) { return code < 0x20 || (code >= 0x7f && code < 0xa0); }

std::size_t get_width(const Utf8Character& character) {
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
    const Utf8Character character = next_character(text);
    width += get_width(character);
    text.remove_prefix(character.bytes.size());
  }
  return width;
}

bool is_safe_character(std::uint32_t code) { return !is_control(code) && !holds(kDeceptive, code); }

std::string sanitize_text(std::string_view text) {
  std::string safe;
  safe.reserve(text.size());
  while (!text.empty()) {
    const Utf8Character character = next_character(text);
    if (!character.code) {
      safe += fmt::format("\\x{:02x}", static_cast<std::uint8_t>(character.bytes[0]));
    } else if (character.code == '\n') {
      safe += "\\n";
    } else if (character.code == '\t') {
      safe += "\\t";
    } else if (is_control(*character.code) && *character.code < 0x80) {
      safe += fmt::format("\\x{:02x}", *character.code);
    } else if (!is_safe_character(*character.code)) {
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
    const Utf8Character character = next_character(text);
    if (taken + get_width(character) > room) break;
    cut += character.bytes;
    taken += get_width(character);
    text.remove_prefix(character.bytes.size());
  }
  return cut.append(ellipsis);
}

}  // namespace tenon
