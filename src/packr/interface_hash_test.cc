#include "packr/interface_hash.h"

#include <gtest/gtest.h>

#include "packr/package_vectors.h"

namespace tenon::packr::interface_hash_test {
namespace {

TEST(InterfaceHash, AgreesWithPackr) {
  std::size_t rows = 0;
  for (const Json& row : read_vectors("interface-hashes.jsonl")) {
    std::vector<PackageFunctionType> functions;
    for (const Json& function : row["functions"])
      functions.push_back(package_function_of_json(function));
    const std::vector<MetadataHash> hashes = hash_interfaces(functions);
    ASSERT_EQ(hashes.size(), 1U);
    EXPECT_EQ(hashes[0].interface, text_of(row, "interface"));
    EXPECT_EQ(engine::show_sha256(hashes[0].hash), text_of(row, "hash")) << row.dump();
    ++rows;
  }
  EXPECT_EQ(rows, 67U);
}

TEST(InterfaceHash, HashesInMetadataMatchTheTypes) {
  for (const std::string& name : kMetadataVectors) {
    const Result<PackageTypes> types = read_package_types(read_metadata_vector(name));
    ASSERT_TRUE(types) << name;
    EXPECT_EQ(hash_interfaces(types->imports), types->import_hashes) << name;
    EXPECT_EQ(hash_interfaces(types->exports), types->export_hashes) << name;
    EXPECT_TRUE(check_hashes(*types).empty()) << name;
  }
}

PackageType variant_of(const std::vector<std::string>& cases) {
  PackageType type{TypeTag::Variant, "v"};
  for (const std::string& name : cases) type.members.push_back({name, {}});
  return type;
}

TEST(InterfaceHash, IgnoresNamesOfTypesAndTheOrderOfMembers) {
  PackageType renamed = variant_of({"a", "b"});
  renamed.name = "w";
  EXPECT_EQ(hash_type(renamed), hash_type(variant_of({"a", "b"})));
  EXPECT_EQ(hash_type(variant_of({"b", "a"})), hash_type(variant_of({"a", "b"})));
  EXPECT_NE(hash_type(variant_of({"a", "c"})), hash_type(variant_of({"a", "b"})));
  PackageType record = variant_of({"a", "b"});
  record.tag = TypeTag::Record;
  EXPECT_NE(hash_type(record), hash_type(variant_of({"a", "b"})));
}

TEST(InterfaceHash, ReportsEveryDifference) {
  PackageTypes types = *read_package_types(read_metadata_vector("adder"));
  types.import_hashes[0].hash[0] ^= 1U;
  types.export_hashes[0].interface = "other";
  types.import_hashes.push_back(types.import_hashes[0]);
  const Diagnostics problems = check_hashes(types);
  ASSERT_EQ(problems.size(), 4U);
  EXPECT_EQ(problems[0].message, "its metadata has two hashes for `math` in its imports");
  EXPECT_EQ(problems[1].message,
            "the hash of `math` in the metadata of its imports does not match their types");
  EXPECT_EQ(problems[1].notes[1].text,
            "computed: 045d329df239a4083f01ad53ef75b1b271563fa76147e7a0e3013a75352ff364");
  EXPECT_EQ(problems[2].message,
            "its metadata has no hash for the functions outside of interfaces in its exports");
  EXPECT_EQ(problems[3].message,
            "its metadata has a hash for `other` in its exports, but no function");
}

}  // namespace
}  // namespace tenon::packr::interface_hash_test
