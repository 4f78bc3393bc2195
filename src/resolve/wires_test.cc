// Wires, chains and filters: each line of the user has an effect, or it is an error.
#include "resolve/plan_test_support.h"

namespace tenon::resolve::wires_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kTwoProviders = R"(
  unit app { import acme:tax/lib@1.2.0 { f() } import go() }
  unit eu { export acme:tax/lib@1.2.0 { f() } export go() }
  unit us { export acme:tax/lib@1.9.0 { f() } })";

Inputs two_providers(std::vector<Wire> wires) {
  Inputs inputs = read_units(kTwoProviders, "app");
  inputs.policy.wires = std::move(wires);
  return inputs;
}

TEST(Wires, EveryFormOfTheNameMatches) {
  for (const std::string_view name : {"acme:tax/lib", "acme:tax/lib@1.2.0", "acme:tax/lib@^1",
                                      "acme:tax/*", "acme:*/lib@^1", "acme:tax/lib@*"}) {
    const LinkPlan plan = plan_of(two_providers({wire(std::string(name) + "=us")}));
    EXPECT_EQ(provider_of(plan, "app", "acme:tax/lib@1.2.0"), "us acme:tax/lib@1.9.0") << name;
  }
}

TEST(Wires, AWireThatMatchesNoImportIsAnError) {
  for (const std::string_view text :
       {"acme:tax/lob=us", "acme:tax/lib@^2=us", "acme:tax/lib@1.2.1=us", "us:acme:tax/lib=eu",
        "nobody:acme:tax/lib=eu", "acme:tax/lib=nobody", "app:acme:tax/lib=app", "acme:gone/*=us",
        "acme:tax/lib@x=us"}) {
    Inputs inputs = two_providers({wire("acme:tax/lib=us"), wire(text)});
    EXPECT_THAT(problem_text(std::move(inputs), "resolve-wire-unused"),
                HasSubstr("the wire `" + std::string(text) + "`"))
        << text;
  }
}

TEST(Wires, NearMissesAreNamed) {
  EXPECT_THAT(problem_text(two_providers({wire("acme:tax/lib=us"), wire("acme:tax/lob=us")}),
                           "resolve-wire-unused"),
              HasSubstr("did you mean `acme:tax/lib`?"));
  EXPECT_THAT(problem_text(two_providers({wire("acme:tax/lib=us"), wire("ape:acme:tax/lib=us")}),
                           "resolve-wire-unused"),
              HasSubstr("did you mean `app`?"));
  EXPECT_THAT(problem_text(two_providers({wire("acme:tax/lib=us"), wire("acme:tax/lib@^2=us")}),
                           "resolve-wire-unused"),
              HasSubstr("imports of this name: `acme:tax/lib@1.2.0`"));
}

// Even if there is exactly one other candidate.
TEST(Wires, AProviderWithoutTheInterfaceIsAnError) {
  Inputs inputs = read_units(R"(
    unit app { import acme:tax/lib@1.2.0 { f() } import go() }
    unit eu { export acme:tax/lib@1.2.0 { f() } } unit us { export acme:tax/lib@2.0.0 { f() } export go() })",
                             "app");
  inputs.policy.wires = {wire("acme:tax/lib=us")};
  const std::string text = problem_text(inputs, "resolve-wire-unused");
  EXPECT_THAT(text, HasSubstr("`us` does not export `acme:tax/lib`"));
  EXPECT_THAT(text, HasSubstr("`--wire app:acme:tax/lib=us:acme:tax/lib@2.0.0`"));
  inputs.policy.wires = {wire("app:acme:tax/lib=us:acme:tax/lib@2.0.0")};
  EXPECT_EQ(provider_of(plan_of(std::move(inputs)), "app", "acme:tax/lib@1.2.0"),
            "us acme:tax/lib@2.0.0");
}

TEST(Wires, AnExportThatDoesNotExistIsAnError) {
  EXPECT_THAT(
      problem_text(two_providers({wire("acme:tax/lib=us:acme:tax/lub")}), "resolve-wire-unused"),
      HasSubstr("did you mean `acme:tax/lib`?"));
}

