// Generated code: headers in the tree are up to date, names and types are right, and WIT that
// native code cannot implement is rejected.
#include "bindgen/bindgen.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "tests/support/temporary_folder.h"

namespace tenon::bindgen::bindgen_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// The text of the generated file, or the problems, one a line.
std::string text_of(const Result<GeneratedCode>& files) {
  if (files) return files->files.front().text;
  std::string text;
  for (const Diagnostic& problem : files.error())
    text += fmt::format("{}: {} ({}:{})\n", problem.code, problem.message, problem.where.file,
                        problem.where.line);
  return text;
}

class Bindgen : public testing::Test {
 protected:
  BindgenOptions wit(std::string_view text) { return {.wit = folder_.write("a.wit", text)}; }

  TemporaryFolder folder_;
};

struct CommittedHeader {
  const char* header;
  BindgenOptions options;
};

TEST_F(Bindgen, CommittedHeadersAreUpToDate) {
  const std::string root = TENON_SOURCE_DIR "/tests/";
  const CommittedHeader headers[] = {
      {"bundles/domains_cpp/gen/domains_host.h",
       {.wit = root + "guests/domains/wit", .world = "lib-unit", .name = "domains"}},
      {"bundles/kinds/gen/kinds_host.h", {.wit = root + "bundles/kinds/wit"}},
      {"bundles/later/gen/later_host.h", {.wit = root + "bundles/later/wit", .name = "later"}},
      {"bundles/streams/gen/streams_host.h",
       {.wit = root + "bundles/streams/wit", .name = "streams"}},
      {"bundles/names/gen/names_host.h", {.wit = root + "bundles/names/wit"}},
  };
  for (const CommittedHeader& committed : headers)
    EXPECT_TRUE(text_of(generate_host_cpp(committed.options)) == read_text(root + committed.header))
        << committed.header << " is out of date: run `tenon bindgen host-cpp` again";
}

TEST_F(Bindgen, CommittedCodeOfProgramsIsUpToDate) {
  const std::string root = TENON_SOURCE_DIR "/tests/";
  struct Committed {
    BindgenOptions options;
    Callers callers = Callers::NotPassed;
  };
  const Committed all[] = {
      {{.wit = root + "bundles/kinds/wit", .name = "kinds"}},
      {{.wit = root + "bindings/wit", .world = "values"}},
      {{.wit = root + "bindings/wit", .world = "counters"}},
      {{.wit = root + "bindings/wit", .world = "visitor"}},
      {{.wit = root + "bindings/wit", .world = "courier"}, Callers::Passed},
      {{.wit = root + "guests/domains/wit", .world = "keeper-unit", .name = "keeper"}},
      {{.wit = root + "bundles/streams/wit", .name = "streams"}},
      {{.wit = root + "bundles/names/wit", .name = "names"}},
      {{.wit = root + "bundles/names/wit", .offers = WorldSide::Exports, .name = "names-provided"},
       Callers::Passed},
  };
  for (const Committed& committed : all) {
    const Result<GeneratedCode> code = generate_cpp(committed.options, committed.callers);
    ASSERT_TRUE(code) << text_of(code);
    for (const GeneratedFile& file : code->files)
      EXPECT_TRUE(file.text == read_text(root + "bindings/gen/" + file.path))
          << file.path << " is out of date: run `tenon bindgen cpp` again";
  }
}

TEST_F(Bindgen, CodeForAComponentHasTheNameOfItsFile) {
  const Result<GeneratedCode> code =
      generate_cpp({.wit = TENON_SOURCE_DIR "/tests/guests/wasm/adder.wasm"}, Callers::NotPassed);
  ASSERT_TRUE(code) << text_of(code);
  EXPECT_EQ(code->files[0].path, "adder.h");
  EXPECT_EQ(code->files[1].path, "adder.cc");
}

TEST_F(Bindgen, TheFileIsNamedAfterTheBundle) {
  BindgenOptions options = wit("package a:my-kit; interface i { f: func(); }");
  EXPECT_EQ(generate_host_cpp(options)->files.front().path, "my_kit_host.h");
  options.name = "Other-2";
  EXPECT_EQ(generate_host_c(options)->files.front().path, "other_2_host.h");
}

