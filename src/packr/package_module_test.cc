#include "packr/package_module.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "engine/wat.h"
#include "packr/call_metadata.h"
#include "packr/find_metadata.h"
#include "packr/metadata.h"

namespace tenon::packr::package_module_test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

using Bytes = std::vector<std::uint8_t>;

const fs::path kGuests = TENON_SOURCE_DIR "/tests/guests/packr/wasm";

Bytes read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

Bytes assemble(std::string_view text) {
  Result<Bytes> bytes = engine::wat_to_wasm("test.wat", text);
  EXPECT_TRUE(bytes) << bytes.error().front().message;
  return *std::move(bytes);
}

std::string problems_of(std::string_view text) {
  const Result<PackageModule> read = read_package_module(assemble(text));
  if (read) return "none";
  std::string all;
  for (const Diagnostic& problem : read.error())
    all += fmt::format("{}: {}\n", problem.code, problem.message);
  return all;
}

TEST(PackageModules, ImportsAndExportsAreThoseWithFourAddresses) {
  const Bytes bytes = assemble(R"((module
    (type $graph (func (param i32 i32 i32 i32) (result i32)))
    (import "math" "double" (func (type $graph)))
    (import "tenon:buffer" "len" (func (param i32) (result i32)))
    (memory (export "memory") 1)
    (func (export "__pack_alloc") (param i32) (result i32) (i32.const 0))
    (func (export "__pack_types") (param i32 i32) (result i32) (i32.const 0))
    (func (export "live") (result i32) (i32.const 0))
    (func (export "process") (type $graph) (i32.const 0))
    (func (export "a:b/c.f") (type $graph) (i32.const 0))))");
  const Result<PackageModule> read = read_package_module(bytes);
  ASSERT_TRUE(read);
  ASSERT_EQ(read->imports.size(), 1u);
  EXPECT_EQ(read->imports[0].module, "math");
  EXPECT_EQ(read->imports[0].field, "double");
  EXPECT_THAT(read->exports, ElementsAre("process", "a:b/c.f"));
  EXPECT_TRUE(read->has_allocator);
  EXPECT_TRUE(read->has_types);
  EXPECT_TRUE(looks_like_package(bytes));
}

TEST(PackageModules, WhatIsNoPackageIsToldWithEachReason) {
  EXPECT_THAT(problems_of("(module)"), HasSubstr("a memory named `memory`"));
  EXPECT_THAT(problems_of("(module (table (export \"memory\") 1 funcref))"),
              HasSubstr("a memory named `memory`"));
  EXPECT_THAT(
      problems_of(R"((module
    (import "a" "f" (func (param i64) (result f32 f64)))
    (import "a" "t" (table 1 funcref))
    (import "a" "g" (global i32))
    (import "env" "memory" (memory $memory 1))
    (export "memory" (memory $memory))))"),
      AllOf(HasSubstr("`a.f`, a function `(i64) -> (f32, f64)`"), HasSubstr("`a.t`, a table"),
            HasSubstr("`a.g`, a global"), HasSubstr("`env.memory`, a memory")));
  EXPECT_FALSE(looks_like_package(assemble("(module (memory (export \"memory\") 1))")));
  EXPECT_FALSE(looks_like_package(assemble("(component)")));
  EXPECT_FALSE(looks_like_package({}));
  EXPECT_FALSE(read_package_module({}));
  EXPECT_FALSE(read_package_module(assemble("(component)")));
}

// A memory with addresses of 64 bits has none of 32.
TEST(PackageModules, AMemoryOf64BitsIsRefused) {
  EXPECT_THAT(problems_of("(module (memory (export \"memory\") i64 1))"),
              HasSubstr("its memory has 64-bit addresses"));
}

TEST(PackageModules, MetadataFromTheBytesIsThatOfACall) {
  std::size_t found = 0;
  const auto compare = [&](const fs::path& path) {
    const Bytes bytes = read_file(path);
    const auto told = find_metadata(bytes);
    if (!told) return;
    ++found;
    const auto called = call_metadata(bytes);
    ASSERT_TRUE(called) << path;
    EXPECT_EQ(*told, *called) << path;
  };
  for (const auto& entry : fs::directory_iterator(kGuests / "c")) compare(entry.path());
  EXPECT_GE(found, 15u);
  const std::size_t of_c = found;
  for (const std::string_view set : {"0.5.4", "0.21.0", "0.24.1"})
    compare(kGuests / set / "adder.wasm");
  EXPECT_EQ(found, of_c + 3);
}

TEST(PackageModules, DamagedModulesAreRefusedOrRead) {
  const Bytes good = read_file(kGuests / "c" / "asks.wasm");
  ASSERT_FALSE(good.empty());
  std::size_t refused = 0;
  for (std::size_t at = 0; at < good.size(); ++at) {
    Bytes damaged = good;
    damaged[at] ^= static_cast<std::uint8_t>(1U << (at % 8));
    (void)read_package_module(damaged);
    (void)looks_like_package(damaged);
    (void)find_metadata(damaged);
    if (!read_package_module(std::span(good).first(at))) ++refused;
    (void)find_metadata(std::span(good).first(at));
  }
  // A cut between two sections leaves a module.
  EXPECT_GT(refused, good.size() / 2);
}

// --- Metadata ---

struct MetadataRead {
  types::Types types;
  Result<Metadata> metadata;

  explicit MetadataRead(std::span<const std::uint8_t> bytes)
      : metadata(read_metadata(bytes, types)) {}
};

Bytes metadata_of(std::string_view set, std::string_view name) {
  auto found = find_metadata(read_file(kGuests / set / fmt::format("{}.wasm", name)));
  EXPECT_TRUE(found) << name;
  return found ? *std::move(found) : Bytes();
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

TEST(PackageMetadata, WhereATypeContainsItselfItSaysOfWhich) {
  const MetadataRead read(metadata_of("c", "tree"));
  ASSERT_TRUE(read.metadata);
  std::vector<std::string> within;
  for (const types::Type& type : read.types.types)
    if (const auto* dynamic = std::get_if<types::Dynamic>(&type.kind))
      within.push_back(dynamic->within);
  EXPECT_FALSE(within.empty());
  EXPECT_THAT(within, testing::Each("tree"));
}

TEST(PackageMetadata, DamagedMetadataIsAnErrorOrRead) {
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
  // More may follow.
  Bytes more = good;
  more.resize(good.size() + 100, 0xaa);
  EXPECT_TRUE(MetadataRead(more).metadata);
}

}  // namespace
}  // namespace tenon::packr::package_module_test
