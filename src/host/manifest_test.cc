#include "host/manifest.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "support/memory_files.h"

namespace tenon::host::manifest_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Key;
using testing::SizeIs;

Result<Manifest> parse(std::string_view text) {
  return parse_bundle_manifest(text, "hosts/duckdb/host.toml", "0.3.0");
}

// "code: message; hint" of each problem.
std::string problems(std::string_view text) {
  const Result<Manifest> parsed = parse(text);
  std::string report;
  if (parsed) return report;
  for (const Diagnostic& problem : parsed.error()) {
    report += fmt::format("{}: {}", problem.code, problem.message);
    for (const Hint& hint : problem.hints) report += "; " + std::string(hint);
    report += '\n';
  }
  return report;
}

constexpr std::string_view kWhole = R"(
[host]
name = "duckdb"
lib = "lib/libduckdb_host.so"
wit = "wit/duckdb-sql"
version = "0.1.0"
world = "host"
offers = "imports"
abi = "auto"
tenon = ">=0.1, <1"
description = "SQL for components"
license = "MIT"

[host.env]
DUCKDB_HOME = "${config.home}"

[config]
database = { type = "string", default = ":memory:", help = "file or :memory:" }
libduckdb = { type = "path", required = true }
threads = { type = "integer", default = 4 }
"pool.size" = { type = "integer" }

[[function]]
wit = "example:zlib/checksum.crc32"
symbol = "crc32"
args = ["seed:ulong", "data.ptr", "data.len:uint"]
returns = "ulong"

[[function]]
wit = "example:libm/trig.cos"
symbol = "cos"
)";

TEST(BundleManifest, ReadsEveryKey) {
  const Result<Manifest> read = parse(kWhole);
  ASSERT_TRUE(read) << problems(kWhole);
  EXPECT_EQ(read->folder, "hosts/duckdb");
  EXPECT_EQ(read->name, "duckdb");
  EXPECT_EQ(read->library->path, "lib/libduckdb_host.so");
  EXPECT_EQ(read->wit, "wit/duckdb-sql");
  EXPECT_EQ(read->world, "host");
  EXPECT_EQ(read->offers, WorldSide::Imports);
  // `[[function]]` implies it.
  EXPECT_EQ(read->abi, BundleAbi::PlainC);
  EXPECT_THAT(read->env, ElementsAre(testing::Pair("DUCKDB_HOME", "${config.home}")));
  ASSERT_THAT(read->config, SizeIs(4));
  EXPECT_EQ(read->config[0].name, "database");
  EXPECT_EQ(read->config[0].default_value, ":memory:");
  EXPECT_EQ(read->config[1].kind, ConfigKind::Path);
  EXPECT_TRUE(read->config[1].is_required);
  EXPECT_EQ(read->config[2].name, "pool.size");
  EXPECT_EQ(read->config[3].default_value, "4");
  ASSERT_THAT(read->functions, SizeIs(2));
  EXPECT_EQ(read->functions[0].interface, "example:zlib/checksum");
  EXPECT_EQ(read->functions[0].name, "crc32");
  const auto text = [](std::string_view range) {
    return testing::Field(&ManifestText::text, range);
  };
  EXPECT_THAT(*read->functions[0].args,
              ElementsAre(text("seed:ulong"), text("data.ptr"), text("data.len:uint")));
  EXPECT_EQ(read->functions[0].args->at(1).where.line, 26U);
  EXPECT_EQ(read->functions[0].returns->text, "ulong");
  EXPECT_EQ(read->functions[1].args, std::nullopt);
}

TEST(BundleManifest, HasALibraryForEachMachine) {
  const std::string text = fmt::format(R"(
[host]
name = "x"
wit = "wit"
[host.lib]
linux-other = {{ path = "lib/other.so" }}
{} = {{ path = "lib/own.so", sha256 = "{}" }}
)",
                                       platform_name(), std::string(64, 'a'));
  const Result<Manifest> read = parse(text);
  ASSERT_TRUE(read) << problems(text);
  EXPECT_EQ(read->library->path, "lib/own.so");
  EXPECT_EQ(read->library->sha256, std::string(64, 'a'));
  EXPECT_THAT(read->platforms, ElementsAre(Key("linux-other"), Key(platform_name())));

  const Result<Manifest> other =
      parse("[host]\nname = \"x\"\nwit = \"w\"\n[host.lib]\nlinux-other = { path = \"o.so\" }\n");
  ASSERT_TRUE(other);
  EXPECT_EQ(other->library, std::nullopt);
}

// They would load code before the library is checked.
TEST(BundleManifest, VariablesOfTheLoaderAreRejected) {
  for (const char* const name :
       {"LD_PRELOAD", "LD_LIBRARY_PATH", "LD_AUDIT", "GLIBC_TUNABLES", "GCONV_PATH", "LOCPATH"})
    EXPECT_THAT(
        problems(fmt::format(
            "[host]\nname = \"x\"\nwit = \"w\"\nlib = \"x.so\"\n[host.env]\n{} = \"y\"\n", name)),
        HasSubstr(fmt::format("`{}`, by which the C library would load", name)));
}

