// Packages and components that import from each other: which types fit, and the messages for those
// that do not.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "resolve/draft.h"
#include "resolve/explain.h"
#include "resolve/plan_test_support.h"

namespace tenon::resolve::packages_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using types::TypeRelation;

// The kinds of the two units of an edge.
struct Ends {
  std::string_view consumer;
  std::string_view provider;
};

constexpr Ends kPackages{"package", "package"};
constexpr Ends kFromPackage{"package", "unit"};
constexpr Ends kToPackage{"unit", "package"};
constexpr Ends kComponents{"unit", "unit"};

// `app` imports the interface `a:b/i` with one body, and `lib` exports it with another.
Inputs inputs_of(const Ends& ends, std::string_view imported, std::string_view exported) {
  return read_units(fmt::format(
      R"({} app {{ import a:b/i {{ {} }} }}
         {} lib {{ export a:b/i {{ {} }} }})",
      ends.consumer, imported, ends.provider, exported));
}
// The problems of such a link as text. Empty: it works.
std::string problem(const Ends& ends, std::string_view imported, std::string_view exported) {
  const Result<LinkPlan> plan = resolve_units(inputs_of(ends, imported, exported));
  if (!plan) return text_of(plan.error());
  EXPECT_EQ(provider_of(*plan, "app", "a:b/i"), "lib a:b/i");
  return {};
}

TEST(PackagesInPlans, AreComparedByTheKindsOfBothUnits) {
  const auto relation = [](UnitKind consumer, UnitKind provider) {
    Unit a;
    a.kind = consumer;
    Unit b;
    b.kind = provider;
    return relation_of(a, b);
  };
  using enum UnitKind;
  EXPECT_EQ(relation(Package, Package), TypeRelation::Packages);
  EXPECT_EQ(relation(Package, HostFunctions), TypeRelation::Packages);
  for (const UnitKind other : {Component, Composition, Wasi}) {
    EXPECT_EQ(relation(Package, other), TypeRelation::Mixed);
    EXPECT_EQ(relation(other, Package), TypeRelation::Mixed);
    EXPECT_EQ(relation(other, HostFunctions), TypeRelation::Components);
    EXPECT_EQ(relation(other, Component), TypeRelation::Components);
  }
}

TEST(PackagesInPlans, FieldsCanBeInAnotherOrder) {
  constexpr std::string_view kImported = "record item { name: string, price: u32 } get() -> item";
  constexpr std::string_view kExported = "record item { price: u32, name: string } get() -> item";
  for (const Ends& ends : {kPackages, kFromPackage, kToPackage})
    EXPECT_EQ(problem(ends, kImported, kExported), "");
  EXPECT_THAT(problem(kComponents, kImported, kExported),
              AllOf(HasSubstr("resolve-type-mismatch"), HasSubstr("`get -> result.name`")));
}

TEST(PackagesInPlans, AMissingOrDifferentFieldIsNamed) {
  constexpr std::string_view kImported = "record item { name: string, price: u32 } get() -> item";
  for (const Ends& ends : {kPackages, kFromPackage, kToPackage}) {
    EXPECT_THAT(problem(ends, kImported, "record item { name: string } get() -> item"),
                AllOf(HasSubstr("resolve-type-mismatch"), HasSubstr("`app`"), HasSubstr("`lib`"),
                      HasSubstr("price")));
    EXPECT_THAT(
        problem(ends, kImported, "record item { price: string, name: string } get() -> item"),
        AllOf(HasSubstr("price"), HasSubstr("u32"), HasSubstr("string")));
  }
}

TEST(PackagesInPlans, CasesMustBeInTheSameOrder) {
  constexpr std::string_view kImported = "variant pick { left: u32, right: u32 } flip(of: pick)";
  constexpr std::string_view kExported = "variant pick { right: u32, left: u32 } flip(of: pick)";
  for (const Ends& ends : {kPackages, kFromPackage, kToPackage})
    EXPECT_THAT(problem(ends, kImported, kExported),
                AllOf(HasSubstr("resolve-type-mismatch"), HasSubstr("`app`"), HasSubstr("`lib`"),
                      HasSubstr("does not fit at `flip -> of.left`"),
                      HasSubstr("| -   left(u32),   app expects\n  | -   right(u32),"),
                      HasSubstr("| +   right(u32),  lib provides\n  | +   left(u32),")));
}

