#include "registry/url.h"

#include <gtest/gtest.h>

#include <string>

namespace tenon::registry::url_test {
namespace {

std::string read(std::string_view text) {
  const Result<Url, UrlError> url = parse_url(text);
  return url ? print_url(*url) : url.error().reason;
}

std::string follow(std::string_view base, std::string_view location) {
  const Result<Url, UrlError> url = resolve_location(*parse_url(base), location);
  return url ? print_url(*url) : url.error().reason;
}

TEST(Url, ReadsWhatItPrints) {
  EXPECT_EQ(read("https://example.org/a/b.wasm?x=1&y=%20"),
            "https://example.org/a/b.wasm?x=1&y=%20");
  EXPECT_EQ(read("HTTPS://Example.ORG"), "https://example.org/");
  EXPECT_EQ(read("https://example.org:443/A"), "https://example.org/A");
  EXPECT_EQ(read("http://localhost:5000/v2/"), "http://localhost:5000/v2/");
  EXPECT_EQ(read("http://[::1]:80/x"), "http://[::1]/x");
}

TEST(Url, RefusesAmbiguousText) {
  EXPECT_EQ(read("https://user:secret@example.org/"), "contains a user name");
  EXPECT_EQ(read("https://example.org\\@evil.example/"), "contains a user name");
  EXPECT_EQ(read("https://example.org/a#b"), "has a fragment (`#...`)");
  EXPECT_EQ(read("https://example.org/a b"), "contains a character that must be percent-encoded");
  EXPECT_EQ(read("https://example.org/a\r\nHost: x"),
            "contains a character that must be percent-encoded");
  EXPECT_EQ(read("https://exa mple.org/"),
            "has an invalid host: expected letters, digits, `-` and `.`");
  EXPECT_EQ(read("https:///x"), "has an invalid host: expected letters, digits, `-` and `.`");
  EXPECT_EQ(read("https://[::1/x"), "has an invalid host: expected letters, digits, `-` and `.`");
  EXPECT_EQ(read("https://[fe80::1%25lo]/"),
            "has an invalid host: expected letters, digits, `-` and `.`");
  EXPECT_EQ(read("https://a./"), "has an invalid host: expected letters, digits, `-` and `.`");
  EXPECT_EQ(read("https://a:0443/"), "has an invalid port: expected a number from 1 to 65535");
  EXPECT_EQ(read("https://a:0/"), "has an invalid port: expected a number from 1 to 65535");
  EXPECT_EQ(read("https://a:65536/"), "has an invalid port: expected a number from 1 to 65535");
  EXPECT_EQ(read("https://a:/"), "has an invalid port: expected a number from 1 to 65535");
  EXPECT_EQ(read("file:///etc/passwd"), "does not begin with `https://` or `http://`");
  EXPECT_EQ(read("https://a/" + std::string(9000, 'x')), "is longer than 8192 bytes");
}

TEST(Url, LocationsAreResolved) {
  EXPECT_EQ(follow("https://a/v2/x?q=1", "https://b/c#d"), "https://b/c");
  EXPECT_EQ(follow("https://a/v2/x?q=1", "//b:81/c"), "https://b:81/c");
  EXPECT_EQ(follow("https://a:5000/v2/x?q=1", "/c?d"), "https://a:5000/c?d");
  EXPECT_EQ(follow("https://a/v2/x?q=1", "?n=2"), "https://a/v2/x?n=2");
  EXPECT_EQ(follow("https://a/v2/x?q=1", "y/z"), "https://a/v2/y/z");
  EXPECT_EQ(follow("https://a/v2/x", "/y?next=http://b"), "https://a/y?next=http://b");
  EXPECT_EQ(follow("https://a/v2/x", "file:///etc/passwd"),
            "does not begin with `https://` or `http://`");
}

TEST(Url, QueriesAreEncodedAndHiddenInMessages) {
  Url url = *parse_url("https://a/token");
  add_query(url, "scope", "repository:x/y:pull");
  add_query(url, "service", "a b&c=d");
  EXPECT_EQ(print_url(url),
            "https://a/token?scope=repository%3Ax%2Fy%3Apull&service=a%20b%26c%3Dd");
  EXPECT_EQ(show_url(url), "https://a/token");
}

TEST(Url, LoopbackIsDecidedByTheText) {
  for (const char* host : {"localhost", "127.0.0.1", "127.1.2.3", "[::1]"})
    EXPECT_TRUE(is_loopback(host)) << host;
  for (const char* host : {"localhost.example", "127.0.0.1.example", "0.0.0.0", "127.1", "[::2]",
                           "2130706433", "10.0.0.1"})
    EXPECT_FALSE(is_loopback(host)) << host;
}

}  // namespace
}  // namespace tenon::registry::url_test
