#include "engine/code_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "engine/sha256.h"
#include "engine/test_components.h"
#include "tests/support/temporary_folder.h"

namespace tenon::engine::code_cache_test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;

using CachedCode = Cached<CompiledComponent>;

class CodeCacheTest : public testing::Test {
 protected:
  // Loads or compiles one component, and runs it.
  CachedCode load() {
    Result<CachedCode> code =
        load_or_compile<CompiledComponent>(CodeCache(folder), engine, component);
    EXPECT_TRUE(code);
    Result<Store> store = Store::open(engine, {});
    const Result<Instance, Failure> instance = Linker::make(engine).instantiate(*store, code->code);
    EXPECT_TRUE(instance);
    EXPECT_EQ(instance->run_command(*store, "wasi:cli/run@0.2.3")->exit_code, 1);
    return *std::move(code);
  }

  // The next load compiles and warns with `why`; the one after it finds the new code.
  void expect_refused(std::string_view why) {
    const CachedCode refused = load();
    EXPECT_EQ(refused.origin, CodeOrigin::Compiled);
    ASSERT_EQ(refused.warnings.size(), 1u);
    EXPECT_EQ(refused.warnings[0].code, "run-cache");
    EXPECT_EQ(refused.warnings[0].severity, Severity::Warning);
    EXPECT_THAT(refused.warnings[0].message, HasSubstr(why));
    const CachedCode repaired = load();
    EXPECT_EQ(repaired.origin, CodeOrigin::Cached);
    EXPECT_THAT(repaired.warnings, IsEmpty());
  }

  [[nodiscard]] fs::path file() const { return file_of(component); }
  [[nodiscard]] fs::path file_of(const Bytes& wasm) const {
    return folder / code_file_name(code_key(engine, sha256_hex(wasm)));
  }

  TemporaryFolder temporary;
  fs::path folder = temporary.path() / "deep" / "cache";
  Engine engine = *Engine::open(kSync);
  Bytes component = command("i32.const 1");
};

TEST_F(CodeCacheTest, FindsCodeThatItStored) {
  EXPECT_EQ(load().origin, CodeOrigin::Compiled);
  const CachedCode again = load();
  EXPECT_EQ(again.origin, CodeOrigin::Cached);
  EXPECT_THAT(again.warnings, IsEmpty());
}

TEST_F(CodeCacheTest, IsReadableByItsOwnerOnly) {
  load();
  struct stat status = {};
  ASSERT_EQ(::stat(folder.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0700u);
  ASSERT_EQ(::stat(file().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600u);
  // No temporary file is left.
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), {}), 1);
}

TEST_F(CodeCacheTest, KeysDependOnContentAndConfiguration) {
  const Engine twin = *Engine::open(kSync);
  const Engine other = *Engine::open(kMetered);
  const std::string key = code_key(engine, "a digest");
  EXPECT_EQ(key, code_key(twin, "a digest"));
  EXPECT_NE(key, code_key(other, "a digest"));
  EXPECT_NE(key, code_key(engine, "another"));
  EXPECT_EQ(key.size(), 64u);
}

TEST_F(CodeCacheTest, AnEmptyPathDisablesTheCache) {
  folder.clear();
  for (int i = 0; i < 2; ++i) {
    const CachedCode code = load();
    EXPECT_EQ(code.origin, CodeOrigin::Compiled);
    EXPECT_THAT(code.warnings, IsEmpty());
  }
}

TEST_F(CodeCacheTest, RefusesAFolderThatOthersCanEnter) {
  fs::create_directories(folder);
  fs::permissions(folder, fs::perms(0755));
  const CachedCode code = load();
  EXPECT_EQ(code.origin, CodeOrigin::Compiled);
  ASSERT_EQ(code.warnings.size(), 1u);
  EXPECT_THAT(code.warnings[0].message, HasSubstr("its mode is 0755, not 0700"));
  EXPECT_TRUE(fs::is_empty(folder));
}

