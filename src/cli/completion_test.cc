#include "cli/completion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cli/commands/verbs.h"

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
  EXPECT_EQ(complete({"graph", "--wi"}), (std::vector<std::string>{"--wire"}));
  EXPECT_EQ(complete({"graph", "--format", ""}),
            (std::vector<std::string>{"dot", "json", "mermaid", "svg", "tree"}));
  EXPECT_EQ(complete({"graph", "--format=s"}), (std::vector<std::string>{"--format=svg"}));
  EXPECT_THAT(complete({"explain", "resolve-"}), Contains("resolve-cycle"));
  EXPECT_TRUE(complete({"nothing", ""}).empty());
}

TEST(Completion, ScriptsCallTheHiddenVerb) {
  for (const char* shell : {"bash", "zsh", "fish"})
    EXPECT_THAT(std::string(get_completion_script(shell)), HasSubstr("tenon __complete"));
  EXPECT_TRUE(get_completion_script("csh").empty());
}

}  // namespace
}  // namespace tenon::cli::completion_test
