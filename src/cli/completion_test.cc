#include "cli/completion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
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

}  // namespace
}  // namespace tenon::cli::completion_test