TEST(Wires, TheTypeOfAWireIsChecked) {
  Inputs inputs = read_units(R"(
    unit app { import x:y/z { f(a: u32) } } unit lib { export x:y/z { f(a: u64) } }
    unit good { export x:y/z { f(a: u32) } })");
  inputs.policy.wires = {wire("x:y/z=lib")};
  const std::string text = problem_text(std::move(inputs), "resolve-wire-type");
  EXPECT_THAT(text, HasSubstr("wired to `lib` by `x:y/z=lib`"));
  EXPECT_THAT(text, HasSubstr("u64"));
}

TEST(Wires, TheMoreSpecificOfTwoDecides) {
  const LinkPlan plan = plan_of(two_providers({wire("acme:*/lib=eu"), wire("app:acme:tax/*=us")}));
  EXPECT_EQ(provider_of(plan, "app", "acme:tax/lib@1.2.0"), "us acme:tax/lib@1.9.0");
  const LinkPlan exact =
      plan_of(two_providers({wire("acme:tax/lib@^1=eu"), wire("acme:tax/lib@1.2.0=us")}));
  EXPECT_EQ(provider_of(exact, "app", "acme:tax/lib@1.2.0"), "us acme:tax/lib@1.9.0");
}

TEST(Wires, AUnitThatAWireNamesAndNothingUsesIsAnError) {
  EXPECT_THAT(problem_text(two_providers({wire("acme:tax/lib=us"), wire("app:acme:tax/lib=eu")}),
                           "resolve-unused-unit"),
              HasSubstr("nothing uses `us`"));
}

TEST(Wires, TwoOfOneRankThatDisagreeAreAmbiguous) {
  const std::string text = problem_text(
      two_providers({wire("acme:tax/lib=us"), wire("acme:tax/lib=eu")}), "resolve-ambiguous");
  EXPECT_THAT(text, HasSubstr("two wires disagree about it"));
}

TEST(Wires, TwoThatDisagreeAboutTheOptionsOfAnEdgeAreAmbiguous) {
  std::vector<std::pair<Wire, std::string>> changed(5, {wire("acme:tax/lib=us"), {}});
  changed[0].first.lazy = true;
  changed[0].second = "`lazy = true`";
  changed[1].first.on_failure = "down";
  changed[1].second = "`on-failure = \"down\"`";
  changed[2].first.stream_buffer = 4096;
  changed[2].second = "`stream-buffer = \"4KiB\"`";
  changed[3].first.adapt = true;
  changed[3].second = "`adapt = true`";
  changed[4].first.buffers = true;
  changed[4].second = "`buffers = true`";
  for (const auto& [other, option] : changed) {
    const std::string text =
        problem_text(two_providers({wire("acme:tax/lib=us"), other}), "resolve-ambiguous");
    EXPECT_THAT(text, HasSubstr("two wires disagree about it"));
    EXPECT_THAT(text, HasSubstr("note: one is `acme:tax/lib=us`\n"));
    EXPECT_THAT(text, HasSubstr("note: one is `acme:tax/lib=us` with " + option + "\n"));
  }
}

TEST(Wires, WithoutAConsumerTheyNeverApplyToTheirProvider) {
  Inputs inputs = read_units(R"(
    unit app { import x:y/z { f() } }
    unit mid { import x:y/z { f() } export x:y/z { f() } } unit end { export x:y/z { f() } })");
  inputs.policy.wires = {wire("x:y/z=mid")};
  const LinkPlan plan = plan_of(std::move(inputs));
  EXPECT_EQ(provider_of(plan, "app", "x:y/z"), "mid x:y/z");
  EXPECT_EQ(provider_of(plan, "mid", "x:y/z"), "end x:y/z");
}

TEST(Wires, OpenLeavesAnImport) {
  Inputs inputs = two_providers({wire("app:acme:tax/lib=(open)")});
  const LinkPlan plan = plan_of(std::move(inputs));
  EXPECT_THAT(open_names(plan), ElementsAre("acme:tax/lib@1.2.0"));
  EXPECT_EQ(argument_of(plan, "app", "acme:tax/lib@1.2.0"), "import acme:tax/lib@1.2.0");
}

