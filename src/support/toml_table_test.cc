#include "support/toml_table.h"

#include <gtest/gtest.h>

#include <string>

namespace tenon {
namespace {

TEST(ParseToml, ATextThatIsNoneIsToldOf) {
  for (const char* text :
       {"[!x]", "[[!x]]", "[\x1f", "[a.!]", "!a = 1", "a.! = 1", "[", "a", "[]"}) {
    const Result<toml::table> table = parse_toml(text, "tenon.toml");
    ASSERT_FALSE(table) << text;
    EXPECT_EQ(table.error().front().code, "config-syntax") << text;
    EXPECT_EQ(table.error().front().where.line, 1U) << text;
  }
}

}  // namespace
}  // namespace tenon
