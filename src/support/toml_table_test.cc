#include "support/toml_table.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "support/limits.h"

namespace tenon::toml_table_test {
namespace {

TEST(ParseToml, ReportsInvalidText) {
  for (const char* text : {"[!x]", "[[!x]]", "[\x1f", "[a.!]", "!a = 1", "a.! = 1", "[", "a", "[]",
                           "\xC3\xA9 = 1", "[\xC3\xA9]", "a.\xC3\xA9 = 1", "a = \xC3\xA9",
                           "a = 'x' \xC3\xA9", "a = \"\\\"\" \xC3\xA9", "\xFF",
                           // Not strings: a number that begins with a digit and goes wrong.
                           "a = 0[\"\xD1\x93\"]", "a = 0=\"\xD1\x93\"", "a = 0['\xC3\xA9\xFF']"}) {
    const Result<TomlDocument> table = parse_toml(text, "tenon.toml");
    ASSERT_FALSE(table) << text;
    EXPECT_EQ(table.error().front().code, "config-syntax") << text;
    EXPECT_EQ(table.error().front().where.line, 1U) << text;
  }
}

TEST(ParseToml, AcceptsEveryCharacterInStringsAndComments) {
  for (const char* text :
       {"# \xC3\xA9\na = 1", "a = \"\xC3\xA9\"", "a = '\xC3\xA9'", "\"\xC3\xA9\" = 1",
        "a = \"\"\"\n\xC3\xA9 \" \"\"\"", "a = '''\n\xC3\xA9 ' '''", "a = \"\\\"\xC3\xA9\"",
        "\xEF\xBB\xBF"
        "a = 1",
        "a = [\"\xC3\xA9\", '\xC3\xA9'] # \xC3\xA9"})
    EXPECT_TRUE(parse_toml(text, "tenon.toml")) << text;
  const std::string file = "tenon.toml";
  const Result<TomlDocument> document = parse_toml("a = \"\xD1\x93\"", file);
  Diagnostics problems;
  EXPECT_EQ(TomlTable(file, *document, problems).take_text("a"), "\xD1\x93");
}

std::string repeat(std::string_view text, std::size_t count) {
  std::string repeated;
  for (std::size_t i = 0; i < count; ++i) repeated += text;
  return repeated;
}

TEST(ParseToml, LimitsDepth) {
  const std::size_t parts = limits::kTomlKeyParts;
  const std::size_t levels = limits::kTomlNesting;
  for (const std::string& text :
       {repeat("a.", parts - 1) + "a = 1", "[" + repeat("\"a\".", parts - 1) + "a]",
        "x = " + repeat("[", levels) + repeat("]", levels), "x = \"" + repeat("a.", 100) + "\"",
        "# " + repeat("[", 100) + "\n" + repeat("a.b = 1\n[c]\n", 1).substr(0, 8)})
    EXPECT_TRUE(parse_toml(text, "tenon.toml")) << text;
  for (const std::string& text :
       {repeat("a.", parts) + "a = 1", "[" + repeat("a.", 200'000) + "a]",
        repeat("\"a\" . ", 240'000) + "a = 1", repeat("'a'.", 240'000) + "a = 1",
        "x = {" + repeat("a.", 1000) + "a = 1}", "x = " + repeat("[", levels + 1),
        "x = " + repeat("{a = ", 100'000), repeat("[", 100'000)}) {
    const Result<TomlDocument> document = parse_toml(text, "tenon.toml");
    ASSERT_FALSE(document) << text.substr(0, 40);
    EXPECT_EQ(document.error().front().code, "config-syntax");
  }
  EXPECT_FALSE(parse_toml(repeat("#", limits::kTextBytes + 1), "tenon.toml"));
}

TEST(ParseToml, RewordsMessagesOfTheParser) {
  const auto message_of = [](std::string_view text) {
    const Result<TomlDocument> parsed = parse_toml(text, "t.toml");
    const std::string message = parsed ? "" : parsed.error()[0].message;
    constexpr std::string_view kBefore = "`t.toml` is not valid TOML: ";
    return message.starts_with(kBefore) ? message.substr(kBefore.size()) : message;
  };
  EXPECT_EQ(message_of("a = 1\na = 2"), "`a` is already defined");
  EXPECT_EQ(message_of("[t]\n[t]"), "`t` is already defined");
  EXPECT_EQ(message_of("a.b = 1\na = 2"), "`a` is already defined");
  EXPECT_EQ(message_of("[a\nb = 1"), "expected `]`, found the end of the line");
  EXPECT_EQ(message_of("a b = 1"), "expected `=`, found `b`");
  EXPECT_EQ(message_of("a = \"x"), "unterminated string");
  EXPECT_EQ(message_of("a = [1, 2"), "unterminated array");
  EXPECT_EQ(message_of("a = {b = 1"), "unterminated inline table");
  const std::string value =
      "expected a value: a string in quotes, a number, a date, `true`, `false`, an array or a "
      "table";
  EXPECT_EQ(message_of("a = nope"), value);
  EXPECT_EQ(message_of("a = file.wasm"), value);
  EXPECT_EQ(message_of("a = x"), value);
  EXPECT_EQ(message_of("a = 01"), "leading zeroes are prohibited, in a decimal integer");
}

}  // namespace
}  // namespace tenon::toml_table_test
