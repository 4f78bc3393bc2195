#include "types/evaluate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "support/limits.h"
#include "types/same_types.h"
#include "types/test_components.h"
#include "types/uses.h"

namespace tenon::types::evaluate_test {
namespace {

using binary::ComponentWriter;
using binary::ExternDesc;
using binary::Sort;
using binary::TypeWriter;

// (instance (export "bucket" (type (sub resource)))
//           (export "entry" (type (eq (record (field "at" u64))))))
TypeWriter store_type() {
  TypeWriter store(TypeWriter::Kind::Instance);
  store.export_item({"bucket"}, kSubResource);
  const std::uint32_t entry = store.add_type(binary::RecordDef{{{"at", binary::Primitive::U64}}});
  store.export_item({"entry"}, eq(entry));
  return store;
}

TEST(Evaluate, KeepsTheOrderAndTheAttributesOfItems) {
  ComponentWriter out;
  const std::uint32_t empty = out.add_type(TypeWriter(TypeWriter::Kind::Instance));
  binary::Name name{"primary"};
  name.implements = "acme:db/sql@1.0.0";
  out.import_item(name, instance(empty));
  out.import_item({"acme:log/log@0.1.0"}, instance(empty));
  const std::uint32_t type = out.add_type(binary::FuncDef{});
  const std::uint32_t run = out.import_item({"start"}, func(type));
  out.export_item({"run"}, {Sort::Func, run});
  Types types;
  const Result<ComponentType> result = evaluate(std::move(out), types);
  ASSERT_TRUE(result);
  ASSERT_EQ(result->imports.size(), 3U);
  EXPECT_EQ(result->imports[0].name, "primary");
  EXPECT_EQ(result->imports[0].implements, "acme:db/sql@1.0.0");
  EXPECT_EQ(result->imports[1].name, "acme:log/log@0.1.0");
  ASSERT_EQ(result->exports.size(), 1U);
  EXPECT_EQ(result->exports[0].item, result->imports[2].item);
  EXPECT_GT(result->exports[0].span.begin, result->imports[2].span.begin);
}

// Types that no engine takes are refused where they are defined, so a plan does not accept them.
TEST(Evaluate, RefusesTypesThatNoComponentHas) {
  using binary::Primitive;
  const auto code = [](auto def) {
    ComponentWriter out;
    out.add_type(std::move(def));
    Types types;
    const Result<ComponentType> result = evaluate(std::move(out), types);
    return result ? std::string() : std::string(result.error().front().code);
  };
  std::vector<std::string> texts;
  for (int i = 0; i < 33; ++i) texts.push_back("f" + std::to_string(i));
  std::vector<std::string_view> flags(texts.begin(), texts.end());
  EXPECT_EQ(code(binary::FlagsDef{flags}), "type-too-large");
  flags.pop_back();
  EXPECT_EQ(code(binary::FlagsDef{flags}), "");
  EXPECT_EQ(code(binary::FlagsDef{}), "type-name");
  EXPECT_EQ(code(binary::EnumDef{}), "type-name");
  EXPECT_EQ(code(binary::RecordDef{}), "type-name");
  EXPECT_EQ(code(binary::VariantDef{}), "type-name");
  EXPECT_EQ(code(binary::TupleDef{}), "type-name");
  EXPECT_EQ(code(binary::FlagsDef{{"a", "b", "a"}}), "type-name");
  EXPECT_EQ(code(binary::EnumDef{{"a", "A"}}), "type-name");
  EXPECT_EQ(code(binary::EnumDef{{"a", "1b"}}), "type-name");
  EXPECT_EQ(code(binary::RecordDef{{{"a", Primitive::U8}, {"a", Primitive::U8}}}), "type-name");
  EXPECT_EQ(code(binary::VariantDef{{{"a", {}}, {"a", Primitive::U8}}}), "type-name");
  EXPECT_EQ(code(binary::ListDef{Primitive::U8, 0}), "type-name");
  binary::FuncDef func;
  func.params = {{"a", Primitive::U8}, {"a", Primitive::U8}};
  EXPECT_EQ(code(func), "type-name");
}

TEST(Evaluate, GivesEachUseOfAnInstanceTypeItsOwnResources) {
  ComponentWriter out;
  const std::uint32_t store = out.add_type(store_type());
  out.import_item({"a:b/first"}, instance(store));
  out.import_item({"a:b/second"}, instance(store));
  Types types;
  const Result<ComponentType> result = evaluate(std::move(out), types);
  ASSERT_TRUE(result);
  EXPECT_NE(resource_of(export_of(types, result->imports[0].item, "bucket")),
            resource_of(export_of(types, result->imports[1].item, "bucket")));
  EXPECT_TRUE(result->defined.empty());
}

TEST(Evaluate, KeepsIdentityThroughUse) {
  ComponentWriter out;
  const std::uint32_t store = out.import_item({"a:b/store"}, instance(out.add_type(store_type())));
  const std::uint32_t bucket = out.alias_export(store, Sort::Type, "bucket");
  const std::uint32_t entry = out.alias_export(store, Sort::Type, "entry");
  TypeWriter backup(TypeWriter::Kind::Instance);
  backup.export_item({"bucket"}, eq(backup.alias_outer(Sort::Type, 1, bucket)));
  backup.export_item({"log-entry"}, eq(backup.alias_outer(Sort::Type, 1, entry)));
  out.import_item({"a:b/backup"}, instance(out.add_type(backup)));
  Types types;
  const Result<ComponentType> result = evaluate(std::move(out), types);
  ASSERT_TRUE(result);
  const Item& first = result->imports[0].item;
  const Item& second = result->imports[1].item;
  EXPECT_EQ(resource_of(export_of(types, first, "bucket")),
            resource_of(export_of(types, second, "bucket")));
  EXPECT_EQ(type_of(export_of(types, first, "entry")),
            type_of(export_of(types, second, "log-entry")));
  EXPECT_EQ(types.resources[resource_of(export_of(types, first, "bucket"))].name, "bucket");
}

TEST(Evaluate, KeepsIdentityOfAnImportThatIsBoundToAnother) {
  ComponentWriter out;
  const std::uint32_t first = out.import_item({"r"}, kSubResource);
  out.import_item({"s"}, eq(first));
  out.import_item({"t"}, kSubResource);
  Types types;
  const Result<ComponentType> result = evaluate(std::move(out), types);
  ASSERT_TRUE(result);
  EXPECT_EQ(resource_of(result->imports[0].item), resource_of(result->imports[1].item));
  EXPECT_NE(resource_of(result->imports[0].item), resource_of(result->imports[2].item));
}

// A component that exports a resource of its own and one that it imports.
Bytes maker() {
  ComponentWriter out;
  const std::uint32_t imported = out.import_item({"given"}, kSubResource);
  const std::uint32_t own = out.add_type(binary::ResourceDef{});
  out.export_item({"passed-on"}, {Sort::Type, imported});
  out.export_item({"own"}, {Sort::Type, own});
  return std::move(out).finish().bytes;
}

TEST(Evaluate, MakesNewResourcesForEachInstantiation) {
  ComponentWriter out;
  const std::uint32_t argument = out.import_item({"r"}, kSubResource);
  const std::uint32_t component = out.add_component(maker());
  const std::uint32_t one = out.instantiate(component, {{"given", {Sort::Type, argument}}});
  const std::uint32_t two = out.instantiate(component, {{"given", {Sort::Type, argument}}});
  out.export_item({"one"}, {Sort::Instance, one});
  out.export_item({"two"}, {Sort::Instance, two});
  Types types;
  const Result<ComponentType> result = evaluate(std::move(out), types);
  ASSERT_TRUE(result);
  const Item first = item_named(result->exports, "one");
  const Item second = item_named(result->exports, "two");
  const ResourceId imported = resource_of(result->imports[0].item);
  EXPECT_EQ(resource_of(export_of(types, first, "passed-on")), imported);
  EXPECT_EQ(resource_of(export_of(types, second, "passed-on")), imported);
  const ResourceId own_of_first = resource_of(export_of(types, first, "own"));
  const ResourceId own_of_second = resource_of(export_of(types, second, "own"));
  EXPECT_NE(own_of_first, own_of_second);
  EXPECT_THAT(result->defined, testing::ElementsAre(own_of_first, own_of_second));
  EXPECT_EQ(types.resources[own_of_first].name, "own");
}

// Like the shims of wit-component: the type is repeated inside, imported, and exported with
// functions.
TEST(Evaluate, ReplacesImportedValueTypesByTheArgument) {
  const binary::RecordDef rate{{{"percent", binary::Primitive::F64}}};
  ComponentWriter shim;
  const std::uint32_t inner = shim.import_item({"import-type-rate"}, eq(shim.add_type(rate)));
  const std::uint32_t list = shim.add_type(binary::ListDef{.element = inner});
  const std::uint32_t type = shim.add_type(binary::FuncDef{.result = binary::ValType(list)});
  const std::uint32_t all = shim.import_item({"import-func-all"}, func(type));
  shim.export_item({"rate"}, {Sort::Type, inner});
  shim.export_item({"all"}, {Sort::Func, all}, func(type));

  ComponentWriter out;
  const std::uint32_t outer = out.import_item({"rate"}, eq(out.add_type(rate)));
  const std::uint32_t rates = out.add_type(binary::ListDef{.element = outer});
  const std::uint32_t outer_type = out.add_type(binary::FuncDef{.result = binary::ValType(rates)});
  const std::uint32_t imported = out.import_item({"all"}, func(outer_type));
  const std::uint32_t component = out.add_component(std::move(shim).finish());
  const std::uint32_t made_by_shim = out.instantiate(
      component,
      {{"import-type-rate", {Sort::Type, outer}}, {"import-func-all", {Sort::Func, imported}}});
  out.export_item({"a:b/rates"}, {Sort::Instance, made_by_shim});
  Types types;
  const Result<ComponentType> result = evaluate(std::move(out), types);
  ASSERT_TRUE(result);
  const Item exported = item_named(result->exports, "a:b/rates");
  const TypeId rate_id = type_of(item_named(result->imports, "rate"));
  EXPECT_EQ(type_of(export_of(types, exported, "rate")), rate_id);
  const FunctionId function = std::get<FunctionId>(export_of(types, exported, "all"));
  const Type& list_type = types.types[*types.functions[function].result];
  EXPECT_EQ(std::get<List>(list_type.kind).element, rate_id);
}

// Two interfaces that define equal types, each for itself, are passed for two that share one.
TEST(Evaluate, MakesOneTypeOfThoseThatAreUsedAsOne) {
  const binary::RecordDef rate{{{"percent", binary::Primitive::F64}}};
  const auto make_rates = [&](TypeWriter& type, std::uint32_t definition) {
    const std::uint32_t own = type.export_item({"rate"}, eq(definition));
    type.export_item({"rates"}, eq(type.add_type(binary::ListDef{.element = own})));
  };
  const auto import_own = [&](ComponentWriter& out, std::string_view name) {
    TypeWriter type(TypeWriter::Kind::Instance);
    make_rates(type, type.add_type(rate));
    return out.import_item({name}, instance(out.add_type(type)));
  };
  ComponentWriter inner;
  const std::uint32_t one = import_own(inner, "a:b/one");
  const std::uint32_t shared = inner.alias_export(one, Sort::Type, "rate");
  TypeWriter second(TypeWriter::Kind::Instance);
  make_rates(second, second.alias_outer(Sort::Type, 1, shared));
  const std::uint32_t two = inner.import_item({"a:b/two"}, instance(inner.add_type(second)));
  inner.export_item({"a:b/one"}, {Sort::Instance, one});
  inner.export_item({"a:b/two"}, {Sort::Instance, two});

  ComponentWriter out;
  const std::uint32_t first_import = import_own(out, "a:b/one");
  const std::uint32_t second_import = import_own(out, "a:b/two");
  const std::uint32_t passed = out.instantiate(
      out.add_component(std::move(inner).finish()),
      {{"a:b/one", {Sort::Instance, first_import}}, {"a:b/two", {Sort::Instance, second_import}}});
  out.export_item({"c:d/two"},
                  {Sort::Instance, out.alias_export(passed, Sort::Instance, "a:b/two")});
  Types types;
  const Result<ComponentType> result = evaluate(std::move(out), types);
  ASSERT_TRUE(result);
  const TypeId rate_id = type_of(export_of(types, item_named(result->imports, "a:b/one"), "rate"));
  for (const Item& item :
       {item_named(result->imports, "a:b/two"), item_named(result->exports, "c:d/two")}) {
    EXPECT_EQ(type_of(export_of(types, item, "rate")), rate_id);
    const Type& list = types.types[type_of(export_of(types, item, "rates"))];
    EXPECT_EQ(std::get<List>(list.kind).element, rate_id);
  }
}

TEST(Evaluate, GivesAnAscribedExportTheAscribedType) {
  TypeWriter wide(TypeWriter::Kind::Instance);
  const std::uint32_t type = wide.add_type(binary::FuncDef{});
  wide.export_item({"f"}, func(type));
  wide.export_item({"g"}, func(type));
  TypeWriter narrow(TypeWriter::Kind::Instance);
  narrow.export_item({"f"}, func(narrow.add_type(binary::FuncDef{})));
  ComponentWriter out;
  const std::uint32_t imported = out.import_item({"a:b/c"}, instance(out.add_type(wide)));
  out.export_item({"a:b/c"}, {Sort::Instance, imported}, instance(out.add_type(narrow)));
  Types types;
  const Result<ComponentType> result = evaluate(std::move(out), types);
  ASSERT_TRUE(result);
  EXPECT_EQ(types.instances[std::get<InstanceId>(result->exports[0].item)].exports.size(), 1U);
}

TEST(Evaluate, RefusesAnAscriptionWithAResourceOfItsOwn) {
  ComponentWriter out;
  const std::uint32_t resource = out.add_type(binary::ResourceDef{});
  out.export_item({"r"}, {Sort::Type, resource}, kSubResource);
  Types types;
  EXPECT_EQ(code_of(evaluate(std::move(out), types)), "type-mismatch");
}

TEST(Evaluate, MarksItemsThatAreNotLinked) {
  ComponentWriter out;
  const std::uint32_t component = out.add_component(ComponentWriter().finish());
  out.export_item({"c"}, {Sort::Component, component});
  out.export_item({"t"}, {Sort::Type, out.add_type(binary::FuncDef{})});
  Types types;
  const Result<ComponentType> result = evaluate(std::move(out), types);
  ASSERT_TRUE(result);
  EXPECT_EQ(std::get<Unsupported>(result->exports[0].item).sort, Unsupported::Sort::Component);
  EXPECT_EQ(std::get<Unsupported>(result->exports[1].item).sort, Unsupported::Sort::Type);
}

TEST(Evaluate, SeparatesTwoEvaluationsOfOneComponent) {
  const Bytes bytes = read_example("examples/press/wasm/kv.wasm");
  Types types;
  const Result<ComponentType> first = evaluate_bytes(bytes, types);
  const Result<ComponentType> second = evaluate_bytes(bytes, types);
  ASSERT_TRUE(first && second);
  ASSERT_FALSE(first->defined.empty());
  EXPECT_NE(first->defined, second->defined);
}

// `archive` uses `store.bucket`: its export `backup` has the resource of the store that it imports.
TEST(Evaluate, FindsWhatARealComponentShares) {
  Types types;
  const Result<ComponentType> result =
      evaluate_bytes(read_example("examples/press/wasm/archive.wasm"), types);
  ASSERT_TRUE(result);
  const Item store = item_named(result->imports, "press:kv/store@0.1.0");
  const Item backup = item_named(result->exports, "press:kv/backup@0.1.0");
  EXPECT_EQ(resource_of(export_of(types, store, "bucket")),
            resource_of(export_of(types, backup, "bucket")));
  EXPECT_EQ(type_of(export_of(types, store, "error")), type_of(export_of(types, backup, "error")));
  EXPECT_TRUE(result->defined.empty());
}

// --- Errors ---

// A component that instantiates `inner` twice, side by side.
Bytes doubled(const Bytes& inner) {
  ComponentWriter out;
  const std::uint32_t component = out.add_component(inner);
  for (const char* name : {"a", "b"}) {
    const std::uint32_t copy = out.instantiate(component, {});
    out.export_item({name}, {Sort::Instance, copy});
  }
  return std::move(out).finish().bytes;
}

// Text counts as the nodes that would take the same space, so long names reach the limit soon.
TEST(EvaluateFails, WhenInstantiationGrowsWithoutBound) {
  ComponentWriter innermost;
  const std::string name(9'000, 'n');
  innermost.export_item({name}, {Sort::Type, innermost.add_type(binary::ResourceDef{})});
  Bytes bytes = std::move(innermost).finish().bytes;
  for (int i = 0; i < 40; ++i) bytes = doubled(bytes);
  Types types;
  EXPECT_EQ(code_of(evaluate_bytes(bytes, types)), "type-too-large");
  EXPECT_LT(types.resources.size(), limits::kTypeNodes / 100);
}

TEST(EvaluateFails, WhenATypeHasTooManyParts) {
  ComponentWriter out;
  std::uint32_t type = out.add_type(binary::Primitive::U8);
  for (int i = 0; i < 30; ++i) type = out.add_type(binary::TupleDef{{type, type}});
  Types types;
  EXPECT_EQ(code_of(evaluate(std::move(out), types)), "type-too-large");
}

TEST(EvaluateFails, WhenTypesAreNestedTooDeep) {
  ComponentWriter out;
  std::uint32_t type = out.add_type(binary::Primitive::U8);
  for (int i = 0; i < 200; ++i) type = out.add_type(binary::OptionDef{type});
  Types types;
  EXPECT_EQ(code_of(evaluate(std::move(out), types)), "type-too-large");
}

TEST(EvaluateFails, WhenInstancesAreNestedTooDeep) {
  ComponentWriter out;
  std::uint32_t nested = out.add_instance({});
  for (int i = 0; i < 200; ++i) nested = out.add_instance({{{"i"}, {Sort::Instance, nested}}});
  Types types;
  EXPECT_EQ(code_of(evaluate(std::move(out), types)), "type-too-large");
}

// Each type exports a component of the type before it.
TEST(EvaluateFails, WhenComponentTypesAreNestedTooDeep) {
  ComponentWriter out;
  std::uint32_t type = out.add_type(TypeWriter(TypeWriter::Kind::Component));
  for (int i = 0; i < 200; ++i) {
    TypeWriter next(TypeWriter::Kind::Component);
    const std::uint32_t inner = next.alias_outer(Sort::Type, 1, type);
    next.export_item({"a"}, {.kind = ExternDesc::Kind::Component, .index = inner});
    type = out.add_type(next);
  }
  Types types;
  EXPECT_EQ(code_of(evaluate(std::move(out), types)), "type-too-large");
}

// An instance that has another one twice makes two paths of each in it.
TEST(EvaluateFails, WhenPathsOfNestedInstancesAreTooLong) {
  ComponentWriter out;
  std::uint32_t nested = out.add_instance(
      {{{"f"}, {Sort::Func, out.import_item({"f"}, func(out.add_type(binary::FuncDef{})))}}});
  const std::string first(1000, 'a');
  const std::string second(1000, 'b');
  for (int i = 0; i < 14; ++i)
    nested = out.add_instance(
        {{{first}, {Sort::Instance, nested}}, {{second}, {Sort::Instance, nested}}});
  out.export_item({"a:b/c"}, {Sort::Instance, nested});
  Types types;
  EXPECT_EQ(code_of(evaluate(std::move(out), types)), "type-too-large");
}

// Each instantiation looks at all parts of an exported type for the imported resource.
TEST(EvaluateFails, WhenInstantiationsSearchTooManyTypes) {
  const auto check = [](const auto& make_type) {
    ComponentWriter inner;
    inner.import_item({"r"}, kSubResource);
    inner.export_item({"t"}, {Sort::Type, make_type(inner)});
    ComponentWriter out;
    const std::uint32_t resource = out.import_item({"r"}, kSubResource);
    const std::uint32_t component = out.add_component(std::move(inner).finish().bytes);
    for (int i = 0; i < 2000; ++i) out.instantiate(component, {{"r", {Sort::Type, resource}}});
    Types types;
    EXPECT_EQ(code_of(evaluate(std::move(out), types)), "type-too-large");
  };
  check([](ComponentWriter& inner) {
    TypeWriter type(TypeWriter::Kind::Component);
    const std::uint32_t function = type.add_type(binary::FuncDef{});
    for (int i = 0; i < 1000; ++i) type.export_item({"f" + std::to_string(i)}, func(function));
    return inner.add_type(type);
  });
  check([](ComponentWriter& inner) {
    return inner.add_type(
        binary::TupleDef{std::vector<binary::ValType>(10'000, binary::Primitive::U8)});
  });
}

// Each tie makes the chain of parents longer, and a walk from each type would take minutes.
TEST(SameTypes, FindsTheRootsOfALongChain) {
  constexpr std::uint32_t kTypes = 200'000;
  Types types;
  std::vector<TypeId> all;
  for (std::uint32_t i = 0; i < kTypes; ++i) all.push_back(types.types.add({Primitive::U8}));
  SameTypes same;
  for (std::uint32_t i = kTypes - 1; i > 0; --i) same.tie(types, all[i], all[i - 1]);
  const auto replacements = same.replacements();
  ASSERT_EQ(replacements.size(), kTypes - 1);
  EXPECT_EQ(replacements.front(), std::pair(all[1], all[0]));
  EXPECT_EQ(replacements.back(), std::pair(all.back(), all[0]));
  same.flatten();
  EXPECT_EQ(same.representative(all.back()), all[0]);
}

// A walk over the parts of the large type for each of the small ones would take minutes.
TEST(SameTypes, TiesManySmallTypesToALargeOne) {
  constexpr std::uint32_t kTypes = 200'000;
  Types types;
  const TypeId part = types.types.add({Primitive::U8});
  const TypeId large = types.types.add({Tuple{std::vector<TypeId>(kTypes, part)}});
  SameTypes same;
  for (std::uint32_t i = 0; i < kTypes; ++i)
    same.tie(types, types.types.add({Tuple{{part}}}), large);
  EXPECT_EQ(same.replacements().size(), kTypes);
}

TEST(SameTypes, TiesTheParts) {
  Types types;
  const auto add_tuple = [&] {
    const TypeId first = types.types.add({Primitive::U8});
    const TypeId second = types.types.add({Option{types.types.add({Primitive::U8})}});
    return types.types.add({Tuple{{first, second}}});
  };
  const TypeId one = add_tuple();
  const TypeId other = add_tuple();
  SameTypes same;
  same.tie(types, one, other);
  // The tuples, their parts, and what the option contains.
  EXPECT_EQ(same.replacements().size(), 4U);
  EXPECT_EQ(same.representative(other), one);
}

TEST(EvaluateFails, WhenAnIndexIsOutOfRange) {
  const auto check = [](auto&& write) {
    ComponentWriter out;
    write(out);
    Types types;
    Result<ComponentType> result = evaluate(std::move(out), types);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().front().code, "type-index") << result.error().front().message;
  };
  check([](auto& out) { out.add_type(binary::OptionDef{binary::ValType(7U)}); });
  check([](auto& out) { out.add_type(binary::OwnDef{0}); });
  check([](auto& out) { out.add_type(binary::OwnDef{out.add_type(binary::Primitive::U8)}); });
  check([](auto& out) { out.import_item({"f"}, func(0)); });
  check([](auto& out) { out.import_item({"i"}, instance(out.add_type(binary::FuncDef{}))); });
  check([](auto& out) { out.export_item({"f"}, {Sort::Func, 0}); });
  check([](auto& out) { out.instantiate(0, {}); });
  check([](auto& out) { out.alias_export(0, Sort::Func, "f"); });
  check([](auto& out) { out.alias_outer(Sort::Type, 1, 0); });
  check([](auto& out) { out.alias_outer(Sort::Type, 0, 0); });
  check([](auto& out) { out.alias_core_export(3, Sort::CoreFunc, "f"); });
  check([](auto& out) { out.add_instance({{{"f"}, {Sort::Func, 9}}}); });
}

TEST(EvaluateFails, WhenAnAliasNamesAMissingExport) {
  ComponentWriter out;
  const std::uint32_t store = out.import_item({"a:b/store"}, instance(out.add_type(store_type())));
  out.alias_export(store, Sort::Type, "bukket");
  Types types;
  Result<ComponentType> result = evaluate(std::move(out), types);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().front().code, "type-index");
  EXPECT_THAT(result.error().front().message, testing::HasSubstr("bukket"));
}

TEST(EvaluateFails, WhenAnAliasHasTheWrongSort) {
  ComponentWriter out;
  const std::uint32_t store = out.import_item({"a:b/store"}, instance(out.add_type(store_type())));
  out.alias_export(store, Sort::Func, "bucket");
  Types types;
  EXPECT_EQ(code_of(evaluate(std::move(out), types)), "type-index");
}

TEST(EvaluateFails, WhenAnArgumentIsMissing) {
  ComponentWriter out;
  out.instantiate(out.add_component(maker()), {});
  Types types;
  Result<ComponentType> result = evaluate(std::move(out), types);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().front().code, "type-mismatch");
  EXPECT_THAT(result.error().front().message, testing::HasSubstr("given"));
  EXPECT_TRUE(result.error().front().where.offset);
}

TEST(EvaluateFails, WhenAnArgumentHasTheWrongSort) {
  ComponentWriter out;
  const std::uint32_t component = out.add_component(maker());
  out.instantiate(component, {{"given", {Sort::Type, out.add_type(binary::Primitive::U8)}}});
  Types types;
  EXPECT_EQ(code_of(evaluate(std::move(out), types)), "type-mismatch");
}

TEST(EvaluateFails, WhenANameIsDuplicate) {
  ComponentWriter out;
  const std::uint32_t type = out.add_type(binary::FuncDef{});
  out.import_item({"log"}, func(type));
  out.import_item({"LOG"}, func(type));
  Types types;
  EXPECT_EQ(code_of(evaluate(std::move(out), types)), "type-name");
}

TEST(EvaluateFails, WhenANameBreaksARule) {
  ComponentWriter out;
  out.import_item({"snake_case"}, func(out.add_type(binary::FuncDef{})));
  Types types;
  Result<ComponentType> result = evaluate(std::move(out), types);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().front().code, "type-name");
  EXPECT_TRUE(result.error().front().where.offset);
}

TEST(EvaluateFails, WhenANameInAnInstanceBreaksARule) {
  const auto code_with = [](std::string_view first, std::string_view second) {
    ComponentWriter out;
    const std::uint32_t run = out.import_item({"run"}, func(out.add_type(binary::FuncDef{})));
    out.add_instance({{{first}, {Sort::Func, run}}, {{second}, {Sort::Func, run}}});
    Types types;
    const Result<ComponentType> result = evaluate(std::move(out), types);
    return result ? std::string() : code_of(result);
  };
  EXPECT_EQ(code_with("a", "b"), "");
  EXPECT_EQ(code_with("a", "x\", 0}};\nint run;"), "type-name");
  EXPECT_EQ(code_with("log", "LOG"), "type-name");
}

TEST(EvaluateFails, WhenAResourceIsDefinedInAType) {
  TypeWriter type(TypeWriter::Kind::Instance);
  type.add_type(binary::ResourceDef{});
  ComponentWriter out;
  out.add_type(type);
  Types types;
  EXPECT_EQ(code_of(evaluate(std::move(out), types)), "type-mismatch");
}

}  // namespace
}  // namespace tenon::types::evaluate_test
