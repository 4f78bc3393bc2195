// What makes a core module a package, and what is said of one that is none.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "engine/wat.h"
#include "packr/package_module.h"

namespace tenon::packr::package_shape_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kGraph = "(param i32 i32 i32 i32) (result i32)";

class PackageShape : public testing::Test {
 protected:
  Result<PackageModule> read(std::string_view items) {
    const auto bytes = engine::wat_to_wasm("test.wat", fmt::format("(module {})", items));
    EXPECT_TRUE(bytes) << items;
    if (!bytes) return bytes.error();
    bytes_ = *bytes;
    return read_package_module(bytes_);
  }
  // With the memory that a package needs.
  Result<PackageModule> read_more(std::string_view items) {
    return read(fmt::format("{} (memory (export \"memory\") 1)", items));
  }
  std::vector<std::string> problems(std::string_view items) { return messages(read(items)); }
  std::vector<std::string> more_problems(std::string_view items) {
    return messages(read_more(items));
  }

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

  std::vector<std::uint8_t> bytes_;
};

TEST_F(PackageShape, HasFunctionsWithFourAddresses) {
  const auto module = read_more(fmt::format(
      R"((import "math" "double" (func {0})) (func $f {0} unreachable)
         (func $g (result i32) unreachable)
         (export "process" (func $f)) (export "other" (func $g))
         (func (export "__pack_types") (param i32 i32) (result i32) unreachable)
         (func (export "__pack_alloc") (param i32) (result i32) unreachable)
         (func (export "__pack_free") (param i32 i32))
         (func (export "__wasm_call_ctors")))",
      kGraph));
  ASSERT_TRUE(module);
  ASSERT_EQ(module->imports.size(), 1U);
  EXPECT_EQ(module->imports[0].module, "math");
  EXPECT_EQ(module->imports[0].field, "double");
  EXPECT_THAT(module->exports, ElementsAre("process"));
  EXPECT_TRUE(module->has_allocator);
  EXPECT_TRUE(module->has_types);
}

TEST_F(PackageShape, HasAMemoryOfItsOwnThatTheHostCanRead) {
  EXPECT_THAT(problems(""), ElementsAre(HasSubstr("does not export a memory named `memory`")));
  EXPECT_THAT(problems(R"((memory (export "memory") i64 1))"),
              ElementsAre(HasSubstr("64-bit addresses")));
  EXPECT_THAT(problems(R"((memory (export "memory") 1 1 shared))"),
              ElementsAre(HasSubstr("is shared")));
  EXPECT_THAT(problems(R"((import "env" "memory" (memory 1)) (export "memory" (memory 0)))"),
              ElementsAre(HasSubstr("imports `env.memory`, a memory")));
}

TEST_F(PackageShape, ItsOwnFunctionsHaveTheirTypes) {
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

TEST_F(PackageShape, TheHostsBufferFunctionsAreKnown) {
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

TEST_F(PackageShape, AllProblemsAreSaidAtOnce) {
  EXPECT_THAT(problems(R"((import "host" "log" (func (param i32 i32)))
                          (import "pack:alloc" "alloc" (func (param i32 i32) (result i32)))
                          (func (export "__pack_free") (param i32)))"),
              ElementsAre(HasSubstr("`host.log`, a function `(i32, i32) -> ()`"),
                          HasSubstr("`pack:alloc.alloc`"), HasSubstr("does not export a memory"),
                          HasSubstr("`__pack_free`")));
}

}  // namespace
}  // namespace tenon::packr::package_shape_test
