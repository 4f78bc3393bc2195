// Labels and the interfaces that they implement: wires, chains, filters, levels, merging and `--why`.
// name_order_test.cc enumerates which export an import gets.
#include <fmt/core.h>

#include "resolve/explain.h"
#include "resolve/plan_test_support.h"

namespace tenon::resolve::labels_test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kApp = R"(
  unit app { import primary implements t:kv/store@1.0.0 { id() -> u32 }
             import back-up implements t:kv/store@1.0.0 { id() -> u32 } })";
constexpr std::string_view kStore = R"(
  unit store { export primary implements t:kv/store@1.0.0 { id() -> u32 }
               export back-up implements t:kv/store@1.0.0 { id() -> u32 } })";

Inputs app_with(std::string_view units) {
  return read_units(std::string(kApp) + std::string(units), "app");
}

TEST(Labels, AWireToAUnitTakesTheSameLabel) {
  Inputs inputs = app_with(kStore);
  inputs.policy.wires = {wire("primary=store"), wire("back-up=store")};
  const LinkPlan plan = plan_of(std::move(inputs));
  EXPECT_EQ(provider_of(plan, "app", "primary"), "store primary");
  EXPECT_EQ(provider_of(plan, "app", "back-up"), "store back-up");
}

TEST(Labels, AWireToAUnitWithSeveralOtherLabelsIsAmbiguous) {
  const std::string_view units = R"(
    unit store { export first implements t:kv/store@1.0.0 { id() -> u32 }
                 export second implements t:kv/store@1.0.0 { id() -> u32 } })";
  Inputs inputs = app_with(units);
  inputs.policy.wires = {wire("primary=store"), wire("back-up=store:second")};
  const std::string text = problem_text(std::move(inputs), "resolve-ambiguous");
  EXPECT_THAT(text,
              AllOf(HasSubstr("wired to `store` by `primary=store`, and 2 exports of `store` "
                              "provide it"),
                    HasSubstr("instead of `primary=store`: `--wire app:primary=store:first`"),
                    HasSubstr("instead of `primary=store`: `--wire app:primary=store:second`")));
  inputs = app_with(units);
  inputs.policy.wires = {wire("app:primary=store:first"), wire("back-up=store:second")};
  EXPECT_EQ(provider_of(plan_of(std::move(inputs)), "app", "primary"), "store first");
}

// `back-up` stands between the versions, which are one choice.
TEST(Labels, VersionsOfAnInterfaceAreOneChoiceBesideALabel) {
  const std::string text = problem_text(read_units(R"(
    unit app { import primary implements t:kv/store@1.0.0 { id() -> u32 } }
    unit store { export t:kv/store@1.0.0 { id() -> u32 }
                 export back-up implements t:kv/store@1.0.0 { id() -> u32 }
                 export t:kv/store@1.2.0 { id() -> u32 } })",
                                                   "app"),
                                        "resolve-ambiguous");
  EXPECT_THAT(text, AllOf(HasSubstr("2 exports of `store` provide it"),
                          HasSubstr("`--wire app:primary=store:t:kv/store@1.0.0`"),
                          HasSubstr("`--wire app:primary=store:back-up`"),
                          Not(HasSubstr("t:kv/store@1.2.0"))));
}

TEST(Labels, AWireByTheInterfaceGivesEachLabelItsOwn) {
  Inputs inputs = app_with(kStore);
  inputs.policy.wires = {wire("t:kv/store=store:t:kv/store")};
  const LinkPlan plan = plan_of(std::move(inputs));
  EXPECT_EQ(provider_of(plan, "app", "primary"), "store primary");
  EXPECT_EQ(provider_of(plan, "app", "back-up"), "store back-up");
}

TEST(Labels, AWireByTheLabelComesBeforeOneByTheVersionOfTheInterface) {
  Inputs inputs = app_with(R"(
    unit one { export t:kv/store@1.0.0 { id() -> u32 } }
    unit two { export t:kv/store@1.0.0 { id() -> u32 } })");
  inputs.policy.wires = {wire("primary=one"), wire("t:kv/store@1.0.0=two")};
  const LinkPlan plan = plan_of(std::move(inputs));
  EXPECT_EQ(provider_of(plan, "app", "primary"), "one t:kv/store@1.0.0");
  EXPECT_EQ(provider_of(plan, "app", "back-up"), "two t:kv/store@1.0.0");
}

