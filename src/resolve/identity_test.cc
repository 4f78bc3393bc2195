// Resource identity as a constraint: tied resources are one resource, and a split is an error.
#include "resolve/identity.h"

#include "resolve/plan_test_support.h"

namespace tenon::resolve::identity_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// -- The classes alone

TEST(ResourceClasses, HoldAtMostOneDefinition) {
  ResourceClasses classes(5);
  const ResourceId a{0}, b{1}, c{2}, d{3};
  EXPECT_FALSE(classes.define(a));
  EXPECT_EQ(classes.define(a), a);
  EXPECT_FALSE(classes.define(d));
  EXPECT_FALSE(classes.tie({b, a}, {}));
  EXPECT_FALSE(classes.tie({c, d}, {}));
  EXPECT_EQ(classes.find_definition(b), a);
  const std::optional<SplitPair> split = classes.tie({b, c}, {});
  ASSERT_TRUE(split);
  EXPECT_EQ(split->first, a);
  EXPECT_EQ(split->second, d);
  EXPECT_NE(classes.find_class(b), classes.find_class(c));
}

TEST(ResourceClasses, ASplitIsFoundAcrossTheTiesOfOneEdge) {
  ResourceClasses classes(5);
  const ResourceId free_a{0}, free_b{1}, defined_a{2}, defined_b{3};
  classes.define(defined_a);
  classes.define(defined_b);
  EXPECT_FALSE(classes.tie({free_a, free_b}, {}));
  const Tie each[] = {{free_a, defined_a}, {free_b, defined_b}};
  EXPECT_FALSE(classes.find_split({each, 1}));
  EXPECT_TRUE(classes.find_split(each));
}

TEST(ResourceClasses, WatchersAreNotifiedWhenAClassGainsADefinition) {
  ResourceClasses classes(4);
  const ResourceId a{0}, b{1}, defined{2};
  classes.define(defined);
  classes.watch(a, 7);
  classes.watch(defined, 8);
  EXPECT_FALSE(classes.tie({a, b}, {}));
  (void)classes.take_dirty();
  EXPECT_FALSE(classes.tie({b, defined}, {}));
  EXPECT_THAT(classes.take_dirty(), ElementsAre(7));
}

TEST(ResourceClasses, ThePathBetweenTwoIsShortest) {
  ResourceClasses classes(5);
  for (std::uint32_t i = 0; i < 3; ++i)
    EXPECT_FALSE(classes.tie({ResourceId{i}, ResourceId{i + 1}}, {TieCause::Kind::Edge, i}));
  const TieStep shortcut{{ResourceId{0}, ResourceId{3}}, {TieCause::Kind::Edge, 9}};
  EXPECT_EQ(classes.find_path(ResourceId{0}, ResourceId{3}, {}).size(), 3U);
  EXPECT_EQ(classes.find_path(ResourceId{0}, ResourceId{3}, {&shortcut, 1}).size(), 1U);
  EXPECT_THAT(classes.find_path(ResourceId{0}, ResourceId{4}, {}), IsEmpty());
}

// -- The press example of docs/resolve.md

#define STORE "{ resource bucket  open(name: string) -> bucket }"
#define BACKUP "{ use bucket from press:kv/store@0.1.0  save(b: borrow<bucket>) }"

constexpr std::string_view kPress = R"(
  unit site { import press:kv/store@0.1.0 )" STORE R"( import press:kv/backup@0.1.0 )" BACKUP R"( }
  unit archive { import press:kv/store@0.1.0 )" STORE R"( export press:kv/backup@0.1.0 )" BACKUP
                                    R"( }
  unit kv { export press:kv/store@0.1.0 )" STORE R"( }
  unit journal { export press:kv/store@0.1.0 )" STORE R"( })";

Inputs press(std::vector<Wire> wires) {
  Inputs inputs = read_units(kPress, "site");
  inputs.policy.wires = std::move(wires);
  return inputs;
}

TEST(Identity, OneWireDecidesForAllThatShareTheResource) {
  const LinkPlan plan = plan_of(press({wire("site:press:kv/store=journal")}));
  EXPECT_EQ(provider_of(plan, "archive", "press:kv/store@0.1.0"), "journal press:kv/store@0.1.0");
  const PlanEdge* edge = find_edge(plan, "archive", "press:kv/store@0.1.0");
  EXPECT_EQ(edge->reason, EdgeReason::SameResource);
  EXPECT_THAT(edge->notes, ElementsAre("same resource as `press:kv/store@0.1.0` of `journal`"));
  ASSERT_EQ(plan.shown.rejected.size(), 1U);
  EXPECT_EQ(plan.shown.rejected[0].provider, "kv");
  EXPECT_THAT(codes_of(plan.shown.notes), ElementsAre("unused-unit"));
}

