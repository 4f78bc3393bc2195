#include "pact/package_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>

#include "tests/support/temporary_folder.h"

namespace tenon::pact::package_file_test {
namespace {

const std::string kPackages = TENON_SOURCE_DIR "/tests/guests/packr";

std::string describe(const Diagnostics& problems) {
  std::string text;
  for (const Diagnostic& problem : problems)
    text += std::string(problem.code) + ": " + problem.message + "\n";
  return text;
}
std::string verdict(const std::string& path) {
  const Result<std::string> verified = verify_file(RealFiles(), path);
  return verified ? *verified : describe(verified.error());
}
std::string package(const std::string& name) { return kPackages + "/wasm/" + name + ".wasm"; }

void write_file(const std::string& path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}

TEST(PackageFile, TextGivesTheMetadataOfTheMacro) {
  for (const std::string name : {"actor", "failing", "kinds", "kinds_client"}) {
    const WorkingFolder folder;
    std::filesystem::copy_file(kPackages + "/rust/types/" + name + ".types", name + ".pact");
    const auto of_text = read_file_metadata(RealFiles(), name + ".pact");
    ASSERT_TRUE(of_text) << describe(of_text.error());
    for (const std::string version : {"0.5.4", "0.21.0"}) {
      const auto of_package = read_file_metadata(RealFiles(), package(version + "/" + name));
      ASSERT_TRUE(of_package) << describe(of_package.error());
      EXPECT_EQ(of_text->bytes, of_package->bytes) << name << " " << version;
    }
    EXPECT_EQ(read_file_metadata(RealFiles(), name + ".pact", {}, packr::GraphVersion::V3)->bytes,
              read_file_metadata(RealFiles(), package("0.24.1/" + name))->bytes)
        << name;
  }
}

TEST(PackageFile, EveryPackageOfPackrIsValid) {
  std::size_t verified = 0;
  for (const std::string set : {"0.5.4", "0.21.0", "0.24.1"})
    for (const auto& entry : std::filesystem::directory_iterator(kPackages + "/wasm/" + set)) {
      const std::string path = entry.path().string();
      // `pack_types!` has no versions, so these have no metadata.
      if (entry.path().filename().string().starts_with("versioned_")) {
        EXPECT_TRUE(verdict(path).starts_with("packr package without metadata")) << path;
        continue;
      }
      EXPECT_TRUE(verdict(path).starts_with("packr package: ")) << path << ": " << verdict(path);
      // Its text is read as equal types.
      const auto types = read_file_types(RealFiles(), path);
      ASSERT_TRUE(types) << path << describe(types.error());
      const WorkingFolder folder;
      write_file("again.pact", types->text);
      const auto again = read_file_types(RealFiles(), "again.pact");
      ASSERT_TRUE(again) << path << describe(again.error());
      EXPECT_EQ(again->text, types->text);
      const auto digests = [](const std::vector<FileTypes::Interface>& interfaces) {
        std::string text;
        for (const FileTypes::Interface& interface : interfaces)
          text += interface.name + " " + interface.digest + "\n";
        return text;
      };
      EXPECT_EQ(digests(again->imports), digests(types->imports)) << path;
      EXPECT_EQ(digests(again->exports), digests(types->exports)) << path;
      ++verified;
    }
  EXPECT_GE(verified, 28U);
}

TEST(PackageFile, ProblemsAreReported) {
  EXPECT_EQ(verdict(package("0.21.0/adder")),
            "packr package: 1 function imported, 1 exported, hashes match");
  EXPECT_EQ(verdict(package("c/no_metadata")),
            "packr package without metadata: 0 functions imported, 1 exported");
  EXPECT_TRUE(verdict(package("c/broken_metadata")).starts_with("pack-metadata: "));
  EXPECT_TRUE(verdict(package("c/imports_memory")).starts_with("pack-module: "));
  EXPECT_EQ(verdict(package("0.24.1/collections")),
            "packr package: 0 functions imported, 9 exported, hashes match");
  EXPECT_EQ(verdict(TENON_SOURCE_DIR "/tests/guests/kinds/kinds.wat"),
            "pack-module: expected a packr package, found a file that is not a core module\n");
}

TEST(PackageFile, WrongHashesAndExportsAreReportedTogether) {
  const WorkingFolder folder;
  std::ifstream file(package("0.21.0/adder"), std::ios::binary);
  std::string bytes(std::istreambuf_iterator<char>(file), {});
  // The hash of `math` as four words, and the name of the export where the metadata has it.
  const std::string hash = "\x04\x5d\x32\x9d\xf2\x39\xa4\x08";
  const std::size_t at = bytes.find(hash);
  ASSERT_NE(at, std::string::npos);
  bytes[at] = 5;
  const std::size_t graph = bytes.find("CGRF");
  const std::size_t name = bytes.find("process", graph);
  ASSERT_NE(name, std::string::npos);
  bytes[name] = 'P';
  write_file("lying.wasm", bytes);
  EXPECT_EQ(
      verdict("lying.wasm"),
      "pack-metadata: its metadata declares the export `Process`, which the module does not have\n"
      "pack-metadata: the hash of `math` in the metadata of its imports does not match their "
      "types\n"
      "pack-metadata: the hash of the functions outside of interfaces in the metadata of its "
      "exports does not match their types\n");
}

TEST(PackageFile, TextsUseTextsOfTheirFolder) {
  const WorkingFolder folder;
  std::filesystem::create_directories("types/deep");
  write_file("types/main.pact", "use \"deep/point.pact\".{point}; f: func(p: point)");
  write_file("types/deep/point.pact", "record point { x: unit } use \"../unit.pact\".{unit};");
  write_file("types/unit.pact", "type unit = u8");
  const auto types = read_file_types(RealFiles(), "types/main.pact");
  ASSERT_TRUE(types) << describe(types.error());
  EXPECT_EQ(types->exports[0].functions[0].type, "f: func(p: point)");
  write_file("types/unit.pact", "type unit = list");
  const auto wrong = read_file_types(RealFiles(), "types/main.pact");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error()[0].where.file, "types/unit.pact");
  std::filesystem::remove("types/unit.pact");
  EXPECT_EQ(read_file_types(RealFiles(), "types/main.pact").error()[0].code, "read-file");
}

TEST(PackageFile, ATextMayBeIncompleteUnlessMetadataIsRequested) {
  const WorkingFolder folder;
  write_file("a.pact",
             "interface a { imports { math } exports { f: func() } }\n"
             "world w { import math; }");
  const auto types = read_file_types(RealFiles(), "a.pact");
  ASSERT_TRUE(types) << describe(types.error());
  EXPECT_TRUE(types->imports.empty());
  EXPECT_EQ(types->interfaces[0].name, "a");
  EXPECT_EQ(describe(read_file_types(RealFiles(), "a.pact", {.world = "w"}).error()),
            "pack-type: the functions of `math` are not defined\n");
  EXPECT_EQ(describe(read_file_metadata(RealFiles(), "a.pact").error()),
            "pack-type: the functions of `math` are not defined\n");
}

}  // namespace
}  // namespace tenon::pact::package_file_test
