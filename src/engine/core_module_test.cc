#include "engine/core_module.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <iterator>

#include "engine/code.h"
#include "engine/core_instance.h"
#include "engine/sha256.h"
#include "engine/test_components.h"
#include "tests/support/temporary_folder.h"

namespace tenon::engine::core_module_test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;
using enum CoreValueType;

class CoreModules : public testing::Test {
 protected:
  CompiledModule compile(std::string_view text) {
    Result<CompiledModule> code = CompiledModule::compile(engine, assemble(text));
    if (!code) ADD_FAILURE() << code.error().front().message;
    return *std::move(code);
  }

  Diagnostic refusal(std::span<const std::uint8_t> bytes) {
    const Result<CompiledModule> code = CompiledModule::compile(engine, bytes);
    if (code) ADD_FAILURE() << "it was compiled";
    return code ? Diagnostic{} : code.error().front();
  }

  Engine engine = *Engine::open(kSync);
};

TEST_F(CoreModules, ImportsAreListedInOrderWithTypes) {
  const CompiledModule code = compile(R"((module
    (import "math" "double" (func (param i32 i64) (result f32 f64)))
    (import "env" "memory" (memory 1 2))
    (import "env" "table" (table 1 funcref))
    (import "env" "base" (global (mut i32)))
    (import "math" "double" (func))))");
  const std::vector<CoreImportType> expected = {
      {"math", "double", CoreFunctionType{{I32, I64}, {F32, F64}}},
      {"env", "memory", CoreMemoryType{.min_bytes = 65536, .max_bytes = 131072}},
      {"env", "table", CoreTableType{}},
      {"env", "base", CoreGlobalType{I32, Mutability::Variable}},
      {"math", "double", CoreFunctionType{}},
  };
  EXPECT_EQ(code.imports(), expected);
}

TEST_F(CoreModules, ExportsAreFoundByName) {
  const CompiledModule code = compile(R"((module
    (func (export "f") (param i32) (result i64) (i64.const 0))
    (memory (export "memory") 3)
    (global (export "") f64 (f64.const 1))
    (table (export "t") 0 externref)))");
  EXPECT_EQ(code.exports().size(), 4u);
  EXPECT_EQ(code.exports()[0].name, "f");
  ASSERT_NE(code.find_export("f"), nullptr);
  EXPECT_EQ(*code.find_export("f"), CoreExternType(CoreFunctionType{{I32}, {I64}}));
  EXPECT_EQ(*code.find_export("memory"), CoreExternType(CoreMemoryType{.min_bytes = 3 * 65536}));
  EXPECT_EQ(*code.find_export(""), CoreExternType(CoreGlobalType{F64, Mutability::Constant}));
  EXPECT_EQ(*code.find_export("t"), CoreExternType(CoreTableType{}));
  EXPECT_EQ(code.find_export("g"), nullptr);
}

TEST_F(CoreModules, TypesStayWhenTheModuleMoves) {
  CompiledModule code = compile(R"((module (func (export "f"))))");
  const CompiledModule moved = std::move(code);
  EXPECT_NE(moved.find_export("f"), nullptr);
}

// The engine's C API aborts the process when it is asked for details of these types.
TEST_F(CoreModules, TypesThatTheHostCannotUseAreRead) {
  const CompiledModule code = compile(R"((module
    (type $struct (struct (field i32)))
    (type $sig (func (param i32)))
    (func (export "vector") (param v128) (result v128) (local.get 0))
    (func (export "typed") (param (ref null $struct)) (result (ref $sig)) unreachable)
    (func (export "host") (param externref funcref i31ref exnref))
    (table (export "wide") i64 0x100000000 funcref)
    (table (export "typed-table") 0 (ref null $sig))
    (global (export "g") (ref null $struct) (ref.null $struct))
    (tag (export "tag") (param i32))
    (memory (export "wide-memory") i64 1 0x1000000000000)
    (memory (export "second") 1)))");
  EXPECT_EQ(*code.find_export("vector"), CoreExternType(CoreFunctionType{{Other}, {Other}}));
  EXPECT_EQ(*code.find_export("typed"), CoreExternType(CoreFunctionType{{Other}, {Other}}));
  EXPECT_FALSE(is_callable(std::get<CoreFunctionType>(*code.find_export("host"))));
  EXPECT_EQ(*code.find_export("wide"), CoreExternType(CoreTableType{}));
  EXPECT_EQ(*code.find_export("g"), CoreExternType(CoreGlobalType{Other, Mutability::Constant}));
  EXPECT_EQ(*code.find_export("tag"), CoreExternType(CoreTagType{}));
  const auto memory = std::get<CoreMemoryType>(*code.find_export("wide-memory"));
  EXPECT_EQ(memory.addresses, AddressWidth::Bits64);
  EXPECT_EQ(memory.max_bytes, ~std::uint64_t{0});
}