TEST_F(Bindgen, WithoutAWorldTheBundleProvidesEveryInterface) {
  const BindgenOptions options =
      wit("package a:kit; interface one { type t = u8; } interface two { f: func() -> string; }");
  EXPECT_THAT(
      text_of(generate_host_cpp(options)),
      AllOf(HasSubstr("namespace kit_host::one"), HasSubstr("using t = std::uint8_t;"),
            HasSubstr("class instance : public two::exports"), Not(HasSubstr("one::exports"))));
}

TEST_F(Bindgen, AnEmptyWorldMakesAnEmptyBundle) {
  const BindgenOptions options = wit("package a:kit; world none {}");
  EXPECT_THAT(
      text_of(generate_host_cpp(options)),
      AllOf(
          HasSubstr("class instance {"),
          HasSubstr(
              "std::array<tenon_func_def, 0> module_functions(const instance*) {\n  return {};")));
  EXPECT_THAT(text_of(generate_host_c(options)), HasSubstr("create, destroy, NULL, 0, \\\n"));
}

// The generated header says which version of the glue it needs; the rest of its text is its WIT's.
TEST_F(Bindgen, AHeaderIncludesTheGlueAndAssertsItsVersion) {
  const std::string text = text_of(generate_host_cpp(wit("package a:kit; world empty {}")));
  EXPECT_THAT(text, AllOf(HasSubstr("#include <tenon/host_glue.h>\n"),
                          HasSubstr("static_assert(tenon::host_glue::version >= "),
                          HasSubstr("static_assert(tenon::host_glue::oldest_version <= ")));
  EXPECT_THAT(text, Not(HasSubstr("class expected")));
}

TEST_F(Bindgen, LongListsOfFixedLengthAreVectors) {
  const BindgenOptions options =
      wit("package a:kit; interface i { f: func(a: list<u8, 1024>, b: list<u8, 1025>) -> "
          "list<string, 2000>; "
          "}");
  EXPECT_THAT(text_of(generate_host_cpp(options)),
              AllOf(HasSubstr("const std::array<std::uint8_t, 1024>& a"),
                    HasSubstr("const std::vector<std::uint8_t>& b"),
                    HasSubstr("virtual std::vector<std::string> f(")));
}

