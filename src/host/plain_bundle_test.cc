// Plain C libraries as host bundles: the guests of tests/guests/plain with their `lib` in C
// (tests/bundles/plain), and libraries of the system (bundles).
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tests/support/call_test.h"
#include "tests/support/temporary_folder.h"

namespace tenon::plain_bundle_test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::MatchesRegex;

std::string guest(std::string_view name) {
  return fmt::format("{}/tests/guests/plain/wasm/{}.wasm", TENON_SOURCE_DIR, name);
}
std::string plain_bundle() { return fmt::format("{}/bundles/plain", TENON_BINARY_DIR); }

std::string all_text(const Diagnostics& problems) {
  std::string text;
  for (const Diagnostic& problem : problems) {
    text += fmt::format("{}: {}\n", problem.code, problem.message);
    for (const Note& note : problem.notes) text += fmt::format("  {}\n", note.text);
    for (const Hint& hint : problem.hints) text += fmt::format("  {}\n", std::string(hint));
  }
  return text;
}

Composition build(CompositionBuilder builder) {
  Result<Composition> built = builder.build();
  if (!built) ADD_FAILURE() << all_text(built.error());
  return *std::move(built);
}
std::string problems(CompositionBuilder builder) {
  const Result<Composition> built = builder.build();
  return built ? std::string() : all_text(built.error());
}

CompositionBuilder front(const std::string& bundle = plain_bundle()) {
  CompositionBuilder builder;
  builder.add_component("front", guest("front"));
  builder.add_host_bundle("lib", bundle);
  builder.set_root("front");
  return builder;
}

// A program with libm, zlib and SQLite; one of them is from another folder.
CompositionBuilder app(std::string_view other = {}, const std::string& folder = {}) {
  CompositionBuilder builder;
  builder.add_component("app", guest("app"));
  for (const std::string_view name : {"libm", "zlib", "sqlite-c"})
    builder.add_host_bundle(
        name, name == other ? folder : fmt::format("{}/bundles/{}", TENON_SOURCE_DIR, name));
  builder.set_root("app");
  return builder;
}

constexpr std::string_view kCalls[] = {
    "mix(true, -1, 65535, -70000, 18446744073709551615, 0.5, -0.25, 'z')",
    "next-char('\\u{1f600}')",
    "turn(red)",
    "toggle({bold})",
    "toggle({})",
    R"(echo("h\u{e9}llo \u{1f600}"))",
    R"(echo(""))",
    "scale([1, -2, inf], 0.5)",
    "scale([], 2)",
    "change({flag: true, inner: {a: 255, b: 2.5}, color: blue, marks: {wide}})",
    "swap((7, -9223372036854775808))",
    "either(some(-3), 4)",
    "either(none, 4)",
    R"(longer(some("longer"), "short"))",
    R"(longer(some(""), ""))",
    R"(longer(none, "b"))",
    "find(0)",
    "find(3)",
    "divide(7, -2)",
    "divide(7, 0)",
    "check(0)",
    "check(1)",
    "count(3, 4)",
    "consume(9)",
    "make(0)",
    "make(5)",
    "alive()",
    "lent()",
};

TEST(PlainBundles, BehaveLikeTheSameComponent) {
  CompositionBuilder components;
  components.add_component("front", guest("front"));
  components.add_component("lib", guest("lib"));
  components.set_root("front");
  const Composition expected = build(std::move(components));
  const Composition single = build(front());
  CompositionBuilder isolated = front();
  isolated.isolate_all();
  const Composition many = build(std::move(isolated));
  for (const std::string_view call : kCalls) {
    const std::string expected_result = call_front(expected, call);
    EXPECT_EQ(call_front(single, call), expected_result) << call;
    EXPECT_EQ(call_front(many, call), expected_result) << call;
  }
}

TEST(PlainBundles, InvalidResultsEndTheCallerAndAreFreed) {
  EXPECT_THAT(call_front(build(front()), "turn(blue)"),
              HasSubstr("of host `lib`: it returned an invalid value at result: case 3 does not "
                        "exist, the type has 3 cases"));
  EXPECT_THAT(call_front(build(front()), "echo(\"bad\")"),
              HasSubstr("of host `lib`: it returned an invalid value at result: the string is not "
                        "valid UTF-8 at byte 0"));
  // The library belongs to the process, and so do its counters.
  EXPECT_EQ(call_front(build(front()), "lent()"), "0");
}

