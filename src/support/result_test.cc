#include "tenon/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <type_traits>
#include <utility>

namespace tenon::result_test {
namespace {

// Long enough to live on the heap, where a sanitizer sees a double free or a leak.
const std::string kText(100, 'x');
const std::string kReason(100, 'y');

struct Failure {
  std::string reason;
};
using Text = Result<std::string, Failure>;

Text good() { return kText; }
Text bad() { return Failure{kReason}; }

TEST(Result, IsAValueOrAFailure) {
  EXPECT_TRUE(good().has_value());
  EXPECT_EQ(*good(), kText);
  EXPECT_EQ(good()->size(), kText.size());
  EXPECT_FALSE(bad());
  EXPECT_EQ(bad().error().reason, kReason);
}

TEST(Result, CopiesAndMovesValueAndFailure) {
  for (const Text& first : {good(), bad()}) {
    const Text copy = first;
    Text source = first;
    const Text moved = std::move(source);
    EXPECT_EQ(copy.has_value(), first.has_value());
    EXPECT_EQ(moved.has_value(), first.has_value());
    EXPECT_EQ(first ? *copy : copy.error().reason, first ? kText : kReason);
    EXPECT_EQ(first ? *moved : moved.error().reason, first ? kText : kReason);
  }
}

TEST(Result, AssignsOverValueAndFailure) {
  for (const Text& before : {good(), bad()})
    for (const Text& after : {good(), bad()}) {
      Text copied = before;
      copied = after;
      EXPECT_EQ(copied ? *copied : copied.error().reason, after ? kText : kReason);
      Text moved = before;
      moved = Text(after);
      EXPECT_EQ(moved ? *moved : moved.error().reason, after ? kText : kReason);
      Text& same = moved;
      moved = std::move(same);
      EXPECT_EQ(moved ? *moved : moved.error().reason, after ? kText : kReason);
    }
}

TEST(Result, HoldsMoveOnlyValues) {
  Result<std::unique_ptr<int>, Failure> result = std::make_unique<int>(7);
  static_assert(!std::is_copy_constructible_v<decltype(result)>);
  const std::unique_ptr<int> taken = *std::move(result);
  EXPECT_EQ(*taken, 7);
}

TEST(Result, OfVoidIsASuccessByDefault) {
  Result<void, Failure> done;
  EXPECT_TRUE(done);
  done = Failure{kReason};
  const Result<void, Failure> copy = done;
  EXPECT_EQ(copy.error().reason, kReason);
  done = {};
  EXPECT_TRUE(done.has_value());
}

TEST(Result, OneProblemIsAListOfOne) {
  Diagnostic problem;
  problem.message = "no";
  const Result<int> failed = problem;
  ASSERT_EQ(failed.error().size(), 1U);
  EXPECT_EQ(failed.error()[0].message, "no");
  const Result<void> done = problem;
  EXPECT_EQ(done.error().size(), 1U);
}

TEST(ResultDeathTest, ReadingTheAbsentSideEndsTheProcess) {
  EXPECT_DEATH((void)*bad(), "");
  EXPECT_DEATH((void)good().error(), "");
}

}  // namespace
}  // namespace tenon::result_test
