#include "packr/component_types.h"

#include <gtest/gtest.h>

#include "packr/metadata.h"
#include "packr/package_vectors.h"
#include "pact/package.h"
#include "pact/test_sources.h"
#include "types/print_type.h"

namespace tenon::packr::component_types_test {
namespace {

PackageTypes describe(const std::string& text) {
  return *pact::describe_package(**pact::open_model(text), "");
}

// The functions as WIT, or why WIT cannot say them.
std::string to_wit(const std::string& text) {
  const PackageTypes from = describe(text);
  std::string lines;
  for (const Diagnostic& one : check_component_types(from)) lines += one.message + "\n";
  if (!lines.empty()) return lines;
  types::Types types;
  const Metadata made = make_metadata(from, types);
  for (const MetadataFunction& one : made.exports)
    lines += types::print_function(types, {made.names, {}}, one.name, one.type) + "\n";
  return lines;
}

TEST(ComponentTypes, WhatWitCanSayIsSaid) {
  EXPECT_EQ(to_wit("record point { x: s32, last_msg: string }\n"
                   "f: func(p: point, q: map<string, u8>) -> result<_, list<u8>>\n"
                   "g: func() -> (u8, char)"),
            "f: func(p: point, q: list<tuple<string, u8>>) -> result<bool, list<u8>>;\n"
            "g: func() -> tuple<u8, char>;\n");
}

TEST(ComponentTypes, LabelsOfFlagsStay) {
  types::Types types;
  const Metadata made =
      make_metadata(describe("flags perms { read, can_write } f: func(p: perms)"), types);
  const types::TypeId id = types.functions[made.exports[0].type].params[0].type;
  EXPECT_EQ(std::get<types::Flags>(types.types[id].kind).labels,
            (std::vector<std::string>{"read", "can-write"}));
}

TEST(ComponentTypes, WhatWitCannotSayIsNamed) {
  EXPECT_EQ(to_wit("variant tree { leaf, node(list<self>) }\n"
                   "exports { a:b/c { f: func(t: option<tree>); } g: func() -> value;"
                   " h: func(t: u8); }"),
            "components cannot use `a:b/c.f`: WIT has no type for `tree`, which contains itself\n"
            "components cannot use `g`: WIT has no type for `value`, a value of any type\n");
  EXPECT_EQ(to_wit("type s; f: func(a: s)"),
            "components cannot use `f`: WIT has no type for the type parameter `s`\n");
  EXPECT_TRUE(check_component_types(describe("f: func(a: flags)")).empty());
  bool names_recursive_type = false;
  for (const Diagnostic& one :
       check_component_types(*read_package_types(read_metadata_vector("all"))))
    names_recursive_type |=
        one.message.find("in `sexpr`, which can be `sexpr` itself") != std::string::npos;
  EXPECT_TRUE(names_recursive_type);
}

TEST(ComponentTypes, TypesOfALinkAreDescribed) {
  const PackageTypes from = describe(
      "record point { x: s32, y: option<f64> } enum color { red, green } flags perms { r, w }"
      " variant shape { none, at(point) }"
      " f: func(p: point, c: color, q: perms, s: shape) -> result<tuple<>, string>");
  types::Types types;
  const Metadata made = make_metadata(from, types);
  const auto again = describe_function(types, made.names, "", "f", made.exports[0].type);
  ASSERT_TRUE(again);
  PackageFunctionType expected = from.exports[0];
  expected.params[2].type.name = "";  // of flags, nobody keeps the name
  EXPECT_EQ(*again, expected);
}

TEST(ComponentTypes, WhatPackrCannotSayIsNamed) {
  types::Types types;
  const auto refusal = [&](types::Type type) {
    types::Function function;
    function.result = types.types.add(std::move(type));
    const auto id = types.functions.add(std::move(function));
    const auto described = describe_function(types, {}, "", "f", id);
    return described ? "it is described" : described.error()[0].message;
  };
  const types::TypeId u8 = types.primitive(types::Primitive::U8);
  EXPECT_EQ(refusal({types::Own{types.resources.add({"r"})}}), "packr has no type for a resource");
  EXPECT_EQ(refusal({types::Stream{u8}}), "packr has no type for a stream");
  EXPECT_EQ(refusal({types::Future{}}), "packr has no type for a future");
  EXPECT_EQ(refusal({types::List{u8, 4}}), "packr has no type for a fixed-length list");
  EXPECT_EQ(refusal({types::Map{u8, u8}}), "it is described");
  types::TypeId deep = u8;
  for (int i = 0; i < 200; ++i) deep = types.types.add({types::Option{deep}});
  EXPECT_EQ(refusal({types::Option{deep}}),
            "packr has no type for types nested more than 100 levels deep");
  types::TypeId wide = u8;
  for (int i = 0; i < 60; ++i) wide = types.types.add({types::Tuple{{wide, wide}}});
  EXPECT_EQ(refusal({types::Option{wide}}),
            "packr has no type for types larger than 67108864 bytes");
}

}  // namespace
}  // namespace tenon::packr::component_types_test
