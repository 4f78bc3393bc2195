#include "packr/metadata.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "packr/metadata_bytes.h"
#include "packr/package_vectors.h"
#include "packr/shared_graph.h"
#include "pact/package.h"
#include "pact/test_sources.h"
#include "support/limits.h"
#include "types/print_type.h"

namespace tenon::packr::metadata_test {
namespace {

using testing::HasSubstr;

struct MetadataRead {
  types::Types types;
  Result<Metadata> metadata;

  explicit MetadataRead(std::span<const std::uint8_t> bytes)
      : metadata(read_metadata(bytes, types)) {}
};

Bytes metadata_of(std::string_view set, std::string_view name) {
  std::ifstream file(fmt::format(TENON_SOURCE_DIR "/tests/guests/packr/wasm/{}/{}.wasm", set, name),
                     std::ios::binary);
  auto metadata = find_metadata(Bytes(std::istreambuf_iterator<char>(file), {}));
  EXPECT_TRUE(metadata) << name;
  return metadata ? *std::move(metadata) : Bytes();
}

TEST(PackageMetadata, FunctionsHaveInterfacesNamesAndTypes) {
  const MetadataRead read(metadata_of("0.21.0", "adder"));
  ASSERT_TRUE(read.metadata);
  ASSERT_EQ(read.metadata->imports.size(), 1u);
  EXPECT_EQ(read.metadata->imports[0].interface, "math");
  EXPECT_EQ(read.metadata->imports[0].name, "double");
  ASSERT_EQ(read.metadata->exports.size(), 1u);
  EXPECT_EQ(read.metadata->exports[0].interface, "");
  EXPECT_EQ(read.metadata->exports[0].name, "process");
  const types::Function& process = read.types.functions[read.metadata->exports[0].type];
  ASSERT_EQ(process.params.size(), 1u);
  EXPECT_EQ(process.params[0].label, "n");
  EXPECT_EQ(read.metadata->import_hashes.size(), 1u);
}

TEST(PackageMetadata, ARecursiveTypeBecomesADynamicWithItsName) {
  const MetadataRead read(metadata_of("c", "tree"));
  ASSERT_TRUE(read.metadata);
  std::vector<std::string> within;
  for (const types::Type& type : read.types.types)
    if (const auto* dynamic = std::get_if<types::Dynamic>(&type.kind))
      within.push_back(dynamic->within);
  EXPECT_FALSE(within.empty());
  EXPECT_THAT(within, testing::Each("tree"));
}

TEST(PackageMetadata, DamagedMetadataIsReadOrRejected) {
  const Bytes good = metadata_of("0.21.0", "kinds");
  std::size_t refused = 0;
  for (std::size_t at = 0; at < good.size(); ++at) {
    Bytes damaged = good;
    damaged[at] ^= static_cast<std::uint8_t>(1U << (at % 8));
    const MetadataRead read(damaged);
    if (read.metadata) continue;
    ++refused;
    EXPECT_EQ(read.metadata.error().front().code, "pack-metadata");
  }
  EXPECT_GT(refused, good.size() / 4);
  for (std::size_t size = 0; size < good.size(); size += 7)
    EXPECT_FALSE(MetadataRead(std::span(good).first(size)).metadata) << size;
  // Other bytes can follow.
  Bytes more = good;
  more.resize(good.size() + 100, 0xaa);
  EXPECT_TRUE(MetadataRead(more).metadata);
}

TEST(PackageMetadata, BecomesTypesOfALink) {
  types::Types types;
  const Result<Metadata> metadata = read_metadata(read_metadata_vector("all"), types);
  ASSERT_TRUE(metadata);
  const auto print = [&](std::string_view interface) {
    for (const MetadataFunction& function : metadata->imports)
      if (function.interface == interface)
        return types::print_function(types, {metadata->names, {}}, function.name, function.type);
    return std::string("not there");
  };
  EXPECT_EQ(print("math"), "double: func(n: s64) -> s64;");
  EXPECT_EQ(print("t-record"), "f: func(p: point) -> line;");
  EXPECT_EQ(print("t-results-tuple"), "f: func() -> tuple<s32, string>;");
  EXPECT_EQ(print("t-noargs"), "f: func();");
}

// ---- Types that components can or cannot have ----

PackageTypes describe(const std::string& text) {
  return *pact::describe_package(**pact::open_model(text), "");
}

// The exported functions as WIT, or why WIT cannot express them.
std::string to_wit(const std::string& text) {
  const PackageTypes from = describe(text);
  std::string lines;
  for (const Diagnostic& problem : check_component_types(from)) lines += problem.message + "\n";
  if (!lines.empty()) return lines;
  types::Types types;
  const Metadata metadata = make_metadata(from, types);
  for (const MetadataFunction& function : metadata.exports)
    lines +=
        types::print_function(types, {metadata.names, {}}, function.name, function.type) + "\n";
  return lines;
}

TEST(ComponentTypes, ArePrintedAsWit) {
  EXPECT_EQ(to_wit("record point { x: s32, last_msg: string }\n"
                   "f: func(p: point, q: map<string, u8>) -> result<_, list<u8>>\n"
                   "g: func() -> (u8, char)"),
            "f: func(p: point, q: map<string, u8>) -> result<bool, list<u8>>;\n"
            "g: func() -> tuple<u8, char>;\n");
}

TEST(ComponentTypes, KeepTheLabelsOfFlags) {
  types::Types types;
  const Metadata metadata =
      make_metadata(describe("flags perms { read, can_write } f: func(p: perms)"), types);
  const types::TypeId id = types.functions[metadata.exports[0].type].params[0].type;
  EXPECT_EQ(std::get<types::Flags>(types.types[id].kind).labels,
            (std::vector<std::string>{"read", "can-write"}));
}

TEST(ComponentTypes, ReportTypesThatWitCannotExpress) {
  EXPECT_EQ(to_wit("variant tree { leaf, node(list<self>) }\n"
                   "exports { a:b/c { f: func(t: option<tree>); } g: func() -> value;"
                   " h: func(t: u8); }"),
            "components cannot use `a:b/c.f`: WIT has no type for `tree`, which contains itself\n"
            "components cannot use `g`: WIT has no type for `value`, a value of any type\n");
  EXPECT_EQ(to_wit("type s; f: func(a: s)"),
            "components cannot use `f`: WIT has no type for the type parameter `s`\n");
  EXPECT_TRUE(check_component_types(describe("f: func(a: flags)")).empty());
  bool names_recursive_type = false;
  for (const Diagnostic& problem :
       check_component_types(*read_package_types(read_metadata_vector("all"))))
    names_recursive_type |=
        problem.message.find("in `sexpr`, which can be `sexpr` itself") != std::string::npos;
  EXPECT_TRUE(names_recursive_type);
}

TEST(ComponentTypes, CanBeDescribedAsMetadata) {
  const PackageTypes from = describe(
      "record point { x: s32, y: option<f64> } enum color { red, green } flags perms { r, w }"
      " variant shape { none, at(point) }"
      " f: func(p: point, c: color, q: perms, s: shape) -> result<tuple<>, string>");
  types::Types types;
  const Metadata metadata = make_metadata(from, types);
  const auto again = describe_function(types, metadata.names, "", "f", metadata.exports[0].type);
  ASSERT_TRUE(again);
  PackageFunctionType expected = from.exports[0];
  expected.params[2].type.name = "";  // types of a link have no names for flags
  EXPECT_EQ(*again, expected);
}

TEST(ComponentTypes, ReportTypesThatPackrDoesNotHave) {
  types::Types types;
  const auto refusal = [&](types::Type type) {
    types::Function function;
    function.result = types.types.add(std::move(type));
    const auto id = types.functions.add(std::move(function));
    const auto described = describe_function(types, {}, "", "f", id);
    return described ? "none" : described.error()[0].message;
  };
  const types::TypeId u8 = types.primitive(types::Primitive::U8);
  EXPECT_EQ(refusal({types::Own{types.resources.add({"r"})}}), "packr has no type for a resource");
  EXPECT_EQ(refusal({types::Stream{u8}}), "packr has no type for a stream");
  EXPECT_EQ(refusal({types::Future{}}), "packr has no type for a future");
  EXPECT_EQ(refusal({types::List{u8, 4}}), "packr has no type for a fixed-length list");
  EXPECT_EQ(refusal({types::Map{u8, u8}}), "none");
  types::TypeId deep = u8;
  for (int i = 0; i < 200; ++i) deep = types.types.add({types::Option{deep}});
  EXPECT_EQ(refusal({types::Option{deep}}),
            "packr has no type for types nested more than 100 levels deep");
  types::TypeId wide = u8;
  for (int i = 0; i < 60; ++i) wide = types.types.add({types::Tuple{{wide, wide}}});
  EXPECT_EQ(refusal({types::Option{wide}}),
            "packr has no type for types larger than 16777216 bytes");
}

// ---- Metadata that is expensive to read: shared nodes, depth, long names ----

using Node = SharedGraph::Node;
using Bytes = SharedGraph::Bytes;

constexpr std::uint32_t kString = 12;
constexpr std::uint32_t kFlags = 13;
constexpr std::uint32_t kList = 14;
constexpr std::uint32_t kRecord = 17;
constexpr std::uint32_t kVariant = 18;
constexpr std::uint32_t kTuple = 19;

class HostileMetadata : public testing::Test {
 protected:
  Node function_giving_all(const std::vector<Node>& results) {
    return graph.record({{"interface", graph.text("a")},
                         {"name", graph.text("f")},
                         {"results", graph.list_of(NodeKind::Variant, results)}});
  }
  Node function_giving(Node type) { return function_giving_all({type}); }
  Result<Metadata> read(std::vector<Node> exports) {
    const Node root =
        graph.record({{"exports", graph.list_of(NodeKind::Record, std::move(exports))}});
    return read_metadata(graph.finish(root), types);
  }
  Result<Metadata> read_type(Node type) { return read({function_giving(type)}); }

