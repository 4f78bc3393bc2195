#include "types/uses.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "types/test_components.h"

namespace tenon::types::uses_test {
namespace {

using testing::ElementsAre;

class UsesTest : public testing::Test {
 protected:
  UsesTest() {
    store = make_instance(types, {{"bucket", TypeBound{bucket}}, {"entry", TypeBound{entry}}});
    const TypeId borrowed = types.types.add({Borrow{bucket}});
    const TypeId entries = types.types.add({List{entry, {}}});
    backup = make_instance(types, {{"bucket", TypeBound{bucket}},
                                   {"save", make_function(types, {{"b", borrowed}}, entries)}});
    component.imports.push_back(root("a:b/store", store));
    component.imports.push_back(root("a:b/backup", backup));
  }
  static RootItem root(std::string name, Item item) {
    RootItem root;
    root.name = std::move(name);
    root.item = item;
    return root;
  }

  Types types;
  ComponentType component;
  const ResourceId bucket = types.resources.add({"bucket"});
  const TypeId entry = types.types.add({Record{{{"at", types.primitive(Primitive::U64)}}}});
  InstanceId store;
  InstanceId backup;
};

TEST_F(UsesTest, FindsWhereTypesComeFrom) {
  const UseIndex index(types, component);
  const std::vector<Use> uses = index.uses_of({Side::Import, 1});
  ASSERT_EQ(uses.size(), 2U);
  EXPECT_EQ(uses[0].from, (RootRef{Side::Import, 0}));
  EXPECT_EQ(uses[0].from_name, "bucket");
  EXPECT_EQ(uses[0].name, "bucket");
  EXPECT_EQ(uses[1].from_name, "entry");
  EXPECT_EQ(uses[1].name, "");
  EXPECT_TRUE(index.uses_of({Side::Import, 0}).empty());
}

TEST_F(UsesTest, AFunctionOfAResourceUsesTheResource) {
  component.exports.push_back(root("[static]thing.count", make_function(types, {}, entry)));
  component.exports.push_back(root("thing", TypeBound{types.resources.add({"thing"})}));
  const UseIndex index(types, component);
  const std::vector<Use> uses = index.uses_of({Side::Export, 0});
  ASSERT_EQ(uses.size(), 2U);
  EXPECT_EQ(uses[0].from, (RootRef{Side::Export, 1}));
  EXPECT_EQ(uses[0].from_name, "thing");
  EXPECT_EQ(uses[1].from_name, "entry");
}

TEST_F(UsesTest, PrefersImportsToExports) {
  component.exports.push_back(root("a:b/store", store));
  component.exports.push_back(root("run", types.instances[backup].exports[1].item));
  const UseIndex index(types, component);
  ASSERT_FALSE(index.uses_of({Side::Export, 1}).empty());
  EXPECT_EQ(index.uses_of({Side::Export, 1})[0].from, (RootRef{Side::Import, 0}));
  EXPECT_EQ(index.find_origin(bucket)->item, (RootRef{Side::Import, 0}));
}

TEST_F(UsesTest, NamesRootTypesByTheirOwnName) {
  ComponentType other;
  other.imports.push_back(root("bucket", TypeBound{bucket}));
  other.imports.push_back(root("a:b/backup", backup));
  const UseIndex index(types, other);
  const std::vector<Use> uses = index.uses_of({Side::Import, 1});
  ASSERT_EQ(uses.size(), 1U);
  EXPECT_EQ(uses[0].from_name, "bucket");
  EXPECT_EQ(index.find_origin(entry), nullptr);
}

TEST_F(UsesTest, ListsSlotsAtAnyDepth) {
  const InstanceId outer = make_instance(types, {{"inner", store}});
  EXPECT_THAT(resource_slots(types, "a:b/outer", outer),
              ElementsAre(Slot{"a:b/outer.inner.bucket", bucket}));
  EXPECT_THAT(resource_slots(types, "bucket", TypeBound{bucket}),
              ElementsAre(Slot{"bucket", bucket}));
}

TEST_F(UsesTest, ListsMentionedTypes) {
  const Item save = types.instances[backup].exports[1].item;
  EXPECT_THAT(mentioned_resources(types, save), ElementsAre(bucket));
  const std::vector<TypeId> mentioned = mentioned_types(types, save);
  // The borrow, the number, the record that contains it, the list that contains the record.
  ASSERT_EQ(mentioned.size(), 4U);
  EXPECT_EQ(mentioned[2], entry);
}

TEST_F(UsesTest, FindsTheNameOfAType) {
  const Item nested = make_instance(types, {{"store", store}});
  EXPECT_TRUE(names_type(types, nested, bucket));
  EXPECT_TRUE(names_type(types, TypeBound{entry}, entry));
  EXPECT_TRUE(names_type(types, backup, bucket));
  EXPECT_FALSE(names_type(types, backup, entry));
}

TEST_F(UsesTest, DistinguishesTypesFromFunctions) {
  const InstanceId values = make_instance(types, {{"entry", TypeBound{entry}}});
  const InstanceId nested = make_instance(types, {{"inner", backup}});
  EXPECT_TRUE(is_value_types_only(types, values));
  EXPECT_TRUE(is_value_types_only(types, make_instance(types, {})));
  EXPECT_FALSE(is_value_types_only(types, store));
  EXPECT_TRUE(is_types_only(types, store));
  EXPECT_FALSE(is_types_only(types, nested));
  EXPECT_FALSE(is_types_only(types, Unsupported{}));
  EXPECT_TRUE(has_resources(types, store));
  EXPECT_TRUE(has_resources(types, nested));
  EXPECT_FALSE(has_resources(types, values));
}

}  // namespace
}  // namespace tenon::types::uses_test