TEST(Wires, TrapIsAStub) {
  const LinkPlan plan = plan_of(two_providers({wire("app:acme:tax/lib=(trap)")}));
  ASSERT_EQ(plan.imports.size(), 1U);
  EXPECT_EQ(plan.imports[0].binding, CompositionImport::Binding::Trap);
  EXPECT_TRUE(plan.shown.open[0].is_trap);
  using TrapWire = CompositionImport::TrapWire;
  EXPECT_THAT(plan.imports[0].trap_wires, ElementsAre(TrapWire{"app", "app:acme:tax/lib=(trap)"}));
}

TEST(Wires, AStubDefinesItsResources) {
  Inputs inputs =
      read_units("unit app { import x:y/z { resource r  f(r: borrow<r>) } export run() }");
  inputs.policy.wires = {wire("app:x:y/z=(trap)")};
  EXPECT_TRUE(plan_of(std::move(inputs)).shown.open.at(0).is_trap);
}

TEST(Wires, AnOpenImportCannotUseTheResourceOfAStub) {
  Inputs inputs = read_units(R"(
    unit app { import x:y/types { resource r  make() -> r } import x:y/api { use r from x:y/types f(r: borrow<r>) } })");
  inputs.policy.wires = {wire("x:y/types=(optional)"), wire("x:y/api=(open)")};
  EXPECT_THAT(problem_text(std::move(inputs), "resolve-resource-split"),
              HasSubstr("made inside the composition by the stub of `x:y/types` of `app`"));
}

// -- Optional imports

TEST(Wires, AnOptionalImportWithoutProviderIsAStub) {
  for (const std::string_view text :
       {"x:y/z=(optional)", "app:x:y/z=(optional)", "x:y/*=(optional)", "x:y/z@^1=(optional)"}) {
    Inputs inputs = read_units("unit app { import x:y/z@1.0.0 { f() } export run() }");
    inputs.policy.wires = {wire(text)};
    // The wish for this import is more specific than the policy.
    inputs.policy.unresolved = Policy::Unresolved::Open;
    const LinkPlan plan = plan_of(std::move(inputs));
    ASSERT_EQ(plan.shown.open.size(), 1U) << text;
    EXPECT_TRUE(plan.shown.open[0].is_trap && plan.shown.open[0].is_optional) << text;
    EXPECT_THAT(plan.shown.notes, IsEmpty());
  }
}

TEST(Wires, AnOptionalImportIsLinkedLikeAnyOther) {
  const LinkPlan plan =
      plan_of(two_providers({wire("acme:tax/lib=us"), wire("acme:tax/lib=(optional)")}));
  const PlanEdge* const edge = find_edge(plan, "app", "acme:tax/lib@1.2.0");
  ASSERT_NE(edge, nullptr);
  EXPECT_EQ(edge->provider, "us");
  EXPECT_TRUE(edge->is_optional);
  EXPECT_EQ(edge->notes.at(0), "optional");
  EXPECT_FALSE(find_edge(plan, "app", "go")->is_optional);
}

TEST(Wires, AnOptionalImportIsStillAmbiguous) {
  EXPECT_THAT(problem_text(two_providers({wire("acme:tax/lib=(optional)")}), "resolve-ambiguous"),
              HasSubstr("2 units provide it"));
}

TEST(Wires, AnOptionalImportThatNoUnitHasIsAnError) {
  const std::string text =
      problem_text(two_providers({wire("acme:tax/lib=us"), wire("acme:tax/lob=(optional)")}),
                   "resolve-wire-unused");
  EXPECT_THAT(text, HasSubstr("the wire `acme:tax/lob=(optional)` matches nothing"));
  EXPECT_THAT(text, HasSubstr("did you mean `acme:tax/lib`?"));
}

TEST(Wires, AProviderThatDoesNotFitAnOptionalImportIsAWarning) {
  Inputs inputs = read_units(R"(
    unit app { import x:y/z { f(a: u32) } export run() } unit lib { export x:y/z { f(a: u64) } })",
                             "app");
  inputs.policy.wires = {wire("x:y/z=(optional)")};
  const LinkPlan plan = plan_of(inputs);
  EXPECT_TRUE(plan.shown.open.at(0).is_optional);
  ASSERT_FALSE(plan.shown.notes.empty());
  const Diagnostic& warning = plan.shown.notes.front();
  EXPECT_EQ(warning.severity, Severity::Warning);
  EXPECT_EQ(warning.code, "resolve-type-mismatch");
  EXPECT_THAT(text_of(warning), HasSubstr("it is optional, so calls of it trap"));
  EXPECT_THAT(text_of(warning), HasSubstr("`lib` exports `x:y/z`, but its type does not fit"));
  // The user chose this unit, and it exists.
  inputs.policy.wires = {wire("x:y/z=lib"), wire("x:y/z=(optional)")};
  EXPECT_THAT(problem_text(std::move(inputs), "resolve-wire-type"),
              HasSubstr("its type does not fit"));
}

