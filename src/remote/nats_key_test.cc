#include "remote/nats_key.h"

#include <gtest/gtest.h>

namespace tenon::remote {
namespace {

// Source: the documentation of NATS, "NKeys".
constexpr std::string_view kSeed = "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY";
constexpr std::string_view kPublic = "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4";

TEST(NatsKey, ThePublicKeyIsThatOfTheSeed) {
  const auto key = nats_public_key(kSeed);
  ASSERT_TRUE(key) << key.error();
  EXPECT_EQ(key->text, kPublic);
}

TEST(NatsKey, OtherTextIsRefused) {
  for (std::size_t i = 0; i < kSeed.size(); ++i) {
    std::string text(kSeed);
    text[i] = text[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(nats_public_key(text)) << i;
    EXPECT_FALSE(nats_public_key(kSeed.substr(0, i))) << i;
  }
  EXPECT_EQ(nats_public_key(kPublic).error(), "is not the seed of a user");
  EXPECT_FALSE(nats_public_key(std::string(kSeed) + "A"));
  std::string text(kSeed);
  text[10] = '1';
  EXPECT_EQ(nats_public_key(text).error(), "is not the seed of a user");
  text[10] = text[11] == 'A' ? 'B' : 'A';
  EXPECT_EQ(nats_public_key(text).error(), "is damaged: its checksum is wrong");
}

TEST(NatsKey, ASeedIsFoundInAFileOfItsOwn) {
  EXPECT_EQ(find_nats_seed(kSeed), kSeed);
  EXPECT_EQ(find_nats_seed("# of the shop\r\n" + std::string(kSeed) + "\r\n"), kSeed);
  EXPECT_EQ(find_nats_seed("-----BEGIN NATS USER JWT-----\n..\n" + std::string(kSeed)), "");
  EXPECT_EQ(find_nats_seed(""), "");
  EXPECT_EQ(find_nats_seed("something else"), "");
}

}  // namespace
}  // namespace tenon::remote
