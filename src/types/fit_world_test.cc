#include "types/fit_world.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "types/test_components.h"

namespace tenon::types::fit_world_test {
namespace {

using Kind = WorldProblem::Kind;

class FitWorldTest : public testing::Test {
 protected:
  static RootItem root(std::string name, Item item) {
    RootItem root;
    root.name = std::move(name);
    root.item = item;
    return root;
  }
  ResourceId resource() { return types.resources.add({"r"}); }
  InstanceId holding(ResourceId id) { return make_instance(types, {{"r", TypeBound{id}}}); }

  // The kind of the only problem; fails if there is not exactly one.
  Kind problem() {
    const std::vector<WorldProblem> problems = fit_world(types, world, component);
    EXPECT_EQ(problems.size(), 1U);
    return problems.empty() ? Kind::MissingExport : problems.front().kind;
  }
  bool fits() { return fit_world(types, world, component).empty(); }

  Types types;
  ComponentType world;
  ComponentType component;
  const FunctionId f = make_function(types, {});
  const FunctionId g = make_function(types, {{"a", types.primitive(Primitive::U8)}});
};

TEST_F(FitWorldTest, AllowsFewerImportsAndMoreExports) {
  world.imports = {root("a", f), root("b", f)};
  world.exports = {root("run", f)};
  component.imports = {root("b", f)};
  component.exports = {root("run", f), root("stop", g)};
  EXPECT_TRUE(fits());
}

TEST_F(FitWorldTest, ReportsExtraImportsAndMissingExports) {
  component.imports = {root("b", f)};
  EXPECT_EQ(problem(), Kind::ExtraImport);
  component.imports.clear();
  world.exports = {root("run", f)};
  EXPECT_EQ(problem(), Kind::MissingExport);
}

TEST_F(FitWorldTest, ComparesImportsAndExportsInOppositeDirections) {
  const InstanceId small = make_instance(types, {{"f", f}});
  const InstanceId large = make_instance(types, {{"f", f}, {"g", g}});
  world.imports = {root("a:b/c", large)};
  world.exports = {root("a:b/d", small)};
  component.imports = {root("a:b/c", small)};
  component.exports = {root("a:b/d", large)};
  EXPECT_TRUE(fits());
  world.imports[0].item = small;
  component.imports[0].item = large;
  EXPECT_EQ(problem(), Kind::ImportDiffers);
  world.imports[0].item = large;
  world.exports[0].item = large;
  component.exports[0].item = small;
  EXPECT_EQ(problem(), Kind::ExportDiffers);
}

TEST_F(FitWorldTest, MatchesInterfacesByTrack) {
  const InstanceId item = make_instance(types, {{"f", f}});
  world.imports = {root("a:b/c@1.0.0", item), root("a:b/c@1.4.0", item), root("a:b/c@2.0.0", item)};
  component.imports = {root("a:b/c@1.2.0", make_instance(types, {{"g", g}}))};
  const std::vector<WorldProblem> problems = fit_world(types, world, component);
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].kind, Kind::ImportDiffers);
  EXPECT_EQ(problems[0].matched, "a:b/c@1.4.0");
}

TEST_F(FitWorldTest, AllowsExtraImportsOfValueTypes) {
  component.imports = {
      root("a:b/types", make_instance(types, {{"t", TypeBound{types.primitive(Primitive::U8)}}}))};
  EXPECT_TRUE(fits());
}

TEST_F(FitWorldTest, AllowsOneResourceForTwoImports) {
  const ResourceId shared = resource();
  world.imports = {root("a", holding(shared)), root("b", holding(shared))};
  component.imports = {root("a", holding(resource())), root("b", holding(resource()))};
  EXPECT_TRUE(fits());
}

TEST_F(FitWorldTest, RefusesTwoResourcesForOne) {
  const ResourceId shared = resource();
  world.imports = {root("a", holding(resource())), root("b", holding(resource()))};
  component.imports = {root("a", holding(shared)), root("b", holding(shared))};
  EXPECT_EQ(problem(), Kind::ResourceSplit);
  component.imports.clear();
  world.exports = {root("c", holding(shared)), root("d", holding(shared))};
  component.exports = {root("c", holding(resource())), root("d", holding(resource()))};
  EXPECT_EQ(problem(), Kind::ResourceSplit);
}

TEST_F(FitWorldTest, FollowsAResourceThatIsExportedAgain) {
  const ResourceId offered = resource();
  const ResourceId imported = resource();
  world.imports = {root("a", holding(offered))};
  world.exports = {root("b", holding(offered))};
  component.imports = {root("a", holding(imported))};
  component.exports = {root("b", holding(imported))};
  EXPECT_TRUE(fits());
  component.exports[0].item = holding(resource());
  EXPECT_EQ(problem(), Kind::ResourceSplit);
}

}  // namespace
}  // namespace tenon::types::fit_world_test
