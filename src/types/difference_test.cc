#include "types/difference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "types/test_components.h"

namespace tenon::types::difference_test {
namespace {

using testing::ElementsAre;

class DifferenceTest : public testing::Test {
 protected:
  TypeId add(Type type) { return types.types.add(std::move(type)); }

  // Compares two instances and shows the first difference.
  std::vector<std::string> show(std::vector<NamedItem> expected, std::vector<NamedItem> actual) {
    const Verdict verdict = Subtyping(types).compare(make_instance(types, std::move(expected)),
                                                     make_instance(types, std::move(actual)));
    if (!verdict.fits())
      return show_difference(types, verdict.differences[0], "cart expects", "tax provides").lines;
    ADD_FAILURE() << "no difference";
    return {};
  }

  Types types;
  const TypeId u32 = types.primitive(Primitive::U32);
  const TypeId f64 = types.primitive(Primitive::F64);
  const TypeId text = types.primitive(Primitive::String);
};

TEST_F(DifferenceTest, ShowsTheTypeAroundAField) {
  const TypeId expected = add({Record{{{"percent", f64}, {"currency", text}}}});
  const TypeId actual = add({Record{{{"percent", f64}, {"currency", add({Option{text}})}}}});
  EXPECT_THAT(show({{"rate", TypeBound{expected}}}, {{"rate", TypeBound{actual}}}),
              ElementsAre("  record rate {",                              //
                          "    percent: f64,",                            //
                          "-   currency: string,          cart expects",  //
                          "+   currency: option<string>,  tax provides",  //
                          "  }"));
}

TEST_F(DifferenceTest, CutsALongTypeAroundTheDifference) {
  std::vector<Field> fields;
  for (char c = 'a'; c <= 'z'; ++c) fields.push_back({std::string(1, c), u32});
  const TypeId expected = add({Record{fields}});
  fields[12].type = text;
  const TypeId actual = add({Record{fields}});
  EXPECT_THAT(show({{"rate", TypeBound{expected}}}, {{"rate", TypeBound{actual}}}),
              ElementsAre("  record rate {", "    ...", "    k: u32,", "    l: u32,",
                          "-   m: u32,     cart expects", "+   m: string,  tax provides",
                          "    n: u32,", "    o: u32,", "    ...", "  }"));
}

TEST_F(DifferenceTest, ShowsFieldsInAnotherOrder) {
  const TypeId expected = add({Record{{{"x", u32}, {"y", u32}, {"z", u32}}}});
  const TypeId actual = add({Record{{{"y", u32}, {"x", u32}, {"z", u32}}}});
  EXPECT_THAT(show({{"at", TypeBound{expected}}}, {{"at", TypeBound{actual}}}),
              ElementsAre("  record at {", "-   x: u32,  cart expects", "-   y: u32,",
                          "+   y: u32,  tax provides", "+   x: u32,", "    z: u32,", "  }"));
}

TEST_F(DifferenceTest, ShowsBothSignatures) {
  EXPECT_THAT(show({{"lookup", make_function(types, {{"country", text}}, f64)}},
                   {{"lookup", make_function(types, {{"country", text}, {"year", u32}}, f64)}}),
              ElementsAre("- lookup: func(country: string) -> f64;             cart expects",
                          "+ lookup: func(country: string, year: u32) -> f64;  tax provides"));
}

TEST_F(DifferenceTest, ShowsWhatIsMissing) {
  EXPECT_THAT(show({{"lookup", make_function(types, {})}}, {}),
              ElementsAre("- lookup: func();  cart expects"));
}

TEST_F(DifferenceTest, ShowsItemsOfTwoSorts) {
  const TypeId record = add({Record{{{"a", u32}}}});
  EXPECT_THAT(show({{"r", TypeBound{types.resources.add({"r"})}}}, {{"r", TypeBound{record}}}),
              ElementsAre("- resource r;  cart expects", "+ record r {   tax provides",
                          "+   a: u32,", "+ }"));
}

TEST_F(DifferenceTest, WritesOutTypesWithTheSameNameOnBothSides) {
  const TypeId narrow = add({Primitive::U32});
  const TypeId wide = add({Primitive::String});
  EXPECT_THAT(show({{"id", TypeBound{narrow}}, {"get", make_function(types, {}, narrow)}},
                   {{"id", TypeBound{wide}}, {"get", make_function(types, {}, wide)}}),
              ElementsAre("- get: func() -> u32;     cart expects",
                          "+ get: func() -> string;  tax provides"));
  EXPECT_THAT(
      show({{"id", TypeBound{narrow}}, {"item", TypeBound{add({Record{{{"id", narrow}}}})}}},
           {{"id", TypeBound{narrow}}, {"item", TypeBound{add({Record{{{"id", wide}}}})}}}),
      ElementsAre("  record item {", "-   id: id,      cart expects",
                  "+   id: string,  tax provides", "  }"));
}

TEST_F(DifferenceTest, CutsLongRuns) {
  const std::vector<std::string> many(500, "x");
  const TypeId expected = add({Flags{many}});
  const TypeId actual = add({Enum{many}});
  EXPECT_LE(show({{"f", TypeBound{expected}}}, {{"f", TypeBound{actual}}}).size(), 30U);
  const TypeId none = add({Flags{}});
  EXPECT_LE(show({{"f", TypeBound{expected}}}, {{"f", TypeBound{none}}}).size(), 30U);
}

TEST_F(DifferenceTest, ShowsABareItem) {
  const Verdict verdict =
      Subtyping(types).compare(make_function(types, {}), make_function(types, {{"a", u32}}));
  EXPECT_EQ(show_difference(types, verdict.differences[0], "a asks", "b gives").lines,
            (std::vector<std::string>{"- func();        a asks", "+ func(a: u32);  b gives"}));
}

}  // namespace
}  // namespace tenon::types::difference_test