TEST(BundleManifest, ReportsAllProblemsAtOnce) {
  EXPECT_EQ(
      problems(R"(
[host]
name = "My Host"
lib = "../x.so"
wit = "/etc"
version = "1.2"
abi = "rust"
tenon = ">=2"
licence = "MIT"
[config]
a = { type = "text" }
b = { type = "integer", default = "4" }
[[function]]
wit = "example:zlib/crc32"
)"),
      "config-value: `name` in `[host]` is `My Host`: a unit name is a lowercase letter followed "
      "by "
      "lowercase letters, digits and `-`; `wasi` is reserved; write `name = \"my-host\"`\n"
      "config-value: `version` in `[host]` is not a version: a version needs three numbers: "
      "major.minor.patch; write `version = \"0.1.0\"`\n"
      "config-value: `wit` in `[host]` must be a path within the bundle, found `/etc`; write `wit "
      "= \"wit\"`\n"
      "config-value: `abi` in `[host]` must be \"auto\", \"tenon-1\" or \"c\"; write `abi = "
      "\"auto\"`\n"
      "config-value: `tenon` in `[host]` requires `>=2`, but this is tenon 0.3.0; use a version "
      "of the bundle for tenon 0.3.0, or widen the range if the bundle works with it\n"
      "config-value: `lib` in `[host]` must be a path within the bundle, found `../x.so`; write "
      "`lib = \"lib/libexample_host.so\"`\n"
      "config-unknown-key: unknown key `licence` in `[host]`; did you mean `license`?\n"
      "config-value: `type` in `[config.a]` must be \"string\", \"path\", \"integer\", "
      "\"float\" or \"boolean\"; write `type = \"string\"`\n"
      "config-value: `default` in `[config.b]` must have the type of the key, integer; write "
      "`default "
      "= 1`\n"
      "config-value: `wit` in `[[function]]` must be an interface without version, a dot "
      "and a function; write `wit = \"example:zlib/checksum.crc32\"`\n"
      "config-value: `symbol` in `[[function]]` is missing; write `symbol = \"...\"`\n");
  EXPECT_THAT(problems(""), HasSubstr("`host` is missing"));
  EXPECT_THAT(problems("[host"), HasSubstr("config-syntax"));
}

TEST(BundleManifest, PlainCDescribesWhatATableWould) {
  const Result<Manifest> read = parse(R"(
[host]
name = "zlib"
wit = "wit"
lib = "libz.so.1"
abi = "c"
threading = "any"
[[function]]
wit = "crc32"
symbol = "crc32"
room = 4096
[[function]]
wit = "example:zlib/stream.[method]stream.read"
symbol = "read"
room = "most"
free = "free"
error = "zError"
)");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->threading, Threading::Any);
  EXPECT_EQ(read->library->place, LibraryPlace::System);
  ASSERT_THAT(read->functions, SizeIs(2));
  EXPECT_EQ(read->functions[0].interface, "");
  EXPECT_EQ(read->functions[0].name, "crc32");
  EXPECT_EQ(read->functions[0].room->text, "4096");
  EXPECT_EQ(read->functions[1].interface, "example:zlib/stream");
  EXPECT_EQ(read->functions[1].name, "[method]stream.read");
  EXPECT_EQ(read->functions[1].error->text, "zError");
  // With a `/` it is in the bundle.
  const Result<Manifest> own =
      parse("[host]\nname = \"x\"\nwit = \"w\"\nabi = \"c\"\nlib = \"./x.so\"\n");
  EXPECT_EQ(own->library->place, LibraryPlace::Bundle);
}

TEST(BundleManifest, FunctionsAreNamedAsInWit) {
  for (const std::string_view wit :
       {"a-2", "[constructor]a", "a:b/c.d", "a:b/c.[static]d.e", "a:b/c.[resource-drop]d"})
    EXPECT_TRUE(
        parse(fmt::format("[host]\nname = \"x\"\nwit = \"w\"\nlib = \"x.so\"\n"
                          "[[function]]\nwit = \"{}\"\nsymbol = \"f\"\n",
                          wit)))
        << wit;
  for (const std::string_view wit :
       {"", "[", "a_b", "a:b/c", "a:b/c.", "a:b/c.[method]d", "a:b/c.d.e", "/c.d", "a:b/[.d",
        "A:b/c.d", "a:b/c.[resource-drop]d.e", "a:b/c@1.0.0.d", "a:b/c@1.0.0", "a:b/c/d.e",
        "url=<x>", "a.b"})
    EXPECT_THAT(problems(fmt::format("[host]\nname = \"x\"\nwit = \"w\"\nlib = \"x.so\"\n"
                                     "[[function]]\nwit = \"{}\"\nsymbol = \"f\"\n",
                                     wit)),
                HasSubstr("`wit` in `[[function]]` must be an interface without version"))
        << wit;
}