TEST(Identity, TheTieWorksFromTheOtherEndToo) {
  const LinkPlan plan = plan_of(press({wire("archive:press:kv/store=kv")}));
  EXPECT_EQ(provider_of(plan, "site", "press:kv/store@0.1.0"), "kv press:kv/store@0.1.0");
}

TEST(Identity, ClassesAreInThePlan) {
  const LinkPlan plan = plan_of(press({wire("site:press:kv/store=journal")}));
  // Resources in the order of the text: site's, archive's, kv's, journal's.
  ASSERT_EQ(plan.resource_class->size(), 4U);
  EXPECT_EQ(plan.resource_class->at(0), plan.resource_class->at(1));
  EXPECT_EQ(plan.resource_class->at(0), plan.resource_class->at(3));
  EXPECT_NE(plan.resource_class->at(0), plan.resource_class->at(2));
}

TEST(Identity, ADiamondWorks) {
  const LinkPlan plan =
      plan_of(read_units(std::string(kPress.substr(0, kPress.find("unit journal")))));
  EXPECT_EQ(provider_of(plan, "site", "press:kv/store@0.1.0"), "kv press:kv/store@0.1.0");
  EXPECT_EQ(provider_of(plan, "archive", "press:kv/store@0.1.0"), "kv press:kv/store@0.1.0");
}

TEST(Identity, ASplitNamesBothProvidersAndThePath) {
  const std::string text =
      problem_text(press({wire("site:press:kv/store=journal"), wire("archive:press:kv/store=kv")}),
                   "resolve-resource-split");
  EXPECT_THAT(text, HasSubstr("`bucket` must be one resource"));
  EXPECT_THAT(text, HasSubstr("`press:kv/store@0.1.0` of `kv`"));
  EXPECT_THAT(text, HasSubstr("`press:kv/store@0.1.0` of `journal`"));
  EXPECT_THAT(text, HasSubstr("`site` imports `press:kv/backup@0.1.0`, provided by `archive`"));
  EXPECT_THAT(text, HasSubstr("instead of `archive:press:kv/store=kv`"));
}

TEST(Identity, WithoutAWireBothImportsAreAmbiguous) {
  const Diagnostics problems = problems_of(press({}));
  EXPECT_THAT(codes_of(problems), ElementsAre("resolve-ambiguous", "resolve-ambiguous"));
}

TEST(Identity, TheLastCandidateDroppedIsASplit) {
  Inputs inputs = read_units(R"(
    unit app { import press:kv/store@0.1.0 )" STORE R"( import press:kv/backup@0.1.0 )" BACKUP R"( }
    unit kv { export press:kv/store@0.1.0 )" STORE R"( }
    unit own { export own:own/store )" STORE R"(
               export press:kv/backup@0.1.0 { use bucket from export own:own/store  save(b: borrow<bucket>) } }
    unit own2 { export own:own/store )" STORE R"(
                export press:kv/backup@0.1.0 { use bucket from export own:own/store  save(b: borrow<bucket>) } })",
                             "app");
  const std::string text = problem_text(std::move(inputs), "resolve-resource-split");
  EXPECT_THAT(text,
              HasSubstr("`app` imports `press:kv/backup@0.1.0`, but every unit that provides it "
                        "would define a second `bucket`"));
  EXPECT_THAT(text, HasSubstr("`press:kv/store@0.1.0` of `kv`"));
}

// A unit that only names a type still needs the unit that makes it, although no edge connects them.
TEST(Identity, TheUnitThatMakesTheResourceOfATypeIsInstantiatedFirst) {
  const std::string_view text = R"(
    unit app { import s:s/store { resource r  f() -> r }
               import c:c/api { use r from s:s/store  g(r: r) } }
    unit b-user { import s:s/names { resource r } export c:c/api { use r from s:s/names  g(r: r) } }
    unit z-store { export s:s/store { resource r  f() -> r } })";
  const LinkPlan plan = plan_of(read_units(text));
  EXPECT_EQ(argument_of(plan, "b-user", "s:s/names"), "types");
  EXPECT_THAT(plan.shown.order, ElementsAre("z-store", "b-user", "app"));
}

TEST(Identity, AUnitCannotImportTheTypeOfItsOwnResource) {
  EXPECT_THAT(problem_text(read_units(R"(
    unit app { import s:s/store { resource r  f() -> r }
               import c:c/api { use r from s:s/store  g(r: r) } }
    unit mid { import s:s/names { resource r } export c:c/api { use r from s:s/names  g(r: r) }
               export s:s/store { resource r  f() -> r } })"),
                           "resolve-cycle"),
              HasSubstr("Circular dependency detected: mid -> mid"));
}

