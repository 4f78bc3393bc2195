// `tenon ext` at a terminal, with a local registry: questions about dependencies, upgrades, WIT.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/support/at_terminal.h"
#include "tests/support/extension_stores.h"

namespace tenon::ext_terminal_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class ExtAtTerminal : public AtTerminal {
 protected:
  ExtAtTerminal() {
    write("config/wasm-pkg/config.toml",
          fmt::format("default_registry = \"here\"\n[registry.here]\ntype = \"local\"\n"
                      "local = {{ root = \"{}\" }}\n",
                      place("packages")));
  }
  [[nodiscard]] std::string place(std::string_view name) const { return folder_.path() / name; }
  std::string write(std::string_view name, std::string_view text) const {
    return folder_.write(name, text);
  }
  void start_ext(std::vector<std::string> words) {
    words.insert(words.begin(), "ext");
    words.insert(words.end(), {"--store", place("store")});
    start(std::move(words));
  }
  std::string run_ext(std::vector<std::string> words) {
    start_ext(std::move(words));
    End end = this->end();
    EXPECT_EQ(end.code, 0) << end.shown;
    return end.shown;
  }
  // Publishes the package `acme:low`, which exports acme:low/lib.
  void publish(std::string_view version) {
    write("low/low.wat", component(fmt::format("acme:low/lib@{}", version), 1));
    write("low/extension.toml", fmt::format("[extension]\nname = \"low\"\nversion = \"{}\"\n"
                                            "component = \"low.wat\"\n",
                                            version));
    start({"ext", "publish", place("low"), "acme:low"});
    const End end = this->end();
    ASSERT_EQ(end.code, 0) << end.shown;
  }
};

TEST_F(ExtAtTerminal, AsksBeforeAddingDependencies) {
  publish("1.2.0");
  const std::string top = write("top.wat", component("acme:top/api", 10, {"acme:low/lib@1.0.0"}));
  start_ext({"add", top});
  EXPECT_THAT(wait_for("add them? [y/N] "), AllOf(HasSubstr("these extensions are needed, too:"),
                                                  HasSubstr("  low 1.2.0 from ")));
  type("n\r");
  const End refused = end();
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.shown, AllOf(HasSubstr("ext-unmet"), HasSubstr("--yes")));
  EXPECT_THAT(run_ext({"list"}), HasSubstr("no extensions are installed"));

  start_ext({"add", top});
  wait_for("add them? [y/N] ");
  type("y\r");
  const End added = end();
  EXPECT_EQ(added.code, 0) << added.shown;
  EXPECT_THAT(run_ext({"list"}), AllOf(HasSubstr("low"), HasSubstr("top")));
}

TEST_F(ExtAtTerminal, ListsAndInstallsNewerVersions) {
  publish("1.2.0");
  run_ext({"add", "acme:low@^1"});
  EXPECT_THAT(run_ext({"list", "--outdated"}), HasSubstr("everything is up to date"));
  publish("1.3.0");
  EXPECT_THAT(run_ext({"list", "--outdated"}), HasSubstr("1.2.0 -> 1.3.0"));
  EXPECT_THAT(run_ext({"list"}), AllOf(HasSubstr("1.2.0"), Not(HasSubstr("1.3.0"))));
  run_ext({"upgrade", "low"});
  EXPECT_THAT(run_ext({"list"}), HasSubstr("1.3.0"));
}

TEST_F(ExtAtTerminal, PrintsLibrariesAsWit) {
  publish("1.2.0");
  run_ext({"add", "acme:low@^1"});
  EXPECT_THAT(run_ext({"libs", "--wit"}),
              AllOf(HasSubstr("// low 1.2.0"), HasSubstr("interface lib"),
                    HasSubstr("f: func(a: u32) -> u32;")));
}

// A component whose compilation takes long enough to be shown.
std::string large_component() {
  constexpr std::string_view kModule = "(core module $m ";
  std::string text = component("acme:low/lib@1.0.0", 1);
  text.insert(text.find(kModule) + kModule.size(),
              fmt::format("(memory 2) (data (i32.const 0) \"{}\")", std::string(120'000, 'x')));
  return text;
}

TEST_F(ExtAtTerminal, ShowsWhatIsCompiled) {
  const std::string large = write("large.wat", large_component());
  start_ext({"add", large});
  wait_for("compiling large (117.");
  wait_for(" KiB, 1 of 1)");
  EXPECT_EQ(end().code, 0);
  start({"cache", "clean"});
  EXPECT_EQ(end().code, 0);
  start({"cache", "warm", large});
  wait_for("compiling large (117.");
  wait_for("added ");
  EXPECT_EQ(end().code, 0);
  start({"cache", "warm", large});
  EXPECT_EQ(end().shown, "the cache has everything already\r\n");
}

}  // namespace
}  // namespace tenon::ext_terminal_test