TEST(PlainBundles, ALargeListIsCopiedOnce) {
  const Composition composition = build(front());
  EXPECT_EQ(call_front(composition, "find(1000000)").size(),
            std::string_view("some(\"\")").size() + 1000000);
  EXPECT_EQ(call_front(composition, "lent()"), "0");
}

TEST(PlainBundles, LibrariesOfTheSystemNeedNoCode) {
  const Composition composition = build(app());
  // Formats of RFC 1950 and 1952.
  EXPECT_EQ(call_text(composition, "checksums(\"123456789\")"), "(3421780262, 152961502)");
  EXPECT_EQ(call_text(composition, "cos(0)"), "1");
  EXPECT_EQ(call_text(composition, "power(2, -1)"), "0.5");
  EXPECT_EQ(call_text(composition, "split(-48.5)"), "(-0.7578125, 6, -48.5)");
  EXPECT_THAT(call_text(composition, "versions()"),
              MatchesRegex(R"re(\("1\.[0-9.]+", "3\.[0-9.]+"\))re"));
}

TEST(PlainBundles, ZlibWritesToItsResultBuffer) {
  const Composition composition = build(app());
  const std::string text(1000, 'a');
  EXPECT_THAT(call_text(composition, fmt::format("squeeze(\"{}\", 100)", text)),
              MatchesRegex("ok\\([0-9]+\\)"));
  EXPECT_EQ(call_text(composition, fmt::format("squeeze(\"{}\", 4)", text)),
            "err(\"buffer error\")");
  EXPECT_EQ(call_text(composition, "unpack([1, 2, 3], 10)"), "err(\"data error\")");
  EXPECT_THAT(
      call_text(composition, "unpack([1], 4294967295)"),
      HasSubstr("a result buffer of 4294967295 elements exceeds the memory limit of a call"));
}

TEST(PlainBundles, SqliteHasDatabasesAndStatementsAsHandles) {
  const TemporaryFolder folder;
  const std::string file = folder.path() / "a.db";
  const Composition composition = build(app());
  constexpr std::string_view kFill =
      R"w(query("{}", ["create table t(a, b)", "insert into t values ('x', 1), (null, 2)", )w"
      R"w("select a from t"], none))w";
  EXPECT_EQ(call_text(composition, fmt::format(kFill, file)), R"(ok([some("x"), none]))");
  // Text of a guest is treated as data.
  EXPECT_EQ(call_text(composition, fmt::format(R"(query("{}", ["select a from t where a = ?"], )"
                                               R"(some("z' or 1 = 1 --")))",
                                               file)),
            "ok([])");
  EXPECT_EQ(call_text(composition, R"(query(":memory:", ["selec 1"], none))"),
            R"(err("near \"selec\": syntax error"))");
  EXPECT_EQ(call_text(composition, R"(query(":memory:", ["selec 1", "select 1"], none))"),
            R"(err("near \"selec\": syntax error"))");
  EXPECT_EQ(call_text(composition, R"(query("/none/none.db", [], none))"),
            R"(err("unable to open database file"))");
  EXPECT_EQ(call_text(composition, R"(query(":memory:", [""], none))"), "ok([])");
  EXPECT_THAT(call_text(composition, R"(query("a\u{0}b", [], none))"),
              HasSubstr("`path` contains a NUL byte, which would end the C string"));
}

class ChangedBundles : public testing::Test {
 protected:
  // A bundle of the source tree with another host.toml.
  std::string write(std::string_view name, std::string_view host) {
    const fs::path folder = folder_.path() / name;
    fs::copy(fmt::format("{}/bundles/{}", TENON_SOURCE_DIR, name), folder,
             fs::copy_options::recursive);
    std::ofstream(folder / "host.toml") << host;
    return folder;
  }

  TemporaryFolder folder_;
};

