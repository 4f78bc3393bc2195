#include "middleware/call_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "support/diagnostics.h"
#include "tests/support/temporary_folder.h"

namespace tenon::middleware::call_file_test {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

// Why a line cannot be read; empty: it can.
std::string problem_of(const std::string& line) {
  const auto calls = parse_recorded_calls(line, "calls.jsonl");
  return calls ? std::string() : calls.error().front().message;
}

TEST(RecordedCalls, ComeBackAsTheyWere) {
  const std::vector<RecordedCall> calls = {
      {.number = 7,
       .consumer = "cart",
       .function = "acme:tax/lib@1.0.0#rate",
       .arguments = std::vector<std::string>{"100", R"("d\u{0}e")"},
       .result = "19"},
      {.number = 8, .function = "f", .arguments = std::vector<std::string>()},
      {.number = 9, .function = "g", .failure = "no \"connection\"\n"},
  };
  std::string text;
  for (const RecordedCall& call : calls) text += print_recorded_call(call) + "\n\n";
  const auto read = parse_recorded_calls(text, "calls.jsonl");
  ASSERT_TRUE(read) << read.error().front().message;
  ASSERT_EQ(read->size(), calls.size());
  for (std::size_t i = 0; i < calls.size(); ++i) {
    EXPECT_EQ((*read)[i].number, calls[i].number);
    EXPECT_EQ((*read)[i].line, 2 * i + 1);
    EXPECT_EQ((*read)[i].consumer, calls[i].consumer);
    EXPECT_EQ((*read)[i].function, calls[i].function);
    EXPECT_EQ((*read)[i].arguments, calls[i].arguments);
    EXPECT_EQ((*read)[i].result, calls[i].result);
    EXPECT_EQ((*read)[i].failure, calls[i].failure);
  }
}

TEST(RecordedCalls, WithoutANumberHaveThatOfTheirLine) {
  const auto calls =
      parse_recorded_calls("\n{\"function\":\"f\"}\r\n \t\n{\"function\":\"g\"}", "x");
  ASSERT_TRUE(calls);
  ASSERT_EQ(calls->size(), 2U);
  EXPECT_EQ((*calls)[0].number, 2U);
  EXPECT_EQ((*calls)[1].number, 4U);
  EXPECT_FALSE((*calls)[0].arguments);
}

TEST(RecordedCalls, AreRefusedWithTheReason) {
  EXPECT_THAT(problem_of("rate(100)"),
              HasSubstr("line 1 of a file of calls cannot be read: it is not a JSON object"));
  EXPECT_THAT(problem_of("[]"), HasSubstr("it is not a JSON object"));
  EXPECT_THAT(problem_of("{}"), HasSubstr("`function` is missing"));
  EXPECT_THAT(problem_of(R"({"function":"f","outcome":"1"})"), HasSubstr("unknown key `outcome`"));
  EXPECT_THAT(problem_of(R"({"function":"f","result":1})"), HasSubstr("`result` must be a string"));
  EXPECT_THAT(problem_of(R"({"function":"f","call":-1})"), HasSubstr("`call` must be a number"));
  EXPECT_THAT(problem_of(R"({"function":"f","arguments":"1"})"),
              HasSubstr("`arguments` must be a list of strings"));
  EXPECT_THAT(problem_of(R"({"function":"f","arguments":[1]})"),
              HasSubstr("`arguments` must be a string"));
  EXPECT_THAT(problem_of(R"({"function":"f","result":"1","failure":"x"})"),
              HasSubstr("it has both `result` and `failure`"));
}

// nlohmann's parser and destructor work at any depth, but its copies are recursive.
TEST(RecordedCalls, AreRefusedIfTheyAreNested) {
  constexpr std::size_t kDepth = 200'000;
  const std::string lists = std::string(kDepth, '[') + std::string(kDepth, ']');
  const std::string objects = [] {
    std::string text;
    for (std::size_t i = 0; i < kDepth; ++i) text += R"({"a":)";
    return text + "1" + std::string(kDepth, '}');
  }();
  // An object grows with the keys after the nested value.
  const std::string keys = R"(,"call":1,"consumer":"c","function":"f","result":"1"})";
  for (const std::string& nested : {lists, objects}) {
    EXPECT_THAT(problem_of(R"({"arguments":)" + nested + keys), HasSubstr("`arguments` must be"));
    EXPECT_THAT(problem_of(R"({"arguments":[)" + nested + "]" + keys),
                HasSubstr("`arguments` must be"));
    EXPECT_THAT(problem_of(R"({"another":)" + nested + keys), HasSubstr("unknown key `another`"));
    EXPECT_THAT(problem_of("[" + nested + "]"), HasSubstr("it is not a JSON object"));
  }
}

TEST(RecordedCalls, AreRefusedTogetherButNotWithoutEnd) {
  const auto two = parse_recorded_calls("no\n{\"function\":\"f\"}\nnor this\n", "calls.jsonl");
  ASSERT_FALSE(two);
  ASSERT_EQ(two.error().size(), 2U);
  EXPECT_EQ(two.error()[1].code, code_text(Code::ConfigSyntax));
  EXPECT_EQ(two.error()[1].where.file, "calls.jsonl");
  EXPECT_EQ(two.error()[1].where.line, 3U);
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "no\n";
  const auto all = parse_recorded_calls(many, "calls.jsonl");
  ASSERT_FALSE(all);
  EXPECT_EQ(all.error().size(), 10U);
}

class LineFiles : public testing::Test {
 protected:
  [[nodiscard]] std::string path(const std::string& name) const {
    return (folder_.path() / name).string();
  }
  [[nodiscard]] std::string content(const std::string& name) const {
    std::ifstream file(path(name));
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }
  // Opens the file, and writes one line. Returns the problem, or nothing.
  std::string write(const std::string& name, LineFile::Content content, std::string_view line) {
    Location where;
    where.line = 4;
    const auto file = LineFile::open(path(name), content, where);
    if (!file) {
      EXPECT_EQ(file.error().front().code, code_text(Code::WriteFile));
      EXPECT_EQ(file.error().front().where.line, 4U);
      return file.error().front().message;
    }
    EXPECT_TRUE((*file)->write(line));
    return {};
  }