TEST(Wires, TheProviderOfAnOptionalImportNeedNotExist) {
  Inputs inputs = read_units(
      "unit app { import x:y/z { f() } import go() export run() } unit lib { export go() }");
  Wire absent = wire("x:y/z=metrics");
  absent.optional = true;
  inputs.policy.wires = {absent};
  LinkPlan plan = plan_of(inputs);
  EXPECT_TRUE(plan.shown.open.at(0).is_optional);
  EXPECT_THAT(plan.shown.notes, IsEmpty());
  // A unit of a similar name is probably meant.
  inputs.policy.wires.front().provider = "lob";
  plan = plan_of(std::move(inputs));
  EXPECT_THAT(text_of(plan.shown.notes), HasSubstr("there is no unit `lob`"));
  EXPECT_THAT(text_of(plan.shown.notes), HasSubstr("did you mean `lib`?"));
}

TEST(Wires, AnOptionalImportCannotBeLeftOpenToo) {
  for (const std::string_view text : {"x:y/z=(open)", "x:y/z=(trap)"}) {
    Inputs inputs = read_units("unit app { import x:y/z { f() } export run() }");
    Wire contradicting = wire(text);
    contradicting.optional = true;
    inputs.policy.wires = {contradicting};
    EXPECT_THAT(problem_text(std::move(inputs), "resolve-wire-unused"),
                HasSubstr("contradicts itself"));
  }
}

// Two units import one name with types that cannot be merged; each has a stub of its own.
TEST(Wires, OptionalImportsOfOneNameCanDiffer) {
  Inputs inputs = read_units(R"(
    unit app { import x:y/z { f(a: u32) } import go() export run() }
    unit lib { import x:y/z { f(a: u64) } export go() })");
  inputs.policy.wires = {wire("x:y/z=(optional)")};
  EXPECT_EQ(plan_of(std::move(inputs)).shown.open.size(), 2U);
}

TEST(Wires, OptionalImportsOfResourcesAndFunctionsAreStubs) {
  Inputs inputs = read_units(R"(
    unit app { import x:y/types { resource r } import x:y/api { use r from x:y/types f(r: borrow<r>) } import go() })");
  inputs.policy.wires = {wire("x:y/*=(optional)"), wire("go=(optional)")};
  EXPECT_THAT(open_names(plan_of(std::move(inputs))), ElementsAre("go", "x:y/types", "x:y/api"));
}

// -- Chains

constexpr std::string_view kMiddleware = R"(
  unit cli { import web:http/handler { handle() } }
  unit log { import web:http/handler { handle() } export web:http/handler { handle() } }
  unit cache { import web:http/handler { handle() } export web:http/handler { handle() } }
  unit site { export web:http/handler { handle() } })";

Inputs middleware(std::vector<Wire> wires) {
  Inputs inputs = read_units(kMiddleware);
  inputs.policy.wires = std::move(wires);
  return inputs;
}

TEST(Chains, ConnectTheMembersInOrder) {
  const LinkPlan plan = plan_of(middleware({via("cli:web:http/handler=log,cache")}));
  EXPECT_EQ(provider_of(plan, "cli", "web:http/handler"), "log web:http/handler");
  EXPECT_EQ(provider_of(plan, "log", "web:http/handler"), "cache web:http/handler");
  EXPECT_EQ(provider_of(plan, "cache", "web:http/handler"), "site web:http/handler");
  EXPECT_THAT(plan.shown.order, ElementsAre("site", "cache", "log", "cli"));
  for (const PlanEdge& edge : plan.shown.edges) EXPECT_THAT(edge.via, ElementsAre("log", "cache"));
  EXPECT_EQ(plan.shown.edges[1].reason, EdgeReason::Chain);
}

