#include "extension/index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace tenon::extension::index_test {
namespace {

using testing::HasSubstr;

// An extension with a value for every key.
Extension full_extension() {
  Extension extension;
  extension.name = "square";
  extension.version = "1.2.0-rc.1";
  extension.digest = std::string(64, 'a');
  extension.bytes = 1234;
  extension.source = "/srv/square.wasm";
  extension.asked = "acme:square@^1";
  extension.registry = "registry.example";
  extension.unpinned = true;
  extension.link = "/srv/square.wasm";
  extension.added = "2026-11-20T10:11:12Z";
  extension.description = "Squares \"numbers\"\n\xF0\x9F\x98\x80";
  extension.license = "MIT";
  extension.repository = "https://example.com";
  extension.authors = {"A", "B"};
  extension.command = ExtensionCommand{"acme:square/cli.run", {"sq"}};
  extension.imports = {"acme:math/lib@1.2.0"};
  extension.exports = {"acme:square/cli", "acme:square/lib"};
  extension.libraries = {"acme:square/lib"};
  extension.dependencies = {{"acme:math/lib", "^1.2", "multiply", true, true},
                            {.name = "multiply"}};
  extension.needs = {{"acme:math/lib@1.2.0", "acme:math/lib@1.3.0", "multiply", "1.0.0", true}};
  extension.wants = {
      {"ro:."}, {"example.com:443"}, {"api.example.com"}, {"HOME"}, {"tenon:sql/database"}};
  extension.limits.memory = 1 << 20;
  extension.limits.fuel = 7;
  extension.limits.instances = 8;
  extension.limits.call_timeout = std::chrono::seconds(3);
  extension.grants = {"fs=ro:."};
  return extension;
}

std::string outcome(std::string_view text) {
  const Result<Index> read = parse_index(text, "index.json");
  if (read) return "fine";
  return std::string(read.error().front().code) + ": " + read.error().front().message;
}

TEST(ExtensionIndex, SurvivesTheRoundTrip) {
  Index index;
  index.extensions = {full_extension(), {}};
  index.extensions[1].name = "bare";
  index.extensions[1].version = "0.0.0";
  index.extensions[1].digest = std::string(64, '0');
  index.sort();
  const std::string text = print_index(index);
  const Result<Index> read = parse_index(text, "index.json");
  ASSERT_TRUE(read);
  EXPECT_EQ(print_index(*read), text);
  const Extension& square = read->extensions[1];
  EXPECT_EQ(square.description, full_extension().description);
  EXPECT_EQ(square.command->aliases, full_extension().command->aliases);
  EXPECT_EQ(square.dependencies[0].from, "multiply");
  EXPECT_EQ(square.asked, "acme:square@^1");
  EXPECT_EQ(square.registry, "registry.example");
  EXPECT_TRUE(square.unpinned);
  EXPECT_EQ(square.needs[0].exported, "acme:math/lib@1.3.0");
  EXPECT_TRUE(square.needs[0].is_lazy);
  EXPECT_EQ(square.limits.call_timeout, std::chrono::seconds(3));
  EXPECT_EQ(square.wants.host, full_extension().wants.host);
  EXPECT_FALSE(read->extensions[0].command);
  EXPECT_EQ(read->find("square"), &square);
  EXPECT_EQ(read->find("square", "1.2.0-rc.1"), &square);
  EXPECT_EQ(read->find("square", "1.2.0"), nullptr);
  EXPECT_EQ(read->find("squar"), nullptr);
}

TEST(ExtensionIndex, FindReturnsTheNewestVersion) {
  Index index;
  for (const char* const version : {"2.0.0", "1.9.0", "1.10.0", "10.0.0"}) {
    Extension extension;
    extension.name = "a";
    extension.version = version;
    index.extensions.push_back(extension);
  }
  index.sort();
  EXPECT_EQ(index.find("a")->version, "10.0.0");
  EXPECT_EQ(index.extensions[1].version, "1.10.0");
}

TEST(ExtensionIndex, DamagedTextsAreRejected) {
  EXPECT_EQ(outcome(R"({"schema": 1, "extensions": []})"), "fine");
  EXPECT_EQ(outcome(R"({"schema": 2, "extensions": []})"),
            "ext-store: `index.json` is written by an incompatible version of tenon");
  const std::string good = print_index({{full_extension()}});
  EXPECT_EQ(outcome(good), "fine");
  for (const char* const bad :
       {"", "{", "[]", "3", "null", R"({"schema": "1"})", R"({"schema": 1, "extensions": {}})",
        R"({"schema": 1, "extensions": [3]})", R"({"schema": 1, "extensions": [{}]})",
        R"({"schema": 1, "extensions": [{"name": "a", "version": "1"}]})",
        R"({"schema": 1, "extensions": [{"name": "A", "version": "1.0.0"}]})",
        R"({"schema": 1, "extensions": [{"name": "a", "version": "1.0.0", "sha256": "../x"}]})",
        R"({"schema": 1, "extensions": [{"name": "a", "version": "1.0.0", "bytes": -1}]})",
        R"({"schema": 1, "extensions": [{"name": "a", "version": "1.0.0", "needs": [3]}]})",
        R"({"schema": 1, "extensions": [{"name": "a", "version": "1.0.0", "limits": []}]})",
        R"({"schema": 1, "extensions": [{"name": "b", "version": "1.0.0"},
                                        {"name": "a", "version": "1.0.0"}]})"})
    EXPECT_THAT(outcome(bad), HasSubstr("ext-store: `index.json` is damaged")) << bad;
  // Values that no manifest can have, and a duplicate extension.
  const auto changed = [&good](std::string_view from, std::string_view to) {
    std::string text = good;
    return text.replace(text.find(from), from.size(), to);
  };
  const std::string line = good.substr(good.find("\n{"), good.rfind('\n') - good.find("\n{"));
  for (const std::string& bad :
       {changed("\"timeout-ms\":3000", "\"timeout-ms\":0"),
        // A package that is checked for its signature has a digest.
        changed("\"/srv/square.wasm\"", "\"oci://registry.example/acme/square:1.0.0\""),
        changed("\"/srv/square.wasm\"", "\"oci://registry.example\""),
        changed(":3000", ":18446744073709551615"), changed(line, line + "," + line)})
    EXPECT_THAT(outcome(bad), HasSubstr("ext-store: `index.json` is damaged")) << bad;
  EXPECT_EQ(outcome(changed("\"/srv/square.wasm\"", "\"oci://registry.example/acme/square@sha256:" +
                                                        std::string(64, 'a') + "\"")),
            "fine");
  // No truncated index is accepted.
  for (std::size_t size = 0; size + 2 < good.size(); ++size)
    EXPECT_NE(outcome(std::string_view(good).substr(0, size)), "fine") << size;
}

}  // namespace
}  // namespace tenon::extension::index_test