TEST_F(CoreModules, TypesAreDescribed) {
  EXPECT_EQ(describe(CoreFunctionType{{I32, F64}, {I64}}), "(i32, f64) -> (i64)");
  EXPECT_EQ(describe(CoreExternType(CoreFunctionType{{Other}, {}})),
            "a function (a vector or reference) -> ()");
  EXPECT_EQ(describe(CoreExternType(CoreMemoryType{.addresses = AddressWidth::Bits64})),
            "a memory with 64-bit addresses");
  EXPECT_EQ(describe(CoreExternType(CoreMemoryType{.sharing = MemorySharing::Shared})),
            "a shared memory");
  EXPECT_EQ(describe(CoreExternType(CoreGlobalType{F32, Mutability::Variable})),
            "a mutable global of f32");
}

TEST_F(CoreModules, InvalidBytesAreReadInvalidWithAnOffset) {
  Bytes bytes = assemble("(module (func (result i32) (i32.const 7)))");
  bytes[bytes.size() - 3] = 0x44;  // f64.const
  const Diagnostic refused = refusal(bytes);
  EXPECT_EQ(refused.code, "read-invalid");
  ASSERT_TRUE(refused.where.offset);
  EXPECT_GE(*refused.where.offset, bytes.size() - 3);
  EXPECT_LE(*refused.where.offset, bytes.size());
}

TEST_F(CoreModules, TruncatedBytesAreRefusedAtAnyLength) {
  const Bytes bytes = assemble(R"((module (memory (export "memory") 1)
    (func (export "f") (result i32) (i32.const 7))))");
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    // A module that is cut between two sections, or after the preamble, is still a module.
    const auto cut = std::span(bytes).first(size);
    const Result<CompiledModule> code = CompiledModule::compile(engine, cut);
    EXPECT_EQ(code.has_value(), validate_module(cut).has_value()) << size;
    if (code) continue;
    EXPECT_EQ(code.error().front().code, "read-invalid") << size;
    EXPECT_LE(code.error().front().where.offset.value_or(0), size) << size;
  }
}

TEST_F(CoreModules, DamagedBytesAreRefusedOrFormAnotherModule) {
  const Bytes bytes = assemble(R"((module
    (type $s (struct (field i32))) (import "m" "f" (func (param i32) (result i64)))
    (memory (export "memory") 1 2) (table (export "t") 1 2 funcref) (tag (export "tag"))
    (global (export "g") (mut i32) (i32.const 1))
    (func (export "v") (param v128 (ref null $s)))))");
  int refused = 0;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (const unsigned flip : {0x01U, 0x04U, 0x20U, 0x80U, 0xffU}) {
      Bytes damaged = bytes;
      damaged[at] = static_cast<std::uint8_t>(damaged[at] ^ flip);
      const Result<CompiledModule> code = CompiledModule::compile(engine, damaged);
      if (code) continue;
      ++refused;
      // The validator accepts proposals that the engine does not support.
      EXPECT_EQ(code.error().front().code,
                validate_module(damaged) ? "run-engine" : "read-invalid");
      EXPECT_LE(code.error().front().where.offset.value_or(0), bytes.size());
    }
  }
  EXPECT_GT(refused, 100);
}