TEST(Chains, WithoutAConsumerApplyToAllButTheMembers) {
  const LinkPlan plan = plan_of(middleware({via("web:http/handler=cache,log")}));
  EXPECT_EQ(provider_of(plan, "cli", "web:http/handler"), "cache web:http/handler");
  EXPECT_EQ(provider_of(plan, "log", "web:http/handler"), "site web:http/handler");
}

TEST(Chains, AProviderOfTheSameWireEndsTheChain) {
  Inputs inputs = read_units(
      std::string(kMiddleware) + "unit spare { export web:http/handler { handle() } }", "cli");
  Wire both = via("web:http/handler=log,cache");
  both.provider = "spare";
  inputs.policy.wires = {both};
  EXPECT_EQ(provider_of(plan_of(inputs), "cache", "web:http/handler"), "spare web:http/handler");
  inputs.policy.wires = {via("web:http/handler=log,cache"), wire("web:http/handler=site")};
  EXPECT_EQ(provider_of(plan_of(inputs), "cache", "web:http/handler"), "site web:http/handler");
}

TEST(Chains, AmbiguityAmongMiddlewareProposesAChainThatWorks) {
  const Diagnostics problems = problems_of(middleware({}));
  const std::string text = text_of(problems);
  EXPECT_THAT(text, HasSubstr("`--via cli:web:http/handler=cache,log`"));
  plan_of(middleware({via("cli:web:http/handler=cache,log")}));
}

TEST(Chains, ThatCannotBeMadeAreErrors) {
  const auto expect_chain = [](std::vector<Wire> wires, const std::string& why) {
    const Diagnostics problems = problems_of(middleware(std::move(wires)));
    ASSERT_FALSE(problems.empty());
    EXPECT_EQ(problems[0].code, "resolve-chain") << text_of(problems);
    EXPECT_THAT(text_of(problems), HasSubstr(why));
  };
  expect_chain({via("cli:web:http/handler=log,cach")}, "did you mean `cache`?");
  expect_chain({via("cli:web:http/handler=log,log")}, "declare `log` twice");
  expect_chain({via("cli:web:http/handler=site"), wire("log:web:http/handler=cache"),
                wire("cache:web:http/handler=site")},
               "`site` does not import `web:http/handler`");
  Wire own = via("log:web:http/handler=log");
  expect_chain({own}, "`log` is both a member and an end of it");
}

TEST(Chains, AMemberWithTwoNextHopsMustBeDeclaredTwice) {
  Inputs inputs = read_units(std::string(kMiddleware) +
                             "unit app { import web:http/handler { handle() } import cli() }"
                             "unit other { export cli() }");
  inputs.policy.root = "app";
  inputs.policy.wires = {via("cli:web:http/handler=log,cache"), via("app:web:http/handler=log")};
  const Diagnostics problems = problems_of(std::move(inputs));
  ASSERT_FALSE(problems.empty());
  EXPECT_EQ(problems[0].code, "resolve-chain");
  EXPECT_THAT(text_of(problems[0]), HasSubstr("declare `log` twice"));
}

TEST(Chains, AMemberWhoseTypeDoesNotFitIsAnError) {
  Inputs inputs = read_units(R"(
    unit cli { import x:y/z { f(a: u32) } }
    unit log { import x:y/z { f(a: u32) } export x:y/z { f(a: u64) } }
    unit site { export x:y/z { f(a: u32) } })");
  inputs.policy.wires = {via("cli:x:y/z=log")};
  EXPECT_THAT(problem_text(std::move(inputs), "resolve-chain"), HasSubstr("its type does not fit"));
}

// -- Filters

Inputs filtered(std::vector<Filter> filters) {
  Inputs inputs = read_units(R"(
    unit app { import acme:kv/store@1.0.0 { resource bucket  open() -> bucket
                                            [method]bucket.get(self: borrow<bucket>) -> u32 }
               import go() }
    unit kv { export acme:kv/store@1.0.0 { resource bucket  open() -> bucket
                                           [method]bucket.get(self: borrow<bucket>) -> u32
                                           reset() } export go() })");
  inputs.policy.filters = std::move(filters);
  return inputs;
}

