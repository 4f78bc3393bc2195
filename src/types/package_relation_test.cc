// The rules of comparison between packages, and between a package and a component.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "types/subtype.h"

namespace tenon::types::package_relation_test {
namespace {

constexpr TypeRelation kRelations[] = {TypeRelation::Packages, TypeRelation::Mixed};

class PackageRelation : public testing::Test {
 protected:
  TypeId add(Type type) { return types.types.add(std::move(type)); }
  TypeId record(std::vector<Field> fields) { return add({Record{std::move(fields)}}); }
  TypeId variant(std::vector<Case> cases) { return add({Variant{std::move(cases)}}); }
  TypeId list(TypeId element) { return add({List{element, {}}}); }
  TypeId any() { return add({Dynamic{}}); }
  TypeId parameter(std::string name) { return add({Dynamic{{}, std::move(name)}}); }
  FunctionId function(std::vector<TypeId> params, std::optional<TypeId> result = {}) {
    Function function;
    for (const TypeId type : params)
      function.params.push_back({fmt::format("p{}", types.functions.size()), type});
    function.result = result;
    return types.functions.add(std::move(function));
  }
  InstanceId instance(const std::vector<std::pair<std::string, FunctionId>>& functions) {
    Instance instance;
    for (const auto& [name, function] : functions) instance.add_export(name, function);
    return types.instances.add(std::move(instance));
  }

  // The first difference, such as "result.ok has a different type"; "" if the types fit.
  std::string difference(const Item& expected, const Item& actual, TypeRelation relation) {
    const Verdict verdict = Subtyping(types).compare(expected, actual, relation);
    if (verdict.fits()) return "";
    const Difference& first = verdict.differences.front();
    return fmt::format("{} {}", first.path(), describe_difference(first.kind));
  }
  std::string difference(TypeId expected, TypeId actual, TypeRelation relation) {
    return difference(function({}, expected), function({}, actual), relation);
  }
  std::string between_packages(TypeId expected, TypeId actual) {
    return difference(expected, actual, TypeRelation::Packages);
  }

