#include "engine/sha256.h"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace tenon::engine::sha256_test {
namespace {

std::string digest(std::string_view text) {
  const std::vector<std::uint8_t> bytes(text.begin(), text.end());
  return sha256_hex(bytes);
}

// FIPS 180-4, appendix of examples.
TEST(Sha256, MatchesTheStandard) {
  EXPECT_EQ(digest(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(digest("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

std::string code(const std::vector<std::uint8_t>& key, std::string_view text) {
  const std::vector<std::uint8_t> bytes(text.begin(), text.end());
  return show_sha256(hmac_sha256(key, bytes));
}

// RFC 4231, test cases 1 and 6.
TEST(Sha256, CodesMatchTheStandard) {
  EXPECT_EQ(code(std::vector<std::uint8_t>(20, 0x0b), "Hi There"),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(code(std::vector<std::uint8_t>(131, 0xaa),
                 "Test Using Larger Than Block-Size Key - Hash Key First"),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

}  // namespace
}  // namespace tenon::engine::sha256_test
