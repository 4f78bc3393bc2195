// The plan as a whole: cycles, order, root, exports and unused units, and that it does not depend
// on the order of the inputs.
#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "resolve/explain.h"
#include "resolve/plan_test_support.h"

namespace tenon::resolve::resolve_test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// A chain of units: u0 needs u1 needs u2 ...
std::string chain_text(int count, int first_missing = -1) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    text += "unit u" + std::to_string(i) + " { export x:y/l" + std::to_string(i) + " { f() } ";
    const int next = i + 1 < count ? i + 1 : first_missing;
    if (next >= 0) text += "import x:y/l" + std::to_string(next) + " { f() } ";
    text += "} ";
  }
  return text;
}

TEST(Cycles, OfTwoUnitsNamesTheInterfaces) {
  const std::string text = problem_text(read_units(R"(
    unit b { import x:z/lib@1.0.0 { f() } export x:y/lib@1.0.0 { f() } }
    unit a { import x:y/lib@1.0.0 { f() } export x:z/lib@1.0.0 { f() } })"),
                                        "resolve-cycle");
  EXPECT_THAT(text, HasSubstr("Circular dependency detected: a -> b -> a\n"));
  EXPECT_THAT(text, HasSubstr("a -> b by `x:y/lib@1.0.0` (a.wasm)"));
  EXPECT_THAT(text, HasSubstr("b -> a by `x:z/lib@1.0.0` (b.wasm)"));
}

TEST(Cycles, OfFiveUnitsIsReportedOnceFromItsSmallestUnit) {
  const Diagnostics problems = problems_of(read_units(chain_text(5, 0)));
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].message, "Circular dependency detected: u0 -> u1 -> u2 -> u3 -> u4 -> u0");
  EXPECT_EQ(problems[0].notes.size(), 5U);
}