TEST(Labels, AWireByAnInterfaceThatTheUnitImportsLeavesItsLabels) {
  Inputs inputs = read_units(R"(
    unit app { import t:kv/store@1.0.0 { id() -> u32 }
               import primary implements t:kv/store@1.0.0 { id() -> u32 } }
    unit one { export t:kv/store@1.0.0 { id() -> u32 } }
    unit store { export primary implements t:kv/store@1.0.0 { id() -> u32 } })",
                             "app");
  inputs.policy.wires = {wire("t:kv/store@1.0.0=one")};
  const LinkPlan plan = plan_of(std::move(inputs));
  EXPECT_EQ(provider_of(plan, "app", "t:kv/store@1.0.0"), "one t:kv/store@1.0.0");
  EXPECT_EQ(provider_of(plan, "app", "primary"), "store primary");
}

TEST(Labels, MiddlewareForOneLabelLeavesTheOther) {
  for (const std::string_view import :
       {"t:kv/store@1.0.0 {", "primary implements t:kv/store@1.0.0 {"}) {
    Inputs inputs = app_with(fmt::format(R"(
      unit mid {{ import {} id() -> u32 }} export primary implements t:kv/store@1.0.0 {{ id() -> u32 }} }}
      unit store {{ export t:kv/store@1.0.0 {{ id() -> u32 }} }})",
                                         import));
    inputs.policy.wires = {via("primary=mid")};
    const LinkPlan plan = plan_of(std::move(inputs));
    EXPECT_EQ(provider_of(plan, "app", "primary"), "mid primary");
    EXPECT_EQ(provider_of(plan, "app", "back-up"), "store t:kv/store@1.0.0");
  }
}

TEST(Labels, MiddlewarePassesCallsOnByTheSameLabel) {
  Inputs inputs = app_with(std::string(kStore) + R"(
    unit mid { import back-up implements t:kv/store@1.0.0 { id() -> u32 }
               import primary implements t:kv/store@1.0.0 { id() -> u32 }
               export back-up implements t:kv/store@1.0.0 { id() -> u32 }
               export primary implements t:kv/store@1.0.0 { id() -> u32 } })");
  inputs.policy.wires = {via("app:primary=mid"), via("app:back-up=mid")};
  const LinkPlan plan = plan_of(std::move(inputs));
  EXPECT_EQ(provider_of(plan, "app", "primary"), "mid primary");
  EXPECT_EQ(provider_of(plan, "app", "back-up"), "mid back-up");
  EXPECT_EQ(provider_of(plan, "mid", "primary"), "store primary");
  EXPECT_EQ(provider_of(plan, "mid", "back-up"), "store back-up");
}

TEST(Labels, AChainThroughAUnitWithOtherLabelsIsUnclear) {
  const std::string_view units = R"(
    unit mid { import t:kv/store@1.0.0 { id() -> u32 }
               export first implements t:kv/store@1.0.0 { id() -> u32 }
               export second implements t:kv/store@1.0.0 { id() -> u32 } }
    unit store { export t:kv/store@1.0.0 { id() -> u32 } })";
  Inputs inputs = app_with(units);
  inputs.policy.wires = {via("primary=mid"), wire("back-up=store")};
  EXPECT_THAT(problem_text(std::move(inputs), "resolve-chain"),
              HasSubstr("instead of `primary=mid`: `--wire app:primary=mid:first`"));
  inputs = app_with(units);
  inputs.policy.wires = {wire("app:primary=mid:first"), wire("back-up=store")};
  EXPECT_EQ(provider_of(plan_of(std::move(inputs)), "app", "primary"), "mid first");
}

// The other store does not stand in for it.
TEST(Labels, AnExportWithTheLabelThatDoesNotFitIsAnError) {
  const std::string text = problem_text(app_with(R"(
    unit store { export primary implements t:kv/store@1.0.0 { id() -> u64 }
                 export back-up implements t:kv/store@1.0.0 { id() -> u32 } })"),
                                        "resolve-type-mismatch");
  EXPECT_THAT(text,
              AllOf(HasSubstr("`app` imports `primary`"), Not(HasSubstr("imports `back-up`"))));
  Inputs inputs = app_with(kStore);
  inputs.policy.filters = {{"store", Filter::Kind::Hide, "primary", {}}};
  EXPECT_THAT(problem_text(std::move(inputs), "resolve-hidden"),
              HasSubstr("`app` imports `primary`, and a filter hides the export that would fit"));
}

TEST(Labels, AnotherInterfaceOrTrackUnderTheSameLabelIsANearMiss) {
  EXPECT_THAT(problem_text(app_with(R"(
    unit store { export primary implements t:kv/store@2.0.0 { id() -> u32 }
                 export back-up implements t:kv/store@1.0.0 { id() -> u32 }
                 export third implements t:kv/store@1.0.0 { id() -> u32 } })"),
                           "resolve-ambiguous"),
              HasSubstr("`app` imports `primary`, and 2 exports of `store` provide it"));
  EXPECT_THAT(
      problem_text(app_with(R"(
    unit store { export primary implements t:kv/store@2.0.0 { id() -> u32 }
                 export back-up implements t:other/store@1.0.0 { id() -> u32 } })"),
                   "resolve-version-track"),
      AllOf(HasSubstr("`store` exports `primary`, which implements `t:kv/store@2.0.0`: another "
                      "track (2, expected 1)"),
            HasSubstr("`--wire app:primary=store:primary`"),
            HasSubstr("`store` exports `back-up`, which implements `t:other/store@1.0.0`: another "
                      "interface"),
            HasSubstr("`--wire app:back-up=store:back-up`")));
}

