// Text for people: names fit for a terminal, and the names near a misspelt one.
//
// Names come from files that nobody vouches for. Whatever prints one puts it through
// `sanitize_text`, and aligns by `display_width`, never by bytes.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tenon {

enum class Charset { Ascii, Utf8 };

// The pieces that a tree is drawn with; each but `arrow` is three columns wide.
struct TreeGlyphs {
  std::string_view branch;  // before a child that has a next sibling
  std::string_view last;    // before the last child
  std::string_view pipe;    // below `branch`
  std::string_view blank;   // below `last`
  std::string_view arrow;   // consumer <- provider
};

[[nodiscard]] const TreeGlyphs& get_tree_glyphs(Charset charset);

// Columns that `text` (UTF-8) takes: wide East Asian characters and emoji take two, combining marks
// none. A byte that is not UTF-8 counts as one. Measured on sanitised text: a control character
// takes none.
[[nodiscard]] std::size_t display_width(std::string_view text);

// `text` with everything escaped that could move a cursor, hide or reorder text: control characters
// (newline and tab too), bytes that are not UTF-8 (`\xff`), bidirectional and invisible formatting
// characters, line and paragraph separators (`\u{202e}`).
[[nodiscard]] std::string sanitize_text(std::string_view text);

// `text`, filled with spaces on the right to `width` columns; unchanged if it is as wide already.
[[nodiscard]] std::string pad_right(std::string_view text, std::size_t width);

// `text` if it fits in `width` columns; otherwise its beginning with `...` (Ascii) or an ellipsis
// in the last columns. No character is cut in two.
[[nodiscard]] std::string truncate_text(std::string_view text, std::size_t width, Charset charset);

// The candidates near `wanted`, without repeats: nearest by edit distance first, then those that
// share the namespace of `wanted` (the text before its first `:`), then by bytes; so the answer
// does not depend on the order of `candidates`. Near is a distance of at most 3 and less than half
// of the length of `wanted`; letters that differ only in case count nothing. At most `limit` names.
// Lifetime: views into `candidates`.
[[nodiscard]] std::vector<std::string_view> near_misses(
    std::string_view wanted, std::span<const std::string_view> candidates, std::size_t limit = 3);

// The hint "did you mean `a`?", "did you mean `a` or `b`?", ...; empty for no names.
[[nodiscard]] std::string did_you_mean(std::span<const std::string_view> names);

}  // namespace tenon
