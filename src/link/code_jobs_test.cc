#include "link/code_jobs.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <thread>

namespace tenon::link::code_jobs_test {
namespace {

TEST(CountProcessors, LeavesOutThoseThatTheProcessMayNotUse) {
  EXPECT_GE(count_processors(), 1U);
  std::thread([] {
    cpu_set_t one;
    ASSERT_EQ(::sched_getaffinity(0, sizeof one, &one), 0);
    int first = 0;
    while (!CPU_ISSET(first, &one)) ++first;
    CPU_ZERO(&one);
    CPU_SET(first, &one);
    ASSERT_EQ(::sched_setaffinity(0, sizeof one, &one), 0);
    EXPECT_EQ(count_processors(), 1U);
  }).join();
}

}  // namespace
}  // namespace tenon::link::code_jobs_test
