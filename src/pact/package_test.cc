#include "pact/package.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "packr/interface_hash.h"
#include "packr/package_vectors.h"
#include "pact/test_sources.h"
#include "pact/text.h"
#include "support/test_vectors.h"

namespace tenon::pact::package_test {
namespace {

Result<packr::PackageTypes> describe(const std::string& text, std::string_view world = {}) {
  const auto model = open_model(text);
  if (!model) return model.error();
  return describe_package(**model, world);
}
std::string first_problem(const std::string& text, std::string_view world = {}) {
  const Result<packr::PackageTypes> types = describe(text, world);
  return types ? "no error" : types.error()[0].message;
}

TEST(PactPackage, HashesEqualThoseOfPackrsHost) {
  std::size_t compared = 0;
  for (const packr::Json& row : read_vectors("pact-hashes-0.21.0.jsonl")) {
    if (row.contains("error")) continue;
    const auto model = open_model(text_of(row, "pact"));
    if (text_of(row, "interface") == "t-unknown-name") {
      // packr hashes unknown names; tenon rejects them.
      EXPECT_EQ(model.error()[0].message, "unknown type `no-such-type`");
      continue;
    }
    // Maps and sets have hashes of their own since packr 0.22.
    if (text_of(row, "interface") == "maps") continue;
    ASSERT_TRUE(model) << row;
    const auto functions = describe_interfaces(**model);
    ASSERT_TRUE(functions) << row;
    const std::vector<packr::MetadataHash> hashes = packr::hash_interfaces(*functions);
    ASSERT_EQ(hashes.size(), 1U) << row;
    EXPECT_EQ(hashes[0].interface, text_of(row, "interface"));
    EXPECT_EQ(engine::show_sha256(hashes[0].hash), text_of(row, "hash")) << row;
    for (const packr::PackageFunctionType& function : *functions)
      EXPECT_EQ(engine::show_sha256(packr::hash_function(function)),
                text_of(row["functions"], function.name.c_str()))
          << row;
    ++compared;
  }
  EXPECT_EQ(compared, 12U);
}

TEST(PactPackage, MetadataSurvivesTheRoundTripThroughText) {
  for (const std::string& name : packr::kMetadataVectors) {
    const packr::Bytes bytes = packr::read_metadata_vector(name);
    const std::string text = print_pact(make_pact(*packr::read_package_types(bytes)));
    const Result<packr::PackageTypes> types = describe(text);
    ASSERT_TRUE(types) << name << "\n" << types.error()[0].message << "\n" << text;
    EXPECT_EQ(to_hex(*packr::write_package_types(*types)), to_hex(bytes)) << name << "\n" << text;
  }
}

TEST(PactPackage, MetadataIsPrintedAsText) {
  EXPECT_EQ(print_pact(make_pact(
                *packr::read_package_types(packr::read_metadata_vector("generic-0.21.0")))),
            R"(type s: serializable;

imports {
  sm {
    apply: func(event: u64, st: s) -> s;
  }
  maps {
    record pair {
      first: u32,
      second: string,
    }

    f: func(m: list<tuple<string, u32>>, q: list<string>) -> pair;
  }
  eq {
    f: func(m: list<tuple<string, u32>>, q: list<string>) -> s32;
  }
}

exports {
  svc {
    run: func(a: s32) -> s32;
  }
  plain: func();
}
)");
}

packr::PackageType record_of(std::string name, packr::TypeTag field) {
  return {packr::TypeTag::Record, std::move(name), {{"x", {{field}}}}};
}

TEST(PactPackage, UnnamedTypesAndDuplicateNamesAreNumbered) {
  packr::PackageTypes types;
  packr::PackageFunctionType& f = types.exports.emplace_back();
  f.name = "f";
  for (const packr::PackageType& type :
       {record_of("a", packr::TypeTag::U8), record_of("a", packr::TypeTag::U16),
        record_of("a", packr::TypeTag::U8), record_of("", packr::TypeTag::U8),
        record_of("t", packr::TypeTag::U8), record_of("list", packr::TypeTag::U8)})
    f.params.push_back({fmt::format("p{}", f.params.size()), type});
  types.parameters.push_back({"t", ""});
  EXPECT_TRUE(print_pact(make_pact(types))
                  .ends_with("f: func(p0: a, p1: a-2, p2: a, p3: unnamed, p4: t-2, "
                             "p5: \"list\");\n}\n"))
      << print_pact(make_pact(types));
}

TEST(PactPackage, AWorldDefinesThePackage) {
  const std::string text =
      "package acme:shop; interface math { double: func(n: s64) -> s64; pair: func() -> (u8, u8); }"
      "world app { import math; import host { log: func(s: string); }"
      "  export process: func(v: value) -> value; export math; export math.double;"
      "  export a:b/c.f: func(); }";
  const Result<packr::PackageTypes> types = describe(text);
  ASSERT_TRUE(types) << first_problem(text);
  const auto list = [](const std::vector<packr::PackageFunctionType>& functions) {
    std::string names;
    for (const packr::PackageFunctionType& function : functions)
      names += function.interface + "." + function.name + " ";
    return names;
  };
  EXPECT_EQ(list(types->imports), "acme:shop/math.double acme:shop/math.pair host.log ");
  EXPECT_EQ(list(types->exports),
            ".process acme:shop/math.double acme:shop/math.pair acme:shop/math.double a:b/c.f ");
  EXPECT_EQ(types->import_hashes.size(), 2U);
  EXPECT_EQ(describe(text, "app")->exports, types->exports);
  EXPECT_EQ(first_problem(text, "ap"), "unknown world `ap`");
  EXPECT_EQ(first_problem("world a {} world b {}"),
            "the text has 2 worlds; a package implements one");
  EXPECT_TRUE(describe("world a {} world b {}", "b"));
}

TEST(PactPackage, WithoutAWorldEachInterfaceIsAnExport) {
  const Result<packr::PackageTypes> types =
      describe("interface a { f: func(); } interface b { g: func(); }");
  ASSERT_TRUE(types);
  EXPECT_EQ(types->exports[1].interface, "b");
  EXPECT_TRUE(types->imports.empty());
}

TEST(PactPackage, UndefinedInterfacesAreRejected) {
  EXPECT_EQ(first_problem("world a { import math; }"), "the functions of `math` are not defined");
  EXPECT_EQ(first_problem("interface m { double: func(); } imports { m.duble; }"),
            "`m` has no function `duble`");
}

TEST(PactPackage, RecursionBecomesValue) {
  const auto result = [](const std::string& text) { return describe(text)->exports[0].results[0]; };
  const packr::PackageType tree =
      result("variant tree { leaf, node(list<self>) } f: func() -> tree");
  EXPECT_EQ(tree.members[1].types[0].parts[0], (packr::PackageType{packr::TypeTag::Value, "tree"}));
  EXPECT_EQ(result("variant tree { leaf, node(list<tree>) } f: func() -> tree"), tree);
}

TEST(PactPackage, TypeArgumentsAreSubstituted) {
  const packr::PackageTypes types = *describe(
      "record pair<a, b> { x: a, y: option<b> } type both<t> = pair<t, list<t>>"
      " f: func() -> both<u8>");
  EXPECT_EQ(types.exports[0].results[0],
            (packr::PackageType{packr::TypeTag::Record,
                                "pair",
                                {{"x", {{packr::TypeTag::U8}}},
                                 {"y",
                                  {{packr::TypeTag::Option,
                                    "",
                                    {},
                                    {{packr::TypeTag::List, "", {}, {{packr::TypeTag::U8}}}}}}}}}));
}

TEST(PactPackage, RpcInterfacesReturnResults) {
  const auto model = open_model(
      "interface calc { @package: string = \"acme:math\"; record n { x: u8 }"
      " exports { add: func(n: n) -> n; reset: func() } } interface remote = rpc(calc)");
  ASSERT_TRUE(model);
  const auto functions = describe_interfaces(**model);
  ASSERT_EQ(functions->size(), 4U);
  const packr::PackageFunctionType& add = (*functions)[2];
  EXPECT_EQ(add.interface, "acme:math/rpc(calc)");
  EXPECT_EQ(add.results[0].tag, packr::TypeTag::Result);
  EXPECT_EQ(add.results[0].parts[0].name, "n");
  EXPECT_EQ(add.results[0].parts[1].members.size(), 6U);
  EXPECT_EQ((*functions)[3].results[0].parts[0], packr::PackageType{packr::TypeTag::Tuple});
}

TEST(PactPackage, ExpansionIsLimited) {
  std::string text = "record r0 { x: u8 }\n";
  for (int i = 1; i < 40; ++i)
    text += fmt::format("record r{} {{ x: r{}, y: r{} }}\n", i, i - 1, i - 1);
  EXPECT_EQ(first_problem(text + "f: func() -> r39"),
            "types take more than 16777216 bytes when they are written out at every use");
  text = "record r0 { x: u8 }\n";
  for (int i = 1; i < 200; ++i) text += fmt::format("record r{} {{ x: r{} }}\n", i, i - 1);
  EXPECT_EQ(first_problem(text + "f: func() -> r199"),
            "types nest deeper than 100 when they are written out");
  text = "type g0<t> = tuple<t, t>\n";
  for (int i = 1; i < 40; ++i) text += fmt::format("type g{}<t> = g{}<tuple<t, t>>\n", i, i - 1);
  EXPECT_EQ(first_problem(text + "f: func() -> g39<u8>"),
            "types take more than 16777216 bytes when they are written out at every use");
}

}  // namespace
}  // namespace tenon::pact::package_test
