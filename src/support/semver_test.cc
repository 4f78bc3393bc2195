#include "support/semver.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::semver_test {
namespace {

std::string reason(std::string_view text) {
  const Result<Version, VersionError> version = parse_version(text);
  return version ? "" : version.error().reason;
}

Version version(std::string_view text) { return *parse_version(text); }

TEST(Semver, ReadsEveryPart) {
  const Version read = version("1.20.300-rc.1+linux.05");
  EXPECT_EQ(read, (Version{1, 20, 300, "rc.1", "linux.05"}));
  EXPECT_EQ(print_version(read), "1.20.300-rc.1+linux.05");
  EXPECT_EQ(version("1.0.0+a-b").build, "a-b");
  EXPECT_EQ(version("1.0.0--").prerelease, "-");
}

TEST(Semver, RefusesTextOutsideOfTheGrammar) {
  for (const char* const text : {"", "1", "1.2", "1.2.3.4", "v1.2.3", " 1.2.3", "1.2.3 ", "01.2.3",
                                 "1.02.3", "1.2.03", "1.2.x", "1.2.3-", "1.2.3+", "1.2.3-a..b",
                                 "1.2.3-01", "1.2.3-a_b", "1.2.3+a+b", "-1.2.3", "1..3"})
    EXPECT_FALSE(parse_version(text)) << text;
}

TEST(Semver, NamesTheBrokenRule) {
  EXPECT_EQ(reason("1.2"), "a version needs three numbers: major.minor.patch");
  EXPECT_EQ(reason("1.02.3"), "its minor version has a leading zero");
  EXPECT_EQ(reason("99999999999999999999.0.0"), "its major version does not fit 64 bits");
  EXPECT_EQ(reason("1.2.3-01"), "its prerelease has a number with a leading zero");
}

// The example of semver.org section 11.
TEST(Semver, OrdersByPrecedence) {
  const std::vector<std::string_view> sorted = {"1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta",
                                                "1.0.0-beta",  "1.0.0-beta.2",  "1.0.0-beta.11",
                                                "1.0.0-rc.1",  "1.0.0",         "2.0.0",
                                                "2.1.0",       "2.1.1",         "10.0.0"};
  for (std::size_t i = 0; i < sorted.size(); ++i)
    for (std::size_t j = 0; j < sorted.size(); ++j)
      EXPECT_EQ(compare_precedence(version(sorted[i]), version(sorted[j])), i <=> j)
          << sorted[i] << " " << sorted[j];
}

TEST(Semver, BuildMetadataBreaksTiesAsText) {
  EXPECT_EQ(compare_precedence(version("1.0.0+b"), version("1.0.0+a")),
            std::weak_ordering::equivalent);
  EXPECT_EQ(compare_versions(version("1.0.0+b"), version("1.0.0+a")),
            std::strong_ordering::greater);
  EXPECT_EQ(compare_versions(version("1.0.0+9"), version("1.0.0+10")),
            std::strong_ordering::greater);
  EXPECT_EQ(compare_versions(version("1.0.1"), version("1.0.0+z")), std::strong_ordering::greater);
}

TEST(Semver, TracksFollowCompatibility) {
  EXPECT_EQ(track_of(version("1.2.3")), "1");
  EXPECT_EQ(track_of(version("0.2.6")), "0.2");
  EXPECT_EQ(track_of(version("0.0.3")), "0.0.3");
  EXPECT_EQ(track_of(version("0.0.0")), "0.0.0");
}

TEST(Semver, PrereleaseIsItsOwnTrackWhateverTheBuild) {
  EXPECT_EQ(track_of(version("1.0.0-rc.1")), "1.0.0-rc.1");
  EXPECT_EQ(track_of(version("1.0.0-rc.1+a")), track_of(version("1.0.0-rc.1+b")));
  EXPECT_NE(track_of(version("1.0.0-rc.1")), track_of(version("1.0.0-rc.2")));
}

std::string join(std::string_view text, std::optional<std::string_view> suffix) {
  const Result<Version, VersionError> joined = parse_interface_version(text, suffix);
  return joined ? print_version(*joined) : "refused: " + joined.error().reason;
}

TEST(Semver, CanonicalVersionTakesItsSuffix) {
  EXPECT_EQ(join("1", ".2.3"), "1.2.3");
  EXPECT_EQ(join("0.2", ".6-rc.1"), "0.2.6-rc.1");
  EXPECT_EQ(join("0.0.1", "-alpha"), "0.0.1-alpha");
  EXPECT_EQ(join("0.0.1", ""), "0.0.1");
}

TEST(Semver, CanonicalVersionWithoutSuffixIsTheLowestOfItsTrack) {
  EXPECT_EQ(join("1", std::nullopt), "1.0.0");
  EXPECT_EQ(join("0.2", std::nullopt), "0.2.0");
  EXPECT_EQ(join("0.0.3", std::nullopt), "0.0.3");
  EXPECT_EQ(join("1.2.3", std::nullopt), "1.2.3");
}

TEST(Semver, RefusesSuffixesThatDoNotFit) {
  EXPECT_EQ(join("1.2.3", ".4"),
            "refused: a version suffix needs a canonical version: 1, 0.2 or 0.0.3");
  EXPECT_EQ(join("1", "0.2.3"), "refused: a version suffix begins with `.`, `-` or `+`");
  EXPECT_EQ(join("1", ".2"), "refused: a version needs three numbers: major.minor.patch");
  for (const char* const text : {"0", "0.0", "01", "0.01", "0.0.01", "x"})
    EXPECT_TRUE(join(text, std::nullopt).starts_with("refused")) << text;
}

TEST(Semver, ReadsTracksOfWires) {
  EXPECT_EQ(*parse_track("1"), "1");
  EXPECT_EQ(*parse_track("0.2"), "0.2");
  EXPECT_EQ(*parse_track("1.4.2"), "1");
  EXPECT_FALSE(parse_track("*"));
}

// A range, versions that match it, and versions that do not.
struct RangeCase {
  std::string_view range;
  std::vector<std::string_view> matching;
  std::vector<std::string_view> others;
};

void check_ranges(const std::vector<RangeCase>& cases) {
  for (const RangeCase& row : cases) {
    const auto range = parse_version_range(row.range);
    ASSERT_TRUE(range) << row.range;
    for (const std::string_view text : row.matching)
      EXPECT_TRUE(matches_range(*range, version(text))) << row.range << " and " << text;
    for (const std::string_view text : row.others)
      EXPECT_FALSE(matches_range(*range, version(text))) << row.range << " and " << text;
  }
}

std::string range_reason(std::string_view range) {
  const auto parsed = parse_version_range(range);
  return parsed ? "" : parsed.error().reason;
}

TEST(VersionRange, ABareVersionIsARangeToTheEndOfItsTrack) {
  for (const std::string_view range : {"1.2", "^1.2", "1.2.0", " ^ 1.2.0 "})
    check_ranges({{range, {"1.2.0", "1.99.0"}, {"1.1.9", "2.0.0"}}});
  check_ranges({{"0.2", {"0.2.9"}, {"0.3.0"}},
                {"0", {"0.9.9"}, {"1.0.0"}},
                {"0.0.3", {"0.0.3"}, {"0.0.4"}},
                {"0.0", {"0.0.9"}, {"0.1.0"}}});
}

TEST(VersionRange, ATildeKeepsTheMinorVersion) {
  check_ranges({{"~1.2.3", {"1.2.9"}, {"1.2.2"}},
                {"~1.2", {"1.2.0"}, {"1.3.0"}},
                {"~1", {"1.9.0"}, {"2.0.0"}}});
}

TEST(VersionRange, MissingPartsMatchEveryNumber) {
  check_ranges({{"=1.2", {"1.2.7"}, {"1.3.0"}},
                {"=1.2.3", {"1.2.3"}, {"1.2.4"}},
                {"<=1.2", {"1.2.7"}, {"1.3.0"}},
                {">1.2", {"1.3.0"}, {"1.2.7"}},
                {">1.2.3", {"1.2.4"}, {"1.2.3"}}});
}

TEST(VersionRange, RequiresAllBounds) {
  check_ranges({{">=0.1, <1", {"0.5.0"}, {"1.0.0", "0.0.9"}},
                {"*", {"12.0.1"}, {}},
                {"*, <2", {"1.0.1"}, {"2.0.0"}}});
}

TEST(VersionRange, APrereleaseMatchesABoundOfTheSameNumbers) {
  check_ranges({{"*", {}, {"1.0.0-rc.1"}},
                {">=0.9", {}, {"1.0.0-rc.1"}},
                {"<1.0.0", {}, {"1.0.0-rc.1"}},
                {">=1.0.0-rc.1", {"1.0.0-rc.2"}, {"1.0.1-rc.1"}},
                {">=1.0.0-rc.2", {}, {"1.0.0-rc.1"}},
                {">1.0.0-rc.1", {"1.0.0-rc.1.1"}, {"1.0.0-rc.1"}},
                {"=1.0.0-rc.1", {"1.0.0-rc.1"}, {"1.0.0"}}});
}

TEST(VersionRange, ReportsWhyATextIsNotARange) {
  for (const std::string_view text : {"", "1.2,", "1.x", "1.2.3.4", "01.2", "1-rc"})
    EXPECT_NE(range_reason(text), "") << text;
  EXPECT_EQ(range_reason("=>1"),
            "unknown operator `=>`; use `=`, `<`, `<=`, `>`, `>=`, `^` or `~`");
}

}  // namespace
}  // namespace tenon::semver_test
