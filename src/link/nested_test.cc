// Compositions as units of other compositions.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "tenon/builder.h"
#include "tenon/host.h"
#include "tests/support/call_test.h"
#include "tests/support/package_test.h"
#include "tests/support/test_units.h"

namespace tenon::nested_test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

// `keeper` with the `front` that uses it; `lib` is open.
CompositionBuilder make_inner() {
  CompositionBuilder inner;
  inner.add_component("front", domain_guest("front"));
  inner.add_component("keeper", domain_guest("keeper"));
  inner.allow_unresolved();
  return inner;
}

TEST(Nested, TheUnitImportsItsOpenImports) {
  for (const bool isolates : {false, true}) {
    CompositionBuilder flat;
    for (const char* name : {"front", "keeper", "lib"})
      flat.add_component(name, domain_guest(name));
    const Composition expected = *flat.build();
    CompositionBuilder outer;
    outer.add_component("lib", domain_guest("lib"));
    outer.add_composition("shop", make_inner());
    if (isolates) outer.isolate_all();
    Result<Composition> composition = outer.build();
    ASSERT_TRUE(composition) << composition.error().front().message;
    ASSERT_EQ(composition->plan().edges.size(), 1U);
    EXPECT_EQ(composition->plan().edges[0].consumer, "shop");
    EXPECT_EQ(composition->plan().edges[0].kind, isolates ? EdgeKind::Bridged : EdgeKind::Direct);
    EXPECT_EQ(composition->plan().units[1].kind, UnitKind::Composition);
    for (const std::string_view text :
         {"add(1, 2)", "merge(3, 4)", "keep-all([7, 8, 9])", "take()"})
      EXPECT_EQ(call_front(*composition, text), call_front(expected, text)) << text;
  }
}

// Its domains stay apart, and have names that begin with its own.
TEST(Nested, ItCanHaveSeveralDomains) {
  CompositionBuilder flat;
  CompositionBuilder inner;
  for (const char* name : {"front", "keeper", "lib"}) {
    flat.add_component(name, domain_guest(name));
    inner.add_component(name, domain_guest(name));
  }
  const Composition expected = *flat.build();
  inner.isolate_all();
  CompositionBuilder outer;
  outer.add_composition("shop", std::move(inner));
  outer.set_root("shop");
  outer.limits("shop-keeper").memory = std::uint64_t{1} << 26;
  Result<Composition> composition = outer.build();
  ASSERT_TRUE(composition) << composition.error().front().message;
  const Plan& plan = composition->plan();
  EXPECT_THAT(plan.order, ElementsAre("shop-lib", "shop-keeper", "shop"));
  EXPECT_EQ(plan.edges.size(), 3U);
  for (const PlanEdge& edge : plan.edges) EXPECT_EQ(edge.kind, EdgeKind::Bridged);
  for (const std::string_view text : kFrontCalls)
    EXPECT_EQ(call_front(*composition, text), call_front(expected, text)) << text;
}

TEST(Nested, SoCanPackagesBeInIt) {
  CompositionBuilder inner;
  inner.add_package("doubler", package_guest("0.5.4", "doubler_typed"));
  CompositionBuilder outer;
  outer.add_composition("shop", std::move(inner));
  Result<Composition> composition = outer.build();
  ASSERT_TRUE(composition) << composition.error().front().message;
  ASSERT_EQ(composition->plan().units.size(), 1U);
  EXPECT_EQ(composition->plan().units[0].kind, UnitKind::Package);
}

TEST(Nested, ItsProblemsAreReportedByTheOuterComposition) {
  CompositionBuilder inner = make_inner();
  inner.wire({.consumer = "front", .import = "no:such/thing"});
  CompositionBuilder outer;
  outer.add_component("lib", domain_guest("lib"));
  outer.add_composition("shop", std::move(inner));
  CompositionBuilder other;
  other.add_component("front", domain_guest("front"));
  other.add_host_function("demo:domains/lib", "boom", [] {});
  other.grants("main").stdio = Stdio::Inherit;
  other.grants().env.emplace_back("KEY", "value");
  other.limits().memory = 1 << 20;
  outer.add_composition("second", std::move(other));
  const Result<Plan> plan = outer.plan();
  ASSERT_FALSE(plan);
  std::vector<std::string> messages;
  for (const Diagnostic& problem : plan.error()) {
    messages.push_back(problem.message);
    for (const Note& note : problem.notes) messages.push_back(note.text);
  }
  EXPECT_THAT(messages, Contains(HasSubstr("no:such/thing")));
  EXPECT_THAT(messages, Contains("in the composition `shop`"));
  EXPECT_THAT(messages, Contains(HasSubstr("cannot have functions of the program")));
  EXPECT_THAT(messages, Contains(HasSubstr("cannot have settings of domains")));
  EXPECT_THAT(messages,
              Contains("the composition `second` is a unit, and so it cannot have grants"));
  EXPECT_THAT(messages,
              Contains("the composition `second` is a unit, and so it cannot have limits"));
}

class NestedUnits : public UnitsTest {};

TEST_F(NestedUnits, ItsNotesAreReportedByTheOuterComposition) {
  add("tax", function_unit("", "test:u/tax", "(local.get 0)"));
  add("spare", function_unit("", "test:u/spare", "(local.get 0)"));
  CompositionBuilder outer;
  // A manifest without grants loses nothing.
  outer.add_composition("shop", make_builder("tax"));
  const Result<Plan> plan = outer.plan();
  ASSERT_TRUE(plan) << plan.error().front().message;
  ASSERT_EQ(plan->notes.size(), 1U);
  EXPECT_EQ(plan->notes[0].code, "unused-unit");
  EXPECT_THAT(plan->notes[0].message, HasSubstr("`spare`"));
  ASSERT_FALSE(plan->notes[0].notes.empty());
  EXPECT_EQ(plan->notes[0].notes.back().text, "in the composition `shop`");
}

// Each domain imports what is open in it.
TEST_F(NestedUnits, ItsDomainsImportWhatIsOpen) {
  add("cart", function_unit("test:u/tax", "test:u/cart", "(call $f (local.get 0))"));
  add("tax",
      function_unit("test:u/base", "test:u/tax", "(i32.add (call $f (local.get 0)) (i32.const 1))"),
      "isolated = true");
  say("[policy]\nunresolved = \"open\"");
  CompositionBuilder outer;
  outer.add_composition("shop", make_builder("cart"));
  outer.set_root("shop");
  outer.add_component("base", write("base", function_unit("", "test:u/base", "(local.get 0)")));
  const Composition composition = built(outer);
  EXPECT_THAT(composition.plan().order, ElementsAre("base", "shop-tax", "shop"));
  EXPECT_EQ(describe_outcome(call(composition, "test:u/cart", 7)), "8");
}

}  // namespace
}  // namespace tenon::nested_test
