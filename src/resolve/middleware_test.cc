// Middleware: which edges have it, and the domains that it needs.
#include "resolve/plan_test_support.h"

namespace tenon::resolve::middleware_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Inputs units(std::string_view text, std::string_view root, std::vector<Wire> wires) {
  Inputs inputs = read_units(text, root);
  inputs.policy.wires = std::move(wires);
  inputs.policy.middleware = {{"few"}, {"kept", false}, {"tenon:log"}};
  return inputs;
}

Wire via(std::string_view import, std::vector<std::string> names) {
  Wire wire;
  wire.import = import;
  wire.via = std::move(names);
  return wire;
}

// "main: app; main-2: book tax"
std::string domains_of(const LinkPlan& plan) {
  std::string text;
  for (const PlanDomain& domain : plan.shown.domains) {
    text += (text.empty() ? "" : "; ") + domain.name + ":";
    std::vector<std::string> names = domain.units;
    std::ranges::sort(names);
    for (const std::string& unit : names) text += " " + unit;
  }
  return text;
}

constexpr std::string_view kShop = R"(
  unit app { import acme:tax/lib@1.0.0 { f() } import acme:log/log { g() } }
  unit tax { export acme:tax/lib@1.0.0 { f() } import acme:book/book { h() } }
  unit book { export acme:book/book { h() } }
  unit log { export acme:log/log { g() } })";

TEST(Middleware, SeparatesTheEndsOfItsEdge) {
  const LinkPlan plan = plan_of(units(kShop, "app", {via("acme:tax/lib", {"few", "tenon:log"})}));
  EXPECT_EQ(domains_of(plan), "main-2: book tax; main: app log");
  const PlanEdge& edge = *find_edge(plan, "app", "acme:tax/lib@1.0.0");
  EXPECT_EQ(edge.kind, EdgeKind::Bridged);
  EXPECT_THAT(edge.middleware, ElementsAre("few", "tenon:log"));
  EXPECT_THAT(edge.notes, testing::Contains("in main-2, so that few and tenon:log see its calls"));
  EXPECT_EQ(find_edge(plan, "tax", "acme:book/book")->kind, EdgeKind::Direct);
  EXPECT_THAT(find_edge(plan, "tax", "acme:book/book")->middleware, IsEmpty());
  EXPECT_EQ(find_edge(plan, "app", "acme:log/log")->kind, EdgeKind::Direct);
  for (const PlanDomain& domain : plan.shown.domains)
    EXPECT_EQ(domain.part_of, domain.name == "main-2" ? "main" : "");
}

// A unit is behind the middleware of every way to it, so parts are in no cycle.
TEST(Middleware, PartsHaveEdgesInOneDirection) {
  const LinkPlan plan = plan_of(units(R"(
    unit app { import x:y/a { f() } import x:y/c { f() } }
    unit a { export x:y/a { f() } import x:y/b { f() } import x:y/c { f() } }
    unit b { export x:y/b { f() } import x:y/c { f() } }
    unit c { export x:y/c { f() } })",
                                      "app", {via("x:y/b", {"few"}), via("x:y/c", {"few"})}));
  EXPECT_EQ(domains_of(plan), "main-3: c; main-2: b; main: a app");
}

TEST(Middleware, StandsBetweenUnitsOfAChain) {
  const LinkPlan plan = plan_of(units(R"(
    unit app { import acme:tax/lib { f() } }
    unit auth { import acme:tax/lib { f() } export acme:tax/lib { f() } }
    unit tax { export acme:tax/lib { f() } })",
                                      "app", {[] {
                                        Wire wire =
                                            via("acme:tax/lib", {"few", "auth", "tenon:log"});
                                        wire.provider = "tax";
                                        return wire;
                                      }()}));
  EXPECT_EQ(provider_of(plan, "app", "acme:tax/lib"), "auth acme:tax/lib");
  EXPECT_THAT(find_edge(plan, "app", "acme:tax/lib")->middleware, ElementsAre("few"));
  EXPECT_EQ(provider_of(plan, "auth", "acme:tax/lib"), "tax acme:tax/lib");
  EXPECT_THAT(find_edge(plan, "auth", "acme:tax/lib")->middleware, ElementsAre("tenon:log"));
  EXPECT_THAT(find_edge(plan, "app", "acme:tax/lib")->via, ElementsAre("few", "auth", "tenon:log"));
}