// All problems are reported, each with its line.
TEST_F(Bindgen, WitThatNativeCodeCannotImplementIsRejected) {
  const std::string problems = text_of(generate_host_cpp(wit(R"(package a:kit;
interface calls { f: func(); }
interface types { record r { x: u8 } }
interface shop {
  use types.{r};
  slow: async func() -> u8;
  feed: func(data: list<stream<u8>>) -> r;
  wait: func() -> error-context;
  tell: func(why: option<error-context>);
}
world w { import calls; export shop; })")));
  EXPECT_THAT(problems, HasSubstr("host-wit-mismatch: the world of host 'kit' imports "
                                  "`a:kit/calls`, but native code cannot call guests"));
  EXPECT_THAT(problems,
              AllOf(HasSubstr("a.wit:8)"), Not(HasSubstr("slow")), Not(HasSubstr("feed"))));
  for (const char* const name : {"wait", "tell"})
    EXPECT_THAT(problems, HasSubstr(fmt::format("`a:kit/shop#{}` uses an error-context, which host "
                                                "bundles do not support",
                                                name)));
}

// The world of a guest describes the same library as that of a host, resources included.
TEST_F(Bindgen, AWorldWithoutExportsOffersItsImports) {
  constexpr std::string_view kInterfaces = R"(package a:kit;
interface types { record r { x: u8 } }
interface store { resource bucket { constructor(); get: func() -> u8; } }
interface shop { use types.{r}; use store.{bucket}; sell: func(of: borrow<bucket>) -> r; }
)";
  const auto header_of = [&](std::string_view world, WorldSide offers) {
    BindgenOptions options = wit(fmt::format("{}world w {{ {} }}", kInterfaces, world));
    options.offers = offers;
    return text_of(generate_host_cpp(options));
  };
  const std::string header =
      header_of("export store; export shop; export f: func(n: u8) -> string;", WorldSide::Auto);
  EXPECT_THAT(header, HasSubstr("class bucket"));
  EXPECT_EQ(header_of("import shop; import f: func(n: u8) -> string;", WorldSide::Auto), header);
  EXPECT_EQ(header_of("import shop; import f: func(n: u8) -> string; export run: func();",
                      WorldSide::Imports),
            header);
  const std::string both = header_of("import shop; export run: func();", WorldSide::Auto);
  EXPECT_THAT(both, AllOf(HasSubstr("imports `a:kit/shop`, but native code cannot call guests"),
                          HasSubstr("imports `a:kit/store`, but native")));
  EXPECT_THAT(header_of("export shop;", WorldSide::Imports), HasSubstr("class bucket"));
  EXPECT_THAT(header_of("export run: func();", WorldSide::Imports),
              HasSubstr("host 'kit' is to provide the imports of its world, but `a:kit/w` imports "
                        "no functions"));
  BindgenOptions without_world = wit(kInterfaces);
  without_world.offers = WorldSide::Imports;
  EXPECT_THAT(text_of(generate_host_cpp(without_world)),
              HasSubstr("is to provide the imports of its world, but its WIT has no world"));
}

TEST_F(Bindgen, ASkeletonKeepsTheSideOfItsWorld) {
  BindgenOptions options =
      wit("package a:kit; world w { import f: func(); export run: func(); } world x {}");
  options.world = "w";
  options.offers = WorldSide::Imports;
  std::string texts;
  const auto files = make_host_skeleton(options, HostLanguage::C);
  ASSERT_TRUE(files);
  for (const GeneratedFile& file : files->files) texts += file.text;
  EXPECT_THAT(texts, AllOf(HasSubstr("world = \"w\"\noffers = \"imports\"\n"),
                           HasSubstr(" --world w --offers imports")));
}

TEST_F(Bindgen, InvalidBundleNamesAreRejected) {
  BindgenOptions options = wit("package a:kit; interface i { f: func(); }");
  for (const char* const name : {"a b", "-a", "1a", "a-", "a--b", "a_b", "\"", "a\n"}) {
    options.name = name;
    EXPECT_THAT(text_of(generate_host_cpp(options)), HasSubstr("is not a valid bundle name"))
        << name;
  }
}

TEST_F(Bindgen, ProblemsOfTheWitAreReported) {
  EXPECT_THAT(text_of(generate_host_cpp({.wit = "none.wit", .name = "a"})), HasSubstr("read-file"));
  EXPECT_THAT(text_of(generate_host_cpp(wit("package a:kit; interface {"))),
              HasSubstr("wit-syntax"));
  BindgenOptions options = wit("package a:kit; world one {} world two {}");
  EXPECT_THAT(text_of(generate_host_cpp(options)), HasSubstr("wit-world-missing"));
  options.world = "twoo";
  EXPECT_THAT(text_of(generate_host_c(options)), HasSubstr("has no world `twoo`"));
}

TEST_F(Bindgen, ASkeletonHasTheWitWithItsDependencies) {
  const auto files = make_host_skeleton(
      {.wit = TENON_SOURCE_DIR "/tests/bundles/names/wit", .name = "my-names"}, HostLanguage::C);
  ASSERT_TRUE(files) << text_of(files);
  std::vector<std::string> paths;
  for (const GeneratedFile& file : files->files) paths.push_back(file.path);
  EXPECT_THAT(paths, testing::UnorderedElementsAre(
                         "wit/deps/first/first.wit", "wit/deps/second/second.wit", "wit/names.wit",
                         "host.toml", "README.md", ".gitignore", "gen/my_names_host.h",
                         "src/my_names.c", "CMakeLists.txt", "include/tenon/tenon_host.h"));
  for (const GeneratedFile& file : files->files)
    if (!file.path.starts_with("wit/")) {
      // Every placeholder of the templates is replaced.
      EXPECT_THAT(file.text, Not(testing::ContainsRegex("@[A-Z]+@"))) << file.path;
    }
}

TEST_F(Bindgen, ASkeletonInCppHasTheHeadersThatItNeeds) {
  const auto files = make_host_skeleton(wit("package a:kit; world empty {}"), HostLanguage::Cpp);
  ASSERT_TRUE(files) << text_of(files);
  std::vector<std::string> paths;
  for (const GeneratedFile& file : files->files) paths.push_back(file.path);
  EXPECT_THAT(paths,
              testing::IsSupersetOf({"include/tenon/tenon_host.h", "include/tenon/host_glue.h",
                                     "include/tenon/detail/host_streams.h",
                                     "include/tenon/detail/host_values.h"}));
}

}  // namespace
}  // namespace tenon::bindgen::bindgen_test