TEST_F(CodeCacheTest, RefusesAFolderThatIsALink) {
  const fs::path real = temporary.path() / "real";
  fs::create_directory(real);
  fs::permissions(real, fs::perms(0700));
  fs::create_directories(folder.parent_path());
  fs::create_directory_symlink(real, folder);
  EXPECT_EQ(load().warnings.size(), 1u);
  EXPECT_TRUE(fs::is_empty(real));
}

TEST_F(CodeCacheTest, RefusesAFolderThatIsAFile) {
  folder = temporary.path() / "file";
  write_text(folder, "");
  EXPECT_EQ(load().warnings.size(), 1u);
}

TEST_F(CodeCacheTest, RefusesAFileOfAnotherMode) {
  load();
  fs::permissions(file(), fs::perms(0622));
  expect_refused("its mode is 0622, not 0600");
}

TEST_F(CodeCacheTest, RefusesAFileOfAnotherUser) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  load();
  ASSERT_EQ(::chown(file().c_str(), 65534, 65534), 0);
  expect_refused("it belongs to user 65534");
}

TEST_F(CodeCacheTest, RefusesAFileThatIsALink) {
  load();
  const fs::path elsewhere = temporary.path() / "elsewhere";
  fs::rename(file(), elsewhere);
  fs::create_symlink(elsewhere, file());
  expect_refused("it cannot be opened");
  EXPECT_FALSE(fs::is_symlink(file()));
}

TEST_F(CodeCacheTest, RefusesANamedPipe) {
  load();
  fs::remove(file());
  ASSERT_EQ(::mkfifo(file().c_str(), 0600), 0);
  expect_refused("not a regular file");
}

TEST_F(CodeCacheTest, RefusesATruncatedFileOfAnyLength) {
  load();
  const std::uintmax_t whole = fs::file_size(file());
  for (const std::uintmax_t size :
       {std::uintmax_t{0}, std::uintmax_t{1}, whole / 2, whole - 100, whole - 1}) {
    fs::resize_file(file(), size);
    const CachedCode code = load();
    EXPECT_EQ(code.origin, CodeOrigin::Compiled) << size;
    EXPECT_EQ(code.warnings.size(), 1u) << size;
  }
}

TEST_F(CodeCacheTest, RefusesAFileThatGrew) {
  load();
  std::ofstream(file(), std::ios::app) << "more";
  expect_refused("its content is damaged");
}

TEST_F(CodeCacheTest, FindsCodeByItsKey) {
  load();
  Diagnostics warnings;
  const std::string key = code_key(engine, sha256_hex(component));
  const auto is_found = [&](const Engine& for_engine, const std::string& by) {
    return CodeCache(folder).find<CompiledComponent>(for_engine, by, warnings).has_value();
  };
  EXPECT_TRUE(is_found(engine, key));
  EXPECT_FALSE(is_found(engine, std::string(64, '0')));
  EXPECT_THAT(warnings, IsEmpty());
  EXPECT_FALSE(is_found(*Engine::open(kMetered), key));
  EXPECT_EQ(warnings.size(), 1u);
  fs::permissions(file(), fs::perms(0644));
  EXPECT_FALSE(is_found(engine, key));
  EXPECT_EQ(warnings.size(), 2u);
}

TEST_F(CodeCacheTest, RefusesTheCodeOfAnotherComponent) {
  load();
  const Bytes other = command("i32.const 0");
  ASSERT_TRUE(load_or_compile<CompiledComponent>(CodeCache(folder), engine, other));
  fs::rename(file_of(other), file());
  expect_refused("its content is damaged");
}

TEST_F(CodeCacheTest, InvalidBytesFailAsWithoutACache) {
  component.resize(component.size() - 3);
  const Result<CachedCode> code =
      load_or_compile<CompiledComponent>(CodeCache(folder), engine, component);
  ASSERT_FALSE(code);
  EXPECT_EQ(code.error().front().code, "read-invalid");
}

}  // namespace
}  // namespace tenon::engine::code_cache_test
