#include "abi/transcode.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "abi/test_text.h"

namespace tenon::abi::transcode_test {
namespace {

const std::uint8_t* raw(std::string_view text) {
  return reinterpret_cast<const std::uint8_t*>(text.data());
}

bool utf8(std::string_view text) { return is_utf8(raw(text), text.size()); }

// Little-endian bytes.
std::string units(std::initializer_list<std::uint16_t> list) {
  std::string bytes;
  for (const std::uint16_t unit : list) {
    bytes.push_back(static_cast<char>(unit & 0xff));
    bytes.push_back(static_cast<char>(unit >> 8));
  }
  return bytes;
}

bool utf16(std::string_view text) { return is_utf16(raw(text), text.size() / 2); }

TEST(Transcode, AcceptsEveryCharacterOfUtf8) {
  for (char32_t c = 0; c < 0x110000; ++c) {
    const bool is_surrogate = c >= 0xd800 && c < 0xe000;
    ASSERT_EQ(utf8(encode_utf8(std::u32string_view(&c, 1))), !is_surrogate)
        << static_cast<std::uint32_t>(c);
  }
}

TEST(Transcode, RefusesIllFormedUtf8) {
  for (const std::string_view text :
       {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2\x41", "\xe0\x9f\xbf", "\xe0\xa0",
        "\xed\xa0\x80", "\xed\xbf\xbf", "\xe1\x80\x41", "\xf0\x8f\xbf\xbf", "\xf0\x90\x80",
        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xf1\x80\x41\x80", "\xe1\x41\x80"}) {
    EXPECT_FALSE(utf8(text)) << ::testing::PrintToString(text);
    // At every position in a block of ASCII, at its end, and before more ASCII.
    for (std::size_t before = 0; before < 40; ++before) {
      const std::string padded = std::string(before, 'a') + std::string(text);
      EXPECT_FALSE(utf8(padded));
      EXPECT_FALSE(utf8(padded + std::string(40, 'b')));
    }
  }
}

TEST(Transcode, CountsAscii) {
  for (std::size_t size = 0; size < 80; ++size) {
    std::string text(size, 'x');
    EXPECT_EQ(count_ascii(raw(text), size), size);
    for (std::size_t i = 0; i < size; ++i) {
      text[i] = '\x80';
      EXPECT_EQ(count_ascii(raw(text), size), i);
      text[i] = 'x';
    }
  }
}

TEST(Transcode, CountsUnitsOfUtf16) {
  for (std::size_t size = 0; size < 40; ++size) {
    for (std::size_t i = 0; i <= size; ++i) {
      std::u32string text(size, U'x');
      if (i < size) text[i] = U'\x80';
      EXPECT_EQ(count_ascii_utf16(raw(encode_utf16(text)), size), i);
      EXPECT_EQ(count_latin1_utf16(raw(encode_utf16(text)), size), size);
      if (i < size) text[i] = U'\x100';
      EXPECT_EQ(count_latin1_utf16(raw(encode_utf16(text)), size), i);
    }
  }
}

TEST(Transcode, FindsUnpairedSurrogates) {
  EXPECT_TRUE(utf16(units({0x41, 0xd83d, 0xde00, 0xffff})));
  EXPECT_FALSE(utf16(units({0xd83d})));
  EXPECT_FALSE(utf16(units({0xde00})));
  EXPECT_FALSE(utf16(units({0xd83d, 0x41})));
  EXPECT_FALSE(utf16(units({0xde00, 0xd83d})));
  EXPECT_FALSE(utf16(units({0xd83d, 0xd83d, 0xde00})));
}

constexpr std::u32string_view kTexts[] = {
    U"",
    U"a",
    U"plain text that is longer than a word of eight bytes, and than four of them",
    U"\u00e9t\u00e9",
    U"\u0100",
    U"a\u20acb",
    U"\U0001f600",
    U"x\U0001f600\u00ff y\U0010ffff\ud7ff\ue000"};

TEST(Transcode, Utf8ToUtf16AndBack) {
  for (const std::u32string_view text : kTexts) {
    const std::string narrow_text = encode_utf8(text);
    const std::string wide_text = encode_utf16(text);
    std::vector<std::uint8_t> out(3 * narrow_text.size() + 1);
    const std::size_t wide = utf8_to_utf16(raw(narrow_text), narrow_text.size(), out.data());
    EXPECT_EQ(std::string(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(2 * wide)),
              wide_text);
    const std::size_t narrow = utf16_to_utf8(raw(wide_text), wide_text.size() / 2, out.data());
    EXPECT_EQ(std::string(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(narrow)),
              narrow_text);
  }
}

TEST(Transcode, Latin1StopsAtTheFirstOtherCharacter) {
  std::vector<std::uint8_t> out(16);
  const std::string text = encode_utf8(U"a\u00e9\u20acz");
  const Latin1Prefix done = utf8_to_latin1(raw(text), text.size(), out.data());
  EXPECT_EQ(done.read, 3U);
  EXPECT_EQ(done.written, 2U);
  EXPECT_EQ(out[1], 0xe9);
}

}  // namespace
}  // namespace tenon::abi::transcode_test
