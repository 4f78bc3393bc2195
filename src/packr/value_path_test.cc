#include "packr/value_path.h"

#include <gtest/gtest.h>

namespace tenon::packr::value_path_test {
namespace {

TEST(ValuePaths, StepsAreShownFromTheWholeToThePart) {
  ValuePath path;
  EXPECT_EQ(path.print(), "$");
  const ValuePath::Step items(path, ValuePath::label("items"));
  {
    const ValuePath::Step third(path, ValuePath::element(3));
    const ValuePath::Step second(path, ValuePath::position(2));
    EXPECT_EQ(path.print(), "$.items[3].2");
  }
  const ValuePath::Step key(path, ValuePath::element(0, "key"));
  EXPECT_EQ(path.print(), "$.items[0].key");
}

}  // namespace
}  // namespace tenon::packr::value_path_test
