#include "support/base64.h"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace tenon::base64_test {
namespace {

TEST(Base64, RefusesWhatItDoesNotWrite) {
  const auto bytes = [](std::string_view text) {
    return std::vector<std::uint8_t>(text.begin(), text.end());
  };
  for (const char* text : {"", "f", "fo", "foo", "foob", "\xff\xfe\xfd"})
    EXPECT_EQ(decode_base64(encode_base64(bytes(text))), bytes(text));
  EXPECT_EQ(encode_base64(bytes("foob")), "Zm9vYg==");
  for (const char* text : {"Zm9vYg", "Zm9vYg=", "Zm9v Yg==", "====", "Zm9vYh==", "=m9v", "Z==="})
    EXPECT_FALSE(decode_base64(text)) << text;
}

TEST(Base64, ReadsTheFirstBlockOfAPemFile) {
  const std::vector<std::uint8_t> foo = {'f', 'o', 'o'};
  for (const char* const text :
       {"-----BEGIN X-----\nZm9v\n-----END X-----\n",
        "-----BEGIN X-----\r\nZm\r\n9v\r\n-----END X-----",
        "-----END X-----\n-----BEGIN Y-----\nZg==\n-----END Y-----\n"
        "-----BEGIN X-----\nZm9v\n-----END X-----\n-----BEGIN X-----\nZg==\n-----END X-----\n"})
    EXPECT_EQ(decode_pem(text, "X"), foo) << text;
  for (const char* const text :
       {"", "-----BEGIN X-----", "-----END X-----\n-----BEGIN X-----\nZm9v\n",
        "-----BEGIN Y-----\nZm9v\n-----END Y-----\n", "-----BEGIN X-----\nZm9\n-----END X-----\n"})
    EXPECT_FALSE(decode_pem(text, "X")) << text;
}

TEST(Base64, WritesHexadecimalDigits) {
  EXPECT_EQ(encode_hex({}), "");
  EXPECT_EQ(encode_hex(std::vector<std::uint8_t>{0, 0x1f, 0xa0, 0xff}), "001fa0ff");
}

}  // namespace
}  // namespace tenon::base64_test