  TemporaryFolder folder_;
};

TEST_F(LineFiles, AreForTheirOwnerAndKeptOrReplaced) {
  EXPECT_EQ(write("log", LineFile::Content::Kept, "one"), "");
  struct stat status = {};
  ASSERT_EQ(::stat(path("log").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  EXPECT_EQ(write("log", LineFile::Content::Kept, "two"), "");
  EXPECT_EQ(content("log"), "one\ntwo\n");
  EXPECT_EQ(write("log", LineFile::Content::Replaced, "three"), "");
  EXPECT_EQ(content("log"), "three\n");
}

TEST_F(LineFiles, DoNotFollowLinksNorReplaceFolders) {
  std::ofstream(path("target")) << "kept";
  fs::create_symlink(path("target"), path("link"));
  EXPECT_THAT(write("link", LineFile::Content::Replaced, "x"), HasSubstr("it is a symbolic link"));
  EXPECT_EQ(content("target"), "kept");
  EXPECT_THAT(write(".", LineFile::Content::Kept, "x"), HasSubstr("Is a directory"));
  EXPECT_THAT(write("missing/log", LineFile::Content::Kept, "x"),
              HasSubstr("No such file or directory"));
}

TEST_F(LineFiles, RememberThatALineWasLost) {
  const auto file = LineFile::open("/dev/full", LineFile::Content::Kept, {});
  ASSERT_TRUE(file);
  EXPECT_FALSE((*file)->write("lost"));
  EXPECT_FALSE((*file)->write("later"));
}

}  // namespace
}  // namespace tenon::middleware::call_file_test