  Types types;
  const TypeId u32 = types.primitive(Primitive::U32);
  const TypeId text = types.primitive(Primitive::String);
  const TypeId yes_no = types.primitive(Primitive::Bool);
};

TEST_F(PackageRelation, ComparesFieldsByName) {
  const TypeId expected = record({{"a", u32}, {"b", text}});
  for (const TypeRelation relation : kRelations) {
    EXPECT_EQ(difference(expected, record({{"b", text}, {"a", u32}}), relation), "");
    EXPECT_EQ(difference(expected, record({{"b", u32}, {"a", u32}}), relation),
              "result.b has a different type");
    EXPECT_EQ(difference(expected, record({{"a", u32}}), relation), "result.b is missing");
    EXPECT_EQ(difference(expected, record({{"c", u32}, {"b", text}, {"a", u32}}), relation),
              "result.c is not expected");
  }
  EXPECT_EQ(difference(expected, record({{"b", text}, {"a", u32}}), TypeRelation::Components),
            "result.a is in a different position");
}

// Hashes of interfaces ignore positions, but the wire format identifies a case by its position.
TEST_F(PackageRelation, ComparesCasesByNameAndPosition) {
  const TypeId expected = variant({{"a", u32}, {"b", {}}});
  for (const TypeRelation relation : kRelations) {
    EXPECT_EQ(difference(expected, variant({{"a", u32}, {"b", {}}}), relation), "");
    EXPECT_EQ(difference(expected, variant({{"b", {}}, {"a", u32}}), relation),
              "result.a is in a different position");
    EXPECT_EQ(difference(expected, variant({{"a", u32}, {"c", {}}}), relation),
              "result.b is missing");
    EXPECT_EQ(difference(expected, variant({{"a", {}}, {"b", {}}}), relation),
              "result.a has a payload on one side only");
  }
}

TEST_F(PackageRelation, AnEnumIsAVariantWithoutPayloadsToAComponent) {
  const TypeId plain = add({Enum{{"a", "b"}}});
  const TypeId spelled = variant({{"a", {}}, {"b", {}}});
  EXPECT_EQ(difference(plain, spelled, TypeRelation::Mixed), "");
  EXPECT_EQ(difference(spelled, plain, TypeRelation::Mixed), "");
  EXPECT_EQ(difference(list(spelled), list(plain), TypeRelation::Mixed), "");
  const TypeId turned = variant({{"b", {}}, {"a", {}}});
  const TypeId carries = variant({{"a", {}}, {"b", u32}});
  const TypeId more = variant({{"a", {}}, {"b", {}}, {"c", {}}});
  for (const bool is_enum_expected : {true, false}) {
    const auto of = [&](TypeId other) {
      return difference(is_enum_expected ? plain : other, is_enum_expected ? other : plain,
                        TypeRelation::Mixed);
    };
    EXPECT_EQ(of(turned), is_enum_expected ? "result.a is in a different position"
                                           : "result.b is in a different position");
    EXPECT_EQ(of(carries), "result.b has a payload on one side only");
    EXPECT_EQ(of(more), is_enum_expected ? "result.c is not expected" : "result.c is missing");
  }
  // Two packages are described by the same metadata, and components distinguish the two.
  for (const TypeRelation relation : {TypeRelation::Packages, TypeRelation::Components})
    EXPECT_EQ(difference(plain, spelled, relation), "result has a different type");
}

TEST_F(PackageRelation, AMapIsAListOfPairs) {
  const TypeId map = add({Map{text, u32}});
  const TypeId pairs = list(add({Tuple{{text, u32}}}));
  EXPECT_EQ(difference(map, pairs, TypeRelation::Mixed), "");
  EXPECT_EQ(difference(pairs, map, TypeRelation::Mixed), "");
  EXPECT_EQ(difference(map, list(add({Tuple{{text, text}}})), TypeRelation::Mixed),
            "result.value has a different type");
  EXPECT_EQ(difference(list(add({Tuple{{u32, u32}}})), map, TypeRelation::Mixed),
            "result.key has a different type");
  EXPECT_EQ(difference(map, list(add({Tuple{{text, u32, u32}}})), TypeRelation::Mixed),
            "result has a different type");
  EXPECT_EQ(difference(list(text), map, TypeRelation::Mixed), "result has a different type");
  EXPECT_EQ(difference(map, add({List{add({Tuple{{text, u32}}}), 3}}), TypeRelation::Mixed),
            "result has a different type");
  EXPECT_EQ(between_packages(map, pairs), "");
  EXPECT_EQ(between_packages(pairs, map), "");
  EXPECT_EQ(difference(map, pairs, TypeRelation::Components), "result has a different type");
}

// Packages of packr up to 0.21 have lists instead.
TEST_F(PackageRelation, ASetIsAList) {
  const TypeId set = add({List{text, {}, true}});
  for (const TypeRelation relation : kRelations) {
    EXPECT_EQ(difference(set, list(text), relation), "");
    EXPECT_EQ(difference(list(text), set, relation), "");
    EXPECT_EQ(difference(set, list(u32), relation), "result.element has a different type");
  }
}

TEST_F(PackageRelation, IgnoresNamesOfParameters) {
  const FunctionId a = function({u32, text});
  const FunctionId b = function({u32, text});
  ASSERT_NE(types.functions[a].params[0].label, types.functions[b].params[0].label);
  for (const TypeRelation relation : kRelations) EXPECT_EQ(difference(a, b, relation), "");
  EXPECT_NE(difference(a, b, TypeRelation::Components), "");
}

TEST_F(PackageRelation, AnyTypeFitsOnlyBetweenPackages) {
  EXPECT_EQ(between_packages(any(), u32), "");
  EXPECT_EQ(between_packages(list(record({{"a", u32}})), list(any())), "");
  EXPECT_EQ(difference(list(any()), list(u32), TypeRelation::Mixed),
            "result.element is a type that WIT cannot say");
  const TypeId same = any();
  EXPECT_NE(difference(same, same, TypeRelation::Mixed), "");
}

TEST_F(PackageRelation, UnnamedFlagsFitUpToTheSameNumber) {
  Flags unnamed;
  Flags more;
  for (int bit = 0; bit < 65; ++bit) {
    if (bit < 64) unnamed.labels.push_back(fmt::format("b{}", bit));
    more.labels.push_back(fmt::format("flag-{}", bit));
  }
  const TypeId expected = add({unnamed});
  for (const TypeRelation relation : kRelations) {
    EXPECT_EQ(difference(expected, add({Flags{{"read", "write"}}}), relation), "");
    EXPECT_NE(difference(expected, add({more}), relation), "");
  }
}

TEST_F(PackageRelation, AnAbsentTypeInAResultFitsThatOfMetadata) {
  const TypeId said = add({ResultType{yes_no, text}});
  const TypeId empty = add({ResultType{{}, {}}});
  for (const TypeRelation relation : kRelations) {
    EXPECT_EQ(difference(said, empty, relation), "");
    EXPECT_EQ(difference(empty, said, relation), "");
    EXPECT_EQ(difference(add({ResultType{{}, text}}), said, relation), "");
    EXPECT_EQ(difference(empty, add({ResultType{text, {}}}), relation),
              "result.ok has a payload on one side only");
    EXPECT_EQ(difference(add({ResultType{{}, yes_no}}), empty, relation),
              "result.err has a payload on one side only");
  }
  EXPECT_NE(difference(said, empty, TypeRelation::Components), "");
}

TEST_F(PackageRelation, BindsATypeParameterOncePerInterface) {
  const TypeId t = parameter("t");
  const InstanceId generic = instance({{"get", function({}, t)}, {"put", function({list(t)})}});
  const auto concrete = [&](TypeId got, TypeId put) {
    return instance({{"get", function({}, got)}, {"put", function({list(put)})}});
  };
  const auto packages = [&](InstanceId expected, InstanceId actual) {
    return difference(expected, actual, TypeRelation::Packages);
  };
  EXPECT_EQ(packages(generic, concrete(u32, u32)), "");
  EXPECT_EQ(packages(concrete(record({{"a", u32}}), record({{"a", u32}})), generic), "");
  EXPECT_EQ(packages(generic, concrete(u32, text)),
            "put -> p1.element is a type parameter that is bound to a different type elsewhere");
  EXPECT_NE(packages(concrete(u32, text), generic), "");
  EXPECT_EQ(packages(generic, generic), "");
}

// In any order: a value of any type does not determine the parameter.
TEST_F(PackageRelation, AnyTypeDoesNotBindATypeParameter) {
  const TypeId t = parameter("t");
  const FunctionId generic = function({t, t, t});
  const std::vector<TypeId> orders[] = {{any(), u32, text}, {u32, any(), text}, {u32, text, any()}};
  for (const std::vector<TypeId>& order : orders) {
    EXPECT_NE(difference(generic, function(order), TypeRelation::Packages), "");
    EXPECT_NE(difference(function(order), generic, TypeRelation::Packages), "");
  }
  EXPECT_EQ(difference(generic, function({any(), u32, u32}), TypeRelation::Packages), "");
}

TEST_F(PackageRelation, ManyFieldsAreComparedInOnePass) {
  const auto make = [&](int step) {
    Record wide;
    constexpr int kFields = 100'000;
    for (int i = 0; i < kFields; ++i)
      wide.fields.push_back({fmt::format("field-{}", step > 0 ? i : kFields - 1 - i), u32});
    return add({std::move(wide)});
  };
  EXPECT_EQ(between_packages(make(1), make(-1)), "");
}

TEST_F(PackageRelation, ABufferFitsAnyValueOnlyWhereBuffersPass) {
  const ResourceId program = types.resources.add({"buffer"});
  const ResourceId buffer = types.resources.add({"buffer"});
  const ResourceId other = types.resources.add({"buffer"});
  const TypeId own = add({Own{buffer}});
  const TypeId borrow = add({Borrow{buffer}});
  const TypeId own_other = add({Own{other}});
  Subtyping relation(types, {{buffer, program}});
  const auto compare = [&](TypeId expected, TypeId actual) {
    return relation.compare(function({}, expected), function({}, actual),
                            TypeRelation::MixedBuffers);
  };
  for (const auto& [handle, value] :
       {std::pair(own, any()), std::pair(list(own), list(any())),
        std::pair(record({{"a", own}, {"b", own}}), record({{"b", any()}, {"a", any()}}))}) {
    const Verdict to_package = compare(handle, value);
    EXPECT_TRUE(to_package.fits());
    EXPECT_EQ(to_package.ties, (std::vector<Tie>{{buffer, program}}));
    const Verdict from_package = compare(value, handle);
    EXPECT_TRUE(from_package.fits());
    EXPECT_EQ(from_package.ties, (std::vector<Tie>{{program, buffer}}));
    EXPECT_NE(difference(handle, value, TypeRelation::Mixed), "");
  }
  // Also from what was found equal before.
  EXPECT_EQ(compare(list(own), list(any())).ties, (std::vector<Tie>{{buffer, program}}));
  for (const auto& [expected, actual] :
       {std::pair(borrow, any()), std::pair(own_other, any()), std::pair(own, parameter("t")),
        std::pair(u32, any()), std::pair(any(), text), std::pair(any(), any())}) {
    EXPECT_FALSE(compare(expected, actual).fits());
    EXPECT_FALSE(compare(actual, expected).fits());
  }
}

}  // namespace
}  // namespace tenon::types::package_relation_test
