// Generated code: what is committed is what is made, in which order, and what is refused.
#include "tenon/bindgen.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "tests/support/temporary_folder.h"

namespace tenon::bindgen_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// The one file that is made, or what is wrong.
std::string text_of(const Result<std::vector<GeneratedFile>>& made) {
  if (made) return made->front().text;
  std::string text;
  for (const Diagnostic& problem : made.error())
    text += fmt::format("{}: {} ({}:{})\n", problem.code, problem.message, problem.where.file,
                        problem.where.line);
  return text;
}

class Bindgen : public testing::Test {
 protected:
  BindgenOptions wit(std::string_view text) { return {.wit = folder_.write("a.wit", text)}; }

  TemporaryFolder folder_;
};

struct Committed {
  const char* header;
  BindgenOptions options;
};

TEST_F(Bindgen, CommittedHeadersAreWhatIsMade) {
  const std::string root = TENON_SOURCE_DIR "/tests/";
  const Committed headers[] = {
      {"bundles/domains_cpp/gen/domains_host.h",
       {.wit = root + "guests/domains/wit", .world = "lib-unit", .name = "domains"}},
      {"bundles/kinds/gen/kinds_host.h", {.wit = root + "bundles/kinds/wit"}},
      {"bundles/names/gen/names_host.h", {.wit = root + "bundles/names/wit"}},
  };
  for (const Committed& one : headers)
    EXPECT_TRUE(text_of(generate_host_cpp(one.options)) == read_text(root + one.header))
        << one.header << ": make it again with `tenon bindgen host-cpp`";
}

TEST_F(Bindgen, AFileIsCalledAsTheBundle) {
  BindgenOptions options = wit("package a:my-kit; interface i { f: func(); }");
  EXPECT_EQ(generate_host_cpp(options)->front().path, "my_kit_host.h");
  options.name = "Other-2";
  EXPECT_EQ(generate_host_c(options)->front().path, "other_2_host.h");
}

TEST_F(Bindgen, WithoutAWorldEveryInterfaceIsProvided) {
  const BindgenOptions options =
      wit("package a:kit; interface one { type t = u8; } interface two { f: func() -> string; }");
  EXPECT_THAT(
      text_of(generate_host_cpp(options)),
      AllOf(HasSubstr("namespace kit_host::one"), HasSubstr("using t = std::uint8_t;"),
            HasSubstr("class instance : public two::exports"), Not(HasSubstr("one::exports"))));
}

TEST_F(Bindgen, AWorldOfNothingIsABundle) {
  const BindgenOptions options = wit("package a:kit; world none {}");
  EXPECT_THAT(
      text_of(generate_host_cpp(options)),
      AllOf(
          HasSubstr("class instance {"),
          HasSubstr(
              "std::array<tenon_func_def, 0> module_functions(const instance*) {\n  return {};")));
  EXPECT_THAT(text_of(generate_host_c(options)), HasSubstr("create, destroy, NULL, 0, \\\n"));
}

TEST_F(Bindgen, LongListsOfFixedLengthAreOnTheHeap) {
  const BindgenOptions options =
      wit("package a:kit; interface i { f: func(a: list<u8, 1024>, b: list<u8, 1025>) -> "
          "list<string, 2000>; "
          "}");
  EXPECT_THAT(text_of(generate_host_cpp(options)),
              AllOf(HasSubstr("const std::array<std::uint8_t, 1024>& a"),
                    HasSubstr("const std::vector<std::uint8_t>& b"),
                    HasSubstr("virtual std::vector<std::string> f(")));
}

// All of it, each where it is written.
TEST_F(Bindgen, WhatNativeCodeCannotHaveIsRefused) {
  const std::string told = text_of(generate_host_cpp(wit(R"(package a:kit;
interface calls { f: func(); }
interface types { record r { x: u8 } }
interface shop {
  use types.{r};
  slow: async func() -> u8;
  feed: func(data: list<stream<u8>>) -> r;
  wait: func() -> future;
}
world w { import calls; export shop; })")));
  EXPECT_THAT(told, HasSubstr("host-wit-mismatch: the world of host 'kit' imports "
                              "`a:kit/calls`: native code cannot call guests"));
  EXPECT_THAT(told, HasSubstr("`a:kit/shop#slow` is async, and functions of host bundles are not"));
  EXPECT_THAT(told, HasSubstr("a.wit:6)"));
  EXPECT_THAT(told, HasSubstr("`a:kit/shop#feed` has a stream, which native code cannot have"));
  EXPECT_THAT(told, HasSubstr("`a:kit/shop#wait` has a future, which native code cannot have"));
}

TEST_F(Bindgen, ANameIsOneOfABundle) {
  BindgenOptions options = wit("package a:kit; interface i { f: func(); }");
  for (const char* const name : {"a b", "-a", "1a", "a-", "a--b", "a_b", "\"", "a\n"}) {
    options.name = name;
    EXPECT_THAT(text_of(generate_host_cpp(options)), HasSubstr("is no name of a bundle")) << name;
  }
}

TEST_F(Bindgen, ProblemsOfTheWitAreTold) {
  EXPECT_THAT(text_of(generate_host_cpp({.wit = "none.wit", .name = "a"})), HasSubstr("read-file"));
  EXPECT_THAT(text_of(generate_host_cpp(wit("package a:kit; interface {"))),
              HasSubstr("wit-syntax"));
  BindgenOptions options = wit("package a:kit; world one {} world two {}");
  EXPECT_THAT(text_of(generate_host_cpp(options)), HasSubstr("wit-world-missing"));
  options.world = "twoo";
  EXPECT_THAT(text_of(generate_host_c(options)), HasSubstr("has no world `twoo`"));
}

TEST_F(Bindgen, ASkeletonHasTheWitWithWhatItDependsOn) {
  const auto made = make_host_skeleton(
      {.wit = TENON_SOURCE_DIR "/tests/bundles/names/wit", .name = "my-names"}, HostLanguage::C);
  ASSERT_TRUE(made) << text_of(made);
  std::vector<std::string> paths;
  for (const GeneratedFile& file : *made) paths.push_back(file.path);
  EXPECT_THAT(paths, testing::UnorderedElementsAre(
                         "wit/deps/first/first.wit", "wit/deps/second/second.wit", "wit/names.wit",
                         "host.toml", "README.md", ".gitignore", "gen/my_names_host.h",
                         "src/my_names.c", "CMakeLists.txt", "include/tenon/tenon_host.h"));
  for (const GeneratedFile& file : *made)
    if (!file.path.starts_with("wit/")) {
      // Nothing of a template is left.
      EXPECT_THAT(file.text, Not(testing::ContainsRegex("@[A-Z]+@"))) << file.path;
    }
}

}  // namespace
}  // namespace tenon::bindgen_test
