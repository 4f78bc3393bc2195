#include "support/names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace tenon::names_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(NearMiss, CountsEdits) {
  EXPECT_EQ(find_edit_distance("", "", 3), 0U);
  EXPECT_EQ(find_edit_distance("", "abc", 3), 3U);
  EXPECT_EQ(find_edit_distance("kitten", "sitting", 3), 3U);
  EXPECT_EQ(find_edit_distance("lookup", "lokoup", 3), 1U);
  EXPECT_EQ(find_edit_distance("tax", "tax-eu", 3), 3U);
}

TEST(NearMiss, StopsAtTheBound) {
  EXPECT_EQ(find_edit_distance("kitten", "sitting", 2), std::nullopt);
  EXPECT_EQ(find_edit_distance("abcdef", "uvwxyz", 3), std::nullopt);
  EXPECT_EQ(find_edit_distance("a", "abcdefgh", 3), std::nullopt);
  EXPECT_EQ(find_edit_distance("a", "b", 0), std::nullopt);
  EXPECT_EQ(find_edit_distance("a", "a", 0), 0U);
}

// The plain recurrence over the whole table, as a reference for the banded one.
std::size_t plain_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i)
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        d[i][j] = i + j;
        continue;
      }
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1,
                          d[i - 1][j - 1] + static_cast<std::size_t>(a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  return d[a.size()][b.size()];
}

TEST(NearMiss, BandedDistanceAgreesWithThePlainOne) {
  // Every pair of words of up to five letters over {a, b}, and each bound.
  std::vector<std::string> words{""};
  for (std::size_t i = 0; words[i].size() < 5; ++i) {
    words.push_back(words[i] + "a");
    words.push_back(words[i] + "b");
  }
  for (const std::string& a : words)
    for (const std::string& b : words) {
      const std::size_t distance = plain_distance(a, b);
      for (std::size_t bound = 0; bound < 5; ++bound)
        EXPECT_EQ(find_edit_distance(a, b, bound),
                  distance <= bound ? std::optional(distance) : std::nullopt)
            << a << " " << b << " " << bound;
    }
}

TEST(NearMiss, SortsByDistance) {
  const std::vector<std::string> names = {"acme:tax/libra", "acme:tax/lib", "acme:log/log"};
  EXPECT_THAT(near_misses("acme:tax/libr", names), ElementsAre("acme:tax/lib", "acme:tax/libra"));
}

TEST(NearMiss, PrefersSameNamespace) {
  const std::vector<std::string> names = {"acmd:tax/lib", "acme:tax/lic", "acme:tax/lia"};
  EXPECT_THAT(near_misses("acme:tax/lib", names),
              ElementsAre("acme:tax/lia", "acme:tax/lic", "acmd:tax/lib"));
}

TEST(NearMiss, DoesNotDependOnTheOrder) {
  const std::vector<std::string> names = {"cart", "card", "carp", "cars", "care"};
  const std::vector<std::string> reversed(names.rbegin(), names.rend());
  const std::vector<std::string_view> first = near_misses("carx", names);
  const std::vector<std::string_view> second = near_misses("carx", reversed);
  EXPECT_EQ(first, second);
  EXPECT_THAT(first, ElementsAre("card", "care", "carp"));
}

TEST(NearMiss, ShortNamesAreNotNearEverything) {
  const std::vector<std::string> names = {"b", "kv", "log"};
  EXPECT_THAT(near_misses("a", names), IsEmpty());
  EXPECT_THAT(near_misses("", names), IsEmpty());
  EXPECT_THAT(near_misses("lg", names), IsEmpty());
  EXPECT_THAT(near_misses("lgo", names), ElementsAre("log"));
}

TEST(NearMiss, FunctionsOfTwoLettersMayDifferInOne) {
  const std::vector<std::string> names = {"add", "go", "remove"};
  EXPECT_THAT(near_misses("ad", names), IsEmpty());
  EXPECT_THAT(near_function_names("ad", names), ElementsAre("add"));
  EXPECT_THAT(near_function_names("og", names), ElementsAre("go"));
  EXPECT_THAT(near_function_names("xy", names), IsEmpty());
  EXPECT_THAT(near_function_names("g", names), IsEmpty());
  EXPECT_THAT(near_function_names("remoev", names), ElementsAre("remove"));
}

TEST(NearMiss, IgnoresCase) {
  const std::vector<std::string> names = {"LOG"};
  EXPECT_THAT(near_misses("log", names), ElementsAre("LOG"));
}

TEST(NearMiss, ListsEachNameOnce) {
  const std::vector<std::string> names = {"cart", "cart"};
  EXPECT_THAT(near_misses("card", names), ElementsAre("cart"));
}

TEST(NearMiss, AsksAQuestion) {
  const std::vector<std::string_view> none;
  EXPECT_EQ(did_you_mean(none), "");
  EXPECT_EQ(did_you_mean(std::vector<std::string_view>{"a"}), "did you mean `a`?");
  EXPECT_EQ(did_you_mean(std::vector<std::string_view>{"a", "b", "c"}),
            "did you mean `a`, `b` or `c`?");
}

TEST(SuggestName, SuggestsNearNamesOrListsAll) {
  EXPECT_EQ(suggest_name("tex", {"log", "tax"}, "units"), "did you mean `tax`?");
  EXPECT_EQ(suggest_name("store", {"tax", "log", "tax"}, "units"),
            "name one of the units: `log`, `tax`");
  EXPECT_EQ(suggest_name("log", {}, "units"), "remove it: there are no units");
  std::vector<std::string> many;
  for (char c = 'a'; c < 'l'; ++c) many.emplace_back(8, c);
  EXPECT_THAT(suggest_name("store", many, "units"), testing::EndsWith("`hhhhhhhh` and 3 more"));
}

TEST(Glob, MatchesWholeText) {
  EXPECT_TRUE(matches_glob("acme:stock/*", "acme:stock/lib@1.0.0"));
  EXPECT_TRUE(matches_glob("*", ""));
  EXPECT_TRUE(matches_glob("a*b*c", "aXbXbc"));
  EXPECT_TRUE(matches_glob("?b", "ab"));
  EXPECT_FALSE(matches_glob("a*b", "abc"));
  EXPECT_FALSE(matches_glob("?", ""));
  EXPECT_FALSE(matches_glob("", "a"));
}

TEST(Glob, MatchesBracketsLiterally) {
  EXPECT_TRUE(matches_glob("[method]bucket.*", "[method]bucket.get"));
  EXPECT_FALSE(matches_glob("[mx]", "m"));
}

TEST(Glob, StaysPolynomialOnManyStars) {
  const std::string text(2000, 'a');
  std::string pattern;
  for (int i = 0; i < 200; ++i) pattern += "a*";
  EXPECT_FALSE(matches_glob(pattern + "b", text));
}

TEST(Glob, FindsWildcards) {
  EXPECT_TRUE(has_wildcard("a*"));
  EXPECT_FALSE(has_wildcard("[method]a.b"));
}

TEST(ProposeUnitName, KeepsNamesInOtherScriptsApart) {
  EXPECT_EQ(propose_unit_name("My_Cart", "u"), "my-cart");
  const std::string key = propose_unit_name("ключ", "u");
  EXPECT_TRUE(is_unit_name(key)) << key;
  EXPECT_NE(key, propose_unit_name("блюд", "u"));
  EXPECT_TRUE(propose_unit_name("блюд-2", "u").starts_with("u-2-"));
}

}  // namespace
}  // namespace tenon::names_test