TEST_F(ChangedBundles, APinAppliesToALibraryOfTheSystem) {
  const std::string folder = write("libm", fmt::format(R"(
[host]
name = "libm"
wit = "libm.wit"
abi = "c"
[host.lib]
linux-x86_64 = {{ path = "libm.so.6", sha256 = "{0}" }}
linux-aarch64 = {{ path = "libm.so.6", sha256 = "{0}" }}
linux-riscv64 = {{ path = "libm.so.6", sha256 = "{0}" }}
)",
                                                       std::string(64, '0')));
  EXPECT_THAT(problems(app("libm", folder)),
              AllOf(HasSubstr("host-pin"), HasSubstr("found    sha256")));
}

TEST_F(ChangedBundles, EveryMissingSymbolIsReported) {
  const std::string folder = write(
      "libm", "[host]\nname = \"libm\"\nlib = \"libm.so.6\"\nwit = \"libm.wit\"\nabi = \"c\"\n");
  EXPECT_THAT(problems(app("libm", folder)),
              AllOf(HasSubstr("host-wit-mismatch: host 'libm' does not implement its WIT"),
                    HasSubstr("no symbol `example_libm_trig_cos`, for `example:libm/trig#cos`"),
                    HasSubstr("`example_libm_numbers_frexp`"),
                    testing::Not(HasSubstr("TENON_HOST_ENTRY"))));
  // A symbol that is not a function.
  const std::string data = write("zlib", R"(
[host]
name = "libm"
lib = "libm.so.6"
wit = "zlib.wit"
abi = "c"
[[function]]
wit = "example:zlib/compression.bound"
symbol = "signgam"
)");
  EXPECT_THAT(problems(app("zlib", data)),
              AllOf(HasSubstr("its `signgam`, for `example:zlib/compression#bound`, is data"),
                    HasSubstr("`example_zlib_checksum_crc32`")));
}

TEST_F(ChangedBundles, ALibraryWithoutTableIsPlainC) {
  // tests/bundles/plain does not declare its ABI. This library implements nothing of its WIT.
  const fs::path folder = folder_.path() / "auto";
  fs::copy(plain_bundle(), folder, fs::copy_options::recursive);
  fs::remove(folder / "lib" / "libplain_host.so");
  fs::copy(fmt::format("{}/bundles/domains/lib/libdomains_host.so", TENON_BINARY_DIR),
           folder / "lib" / "libplain_host.so");
  EXPECT_THAT(problems(front(folder)),
              HasSubstr("its table has no function `demo:plain/lib#echo`"));
  std::ofstream(folder / "host.toml")
      << "[host]\nname = \"lib\"\nwit = \"wit\"\nworld = \"lib-unit\"\n"
         "abi = \"c\"\nlib = \"lib/libplain_host.so\"\n";
  EXPECT_THAT(problems(front(folder)),
              HasSubstr("its library has no symbol `demo_plain_lib_echo`"));
}

TEST_F(ChangedBundles, ALibraryWithoutTableWhoseWitNeedsAnAdapterIsReportedWithBothHints) {
  const fs::path folder = folder_.path() / "adapter";
  fs::copy(plain_bundle(), folder, fs::copy_options::recursive);
  std::stringstream wit;
  wit << std::ifstream(folder / "wit/plain.wit").rdbuf();
  std::string text = wit.str();
  text.insert(text.find("  mix:"), "  names: func(of: list<string>);\n");
  std::ofstream(folder / "wit/plain.wit") << text;
  EXPECT_THAT(problems(front(folder)),
              AllOf(HasSubstr("does not export `tenon_host_module_v1`"),
                    HasSubstr("`demo:plain/lib#names` cannot be called as a plain C function"),
                    HasSubstr("tenon bindgen host-cpp --wit")));
}

TEST_F(ChangedBundles, AMissingLibraryOfTheSystemIsReported) {
  const std::string folder = write(
      "libm", "[host]\nname = \"libm\"\nlib = \"libnone.so.9\"\nwit = \"libm.wit\"\nabi = \"c\"\n");
  EXPECT_THAT(problems(app("libm", folder)),
              AllOf(HasSubstr("host-library: the library of `libm` cannot be loaded"),
                    HasSubstr("libnone.so.9"), HasSubstr("ldconfig -p")));
}

}  // namespace
}  // namespace tenon::plain_bundle_test
