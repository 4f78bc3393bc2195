#include "support/rare.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace tenon::rare_test {
namespace {

TEST(Rare, IsAValueOrNothing) {
  Rare<std::string> none;
  Rare<std::string> text = std::string("text");
  EXPECT_FALSE(none);
  ASSERT_TRUE(text);
  EXPECT_EQ(*text, "text");
  const Rare<std::string> copy = text;
  EXPECT_EQ(copy, text);
  EXPECT_NE(copy, none);
  EXPECT_EQ(none, Rare<std::string>(std::nullopt));
  text = none;
  EXPECT_FALSE(text);
  EXPECT_EQ(*copy, "text");
  none = std::optional<std::string>("other");
  EXPECT_EQ(*none, "other");
  none.reset();
  EXPECT_FALSE(none);
  EXPECT_EQ(sizeof none, sizeof(void*));
}

TEST(Rare, ConvertsToOptional) {
  const Rare<std::string> text = std::string("text");
  const std::optional<std::string_view> view = text;
  EXPECT_EQ(view, "text");
  EXPECT_EQ(std::optional<std::string>(text), "text");
  EXPECT_EQ(std::optional<std::string>(Rare<std::string>()), std::nullopt);
}

}  // namespace
}  // namespace tenon::rare_test
