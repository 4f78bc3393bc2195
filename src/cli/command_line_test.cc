#include "cli/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cli/session.h"

namespace tenon::cli::command_line_test {
namespace {

using testing::HasSubstr;

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
  EXPECT_EQ(problems[1].hints[0], "`tenon plan --help` lists its flags and arguments");
}

TEST(Usage, MissingValueShowsTheForm) {
  CommandLine line("", "tenon plan");
  std::string root;
  line.add_option("--root", root, "").type_name("UNIT");
  const Result<CommandLine::Parsed> parsed = line.parse({"--root"});
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error()[0].message, "`--root` of `tenon plan` needs a value");
  EXPECT_EQ(parsed.error()[0].hints[0], "write `--root UNIT`");
}

TEST(Parse, FindsFlagsInEveryForm) {
  using Values = std::vector<std::string>;
  const auto parse = [](const Words& words) {
    CommandLine line("", "tenon it");
    bool quiet = false;
    std::string output;
    std::vector<std::string> isolated;
    std::vector<std::string> files;
    line.add_option("file", files, "");
    line.add_flag("-q,--quiet", quiet, "");
    line.add_option("-o,--output", output, "");
    line.add_flag("--isolate{*}", isolated, "");
    line.allow_extras();
    EXPECT_TRUE(line.parse(words));
    Values values{quiet ? "quiet" : "", "output " + output};
    for (const std::string& name : isolated) values.push_back("isolate " + name);
    for (const std::string& name : files) values.push_back("file " + name);
    for (const std::string& word : line.remaining()) values.push_back("rest " + word);
    return values;
  };
  EXPECT_EQ(parse({"a", "-qo", "b"}), (Values{"quiet", "output b", "file a"}));
  EXPECT_EQ(parse({"-qob", "a"}), (Values{"quiet", "output b", "file a"}));
  EXPECT_EQ(parse({"--output=b=c", "--isolate", "a"}),
            (Values{"", "output b=c", "isolate *", "file a"}));
  EXPECT_EQ(parse({"--isolate=a", "--isolate=b"}),
            (Values{"", "output ", "isolate a", "isolate b"}));
  // A value that looks like a flag.
  EXPECT_EQ(parse({"--output", "-q"}), (Values{"", "output -q"}));
  EXPECT_EQ(parse({"--outputs", "a", "--", "-q"}),
            (Values{"", "output ", "file a", "file -q", "rest --outputs", "rest --"}));
}

TEST(Help, ShowsFlagsWithTheirValues) {
  CommandLine line("Does it", "tenon it");
  GlobalFlags flags;
  add_global_flags(line, flags);
  const std::string text = render_help(line, Style(), "COMMAND");
  EXPECT_THAT(text, HasSubstr("Does it\n\nUsage: tenon it [FLAGS] COMMAND\n"));
  EXPECT_THAT(text, HasSubstr("  -v, --verbose               Print"));
  EXPECT_THAT(text, HasSubstr("  --color always|auto|never   When"));
}

TEST(Help, FitsTheTerminal) {
  CommandLine line("Does it", "tenon it");
  GlobalFlags flags;
  add_global_flags(line, flags);
  line.set_footer(
      "A remark about the command that is too long for one line of a narrow terminal and\n"
      "continues in a second line.\n\n"
      "Examples:\n"
      "  tenon it with many words after it so that the line is too long");
  for (const std::size_t width : {40U, 70U}) {
    const std::string text = render_help(line, {.width = width});
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find('\n', at);
      EXPECT_LE(end - at, width) << text.substr(at, end - at);
      at = end + 1;
    }
  }
  EXPECT_THAT(render_help(line, {.width = 40}),
              HasSubstr("\n  --color always|auto|never\n      When to use color\n"));
}

}  // namespace
}  // namespace tenon::cli::command_line_test
