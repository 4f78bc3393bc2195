#include "runtime/ticker.h"

#include <gtest/gtest.h>

#include <chrono>

namespace tenon::runtime::ticker_test {
namespace {

TEST(Ticker, ALateTickDoesNotDelayTheNext) {
  using std::chrono::microseconds;
  const Clock::time_point due;
  EXPECT_EQ(Ticker::next_tick(due, due + microseconds(70)), due + microseconds(1000));
  EXPECT_EQ(Ticker::next_tick(due, due + microseconds(999)), due + microseconds(1000));
  // Missed ticks are not made up for: they would shorten the time of a call that begins then.
  EXPECT_EQ(Ticker::next_tick(due, due + microseconds(5300)), due + microseconds(6300));
}

}  // namespace
}  // namespace tenon::runtime::ticker_test
