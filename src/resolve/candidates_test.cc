// Which exports are candidates, which one wins, and the messages if none does.
#include "resolve/plan_test_support.h"

namespace tenon::resolve::candidates_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Candidates, OneProviderIsChosen) {
  const LinkPlan plan = plan_of(read_units(R"(
    unit cart { import acme:tax/lib@1.2.0 { lookup(country: string) -> u32 } }
    unit tax { export acme:tax/lib@1.2.0 { lookup(country: string) -> u32 } })"));
  const PlanEdge* edge = find_edge(plan, "cart", "acme:tax/lib@1.2.0");
  ASSERT_NE(edge, nullptr);
  EXPECT_EQ(edge->provider, "tax");
  EXPECT_EQ(edge->kind, EdgeKind::Direct);
  EXPECT_EQ(edge->reason, EdgeReason::OnlyCandidate);
  EXPECT_THAT(edge->notes, IsEmpty());
  EXPECT_EQ(plan.shown.root, "cart");
  EXPECT_THAT(plan.shown.order, ElementsAre("tax", "cart"));
  EXPECT_EQ(argument_of(plan, "cart", "acme:tax/lib@1.2.0"), "unit tax");
}

TEST(Candidates, NewerInTrackIsNoted) {
  const LinkPlan plan = plan_of(read_units(R"(
    unit cart { import acme:tax/lib@1.2.0 { f() } }
    unit tax { export acme:tax/lib@1.3.1 { f() g() } })"));
  EXPECT_THAT(find_edge(plan, "cart", "acme:tax/lib@1.2.0")->notes,
              ElementsAre("newer in track 1"));
  EXPECT_THAT(plan.shown.notes, IsEmpty());
}

TEST(Candidates, OlderInTrackIsTakenWithANote) {
  const LinkPlan plan = plan_of(read_units(R"(
    unit cart { import acme:tax/lib@0.2.3 { f() } }
    unit tax { export acme:tax/lib@0.2.1 { f() } })"));
  EXPECT_THAT(find_edge(plan, "cart", "acme:tax/lib@0.2.3")->notes,
              ElementsAre("older than asked (0.2.3)"));
  EXPECT_THAT(codes_of(plan.shown.notes), ElementsAre("older-provider"));
}

TEST(Candidates, OfOneUnitPreferTheRequestedVersionThenTheNewest) {
  const std::string_view provider = R"(
    unit tax { export acme:tax/lib@1.1.0 { f() } export acme:tax/lib@1.2.0 { f() }
               export acme:tax/lib@1.4.0 { f() } })";
  const LinkPlan same = plan_of(read_units(
      std::string("unit cart { import acme:tax/lib@1.2.0 { f() } }") + std::string(provider)));
  EXPECT_EQ(provider_of(same, "cart", "acme:tax/lib@1.2.0"), "tax acme:tax/lib@1.2.0");
  EXPECT_EQ(find_edge(same, "cart", "acme:tax/lib@1.2.0")->reason, EdgeReason::BestVersion);
  const LinkPlan newest = plan_of(read_units(
      std::string("unit cart { import acme:tax/lib@1.3.0 { f() } }") + std::string(provider)));
  EXPECT_EQ(provider_of(newest, "cart", "acme:tax/lib@1.3.0"), "tax acme:tax/lib@1.4.0");
}

TEST(Candidates, AVersionThatDoesNotFitIsPassedOver) {
  const LinkPlan plan = plan_of(read_units(R"(
    unit cart { import acme:tax/lib@1.2.0 { f(a: u32) } }
    unit tax { export acme:tax/lib@1.1.0 { f(a: u32) } export acme:tax/lib@1.2.0 { f(a: u64) } })"));
  EXPECT_EQ(provider_of(plan, "cart", "acme:tax/lib@1.2.0"), "tax acme:tax/lib@1.1.0");
  EXPECT_THAT(codes_of(plan.shown.notes), ElementsAre("export-passed-over", "older-provider"));
}

TEST(Candidates, VersionSuffixIsTheFullVersion) {
  const LinkPlan plan = plan_of(read_units(R"(
    unit cart { import acme:tax/lib@1 suffix .2.3 { f() } }
    unit tax { export acme:tax/lib@1.2.3 { f() } })"));
  EXPECT_EQ(provider_of(plan, "cart", "acme:tax/lib@1"), "tax acme:tax/lib@1.2.3");
  EXPECT_THAT(find_edge(plan, "cart", "acme:tax/lib@1")->notes, IsEmpty());
}

TEST(Candidates, PrereleaseMatchesOnlyItself) {
  const std::string text = problem_text(read_units(R"(
    unit cart { import acme:tax/lib@1.0.0-rc.1 { f() } }
    unit tax { export acme:tax/lib@1.0.0 { f() } })"),
                                        "resolve-version-track");
  EXPECT_THAT(text, HasSubstr("another track (1, expected 1.0.0-rc.1)"));
}

// Each kind of failure has its own code and text, and all are reported at once.
TEST(Candidates, EveryUnmetImportHasItsOwnCode) {
  Inputs inputs = read_units(R"(
    unit app {
      import acme:a/gone@1.0.0 { f() }
      import acme:a/track@1.2.0 { f() }
      import acme:a/hidden@1.0.0 { f() }
      import acme:a/lacks@1.0.0 { f() g() }
      import acme:a/unversioned { f() }
    }
    unit lib {
      export acme:a/track@2.0.0 { f() }
      export acme:a/hidden@1.0.0 { f() }
      export acme:a/lacks@1.0.0 { f() }
      export acme:a/unversioned@1.0.0 { f() }
    })");
  inputs.policy.filters = {{"lib", Filter::Kind::Hide, "acme:a/hidden", {}}};
  const Diagnostics problems = problems_of(std::move(inputs));
  EXPECT_THAT(codes_of(problems),
              ElementsAre("resolve-no-provider", "resolve-version-track", "resolve-hidden",
                          "resolve-type-mismatch", "resolve-version-track"))
      << text_of(problems);
  EXPECT_THAT(text_of(problems[1]), HasSubstr("another track (2, expected 1)"));
  EXPECT_THAT(text_of(problems[2]), HasSubstr("`hide = \"acme:a/hidden\"` hides it"));
  EXPECT_THAT(text_of(problems[3]), HasSubstr("it has no `g`"));
  EXPECT_EQ(problems[3].where.unit, "app");
  EXPECT_EQ(problems[3].where.file, "app.wasm");
  EXPECT_EQ(problems[3].where.item, "acme:a/lacks@1.0.0");
  EXPECT_EQ(problems[3].where.offset, 48U);
}

TEST(Candidates, AHintToAnotherTrackCanBeApplied) {
  Inputs inputs = read_units(R"(
    unit app { import acme:a/x { f() } }
    unit lib { export acme:a/x@1.0.0 { f() } })");
  const std::string text = problem_text(inputs, "resolve-version-track");
  EXPECT_THAT(text, HasSubstr("`--wire app:acme:a/x=lib:acme:a/x@1.0.0`"));
  inputs.policy.wires = {wire("app:acme:a/x=lib:acme:a/x@1.0.0")};
  EXPECT_EQ(provider_of(plan_of(std::move(inputs)), "app", "acme:a/x"), "lib acme:a/x@1.0.0");
}

// Types are compared when linking; the message shows the path and both sides.
TEST(Candidates, ADeepDifferenceIsShown) {
  const std::string text = problem_text(read_units(R"(
    unit cart { import acme:tax/lib@1.2.0 {
      record rate { percent: f64, currency: string }  lookup(country: string) -> option<rate> } }
    unit tax { export acme:tax/lib@1.3.1 {
      record rate { percent: f64, currency: option<string> }  lookup(country: string) -> option<rate> } })"),
                                        "resolve-type-mismatch");
  EXPECT_THAT(text, HasSubstr("`tax` exports `acme:tax/lib@1.3.1`, but its type does not fit at"));
  EXPECT_THAT(text, HasSubstr("currency"));
  EXPECT_THAT(text, HasSubstr("cart expects"));
  EXPECT_THAT(text, HasSubstr("tax provides"));
  EXPECT_THAT(text, HasSubstr("build `cart` against `acme:tax@1.3.1`"));
}

TEST(Candidates, SwappedFieldsDoNotFit) {
  const std::string text = problem_text(read_units(R"(
    unit cart { import acme:a/x@1.0.0 { record p { a: u32, b: u32 } f(v: p) } }
    unit lib { export acme:a/x@1.0.0 { record p { b: u32, a: u32 } f(v: p) } })"),
                                        "resolve-type-mismatch");
  EXPECT_THAT(text, HasSubstr("`lib` exports `acme:a/x@1.0.0`"));
}

TEST(Candidates, AnExportThatDoesNotFitIsANoteIfAnotherDoes) {
  const LinkPlan plan = plan_of(read_units(R"(
    unit cart { import acme:a/x@1.0.0 { f(v: u32) } import run() }
    unit bad { export acme:a/x@1.0.0 { f(v: u64) } export run() }
    unit good { export acme:a/x@1.0.0 { f(v: u32) } })"));
  EXPECT_EQ(provider_of(plan, "cart", "acme:a/x@1.0.0"), "good acme:a/x@1.0.0");
  EXPECT_THAT(codes_of(plan.shown.notes), ElementsAre("export-passed-over"));
  ASSERT_EQ(plan.shown.rejected.size(), 1U);
  EXPECT_EQ(plan.shown.rejected[0].provider, "bad");
  EXPECT_THAT(plan.shown.rejected[0].why, HasSubstr("does not fit at"));
}

TEST(Candidates, AsyncIsPartOfTheType) {
  problem_text(read_units(R"(
    unit a { import x:y/z { async f() } } unit b { export x:y/z { f() } })"),
               "resolve-type-mismatch");
}

TEST(Candidates, NearNameIsAHint) {
  const std::string text = problem_text(read_units(R"(
    unit a { import acme:tax/lob@1.0.0 { f() } } unit b { export acme:tax/lib@1.0.0 { f() } })"),
                                        "resolve-no-provider");
  EXPECT_THAT(text, HasSubstr("did you mean `acme:tax/lib@1.0.0`, exported by `b`?"));
  EXPECT_THAT(text, HasSubstr("`--wire a:acme:tax/lob=b:acme:tax/lib@1.0.0`"));
}

TEST(Candidates, SameFunctionsUnderAnotherNameAreANearMiss) {
  Inputs inputs = read_units(R"(
    unit a { import acme:tax/rates@1.0.0 { f(v: u32) g() } }
    unit b { export other:pkg/api@1.0.0 { f(v: u32) g() } })");
  EXPECT_THAT(problem_text(inputs, "resolve-no-provider"),
              HasSubstr("`b` exports the same functions as `other:pkg/api@1.0.0`"));
  inputs.policy.wires = {wire("a:acme:tax/rates=b:other:pkg/api@1.0.0")};
  EXPECT_EQ(provider_of(plan_of(std::move(inputs)), "a", "acme:tax/rates@1.0.0"),
            "b other:pkg/api@1.0.0");
}

TEST(Candidates, AUnitNeverProvidesForItself) {
  const std::string text = problem_text(read_units(R"(
    unit mw { import x:y/z { f() } export x:y/z { f() } })"),
                                        "resolve-no-provider");
  EXPECT_THAT(text, HasSubstr("`mw` exports `x:y/z` itself, but a unit never provides for itself"));
}

TEST(Candidates, TwoProvidersAreListedWithTheLineToAdd) {
  Inputs inputs = read_units(R"(
    unit cart { import acme:tax/lib@1.2.0 { f() } }
    unit tax-eu { export acme:tax/lib@1.2.0 { f() } }
    unit tax-us { export acme:tax/lib@1.3.0 { f() } })",
                             "cart");
  const std::string text = problem_text(inputs, "resolve-ambiguous");
  EXPECT_THAT(text, HasSubstr("`--wire cart:acme:tax/lib=tax-eu`"));
  EXPECT_THAT(text, HasSubstr("`--wire cart:acme:tax/lib=tax-us`"));
  EXPECT_THAT(text, HasSubstr("(newer in track 1)"));
  EXPECT_THAT(text, HasSubstr("[[wire]]"));
  EXPECT_THAT(text, HasSubstr("provider = \"tax-us\""));
  inputs.policy.wires = {wire("cart:acme:tax/lib=tax-us")};
  const LinkPlan plan = plan_of(std::move(inputs));
  EXPECT_EQ(find_edge(plan, "cart", "acme:tax/lib@1.2.0")->reason, EdgeReason::Wire);
  EXPECT_THAT(codes_of(plan.shown.notes), ElementsAre("unused-unit"));
}

TEST(Candidates, ConsumersOfOneInterfaceCanHaveTwoProviders) {
  Inputs inputs = read_units(R"(
    unit a { import x:y/z { f() } import b() } unit b { import x:y/z { f() } export b() }
    unit p { export x:y/z { f() } } unit q { export x:y/z { f() } })");
  inputs.policy.wires = {wire("a:x:y/z=p"), wire("b:x:y/z=q")};
  const LinkPlan plan = plan_of(std::move(inputs));
  EXPECT_EQ(provider_of(plan, "a", "x:y/z"), "p x:y/z");
  EXPECT_EQ(provider_of(plan, "b", "x:y/z"), "q x:y/z");
}

TEST(Candidates, HigherLevelsShadowLowerOnes) {
  const LinkPlan plan = plan_of(read_units(R"(
    unit app { import x:y/z { f() } import x:y/w { f() } import x:y/v { f() } import go() }
    unit component { export x:y/z { f() } export go() }
    package legacy { export x:y/z { f() } export x:y/w { f() } }
    bundle db { export x:y/w { f() } export x:y/v { f() } }
    remote far { export x:y/v { f() } })"));
  EXPECT_EQ(provider_of(plan, "app", "x:y/z"), "component x:y/z");
  EXPECT_EQ(find_edge(plan, "app", "x:y/w")->kind, EdgeKind::Packr);
  EXPECT_EQ(find_edge(plan, "app", "x:y/v")->kind, EdgeKind::Native);
  EXPECT_THAT(codes_of(plan.shown.notes),
              ElementsAre("shadowed", "shadowed", "shadowed", "unused-unit", "ends-with-provider"));
  EXPECT_TRUE(plan.shown.rejected[0].shadowed);
}

TEST(Candidates, HostFunctionsWin) {
  const LinkPlan plan = plan_of(read_units(R"(
    unit app { import x:y/z { f() } } unit lib { export x:y/z { f() } } host given { export x:y/z { f() } })",
                                           "app"));
  EXPECT_EQ(find_edge(plan, "app", "x:y/z")->reason, EdgeReason::HostFunction);
}

TEST(Candidates, TheUnitNamedLikeAPlainImportWins) {
  const LinkPlan plan = plan_of(read_units(R"(
    unit app { import log(text: string) }
    unit log { export log(text: string) } unit other { export log(text: string) })",
                                           "app"));
  EXPECT_EQ(provider_of(plan, "app", "log"), "log log");
  EXPECT_EQ(find_edge(plan, "app", "log")->reason, EdgeReason::SameName);
}

TEST(Candidates, ImplementsIsASecondName) {
  const LinkPlan plan = plan_of(read_units(R"(
    unit app { import primary implements acme:db/sql@1.0.0 { f() } import acme:db/sql@1.0.0 { f() } }
    unit db { export acme:db/sql@1.2.0 { f() } })"));
  EXPECT_EQ(provider_of(plan, "app", "primary"), "db acme:db/sql@1.2.0");
  EXPECT_THAT(find_edge(plan, "app", "primary")->notes, ElementsAre("newer in track 1"));
}

TEST(Candidates, UnsupportedItemsAreRefused) {
  const std::string text = problem_text(read_units(R"(
    unit app { import core code  import a:b:c/d { f() } })"),
                                        "resolve-unsupported-item");
  EXPECT_THAT(text, HasSubstr("a core module"));
  EXPECT_THAT(text, HasSubstr("a nested namespace or package"));
}

TEST(Candidates, UnitNamesAreCheckedFirst) {
  Inputs inputs = read_units(R"(unit cart { } unit cart { } unit Cart { } unit wasi { })");
  inputs.units[0].file = "a/cart.wasm";
  inputs.units[1].file = "b/cart.wasm";
  const std::string text = problem_text(std::move(inputs), "resolve-unit-name");
  EXPECT_THAT(text, HasSubstr("2 units are called `cart`"));
  EXPECT_THAT(text, HasSubstr("`cart-2=b/cart.wasm`"));
  EXPECT_THAT(text, HasSubstr("`cart=Cart.wasm`"));
  EXPECT_THAT(text, HasSubstr("it is reserved for the engine's WASI"));
}

TEST(Candidates, FunctionsOfARootResourceFollowIt) {
  const LinkPlan plan = plan_of(read_units(R"(
    unit app { import resource blob  import [method]blob.size(self: borrow<blob>) -> u32 import go() }
    unit full { export resource blob  export [method]blob.size(self: borrow<blob>) -> u32 }
    unit bare { export resource blob  export go() })"));
  EXPECT_EQ(provider_of(plan, "app", "blob"), "full blob");
  EXPECT_EQ(provider_of(plan, "app", "[method]blob.size"), "full [method]blob.size");
}

TEST(Candidates, ValueTypesNeedNoProvider) {
  const LinkPlan plan = plan_of(read_units(R"(
    unit app { import acme:a/types { record r { a: u32 } } import acme:a/empty { } export run() })"));
  EXPECT_EQ(argument_of(plan, "app", "acme:a/types"), "types");
  EXPECT_EQ(argument_of(plan, "app", "acme:a/empty"), "types");
  EXPECT_THAT(open_names(plan), IsEmpty());
}

TEST(Candidates, AnExportThatIsNotLinkedIsNoObstacle) {
  const LinkPlan plan = plan_of(read_units(R"(
    unit app { import t:kv/store@1.0.0 { id() -> u32 } }
    unit store { export core lib export t:kv/store@1.0.0 { id() -> u32 } })"));
  EXPECT_EQ(provider_of(plan, "app", "t:kv/store@1.0.0"), "store t:kv/store@1.0.0");
  EXPECT_EQ(plan.shown.units[1].exports[0].kind, PlanItemKind::CoreModule);
  Inputs inputs = read_units(R"(
    unit app { export run() export core lib })");
  EXPECT_THAT(codes_of(plan_of(std::move(inputs)).shown.notes), ElementsAre("export-passed-over"));
  inputs = read_units("unit app { export run() export core lib }");
  inputs.policy.exports = {{"app", "lib", {}, {}}};
  EXPECT_THAT(problem_text(std::move(inputs), "resolve-unsupported-item"),
              HasSubstr("tenon does not link a core module"));
}

}  // namespace
}  // namespace tenon::resolve::candidates_test
