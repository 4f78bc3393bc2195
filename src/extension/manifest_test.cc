#include "extension/manifest.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace tenon::extension::manifest_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// "LINE:CODE: message" for each problem, or "fine".
std::string problems(std::string_view text) {
  const Result<Manifest> read = parse_extension_manifest(text, "extension.toml", "0.1.0");
  if (read) return "fine";
  std::string all;
  for (const Diagnostic& problem : read.error())
    all += fmt::format("{}:{}: {}\n", problem.where.line, problem.code, problem.message);
  return all;
}

TEST(ExtensionManifest, AllKeysAreRead) {
  const Result<Manifest> read = parse_extension_manifest(R"(
schema = 1
[extension]
name = "square"
version = "1.2.0"
component = "target/square.wasm"
tenon = ">=0.1"
description = "Squares"
license = "MIT"
authors = ["A", "B"]
repository = "https://example.com"
[command]
export = "acme:square/cli.run"
aliases = ["sq"]
[libraries]
provides = ["acme:math/lib@1.2.0"]
[dependencies]
multiply = "^1.0"
"acme:math/lib" = "^1.2"
"acme:log/lib" = { version = "^2", from = "logger", optional = true, lazy = true, isolated = true }
[permissions]
fs = ["ro:$PROJECT", "rw:$CACHE"]
net = ["api.example.com:443"]
http = ["*.example.com"]
env = ["HOME", "ACME_*"]
host = ["tenon:sql/database"]
exec = false
[limits]
memory = "256MiB"
timeout = "30s"
fuel = 0
instances = 16
)",
                                                         "extension.toml", "0.1.0");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->name, "square");
  EXPECT_EQ(read->version, "1.2.0");
  EXPECT_EQ(read->component, "target/square.wasm");
  EXPECT_THAT(read->authors, ElementsAre("A", "B"));
  EXPECT_EQ(read->command->exported, "acme:square/cli.run");
  EXPECT_EQ(read->provides->front().text, "acme:math/lib@1.2.0");
  ASSERT_EQ(read->dependencies.size(), 3U);
  EXPECT_EQ(read->dependencies[0].name, "acme:log/lib");
  EXPECT_EQ(read->dependencies[0].from, "logger");
  EXPECT_TRUE(read->dependencies[0].is_optional && read->dependencies[0].is_lazy);
  EXPECT_EQ(read->dependencies[1].range, "^1.2");
  EXPECT_EQ(read->dependencies[2].name, "multiply");
  EXPECT_THAT(read->wants.http, ElementsAre("*.example.com"));
  EXPECT_THAT(read->wants.env, ElementsAre("HOME", "ACME_*"));
  EXPECT_EQ(read->limits.memory, 256U << 20);
  EXPECT_EQ(read->limits.call_timeout, std::chrono::seconds(30));
  EXPECT_FALSE(read->limits.fuel);
  EXPECT_EQ(read->limits.instances, 16U);
}

TEST(ExtensionManifest, MostKeysAreOptional) {
  EXPECT_EQ(problems("[extension]\nname = \"a\"\nversion = \"0.1.0\"\n"), "fine");
  EXPECT_THAT(problems("[extension]\nname = \"\"\nversion = \"0.1.0\"\n"),
              HasSubstr("`name` in `[extension]` is ``: the name"));
}

TEST(ExtensionManifest, AllProblemsAreReportedAtOnce) {
  const std::string text = problems(R"(schema = 2
[extension]
name = "Square"
version = "1"
component = "../x.wasm"
tenon = ">=9"
colour = "red"
[command]
aliases = ["S Q"]
[dependencies]
"acme:math" = "1"
multiply = "one"
"acme:log/lib" = { from = "A", isolated = false }
logger = { from = "b" }
[permissions]
net = ["http://x"]
exec = true
[limits]
memory = "much"
timeout = "0"
fuel = -1
)");
  for (const char* const part :
       {"must be 1", "is `Square`", "is not a version", "not a path inside the folder",
        "excludes this tenon", "colour", "has `S Q`", "is neither an extension nor an interface",
        "is not a version range", "must be the name of an extension", "must be true",
        "applies to interfaces", "which is not HOST or HOST:PORT", "cannot start programs",
        "a unit: B, KiB", "a unit: ms", "must not be negative"})
    EXPECT_THAT(text, HasSubstr(part));
  EXPECT_THAT(problems(""), HasSubstr("`extension` is missing"));
  EXPECT_THAT(problems("[extension\n"), HasSubstr("config-syntax"));
}

TEST(ExtensionManifest, NamesFollowTheRule) {
  EXPECT_TRUE(is_extension_name(std::string(64, 'a')));
  EXPECT_FALSE(is_extension_name(std::string(65, 'a')));
  for (const char* const name : {"", "1a", "A", "a_b", "a/b", "..", "wasi", "program", "a:b"})
    EXPECT_FALSE(is_extension_name(name)) << name;
}

}  // namespace
}  // namespace tenon::extension::manifest_test
