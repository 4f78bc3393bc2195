#include <gtest/gtest.h>

#include <memory>

#include "link/domain_settings.h"

namespace tenon::link::grants_test {
namespace {

TEST(DirectoryGrant, ReadsItsForms) {
  const auto plain = Grants::parse_directory("data");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->guest, "data");
  EXPECT_TRUE(plain->writable);
  const auto mapped = Grants::parse_directory("ro:./data::/d");
  ASSERT_TRUE(mapped);
  EXPECT_EQ(mapped->host, "./data");
  EXPECT_EQ(mapped->guest, "/d");
  EXPECT_FALSE(mapped->writable);
  EXPECT_FALSE(Grants::parse_directory("ro:"));
  EXPECT_FALSE(Grants::parse_directory("x::"));
}

TEST(NetworkGrant, ReadsItsForms) {
  EXPECT_EQ(parse_network_grant("*")->host, "*");
  EXPECT_EQ(parse_network_grant("api.example.com:443")->port, 443);
  EXPECT_EQ(parse_network_grant("[::1]:80")->host, "::1");
  EXPECT_EQ(parse_network_grant("[::1]:80")->port, 80);
  EXPECT_EQ(parse_network_grant("::1")->host, "::1");
  for (const char* bad : {"", "host:", "host:0", "host:65536", "host:8x", "[::1", "[::1]80"})
    EXPECT_FALSE(parse_network_grant(bad)) << bad;
}

TEST(EngineGrants, ReportEveryInvalidGrant) {
  Grants grants;
  grants.net = {"a:0", "ok", "b:x"};
  const auto engine = engine_grants(grants, "app", {});
  ASSERT_FALSE(engine);
  EXPECT_EQ(engine.error().size(), 2u);
}

TEST(EngineGrants, ReportEveryInvalidGrantOfRequests) {
  Grants grants;
  grants.http = {"a/b", "ok", "ftp://b"};
  const auto client = make_http_client(grants, std::make_shared<const engine::Denials>());
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().size(), 2u);
}

}  // namespace
}  // namespace tenon::link::grants_test