TEST_F(CoreModules, ComponentIsRefused) {
  const Diagnostic refused = refusal(command("i32.const 0"));
  EXPECT_EQ(refused.code, "read-invalid");
  EXPECT_THAT(refused.message, HasSubstr("expected a core module, found a component"));
  EXPECT_EQ(refused.where.offset, 4u);
}

TEST_F(CoreModules, ValidModulesPass) {
  EXPECT_TRUE(validate_module(assemble("(module)")));
  EXPECT_TRUE(validate_module(assemble(R"((module (memory i64 1) (memory 1) (tag)
    (func (param v128) (return_call 0 (local.get 0)))))")));
  const Bytes large =
      assemble("(module (memory 1) (data (i32.const 0) \"" + std::string(50'000, 'x') + "\"))");
  EXPECT_TRUE(validate_module(large));
}

class ModuleCache : public CoreModules {
 protected:
  Cached<CompiledModule> load() {
    Result<Cached<CompiledModule>> code =
        load_or_compile<CompiledModule>(CodeCache(folder), engine, module);
    EXPECT_TRUE(code);
    Result<Store> store = Store::open_bare(engine);
    const auto instance = CoreInstance::instantiate(*store, code->code);
    EXPECT_TRUE(instance);
    const auto seven = instance->find_function(*store, "seven", {.results = {I32}});
    EXPECT_TRUE(seven);
    std::array values = {FlatValue()};
    EXPECT_TRUE(seven->call(*store, values));
    EXPECT_EQ(values[0].u32(), 7u);
    return *std::move(code);
  }

  [[nodiscard]] std::ptrdiff_t count_files() const {
    return std::distance(fs::directory_iterator(folder), {});
  }

  TemporaryFolder temporary;
  fs::path folder = temporary.path() / "cache";
  Bytes module = assemble(R"((module (func (export "seven") (result i32) (i32.const 7))))");
};

TEST_F(ModuleCache, SecondLoadDoesNotCompile) {
  EXPECT_EQ(load().origin, CodeOrigin::Compiled);
  EXPECT_EQ(count_files(), 1);
  const Cached<CompiledModule> again = load();
  EXPECT_EQ(again.origin, CodeOrigin::Cached);
  EXPECT_THAT(again.warnings, IsEmpty());
  EXPECT_NE(again.code.find_export("seven"), nullptr);
  EXPECT_EQ(count_files(), 1);
}

TEST_F(ModuleCache, ConfigurationsAndContentsHaveTheirOwnFiles) {
  load();
  ASSERT_TRUE(load_or_compile<CompiledModule>(CodeCache(folder), *Engine::open(kMetered), module));
  EXPECT_EQ(count_files(), 2);
  module = assemble(R"((module (func (export "seven") (result i32) (i32.const 7)) (func)))");
  EXPECT_EQ(load().origin, CodeOrigin::Compiled);
  EXPECT_EQ(count_files(), 3);
}

TEST_F(ModuleCache, CodeOfAModuleIsNotAComponent) {
  load();
  Diagnostics warnings;
  EXPECT_FALSE(CodeCache(folder).find<CompiledComponent>(
      engine, code_key(engine, sha256_hex(module)), warnings));
}

TEST_F(ModuleCache, DamagedFileIsCompiledAgain) {
  load();
  const fs::path file = folder / code_file_name(code_key(engine, sha256_hex(module)));
  fs::resize_file(file, fs::file_size(file) / 2);
  const Cached<CompiledModule> code = load();
  EXPECT_EQ(code.origin, CodeOrigin::Compiled);
  ASSERT_EQ(code.warnings.size(), 1u);
  EXPECT_EQ(code.warnings[0].code, "run-cache");
  EXPECT_EQ(load().origin, CodeOrigin::Cached);
}

TEST_F(ModuleCache, InvalidBytesFailAsWithoutACache) {
  module.resize(module.size() - 1);
  const Result<Cached<CompiledModule>> code =
      load_or_compile<CompiledModule>(CodeCache(folder), engine, module);
  ASSERT_FALSE(code);
  EXPECT_EQ(code.error().front().code, "read-invalid");
}

}  // namespace
}  // namespace tenon::engine::core_module_test
