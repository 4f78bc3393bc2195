// Text for a terminal: colors, line-drawing characters, width, tables, and words quoted for a
// shell.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "support/terminal_text.h"

namespace tenon::render {

enum class Ink { Error, Warning, Note, Hint, Name, Dim, Removed, Added };

enum class Color { No, Yes };

// How text looks on one output stream.
struct Style {
  Color color = Color::No;
  Charset charset = Charset::Utf8;
  std::size_t width = 0;  // in columns; 0: unlimited

  // `text` in a color of the terminal's own palette; unchanged without color or if it is empty.
  [[nodiscard]] std::string paint(Ink ink, std::string_view text) const;

  // Breaks `text`, which is sanitized, into lines that fit. The first begins at column `first`, the
  // others are indented by `indent`. Neither a word nor text in backticks is broken.
  [[nodiscard]] std::string wrap(std::string_view text, std::size_t first,
                                 std::size_t indent) const;
};

// --color WHEN.
enum class ColorWhen { Auto, Always, Never };

// Ascii: --ascii. Locale: UTF-8 if the locale has it.
enum class CharsetChoice { Locale, Ascii };

// The environment variables that describe the terminal. A variable that is not set is empty.
struct TerminalSettings {
  std::string no_color;        // NO_COLOR: anything
  std::string clicolor_force;  // CLICOLOR_FORCE: anything but "0"
  std::string term;            // TERM
  std::string columns;         // COLUMNS
  std::string locale;          // the first of LC_ALL, LC_CTYPE and LANG that is not empty
};

enum class StreamKind { Terminal, FileOrPipe };

// Color: the flag wins over NO_COLOR, NO_COLOR over CLICOLOR_FORCE, and that over the kind of the
// stream. Width: COLUMNS wins over `columns`, the width of the terminal (0: not a terminal).
[[nodiscard]] Style choose_style(ColorWhen when, CharsetChoice charset,
                                 const TerminalSettings& settings, StreamKind stream,
                                 std::size_t columns = 0);

using Row = std::vector<std::string>;

// Rows in aligned columns, two spaces apart, each line after `indent`.
[[nodiscard]] std::string render_rows(const std::vector<Row>& rows, std::string_view indent);

// Appends a title and the rows below it; nothing if there are no rows.
void add_section(std::string& text, std::string_view title, const std::vector<Row>& rows);

// "1 function", "2 functions"
[[nodiscard]] std::string pluralize(std::size_t number, std::string_view noun);

// "412ns", "1.8us". gap: text before the unit.
[[nodiscard]] std::string format_time(std::chrono::nanoseconds time, std::string_view gap = "");

// "81 B", "12.3 MiB"
[[nodiscard]] std::string format_bytes(std::uint64_t bytes);

// `text` as one word of a POSIX shell: in single quotes if it has characters that the shell would
// interpret.
[[nodiscard]] std::string quote_shell_word(std::string_view text);

}  // namespace tenon::render
