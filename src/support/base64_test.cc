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

}  // namespace
}  // namespace tenon::base64_test