TEST(Cycles, EachOfTwoThatShareAUnitIsReported) {
  const Diagnostics problems = problems_of(read_units(R"(
    unit a { import x:y/b { f() } export x:y/a { f() } }
    unit b { import x:y/a { f() } import x:y/c { f() } export x:y/b { f() } }
    unit c { import x:y/b { f() } export x:y/c { f() } })"));
  ASSERT_THAT(codes_of(problems), ElementsAre("resolve-cycle", "resolve-cycle"));
  EXPECT_THAT(problems[0].message, HasSubstr(": a -> b -> a"));
  EXPECT_THAT(problems[1].message, HasSubstr(": b -> c -> b"));
}

TEST(Cycles, AnOpenImportBreaksOne) {
  Inputs inputs = read_units(chain_text(5, 0));
  inputs.policy.wires = {wire("u4:x:y/l0=(open)")};
  const LinkPlan plan = plan_of(std::move(inputs));
  EXPECT_EQ(plan.shown.root, "u0");
}

TEST(Order, IsDependenciesFirstThenByName) {
  const LinkPlan plan = plan_of(read_units(R"(
    unit app { import x:y/a { f() } import x:y/b { f() } import x:y/c { f() } }
    unit c { export x:y/c { f() } } unit b { export x:y/b { f() } import x:y/z { f() } }
    unit a { export x:y/a { f() } } unit z { export x:y/z { f() } })"));
  EXPECT_THAT(plan.shown.order, ElementsAre("a", "c", "z", "b", "app"));
  EXPECT_THAT(plan.shown.domains[0].units, ElementsAre("a", "c", "z", "b", "app"));
}

TEST(Order, ALongChainNeedsNoDeepStack) {
  const LinkPlan plan = plan_of(read_units(chain_text(100)));
  EXPECT_EQ(plan.shown.order.front(), "u99");
  EXPECT_EQ(plan.shown.order.back(), "u0");
}

// -- Root

TEST(Root, ListsTheChoicesIfThereAreTwo) {
  Inputs inputs = read_units("unit b { export b() } unit a { export a() }");
  EXPECT_THAT(problem_text(inputs, "resolve-root"),
              AllOf(HasSubstr("`a`, `b`"), HasSubstr("`--root a`"), HasSubstr("`--root b`")));
  inputs.policy.root = "b";
  EXPECT_THAT(export_names(plan_of(std::move(inputs))), ElementsAre("b"));
}

TEST(Root, IsNotNeededIfTheProgramCanCallEachUnit) {
  Inputs inputs = read_units("unit b { export b() } unit a { export a() }");
  inputs.units[0].is_isolated = true;
  inputs.units[1].is_reachable = true;
  EXPECT_EQ(plan_of(inputs).shown.root, "");
  inputs.units[1].is_reachable = false;
  problem_text(std::move(inputs), "resolve-root");
}

TEST(Root, AWrongNameIsReportedAlone) {
  Inputs inputs = read_units("unit cart { import x:y/z { f() } export b() }", "card");
  EXPECT_THAT(problem_text(std::move(inputs), "resolve-root"), testing::Not(HasSubstr("x:y/z")));
}

TEST(Root, ThatDoesNotExistHasNearMisses) {
  Inputs inputs = read_units("unit cart { export b() }", "card");
  EXPECT_THAT(problem_text(std::move(inputs), "resolve-root"), HasSubstr("did you mean `cart`?"));
}

TEST(Root, IsNeverABundleOrRemote) {
  Inputs inputs = read_units("bundle b { export b() } remote r { export r() }");
  problem_text(inputs, "resolve-root");
  inputs.policy.root = "b";
  problem_text(std::move(inputs), "resolve-root");
}

// -- Exports

constexpr std::string_view kShop = R"(
  unit cart { import acme:tax/lib@1.0.0 { record rate { p: f64 }  get() -> rate }
              export acme:shop/api { use rate from acme:tax/lib@1.0.0  total() -> rate }
              export init() }
  unit tax { export acme:tax/types@1.0.0 { record rate { p: f64 } }
             export acme:tax/lib@1.0.0 { use rate from export acme:tax/types@1.0.0  get() -> rate }
             export init() })";

TEST(Exports, IncludeTheInterfacesThatTheyUseBeforeThem) {
  const LinkPlan plan = plan_of(read_units(kShop));
  ASSERT_THAT(export_names(plan),
              ElementsAre("acme:tax/types@1.0.0", "acme:tax/lib@1.0.0", "acme:shop/api", "init"));
  EXPECT_TRUE(plan.shown.exports[0].implied);
  EXPECT_EQ(plan.shown.exports[1].unit, "tax");
  EXPECT_FALSE(plan.shown.exports[2].implied);
}

TEST(Exports, ALineOfThePolicyAddsOrRenames) {
  Inputs inputs = read_units(kShop);
  inputs.policy.exports = {{"cart", "acme:shop/api", "api", {}}, {"tax", "acme:tax/types", {}, {}}};
  EXPECT_THAT(export_names(plan_of(std::move(inputs))),
              ElementsAre("acme:tax/types@1.0.0", "acme:tax/lib@1.0.0", "api", "init"));
}

TEST(Exports, ALineThatMatchesNothingIsAnError) {
  const auto expect_missing = [](ExportRequest request, const std::string& why) {
    Inputs inputs = read_units(kShop);
    inputs.policy.exports = {std::move(request)};
    EXPECT_THAT(problem_text(std::move(inputs), "resolve-export-missing"), HasSubstr(why));
  };
  expect_missing({"cart", "acme:shop/apu", {}, {}}, "did you mean `acme:shop/api`?");
  expect_missing({"card", "acme:shop/api", {}, {}}, "did you mean `cart`?");
  expect_missing({"tax", "acme:tax/*", "x", {}}, "matches 2 exports");
  expect_missing({"cart", "init", "acme:shop/init", {}}, "names an interface");
  expect_missing({"cart", "init", "no name", {}}, "`no name` is not a valid export name");
}

TEST(Exports, AResourceKeepsItsNameBesideItsFunctions) {
  Inputs inputs = read_units(R"(
    unit a { export resource key  export resource lock  export [method]key.get(self: borrow<key>) -> u32 })");
  inputs.policy.exports = {{"a", "lock", "bolt", {}}};
  EXPECT_THAT(export_names(plan_of(inputs)), ElementsAre("key", "bolt", "[method]key.get"));
  inputs.policy.exports = {{"a", "key", "other", {}}};
  EXPECT_THAT(problem_text(inputs, "resolve-export-missing"),
              HasSubstr("its function `[method]key.get`, which is exported too"));
  inputs.policy.export_mode = Policy::Exports::Listed;
  EXPECT_THAT(export_names(plan_of(std::move(inputs))), ElementsAre("other"));
}

TEST(Exports, ResourcesWithFunctionsThatClashCanOnlyBeHidden) {
  Inputs inputs = read_units(R"(
    unit a { export resource key  export [method]key.get(self: borrow<key>) -> u32 }
    unit b { export resource key  export [method]key.get(self: borrow<key>) -> u32 })");
  inputs.policy.export_mode = Policy::Exports::All;
  const std::string text = problem_text(inputs, "resolve-export-clash");
  EXPECT_THAT(text, HasSubstr("hide `key` of `b`"));
  EXPECT_THAT(text, Not(HasSubstr("by another name")));
  inputs.policy.filters = {{"b", Filter::Kind::Hide, "key", {}},
                           {"b", Filter::Kind::Hide, "[method]key.get", {}}};
  EXPECT_THAT(export_names(plan_of(std::move(inputs))), ElementsAre("key", "[method]key.get"));
}

TEST(Exports, TwoOfOneNameClash) {
  Inputs inputs = read_units(kShop);
  inputs.policy.exports = {{"tax", "init", {}, {}}};
  const std::string text = problem_text(inputs, "resolve-export-clash");
  EXPECT_THAT(text, HasSubstr("`--export tax:init=tax-init`"));
  inputs.policy.exports = {{"tax", "init", "tax-init", {}}};
  EXPECT_THAT(export_names(plan_of(std::move(inputs))), testing::Contains("tax-init"));
}

TEST(Exports, OmitHiddenItems) {
  Inputs inputs = read_units(kShop);
  inputs.policy.filters = {{"cart", Filter::Kind::Hide, "init", {}}};
  EXPECT_THAT(export_names(plan_of(inputs)), Not(testing::Contains("init")));
  inputs.policy.exports = {{"cart", "init", {}, {}}};
  problem_text(std::move(inputs), "resolve-hidden");
}

TEST(Exports, AllPassesOverPlainInstancesAndTypesThatClash) {
  Inputs inputs = read_units(R"(
    unit py1 { export exports { f() } export acme:a/types { record r { a: u32 } } export acme:a/one { f() } }
    unit py2 { export exports { g() } export acme:a/types { record r { a: u64 } } export acme:a/two { f() } })");
  inputs.policy.export_mode = Policy::Exports::All;
  const LinkPlan plan = plan_of(std::move(inputs));
  EXPECT_EQ(plan.shown.root, "");
  EXPECT_THAT(export_names(plan),
              ElementsAre("exports", "acme:a/types", "acme:a/one", "acme:a/two"));
  EXPECT_THAT(codes_of(plan.shown.notes), ElementsAre("export-passed-over", "export-passed-over"));
}

TEST(Exports, AllClashesOfOtherItemsAreErrors) {
  Inputs inputs =
      read_units("unit a { export acme:a/one { f() } } unit b { export acme:a/one { f() } }");
  inputs.policy.export_mode = Policy::Exports::All;
  problem_text(std::move(inputs), "resolve-export-clash");
}

TEST(Exports, TakeTheInterfaceOfAResourceFromTheUnitThatMakesIt) {
  const LinkPlan plan = plan_of(read_units(R"(
    unit archive { import press:kv/store@0.1.0 { resource bucket  open() -> bucket }
                   export press:kv/backup@0.1.0 { use bucket from press:kv/store@0.1.0  save(b: borrow<bucket>) } }
    unit kv { export press:kv/store@0.1.0 { resource bucket  open() -> bucket  more() } })"));
  EXPECT_THAT(export_names(plan), ElementsAre("press:kv/store@0.1.0", "press:kv/backup@0.1.0"));
  EXPECT_EQ(plan.shown.exports[0].unit, "kv");
}

TEST(Exports, TakeARootResourceFromTheUnitThatPassesItOn) {
  Inputs inputs = read_units(R"(
    unit app { import resource key  import open() -> key  export g() -> key }
    unit maker { export resource key  export open() -> key })",
                             "app");
  types::ComponentType& app = inputs.units.front().type;
  app.exports.insert(app.exports.begin(), app.imports.front());
  const LinkPlan plan = plan_of(std::move(inputs));
  ASSERT_THAT(export_names(plan), ElementsAre("key", "g"));
  EXPECT_EQ(plan.shown.exports[0].unit, "app");
}

TEST(Exports, ImportValueTypesThatNoUnitExports) {
  const LinkPlan plan = plan_of(read_units(R"(
    unit app { import acme:a/types { record r { a: u32 } } import acme:a/unused { record q { a: u32 } }
               export acme:a/api { use r from acme:a/types  f(r: r) } })"));
  EXPECT_THAT(export_names(plan), ElementsAre("acme:a/api"));
  EXPECT_THAT(open_names(plan), ElementsAre("acme:a/types"));
  EXPECT_EQ(argument_of(plan, "app", "acme:a/types"), "import acme:a/types");
}

TEST(Exports, ImpliedWithEqualNameAndTypesAreMerged) {
  const LinkPlan plan = plan_of(read_units(R"(
    unit app { export acme:a/types { record r { a: u32 } } import acme:a/lib { record s { a: u32 }  g() -> s }
               export acme:a/api { use r from export acme:a/types  use s from acme:a/lib  f(r: r) -> s } }
    unit lib { export acme:a/types { record r { a: u32 } }
               export acme:a/lib { use r from export acme:a/types  record s { a: u32 }  g() -> s } })"));
  EXPECT_THAT(export_names(plan), ElementsAre("acme:a/types", "acme:a/lib", "acme:a/api"));
}

// Each unit of the chain exports the same name.
TEST(Exports, ImplyTheFirstOfAChainThatPassesTypesOn) {
  // The unit of the implied export, by the types of the last unit of the chain.
  const auto implied = [](std::string_view types_of_near) {
    Inputs inputs = read_units(fmt::format(R"(
    unit app {{ import wasi:f/t@0.2.0 {{ resource d  record r {{ a: u32 }} }}
               export x:y/api {{ use r from wasi:f/t@0.2.0  f(r: r) }} }}
    unit near {{ import wasi:f/t@0.2.0 {{ resource d  record r {{ a: u32 }} }}
                export wasi:f/t@0.2.0 {{ use d from wasi:f/t@0.2.0  {} }} }}
    unit far {{ import wasi:f/t@0.2.0 {{ resource d  record r {{ a: u32 }} }}
               export wasi:f/t@0.2.0 {{ use d from wasi:f/t@0.2.0  use r from wasi:f/t@0.2.0 }} }}
    wasi wasi {{ export wasi:f/t@0.2.0 {{ resource d  record r {{ a: u32 }}  g() }} }})",
                                           types_of_near),
                               "app");
    inputs.policy.wires = {wire("app:wasi:f/t@0.2.0=near"), wire("near:wasi:f/t@0.2.0=far"),
                           wire("far:wasi:f/t@0.2.0=wasi")};
    const LinkPlan plan = plan_of(std::move(inputs));
    EXPECT_THAT(export_names(plan), ElementsAre("wasi:f/t@0.2.0", "x:y/api"));
    return plan.shown.exports[0].unit;
  };
  EXPECT_EQ(implied("use r from wasi:f/t@0.2.0"), "far");
  EXPECT_EQ(implied("record r { a: u32 }"), "far");
  EXPECT_EQ(implied("use r from wasi:f/t@0.2.0  record q { b: u32 }"), "near");
}

// -- Unused units

TEST(UnusedUnits, AreANoteOrAnErrorIfNamedExplicitly) {
  Inputs inputs =
      read_units("unit app { export run() } unit spare { export x:y/z { f() } }", "app");
  EXPECT_THAT(codes_of(plan_of(inputs).shown.notes), ElementsAre("unused-unit"));
  inputs.units[1].is_explicit = true;
  EXPECT_THAT(problem_text(std::move(inputs), "resolve-unused-unit"),
              HasSubstr("nothing uses `spare`"));
}

TEST(UnusedUnits, ThatAreNearMissesAreNotReportedAsUnused) {
  Inputs inputs =
      read_units("unit app { import x:y/z { f() } } unit spare { export x:y/zz { f() } }", "app");
  inputs.units[1].is_explicit = true;
  EXPECT_THAT(codes_of(problems_of(std::move(inputs))), ElementsAre("resolve-no-provider"));
}

// -- The plan for users

TEST(Shown, UnitsHaveVersionsItemsAndFiles) {
  Inputs inputs = read_units(kShop);
  inputs.units[0].digest = std::make_shared<const std::string>("ab");
  const LinkPlan plan = plan_of(std::move(inputs));
  EXPECT_EQ(plan.shown.name, "test");
  ASSERT_EQ(plan.shown.units.size(), 2U);
  EXPECT_EQ(plan.shown.units[0].version, std::nullopt);
  EXPECT_EQ(plan.shown.units[1].version, "1.0.0");
  EXPECT_EQ(plan.shown.units[0].digest, "ab");
  EXPECT_THAT(plan.shown.units[1].exports[1].functions, ElementsAre("get"));
  EXPECT_EQ(plan.shown.units[1].exports[2].kind, PlanItemKind::Function);
}

TEST(Explain, ListsEveryCandidateWithAVerdict) {
  const LinkPlan plan = plan_of(read_units(R"(
    unit cart { import acme:tax/lib@1.2.0 { f(a: u32) } }
    unit tax { export acme:tax/lib@1.3.1 { f(a: u32) } }
    unit tax-old { export acme:tax/lib@0.9.0 { f(a: u32) } }
    unit tax-bad { export acme:tax/lib@1.2.0 { f(a: u64) } })",
                                           "cart"));
  const Result<std::vector<PlanChoice>> all = explain_import(plan, "acme:tax/lib");
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 1U);
  const std::vector<PlanCandidate>& candidates = all->front().candidates;
  std::vector<std::string> lines;
  for (const PlanCandidate& candidate : candidates)
    lines.push_back(candidate.provider + ": " + candidate.why);
  EXPECT_THAT(
      lines, ElementsAre("tax: only candidate in track 1; newer in track 1",
                         HasSubstr("tax-bad: its type does not fit at"), "tax-old: another track"));
  EXPECT_EQ(candidates[0].verdict, PlanVerdict::Chosen);
  EXPECT_EQ(candidates[1].verdict, PlanVerdict::RuledOut);
  EXPECT_EQ(*explain_import(plan, "cart:acme:tax/lib@^1"), *all);
}

