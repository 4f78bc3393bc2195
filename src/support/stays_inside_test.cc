#include "support/stays_inside.h"

#include <gtest/gtest.h>

namespace tenon::stays_inside_test {
namespace {

TEST(StaysInside, CountsFoldersUpAndDown) {
  for (const char* const path : {"a", "a/b", "./a", "a/../b", "a//b/.."})
    EXPECT_TRUE(stays_inside(path)) << path;
  for (const char* const path : {"", "/a", "..", "a/../../b", "./../a"})
    EXPECT_FALSE(stays_inside(path)) << path;
}

}  // namespace
}  // namespace tenon::stays_inside_test
