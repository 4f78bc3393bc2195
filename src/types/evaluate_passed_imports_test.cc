#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
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

// The `passed_import` of each export.
std::vector<std::optional<std::uint32_t>> passed(ComponentWriter out) {
  Types types;
  const Result<ComponentType> type = evaluate(std::move(out), types);
  EXPECT_TRUE(type);
  std::vector<std::optional<std::uint32_t>> imports;
  if (type)
    for (const RootItem& item : type->exports) imports.push_back(item.passed_import);
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
  EXPECT_THAT(passed(std::move(out)), ElementsAre(1U, 0U, 1U, 1U));
}

TEST(PassedImports, AreNotTypesAlone) {
  ComponentWriter out;
  TypeWriter type(TypeWriter::Kind::Instance);
  type.export_item({"r"}, kSubResource);
  const std::uint32_t lib = out.import_item({"a:b/lib"}, instance(out.add_type(type)));
  out.export_item({"a:b/again"}, {Sort::Instance, lib});
  EXPECT_THAT(passed(std::move(out)), ElementsAre(std::nullopt));
}

}  // namespace
}  // namespace tenon::types::evaluate_passed_imports_test