TEST(Explain, SaysThatAnImportStaysOpen) {
  Inputs inputs = read_units("unit cart { import acme:tax/lib@1.2.0 { f(a: u32) } }");
  inputs.policy.unresolved = Policy::Unresolved::Open;
  const Result<std::vector<PlanChoice>> all =
      explain_import(plan_of(std::move(inputs)), "acme:tax/lib");
  ASSERT_TRUE(all);
  EXPECT_EQ(all->front().why, "left open: no unit provides it");
  EXPECT_TRUE(all->front().candidates.empty());
}

TEST(Explain, OfAnUnknownImportIsAnErrorWithNearMisses) {
  const LinkPlan plan = plan_of(read_units(kShop));
  const Result<std::vector<PlanChoice>> none = explain_import(plan, "acme:tax/lob");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error()[0].code, "resolve-wire-unused");
  EXPECT_THAT(none.error()[0].hints, ElementsAre("did you mean `acme:tax/lib`?"));
}

// -- The result depends on the set of inputs, never on their order

constexpr std::string_view kEverything = R"(
  unit cli { import web:http/handler { handle() } import log(text: string) import wasi:cli/stdin@0.2.6 { get() -> u32 } }
  unit logger { import web:http/handler { handle() } export web:http/handler { handle() } }
  unit cache { import web:http/handler { handle() } export web:http/handler { handle() }
               import press:kv/store@0.1.0 { resource bucket  open() -> bucket } }
  unit site { export web:http/handler { handle() } import press:kv/store@0.1.0 { resource bucket  open() -> bucket }
              import press:kv/backup@0.1.0 { use bucket from press:kv/store@0.1.0  save(b: borrow<bucket>) } }
  unit archive { import press:kv/store@0.1.0 { resource bucket  open() -> bucket }
                 export press:kv/backup@0.1.0 { use bucket from press:kv/store@0.1.0  save(b: borrow<bucket>) } }
  unit kv { export press:kv/store@0.1.0 { resource bucket  open() -> bucket } }
  unit journal { export press:kv/store@0.1.3 { resource bucket  open() -> bucket } }
  unit log { export log(text: string) import open:a/b@1.0.0 { f() } }
  unit other { export log(text: string) import open:a/b@1.2.0 { g() } }
  wasi wasi { export wasi:cli/stdin@0.2.12 { get() -> u32 } })";

