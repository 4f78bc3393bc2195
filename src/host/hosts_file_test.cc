#include "host/hosts_file.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace tenon::host::hosts_file_test {
namespace {

using testing::ElementsAre;

Result<HostsFile> parse(std::string_view text) {
  return parse_hosts_file(text, "conf/hosts.toml", {{"HOME", "/u/ann"}, {"DATA", "/data"}});
}

std::string problems(std::string_view text) {
  const Result<HostsFile> parsed = parse(text);
  std::string report;
  if (parsed) return report;
  for (const Diagnostic& problem : parsed.error()) {
    report += fmt::format("{} {}: {}", problem.where.line, problem.code, problem.message);
    for (const Hint& hint : problem.hints) report += "; " + std::string(hint);
    report += '\n';
  }
  return report;
}

TEST(HostsFile, ReadsInstancesOfBundles) {
  const Result<HostsFile> parsed = parse(R"(
[global]
search_paths = ["./hosts", "~/hosts", "${DATA}/hosts/${HOME}"]
require_pins = true
[[host]]
name = "primary"
bundle = "duckdb_host"
config = { database = "a.db", pool = { size = 4, fast = true } }
interfaces = ["tenon:duckdb/sql"]
sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
[[host]]
name = "pkcs11"
wit = "/opt/pkcs11/pkcs11.wit"
lib = "pkcs11.so"
offers = "imports"
[[host]]
name = "here"
bundle = "./own"
)");
  ASSERT_TRUE(parsed);
  EXPECT_TRUE(parsed->require_pins);
  ASSERT_EQ(parsed->hosts.size(), 3U);
  const HostEntry& primary = *parsed->hosts[0];
  EXPECT_EQ(primary.name, "primary");
  EXPECT_EQ(primary.bundle, "duckdb_host");
  EXPECT_EQ(primary.folder, "conf");
  EXPECT_THAT(primary.folders,
              ElementsAre("conf", "conf/./hosts", "/u/ann/hosts", "/data/hosts//u/ann"));
  std::vector<std::string> config;
  for (const TomlScalar& scalar : primary.config)
    config.push_back(fmt::format("{}={}", scalar.name, scalar.text));
  EXPECT_THAT(config, ElementsAre("database=a.db", "pool.fast=true", "pool.size=4"));
  ASSERT_EQ(primary.interfaces.size(), 1U);
  EXPECT_EQ(primary.sha256->size(), 64U);
  EXPECT_EQ(parsed->hosts[1]->wit, "/opt/pkcs11/pkcs11.wit");
  EXPECT_EQ(parsed->hosts[1]->library, "conf/pkcs11.so");
  EXPECT_EQ(make_bundle_manifest(*parsed->hosts[1]).offers, WorldSide::Imports);
  EXPECT_EQ(parsed->hosts[2]->bundle, "conf/./own");
}

TEST(HostsFile, ReportsAllProblemsAtOnce) {
  EXPECT_EQ(
      problems(R"([global]
search_path = []
search_paths = ["${NOWHERE}"]
[[host]]
name = "Primary"
bundle = "a"
[[host]]
name = "b"
[[host]]
name = "b"
bundle = "a"
lib = "x.so"
config = { at = 2020-01-01 }
sha256 = "12"
)"),
      "3 config-value: `search_paths` in `[global]` uses `${NOWHERE}`, which is not set; write "
      "`search_paths = \"/a/path\"`\n"
      "2 config-unknown-key: unknown key `search_path` in `[global]`; did you mean "
      "`search_paths`?\n"
      "5 config-value: `name` in `[[host]]` is `Primary`: a unit name is a lowercase letter "
      "followed by lowercase letters, digits and `-`; `wasi` is reserved; write `name = "
      "\"db\"`\n"
      "7 config-value: `bundle` in `[[host]]` is missing: write it, or `wit` and `lib`; write "
      "`bundle = \"sqlite\"`\n"
      "10 config-value: `name` in `[[host]]` is `b`, which line 7 already uses; write `name = "
      "\"b-second\"`\n"
      "11 config-value: `bundle` in `[[host]]` cannot be combined with `wit`, `lib`, `world`, "
      "`features` or `offers`: "
      "its host.toml has them; write `bundle = \"a\"`\n"
      "14 config-value: `sha256` in `[[host]]` must be 64 hexadecimal digits (0-9, a-f); write "
      "`sha256 = "
      "\"3f49...\"`\n"
      "13 config-value: `config` in `[[host]]` must contain only strings, numbers and booleans; "
      "`at` is something else; write `config = { name = \"text\", count = 1 }`\n");
}

TEST(HostsFile, ReadsProcesses) {
  const Result<HostsFile> parsed = parse(R"(
[[host]]
name = "a"
bundle = "x"
isolation = "process"
files = false
network = false
memory = "64MiB"
cpu = "90s"
descriptors = 32
restart = { max = 3, within = "1m" }
[[host]]
name = "b"
bundle = "x"
isolation = "process"
[[host]]
name = "c"
bundle = "x"
isolation = "none"
)");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->hosts[0]->process, (HostProcess{.files = false,
                                                    .network = false,
                                                    .memory = 64U << 20U,
                                                    .cpu = std::chrono::seconds(90),
                                                    .descriptors = 32,
                                                    .restarts = 3,
                                                    .within = std::chrono::minutes(1)}));
  EXPECT_EQ(parsed->hosts[1]->process, HostProcess());
  EXPECT_EQ(parsed->hosts[2]->process, std::nullopt);
}

TEST(HostsFile, ProblemsOfProcessesAreReported) {
  EXPECT_EQ(
      problems(R"([[host]]
name = "a"
bundle = "x"
files = false
restart = { max = 1 }
[[host]]
name = "b"
bundle = "x"
isolation = "container"
[[host]]
name = "c"
bundle = "x"
isolation = "process"
descriptors = 4
memory = "much"
cpu = "0s"
)"),
      R"(4 config-value: `files` in `[[host]]` has an effect only with `isolation = "process"`; write `isolation = "process"`
5 config-value: `restart` in `[[host]]` has an effect only with `isolation = "process"`; write `isolation = "process"`
9 config-value: `isolation` in `[[host]]` must be "process" or "none"; write `isolation = "process"`
15 config-value: `memory` in `[[host]]` must be a number of B, KiB, MiB or GiB; write `memory = "512MiB"`
16 config-value: `cpu` in `[[host]]` must be a time in ms, s, m or h; write `cpu = "30s"`
14 config-value: `descriptors` in `[[host]]` must be 16 or more; write `descriptors = 100`
)");
}

}  // namespace
}  // namespace tenon::host::hosts_file_test
