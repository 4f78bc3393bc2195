#include "http/path.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>

namespace tenon::http::path_test {
namespace {

TEST(HttpPath, IsNormalized) {
  const auto expect = [](std::string_view target, std::string_view path) {
    EXPECT_EQ(normalize_path(target), std::optional<std::string>(path)) << target;
  };
  expect("/", "/");
  expect("*", "/");
  expect("/a/b?c=/../d", "/a/b");
  expect("/a/?b", "/a/");
  expect("//a///b//", "/a/b/");
  expect("/a/./b/.", "/a/b/");
  expect("/a/b/..", "/a/");
  expect("/a/../b", "/b");
  expect("/a/../b/../..c", "/..c");
  expect("/%61%2Fb", "/a/b");
  expect("/a/%2e%2e/b", "/b");
  expect("/a%2f..", "/");
  expect("/a/.%2E/b", "/b");
  expect("/%252e%252e/a", "/%2e%2e/a");  // decoded once
  expect("/a\\..\\b", "/a\\..\\b");      // not a separator here
  expect("/%ff", "/\xff");
  expect("/...", "/...");
}

TEST(HttpPath, IsRefusedIfNoPathShouldHaveIt) {
  for (const std::string_view target :
       {"", "a", "/..", "/a/../..", "/%2e%2e", "/%2e%2e%2fetc", "//..", "/./../a", "/%", "/%2",
        "/%zz", "/a%00b", "/%-1", "/a%2f..%2f..%2fb"})
    EXPECT_EQ(normalize_path(target), std::nullopt) << target;
}

TEST(HttpPath, IsEncodedForALocation) {
  EXPECT_EQ(encode_path("/a b/%\\\xff?#"), "/a%20b/%25%5C%FF%3F%23");
  EXPECT_EQ(normalize_path(encode_path("/a b/%\\\xff?#")), "/a b/%\\\xff?#");
}

TEST(HttpPath, HostsHaveNoPort) {
  EXPECT_EQ(normalize_host("Example.ORG:8080"), "example.org");
  EXPECT_EQ(normalize_host("example.org."), "example.org");
  EXPECT_EQ(normalize_host("[::1]:80"), "[::1]");
  EXPECT_EQ(normalize_host("[::1]"), "[::1]");
  EXPECT_EQ(normalize_host(""), "");
}

}  // namespace
}  // namespace tenon::http::path_test
