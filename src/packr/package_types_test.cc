#include "packr/package_types.h"

#include <gtest/gtest.h>

#include "packr/package_vectors.h"
#include "support/limits.h"

namespace tenon::packr::package_types_test {
namespace {

TEST(PackageTypes, MetadataOfPackrIsWrittenBackByteForByte) {
  for (const std::string& name : kMetadataVectors) {
    const Bytes bytes = read_metadata_vector(name);
    const Result<PackageTypes> read = read_package_types(bytes);
    ASSERT_TRUE(read) << name << ": " << read.error()[0].message;
    const Result<Bytes> written = write_package_types(*read);
    ASSERT_TRUE(written) << name;
    EXPECT_EQ(to_hex(*written), to_hex(bytes)) << name;
  }
}

TEST(PackageTypes, OtherBytesCanFollow) {
  Bytes bytes = read_metadata_vector("adder");
  bytes.insert(bytes.end(), {1, 2, 3});
  EXPECT_EQ(*read_package_types(bytes), *read_package_types(read_metadata_vector("adder")));
}

TEST(PackageTypes, AGenericPackageHasTypeParameters) {
  const Result<PackageTypes> read = read_package_types(read_metadata_vector("generic-0.21.0"));
  ASSERT_TRUE(read);
  ASSERT_EQ(read->parameters.size(), 1U);
  EXPECT_EQ(read->parameters[0], (TypeParameter{"s", "serializable"}));
  EXPECT_EQ(read->imports[0].params[1].type, (PackageType{TypeTag::Parameter, "s"}));
}

GraphRecord record_of(std::string name, std::vector<GraphField> fields) {
  return {std::move(name), std::move(fields)};
}
GraphValue list_of(std::vector<GraphValue> items) {
  return {GraphList{GraphType::named(NodeKind::Record, ""), std::move(items)}};
}
GraphValue type_value(std::uint32_t tag, std::vector<GraphValue> payload = {}) {
  return {GraphVariant{"type-desc", "x", tag, std::move(payload)}};
}
GraphValue function_value(GraphValue type) {
  return {
      record_of("function-sig",
                {{"name", {std::string("f")}},
                 {"params", list_of({{record_of("param-sig", {{"type", std::move(type)}})}})}})};
}
Result<PackageTypes> read_imports(std::vector<GraphValue> imports) {
  return read_package_types(*encode({record_of("m", {{"imports", list_of(std::move(imports))}})}));
}
std::string refusal(const Result<PackageTypes>& read) {
  return read ? "none" : read.error()[0].message;
}

TEST(PackageTypes, MissingFieldsAreEmpty) {
  EXPECT_EQ(*read_package_types(*encode({record_of("", {})})), PackageTypes());
  EXPECT_EQ(read_imports({{record_of("", {})}})->imports[0], PackageFunctionType());
  const auto result = read_imports({function_value(type_value(16, {{record_of("", {})}}))});
  EXPECT_EQ(result->imports[0].params[0].type,
            (PackageType{TypeTag::Result, "", {}, {{TypeTag::Unit}, {TypeTag::Unit}}}));
}

TEST(PackageTypes, DamageIsReportedWithItsPath) {
  EXPECT_EQ(refusal(read_package_types(*encode({std::string("x")}))),
            "its metadata is damaged: expected a record at `the root`");
  EXPECT_EQ(refusal(read_imports({{std::string("x")}})),
            "its metadata is damaged: expected a record at `imports[0]`");
  EXPECT_EQ(refusal(read_imports({function_value(type_value(24))})),
            "its metadata is damaged: unknown type tag 24 at `imports[0].params[0].type`");
  EXPECT_EQ(refusal(read_imports({function_value(type_value(14))})),
            "its metadata is damaged: the type `list` needs a payload at "
            "`imports[0].params[0].type`");
  EXPECT_EQ(refusal(read_package_types(Bytes{1, 2, 3})),
            "its metadata is damaged: Buffer too small: need 4 bytes, have 3");
}

TEST(PackageTypes, DeepTypesAreRejected) {
  GraphValue type = type_value(7);
  for (std::uint32_t i = 0; i + 1 < limits::kNestingDepth; ++i) type = type_value(14, {type});
  EXPECT_TRUE(read_imports({function_value(type)}));
  EXPECT_EQ(refusal(read_imports({function_value(type_value(14, {type}))})),
            "its metadata is damaged: types are nested more than 100 levels deep at "
            "`imports[0].params[0].type`");
}

// Each tuple has the one below it twice: 2^60 types in a few kilobytes.
TEST(PackageTypes, SharedNodesAreCounted) {
  std::vector<TestNode> nodes;
  const auto put_text = [](Bytes& bytes, std::string_view text) {
    append_word(bytes, static_cast<std::uint32_t>(text.size()));
    bytes.insert(bytes.end(), text.begin(), text.end());
  };
  const auto put_type = [&](std::uint32_t tag, const std::vector<std::uint32_t>& payload) {
    Bytes bytes;
    put_text(bytes, "type-desc");
    put_text(bytes, "");
    append_word(bytes, tag);
    append_word(bytes, static_cast<std::uint32_t>(payload.size()));
    for (const std::uint32_t child : payload) append_word(bytes, child);
    nodes.push_back({0x08, bytes});
    return static_cast<std::uint32_t>(nodes.size() - 1);
  };
  std::uint32_t type = put_type(7, {});
  for (int level = 0; level < 60; ++level) {
    Bytes list{0x08, 0, 0, 0, 0};
    append_word(list, 2);
    append_word(list, type);
    append_word(list, type);
    nodes.push_back({0x07, list});
    type = put_type(19, {static_cast<std::uint32_t>(nodes.size() - 1)});
  }
  const auto put_record = [&](std::string_view field, std::uint32_t child) {
    Bytes bytes;
    put_text(bytes, "");
    append_word(bytes, 1);
    put_text(bytes, field);
    append_word(bytes, child);
    nodes.push_back({0x09, bytes});
    return static_cast<std::uint32_t>(nodes.size() - 1);
  };
  const auto put_list = [&](std::uint32_t child) {
    Bytes list{0x09, 0, 0, 0, 0};
    append_word(list, 1);
    append_word(list, child);
    nodes.push_back({0x07, list});
    return static_cast<std::uint32_t>(nodes.size() - 1);
  };
  const std::uint32_t param = put_list(put_record("type", type));
  const std::uint32_t root = put_record("imports", put_list(put_record("params", param)));
  EXPECT_TRUE(refusal(read_package_types(make_graph(nodes, root)))
                  .starts_with("its metadata is damaged: types need more than 16777216 bytes"));
}

}  // namespace
}  // namespace tenon::packr::package_types_test