TEST(PackagesInPlans, AnEnumMeetsAVariantWithoutPayloads) {
  constexpr std::string_view kEnum = "enum color { red, green } get() -> color";
  constexpr std::string_view kVariant = "variant color { red, green } get() -> color";
  for (const Ends& ends : {kFromPackage, kToPackage}) {
    EXPECT_EQ(problem(ends, kEnum, kVariant), "");
    EXPECT_EQ(problem(ends, kVariant, kEnum), "");
    EXPECT_THAT(problem(ends, kEnum, "variant color { red, green: u32 } get() -> color"),
                AllOf(HasSubstr("resolve-type-mismatch"),
                      HasSubstr("does not fit at `get -> result.green`"), HasSubstr("| -   green,"),
                      HasSubstr("| +   green(u32),")));
    EXPECT_THAT(problem(ends, "variant color { green, red } get() -> color", kEnum),
                HasSubstr("does not fit at `get -> result.green`"));
  }
  EXPECT_THAT(problem(kComponents, kEnum, kVariant), HasSubstr("resolve-type-mismatch"));
}

TEST(PackagesInPlans, AMapMeetsAListOfPairs) {
  constexpr std::string_view kMap = "get() -> map<string, u32>";
  constexpr std::string_view kPairs = "get() -> list<pair<string, u32>>";
  for (const Ends& ends : {kFromPackage, kToPackage}) {
    EXPECT_EQ(problem(ends, kMap, kPairs), "");
    EXPECT_EQ(problem(ends, kPairs, kMap), "");
    EXPECT_THAT(problem(ends, kMap, "get() -> list<pair<string, string>>"),
                AllOf(HasSubstr("resolve-type-mismatch"), HasSubstr("u32"), HasSubstr("string")));
  }
  EXPECT_THAT(problem(kComponents, kMap, kPairs), HasSubstr("resolve-type-mismatch"));
}

TEST(PackagesInPlans, ParameterNamesDoNotCount) {
  for (const Ends& ends : {kPackages, kFromPackage, kToPackage})
    EXPECT_EQ(problem(ends, "double(n: u32) -> u32", "double(value: u32) -> u32"), "");
  EXPECT_NE(problem(kComponents, "double(n: u32) -> u32", "double(value: u32) -> u32"), "");
}

// Reading the metadata of a package turns `_` into `-`. Labels that differ after that are
// different.
TEST(PackagesInPlans, LabelsAreThoseOfInterfaces) {
  constexpr std::string_view kDash = "record item { last-msg: u32 } get-item() -> item";
  for (const Ends& ends : {kPackages, kFromPackage, kToPackage}) {
    EXPECT_EQ(problem(ends, kDash, kDash), "");
    EXPECT_THAT(problem(ends, kDash, "record item { last_msg: u32 } get-item() -> item"),
                AllOf(HasSubstr("last-msg"), HasSubstr("last_msg")));
    EXPECT_THAT(problem(ends, kDash, "record item { last-msg: u32 } get_item() -> item"),
                AllOf(HasSubstr("get-item"), HasSubstr("`app`"), HasSubstr("`lib`")));
  }
}

TEST(PackagesInPlans, AnyValueMeetsEveryTypeBetweenPackages) {
  for (const std::string_view other :
       {"any", "u32", "string", "list<any>", "map<string, u32>", "option<pair<u32, any>>"}) {
    const std::string some = fmt::format("call(v: {0}) -> {0}", other);
    EXPECT_EQ(problem(kPackages, "call(v: any) -> any", some), "") << other;
    EXPECT_EQ(problem(kPackages, some, "call(v: any) -> any"), "") << other;
    EXPECT_EQ(problem(kPackages, fmt::format("call(v: list<{0}>) -> list<any>", other),
                      fmt::format("call(v: list<any>) -> list<{0}>", other)),
              "")
        << other;
  }
}

TEST(PackagesInPlans, AnyValueMeetsNoTypeOfAComponent) {
  EXPECT_THAT(problem(kToPackage, "call(v: u32) -> u32", "call(v: any) -> u32"),
              AllOf(HasSubstr("resolve-type-mismatch"), HasSubstr("`app`"), HasSubstr("`lib`"),
                    HasSubstr("WIT cannot express")));
  EXPECT_THAT(problem(kFromPackage, "call() -> list<any>", "call() -> list<u32>"),
              AllOf(HasSubstr("resolve-type-mismatch"), HasSubstr("WIT cannot express")));
}

// `program` provides the buffers of tenon.
Inputs inputs_with_buffers(std::string_view imported, std::string_view exported) {
  Inputs inputs = read_units(fmt::format(
      R"(unit app {{ import t:b/buffers {{ resource buffer }}
                    import a:b/i {{ use buffer from t:b/buffers {} }} }}
         unit program {{ export t:b/buffers {{ resource buffer }} }}
         package lib {{ export a:b/i {{ {} }} }})",
      imported, exported));
  inputs.units[1].kind = UnitKind::HostFunctions;
  std::vector<types::ResourceId> resources;
  for (std::uint32_t i = 0; i < inputs.types.resources.size(); ++i) resources.push_back({i});
  EXPECT_EQ(resources.size(), 2U);
  inputs.buffers.emplace(resources[0], resources[1]);
  return inputs;
}

