#include "http/address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace tenon::http::address_test {
namespace {

using testing::HasSubstr;

Address parse(std::string_view text) {
  const Result<Address> address = parse_address(text);
  EXPECT_TRUE(address) << text;
  return address ? *address : Address();
}

std::string problem(std::string_view text) {
  const Result<Address> address = parse_address(text);
  return address ? "" : address.error().front().message;
}

TEST(HttpAddress, HasAHostAndAPort) {
  EXPECT_EQ(parse("127.0.0.1:8080"), (Address{"127.0.0.1", "8080"}));
  EXPECT_EQ(parse("localhost:0"), (Address{"localhost", "0"}));
  EXPECT_EQ(parse("[::1]:80"), (Address{"::1", "80"}));
  EXPECT_EQ(parse("http://example.org:65535/"), (Address{"example.org", "65535"}));
  EXPECT_EQ(parse("https://example.org:443"), (Address{"example.org", "443", true}));
}

TEST(HttpAddress, CanBeASocketFile) {
  EXPECT_EQ(parse("unix:/run/a.sock"), (Address{"", "", false, "/run/a.sock"}));
  EXPECT_EQ(parse("unix:///run/a.sock"), (Address{"", "", false, "/run/a.sock"}));
  EXPECT_EQ(parse("unix:a.sock?mode=660"), (Address{"", "", false, "a.sock", 0660}));
}

TEST(HttpAddress, IsRefusedWithTheReason) {
  EXPECT_THAT(problem("8080"), HasSubstr("it has no port"));
  EXPECT_THAT(problem("localhost"), HasSubstr("it has no port"));
  EXPECT_THAT(problem("localhost:"), HasSubstr("it has no port"));
  EXPECT_THAT(problem("[::1]"), HasSubstr("it has no port"));
  EXPECT_THAT(problem(":8080"), HasSubstr("it has no host"));
  EXPECT_THAT(problem("[]:8080"), HasSubstr("it has no host"));
  EXPECT_THAT(problem("localhost:65536"), HasSubstr("0 to 65535"));
  EXPECT_THAT(problem("localhost:1e3"), HasSubstr("0 to 65535"));
  EXPECT_THAT(problem("::1:8080"), HasSubstr("neither a name nor an IP address"));
  EXPECT_THAT(problem("a b:8080"), HasSubstr("neither a name nor an IP address"));
  EXPECT_THAT(problem("http://localhost:8080/path"), HasSubstr("0 to 65535"));
  EXPECT_THAT(problem("ftp://localhost:8080"), HasSubstr("neither HTTP nor HTTPS"));
  EXPECT_THAT(problem("unix:"), HasSubstr("it has no path"));
  EXPECT_THAT(problem("unix://host/a.sock"), HasSubstr("no host"));
  EXPECT_THAT(problem("unix:a.sock?mode=8"), HasSubstr("three octal digits"));
  EXPECT_THAT(problem("unix:a.sock?mode=999"), HasSubstr("three octal digits"));
  EXPECT_THAT(problem("unix:a.sock?owner=x"), HasSubstr("only `?mode=`"));
  EXPECT_THAT(problem("unix:" + std::string(200, 'a')), HasSubstr("200 bytes"));
}

TEST(HttpAddress, GivesTheUrlWithTheActualPort) {
  const Result<Listening> first = listen_at({"127.0.0.1", "0"});
  ASSERT_TRUE(first);
  EXPECT_THAT(first->url, testing::MatchesRegex("http://127\\.0\\.0\\.1:[1-9][0-9]*"));
  const std::string port = first->url.substr(first->url.rfind(':') + 1);
  const Result<Listening> second = listen_at({"127.0.0.1", port});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().front().code, "remote-listen");
  EXPECT_THAT(second.error().front().message, HasSubstr("in use"));
}

}  // namespace
}  // namespace tenon::http::address_test
