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
  const Diagnostics problems = describe_extra_words(line, line.remaining());
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
  const std::string text = render_help(line, "COMMAND");
  EXPECT_THAT(text, HasSubstr("Does it\n\nUsage: tenon it [FLAGS] COMMAND\n"));
  EXPECT_THAT(text, HasSubstr("  -v, --verbose               Say"));
  EXPECT_THAT(text, HasSubstr("  --color always|auto|never   When"));
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
