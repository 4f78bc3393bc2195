#include "types/subtype.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "types/test_components.h"

namespace tenon::types::subtype_test {
namespace {

using testing::ElementsAre;

class SubtypeTest : public testing::Test {
 protected:
  TypeId add(Type type) { return types.types.add(std::move(type)); }
  TypeId record(std::vector<Field> fields) { return add({Record{std::move(fields)}}); }
  ResourceId resource(std::string name = "r") { return types.resources.add({std::move(name)}); }

  // The first difference of two value types. Fails the test if they are equal.
  Difference differ(TypeId expected, TypeId actual) {
    const Verdict verdict = Subtyping(types).compare_types(expected, actual);
    if (!verdict.fits()) return verdict.differences.front();
    ADD_FAILURE() << "the types are equal";
    return {};
  }
  Difference differ(FunctionId expected, FunctionId actual) {
    const Verdict verdict = Subtyping(types).compare(expected, actual);
    if (!verdict.fits()) return verdict.differences.front();
    ADD_FAILURE() << "the functions are equal";
    return {};
  }
  bool equal(TypeId a, TypeId b) { return Subtyping(types).compare_types(a, b).fits(); }

  Types types;
  const TypeId u32 = types.primitive(Primitive::U32);
  const TypeId u64 = types.primitive(Primitive::U64);
  const TypeId text = types.primitive(Primitive::String);
};

TEST_F(SubtypeTest, ComparesByStructureNotByName) {
  const TypeId alias = add({Primitive::U32});
  EXPECT_TRUE(equal(record({{"a", u32}}), record({{"a", alias}})));
  EXPECT_TRUE(equal(add({List{u32, {}}}), add({List{alias, {}}})));
  EXPECT_FALSE(equal(u32, u64));
}

TEST_F(SubtypeTest, ReportsTheKindOfDifference) {
  const auto kind = [&](Type a, Type b) {
    return differ(add(std::move(a)), add(std::move(b))).kind;
  };
  EXPECT_EQ(kind({Record{{{"a", u32}}}}, {Record{}}), DifferenceKind::MissingLabel);
  EXPECT_EQ(kind({Record{}}, {Record{{{"a", u32}}}}), DifferenceKind::ExtraLabel);
  EXPECT_EQ(kind({Flags{{"a", "b"}}}, {Flags{{"b", "a"}}}), DifferenceKind::LabelOrder);
  EXPECT_EQ(kind({Enum{{"a"}}}, {Enum{{"b"}}}), DifferenceKind::MissingLabel);
  EXPECT_EQ(kind({Variant{{{"a", u32}}}}, {Variant{{{"a", {}}}}}), DifferenceKind::PayloadPresence);
  EXPECT_EQ(kind({List{u32, {}}}, {List{u32, 4}}), DifferenceKind::ListLength);
  EXPECT_EQ(kind({List{u32, 3}}, {List{u32, 4}}), DifferenceKind::ListLength);
  EXPECT_EQ(kind({Tuple{{u32}}}, {Tuple{{u32, u32}}}), DifferenceKind::TupleSize);
  EXPECT_EQ(kind({ResultType{u32, {}}}, {ResultType{{}, {}}}), DifferenceKind::PayloadPresence);
  EXPECT_EQ(kind({Stream{u32}}, {Stream{}}), DifferenceKind::PayloadPresence);
  EXPECT_EQ(kind({Future{u32}}, {Future{u64}}), DifferenceKind::OtherType);
  EXPECT_EQ(kind({Map{text, u32}}, {Map{text, u64}}), DifferenceKind::OtherType);
  EXPECT_EQ(kind({Option{u32}}, {List{u32, {}}}), DifferenceKind::OtherType);
  EXPECT_EQ(kind({Own{resource()}}, {Borrow{resource()}}), DifferenceKind::Ownership);
  EXPECT_EQ(kind({Own{resource()}}, {Primitive::U32}), DifferenceKind::OtherType);
}

TEST_F(SubtypeTest, ReportsThePathToTheFirstDifference) {
  const TypeId expected_rate = record({{"percent", u32}, {"currency", text}});
  const TypeId actual_rate = record({{"percent", u32}, {"currency", add({Option{text}})}});
  const FunctionId expected =
      make_function(types, {{"country", text}}, add({ResultType{expected_rate, text}}));
  const FunctionId actual =
      make_function(types, {{"country", text}}, add({ResultType{actual_rate, text}}));
  const InstanceId import = make_instance(types, {{"lookup", expected}});
  const InstanceId exported = make_instance(types, {{"lookup", actual}});
  const Verdict verdict = Subtyping(types).compare(import, exported);
  ASSERT_EQ(verdict.differences.size(), 1U);
  const Difference& difference = verdict.differences.front();
  EXPECT_EQ(difference.path(), "lookup -> result.ok.currency");
  EXPECT_EQ(difference.kind, DifferenceKind::OtherType);
  EXPECT_EQ(difference.label, "currency");
  EXPECT_EQ(difference.expected.enclosing, expected_rate);
  EXPECT_EQ(difference.actual.enclosing, actual_rate);
  EXPECT_EQ(difference.expected.type, text);
}

TEST_F(SubtypeTest, WalksThroughEveryKindOfStep) {
  const auto wrap = [&](TypeId inner) {
    const TypeId map = add({Map{text, inner}});
    const TypeId tuple = add({Tuple{{u32, map}}});
    const TypeId list = add({List{tuple, {}}});
    const TypeId option = add({Option{list}});
    return add({ResultType{{}, option}});
  };
  EXPECT_EQ(differ(wrap(u32), wrap(u64)).path(), "err.some.element.1.value");
}

TEST_F(SubtypeTest, ComparesFunctions) {
  const FunctionId plain = make_function(types, {{"a", u32}, {"b", u32}}, u32);
  FunctionId asynchronous = types.functions.add(types.functions[plain]);
  types.functions[asynchronous].is_async = true;
  EXPECT_EQ(differ(plain, asynchronous).kind, DifferenceKind::Async);
  EXPECT_EQ(differ(plain, make_function(types, {{"a", u32}}, u32)).kind,
            DifferenceKind::ParameterCount);
  const Difference order = differ(plain, make_function(types, {{"b", u32}, {"a", u32}}, u32));
  EXPECT_EQ(order.kind, DifferenceKind::ParameterName);
  EXPECT_EQ(order.path(), "a");
  EXPECT_EQ(differ(plain, make_function(types, {{"a", u32}, {"b", u32}})).kind,
            DifferenceKind::ResultPresence);
  EXPECT_EQ(differ(plain, make_function(types, {{"a", u32}, {"b", u64}}, u32)).path(), "b");
}

TEST_F(SubtypeTest, AllowsAnInstanceToExportMore) {
  const FunctionId f = make_function(types, {});
  const InstanceId small = make_instance(types, {{"f", f}});
  const InstanceId large = make_instance(types, {{"g", f}, {"f", f}});
  EXPECT_TRUE(Subtyping(types).compare(small, large).fits());
  const Verdict verdict = Subtyping(types).compare(large, small);
  ASSERT_EQ(verdict.differences.size(), 1U);
  EXPECT_EQ(verdict.differences[0].kind, DifferenceKind::MissingExport);
  EXPECT_EQ(verdict.differences[0].path(), "g");
  EXPECT_FALSE(verdict.differences[0].actual.item);
}

TEST_F(SubtypeTest, ListsEveryDifferenceOfAnInstance) {
  const FunctionId f = make_function(types, {});
  const FunctionId g = make_function(types, {{"a", u32}});
  const InstanceId expected =
      make_instance(types, {{"a", f}, {"b", g}, {"c", TypeBound{u32}}, {"d", f}});
  const InstanceId actual =
      make_instance(types, {{"b", f}, {"c", TypeBound{resource()}}, {"d", TypeBound{u32}}});
  const Verdict verdict = Subtyping(types).compare(expected, actual);
  std::vector<std::string> seen;
  for (const Difference& difference : verdict.differences) seen.push_back(difference.path());
  EXPECT_THAT(seen, ElementsAre("a", "b", "c", "d"));
  EXPECT_EQ(verdict.differences[2].kind, DifferenceKind::OtherSort);
  EXPECT_EQ(verdict.differences[3].kind, DifferenceKind::OtherSort);
}

TEST_F(SubtypeTest, ListsADifferenceInANamedTypeOnce) {
  const TypeId expected = record({{"a", u32}});
  const TypeId actual = record({{"a", u64}});
  const auto instance_with = [&](TypeId type) {
    return make_instance(types, {{"rate", TypeBound{type}},
                                 {"get", make_function(types, {}, type)},
                                 {"set", make_function(types, {{"to", type}})}});
  };
  const Verdict verdict = Subtyping(types).compare(instance_with(expected), instance_with(actual));
  ASSERT_EQ(verdict.differences.size(), 1U);
  EXPECT_EQ(verdict.differences[0].path(), "get -> result.a");
}

TEST_F(SubtypeTest, StopsListingAtTheLimit) {
  std::vector<NamedItem> items;
  for (int i = 0; i < 100; ++i)
    items.push_back({"f" + std::to_string(i), make_function(types, {})});
  const InstanceId expected = make_instance(types, items);
  const Verdict verdict = Subtyping(types).compare(expected, make_instance(types, {}));
  EXPECT_EQ(verdict.differences.size(), kMaxDifferences);
}

// --- Ties ---

TEST_F(SubtypeTest, TiesResourcesInTheSamePlace) {
  const ResourceId expected = resource();
  const ResourceId actual = resource();
  const auto instance_with = [&](ResourceId id) {
    const TypeId handles = add({List{add({Own{id}}), {}}});
    return make_instance(types, {{"bucket", TypeBound{id}},
                                 {"all", make_function(types, {}, handles)},
                                 {"drop", make_function(types, {{"b", add({Borrow{id}})}})}});
  };
  const Verdict verdict = Subtyping(types).compare(instance_with(expected), instance_with(actual));
  ASSERT_TRUE(verdict.fits());
  EXPECT_THAT(verdict.ties, ElementsAre(Tie{expected, actual}));
}

TEST_F(SubtypeTest, AnswersFromTheMemoWithTheSameTies) {
  const ResourceId expected = resource();
  const ResourceId actual = resource();
  const TypeId a = add({Own{expected}});
  const TypeId b = add({Own{actual}});
  Subtyping relation(types);
  const Verdict first = relation.compare_types(a, b);
  const Verdict second = relation.compare_types(a, b);
  EXPECT_THAT(first.ties, ElementsAre(Tie{expected, actual}));
  EXPECT_EQ(first.ties, second.ties);
}

TEST_F(SubtypeTest, TiesOneExpectedResourceToTwoActual) {
  const ResourceId expected = resource();
  const ResourceId one = resource();
  const ResourceId two = resource();
  const InstanceId import =
      make_instance(types, {{"a", TypeBound{expected}}, {"b", TypeBound{expected}}});
  const InstanceId exported = make_instance(types, {{"a", TypeBound{one}}, {"b", TypeBound{two}}});
  const Verdict verdict = Subtyping(types).compare(import, exported);
  ASSERT_TRUE(verdict.fits());
  EXPECT_THAT(verdict.ties, ElementsAre(Tie{expected, one}, Tie{expected, two}));
}

TEST_F(SubtypeTest, DoesNotTieAResourceToItself) {
  const ResourceId shared = resource();
  const Verdict verdict = Subtyping(types).compare_types(add({Own{shared}}), add({Own{shared}}));
  EXPECT_TRUE(verdict.fits());
  EXPECT_TRUE(verdict.ties.empty());
}

TEST_F(SubtypeTest, SharesWorkBetweenEqualParts) {
  // 2^60 leaves, if each were visited.
  const auto tower = [&](ResourceId id) {
    TypeId top = add({Own{id}});
    for (int i = 0; i < 60; ++i) top = add({Tuple{{top, top}}});
    return top;
  };
  const ResourceId expected = resource();
  const ResourceId actual = resource();
  const Verdict verdict = Subtyping(types).compare_types(tower(expected), tower(actual));
  ASSERT_TRUE(verdict.fits());
  EXPECT_THAT(verdict.ties, ElementsAre(Tie{expected, actual}));
}

TEST_F(SubtypeTest, RefusesTypesBeyondTheLimitOfDepth) {
  const auto tower = [&] {
    TypeId top = add({Primitive::U8});
    for (int i = 0; i < 5000; ++i) top = add({Option{top}});
    return top;
  };
  const TypeId expected = tower();
  EXPECT_EQ(differ(expected, tower()).kind, DifferenceKind::TooDeep);
}

TEST_F(SubtypeTest, RefusesItemsThatAreNotLinked) {
  const Verdict verdict = Subtyping(types).compare(Unsupported{}, Unsupported{});
  ASSERT_FALSE(verdict.fits());
  EXPECT_EQ(verdict.differences[0].kind, DifferenceKind::UnsupportedItem);
}

TEST(Subtype, FitsRealComponentsTogether) {
  Types types;
  const Result<ComponentType> archive =
      evaluate_bytes(read_example("examples/press/wasm/archive.wasm"), types);
  const Result<ComponentType> kv =
      evaluate_bytes(read_example("examples/press/wasm/kv.wasm"), types);
  ASSERT_TRUE(archive && kv);
  const Item expected = item_named(archive->imports, "press:kv/store@0.1.0");
  const Item actual = item_named(kv->exports, "press:kv/store@0.1.0");
  const Verdict verdict = Subtyping(types).compare(expected, actual);
  ASSERT_TRUE(verdict.fits()) << verdict.differences[0].path();
  EXPECT_THAT(verdict.ties, ElementsAre(Tie{resource_of(export_of(types, expected, "bucket")),
                                            resource_of(export_of(types, actual, "bucket"))}));
}

}  // namespace
}  // namespace tenon::types::subtype_test