TEST(Identity, RoundsFollowChainsOfTies) {
  // Each archive passes its store on; the wire at the end decides all of them.
  std::string text =
      "unit a0 { import s:s/store { resource r  f() -> r } export b:b/b0 { use r from s:s/store "
      "g(r: r) } }";
  for (int i = 1; i < 5; ++i) {
    const std::string n = std::to_string(i);
    const std::string before = std::to_string(i - 1);
    text += "unit a" + n + " { import s:s/store { resource r  f() -> r } import b:b/b" + before +
            " { use r from s:s/store g(r: r) } export b:b/b" + n +
            " { use r from s:s/store g(r: r) } }";
  }
  text +=
      "unit p { export s:s/store { resource r  f() -> r } } unit q { export s:s/store { resource r "
      " f() -> r } }";
  Inputs inputs = read_units(text, "a4");
  inputs.policy.wires = {wire("a0:s:s/store=q")};
  const LinkPlan plan = plan_of(std::move(inputs));
  for (int i = 1; i < 5; ++i) {
    EXPECT_EQ(provider_of(plan, "a" + std::to_string(i), "s:s/store"), "q s:s/store");
  }
}

TEST(Identity, TypesOnlyNeedNoInstanceOfTheirName) {
  const LinkPlan plan = plan_of(read_units(R"(
    unit site { import press:kv/names@0.1.0 { resource bucket }
                import press:kv/backup@0.1.0 { use bucket from press:kv/names@0.1.0  save(b: borrow<bucket>) } }
    unit kv { export other:kv/store { resource bucket }
              export press:kv/backup@0.1.0 { use bucket from export other:kv/store  save(b: borrow<bucket>) } })"));
  EXPECT_EQ(argument_of(plan, "site", "press:kv/names@0.1.0"), "types");
}

// The only unit that exports the types is their provider, unless that closes a cycle.
TEST(Identity, TypesOnlyLeaveACycle) {
  const std::string text = R"(
    unit store { export s:s/store { resource r  f() -> r } }
    unit api { import s:s/store { resource r  f() -> r } export c:c/api { use r from s:s/store  g(r: r) } }
    unit b { import s:s/names { resource r } import c:c/api { use r from s:s/names  g(r: r) } export d:d/d { h() } })";
  const std::string names =
      "import s:s/store { resource r  f() -> r } export s:s/names { use r from s:s/store }";
  const LinkPlan straight = plan_of(read_units(text + "unit z { " + names + " }"));
  EXPECT_EQ(provider_of(straight, "b", "s:s/names"), "z s:s/names");
  const LinkPlan plan = plan_of(read_units(text + "unit z { import d:d/d { h() } " + names + " }"));
  EXPECT_EQ(argument_of(plan, "b", "s:s/names"), "types");
  EXPECT_THAT(plan.shown.order, ElementsAre("store", "api", "b", "z"));
}

TEST(Identity, AResourceIsNeverInventedForTypesOnly) {
  problem_text(
      read_units("unit site { import press:kv/names@0.1.0 { resource bucket } export run() }"),
      "resolve-no-provider");
}

TEST(Identity, AnOpenImportCannotUseAResourceMadeInside) {
  Inputs inputs = read_units(R"(
    unit site { import press:kv/store@0.1.0 )" STORE R"( import press:kv/backup@0.1.0 )" BACKUP
                             R"( }
    unit kv { export press:kv/store@0.1.0 )" STORE R"( })");
  inputs.policy.unresolved = Policy::Unresolved::Open;
  EXPECT_THAT(problem_text(std::move(inputs), "resolve-resource-split"),
              HasSubstr("leave `press:kv/store@0.1.0` open too"));
}

// The import of `names` stays open and uses the resource of `store`, which `kv` makes.
TEST(Identity, AnOpenImportCannotIntroduceAResourceMadeInside) {
  Inputs inputs = read_units(R"(
    unit site { import press:kv/store@0.1.0 )" STORE R"(
                import press:kv/names@0.1.0 { use bucket from press:kv/store@0.1.0  resource other } }
    unit kv { export press:kv/store@0.1.0 )" STORE R"( })");
  inputs.policy.unresolved = Policy::Unresolved::Open;
  EXPECT_THAT(
      problem_text(std::move(inputs), "resolve-resource-split"),
      HasSubstr("the import `press:kv/names@0.1.0` of `site` is open, but it uses the resource "
                "`bucket`"));
}

TEST(Identity, TheBestVersionOfOneUnitIsTakenWithItsTies) {
  const LinkPlan plan = plan_of(read_units(R"(
    unit site { import press:kv/store@0.1.2 )" STORE R"( }
    unit kv { export press:kv/store@0.1.0 )" STORE R"( export press:kv/store@0.1.4 )" STORE
                                           R"( })"));
  EXPECT_EQ(provider_of(plan, "site", "press:kv/store@0.1.2"), "kv press:kv/store@0.1.4");
}

}  // namespace
}  // namespace tenon::resolve::identity_test