  Node tuple_of(const std::vector<Node>& parts) {
    return graph.variant(kTuple, {graph.list_of(NodeKind::Variant, parts)});
  }
  Node string() { return graph.variant(kString, {}); }
  Node field(std::string_view name) {
    return graph.record({{"name", graph.text(name)}, {"type", string()}});
  }
  Node record_of(const std::vector<Node>& fields) {
    return graph.variant(kRecord,
                         {graph.record({{"name", graph.text("r")},
                                        {"fields", graph.list_of(NodeKind::Record, fields)}})});
  }
  Node variant_of(const std::vector<Node>& cases) {
    return graph.variant(kVariant,
                         {graph.record({{"name", graph.text("v")},
                                        {"cases", graph.list_of(NodeKind::Record, cases)}})});
  }

  static void expect_refused(const Result<Metadata>& read, std::string_view why) {
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().front().code, "pack-metadata");
    EXPECT_THAT(read.error().front().message, HasSubstr(std::string(why)));
  }

  SharedGraph graph;
  types::Types types;
};

// Each level has the one below it twice: 2^90 types in a few kilobytes.
TEST_F(HostileMetadata, SharedTypesAreCountedAtEachUse) {
  Node type = string();
  for (int level = 0; level < 90; ++level) type = tuple_of({type, type});
  expect_refused(read_type(type), "types need more than 16777216 bytes");
  EXPECT_LE(types.types.size(), limits::kTypeNodes);
}

TEST_F(HostileMetadata, SharedTextIsCountedAtEachUse) {
  const Node long_case = graph.record({{"name", graph.text(std::string(1U << 20U, 'x'))}});
  expect_refused(read_type(variant_of(std::vector<Node>(1000, long_case))),
                 "types need more than 16777216 bytes");
}

TEST_F(HostileMetadata, SharedFunctionsAreCountedAtEachUse) {
  const Node params =
      graph.list_of(NodeKind::Record, std::vector<Node>(2000, graph.record({{"type", string()}})));
  const Node function = graph.record({{"name", graph.text("f")}, {"params", params}});
  expect_refused(read(std::vector<Node>(2000, function)), "types need more than 16777216 bytes");
}

TEST_F(HostileMetadata, SharedRecordsAreCountedAtEachUse) {
  const Node param =
      graph.record({{std::string(std::size_t{8} << 20U, 'x'), graph.text("")}, {"type", string()}});
  const Node params = graph.list_of(NodeKind::Record, std::vector<Node>(300, param));
  expect_refused(read({graph.record({{"name", graph.text("f")}, {"params", params}})}),
                 "types of more than 2147483648 bytes");
}

// Flags have 64 labels each. Metadata does not contain them, so all flags are one type.
TEST_F(HostileMetadata, AllFlagsAreOneType) {
  const auto read = read_type(tuple_of(std::vector<Node>(100'000, graph.variant(kFlags, {}))));
  ASSERT_TRUE(read);
  EXPECT_EQ(types.types.size(), 2U);
}

TEST_F(HostileMetadata, NestingIsLimited) {
  const auto nest = [&](std::uint32_t levels) {
    Node type = string();
    for (std::uint32_t level = 1; level < levels; ++level) type = graph.variant(kList, {type});
    return type;
  };
  EXPECT_TRUE(read_type(nest(limits::kNestingDepth)));
  expect_refused(read_type(nest(limits::kNestingDepth + 1)), "nested more than 100 levels deep");
  // Several results form a tuple, which is one more level.
  EXPECT_TRUE(read({function_giving_all({string(), nest(limits::kNestingDepth - 1)})}));
  expect_refused(read({function_giving_all({string(), nest(limits::kNestingDepth)})}),
                 "nested more than 100 levels deep");
}

TEST_F(HostileMetadata, DuplicateMembersAreRejected) {
  expect_refused(read_type(record_of({field("a-b"), field("a_b")})),
                 "duplicate name `a-b` among the fields at `exports[0].results[0].r`");
  const auto named = [&](std::string_view name) {
    return graph.record({{"name", graph.text(name)}});
  };
  expect_refused(read_type(variant_of({named("x"), named("y"), named("x")})),
                 "duplicate name `x` among the cases");
  EXPECT_TRUE(read_type(record_of({field("a"), field("b")})));
}

// However it is truncated or changed, it is read or rejected.
TEST_F(HostileMetadata, DamageIsReadOrRejected) {
  const Node words = graph.tuple({graph.u64(1), graph.u64(2), graph.u64(3), graph.u64(4)});
  const Node hash = graph.record({{"name", graph.text("a")}, {"hash", words}});
  const Node root = graph.record(
      {{"exports",
        graph.list_of(NodeKind::Record, {function_giving(record_of({field("a"), field("b")}))})},
       {"export-hashes", graph.list_of(NodeKind::Record, {hash})}});
  const Bytes good = graph.finish(root);
  ASSERT_TRUE(read_metadata(good, types));
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_FALSE(read_metadata(std::span(good).first(size), types)) << size;
  std::size_t refused = 0;
  for (std::size_t at = 0; at < good.size(); ++at)
    for (const int change : {0x01, 0x80, 0xff}) {
      Bytes bad = good;
      bad[at] = static_cast<std::uint8_t>(bad[at] ^ change);
      const auto read = read_metadata(bad, types);
      if (read) continue;
      ++refused;
      EXPECT_EQ(read.error().front().code, "pack-metadata") << at;
    }
  EXPECT_GT(refused, good.size());
}

}  // namespace
}  // namespace tenon::packr::metadata_test
