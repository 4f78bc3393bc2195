// How text looks on one output stream: with colour or without, with line-drawing characters or
// ASCII, and how wide it may be.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "tenon/text.h"

namespace tenon::cli {

enum class Ink { Error, Warning, Note, Hint, Name, Dim, Removed, Added };

enum class Color { No, Yes };

struct Style {
  Color color = Color::No;
  Charset charset = Charset::Utf8;
  std::size_t width = 0;  // in columns; 0: unlimited

  // `text` in a colour of the terminal's own palette; unchanged without colour or if it is empty.
  [[nodiscard]] std::string paint(Ink ink, std::string_view text) const;

  // Breaks `text`, which is sanitised, into lines that fit. The first begins at column `first`, the
  // others are indented by `indent`. Neither a word nor text in backticks is broken.
  [[nodiscard]] std::string wrap(std::string_view text, std::size_t first,
                                 std::size_t indent) const;
};

// --color WHEN.
enum class ColorWhen { Auto, Always, Never };

// --ascii, or as the locale says.
enum class CharsetWish { Locale, Ascii };

// What the environment says about terminals. Absent is empty.
struct TerminalSettings {
  std::string no_color;        // NO_COLOR: anything
  std::string clicolor_force;  // CLICOLOR_FORCE: anything but "0"
  std::string term;            // TERM
  std::string columns;         // COLUMNS
  std::string locale;          // the first of LC_ALL, LC_CTYPE and LANG that is not empty
};

enum class StreamKind { Terminal, FileOrPipe };

// A flag wins over NO_COLOR, that over CLICOLOR_FORCE, that over what the stream is. COLUMNS wins
// over `columns`, the width of the terminal; 0: the stream is not a terminal.
[[nodiscard]] Style choose_style(ColorWhen when, CharsetWish wish, const TerminalSettings& settings,
                                 StreamKind stream, std::size_t columns = 0);

}  // namespace tenon::cli
