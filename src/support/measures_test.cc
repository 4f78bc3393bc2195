#include "support/measures.h"

#include <gtest/gtest.h>

namespace tenon::measures_test {
namespace {

TEST(Measures, AreANumberAndAUnit) {
  EXPECT_EQ(parse_size("64KiB"), 65536U);
  EXPECT_EQ(parse_size("3GiB"), 3ULL << 30U);
  EXPECT_EQ(parse_size("10B"), 10U);
  for (const std::string_view text : {"", "10", "MiB", "1.5MiB", "-1B", "10 B", "10KB",
                                      "9007199254740992GiB", "99999999999999999999B"})
    EXPECT_FALSE(parse_size(text)) << text;
  EXPECT_EQ(parse_duration("500ms"), std::chrono::milliseconds(500));
  EXPECT_EQ(parse_duration("2h"), std::chrono::hours(2));
  for (const std::string_view text : {"", "10", "s", "1d", "1.5s", "9223372036854775807s"})
    EXPECT_FALSE(parse_duration(text)) << text;
}

TEST(Measures, SizesArePrintedAsTheyAreParsed) {
  for (const std::string_view text :
       {"0B", "1B", "1023B", "1KiB", "1025B", "256KiB", "3MiB", "2GiB"})
    EXPECT_EQ(print_size(parse_size(text).value()), text);
}

TEST(Measures, AreRecognizedIfTooLarge) {
  EXPECT_TRUE(has_size_form("99999999999GiB"));
  EXPECT_FALSE(parse_size("99999999999GiB"));
  EXPECT_TRUE(has_duration_form("99999999999h"));
  EXPECT_FALSE(has_size_form("5h"));
  EXPECT_FALSE(has_duration_form("h"));
}

}  // namespace
}  // namespace tenon::measures_test
