#include "support/terminal_text.h"

#include <gtest/gtest.h>

namespace tenon::terminal_text_test {
namespace {

TEST(TerminalText, MeasuresColumns) {
  EXPECT_EQ(display_width("cart"), 4U);
  EXPECT_EQ(display_width("naïve"), 5U);
  EXPECT_EQ(display_width("nai\xcc\x88ve"), 5U);  // i and a combining diaeresis
  EXPECT_EQ(display_width("漢字"), 4U);
  EXPECT_EQ(display_width("🦀"), 2U);
  EXPECT_EQ(display_width("├─ "), 3U);
  EXPECT_EQ(display_width("…"), 1U);
  EXPECT_EQ(display_width("\xff\xfe"), 2U);
  EXPECT_EQ(display_width(""), 0U);
}

TEST(TerminalText, EscapesControlCharacters) {
  EXPECT_EQ(sanitize_text("a\x1b[2Jb"), "a\\x1b[2Jb");
  EXPECT_EQ(sanitize_text("a\nb\tc\r"), "a\\nb\\tc\\x0d");
  EXPECT_EQ(sanitize_text(std::string_view("a\0b", 3)), "a\\x00b");
  EXPECT_EQ(sanitize_text("\x7f"), "\\x7f");
  EXPECT_EQ(sanitize_text("\xc2\x9b"
                          "31m"),
            "\\u{9b}31m");  // CSI as a single character
}

TEST(TerminalText, EscapesCharactersThatReorderOrHideText) {
  EXPECT_EQ(sanitize_text("a\u202eb"), "a\\u{202e}b");
  EXPECT_EQ(sanitize_text("a\u200bb"), "a\\u{200b}b");
  EXPECT_EQ(sanitize_text("\ufeff"), "\\u{feff}");
  EXPECT_EQ(sanitize_text("\u2066x\u2069"), "\\u{2066}x\\u{2069}");
}

TEST(TerminalText, EscapesInvalidUtf8) {
  EXPECT_EQ(sanitize_text("\xff"), "\\xff");
  EXPECT_EQ(sanitize_text("\xc0\x80"), "\\xc0\\x80");           // overlong
  EXPECT_EQ(sanitize_text("\xe0\x9f\xbf"), "\\xe0\\x9f\\xbf");  // overlong
  EXPECT_EQ(sanitize_text("\xed\xa0\x80"), "\\xed\\xa0\\x80");  // surrogate
  EXPECT_EQ(sanitize_text("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");
  EXPECT_EQ(sanitize_text("\xe6\xbc"), "\\xe6\\xbc");  // cut off
}

TEST(TerminalText, LeavesOrdinaryTextAlone) {
  EXPECT_EQ(sanitize_text("acme:tax/lib@1.2.0 naïve 漢字 🦀"), "acme:tax/lib@1.2.0 naïve 漢字 🦀");
}

TEST(TerminalText, PadsByColumns) {
  EXPECT_EQ(pad_right("漢", 4), "漢  ");
  EXPECT_EQ(pad_right("abcd", 3), "abcd");
}

TEST(TerminalText, TruncatesWithoutCuttingACharacter) {
  EXPECT_EQ(truncate_text("component", 9, Charset::Utf8), "component");
  EXPECT_EQ(truncate_text("component", 5, Charset::Utf8), "comp…");
  EXPECT_EQ(truncate_text("component", 5, Charset::Ascii), "co...");
  EXPECT_EQ(truncate_text("漢字", 3, Charset::Utf8), "漢…");
  EXPECT_EQ(truncate_text("漢字漢", 4, Charset::Utf8), "漢…");
  EXPECT_EQ(truncate_text("abc", 1, Charset::Utf8), "…");
  EXPECT_EQ(truncate_text("abc", 0, Charset::Utf8), "");
  EXPECT_EQ(truncate_text("abcd", 2, Charset::Ascii), "..");
}

TEST(TerminalText, TreePiecesAreThreeColumns) {
  for (const Charset charset : {Charset::Ascii, Charset::Utf8}) {
    const TreeGlyphs& glyphs = get_tree_glyphs(charset);
    for (const std::string_view piece : {glyphs.branch, glyphs.last, glyphs.pipe, glyphs.blank})
      EXPECT_EQ(display_width(piece), 3U);
  }
}

}  // namespace
}  // namespace tenon::terminal_text_test
