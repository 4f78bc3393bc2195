// Placement: the domain of each unit, the order in which domains start, and edges that cannot be
// bridged.
#include <algorithm>
#include <random>

#include "resolve/plan_test_support.h"

namespace tenon::resolve::placement_test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::vector<std::string> domains_of(const LinkPlan& plan) {
  std::vector<std::string> domains;
  for (const PlanDomain& domain : plan.shown.domains) {
    std::string text = domain.name + ":";
    for (const std::string& unit : domain.units) text += " " + unit;
    domains.push_back(std::move(text));
  }
  return domains;
}

EdgeKind kind_of(const LinkPlan& plan, std::string_view consumer, std::string_view import) {
  const PlanEdge* edge = find_edge(plan, consumer, import);
  EXPECT_NE(edge, nullptr);
  return edge == nullptr ? EdgeKind::Direct : edge->kind;
}

// app -> tax -> book, and app -> log.
constexpr std::string_view kShop = R"(
  unit app { import x:y/tax { f() } import x:y/log { f() } import wasi:io/poll@0.2.0 { f() } }
  unit tax { import x:y/book { f() } export x:y/tax { f() } }
  unit book { export x:y/book { f() } }
  unit log { export x:y/log { f() } }
  wasi wasi { export wasi:io/poll@0.2.0 { f() } })";

TEST(Placement, IsMainByDefault) {
  const LinkPlan plan = plan_of(read_units(kShop));
  EXPECT_THAT(domains_of(plan), ElementsAre("main: book log tax app"));
  EXPECT_EQ(kind_of(plan, "app", "x:y/tax"), EdgeKind::Direct);
}

TEST(Placement, AnEdgeBetweenDomainsIsBridged) {
  Inputs inputs = read_units(kShop);
  inputs.policy.placements = {{"tax", "money", {}}, {"book", "money", {}}, {"log", {}, {}}};
  const LinkPlan plan = plan_of(std::move(inputs));
  EXPECT_THAT(domains_of(plan), ElementsAre("log: log", "money: book tax", "main: app"));
  EXPECT_EQ(kind_of(plan, "app", "x:y/tax"), EdgeKind::Bridged);
  EXPECT_EQ(kind_of(plan, "app", "x:y/log"), EdgeKind::Bridged);
  EXPECT_EQ(kind_of(plan, "tax", "x:y/book"), EdgeKind::Direct);
  EXPECT_EQ(kind_of(plan, "app", "wasi:io/poll@0.2.0"), EdgeKind::Wasi);
  EXPECT_THAT(plan.shown.order, ElementsAre("book", "log", "tax", "app"));
}

TEST(Placement, IsolationGivesEachUnplacedUnitItsOwnDomain) {
  Inputs inputs = read_units(kShop);
  inputs.policy.isolation = Policy::Isolation::All;
  inputs.policy.placements = {{"log", "main", {}}};
  EXPECT_THAT(domains_of(plan_of(std::move(inputs))),
              ElementsAre("book: book", "main: log", "tax: tax", "app: app"));
}

TEST(Placement, OverridesTheDeclaredDomain) {
  Inputs inputs = read_units("unit app in far { export run() }");
  EXPECT_THAT(domains_of(plan_of(inputs)), ElementsAre("far: app"));
  inputs.policy.placements = {{"app", "near", {}}};
  EXPECT_THAT(domains_of(plan_of(std::move(inputs))), ElementsAre("near: app"));
}

TEST(Placement, OfAUnitThatDoesNotExistHasNearMisses) {
  Inputs inputs = read_units(kShop);
  inputs.policy.placements = {{"taxi", {}, {}}, {"wasi", "main", {}}};
  const std::string text = problem_text(std::move(inputs), "resolve-placement");
  EXPECT_THAT(text, AllOf(HasSubstr("`taxi` cannot be placed"), HasSubstr("did you mean `tax`?"),
                          HasSubstr("it is the engine's WASI")));
}

