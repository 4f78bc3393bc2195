#include "compose/places.h"

#include <gtest/gtest.h>

namespace tenon::compose::places_test {
namespace {

TEST(Places, AliasesOnceAndOnlyWhatIsAskedFor) {
  binary::ComponentWriter out;
  const std::uint32_t instance = out.add_instance({});
  Places places(out);
  const PlaceId root = places.at({binary::Sort::Instance, instance});
  const PlaceId store = places.inside(root, binary::Sort::Instance, "store");
  const PlaceId bucket = places.inside(store, binary::Sort::Type, "bucket");
  EXPECT_EQ(places.inside(root, binary::Sort::Instance, "store"), store);
  EXPECT_EQ(out.spaces().size(binary::Sort::Instance), 1U);

  EXPECT_EQ(places.index(bucket), 0U);
  EXPECT_EQ(places.index(bucket), 0U);
  EXPECT_EQ(places.item(store), (binary::SortIndex{binary::Sort::Instance, 1}));
  EXPECT_EQ(out.spaces().size(binary::Sort::Instance), 2U);
  EXPECT_EQ(out.spaces().size(binary::Sort::Type), 1U);
}

}  // namespace
}  // namespace tenon::compose::places_test
