// Tests the sample of cases that a variant runs without `--all`.
#include "tests/support/test_scale.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <vector>

namespace tenon::test_scale_test {

class Sample : public testing::Test {
 protected:
  void SetUp() override {
    if (tests_everything()) GTEST_SKIP() << "a run of --all has no samples";
  }

  static std::vector<std::string> make_cases(std::size_t count) {
    std::vector<std::string> cases;
    for (std::size_t i = 0; i < count; ++i) cases.push_back("run_case_" + std::to_string(i));
    return cases;
  }
};

TEST_F(Sample, HasAllOfFewCases) {
  EXPECT_EQ(choose_sample(make_cases(kSampleSize)), make_cases(kSampleSize));
}

TEST_F(Sample, IsFixedWhateverTheOrderOfCases) {
  std::vector<std::string> cases = make_cases(3 * kSampleSize);
  const std::vector<std::string> sample = choose_sample(cases);
  EXPECT_EQ(sample.size(), kSampleSize);
  std::ranges::reverse(cases);
  EXPECT_EQ(choose_sample(cases), sample);
}

TEST_F(Sample, ANewCaseReplacesAtMostOne) {
  const std::vector<std::string> before = choose_sample(make_cases(3 * kSampleSize));
  const std::vector<std::string> after = choose_sample(make_cases(3 * kSampleSize + 1));
  std::size_t lost = 0;
  for (const std::string& name : before)
    if (std::ranges::find(after, name) == after.end()) ++lost;
  EXPECT_LE(lost, 1U);
}

}  // namespace tenon::test_scale_test
