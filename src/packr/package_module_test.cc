#include "packr/package_module.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/wat.h"

namespace tenon::packr::package_module_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using Bytes = std::vector<std::uint8_t>;

Bytes assemble(std::string_view text) {
  Result<Bytes> bytes = engine::wat_to_wasm("test.wat", text);
  EXPECT_TRUE(bytes) << bytes.error().front().message;
  return *std::move(bytes);
}

constexpr std::string_view kGraph = "(param i32 i32 i32 i32) (result i32)";

class PackageModules : public testing::Test {
 protected:
  Result<PackageModule> read(std::string_view items) {
    bytes_ = assemble(fmt::format("(module {})", items));
    return read_package_module(bytes_);
  }
  // Adds the memory that a package needs.
  Result<PackageModule> read_more(std::string_view items) {
    return read(fmt::format("{} (memory (export \"memory\") 1)", items));
  }
  std::vector<std::string> problems(std::string_view items) { return messages(read(items)); }
  std::vector<std::string> more_problems(std::string_view items) {
    return messages(read_more(items));
  }

  Bytes bytes_;

 private:
  static std::vector<std::string> messages(const Result<PackageModule>& read) {
    std::vector<std::string> texts;
    if (read) return texts;
    for (const Diagnostic& problem : read.error()) {
      EXPECT_EQ(problem.code, "pack-module");
      EXPECT_FALSE(problem.message.empty());
      texts.push_back(problem.message);
    }
    return texts;
  }
};

TEST_F(PackageModules, ImportAndExportFunctionsWithFourAddresses) {
  const auto module = read_more(fmt::format(
      R"((import "math" "double" (func {0})) (func $f {0} unreachable)
         (func $g (result i32) unreachable)
         (export "process" (func $f)) (export "a:b/c.f" (func $f))
         (export "other" (func $g))
         (func (export "__pack_types") (param i32 i32) (result i32) unreachable)
         (func (export "__pack_alloc") (param i32) (result i32) unreachable)
         (func (export "__pack_free") (param i32 i32))
         (func (export "__wasm_call_ctors")))",
      kGraph));
  ASSERT_TRUE(module);
  ASSERT_EQ(module->imports.size(), 1U);
  EXPECT_EQ(module->imports[0].module, "math");
  EXPECT_EQ(module->imports[0].field, "double");
  EXPECT_THAT(module->exports, ElementsAre("process", "a:b/c.f"));
  EXPECT_TRUE(module->has_allocator);
  EXPECT_TRUE(module->has_types);
  EXPECT_TRUE(looks_like_package(bytes_));
}

TEST_F(PackageModules, NeedAMemoryThatTheHostCanRead) {
  EXPECT_THAT(problems(""), ElementsAre(HasSubstr("does not export a memory named `memory`")));
  EXPECT_THAT(problems(R"((memory (export "memory") i64 1))"),
              ElementsAre(HasSubstr("64-bit addresses")));
  EXPECT_THAT(problems(R"((memory (export "memory") 1 1 shared))"),
              ElementsAre(HasSubstr("is shared")));
  EXPECT_THAT(problems(R"((import "env" "memory" (memory 1)) (export "memory" (memory 0)))"),
              ElementsAre(HasSubstr("imports `env.memory`, a memory")));
}

TEST_F(PackageModules, FunctionsOfTheRuntimeHaveFixedTypes) {
  for (const std::string_view name : {"__pack_alloc", "__pack_free", "__pack_types"})
    EXPECT_THAT(
        more_problems(
            fmt::format(R"((func (export "{}") (param i64) (result i64) unreachable))", name)),
        ElementsAre(HasSubstr(fmt::format("exports `{}` as a function `(i64) -> (i64)`", name))));
  EXPECT_THAT(
      more_problems(R"((global (export "__pack_types") i32 (i32.const 0)))"),
      ElementsAre(HasSubstr("`__pack_types` as a global, where packages have a function `(i32, "
                            "i32) -> (i32)`")));
  EXPECT_THAT(more_problems(R"((func (export "__wasm_call_ctors") (param i32)))"),
              ElementsAre(HasSubstr("`__wasm_call_ctors`")));
}

TEST_F(PackageModules, CanImportTheBufferFunctions) {
  EXPECT_THAT(more_problems(R"(
      (import "tenon:buffer" "new" (func (param i32 i32) (result i32)))
      (import "tenon:buffer" "len" (func (param i32) (result i32)))
      (import "tenon:buffer" "read" (func (param i32 i32 i32 i32) (result i32)))
      (import "tenon:buffer" "drop" (func (param i32))))"),
              IsEmpty());
  EXPECT_THAT(more_problems(R"((import "tenon:buffer" "size" (func (param i32) (result i32)))
                               (import "tenon:buffer" "drop" (func (param i64))))"),
              ElementsAre(HasSubstr("`tenon:buffer.size`"), HasSubstr("`tenon:buffer.drop`")));
  const auto module = read_more(R"((import "tenon:buffer" "drop" (func (param i32))))");
  ASSERT_TRUE(module);
  EXPECT_THAT(module->imports, IsEmpty());
}

TEST_F(PackageModules, AllProblemsAreReported) {
  EXPECT_THAT(problems(R"((import "host" "log" (func (param i32 i32)))
                          (import "pack:alloc" "alloc" (func (param i32 i32) (result i32)))
                          (func (export "__pack_free") (param i32)))"),
              ElementsAre(HasSubstr("`host.log`, a function `(i32, i32) -> ()`"),
                          HasSubstr("`pack:alloc.alloc`"), HasSubstr("does not export a memory"),
                          HasSubstr("`__pack_free`")));
  EXPECT_THAT(more_problems(R"((import "a" "f" (func (param i64) (result f32 f64)))
                               (import "a" "t" (table 1 funcref))
                               (import "a" "g" (global i32)))"),
              ElementsAre(HasSubstr("`a.f`, a function `(i64) -> (f32, f64)`"),
                          HasSubstr("`a.t`, a table"), HasSubstr("`a.g`, a global")));
}

TEST_F(PackageModules, OtherFilesAreNotPackages) {
  EXPECT_FALSE(looks_like_package(assemble("(module (memory (export \"memory\") 1))")));
  EXPECT_FALSE(looks_like_package(assemble("(component)")));
  EXPECT_FALSE(looks_like_package({}));
  EXPECT_FALSE(read_package_module({}));
  EXPECT_FALSE(read_package_module(assemble("(component)")));
  EXPECT_THAT(problems("(table (export \"memory\") 1 funcref)"),
              ElementsAre(HasSubstr("a memory named `memory`")));
}

TEST_F(PackageModules, DamagedModulesAreRefusedOrRead) {
  std::ifstream file(TENON_SOURCE_DIR "/tests/guests/packr/wasm/c/asks.wasm", std::ios::binary);
  const Bytes good(std::istreambuf_iterator<char>(file), {});
  ASSERT_FALSE(good.empty());
  std::size_t refused = 0;
  for (std::size_t at = 0; at < good.size(); ++at) {
    Bytes damaged = good;
    damaged[at] ^= static_cast<std::uint8_t>(1U << (at % 8));
    (void)read_package_module(damaged);
    (void)looks_like_package(damaged);
    if (!read_package_module(std::span(good).first(at))) ++refused;
  }
  // A file that is cut between two sections is still a module.
  EXPECT_GT(refused, good.size() / 2);
}

}  // namespace
}  // namespace tenon::packr::package_module_test
