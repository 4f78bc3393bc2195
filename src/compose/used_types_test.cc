// Interfaces of all shapes, in every place where compose writes the type of an interface: imports
// and exports of a domain's component, stubs, and interfaces of native code. The engine checks
// whether the result is valid.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "compose/test_interfaces.h"
#include "engine/code.h"
#include "engine/wat.h"

namespace tenon::compose::used_types_test {
namespace {

constexpr const char* kLast = "t:c/last";

PairEngine make_engine() {
  return {[](std::string_view text) { return engine::wat_to_wasm("unit.wat", text); },
          [](std::span<const std::uint8_t> component) {
            return engine::validate_component(component);
          }};
}

// For interfaces with constructors, which ComponentText cannot export.
void expect_valid_imports(const std::vector<TestInterface>& interfaces) {
  const InterfacePair pair(make_engine(), interfaces);
  EXPECT_EQ(pair.find_native_problem(), "") << pair.consumer();
  EXPECT_EQ(pair.find_stub_problem(), "") << pair.consumer();
}

void expect_valid(const std::vector<TestInterface>& interfaces) {
  expect_valid_imports(interfaces);
  const InterfacePair pair(make_engine(), interfaces);
  EXPECT_EQ(pair.find_bridged_problem(), "") << pair.consumer();
}

constexpr TypeKind kInner[] = {TypeKind::Enum, TypeKind::Flags, TypeKind::Record, TypeKind::Variant,
                               TypeKind::Tuple};
constexpr TypeKind kOuter[] = {TypeKind::Record, TypeKind::Variant, TypeKind::List,
                               TypeKind::Tuple,  TypeKind::Option,  TypeKind::Result};

std::vector<TestType> two_levels(TypeKind inner, TypeKind outer) {
  return {{"in", inner}, {"out", outer, "in"}};
}

TEST(UsedTypes, InTheSameInterface) {
  for (const TypeKind inner : kInner)
    for (const TypeKind outer : kOuter) {
      expect_valid({{kLast, two_levels(inner, outer)}});
      std::vector<TestType> with_alias = two_levels(inner, outer);
      with_alias.push_back({"also-in", TypeKind::Alias, "in"});
      with_alias.push_back({"also-out", TypeKind::Record, "also-in"});
      expect_valid({{kLast, with_alias}});
    }
}

// Ways to use the two types: one or both, in either order, and with or without types of its own.
std::vector<std::vector<TestType>> uses() {
  const TestType in = {"in", TypeKind::Use};
  const TestType out = {"out", TypeKind::Use};
  return {{in, out},
          {out, in},
          {out},
          {in},
          {out, in, {"own", TypeKind::Record, "out"}},
          {out, {"own", TypeKind::Option, "out"}},
          {in, out, {"also", TypeKind::Alias, "out"}},
          {{"own", TypeKind::Enum}, out, in}};
}

TEST(UsedTypes, UsedFromAnotherInterface) {
  for (const TypeKind inner : kInner)
    for (const TypeKind outer : kOuter)
      for (const std::vector<TestType>& used : uses())
        expect_valid({{"t:c/first", two_levels(inner, outer), false}, {kLast, used}});
}

TEST(UsedTypes, UsedThroughAThirdInterface) {
  for (const TypeKind inner : kInner)
    for (const TypeKind outer : kOuter)
      for (const std::vector<TestType>& used : uses()) {
        // The interface in the middle uses both types, or only the outer one.
        expect_valid({{"t:c/first", two_levels(inner, outer), false},
                      {"t:c/second", uses()[1], false},
                      {kLast, used}});
        if (used.size() == 1 && used[0].name == "out")
          expect_valid({{"t:c/first", two_levels(inner, outer), false},
                        {"t:c/second", used, false},
                        {kLast, used}});
      }
}

TEST(UsedTypes, ResourcesWithAliases) {
  for (const TypeKind outer : kOuter) {
    const TestType resource = {"x", TypeKind::Resource};
    const TestType alias = {"y", TypeKind::Alias, "x"};
    expect_valid_imports({{kLast, {resource, {"out", outer, "x"}}}});
    expect_valid_imports({{kLast, {resource, alias}}});
    expect_valid_imports({{kLast, {resource, alias, {"out", outer, "y"}}}});
    expect_valid_imports(
        {{kLast, {resource, {"out", outer, "x"}, alias, {"more", TypeKind::Record, "out"}}}});
  }
}

TEST(UsedTypes, ResourcesOfAnotherInterface) {
  const TestType resource = {"x", TypeKind::Resource};
  const TestType used = {"x", TypeKind::Use};
  for (const bool has_functions : {false, true}) {
    const TestInterface first = {"t:c/first", {resource}, has_functions};
    expect_valid_imports({{kLast, {resource}, has_functions}});
    expect_valid_imports({first, {kLast, {used}}});
    expect_valid_imports({first, {"t:c/second", {used}, false}, {kLast, {used}}});
    for (const TypeKind outer : kOuter) {
      const TestType out = {"out", outer, "x"};
      expect_valid_imports({first, {kLast, {used, out}}});
      expect_valid_imports({first, {kLast, {used, {"y", TypeKind::Alias, "x"}, out}}});
      expect_valid_imports(
          {{"t:c/first", {resource, out}, has_functions}, {kLast, {{"out", TypeKind::Use}, used}}});
      expect_valid_imports(
          {{"t:c/first", {resource, out}, has_functions}, {kLast, {{"out", TypeKind::Use}}}});
    }
  }
}

}  // namespace
}  // namespace tenon::compose::used_types_test