TEST(PackagesInPlans, BuffersAreValuesOnAWireThatSaysSo) {
  constexpr std::string_view kImported = "put(v: list<own<buffer>>) -> own<buffer>";
  constexpr std::string_view kExported = "put(v: list<any>) -> any";
  Inputs inputs = inputs_with_buffers(kImported, kExported);
  const Result<LinkPlan> without = resolve_units(inputs);
  ASSERT_FALSE(without);
  EXPECT_THAT(text_of(without.error()),
              AllOf(HasSubstr("resolve-type-mismatch"),
                    HasSubstr("pass buffers as `value`\n  | [[wire]]\n  | import = \"a:b/i\"\n"
                              "  | provider = \"lib\"\n  | buffers = true")));
  inputs.policy.wires = {wire("a:b/i=lib")};
  EXPECT_THAT(text_of(resolve_units(inputs).error()),
              HasSubstr("add `buffers = true` to the wire"));
  inputs.policy.wires[0].buffers = true;
  const LinkPlan plan = plan_of(inputs);
  EXPECT_TRUE(find_edge(plan, "app", "a:b/i")->buffers);
  const Result<std::vector<PlanChoice>> choices = explain_import(plan, "a:b/i");
  ASSERT_TRUE(choices) << text_of(choices.error());
  EXPECT_THAT(choices->at(0).why, HasSubstr("wired by `a:b/i=lib`"));
  // Other types must fit as usual, and a unit of another composition passes no buffers.
  inputs.units[2].is_running = true;
  EXPECT_THAT(text_of(resolve_units(inputs).error()), HasSubstr("resolve-wire-type"));
  for (const auto& [imported, exported] :
       {std::pair("put(v: own<buffer>) -> u32", "put(v: any) -> any"),
        std::pair("put(v: borrow<buffer>)", "put(v: any)"),
        std::pair("put(v: own<buffer>)", "put(v: any.t)")}) {
    Inputs other = inputs_with_buffers(imported, exported);
    other.policy.wires = {wire("a:b/i=lib")};
    for (const bool buffers : {false, true}) {
      other.policy.wires[0].buffers = buffers;
      EXPECT_THAT(text_of(resolve_units(other).error()),
                  AllOf(HasSubstr("resolve-wire-type"), Not(HasSubstr("buffers = true"))))
          << imported;
    }
  }
}

TEST(PackagesInPlans, ATypeParameterIsOneTypeInItsInterface) {
  constexpr std::string_view kGeneric = "get() -> any.s put(v: list<any.s>)";
  EXPECT_EQ(problem(kPackages, kGeneric, "get() -> u32 put(v: list<u32>)"), "");
  EXPECT_EQ(problem(kPackages, "get() -> string put(v: list<string>)", kGeneric), "");
  EXPECT_EQ(problem(kPackages, kGeneric, kGeneric), "");
  for (const auto& [imported, exported] :
       {std::pair(kGeneric, std::string_view("get() -> u32 put(v: list<string>)")),
        std::pair(std::string_view("get() -> u32 put(v: list<string>)"), kGeneric)})
    EXPECT_THAT(problem(kPackages, imported, exported),
                AllOf(HasSubstr("resolve-type-mismatch"), HasSubstr("`app`"), HasSubstr("`lib`"),
                      HasSubstr("does not fit at `put -> v.element`"), HasSubstr("list<s>"),
                      HasSubstr("list<string>")));
  EXPECT_THAT(problem(kToPackage, "get() -> u32 put(v: list<u32>)", kGeneric),
              HasSubstr("WIT cannot express"));
}

TEST(PackagesInPlans, AMissingFunctionIsNamed) {
  for (const Ends& ends : {kPackages, kFromPackage, kToPackage})
    EXPECT_THAT(problem(ends, "double(n: u32) -> u32 half(n: u32) -> u32", "double(n: u32) -> u32"),
                AllOf(HasSubstr("`app`"), HasSubstr("`lib`"), HasSubstr("half")));
}

TEST(PackagesInPlans, TheProviderThatFitsIsChosen) {
  const LinkPlan plan = plan_of(read_units(R"(
    package app { import a:b/i { get() -> u32 } }
    package wrong { export a:b/i { get() -> string } }
    package right { export a:b/i { get() -> any } })",
                                           "app"));
  EXPECT_EQ(provider_of(plan, "app", "a:b/i"), "right a:b/i");
}

}  // namespace
}  // namespace tenon::resolve::packages_test
