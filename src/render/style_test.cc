#include "render/style.h"

#include <gtest/gtest.h>

namespace tenon::render::style_test {
namespace {

Color color_of(ColorWhen when, const TerminalSettings& settings, StreamKind stream) {
  return choose_style(when, CharsetChoice::Locale, settings, stream).color;
}

TEST(Style, FlagWinsOverEnvironmentOverStream) {
  TerminalSettings settings;
  EXPECT_EQ(color_of(ColorWhen::Auto, settings, StreamKind::Terminal), Color::Yes);
  EXPECT_EQ(color_of(ColorWhen::Auto, settings, StreamKind::FileOrPipe), Color::No);
  settings.clicolor_force = "1";
  EXPECT_EQ(color_of(ColorWhen::Auto, settings, StreamKind::FileOrPipe), Color::Yes);
  settings.no_color = "1";
  EXPECT_EQ(color_of(ColorWhen::Auto, settings, StreamKind::Terminal), Color::No);
  EXPECT_EQ(color_of(ColorWhen::Always, settings, StreamKind::FileOrPipe), Color::Yes);
  EXPECT_EQ(color_of(ColorWhen::Never, {}, StreamKind::Terminal), Color::No);
}

TEST(Style, LocaleWithoutUtf8IsAscii) {
  const auto charset_of = [](const char* locale, CharsetChoice charset) {
    TerminalSettings settings;
    settings.locale = locale;
    return choose_style(ColorWhen::Auto, charset, settings, StreamKind::Terminal).charset;
  };
  EXPECT_EQ(charset_of("de_DE.UTF-8", CharsetChoice::Locale), Charset::Utf8);
  EXPECT_EQ(charset_of("C.utf8", CharsetChoice::Locale), Charset::Utf8);
  EXPECT_EQ(charset_of("C", CharsetChoice::Locale), Charset::Ascii);
  EXPECT_EQ(charset_of("", CharsetChoice::Locale), Charset::Ascii);
  EXPECT_EQ(charset_of("C.UTF-8", CharsetChoice::Ascii), Charset::Ascii);
}

TEST(Style, WrapsTextAtSpaces) {
  const Style style = {.width = 24};
  EXPECT_EQ(style.wrap("one two three four five six", 4, 4), "one two three four\n    five six");
  EXPECT_EQ(style.wrap("a `command with blanks in it` b", 0, 2),
            "a\n  `command with blanks in it`\n  b");
  EXPECT_EQ(style.wrap("an ` alone does not quote the rest", 0, 0),
            "an ` alone does not\nquote the rest");
  EXPECT_EQ(style.wrap("averylongwordthatdoesnotfitanywhere", 4, 4),
            "averylongwordthatdoesnotfitanywhere");
  EXPECT_EQ(style.wrap("", 4, 4), "");
  EXPECT_EQ(Style().wrap("as long as it is", 4, 4), "as long as it is");
}

TEST(Style, WidthComesFromColumnsOrTheTerminal) {
  const auto width = [](const char* columns, std::size_t terminal) {
    TerminalSettings settings;
    settings.columns = columns;
    return choose_style(ColorWhen::Auto, CharsetChoice::Locale, settings, StreamKind::FileOrPipe,
                        terminal)
        .width;
  };
  EXPECT_EQ(width("", 0), 0U);
  EXPECT_EQ(width("", 132), 132U);
  EXPECT_EQ(width("60", 132), 60U);
  EXPECT_EQ(width("60", 0), 60U);
  EXPECT_EQ(width("wide", 132), 132U);
  EXPECT_EQ(width("2", 0), 24U);
}

TEST(ShellWord, IsQuotedIfTheShellWouldInterpretIt) {
  EXPECT_EQ(quote_shell_word("acme:tax/lib@1.2.0.rate"), "acme:tax/lib@1.2.0.rate");
  EXPECT_EQ(quote_shell_word("-5"), "-5");
  EXPECT_EQ(quote_shell_word(""), "''");
  EXPECT_EQ(quote_shell_word("\"tea\""), "'\"tea\"'");
  EXPECT_EQ(quote_shell_word("add(1, 2)"), "'add(1, 2)'");
  EXPECT_EQ(quote_shell_word("it's $HOME"), "'it'\\''s $HOME'");
}

TEST(Style, BytesHaveBinaryUnits) {
  EXPECT_EQ(format_bytes(0), "0 B");
  EXPECT_EQ(format_bytes(1023), "1023 B");
  EXPECT_EQ(format_bytes(1024), "1.0 KiB");
  EXPECT_EQ(format_bytes(12'900'000), "12.3 MiB");
  EXPECT_EQ(format_bytes(std::uint64_t{5000} << 30), "5000.0 GiB");
}

}  // namespace
}  // namespace tenon::render::style_test
