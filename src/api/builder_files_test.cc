// The files that a builder reports as read.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <span>
#include <string>
#include <utility>

#include "tenon/builder.h"
#include "tests/support/temporary_folder.h"

namespace tenon::builder_files_test {
namespace {

TEST(BuilderFiles, IncludeManifestsAndComponentsOfNestedCompositions) {
  const TemporaryFolder folder;
  const std::string manifest = (folder.path() / "tenon.toml").string();
  std::ofstream(manifest) << "schema = 1\n[project]\nname = \"shop\"\n"
                             "[components.tax]\npath = \"tax.wasm\"\n";
  CompositionBuilder nested;
  nested.add_component("inner", "inner.wasm");
  CompositionBuilder builder;
  EXPECT_TRUE(builder.read_manifest(manifest));
  builder.add_component("app", "app.wasm");
  builder.add_component("memory", std::span<const std::uint8_t>());
  builder.add_composition("nested", std::move(nested));
  EXPECT_THAT(builder.files(),
              testing::UnorderedElementsAre(manifest, (folder.path() / "tax.wasm").string(),
                                            "app.wasm", "inner.wasm"));
}

}  // namespace
}  // namespace tenon::builder_files_test