TEST(Placement, TwoOfOneUnitMustAgree) {
  Inputs inputs = read_units(kShop);
  inputs.policy.placements = {
      {"tax", "a", {}}, {"tax", "b", {}}, {"log", "a", {}}, {"log", "a", {}}};
  EXPECT_THAT(problem_text(inputs, "resolve-placement"),
              HasSubstr("`tax` is placed in the domain `a` and in the domain `b`"));
  inputs.policy.placements = {{"tax", "tax", {}}, {"tax", {}, {}}};
  EXPECT_THAT(problem_text(std::move(inputs), "resolve-placement"),
              HasSubstr("in a domain of its own and in the domain `tax`"));
}

TEST(Placement, DomainNamesFollowTheRuleOfUnitNames) {
  Inputs inputs = read_units("unit a { export f() } unit b { import f() }");
  inputs.policy.placements = {{"a", "Far Away", {}}, {"b", "wasi", {}}};
  const std::string text = problem_text(std::move(inputs), "resolve-placement");
  EXPECT_THAT(text, AllOf(HasSubstr("call it `far-away`"), HasSubstr("call it `wasi-domain`")));
}

TEST(Placement, NoUnitCanJoinTheDomainOfAnIsolatedUnit) {
  Inputs inputs = read_units(kShop);
  inputs.policy.placements = {{"tax", {}, {}}, {"book", "tax", {}}};
  EXPECT_THAT(
      problem_text(std::move(inputs), "resolve-placement"),
      HasSubstr("`book` is placed in the domain `tax`, which belongs to the isolated unit `tax` "
                "alone"));
}

TEST(Placement, SettingsOfADomainWithoutUnitsAreAnError) {
  Inputs inputs = read_units(kShop);
  inputs.policy.domains = {{"mian", {}}};
  EXPECT_THAT(problem_text(inputs, "resolve-placement"),
              AllOf(HasSubstr("no unit is placed in the domain `mian`"),
                    HasSubstr("did you mean `main`?")));
  inputs.policy.domains = {{"main", {}}};
  inputs.policy.isolation = Policy::Isolation::All;
  plan_of(std::move(inputs));
}

TEST(Placement, ACycleOfDomainsNamesTheUnitsAndBothRemedies) {
  Inputs inputs = read_units(R"(
    unit a { import x:y/b { f() } }
    unit b in far { import x:y/c { f() } export x:y/b { f() } }
    unit c { export x:y/c { f() } })");
  const std::string text = problem_text(inputs, "resolve-placement");
  EXPECT_THAT(text,
              HasSubstr("the domains `main` and `far` need each other, although their units do "
                        "not: `a` -> `b` -> `c`"));
  EXPECT_THAT(text, HasSubstr("a (domain `main`) -> b (domain `far`) by `x:y/b`"));
  EXPECT_THAT(text, HasSubstr("b (domain `far`) -> c (domain `main`) by `x:y/c`"));
  EXPECT_THAT(text, HasSubstr("place `b` in the domain `main` too"));
  EXPECT_THAT(text, HasSubstr("or give `c` a domain of its own"));
  // Both remedies help.
  inputs.policy.placements = {{"b", "main", {}}};
  plan_of(inputs);
  inputs.policy.placements = {{"c", {}, {}}};
  EXPECT_THAT(domains_of(plan_of(std::move(inputs))), ElementsAre("c: c", "far: b", "main: a"));
}

TEST(Placement, ACycleOfDomainsThatNoPathOfUnitsFollowsIsFound) {
  const std::string text = problem_text(read_units(R"(
    unit r { import x:y/a1 { f() } import x:y/b1 { f() } import x:y/c1 { f() } }
    unit a1 in a { import x:y/b2 { f() } export x:y/a1 { f() } }
    unit a2 in a { export x:y/a2 { f() } }
    unit b1 in b { import x:y/c2 { f() } export x:y/b1 { f() } }
    unit b2 in b { export x:y/b2 { f() } }
    unit c1 in c { import x:y/a2 { f() } export x:y/c1 { f() } }
    unit c2 in c { export x:y/c2 { f() } })"),
                                        "resolve-placement");
  EXPECT_THAT(text,
              HasSubstr("the domains `a`, `b` and `c` need each other, although their units do "
                        "not: `a1` -> `b2`, `b1` -> `c2`, `c1` -> `a2`"));
}

