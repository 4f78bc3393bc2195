// Text for terminals: escaping and column widths.
//
// Names come from untrusted files. Pass each one through `sanitize_text` before printing it, and
// align by `display_width`, never by bytes.
//
//   print("{}  {}", pad_right(sanitize_text(unit.name), 20), unit.file);
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tenon {

enum class Charset { Ascii, Utf8 };

// The parts from which a tree is drawn; each except `arrow` is three columns wide.
struct TreeGlyphs {
  std::string_view branch;  // before a child that is followed by a sibling
  std::string_view last;    // before the last child
  std::string_view pipe;    // below `branch`
  std::string_view blank;   // below `last`
  std::string_view arrow;   // consumer <- provider
};

[[nodiscard]] const TreeGlyphs& get_tree_glyphs(Charset charset);

// Returns the number of terminal columns of `text` (UTF-8). Wide East Asian characters and emoji
// take two, combining marks and control characters none. A byte that is not UTF-8 counts as one.
// Measure sanitized text.
[[nodiscard]] std::size_t display_width(std::string_view text);

// Escapes everything that could move the cursor or hide or reorder text: control characters
// including newline and tab, bytes that are not UTF-8 (`\xff`), bidirectional and invisible
// formatting characters, line and paragraph separators (`\u{202e}`).
[[nodiscard]] std::string sanitize_text(std::string_view text);

// Pads `text` with spaces on the right to `width` columns. Wider text is unchanged.
[[nodiscard]] std::string pad_right(std::string_view text, std::size_t width);

// Shortens `text` to `width` columns. Text that was cut ends with `...` (Ascii) or an ellipsis;
// characters are never split.
[[nodiscard]] std::string truncate_text(std::string_view text, std::size_t width, Charset charset);

// Returns false for a code point that `sanitize_text` escapes, such as a control character.
[[nodiscard]] bool is_safe_character(std::uint32_t code);

}  // namespace tenon