Inputs shuffled(Inputs inputs, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::shuffle(inputs.units.begin(), inputs.units.end(), random);
  std::shuffle(inputs.policy.wires.begin(), inputs.policy.wires.end(), random);
  std::shuffle(inputs.policy.filters.begin(), inputs.policy.filters.end(), random);
  return inputs;
}

TEST(OrderIndependence, OfAPlan) {
  Inputs inputs = read_units(kEverything, "cli");
  inputs.policy.unresolved = Policy::Unresolved::Open;
  inputs.policy.wires = {via("cli:web:http/handler=logger,cache"),
                         wire("site:press:kv/store=journal"), wire("cache:press:kv/store=kv")};
  inputs.policy.filters = {{"other", Filter::Kind::Hide, "log", {}}};
  const LinkPlan first = plan_of(inputs);
  EXPECT_EQ(provider_of(first, "archive", "press:kv/store@0.1.0"), "journal press:kv/store@0.1.3");
  for (std::uint32_t seed = 0; seed < 4; ++seed)
    EXPECT_EQ(plan_of(shuffled(inputs, seed)).shown, first.shown) << seed;
}

TEST(OrderIndependence, OfProblems) {
  Inputs inputs = read_units(kEverything, "cli");
  inputs.policy.wires = {wire("site:press:kv/store=journal"), wire("archive:press:kv/store=kv"),
                         wire("nobody:a:b/c=kv"), wire("a:b/d=kv")};
  const Diagnostics first = problems_of(inputs);
  for (std::uint32_t seed = 0; seed < 4; ++seed)
    EXPECT_EQ(problems_of(shuffled(inputs, seed)), first) << seed;
}

}  // namespace
}  // namespace tenon::resolve::resolve_test
