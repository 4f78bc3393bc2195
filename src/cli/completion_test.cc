#include "cli/completion.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cli/commands/verbs.h"
#include "tests/support/temporary_folder.h"

namespace tenon::cli::completion_test {
namespace {

using testing::Contains;
using testing::HasSubstr;

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

TEST(Completion, VerbsThenFlagsThenValues) {
  EXPECT_EQ(complete({""}), (std::vector<std::string>{"explain", "graph"}));
  EXPECT_EQ(complete({"-C", "folder", "gr"}), (std::vector<std::string>{"graph"}));
  EXPECT_EQ(complete({"graph", "--wi"}), (std::vector<std::string>{"--wire", "--with"}));
  EXPECT_EQ(complete({"graph", "--format", ""}),
            (std::vector<std::string>{"dot", "json", "mermaid", "svg", "tree"}));
  EXPECT_EQ(complete({"graph", "--format=s"}), (std::vector<std::string>{"--format=svg"}));
  EXPECT_THAT(complete({"explain", "resolve-"}), Contains("resolve-cycle"));
  EXPECT_TRUE(complete({"nothing", ""}).empty());
}

class LinkCompletion : public testing::Test {
 protected:
  static constexpr const char* kTax = R"((component
    (core module $m (func (export "rate") (result i32) i32.const 19))
    (core instance $i (instantiate $m))
    (func $rate (result u32) (canon lift (core func $i "rate")))
    (instance $lib (export "rate" (func $rate)))
    (export "acme:tax/lib@1.0.0" (instance $lib))))";
  static constexpr const char* kApp = R"((component
    (import "acme:tax/lib@1.0.0" (instance (export "rate" (func (result u32)))))))";

  LinkCompletion() {
    folder_.write("app.wat", kApp);
    folder_.write("tax.wat", kTax);
    folder_.write("vat.wat", kTax);
  }
  [[nodiscard]] std::vector<std::string> complete_flag(const Words& flag) const {
    Words words = {"link", folder_.path() / "app.wat", folder_.path() / "tax.wat"};
    words.insert(words.end(), flag.begin(), flag.end());
    return complete(words);
  }

  TemporaryFolder folder_;
};

TEST_F(LinkCompletion, NamesImportsAndUnitsInFlags) {
  using Texts = std::vector<std::string>;
  EXPECT_EQ(complete_flag({"--wire", ""}), Texts{"acme:tax/lib@1.0.0="});
  EXPECT_EQ(complete_flag({"--wire", "acme:tax/lib@1.0.0=t"}), Texts{"acme:tax/lib@1.0.0=tax"});
  EXPECT_EQ(complete_flag({"--via", "acme:tax/lib@1.0.0=app,t"}),
            Texts{"acme:tax/lib@1.0.0=app,tax"});
  EXPECT_EQ(complete_flag({"--connect", "acme"}), Texts{"acme:tax/lib@1.0.0="});
  EXPECT_EQ(complete_flag({"--hide", "t"}), Texts{"tax:"});
  EXPECT_EQ(complete_flag({"--hide", "tax:"}), Texts{"tax:acme:tax/lib@1.0.0"});
  EXPECT_EQ(complete_flag({"--isolate="}), (Texts{"--isolate=app", "--isolate=tax"}));
  EXPECT_EQ(complete_flag({"--isolate=app,t"}), Texts{"--isolate=app,tax"});
}

TEST_F(LinkCompletion, NamesUnitsBeforeAnAmbiguityIsResolved) {
  EXPECT_EQ(complete_flag({folder_.path() / "vat.wat", "--wire", "acme:tax/lib@1.0.0="}),
            (std::vector<std::string>{"acme:tax/lib@1.0.0=app", "acme:tax/lib@1.0.0=tax",
                                      "acme:tax/lib@1.0.0=vat"}));
}

TEST(Completion, ScriptsCallTheHiddenVerb) {
  for (const char* shell : {"bash", "zsh", "fish"})
    EXPECT_THAT(std::string(get_completion_script(shell)), HasSubstr("tenon __complete"));
  EXPECT_TRUE(get_completion_script("csh").empty());
}

// The completions that bash gets from the script for a line, if `tenon` finds `candidate`.
std::string complete_in_bash(std::string_view line, std::string_view candidate) {
  const TemporaryFolder folder;
  const std::string script =
      folder.write("complete.sh", fmt::format(R"({}
tenon() {{ cat "${{0%/*}}/candidates"; }}
compopt() {{ printf '%s ' "$@"; }}
COMP_LINE='{}' COMP_POINT={}
_tenon
printf '%s' "${{COMPREPLY[*]}}"
)",
                                              get_completion_script("bash"), line, line.size()));
  folder.write("candidates", fmt::format("{}\tdescription\n", candidate));
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> bash(
      ::popen(fmt::format("bash '{}' 2>&1", script).c_str(), "r"), &::pclose);
  std::array<char, 4096> shown;
  return {shown.data(), std::fread(shown.data(), 1, shown.size(), bash.get())};
}

TEST(Completion, BashQuotesNames) {
  EXPECT_EQ(complete_in_bash("tenon run app", "app$(touch x).wasm"), R"(app\$\(touch\ x\).wasm)");
  EXPECT_EQ(complete_in_bash("tenon run a", "a`b`;c/"), R"(-o nospace a\`b\`\;c/)");
  EXPECT_EQ(complete_in_bash("tenon run dir/x", "dir/x-1_2.wasm"), "dir/x-1_2.wasm");
  EXPECT_EQ(complete_in_bash("tenon plan --wire acme:t", "acme:tax/lib@1.0.0="),
            "-o nospace tax/lib@1.0.0=");
  EXPECT_EQ(complete_in_bash("tenon plan --isolate=app,t", "--isolate=app,tax"), "app,tax");
}

}  // namespace
}  // namespace tenon::cli::completion_test