TEST(Filters, ThatHideUnusedFunctionsLeaveTheCandidate) {
  for (const std::string_view item : {"acme:kv/store.reset", "acme:kv/store@1.0.0.reset"}) {
    const LinkPlan plan = plan_of(filtered({{"kv", Filter::Kind::Hide, std::string(item), {}}}));
    EXPECT_EQ(provider_of(plan, "app", "acme:kv/store@1.0.0"), "kv acme:kv/store@1.0.0");
  }
}

TEST(Filters, ThatHideWhatIsNeededAreNamed) {
  for (const std::string_view item :
       {"acme:kv/store", "acme:kv/store@1.0.0", "acme:kv/store.open", "acme:kv/store.bucket.get",
        "acme:kv/store.[method]bucket.get", "acme:kv/*"}) {
    const std::string text = problem_text(
        filtered({{"kv", Filter::Kind::Hide, std::string(item), {}}}), "resolve-hidden");
    EXPECT_THAT(text, HasSubstr("remove `hide = \"" + std::string(item) + "\"` from `kv`"));
  }
}

TEST(Filters, ExposeHidesTheRest) {
  const std::string text =
      problem_text(filtered({{"kv", Filter::Kind::Expose, "go", {}}}), "resolve-hidden");
  EXPECT_THAT(text, HasSubstr("`--expose kv:acme:kv/store@1.0.0`"));
  const LinkPlan plan =
      plan_of(filtered({{"kv", Filter::Kind::Expose, "go", {}},
                        {"kv", Filter::Kind::Expose, "acme:kv/store.open", {}},
                        {"kv", Filter::Kind::Expose, "acme:kv/store.bucket.*", {}}}));
  EXPECT_EQ(provider_of(plan, "app", "acme:kv/store@1.0.0"), "kv acme:kv/store@1.0.0");
}

TEST(Filters, DecideBetweenTwoCandidates) {
  Inputs inputs = two_providers({});
  inputs.policy.filters = {{"us", Filter::Kind::Hide, "acme:tax/lib", {}}};
  EXPECT_EQ(provider_of(plan_of(std::move(inputs)), "app", "acme:tax/lib@1.2.0"),
            "eu acme:tax/lib@1.2.0");
}

TEST(Filters, ThatMatchNothingAreErrors) {
  EXPECT_THAT(problem_text(filtered({{"kv", Filter::Kind::Hide, "acme:kv/stare", {}}}),
                           "resolve-filter-unused"),
              HasSubstr("did you mean `acme:kv/store`?"));
  EXPECT_THAT(problem_text(filtered({{"kv", Filter::Kind::Hide, "acme:kv/store.resat", {}}}),
                           "resolve-filter-unused"),
              HasSubstr("did you mean `acme:kv/store.reset`?"));
  EXPECT_THAT(problem_text(filtered({{"vk", Filter::Kind::Hide, "acme:kv/store", {}}}),
                           "resolve-filter-unused"),
              HasSubstr("there is no unit `vk`"));
}

TEST(Filters, AreNotOverriddenByAWire) {
  Inputs inputs = filtered({{"kv", Filter::Kind::Hide, "acme:kv/store", {}}});
  inputs.policy.wires = {wire("app:acme:kv/store=kv")};
  problem_text(std::move(inputs), "resolve-hidden");
}

TEST(Wires, AUnitOfTypesAloneIsUsed) {
  const std::string_view units = R"(
    unit app { import foo:bar/a { type x = u32 } import foo:bar/b { f() -> u32 } }
    unit fun { export foo:bar/b { f() -> u32 } }
    unit types { export foo:bar/a { type x = u32 } })";
  EXPECT_EQ(plan_of(read_units(units)).shown.root, "app");
  Inputs inputs = read_units(units, "app");
  inputs.policy.wires = {wire("app:foo:bar/a=types")};
  EXPECT_TRUE(plan_of(std::move(inputs)).shown.notes.empty());
  inputs = read_units(units, "app");
  inputs.policy.wires = {wire("app:foo:bar/a=fun")};
  EXPECT_THAT(problem_text(std::move(inputs), "resolve-wire-unused"),
              HasSubstr("wired to `fun` by `app:foo:bar/a=fun`, and `fun` does not export"));
}

}  // namespace
}  // namespace tenon::resolve::wires_test
