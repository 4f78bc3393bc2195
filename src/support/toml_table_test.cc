#include "support/toml_table.h"

#include <gtest/gtest.h>

#include <string>

namespace tenon::toml_table_test {
namespace {

TEST(ParseToml, ATextThatIsNoneIsToldOf) {
  for (const char* text : {"[!x]", "[[!x]]", "[\x1f", "[a.!]", "!a = 1", "a.! = 1", "[", "a", "[]",
                           "\xC3\xA9 = 1", "[\xC3\xA9]", "a.\xC3\xA9 = 1", "a = \xC3\xA9",
                           "a = 'x' \xC3\xA9", "a = \"\\\"\" \xC3\xA9", "\xFF",
                           // No strings: what begins with a digit is a number that goes wrong.
                           "a = 0[\"\xD1\x93\"]", "a = 0=\"\xD1\x93\"", "a = 0['\xC3\xA9\xFF']"}) {
    const Result<TomlDocument> table = parse_toml(text, "tenon.toml");
    ASSERT_FALSE(table) << text;
    EXPECT_EQ(table.error().front().code, "config-syntax") << text;
    EXPECT_EQ(table.error().front().where.line, 1U) << text;
  }
}

TEST(ParseToml, LettersOfAllLanguagesStandInStringsAndComments) {
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

}  // namespace
}  // namespace tenon::toml_table_test
