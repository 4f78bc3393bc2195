#include "compose/strip.h"

#include <gtest/gtest.h>

#include "compose/test_units.h"
#include "support/limits.h"

namespace tenon::compose::strip_test {
namespace {

TEST(Strip, DropsCustomSectionsAtAnyDepth) {
  binary::ComponentWriter with;
  with.add_component(relay_unit(1));
  binary::ComponentWriter without;
  Result<std::vector<std::uint8_t>> inner = strip_custom_sections(relay_unit(1));
  ASSERT_TRUE(inner);
  EXPECT_LT(inner->size(), relay_unit(1).size());
  without.add_component(*inner);
  const Result<std::vector<std::uint8_t>> stripped =
      strip_custom_sections(std::move(with).finish().bytes);
  ASSERT_TRUE(stripped);
  EXPECT_EQ(*stripped, std::move(without).finish().bytes);
}

TEST(Strip, CopiesWhatHasNoCustomSections) {
  const Result<std::vector<std::uint8_t>> stripped = strip_custom_sections(store_unit());
  ASSERT_TRUE(stripped);
  EXPECT_EQ(*stripped, store_unit());
}

TEST(Strip, RefusesOrTakesEveryTruncation) {
  const std::vector<std::uint8_t> whole = store_unit();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const Result<std::vector<std::uint8_t>> made =
        strip_custom_sections(std::span(whole).first(size));
    // Between two sections a shorter component ends.
    if (made) {
      EXPECT_LE(made->size(), size);
    }
  }
}

TEST(Strip, RefusesDeepNesting) {
  std::vector<std::uint8_t> nested = store_unit();
  for (std::uint32_t depth = 0; depth <= limits::kNestingDepth; ++depth) {
    binary::ComponentWriter around;
    around.add_component(nested);
    nested = std::move(around).finish().bytes;
  }
  const Result<std::vector<std::uint8_t>> made = strip_custom_sections(nested);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().front().code, "read-limit");
}

}  // namespace
}  // namespace tenon::compose::strip_test
