#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "types/evaluate.h"
#include "types/test_components.h"

namespace tenon::types::evaluate_passed_imports_test {
namespace {

using binary::ComponentWriter;
using binary::Sort;
using binary::TypeWriter;
using testing::ElementsAre;

using Imports = std::vector<std::uint32_t>;

// The `passed_imports` of each export.
std::vector<Imports> passed(ComponentWriter out) {
  Types types;
  const Result<ComponentType> type = evaluate(std::move(out), types);
  EXPECT_TRUE(type);
  std::vector<Imports> imports;
  if (type)
    for (const RootItem& item : type->exports)
      imports.push_back(item.passed_imports ? *item.passed_imports : Imports());
  return imports;
}

// (instance (export "f" (func)))
TypeWriter one_function() {
  TypeWriter type(TypeWriter::Kind::Instance);
  type.export_item({"f"}, func(type.add_type(binary::FuncDef{})));
  return type;
}

TEST(PassedImports, AreFunctionsAndInstances) {
  ComponentWriter out;
  const std::uint32_t function = out.add_type(binary::FuncDef{});
  const std::uint32_t own = out.import_item({"g"}, func(function));
  const std::uint32_t lib = out.import_item({"a:b/lib"}, instance(out.add_type(one_function())));
  const std::uint32_t again = out.export_item({"a:b/again"}, {Sort::Instance, lib});
  out.export_item({"run"}, {Sort::Func, own});
  // An exported item can be exported again, and functions can be taken from it.
  const std::uint32_t inner = out.alias_export(again, Sort::Func, "f");
  out.export_item({"inner"}, {Sort::Func, inner});
  const std::vector<binary::InlineExport> parts = {{{"f"}, {Sort::Func, inner}}};
  out.export_item({"a:b/parts"}, {Sort::Instance, out.add_instance(parts)});
  EXPECT_THAT(passed(std::move(out)), ElementsAre(Imports{1}, Imports{0}, Imports{1}, Imports{1}));
}

TEST(PassedImports, AreNotTypesAlone) {
  ComponentWriter out;
  TypeWriter type(TypeWriter::Kind::Instance);
  type.export_item({"r"}, kSubResource);
  const std::uint32_t lib = out.import_item({"a:b/lib"}, instance(out.add_type(type)));
  out.export_item({"a:b/again"}, {Sort::Instance, lib});
  EXPECT_THAT(passed(std::move(out)), ElementsAre(Imports{}));
}

// An instance can have functions of several imports, and of the component itself.
TEST(PassedImports, AreAllOfAnInstance) {
  ComponentWriter out;
  const std::uint32_t function = out.add_type(binary::FuncDef{});
  const std::uint32_t first = out.import_item({"f"}, func(function));
  const std::uint32_t lib = out.import_item({"a:b/lib"}, instance(out.add_type(one_function())));
  out.import_item({"unused"}, func(function));
  const std::uint32_t inner = out.alias_export(lib, Sort::Func, "f");
  const std::uint32_t deep = out.add_instance({{{"x"}, {Sort::Func, inner}}});
  const std::uint32_t whole =
      out.add_instance({{{"g"}, {Sort::Func, first}}, {{"deep"}, {Sort::Instance, deep}}});
  out.export_item({"a:b/whole"}, {Sort::Instance, whole});
  out.export_item({"deep"}, {Sort::Instance, out.alias_export(whole, Sort::Instance, "deep")});
  EXPECT_THAT(passed(std::move(out)), ElementsAre(Imports{0, 1}, Imports{1}));
}

// (component (import "in" (instance (export "f" (func)))) (alias ..) (export "one" (func ..))
//            (export "all" (instance 0)))
ComponentWriter passing_component() {
  ComponentWriter out;
  const std::uint32_t in = out.import_item({"in"}, instance(out.add_type(one_function())));
  out.export_item({"one"}, {Sort::Func, out.alias_export(in, Sort::Func, "f")});
  out.export_item({"all"}, {Sort::Instance, in});
  return out;
}

TEST(PassedImports, PassThroughNestedComponents) {
  ComponentWriter out;
  const std::uint32_t function = out.add_type(binary::FuncDef{});
  const std::uint32_t first = out.import_item({"f"}, func(function));
  const std::uint32_t lib = out.import_item({"a:b/lib"}, instance(out.add_type(one_function())));
  const std::uint32_t passing = out.add_component(passing_component().finish().bytes);
  const std::uint32_t bundle = out.add_instance({{{"f"}, {Sort::Func, first}}});
  const std::uint32_t of_lib = out.instantiate(passing, {{"in", {Sort::Instance, lib}}});
  const std::uint32_t of_bundle = out.instantiate(passing, {{"in", {Sort::Instance, bundle}}});
  out.export_item({"a:b/lib-one"}, {Sort::Func, out.alias_export(of_lib, Sort::Func, "one")});
  out.export_item({"a:b/lib-all"},
                  {Sort::Instance, out.alias_export(of_lib, Sort::Instance, "all")});
  out.export_item({"a:b/one"}, {Sort::Func, out.alias_export(of_bundle, Sort::Func, "one")});
  const std::uint32_t all = out.alias_export(of_bundle, Sort::Instance, "all");
  out.export_item({"a:b/part"}, {Sort::Func, out.alias_export(all, Sort::Func, "f")});
  EXPECT_THAT(passed(std::move(out)), ElementsAre(Imports{1}, Imports{1}, Imports{0}, Imports{0}));
}

// An instantiation copies the parts of an instance, whose number counts. A walk that is given up finds
// nothing.
TEST(PassedImports, AreNotFollowedThroughTooManyCopies) {
  const auto passed_by = [](std::size_t instantiations) {
    ComponentWriter inner;
    const std::uint32_t function =
        inner.import_item({"f"}, func(inner.add_type(binary::FuncDef{})));
    std::vector<std::string> names;
    for (int i = 0; i < 1000; ++i) names.push_back("f" + std::to_string(i));
    std::vector<binary::InlineExport> parts;
    for (const std::string& name : names) parts.push_back({{name}, {Sort::Func, function}});
    inner.export_item({"i"}, {Sort::Instance, inner.add_instance(parts)});
    ComponentWriter out;
    const std::uint32_t given = out.import_item({"f"}, func(out.add_type(binary::FuncDef{})));
    const std::uint32_t component = out.add_component(std::move(inner).finish().bytes);
    std::uint32_t instance = 0;
    for (std::size_t i = 0; i < instantiations; ++i)
      instance = out.instantiate(component, {{"f", {Sort::Func, given}}});
    out.export_item({"i"}, {Sort::Instance, out.alias_export(instance, Sort::Instance, "i")});
    return passed(std::move(out));
  };
  EXPECT_THAT(passed_by(10), ElementsAre(Imports{0}));
  EXPECT_THAT(passed_by(1500), ElementsAre(Imports{}));
}

}  // namespace
}  // namespace tenon::types::evaluate_passed_imports_test
