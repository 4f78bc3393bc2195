#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "types/evaluate.h"
#include "types/test_components.h"

namespace tenon::types::evaluate_wit_test {
namespace {

using binary::ComponentWriter;
using binary::ExternDesc;
using binary::Sort;
using binary::TypeWriter;

constexpr ExternDesc component(std::uint32_t type) {
  return {.kind = ExternDesc::Kind::Component, .index = type};
}

TypeWriter store_type() {
  TypeWriter store(TypeWriter::Kind::Instance);
  store.export_item({"bucket"}, kSubResource);
  return store;
}

// package acme:app@1.0.0 {
//   interface backup { use acme:kv/store@1.0.0.{bucket}; save: func(b: borrow<bucket>); }
//   world app { import acme:kv/store@1.0.0; export run: func(); }
// }
Bytes app_package() {
  TypeWriter wrapper(TypeWriter::Kind::Component);
  const std::uint32_t store =
      wrapper.import_item({"acme:kv/store@1.0.0"}, instance(wrapper.add_type(store_type())));
  const std::uint32_t bucket = wrapper.alias_export(store, Sort::Type, "bucket");
  TypeWriter backup(TypeWriter::Kind::Instance);
  const std::uint32_t used =
      backup.export_item({"bucket"}, eq(backup.alias_outer(Sort::Type, 1, bucket)));
  const std::uint32_t borrow = backup.add_type(binary::BorrowDef{used});
  backup.export_item({"save"}, func(backup.add_type(binary::FuncDef{.params = {{"b", borrow}}})));
  wrapper.export_item({"acme:app/backup@1.0.0"}, instance(wrapper.add_type(backup)));

  TypeWriter world(TypeWriter::Kind::Component);
  world.import_item({"acme:kv/store@1.0.0"}, instance(world.add_type(store_type())));
  world.export_item({"run"}, func(world.add_type(binary::FuncDef{})));
  TypeWriter world_wrapper(TypeWriter::Kind::Component);
  world_wrapper.export_item({"acme:app/app@1.0.0"}, component(world_wrapper.add_type(world)));

  ComponentWriter out;
  out.export_item({"backup"}, {Sort::Type, out.add_type(wrapper)});
  out.export_item({"app"}, {Sort::Type, out.add_type(world_wrapper)});
  return std::move(out).finish().bytes;
}

Result<WitPackageTypes> evaluate_package(const Bytes& bytes, Types& types) {
  Result<binary::Component> read = binary::read_component(bytes);
  if (!read) return std::move(read).error();
  return evaluate_wit_package(*read, types);
}

TEST(EvaluateWit, FindsInterfacesAndWorlds) {
  Types types;
  const Result<WitPackageTypes> package = evaluate_package(app_package(), types);
  ASSERT_TRUE(package);
  EXPECT_EQ(package->name, "acme:app@1.0.0");
  ASSERT_EQ(package->interfaces.size(), 1U);
  const NamedInterface& backup = package->interfaces.front();
  EXPECT_EQ(backup.name, "acme:app/backup@1.0.0");
  EXPECT_EQ(types.resources[resource_of(export_of(types, backup.instance, "bucket"))].name,
            "bucket");
  const NamedWorld* app = package->find_world("acme:app/app@1.0.0");
  ASSERT_NE(app, nullptr);
  EXPECT_EQ(app, package->find_world("app"));
  EXPECT_EQ(package->find_world("ap"), nullptr);
  ASSERT_EQ(app->type.imports.size(), 1U);
  EXPECT_EQ(app->type.exports[0].name, "run");
}

TEST(EvaluateWit, ExportedInterfacesShareTheResourcesThatTheyUse) {
  Types types;
  const Result<WitPackageTypes> package = evaluate_package(app_package(), types);
  ASSERT_TRUE(package);
  // Without the interface that makes it, a used resource is not that of the component.
  const ComponentType alone = export_interfaces(package->interfaces, types);
  ASSERT_EQ(alone.exports.size(), 1U);
  EXPECT_TRUE(alone.defined.empty());
  std::vector<NamedInterface> interfaces = package->interfaces;
  const NamedInterface& backup = package->interfaces.front();
  ASSERT_EQ(backup.imports.size(), 1U);
  // The maker of the resource, as another wrapper in the package would have it.
  const Result<WitPackageTypes> again = evaluate_package(app_package(), types);
  const RootItem& store = again->interfaces.front().imports.front();
  interfaces.push_back({store.name, std::get<InstanceId>(store.item)});
  const ComponentType both = export_interfaces(interfaces, types);
  ASSERT_EQ(both.exports.size(), 2U);
  const auto bucket_of = [&](std::size_t i) {
    return resource_of(export_of(types, std::get<InstanceId>(both.exports[i].item), "bucket"));
  };
  EXPECT_EQ(bucket_of(0), bucket_of(1));
  EXPECT_EQ(both.defined, std::vector{bucket_of(1)});
}

TEST(EvaluateWit, DistinguishesPackagesFromComponents) {
  EXPECT_TRUE(is_wit_package(*binary::read_component(app_package())));
  EXPECT_FALSE(
      is_wit_package(*binary::read_component(std::move(ComponentWriter()).finish().bytes)));
  EXPECT_FALSE(
      is_wit_package(*binary::read_component(read_example("examples/press/wasm/kv.wasm"))));
}

TEST(EvaluateWit, RefusesAComponent) {
  Types types;
  EXPECT_EQ(code_of(evaluate_package(read_example("examples/press/wasm/kv.wasm"), types)),
            "type-mismatch");
}

}  // namespace
}  // namespace tenon::types::evaluate_wit_test
