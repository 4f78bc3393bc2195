#include "support/glob.h"

#include <gtest/gtest.h>

#include <string>

namespace tenon::glob_test {
namespace {

TEST(Glob, MatchesWholeText) {
  EXPECT_TRUE(matches_glob("acme:stock/*", "acme:stock/lib@1.0.0"));
  EXPECT_TRUE(matches_glob("*", ""));
  EXPECT_TRUE(matches_glob("a*b*c", "aXbXbc"));
  EXPECT_TRUE(matches_glob("?b", "ab"));
  EXPECT_FALSE(matches_glob("a*b", "abc"));
  EXPECT_FALSE(matches_glob("?", ""));
  EXPECT_FALSE(matches_glob("", "a"));
}

TEST(Glob, TakesBracketsAsTheyAre) {
  EXPECT_TRUE(matches_glob("[method]bucket.*", "[method]bucket.get"));
  EXPECT_FALSE(matches_glob("[mx]", "m"));
}

TEST(Glob, StaysPolynomialOnManyStars) {
  const std::string text(2000, 'a');
  std::string pattern;
  for (int i = 0; i < 200; ++i) pattern += "a*";
  EXPECT_FALSE(matches_glob(pattern + "b", text));
}

TEST(Glob, KnowsWildcards) {
  EXPECT_TRUE(has_wildcard("a*"));
  EXPECT_FALSE(has_wildcard("[method]a.b"));
}

}  // namespace
}  // namespace tenon::glob_test