TEST(Labels, ALabelDecidesAcrossLevels) {
  const LinkPlan plan = plan_of(app_with(R"(
    unit store { export t:kv/store@1.0.0 { id() -> u32 } }
    bundle native { export primary implements t:kv/store@1.0.0 { id() -> u32 } })"));
  EXPECT_EQ(provider_of(plan, "app", "primary"), "native primary");
  EXPECT_EQ(provider_of(plan, "app", "back-up"), "store t:kv/store@1.0.0");
}

TEST(Labels, AnInterfaceNameDecidesWithinALevel) {
  const LinkPlan plan = plan_of(read_units(R"(
    unit app { import acme:kv/store@1.0.0 { id() -> u32 } import acme:kv/log@1.0.0 { id() -> u32 } }
    unit own { export acme:kv/store@1.0.0 { id() -> u32 } }
    unit labelled { export kv implements acme:kv/store@1.0.0 { id() -> u32 }
                    export log implements acme:kv/log@1.0.0 { id() -> u32 } }
    bundle native { export acme:kv/log@1.0.0 { id() -> u32 } })",
                                           "app"));
  EXPECT_EQ(provider_of(plan, "app", "acme:kv/store@1.0.0"), "own acme:kv/store@1.0.0");
  EXPECT_EQ(provider_of(plan, "app", "acme:kv/log@1.0.0"), "labelled log");
}

TEST(Labels, ARemoteUnitProvidesALabelForThatLabelAlone) {
  const Diagnostics problems = problems_of(app_with(R"(
    remote one { export primary implements t:kv/store@1.0.0 { id() -> u32 } })"));
  EXPECT_THAT(codes_of(problems), ElementsAre("resolve-no-provider"));
  EXPECT_THAT(text_of(problems), HasSubstr("`app` imports `back-up`"));
  Inputs inputs = app_with(R"(
    remote one { export primary implements t:kv/store@1.0.0 { id() -> u32 } })");
  inputs.policy.wires = {wire("back-up=one:primary")};
  const LinkPlan plan = plan_of(std::move(inputs));
  // The name on the wire.
  EXPECT_EQ(provider_of(plan, "app", "primary"), "one t:kv/store@1.0.0");
  EXPECT_EQ(provider_of(plan, "app", "back-up"), "one t:kv/store@1.0.0");
}

TEST(Labels, MergedImportsImplementTheHighestVersion) {
  Inputs inputs = read_units(R"(
    unit a { import primary implements t:kv/store@1.0.0 { id() -> u32 } export run() }
    unit b { import primary implements t:kv/store@1.2.0 { id() -> u32 } })",
                             "a");
  inputs.policy.wires = {wire("primary=(open)")};
  const LinkPlan plan = plan_of(std::move(inputs));
  ASSERT_EQ(plan.imports.size(), 1U);
  EXPECT_EQ(plan.imports[0].name, "primary");
  EXPECT_EQ(plan.imports[0].implements, std::string("t:kv/store@1.2.0"));
}

TEST(Labels, ImportsOfOneLabelWithDifferentInterfacesAreNotMerged) {
  Inputs inputs = read_units(R"(
    unit a { import primary implements t:kv/store@1.0.0 { id() -> u32 } export run() }
    unit b { import primary implements t:kv/store@2.0.0 { id() -> u32 } })",
                             "a");
  inputs.policy.wires = {wire("primary=(open)")};
  EXPECT_THAT(problem_text(std::move(inputs), "resolve-merge"),
              HasSubstr("they implement different interfaces"));
}

TEST(Labels, WhySaysThatTheLabelDecided) {
  const LinkPlan plan = plan_of(app_with(kStore));
  const Result<std::vector<PlanChoice>> choices = explain_import(plan, "primary");
  ASSERT_TRUE(choices);
  ASSERT_EQ(choices->size(), 1U);
  EXPECT_EQ(choices->front().why, "only candidate with this label");
  ASSERT_EQ(choices->front().candidates.size(), 2U);
  EXPECT_EQ(choices->front().candidates[0].export_name, "primary");
  EXPECT_EQ(choices->front().candidates[1].export_name, "back-up");
  EXPECT_EQ(choices->front().candidates[1].why, "`store` exports `primary` under this name");
}

}  // namespace
}  // namespace tenon::resolve::labels_test
