#include "compose/trap_stub.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "compose/test_composition.h"
#include "compose/test_link.h"
#include "compose/test_units.h"
#include "compose/trap_stub.h"

namespace tenon::compose::trap_stub_test {
namespace {

TEST(TrapStub, ReplacesAnInterfaceThatUsesAResource) {
  TestLink link;
  link.add("kv", store_unit());
  link.add("relay", relay_unit());
  link.pass("relay", kStore, "kv");
  link.trap(std::string(kLink));
  link.export_item("kv", kStore);
  link.export_item("relay", kLink);
  const types::ComponentType type = Composition(link.embed({}).bytes).type;
  EXPECT_TRUE(type.imports.empty());
  ASSERT_EQ(type.exports.size(), 2U);
  EXPECT_EQ(type.defined.size(), 1U);
}

// Nothing provides the bucket of the store, so its stub defines it, and the stub of the link uses
// it.
TEST(TrapStub, MakesAResourceThatNothingElseDefines) {
  const auto count_stubs = [](const Composed& composed, std::string_view import) {
    return std::count_if(composed.stubs.begin(), composed.stubs.end(),
                         [import](const StubSpan& span) { return span.import == import; });
  };
  for (const std::size_t groups : {1U, 2U}) {
    TestLink link;
    for (const char* name : {"one", "two", "three"}) {
      link.add(name, relay_unit());
      link.export_item(name, kLink, name);
    }
    link.trap(std::string(kStore));
    link.trap(std::string(kLink));
    EmbedOptions options;
    if (groups == 2) options.limits = {6, 1000};
    const Composed composed = link.embed(options);
    const types::ComponentType type = Composition(composed.bytes).type;
    EXPECT_TRUE(type.imports.empty());
    EXPECT_EQ(type.exports.size(), 3U);
    EXPECT_EQ(type.defined.size(), 1U);
    EXPECT_EQ(count_stubs(composed, kStore), 1);
    EXPECT_EQ(count_stubs(composed, kLink), static_cast<std::ptrdiff_t>(groups));
  }
}

TEST(TrapStub, ReplacesAFunction) {
  TestLink link;
  link.add("asking", asking_unit());
  link.trap("ask");
  link.export_item("asking", "mood");
  link.export_item("asking", "ask");
  const types::ComponentType type = Composition(link.embed({}).bytes).type;
  ASSERT_EQ(type.imports.size(), 1U);
  EXPECT_EQ(type.imports[0].name, "mood");
}

TEST(TrapStub, IsWrittenInEveryGroupThatNeedsIt) {
  TestLink link;
  link.add("kv", store_unit());
  for (const char* name : {"one", "two", "three"}) {
    link.add(name, relay_unit());
    link.pass(name, kStore, "kv");
    link.export_item(name, kLink, name);
  }
  link.trap(std::string(kLink));
  const types::ComponentType type = Composition(link.embed({.limits = {3, 1000}}).bytes).type;
  EXPECT_TRUE(type.imports.empty());
  EXPECT_EQ(type.exports.size(), 3U);
}

TEST(TrapStub, RefusesNestedInstances) {
  TestLink link;
  link.add("relay", relay_unit());
  link.trap(std::string(kLink));
  ASSERT_TRUE(link.try_embed({}));
  types::Instance outer;
  outer.add_export("inner", link.plan.imports[1].item);
  link.plan.imports[1].item = link.types.instances.add(outer);
  link.plan.types = std::make_shared<const types::Types>(link.types);
  const Result<Composed> result = embed(link.plan, UnitBytes(1), {});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().front().code, "compose-not-one-domain");
}

}  // namespace
}  // namespace tenon::compose::trap_stub_test