// A line that names a chain of units decides the middleware on its way.
TEST(Middleware, OfAllConsumersGivesWayToAChain) {
  Wire chain = via("acme:tax/lib", {"auth"});
  chain.consumer = "app";
  const LinkPlan plan = plan_of(units(R"(
    unit app { import acme:tax/lib { f() } }
    unit auth { import acme:tax/lib { f() } export acme:tax/lib { f() } }
    unit tax { export acme:tax/lib { f() } })",
                                      "app", {chain, via("acme:*", {"tenon:log"})}));
  EXPECT_EQ(provider_of(plan, "app", "acme:tax/lib"), "auth acme:tax/lib");
  EXPECT_THAT(find_edge(plan, "auth", "acme:tax/lib")->middleware, IsEmpty());
}

TEST(Middleware, IsNamedInMessages) {
  EXPECT_THAT(
      problem_text(units(kShop, "app", {via("acme:tax/lib", {"tenon:lag"})}), "resolve-chain"),
      HasSubstr("there is no unit or middleware `tenon:lag`\n  hint: did you mean `tenon:log`?"));
  EXPECT_THAT(
      problem_text(units(kShop, "app", {via("acme:tax/lib", {"few", "few"})}), "resolve-chain"),
      HasSubstr("`few` is a member twice"));
}

TEST(Middleware, SeesNoOpenImports) {
  constexpr std::string_view kOpen = "unit app { import acme:tax/lib { f() } }";
  Inputs exact = units(kOpen, "app", {via("acme:tax/lib", {"few"})});
  exact.policy.unresolved = Policy::Unresolved::Open;
  EXPECT_THAT(problem_text(std::move(exact), "resolve-chain"),
              HasSubstr("`few` cannot be applied to `acme:tax/lib` of `app`: it is left open"));
  Inputs glob = units(kOpen, "app", {via("acme:tax/*", {"few"})});
  glob.policy.unresolved = Policy::Unresolved::Open;
  const LinkPlan plan = plan_of(std::move(glob));
  EXPECT_THAT(codes_of(plan.shown.notes), ElementsAre("middleware-not-applied"));
}

TEST(Middleware, SeesNoCallsOfWasi) {
  constexpr std::string_view kClock = R"(
    unit app { import wasi:clocks/clock@0.2.12 { now() } import x:y/a { f() } }
    unit a { export x:y/a { f() } }
    wasi wasi { export wasi:clocks/clock@0.2.12 { now() } })";
  EXPECT_THAT(
      problem_text(units(kClock, "app", {via("wasi:clocks/clock", {"few"})}), "resolve-chain"),
      HasSubstr("it is WASI, which the engine provides without tenon"));
  const LinkPlan plan = plan_of(units(kClock, "app", {via("*:*/*", {"few"})}));
  EXPECT_THAT(codes_of(plan.shown.notes), testing::Contains("middleware-not-applied"));
  EXPECT_THAT(find_edge(plan, "app", "x:y/a")->middleware, ElementsAre("few"));
}

// `c` is behind middleware on one way to it, so it is apart from `app` on the other, too.
TEST(Middleware, SeparatesOtherUsersOfWhatIsBehindIt) {
  const LinkPlan plan = plan_of(units(R"(
    unit app { import x:y/a { f() } import x:y/c { f() } }
    unit a { export x:y/a { f() } import x:y/c { f() } }
    unit c { export x:y/c { f() } })",
                                      "app", {via("x:y/a", {"few"})}));
  EXPECT_EQ(domains_of(plan), "main-2: a c; main: app");
  EXPECT_THAT(find_edge(plan, "app", "x:y/c")->notes,
              testing::Contains("in main-2, which is a part of the domain of app"));
}

TEST(Middleware, WithoutHandlesIsRefusedForResources) {
  constexpr std::string_view kHandles = R"(
    unit app { import x:y/kv { resource r f(a: own<r>) g() } }
    unit kv { export x:y/kv { resource r f(a: own<r>) g() } })";
  EXPECT_THAT(problem_text(units(kHandles, "app", {via("x:y/kv", {"kept"})}), "resolve-chain"),
              HasSubstr("`kept` cannot be applied to `x:y/kv` of `app`: `f` passes handles"));
  EXPECT_EQ(domains_of(plan_of(units(kHandles, "app", {via("x:y/kv", {"few"})}))),
            "main-2: kv; main: app");
}

TEST(Middleware, PartsTakeFreeNames) {
  Inputs inputs = units(R"(
    unit app { import x:y/a { f() } import x:y/b { f() } }
    unit a { export x:y/a { f() } }
    unit main-2 { export x:y/b { f() } })",
                        "app", {via("x:y/a", {"few"})});
  EXPECT_EQ(domains_of(plan_of(std::move(inputs))), "main-3: a; main: app main-2");
}

}  // namespace
}  // namespace tenon::resolve::middleware_test
