#include "extension/index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace tenon::extension::index_test {
namespace {

using testing::HasSubstr;

Extension full() {
  Extension made;
  made.name = "square";
  made.version = "1.2.0-rc.1";
  made.digest = std::string(64, 'a');
  made.bytes = 1234;
  made.source = "/srv/square.wasm";
  made.asked = "acme:square@^1";
  made.link = "/srv/square.wasm";
  made.added = "2026-11-20T10:11:12Z";
  made.description = "Squares \"numbers\"\n\xF0\x9F\x98\x80";
  made.license = "MIT";
  made.repository = "https://example.com";
  made.authors = {"A", "B"};
  made.command = ExtensionCommand{"acme:square/cli.run", {"sq"}};
  made.imports = {"acme:math/lib@1.2.0"};
  made.exports = {"acme:square/cli", "acme:square/lib"};
  made.libraries = {"acme:square/lib"};
  made.dependencies = {{"acme:math/lib", "^1.2", "multiply", true, true}, {.name = "multiply"}};
  made.needs = {{"acme:math/lib@1.2.0", "acme:math/lib@1.3.0", "multiply", "1.0.0", true}};
  made.wants = {{"ro:."}, {"example.com:443"}, {"HOME"}, {"tenon:sql/database"}};
  made.limits.memory = 1 << 20;
  made.limits.fuel = 7;
  made.limits.instances = 8;
  made.limits.call_timeout = std::chrono::seconds(3);
  made.grants = {"fs=ro:."};
  return made;
}

std::string told(std::string_view text) {
  const Result<Index> read = parse_index(text, "index.json");
  if (read) return "fine";
  return std::string(read.error().front().code) + ": " + read.error().front().message;
}

TEST(ExtensionIndex, ComesBackAsItWas) {
  Index index;
  index.extensions = {full(), {}};
  index.extensions[1].name = "bare";
  index.extensions[1].version = "0.0.0";
  index.extensions[1].digest = std::string(64, '0');
  index.sort();
  const std::string text = print_index(index);
  const Result<Index> read = parse_index(text, "index.json");
  ASSERT_TRUE(read);
  EXPECT_EQ(print_index(*read), text);
  const Extension& square = read->extensions[1];
  EXPECT_EQ(square.description, full().description);
  EXPECT_EQ(square.command->aliases, full().command->aliases);
  EXPECT_EQ(square.dependencies[0].from, "multiply");
  EXPECT_EQ(square.asked, "acme:square@^1");
  EXPECT_EQ(square.needs[0].exported, "acme:math/lib@1.3.0");
  EXPECT_TRUE(square.needs[0].is_lazy);
  EXPECT_EQ(square.limits.call_timeout, std::chrono::seconds(3));
  EXPECT_EQ(square.wants.host, full().wants.host);
  EXPECT_FALSE(read->extensions[0].command);
  EXPECT_EQ(read->find("square"), &square);
  EXPECT_EQ(read->find("square", "1.2.0-rc.1"), &square);
  EXPECT_EQ(read->find("square", "1.2.0"), nullptr);
  EXPECT_EQ(read->find("squar"), nullptr);
}

TEST(ExtensionIndex, TheNewestOfANameIsFound) {
  Index index;
  for (const char* const version : {"2.0.0", "1.9.0", "1.10.0", "10.0.0"}) {
    Extension one;
    one.name = "a";
    one.version = version;
    index.extensions.push_back(one);
  }
  index.sort();
  EXPECT_EQ(index.find("a")->version, "10.0.0");
  EXPECT_EQ(index.extensions[1].version, "1.10.0");
}

TEST(ExtensionIndex, OneThatIsNoneIsToldWithoutACrash) {
  EXPECT_EQ(told(R"({"schema": 1, "extensions": []})"), "fine");
  EXPECT_EQ(told(R"({"schema": 2, "extensions": []})"),
            "ext-store: `index.json` is the index of another tenon");
  const std::string good = print_index({{full()}});
  EXPECT_EQ(told(good), "fine");
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
    EXPECT_THAT(told(bad), HasSubstr("ext-store: `index.json` is damaged")) << bad;
  // What the manifest of an extension cannot say, and one that is there twice.
  const auto changed = [&good](std::string_view from, std::string_view to) {
    std::string text = good;
    return text.replace(text.find(from), from.size(), to);
  };
  const std::string line = good.substr(good.find("\n{"), good.rfind('\n') - good.find("\n{"));
  for (const std::string& bad :
       {changed("\"timeout-ms\":3000", "\"timeout-ms\":0"),
        changed(":3000", ":18446744073709551615"), changed(line, line + "," + line)})
    EXPECT_THAT(told(bad), HasSubstr("ext-store: `index.json` is damaged")) << bad;
  // A part that is cut off is never an index.
  for (std::size_t size = 0; size + 2 < good.size(); ++size)
    EXPECT_NE(told(std::string_view(good).substr(0, size)), "fine") << size;
}

}  // namespace
}  // namespace tenon::extension::index_test
