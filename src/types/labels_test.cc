#include "types/labels.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tenon::types::labels_test {
namespace {

using ::testing::ElementsAre;
using ::testing::Optional;

TEST(Labels, AreThoseOfFieldsCasesAndFlags) {
  EXPECT_THAT(labels_of({Record{{{"b", {}}, {"a", {}}}}}), Optional(ElementsAre("b", "a")));
  EXPECT_THAT(labels_of({Variant{{{"x", {}}}}}), Optional(ElementsAre("x")));
  EXPECT_THAT(labels_of({Enum{{"p", "q"}}}), Optional(ElementsAre("p", "q")));
  EXPECT_THAT(labels_of({Flags{{"read"}}}), Optional(ElementsAre("read")));
  EXPECT_EQ(labels_of({Option{}}), std::nullopt);
  EXPECT_EQ(labels_of({Primitive::U8}), std::nullopt);
}

TEST(LabelTable, FindsEachLabel) {
  std::vector<std::string> labels;
  for (int i = 0; i < 300; ++i) labels.push_back(fmt::format("l{}", i * 7 % 300));
  const LabelTable table(labels);
  EXPECT_EQ(table.labels(), labels);
  for (std::uint32_t i = 0; i < labels.size(); ++i) EXPECT_EQ(table.find(labels[i]), i);
  for (const char* other : {"", "l", "l300", "z"}) EXPECT_EQ(table.find(other), std::nullopt);
  EXPECT_EQ(LabelTable({}).find("a"), std::nullopt);
  EXPECT_EQ(LabelTable({"a", "b", "a"}).find("a"), 0U);
}

TEST(Parts, AreAbsentWhereAPlaceIsEmpty) {
  const TypeId u8{3};
  EXPECT_THAT(parts_of({Variant{{{"x", {}}, {"y", u8}}}}), ElementsAre(std::nullopt, u8));
  EXPECT_THAT(parts_of({ResultType{u8, {}}}), ElementsAre(u8, std::nullopt));
  EXPECT_THAT(parts_of({Map{u8, u8}}), ElementsAre(u8, u8));
  EXPECT_TRUE(parts_of({Enum{{"p", "q"}}}).empty());
}

}  // namespace
}  // namespace tenon::types::labels_test
