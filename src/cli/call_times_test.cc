#include "cli/call_times.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace tenon::cli::call_times_test {
namespace {

TEST(CallTimes, AreOfOneCall) {
  EXPECT_EQ(render_call_times({412}), "1 call: median 412 ns, p99 412 ns, min 412 ns, max 412 ns");
}

TEST(CallTimes, AreOfManyCallsInAnyOrder) {
  std::vector<std::uint64_t> times;
  for (std::uint64_t i = 200; i > 0; --i) times.push_back(i * 10);
  EXPECT_EQ(render_call_times(times),
            "200 calls: median 1.0 us, p99 2.0 us, min 10 ns, max 2.0 us");
}

TEST(CallTimes, HaveTheUnitThatFits) {
  EXPECT_EQ(render_call_times({999, 1'500, 2'500'000, 3'000'000'000}),
            "4 calls: median 1.5 us, p99 3.0 s, min 999 ns, max 3.0 s");
}

}  // namespace
}  // namespace tenon::cli::call_times_test
