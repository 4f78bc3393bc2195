// Property: a real component that is truncated after any byte is either rejected with a hint, or
// accepted as a component of its first sections.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <span>
#include <vector>

#include "tenon/builder.h"

namespace tenon::link::truncation_test {
namespace {

TEST(Truncation, OfAGuestIsAProblemWithAHint) {
  std::ifstream file(TENON_SOURCE_DIR "/tests/guests/wasm/adder-client.wasm", std::ios::binary);
  const std::vector<std::uint8_t> bytes((std::istreambuf_iterator<char>(file)),
                                        std::istreambuf_iterator<char>());
  ASSERT_FALSE(bytes.empty());
  std::size_t refused = 0;
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CompositionBuilder builder;
    builder.add_component("cut", std::span(bytes).first(size));
    builder.allow_unresolved();
    const Result<Plan> plan = builder.plan();
    if (plan) continue;
    ++refused;
    for (const Diagnostic& problem : plan.error()) {
      const bool is_known = problem.code.starts_with("read-") || problem.code.starts_with("type-");
      EXPECT_TRUE(is_known) << "cut after " << size << ": " << problem.code;
      EXPECT_FALSE(problem.hints.empty()) << "cut after " << size << ": " << problem.message;
    }
  }
  EXPECT_GT(refused, bytes.size() * 9 / 10);
}

}  // namespace
}  // namespace tenon::link::truncation_test
