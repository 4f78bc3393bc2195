// Open imports and WASI: imports that are merged, that stay separate, and that are errors.
#include <fmt/format.h>

#include "resolve/component_types.h"
#include "resolve/plan_test_support.h"

namespace tenon::resolve::imports_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Inputs open_units(std::string_view text, std::string_view root = {}) {
  Inputs inputs = read_units(text, root);
  inputs.policy.unresolved = Policy::Unresolved::Open;
  return inputs;
}

const CompositionImport* find_import(const LinkPlan& plan, std::string_view name) {
  for (const CompositionImport& import : plan.imports)
    if (import.name == name) return &import;
  return nullptr;
}

std::vector<std::string> part_names(const LinkPlan& plan, const CompositionImport& import) {
  std::vector<std::string> names;
  for (const types::NamedItem& part :
       plan.types->instances[std::get<types::InstanceId>(import.item)].exports)
    names.push_back(part.name);
  return names;
}

TEST(OpenImports, AreAnErrorByDefault) {
  problem_text(read_units("unit a { import x:y/z@1.0.0 { f() } export run() }"),
               "resolve-no-provider");
}

TEST(OpenImports, OfOneTrackBecomeOneUnderTheHighestVersion) {
  const LinkPlan plan = plan_of(open_units(R"(
    unit a { import x:y/z@1.0.0 { f() } import b() }
    unit b { import x:y/z@1.2.0 { g() f() } export b() })"));
  ASSERT_THAT(open_names(plan), ElementsAre("x:y/z@1.2.0"));
  EXPECT_THAT(part_names(plan, plan.imports[0]), ElementsAre("g", "f"));
  EXPECT_EQ(plan.imports[0].importers.size(), 2U);
  EXPECT_EQ(argument_of(plan, "a", "x:y/z@1.0.0"), "import x:y/z@1.2.0");
}

TEST(OpenImports, OfTwoTracksStaySeparate) {
  const LinkPlan plan = plan_of(open_units(R"(
    unit a { import x:y/z@1.0.0 { f() } import b() }
    unit b { import x:y/z@2.0.0 { f() } export b() })"));
  EXPECT_THAT(open_names(plan), ElementsAre("x:y/z@1.0.0", "x:y/z@2.0.0"));
}

TEST(OpenImports, VersionsWhoseTypesDifferStaySeparateWithANote) {
  const LinkPlan plan = plan_of(open_units(R"(
    unit a { import x:y/z@1.0.0 { f(a: u32) } import b() }
    unit b { import x:y/z@1.2.0 { f(a: u64) } export b() })"));
  EXPECT_THAT(open_names(plan), ElementsAre("x:y/z@1.0.0", "x:y/z@1.2.0"));
  EXPECT_THAT(codes_of(plan.shown.notes), ElementsAre("unmerged-versions"));
}

TEST(OpenImports, OfOneNameWhoseTypesDifferCannotBeMerged) {
  const std::string text = problem_text(open_units(R"(
    unit a { import x:y/z@1.0.0 { f(a: u32) } import b() }
    unit b { import x:y/z@1.0.0 { f(a: u64) } export b() })"),
                                        "resolve-merge");
  EXPECT_THAT(text, HasSubstr("`b` imports `x:y/z@1.0.0`, `a` imports `x:y/z@1.0.0`"));
  EXPECT_THAT(text, HasSubstr("u64"));
}

TEST(OpenImports, VersionsThatDifferButShareAResourceCannotBeMerged) {
  problem_text(open_units(R"(
    unit a { import x:y/store@1.0.0 { resource r  f(a: u32) -> r }
             import x:y/use@1.0.0 { use r from x:y/store@1.0.0  u(r: borrow<r>) } import b() }
    unit b { import x:y/store@1.2.0 { resource r  f(a: u64) -> r }
             import x:y/use@1.0.0 { use r from x:y/store@1.2.0  u(r: borrow<r>) } export b() })"),
               "resolve-merge");
}

// In `a`, q uses p; in `b`, p uses q. Only the union has the cycle.
TEST(OpenImports, ThatUseEachOtherOnlyWhenMergedAreAnError) {
  EXPECT_THAT(problem_text(open_units(R"(
    unit a { import x:y/p { resource r  f() } import x:y/q { use r from x:y/p  g(r: r) } import b() }
    unit b { import x:y/q { resource s  h() } import x:y/p { use s from x:y/q  k(s: s) } export b() })"),
                           "resolve-merge"),
              HasSubstr("use each other's types in a cycle: `x:y/p`, `x:y/q`"));
}

// That they cannot be merged is a consequence of the wire, and not reported.
TEST(OpenImports, OfTypesThatDoNotFitTheirWireAreReportedOnce) {
  const auto unit = [](std::string_view name, std::string_view type) {
    return fmt::format(
        "unit {0} {{ import x:y/types {{ record entry {{ n: {1} }} }} "
        "import x:y/{0} {{ use entry from x:y/types  f(e: entry) }} export {0}() }} ",
        name, type);
  };
  Inputs inputs = open_units(unit("a", "u32") + unit("b", "u64") +
                             "unit c { export x:y/types { record entry { n: u64 } } }");
  inputs.policy.wires = {wire("a:x:y/types=c")};
  EXPECT_THAT(codes_of(problems_of(std::move(inputs))), ElementsAre("resolve-type-mismatch"));
}

TEST(OpenImports, ResourcesOfMergedImportsAreOne) {
  const LinkPlan plan = plan_of(open_units(R"(
    unit a { import x:y/store@1.0.0 { resource r  f() -> r } import b() }
    unit b { import x:y/store@1.0.0 { resource r  f() -> r } export b() })"));
  EXPECT_EQ(plan.resource_class->at(0), plan.resource_class->at(1));
}

TEST(OpenImports, UsedInterfacesComeFirst) {
  const LinkPlan plan = plan_of(open_units(R"(
    unit a { import x:y/zz { resource r  record rec { a: u32 } f() -> r }
             import x:y/types { record entry { a: u32 } }
             import x:y/unused { record other { a: u32 } }
             import x:y/aa { use r from x:y/zz  use entry from x:y/types  u(r: borrow<r>, e: entry) } export run() })"));
  EXPECT_THAT(open_names(plan), ElementsAre("x:y/types", "x:y/zz", "x:y/aa"));
  EXPECT_EQ(argument_of(plan, "a", "x:y/types"), "import x:y/types");
  EXPECT_EQ(argument_of(plan, "a", "x:y/unused"), "types");
}

TEST(OpenImports, TypesOfAProvidedInterfaceThatNeedANameAreImports) {
  const LinkPlan plan = plan_of(open_units(R"(
    unit a { import x:y/types { record inner { n: u32 }  record outer { i: inner }  record other { n: u32 }  f() }
             import x:y/z { use outer from x:y/types  g(o: outer) } export run() }
    unit b { export x:y/types { record inner { n: u32 }  record outer { i: inner }  record other { n: u32 }  f() } })"));
  ASSERT_THAT(open_names(plan), ElementsAre("x:y/types", "x:y/z"));
  EXPECT_THAT(part_names(plan, plan.imports[0]), ElementsAre("inner", "outer"));
  EXPECT_THAT(plan.imports[0].importers, IsEmpty());
  EXPECT_EQ(argument_of(plan, "a", "x:y/types"), "unit b");
}

// The same for a part of a type that is named in a third interface, and for an interface that is a stub.
TEST(OpenImports, TypesOfProvidedInterfacesAreInTheirOrder) {
  Inputs inputs = open_units(R"(
    unit a { import x:y/zz { record inmost { n: u32 }  f() }
             import x:y/types { use inmost from x:y/zz  resource r  record inner { i: inmost }
                                record outer { i: inner }  f() -> r }
             import x:y/a { use outer from x:y/types  g(o: outer) } export run() }
    unit b { export x:y/zz { record inmost { n: u32 }  f() } })");
  inputs.policy.wires.push_back(
      {.consumer = "a", .import = "x:y/types", .target = Wire::Target::Trap});
  const LinkPlan plan = plan_of(std::move(inputs));
  std::vector<std::string> names;
  for (const CompositionImport& import : plan.imports)
    if (import.binding == CompositionImport::Binding::Open) names.push_back(import.name);
  EXPECT_THAT(names, ElementsAre("x:y/zz", "x:y/types", "x:y/a"));
  const auto is_stub = [](const CompositionImport& import) {
    return import.binding == CompositionImport::Binding::Trap;
  };
  const auto stub = std::ranges::find_if(plan.imports, is_stub);
  ASSERT_NE(stub, plan.imports.end());
  EXPECT_THAT(part_names(plan, *stub), testing::SizeIs(5));
  EXPECT_EQ(argument_of(plan, "a", "x:y/types"), "import x:y/types");
}

// An interface that only uses a resource needs no provider if a stub makes the resource.
TEST(OpenImports, AStubMakesTheResourceThatTypesUse) {
  for (const char* const line : {"x:y/lib=(trap)", "x:y/lib=(optional)"}) {
    Inputs inputs = read_units(R"(
      unit a { import x:y/lib { resource key  open() -> key }
               import x:y/names { use key from x:y/lib } export run() })");
    inputs.policy.wires = {wire(line)};
    const LinkPlan plan = plan_of(std::move(inputs));
    EXPECT_EQ(plan.imports.size(), 1U) << line;
    EXPECT_EQ(argument_of(plan, "a", "x:y/names"), "types") << line;
  }
}

// Together, `x:y/more` of both would have the resource of `lib`, and the domain of `b` would need that of `lib`.
TEST(OpenImports, AStubDoesNotJoinOneWithTheResourceOfAUnit) {
  Inputs inputs = read_units(R"(
    unit a in main { import x:y/lib { resource key  open() -> key }
                     import x:y/more { use key from x:y/lib  close(k: key) } import go() export run() }
    unit b in far { import x:y/lib { resource key  open() -> key }
                    import x:y/more { use key from x:y/lib  close(k: key) } export go() }
    unit lib in main { export x:y/lib { resource key  open() -> key } })",
                             "a");
  inputs.policy.wires = {wire("b:x:y/lib=(trap)"), wire("x:y/more=(trap)")};
  EXPECT_EQ(plan_of(std::move(inputs)).imports.size(), 3U);
  Inputs stubs = read_units(R"(
    unit a { import x:y/lib { resource key  open() -> key }
             import x:y/more { use key from x:y/lib  close(k: key) } import go() export run() }
    unit b { import x:y/lib { resource key  open() -> key }
             import x:y/more { use key from x:y/lib  close(k: key) } export go() })",
                            "a");
  stubs.policy.wires = {wire("x:y/lib=(trap)"), wire("x:y/more=(trap)")};
  EXPECT_EQ(plan_of(std::move(stubs)).imports.size(), 2U);
}

// An import of a type alone, which is not an interface.
TEST(OpenImports, ATypeOfAResourceThatNeedsANameIsAnImport) {
  const LinkPlan plan = plan_of(open_units(R"(
    unit a { import resource blob  import record entry { b: blob }  import f(e: entry)  export run() })"));
  EXPECT_THAT(open_names(plan), ElementsAre("blob", "entry", "f"));
}

// A used type is the type of the interface that defines it, whichever unit imports it first.
TEST(OpenImports, MergedTypesAreIdentifiedAcrossInterfaces) {
  const LinkPlan plan = plan_of(open_units(R"(
    unit a { import x:y/types@1.0.0 { record entry { a: u32 } } import b()
             import x:y/one@1.0.0 { use entry from x:y/types@1.0.0  f(e: entry) } }
    unit b { import x:y/types@1.1.0 { record entry { a: u32 } } export b()
             import x:y/two@1.0.0 { use entry from x:y/types@1.1.0  g(e: entry) } })"));
  ASSERT_THAT(open_names(plan), ElementsAre("x:y/types@1.1.0", "x:y/one@1.0.0", "x:y/two@1.0.0"));
  std::vector<types::TypeId> entries;
  for (const CompositionImport& import : plan.imports) {
    const types::Instance& instance =
        plan.types->instances[std::get<types::InstanceId>(import.item)];
    entries.push_back(std::get<types::TypeId>(
        std::get<types::TypeBound>(instance.find_export("entry")->item).type));
  }
  EXPECT_THAT(entries, testing::Each(entries[0]));
}

TEST(OpenImports, PlainNamesOfTwoUnitsClash) {
  Inputs inputs = open_units(R"(
    unit a { import log(text: string) import b() } unit b { import log(text: string) export b() })");
  const std::string text = problem_text(inputs, "resolve-name-clash");
  EXPECT_THAT(text, HasSubstr("[[wire]] with import = \"log\" and open = true"));
  inputs.policy.wires = {wire("log=(open)")};
  EXPECT_THAT(open_names(plan_of(std::move(inputs))), ElementsAre("log"));
}

// If an import has a provider, the composition keeps only those of its types that open imports need. These types
// are merged if they are equal, whatever the name means in each unit.
TEST(OpenImports, ShareTheTypesOfPlainNames) {
  Inputs inputs = open_units(R"(
    unit a { import need { record part { a: u32 }  record r { p: part }  f() }
             import x:y/open { use r from need  g(r: r) }  import b() }
    unit b { import need { record part { a: u32 }  record r { p: part }  f() }
             import x:y/open { use r from need  g(r: r) }  export b() }
    unit p { export x:y/need { record part { a: u32 }  record r { p: part }  f() } })");
  inputs.policy.wires = {wire("a:need=p:x:y/need"), wire("b:need=p:x:y/need")};
  EXPECT_THAT(open_names(plan_of(std::move(inputs))), ElementsAre("need", "x:y/open"));
}

TEST(OpenImports, PlainNamesThatDifferInCaseClash) {
  problem_text(open_units("unit a { import log() import b() } unit b { import LOG() export b() }"),
               "resolve-name-clash");
}

// Equal root types of two units are one import.
TEST(OpenImports, FunctionsBringTheirRootTypesAlong) {
  const LinkPlan plan = plan_of(open_units(R"(
    unit a { import type entry = list<u32>  import f(e: entry) import b() }
    unit b { import type entry = list<u32>  import g(e: entry) export b() })"));
  EXPECT_THAT(open_names(plan), ElementsAre("entry", "f", "g"));
}

TEST(OpenImports, RootResourcesAreLeftOpenWithTheirFunctions) {
  const LinkPlan plan = plan_of(open_units(R"(
    unit a { import resource blob  import [method]blob.size(self: borrow<blob>) -> u32 export run() })"));
  EXPECT_THAT(open_names(plan), ElementsAre("blob", "[method]blob.size"));
}

TEST(OpenImports, ANearMissThatIsLeftOpenIsAWarning) {
  const LinkPlan plan = plan_of(open_units(R"(
    unit a { import x:y/z { f(a: u32) } import go() } unit b { export x:y/z { f(a: u64) } export go() })"));
  ASSERT_THAT(codes_of(plan.shown.notes), ElementsAre("resolve-type-mismatch"));
  EXPECT_EQ(plan.shown.notes[0].severity, Severity::Warning);
}

// -- WASI

constexpr std::string_view kWasi = R"(
  wasi wasi {
    import wasi:none/none { }
    export wasi:io/streams@0.2.12 { resource stream  [method]stream.read(self: borrow<stream>) -> u32 }
    export wasi:clocks/clock@0.2.12 { type duration = u64  now() -> duration }
    export wasi:cli/stdin@0.2.12 { use stream from export wasi:io/streams@0.2.12  get() -> stream }
    export wasi:cli/stdin@0.3.0 { get() -> u32 }
  })";

Inputs with_wasi(std::string_view text, std::string_view root = {}) {
  return read_units(std::string(text) + std::string(kWasi), root);
}

TEST(Wasi, AnyPatchVersionLinksAndIsMerged) {
  const LinkPlan plan = plan_of(with_wasi(R"(
    unit a { import wasi:io/streams@0.2.6 { resource stream }
             import wasi:cli/stdin@0.2.6 { use stream from wasi:io/streams@0.2.6  get() -> stream } import b() }
    unit b { import wasi:io/streams@0.2.30 { resource stream  [method]stream.read(self: borrow<stream>) -> u32 } export b() })"));
  EXPECT_THAT(open_names(plan), ElementsAre("wasi:io/streams@0.2.30", "wasi:cli/stdin@0.2.6"));
  EXPECT_EQ(plan.imports[0].binding, CompositionImport::Binding::Wasi);
  const PlanEdge* edge = find_edge(plan, "b", "wasi:io/streams@0.2.30");
  EXPECT_EQ(edge->provider, "wasi");
  EXPECT_EQ(edge->kind, EdgeKind::Wasi);
  EXPECT_THAT(plan.shown.notes, IsEmpty());
  EXPECT_THAT(plan.shown.order, ElementsAre("b", "a"));
  EXPECT_EQ(plan.shown.units.size(), 2U);
  EXPECT_EQ(argument_of(plan, "a", "wasi:io/streams@0.2.6"), "import wasi:io/streams@0.2.30");
}

TEST(Wasi, AMissingFunctionIsANearMissAtPlanTime) {
  const std::string text = problem_text(
      with_wasi("unit a { import wasi:clocks/clock@0.2.6 { now() -> u64 later() } export run() }"),
      "resolve-type-mismatch");
  EXPECT_THAT(text, HasSubstr("`wasi` exports `wasi:clocks/clock@0.2.12`, but it has no `later`"));
}

TEST(Wasi, ReleaseCandidatesLinkOnlyWithThemselves) {
  EXPECT_THAT(
      problem_text(
          with_wasi("unit a { import wasi:cli/stdin@0.3.0-rc.1 { get() -> u32 } export run() }"),
          "resolve-version-track"),
      HasSubstr("another track (0.2, expected 0.3.0-rc.1)"));
}

TEST(Wasi, AComponentWinsOverIt) {
  const LinkPlan plan = plan_of(with_wasi(R"(
    unit a { import wasi:clocks/clock@0.2.6 { now() -> u64 } }
    unit virt { export wasi:clocks/clock@0.2.0 { now() -> u64 } })"));
  EXPECT_EQ(provider_of(plan, "a", "wasi:clocks/clock@0.2.6"), "virt wasi:clocks/clock@0.2.0");
  EXPECT_THAT(codes_of(plan.shown.notes), ElementsAre("shadowed", "older-provider"));
}

// A component provides streams and the engine provides stdin, so there are two kinds of stream.
TEST(Wasi, VirtualizingAPartThatSharesAResourceIsASplit) {
  problem_text(with_wasi(R"(
    unit a { import wasi:io/streams@0.2.6 { resource stream  [method]stream.read(self: borrow<stream>) -> u32 }
             import wasi:cli/stdin@0.2.6 { use stream from wasi:io/streams@0.2.6  get() -> stream } }
    unit virt { export wasi:io/streams@0.2.6 { resource stream  [method]stream.read(self: borrow<stream>) -> u32 } })"),
               "resolve-resource-split");
}

TEST(Wasi, MergingImportsDoesNotRepeatASplit) {
  const Diagnostics problems = problems_of(read_units(R"(
    unit b { import wasi:io/streams@0.2.0 { resource stream } import wasi:http/types@0.2.0 { resource fields }
             export x:y/z { use stream from wasi:io/streams@0.2.0  use fields from wasi:http/types@0.2.0
                            f(held: fields) g(held: stream) } }
    unit a { import wasi:io/streams@0.2.0 { resource stream } import wasi:http/types@0.2.0 { resource fields }
             import x:y/z { use stream from wasi:io/streams@0.2.0  use fields from wasi:http/types@0.2.0
                            f(held: stream) g(held: stream) } }
    wasi wasi { export wasi:io/streams@0.2.12 { resource stream }
                export wasi:http/types@0.2.12 { resource fields } })",
                                                      "a"));
  EXPECT_THAT(codes_of(problems), ElementsAre("resolve-resource-split"));
}

TEST(Wasi, UsedValueTypesAreNamed) {
  const LinkPlan plan = plan_of(read_units(R"(
    unit a { import wasi:clocks/clock@0.2.6 { type duration = u64 }
             import wasi:http/types@0.2.6 { use duration from wasi:clocks/clock@0.2.6  f(d: duration) } export run() }
    wasi wasi { export wasi:clocks/clock@0.2.12 { type duration = u64  now() -> duration }
                export wasi:http/types@0.2.12 { use duration from export wasi:clocks/clock@0.2.12  f(d: duration) } })"));
  EXPECT_THAT(open_names(plan), ElementsAre("wasi:clocks/clock@0.2.6", "wasi:http/types@0.2.6"));
  ASSERT_NE(find_import(plan, "wasi:clocks/clock@0.2.6"), nullptr);
  EXPECT_EQ(find_import(plan, "wasi:clocks/clock@0.2.6")->binding,
            CompositionImport::Binding::Wasi);
}

TEST(Wasi, CanBeWiredAsAProvider) {
  Inputs inputs = with_wasi(R"(
    unit a { import wasi:clocks/clock@0.2.6 { now() -> u64 } import go() }
    unit virt { export wasi:clocks/clock@0.2.0 { now() -> u64 } export go() })");
  inputs.policy.wires = {wire("a:wasi:*/*=wasi")};
  EXPECT_EQ(provider_of(plan_of(std::move(inputs)), "a", "wasi:clocks/clock@0.2.6"),
            "wasi wasi:clocks/clock@0.2.12");
}

TEST(Wasi, CanBeWiredForTypesAlone) {
  const auto wired = [](std::string_view type) {
    Inputs inputs = with_wasi(fmt::format(
        "unit a {{ import wasi:clocks/clock@0.2.6 {{ type duration = {} }} export run() }}", type));
    inputs.policy.wires = {wire("a:wasi:clocks/clock=wasi")};
    return inputs;
  };
  EXPECT_THAT(plan_of(wired("u64")).shown.notes, IsEmpty());
  EXPECT_THAT(
      problem_text(wired("u32"), "resolve-type-mismatch"),
      HasSubstr(
          "`a` imports the types of `wasi:clocks/clock@0.2.6`, and `wasi` exports different ones"));
}

// -- Imports from outside (`.wac` files)

Inputs from_outside(Inputs inputs) {
  inputs.policy.unresolved = Policy::Unresolved::Outside;
  return inputs;
}

TEST(Outside, UnitsProvideOnlyWhatWiresSay) {
  Inputs inputs = from_outside(read_units(R"(
    unit a { import x:y/z { f() } import x:y/w { g() } export run() }
    unit b { export x:y/z { f() } export x:y/w { g() } })",
                                          "a"));
  inputs.policy.wires = {wire("a:x:y/z=b")};
  const LinkPlan plan = plan_of(std::move(inputs));
  EXPECT_EQ(provider_of(plan, "a", "x:y/z"), "b x:y/z");
  EXPECT_EQ(provider_of(plan, "a", "x:y/w"), "");
  EXPECT_THAT(open_names(plan), ElementsAre("x:y/w"));
  EXPECT_THAT(plan.shown.notes, IsEmpty());
}

TEST(Outside, WasiAndTheProgramMeetImports) {
  const LinkPlan plan = plan_of(from_outside(with_wasi(R"(
    unit a { import wasi:clocks/clock@0.2.6 { now() -> u64 } import go() import log() }
    host program { export go() }
    unit b { export log() })",
                                                       "a")));
  EXPECT_EQ(provider_of(plan, "a", "wasi:clocks/clock@0.2.6"), "wasi wasi:clocks/clock@0.2.12");
  EXPECT_EQ(provider_of(plan, "a", "go"), "program go");
  EXPECT_EQ(provider_of(plan, "a", "log"), "");
}

TEST(Outside, ImportsOfOnePlainNameAreOne) {
  const LinkPlan plan = plan_of(from_outside(read_units(
      "unit a { import log() export run() } unit b { import log() export walk() }", "a")));
  EXPECT_THAT(open_names(plan), ElementsAre("log"));
  EXPECT_EQ(plan.imports[0].importers.size(), 2U);
}

// The types of `b` have the resource, but nothing says that `a` gets them.
TEST(Outside, TypesWithResourcesComeFromOutsideToo) {
  const LinkPlan plan = plan_of(from_outside(read_units(R"(
    unit a { import x:y/types { resource r } import x:y/api { use r from x:y/types f(r: borrow<r>) } export run() }
    unit b { export x:y/types { resource r } })",
                                                        "a")));
  EXPECT_THAT(open_names(plan), ElementsAre("x:y/types", "x:y/api"));
}

// A copy of the names for each function and each nested instance would take minutes.
TEST(UnnamedTypes, OfManyFunctionsAndInstances) {
  constexpr std::size_t kCount = 30'000;
  types::Types types;
  types::Instance whole;
  std::vector<types::TypeId> enums;
  for (std::size_t i = 0; i < kCount; ++i) enums.push_back(types.types.add({types::Enum{{"a"}}}));
  const auto uses = [&](types::TypeId type) {
    return types.functions.add({.params = {{"p", type}}, .result = std::nullopt});
  };
  const types::InstanceId inner = [&] {
    types::Instance named_inside;
    named_inside.add_export("inside", types::TypeBound{enums.back()});
    named_inside.add_export("f", uses(enums.back()));
    return types.instances.add(std::move(named_inside));
  }();
  for (std::size_t i = 0; i < kCount; ++i) {
    if (i < kCount - 1) whole.add_export(fmt::format("t{}", i), types::TypeBound{enums[i]});
    whole.add_export(fmt::format("f{}", i), uses(enums[i]));
    whole.add_export(fmt::format("i{}", i), inner);
  }
  // A nested instance names the type for itself.
  EXPECT_THAT(find_unnamed_types(types, types.instances.add(std::move(whole))),
              ElementsAre(enums.back()));
}

TEST(Outside, OnlyListedExportsAreMade) {
  Inputs inputs =
      read_units("unit a { import go() export run() export walk() } unit b { export go() }", "a");
  inputs.policy.export_mode = Policy::Exports::Listed;
  inputs.policy.exports = {{.unit = "b", .item = "go", .as = "went", .where = {}}};
  EXPECT_THAT(export_names(plan_of(std::move(inputs))), ElementsAre("went"));
}

}  // namespace
}  // namespace tenon::resolve::imports_test