TEST(BundleManifest, KeysOfPlainCAreRejectedForATable) {
  EXPECT_EQ(
      problems(R"(
[host]
name = "x"
wit = "w"
lib = "x.so"
abi = "tenon-1"
threading = "any"
[[function]]
wit = "example:zlib/checksum@1.0.0.crc32"
symbol = "crc32"
)"),
      "config-value: `threading` in `[host]` applies only to `abi = \"c\"`: a table states its own "
      "threading; "
      "write `abi = \"c\"`\n"
      "config-value: `wit` in `[[function]]` must be an interface without version, a dot "
      "and a function; write `wit = \"example:zlib/checksum.crc32\"`\n"
      "config-value: `[[function]]` applies only to `abi = \"c\"`, but `abi` is \"tenon-1\"; write "
      "`abi = \"c\"`, or remove the `[[function]]` entries: a table lists its functions itself\n");
  EXPECT_THAT(problems("[host]\nname=\"x\"\nwit=\"w\"\nlib=\"x\"\nabi=\"c\"\nthreading=\"two\"\n"),
              HasSubstr("`threading` in `[host]` must be \"library\", \"instance\" or \"any\""));
}

TEST(BundleManifest, PathsStayInTheBundle) {
  for (const std::string_view path : {"../a.so", "a/../../b.so", "/a.so", "..", ""})
    EXPECT_NE(problems(fmt::format("[host]\nname = \"x\"\nwit = \"w\"\nlib = \"{}\"\n", path)), "")
        << path;
  for (const std::string_view path : {"a.so", "./a.so", "a/../b.so", "a//b.so"})
    EXPECT_EQ(problems(fmt::format("[host]\nname = \"x\"\nwit = \"w\"\nlib = \"{}\"\n", path)), "")
        << path;
}

TEST(BundleManifest, IsReadFromItsFolder) {
  MemoryFiles files;
  EXPECT_THAT(read_bundle_manifest(files, "none", "0.3.0").error().front().message,
              HasSubstr("none/host.toml"));
  ASSERT_TRUE(files.write("b/host.toml", std::vector<std::uint8_t>(kWhole.begin(), kWhole.end()),
                          Access::Shared));
  const Result<Manifest> read = read_bundle_manifest(files, "b", "0.3.0");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->folder, "b");
}

// --- Search

MemoryFiles make_files(const std::vector<std::string>& bundles) {
  MemoryFiles files;
  for (const std::string& bundle : bundles)
    EXPECT_TRUE(files.write(bundle + "/host.toml", Bytes(), Access::Shared));
  return files;
}

std::string find(const Files& files, const std::string& bundle,
                 const std::vector<std::string>& folders) {
  const Result<std::string> folder = find_bundle(files, bundle, folders);
  if (folder) return *folder;
  const Diagnostic& problem = folder.error().front();
  std::string text = fmt::format("{}: {}", problem.code, problem.message);
  for (const Note& note : problem.notes) text += "; " + note.text;
  for (const Hint& hint : problem.hints) text += "; " + std::string(hint);
  return text;
}

TEST(FindBundle, TheFirstFolderThatHasItWins) {
  const MemoryFiles files = make_files({"a/sqlite", "b/sqlite", "b/duckdb"});
  EXPECT_EQ(find(files, "sqlite", {"a", "b"}), "a/sqlite");
  EXPECT_EQ(find(files, "sqlite", {"b", "a"}), "b/sqlite");
  EXPECT_EQ(find(files, "duckdb", {"a", "b"}), "b/duckdb");
}

TEST(FindBundle, APathIsNotSearched) {
  const MemoryFiles files;
  EXPECT_EQ(find(files, "./x", {"a"}), "./x");
  EXPECT_EQ(find(files, "x/y", {}), "x/y");
  EXPECT_EQ(find(files, ".", {}), ".");
}

TEST(FindBundle, AMissingBundleIsReportedWithSimilarNames) {
  const MemoryFiles files = make_files({"hosts/duckdb-host", "here"});
  EXPECT_EQ(
      find(files, "duckdb_host", {"none", "hosts"}),
      "host-bundle-not-found: there is no bundle `duckdb_host`; looked in none; looked in hosts; "
      "found `duckdb-host` in hosts; did you mean that?");
  EXPECT_EQ(find(files, "here", {"hosts"}),
            "host-bundle-not-found: there is no bundle `here`; looked in hosts; to use the "
            "bundle in the working folder, write `./here`");
  EXPECT_EQ(
      find(files, "other", {}),
      "host-bundle-not-found: there is no bundle `other`; no search folders are configured; give "
      "the path of its folder, such as `./bundles/sqlite`, or copy it to one of these folders");
}

}  // namespace
}  // namespace tenon::host::manifest_test
