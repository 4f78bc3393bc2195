#include "cli/hints.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "render/style.h"

namespace tenon::cli::hints_test {

namespace {

const Hint kAdd("add a component", {.program = "`add_component`",
                                    .command = "--with FILE",
                                    .manifest = {"[components.NAME]", "path = \"FILE\""}});

HintReader make_reader(const std::string& name, const std::vector<std::string>& flags,
                       const Words& words, const char* argument) {
  CommandLine line("", name);
  std::vector<std::string> components;
  line.add_option("components", components, "").type_name(argument);
  std::vector<std::string> values;
  for (const std::string& flag : flags) line.add_option(flag, values, "");
  return make_hint_reader(line, words);
}

}  // namespace

TEST(Hints, AreForProgramsAsStrings) {
  EXPECT_EQ(std::string(kAdd), "add a component: `add_component`");
  EXPECT_EQ(std::string(Hint("look again")), "look again");
}

TEST(Hints, NameAFlagThatTheCommandHas) {
  const HintReader run = make_reader("tenon run", {"--with", "--wire"}, {"app.wasm"}, "FILE|DIR");
  EXPECT_EQ(adapt_hint(kAdd, run), (ReaderHint{"add a component: `--with FILE`", {}}));
}

TEST(Hints, RepeatTheCommandThatTakesComponents) {
  const HintReader plan =
      make_reader("tenon plan", {"--with", "--wire"}, {"a b.wasm"}, "COMPONENT");
  EXPECT_EQ(adapt_hint(kAdd, plan),
            (ReaderHint{"add a component: `tenon plan 'a b.wasm' FILE`", {}}));
  const HintReader many =
      make_reader("tenon plan", {"--wire"}, {"a", "b", "c", "d", "e", "f"}, "COMPONENT");
  EXPECT_EQ(adapt_hint(kAdd, many).text, "add a component: `tenon plan ... FILE`");
}

TEST(Hints, ShowLinesOfAManifestThatIsInUse) {
  HintReader plan = make_reader("tenon plan", {"--wire"}, {"shop"}, "COMPONENT");
  plan.has_manifest = true;
  plan.more_components = {};
  EXPECT_EQ(adapt_hint(kAdd, plan),
            (ReaderHint{"add a component, in a tenon.toml", kAdd.ways.manifest}));
  const Hint root("make `a` the root",
                  {.program = "`set_root`", .command = "--wire a", .manifest = {"root = \"a\""}});
  EXPECT_EQ(adapt_hint(root, plan),
            (ReaderHint{"make `a` the root: `--wire a`, or in tenon.toml", root.ways.manifest}));
  plan.more_components = "tenon add";
  EXPECT_EQ(
      adapt_hint(kAdd, plan),
      (ReaderHint{"add a component: `tenon add FILE`, or in tenon.toml", kAdd.ways.manifest}));
}

TEST(Hints, AreWithoutWaysWhereACommandHasNone) {
  const HintReader swap = make_reader("tenon swap", {"--lose-handles"}, {"shop"}, "UNIT=FILE");
  EXPECT_EQ(adapt_hint(kAdd, swap), (ReaderHint{"add a component", {}}));
}

}  // namespace tenon::cli::hints_test
