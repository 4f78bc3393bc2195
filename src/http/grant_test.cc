#include "http/grant.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>

namespace tenon::http::grant_test {
namespace {

using testing::HasSubstr;

Grant grant(std::string_view text) {
  const Result<Grant> parsed = parse_grant(text);
  EXPECT_TRUE(parsed) << text << ": " << (parsed ? "" : parsed.error().front().message);
  return parsed ? *parsed : Grant();
}

// target: "https://host:port", with the host as a client gives it to its policy.
bool allows(std::string_view text, std::string_view target) {
  HttpTarget to;
  to.is_https = target.starts_with("https://");
  target.remove_prefix(to.is_https ? 8 : 7);
  const std::size_t colon = target.rfind(':');
  to.host = std::string(target.substr(0, colon));
  to.port = static_cast<std::uint16_t>(std::stoi(std::string(target.substr(colon + 1))));
  return grant(text).allows(to);
}

std::string problem(std::string_view text) {
  const Result<Grant> parsed = parse_grant(text);
  return parsed ? "" : parsed.error().front().message;
}

TEST(HttpGrant, OfANameIsForTheUsualPorts) {
  EXPECT_TRUE(allows("api.example.com", "https://api.example.com:443"));
  EXPECT_TRUE(allows("api.example.com", "http://api.example.com:80"));
  EXPECT_FALSE(allows("api.example.com", "http://api.example.com:443"));
  EXPECT_FALSE(allows("api.example.com", "https://api.example.com:8443"));
  EXPECT_FALSE(allows("api.example.com", "https://example.com:443"));
  EXPECT_FALSE(allows("api.example.com", "https://x.api.example.com:443"));
  EXPECT_FALSE(allows("api.example.com", "https://xapi.example.com:443"));
}

TEST(HttpGrant, CanHaveAPort) {
  EXPECT_TRUE(allows("api.example.com:8443", "https://api.example.com:8443"));
  EXPECT_TRUE(allows("api.example.com:8443", "http://api.example.com:8443"));
  EXPECT_FALSE(allows("api.example.com:8443", "https://api.example.com:443"));
  EXPECT_TRUE(allows("api.example.com:*", "https://api.example.com:1"));
}

TEST(HttpGrant, CanHaveAScheme) {
  EXPECT_TRUE(allows("https://api.example.com", "https://api.example.com:443"));
  EXPECT_FALSE(allows("https://api.example.com", "http://api.example.com:80"));
  EXPECT_TRUE(allows("http://api.example.com:443", "http://api.example.com:443"));
  EXPECT_FALSE(allows("http://api.example.com:443", "https://api.example.com:443"));
  EXPECT_TRUE(allows("https://*", "https://any.example:443"));
  EXPECT_FALSE(allows("https://*", "https://any.example:444"));
}

TEST(HttpGrant, OfSubdomainsIsForAnyDepthAndNotForTheNameItself) {
  EXPECT_TRUE(allows("*.example.org", "https://a.example.org:443"));
  EXPECT_TRUE(allows("*.example.org", "https://a.b.example.org:443"));
  EXPECT_FALSE(allows("*.example.org", "https://example.org:443"));
  EXPECT_FALSE(allows("*.example.org", "https://.example.org:443"));
  EXPECT_FALSE(allows("*.example.org", "https://badexample.org:443"));
  EXPECT_FALSE(allows("*.example.org", "https://example.org.evil.com:443"));
}

TEST(HttpGrant, IgnoresCaseAndTheLastDot) {
  EXPECT_EQ(grant("HTTPS://API.Example.COM.:443"), grant("https://api.example.com:443"));
}

TEST(HttpGrant, OfEverythingHasAllPorts) {
  EXPECT_TRUE(allows("*", "http://any.example:9999"));
  EXPECT_FALSE(allows("*:8080", "http://any.example:9999"));
}

TEST(HttpGrant, CanBeOfAddresses) {
  EXPECT_TRUE(allows("192.0.2.7:8080", "http://192.0.2.7:8080"));
  EXPECT_TRUE(allows("192.0.2.7:8080", "http://::ffff:192.0.2.7:8080"));
  EXPECT_FALSE(allows("192.0.2.7:8080", "http://192.0.2.8:8080"));
  EXPECT_TRUE(allows("10.0.0.0/8:8080", "http://10.9.8.7:8080"));
  EXPECT_FALSE(allows("10.0.0.0/8:8080", "http://11.9.8.7:8080"));
  EXPECT_FALSE(allows("10.0.0.0/8:8080", "http://name.example:8080"));
  EXPECT_TRUE(allows("::1", "http://::1:80"));
  EXPECT_TRUE(allows("[fd00::]/8:81", "http://fd12::1:81"));
  EXPECT_EQ(grant("[fd00::/8]:81"), grant("[fd00::]/8:81"));
}

TEST(HttpGrant, OfLocalhostIsForTheLoopbackAddresses) {
  EXPECT_TRUE(allows("localhost:8080", "http://localhost:8080"));
  EXPECT_TRUE(allows("localhost:8080", "http://127.0.0.1:8080"));
  EXPECT_TRUE(allows("localhost:8080", "http://::1:8080"));
  EXPECT_FALSE(allows("localhost:8080", "http://10.0.0.1:8080"));
  EXPECT_FALSE(allows("127.0.0.1:8080", "http://localhost:8080"));
}

TEST(HttpGrant, NamesAnAddress) {
  const HttpTarget target = {false, "db.internal", 8080};
  const IpAddress address = *parse_ip("10.1.2.3");
  EXPECT_FALSE(grant("*").names(target, address));
  EXPECT_FALSE(grant("db.internal:8080").names(target, address));
  EXPECT_TRUE(grant("10.0.0.0/8:8080").names(target, address));
  EXPECT_FALSE(grant("10.0.0.0/8:8081").names(target, address));
  EXPECT_FALSE(grant("https://10.0.0.0/8:8080").names(target, address));
  EXPECT_TRUE(grant("localhost:8080").names(target, *parse_ip("127.0.0.2")));
}

TEST(HttpGrant, IsRefusedWithTheRule) {
  EXPECT_THAT(problem(""), HasSubstr("does not name a host"));
  EXPECT_THAT(problem("https://"), HasSubstr("does not name a host"));
  EXPECT_THAT(problem(":80"), HasSubstr("does not name a host"));
  EXPECT_THAT(problem("ftp://example.com"), HasSubstr("a scheme other than"));
  EXPECT_THAT(problem("example.com/path"), HasSubstr("ends with a path"));
  EXPECT_THAT(problem("https://example.com/"), HasSubstr("ends with a path"));
  EXPECT_THAT(problem("user@example.com"), HasSubstr("has a user"));
  EXPECT_THAT(problem("example.com:0"), HasSubstr("no port between"));
  EXPECT_THAT(problem("example.com:65536"), HasSubstr("no port between"));
  EXPECT_THAT(problem("example.com:"), HasSubstr("no port between"));
  EXPECT_THAT(problem("a.*.example.com"), HasSubstr("neither the whole host"));
  EXPECT_THAT(problem("*example.com"), HasSubstr("neither the whole host"));
  EXPECT_THAT(problem("*."), HasSubstr("does not name a host"));
  EXPECT_THAT(problem("a..b"), HasSubstr("single dots"));
  EXPECT_THAT(problem("a.."), HasSubstr("dots"));
  EXPECT_THAT(problem("b\xc3\xbc"
                      "cher.example"),
              HasSubstr("other characters"));
  EXPECT_THAT(problem("[::1"), HasSubstr("unclosed bracket"));
  EXPECT_THAT(problem("[example.com]:80"), HasSubstr("no IPv6 address"));
  EXPECT_THAT(problem("127.1"), HasSubstr("neither a name nor an IP address"));
  EXPECT_THAT(problem("0x7f000001"), HasSubstr("neither a name nor an IP address"));
  EXPECT_THAT(problem("10.0.0.0/33"), HasSubstr("range of addresses"));
  EXPECT_THAT(problem(std::string(254, 'a')), HasSubstr("253"));
}

// A grant that was parsed is printed as text with the same meaning, and never allows more than its text says.
TEST(HttpGrant, IsPrintedAndReadAgain) {
  constexpr std::array kPieces = {"http://",  "https://", "*",   "*.",        "a",
                                  "example",  ".",        "com", "localhost", "127.0.0.1",
                                  "10.0.0.0", "/8",       "[",   "]",         "::1",
                                  "fd00::",   ":",        "80",  "443",       "0",
                                  "@",        "-",        "A"};
  std::mt19937 random(7);  // NOLINT(cert-msc51-cpp): the same texts each time
  std::size_t valid = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string text;
    for (std::size_t pieces = 1 + random() % 6; pieces > 0; --pieces)
      text += kPieces[random() % kPieces.size()];
    const Result<Grant> read = parse_grant(text);
    if (!read) continue;
    ++valid;
    const Result<Grant> again = parse_grant(print_grant(*read));
    ASSERT_TRUE(again) << text << " is printed as " << print_grant(*read);
    EXPECT_EQ(*again, *read) << text;
    if (text.find('*') == text.npos) {
      EXPECT_FALSE(read->allows({true, "other.test", 443})) << text;
    }
  }
  EXPECT_GT(valid, 1000U);
}

}  // namespace
}  // namespace tenon::http::grant_test
