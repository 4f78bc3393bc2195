#include "support/version_range.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace tenon::version_range_test {
namespace {

bool wants(std::string_view range, std::string_view version) {
  const auto parsed = parse_version_range(range);
  EXPECT_TRUE(parsed) << range;
  return parsed && matches_range(*parsed, *parse_version(version));
}

std::string reason(std::string_view range) {
  const auto parsed = parse_version_range(range);
  return parsed ? "" : parsed.error().reason;
}

TEST(VersionRange, AVersionAloneIsItsTrackFromThereOn) {
  for (const std::string_view range : {"1.2", "^1.2", "1.2.0", " ^ 1.2.0 "}) {
    EXPECT_FALSE(wants(range, "1.1.9")) << range;
    EXPECT_TRUE(wants(range, "1.2.0")) << range;
    EXPECT_TRUE(wants(range, "1.99.0")) << range;
    EXPECT_FALSE(wants(range, "2.0.0")) << range;
  }
  EXPECT_TRUE(wants("0.2", "0.2.9"));
  EXPECT_FALSE(wants("0.2", "0.3.0"));
  EXPECT_TRUE(wants("0", "0.9.9"));
  EXPECT_FALSE(wants("0", "1.0.0"));
  EXPECT_TRUE(wants("0.0.3", "0.0.3"));
  EXPECT_FALSE(wants("0.0.3", "0.0.4"));
  EXPECT_TRUE(wants("0.0", "0.0.9"));
  EXPECT_FALSE(wants("0.0", "0.1.0"));
}

TEST(VersionRange, ATildeKeepsTheMinorVersion) {
  EXPECT_TRUE(wants("~1.2.3", "1.2.9"));
  EXPECT_FALSE(wants("~1.2.3", "1.2.2"));
  EXPECT_FALSE(wants("~1.2", "1.3.0"));
  EXPECT_TRUE(wants("~1", "1.9.0"));
  EXPECT_FALSE(wants("~1", "2.0.0"));
}

TEST(VersionRange, PartsThatAreLeftOutMeanAllOfThem) {
  EXPECT_TRUE(wants("=1.2", "1.2.7"));
  EXPECT_FALSE(wants("=1.2", "1.3.0"));
  EXPECT_FALSE(wants("=1.2.3", "1.2.4"));
  EXPECT_TRUE(wants("<=1.2", "1.2.7"));
  EXPECT_FALSE(wants("<=1.2", "1.3.0"));
  EXPECT_FALSE(wants(">1.2", "1.2.7"));
  EXPECT_TRUE(wants(">1.2", "1.3.0"));
  EXPECT_FALSE(wants(">1.2.3", "1.2.3"));
  EXPECT_TRUE(wants(">1.2.3", "1.2.4"));
}

TEST(VersionRange, AllBoundsHold) {
  EXPECT_TRUE(wants(">=0.1, <1", "0.5.0"));
  EXPECT_FALSE(wants(">=0.1, <1", "1.0.0"));
  EXPECT_FALSE(wants(">=0.1, <1", "0.0.9"));
  EXPECT_TRUE(wants("*", "12.0.1"));
  EXPECT_TRUE(wants("*, <2", "1.0.1"));
}

TEST(VersionRange, APrereleaseIsWantedByOneOfTheSameNumbers) {
  EXPECT_FALSE(wants("*", "1.0.0-rc.1"));
  EXPECT_FALSE(wants(">=0.9", "1.0.0-rc.1"));
  EXPECT_FALSE(wants("<1.0.0", "1.0.0-rc.1"));
  EXPECT_TRUE(wants(">=1.0.0-rc.1", "1.0.0-rc.2"));
  EXPECT_FALSE(wants(">=1.0.0-rc.2", "1.0.0-rc.1"));
  EXPECT_FALSE(wants(">=1.0.0-rc.1", "1.0.1-rc.1"));
  EXPECT_FALSE(wants(">1.0.0-rc.1", "1.0.0-rc.1"));
  EXPECT_TRUE(wants(">1.0.0-rc.1", "1.0.0-rc.1.1"));
  EXPECT_TRUE(wants("=1.0.0-rc.1", "1.0.0-rc.1"));
  EXPECT_FALSE(wants("=1.0.0-rc.1", "1.0.0"));
}

TEST(VersionRange, WhatIsNoneIsRefusedWithTheReason) {
  EXPECT_NE(reason(""), "");
  EXPECT_NE(reason("1.2,"), "");
  EXPECT_NE(reason("1.x"), "");
  EXPECT_NE(reason("1.2.3.4"), "");
  EXPECT_NE(reason("01.2"), "");
  EXPECT_NE(reason("1-rc"), "");
  EXPECT_EQ(reason("=>1"),
            "`=>` is no sign of a range; `=`, `<`, `<=`, `>`, `>=`, `^` and `~` are");
}

}  // namespace
}  // namespace tenon::version_range_test