TEST(Placement, ACycleOfUnitsIsNotReportedAgainAsOneOfDomains) {
  const Diagnostics problems = problems_of(read_units(R"(
    unit a { import x:y/b { f() } export x:y/a { f() } }
    unit b in far { import x:y/a { f() } export x:y/b { f() } })"));
  EXPECT_THAT(codes_of(problems), ElementsAre("resolve-cycle"));
}

TEST(Bridges, RefuseErrorContextsButNotStreams) {
  const std::string text = problem_text(read_units(R"(
    unit a { import x:y/b { async f(s: stream<string>) g(s: list<error-context>) h(s: stream<error-context>) } }
    unit b in far { export x:y/b { async f(s: stream<string>) g(s: list<error-context>) h(s: stream<error-context>) } })"),
                                        "resolve-placement");
  EXPECT_THAT(text, HasSubstr("`a` imports `x:y/b` from `b`, which is in another domain, and `g` "
                              "cannot be called across domains: it passes an `error-context`"));
  EXPECT_THAT(text, HasSubstr("`h` cannot be called either: it passes an `error-context`"));
  EXPECT_THAT(text, HasSubstr("`a` is in the domain `main`, `b` in `far`"));
  EXPECT_THAT(text, HasSubstr("place `a` and `b` in one domain"));
}

TEST(Bridges, CheckOnlyTheFunctionsThatAreImported) {
  plan_of(read_units(R"(
    unit a { import x:y/b { f() } }
    unit b in far { export x:y/b { f() g(s: error-context) async h() } })"));
}

TEST(Bridges, AllProblemsAreReportedAtOnce) {
  const Diagnostics problems = problems_of(read_units(R"(
    unit a { import x:y/b { f(s: error-context) } import x:y/c { f(s: error-context) }
             import x:y/none { f() } }
    unit b in far { export x:y/b { f(s: error-context) } }
    unit c in far { export x:y/c { f(s: error-context) } })"));
  EXPECT_THAT(codes_of(problems),
              testing::UnorderedElementsAre("resolve-no-provider", "resolve-placement",
                                            "resolve-placement"));
}

TEST(Bridges, OfASplitResourceAreNotReportedAgain) {
  Inputs inputs = read_units(R"(
    unit site { import x:y/store { resource bucket  make() -> own<bucket> }
                import x:y/backup { use bucket from x:y/store  size(of: borrow<bucket>) -> u32 } }
    unit journal { export x:y/store { resource bucket  make() -> own<bucket> } }
    unit kv in far { export x:y/store { resource bucket  make() -> own<bucket> } }
    unit archive in far { import x:y/store { resource bucket  make() -> own<bucket> }
                          export x:y/backup { use bucket from x:y/store
                                              size(of: borrow<bucket>) -> u32 } })");
  inputs.policy.root = "site";
  inputs.policy.wires = {wire("site:x:y/store=journal"), wire("archive:x:y/store=kv")};
  EXPECT_THAT(codes_of(problems_of(inputs)), ElementsAre("resolve-resource-split"));
  inputs.policy.wires = {wire("site:x:y/store=kv"), wire("archive:x:y/store=kv")};
  plan_of(inputs);
  // Between domains, `bucket` cannot be that of `journal`.
  inputs.policy.wires = {wire("site:x:y/store=journal"), wire("archive:x:y/store=journal")};
  EXPECT_THAT(problem_text(std::move(inputs), "resolve-placement"), HasSubstr("it needs `bucket`"));
}

constexpr std::string_view kStreams = R"(
  unit a { import wasi:io/streams@0.2.0 { resource output-stream  flush() }
           import x:y/log { use output-stream from wasi:io/streams@0.2.0
                            attach(to: own<output-stream>)  f() } }
  unit log { import wasi:io/streams@0.2.0 { resource output-stream  flush() }
             export x:y/log { use output-stream from wasi:io/streams@0.2.0
                              attach(to: own<output-stream>)  f() } }
  wasi wasi { export wasi:io/streams@0.2.0 { resource output-stream  flush() } })";

TEST(Bridges, PassStreamsOfWasi) {
  Inputs inputs = read_units(kStreams);
  inputs.policy.placements = {{"log", {}, {}}};
  EXPECT_THAT(domains_of(plan_of(std::move(inputs))), ElementsAre("log: log", "main: a"));
}

TEST(Bridges, RefuseOtherResourcesOfWasi) {
  std::string text(kStreams);
  constexpr std::string_view kStream = "output-stream";
  for (std::size_t at = 0; (at = text.find(kStream, at)) != text.npos;)
    text.replace(at, kStream.size(), "listener");
  Inputs inputs = read_units(text);
  plan_of(inputs);
  inputs.policy.placements = {{"log", {}, {}}};
  EXPECT_THAT(
      problem_text(std::move(inputs), "resolve-placement"),
      HasSubstr("`a` imports `x:y/log` from `log`, which is in another domain, and `attach` "
                "cannot be called across domains: it needs `listener`, a resource of WASI"));
}

TEST(Bridges, WasiInTwoDomainsIsFine) {
  Inputs inputs = read_units(R"(
    unit a { import wasi:io/streams@0.2.0 { resource output-stream  flush() } import x:y/b { f() } }
    unit b { import wasi:io/streams@0.2.0 { resource output-stream  flush() } export x:y/b { f() } }
    wasi wasi { export wasi:io/streams@0.2.0 { resource output-stream  flush() } })");
  inputs.policy.isolation = Policy::Isolation::All;
  EXPECT_THAT(domains_of(plan_of(std::move(inputs))), ElementsAre("b: b", "a: a"));
}

TEST(Bridges, RefuseResourcesOfOpenImports) {
  Inputs inputs = read_units(R"(
    unit a { import x:y/store { resource blob }
             import x:y/b { use blob from x:y/store  take(b: own<blob>) } }
    unit b in far { import x:y/store { resource blob }
                    export x:y/b { use blob from x:y/store  take(b: own<blob>) } })");
  inputs.policy.unresolved = Policy::Unresolved::Open;
  EXPECT_THAT(problem_text(std::move(inputs), "resolve-placement"),
              HasSubstr("a resource of an open import"));
}

TEST(Bridges, RefuseResourcesThatNoUnitOfAnotherCompositionMakes) {
  constexpr std::string_view kText = R"(
    unit a { import x:y/b { resource blob  take(b: own<blob>) } }
    unit b { export x:y/b { resource blob  take(b: own<blob>) } })";
  Inputs inputs = read_units(kText);
  Unit& running = inputs.units[1];
  running.is_running = true;
  running.domain = "shop:b";
  EXPECT_EQ(kind_of(plan_of(inputs), "a", "x:y/b"), EdgeKind::Bridged);
  running.type.defined.clear();
  EXPECT_THAT(problem_text(std::move(inputs), "resolve-placement"),
              HasSubstr("`a` imports `x:y/b` from `b`, which is in another composition, and `take` "
                        "cannot be called across compositions: it needs `blob`, which no unit of "
                        "its composition makes, and each domain has its own"));
  // The same if a unit of this composition makes the resource that it is tied to.
  inputs = read_units(R"(
    unit a { import x:y/c { resource blob  f() } import x:y/b { use blob from x:y/c  take(b: own<blob>) } }
    unit b { import x:y/c { resource blob  f() } export x:y/b { use blob from x:y/c  take(b: own<blob>) } }
    unit c in far { export x:y/c { resource blob  f() } })");
  inputs.units[1].is_running = true;
  inputs.units[1].domain = "shop:b";
  inputs.units[1].type.imports.clear();
  EXPECT_THAT(problem_text(std::move(inputs), "resolve-placement"),
              HasSubstr("it needs `blob`, which no unit of its composition makes"));
}

// Where resources come from is not known once that is a problem of its own.
TEST(Bridges, AreNotJudgedByResourcesOfAWireThatDoesNotFit) {
  Inputs inputs = read_units(R"(
    unit a { import x:y/c { resource blob  f() } import x:y/b { use blob from x:y/c  take(b: own<blob>) } }
    unit b { import x:y/c { resource blob  f() } export x:y/b { use blob from x:y/c  take(b: own<blob>) } }
    unit c in far { export x:y/c { resource blob } })");
  inputs.units[1].is_running = true;
  inputs.units[1].domain = "shop:b";
  inputs.units[1].type.imports.clear();
  inputs.policy.wires = {wire("a:x:y/c=c")};
  EXPECT_THAT(problem_text(std::move(inputs), "resolve-wire-type"),
              HasSubstr("its type does not fit"));
}

TEST(Bridges, AreNotJudgedByBorrowsOfASplitResource) {
  Inputs inputs = read_units(R"(
    unit a { import wasi:http/types@0.2.0 { resource fields  f() }
             import x:y/log { use fields from wasi:http/types@0.2.0  attach(to: borrow<fields>) } }
    unit log in far { export x:y/log { resource fields  attach(to: borrow<fields>) } }
    wasi wasi { export wasi:http/types@0.2.0 { resource fields  f() } })");
  EXPECT_THAT(problem_text(std::move(inputs), "resolve-resource-split"),
              HasSubstr("`fields` must be one"));
}

TEST(Lazy, OnADirectEdgeIsAnError) {
  Inputs inputs = read_units(kShop);
  inputs.policy.wires = {wire("app:x:y/log=log")};
  inputs.policy.wires[0].lazy = true;
  EXPECT_THAT(problem_text(std::move(inputs), "resolve-wire-type"),
              AllOf(HasSubstr("is lazy, but `log` is in the same domain as `app`"),
                    HasSubstr("place `log` in another domain")));
}

TEST(Lazy, NeedsAProvider) {
  Inputs inputs = read_units(kShop);
  inputs.policy.wires = {wire("app:x:y/log=(open)")};
  inputs.policy.wires[0].lazy = true;
  EXPECT_THAT(problem_text(std::move(inputs), "resolve-wire-type"),
              HasSubstr("is lazy, but names no provider that could start later"));
}

TEST(Lazy, OnABridgedEdgeAllowsACycle) {
  Inputs inputs = read_units(R"(
    unit a { import x:y/b { f() } export x:y/a { f() } export run() }
    unit b in far { import x:y/a { f() } export x:y/b { f() } })",
                             "a");
  EXPECT_THAT(problem_text(inputs, "resolve-cycle"), Not(IsEmpty()));
  inputs.policy.wires = {wire("b:x:y/a=a")};
  inputs.policy.wires[0].lazy = true;
  EXPECT_THAT(domains_of(plan_of(std::move(inputs))), ElementsAre("far: b", "main: a"));
}

TEST(Placement, DoesNotDependOnTheOrderOfInputs) {
  Inputs inputs = read_units(kShop);
  inputs.policy.placements = {{"tax", "money", {}}, {"book", "money", {}}, {"log", {}, {}}};
  const Plan plan = plan_of(inputs).shown;
  std::mt19937 random(7);
  for (int i = 0; i < 10; ++i) {
    std::ranges::shuffle(inputs.units, random);
    std::ranges::shuffle(inputs.policy.placements, random);
    EXPECT_EQ(plan_of(inputs).shown, plan);
  }
}

}  // namespace
}  // namespace tenon::resolve::placement_test
