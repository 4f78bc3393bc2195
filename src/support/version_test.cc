#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tenon/inspect.h"

namespace tenon::version_test {
namespace {

using testing::Contains;

TEST(Version, NamesThePartsThatAreBuiltIn) {
  const auto engine = std::ranges::find(library_parts(), "wasmtime", &LibraryPart::name);
  ASSERT_NE(engine, library_parts().end());
  EXPECT_EQ(engine->kind, LibraryPart::Kind::Crate);
  EXPECT_EQ("wasmtime " + std::string(engine->version), engine_version());
  const auto library = std::ranges::find(library_parts(), "nlohmann-json", &LibraryPart::name);
  ASSERT_NE(library, library_parts().end());
  EXPECT_EQ(library->kind, LibraryPart::Kind::Library);
  EXPECT_NE(library->version, "");
  EXPECT_THAT(engine_features(), Contains("component-model"));
}

}  // namespace
}  // namespace tenon::version_test
