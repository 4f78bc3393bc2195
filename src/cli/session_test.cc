#include "cli/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "cli/command_line.h"
#include "cli/commands/verbs.h"
#include "cli/completion.h"
#include "cli/completion_scripts.h"
#include "cli/help.h"
#include "cli/style.h"

namespace tenon::cli::session_test {

using testing::Contains;
using testing::HasSubstr;

namespace {

Color color_of(ColorWhen when, const TerminalSettings& settings, StreamKind stream) {
  return choose_style(when, CharsetWish::Locale, settings, stream).color;
}

constexpr Verb kVerbs[] = {{"explain", "Explain a code", explain_command},
                           {"graph", "Draw", graph_command},
                           {"link", "", plan_command}};

std::vector<std::string> complete(const Words& words) {
  Session session;
  session.verbs = kVerbs;
  std::vector<std::string> texts;
  for (const Candidate& candidate : complete_words(session, words)) texts.push_back(candidate.text);
  return texts;
}

}  // namespace

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
  const auto charset_of = [](const char* locale, CharsetWish wish) {
    TerminalSettings settings;
    settings.locale = locale;
    return choose_style(ColorWhen::Auto, wish, settings, StreamKind::Terminal).charset;
  };
  EXPECT_EQ(charset_of("de_DE.UTF-8", CharsetWish::Locale), Charset::Utf8);
  EXPECT_EQ(charset_of("C.utf8", CharsetWish::Locale), Charset::Utf8);
  EXPECT_EQ(charset_of("C", CharsetWish::Locale), Charset::Ascii);
  EXPECT_EQ(charset_of("", CharsetWish::Locale), Charset::Ascii);
  EXPECT_EQ(charset_of("C.UTF-8", CharsetWish::Ascii), Charset::Ascii);
}

TEST(Usage, UnknownFlagHasNearMisses) {
  CommandLine line("", "tenon plan");
  GlobalFlags flags;
  add_global_flags(line, flags);
  line.allow_extras();
  ASSERT_TRUE(line.parse({"--colr", "1", "--isolate"}));
  const Diagnostics problems = describe_extra_words(line, line.remaining(), {});
  ASSERT_EQ(problems.size(), 2U);
  EXPECT_EQ(problems[0].message, "`tenon plan` has no flag `--colr`");
  EXPECT_EQ(problems[0].hints[0], "did you mean `--color`?");
  EXPECT_EQ(problems[1].hints[0], "`tenon plan --help` lists what it takes");
}

TEST(Usage, MissingValueNamesTheForm) {
  CommandLine line("", "tenon plan");
  std::string root;
  line.add_option("--root", root, "").type_name("UNIT");
  const Result<CommandLine::Parsed> parsed = line.parse({"--root"});
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error()[0].message, "`--root` of `tenon plan` lacks a value");
  EXPECT_EQ(parsed.error()[0].hints[0], "write `--root UNIT`");
}

TEST(Help, ShowsFlagsWithTheirValues) {
  CommandLine line("Does it", "tenon it");
  GlobalFlags flags;
  add_global_flags(line, flags);
  const std::string text = render_help(line, Style(), "COMMAND");
  EXPECT_THAT(text, HasSubstr("Does it\n\nUsage: tenon it [FLAGS] COMMAND\n"));
  EXPECT_THAT(text, HasSubstr("  -v, --verbose               Say"));
  EXPECT_THAT(text, HasSubstr("  --color always|auto|never   When"));
}

TEST(Help, FitsTheTerminal) {
  CommandLine line("Does it", "tenon it");
  GlobalFlags flags;
  add_global_flags(line, flags);
  line.set_footer(
      "One thing and another thing are said of it in two lines that somebody broke by hand.\n"
      "This is the second one.\n\n"
      "Examples:\n"
      "  tenon it with a number of words behind it that go on");
  for (const std::size_t width : {40U, 70U}) {
    const std::string text = render_help(line, {.width = width});
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find('\n', at);
      EXPECT_LE(end - at, width) << text.substr(at, end - at);
      at = end + 1;
    }
  }
  EXPECT_THAT(render_help(line, {.width = 40}),
              HasSubstr("\n  --color always|auto|never\n      When to use colour\n"));
}

TEST(Style, FoldsTextAtBlanks) {
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

TEST(Style, IsAsWideAsTheTerminalOrColumns) {
  const auto width = [](const char* columns, std::size_t terminal) {
    const TerminalSettings settings{.columns = columns};
    return choose_style(ColorWhen::Auto, CharsetWish::Locale, settings, StreamKind::FileOrPipe,
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

TEST(Completion, VerbsThenFlagsThenValues) {
  EXPECT_EQ(complete({""}), (std::vector<std::string>{"explain", "graph"}));
  EXPECT_EQ(complete({"-C", "folder", "gr"}), (std::vector<std::string>{"graph"}));
  EXPECT_EQ(complete({"graph", "--wi"}), (std::vector<std::string>{"--wire"}));
  EXPECT_EQ(complete({"graph", "--format", ""}),
            (std::vector<std::string>{"dot", "json", "mermaid", "svg", "tree"}));
  EXPECT_EQ(complete({"graph", "--format=s"}), (std::vector<std::string>{"--format=svg"}));
  EXPECT_THAT(complete({"explain", "resolve-"}), Contains("resolve-cycle"));
  EXPECT_TRUE(complete({"nothing", ""}).empty());
}

TEST(Completion, ScriptsAskTheHiddenVerb) {
  for (const char* shell : {"bash", "zsh", "fish"})
    EXPECT_THAT(std::string(get_completion_script(shell)), HasSubstr("tenon __complete"));
  EXPECT_TRUE(get_completion_script("csh").empty());
}

}  // namespace tenon::cli::session_test
