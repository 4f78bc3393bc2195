#include "support/utf8.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace tenon::utf8_test {
namespace {

TEST(Utf8, WritesWhatItReads) {
  for (const std::uint32_t code : {0x0U, 0x41U, 0x7fU, 0x80U, 0x7ffU, 0x800U, 0xd7ffU, 0xe000U,
                                   0xffffU, 0x10000U, 0x1f30aU, 0x10ffffU}) {
    std::string text;
    append_utf8(text, code);
    const Utf8Character character = next_character(text + "x");
    EXPECT_EQ(character.code, code);
    EXPECT_EQ(character.bytes.size(), text.size());
    EXPECT_EQ(find_bad_utf8(text), std::nullopt);
    EXPECT_EQ(count_characters(text), 1U);
  }
}

TEST(Utf8, RefusesInvalidText) {
  for (const std::string_view bad : {"\x80", "\xc0\xaf", "\xc3", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                                     "\xe2\x82", "\xff", "\xf0\x80\x80\x80"}) {
    EXPECT_EQ(find_bad_utf8(std::string(bad).insert(0, "ok")), 2U);
    // At every position within a word of eight bytes.
    for (std::size_t before = 0; before < 20; ++before) {
      const std::string text = std::string(before, 'x') + std::string(bad) + std::string(20, 'x');
      EXPECT_EQ(find_bad_utf8(text), before) << before;
    }
    EXPECT_EQ(next_character(bad).code, std::nullopt);
    EXPECT_EQ(next_character(bad).bytes.size(), 1U);
  }
  EXPECT_FALSE(is_scalar_value(0xd800));
  EXPECT_FALSE(is_scalar_value(0x110000));
}

TEST(IsUtf8, ChecksEveryBoundary) {
  for (const std::string_view good :
       {"", "a", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
        "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(is_utf8(good));
  }
  for (const std::string_view bad :
       {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xc2", "\xe0\xa0", "\xf0\x90\x80",
        "\xc2"
        "a",
        "\xe0\xa0"
        "a",
        "a\xbf"}) {
    EXPECT_FALSE(is_utf8(bad));
  }
}

TEST(IsUtf8, ChecksEveryByteOfLongText) {
  for (std::size_t size = 0; size < 40; ++size) {
    EXPECT_TRUE(is_utf8(std::string(size, 'a')));
    for (std::size_t at = 0; at < size; ++at) {
      std::string text(size, 'a');
      text[at] = '\x80';
      EXPECT_FALSE(is_utf8(text)) << at << " of " << size;
      text.replace(at, 1, "\xc3\xa9");
      EXPECT_TRUE(is_utf8(text)) << at << " of " << size;
    }
  }
}

}  // namespace
}  // namespace tenon::utf8_test
