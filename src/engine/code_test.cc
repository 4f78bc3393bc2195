#include "engine/code.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "engine/test_components.h"
#include "tests/support/temporary_folder.h"

namespace tenon::engine::code_test {
namespace {

Result<CompiledComponent> load(const Engine& engine, const Bytes& image) {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder.path() / "image";
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(image.data()),
             static_cast<std::streamsize>(image.size()));
  return CompiledComponent::deserialize_trusted_file(engine, path);
}

TEST(CompiledComponent, IsTheSameAfterARoundTrip) {
  const Result<Engine> engine = Engine::open(kSync);
  const Result<CompiledComponent> code =
      CompiledComponent::compile(*engine, command("i32.const 1"));
  ASSERT_TRUE(code);
  const Result<Bytes> image = code->serialize();
  ASSERT_TRUE(image);
  const Result<CompiledComponent> loaded = load(*engine, *image);
  ASSERT_TRUE(loaded);
  Result<Store> store = Store::open(*engine, {});
  const Result<Instance, Failure> instance = Linker::make(*engine).instantiate(*store, *loaded);
  ASSERT_TRUE(instance);
  EXPECT_EQ(instance->run_command(*store, "wasi:cli/run@0.2.3")->exit_code, 1);
}

TEST(CompiledComponent, IsOfOneConfiguration) {
  const Result<Engine> engine = Engine::open(kSync);
  const Result<Engine> other = Engine::open(kAsync);
  const Bytes image = *CompiledComponent::compile(*engine, command("i32.const 1"))->serialize();
  const Result<CompiledComponent> loaded = load(*other, image);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().front().code, "run-engine");
}

TEST(CompiledComponent, RefusesAnImageThatIsNone) {
  const Result<Engine> engine = Engine::open(kSync);
  const Bytes bytes(100, 7);
  EXPECT_FALSE(load(*engine, bytes));
  EXPECT_FALSE(load(*engine, {}));
  EXPECT_FALSE(CompiledComponent::deserialize_trusted_file(*engine, "/nowhere/at/all"));
}

TEST(CompiledComponent, InvalidBytesAreTheInputsFault) {
  const Result<Engine> engine = Engine::open(kSync);
  Bytes bytes = command("i32.const 1");
  bytes.resize(bytes.size() - 3);
  const Result<CompiledComponent> code = CompiledComponent::compile(*engine, bytes);
  ASSERT_FALSE(code);
  EXPECT_EQ(code.error().front().code, "read-invalid");
  EXPECT_TRUE(code.error().front().where.offset.has_value());
}

TEST(CompiledComponent, WhatThisEngineLacksIsTheEnginesFault) {
  const Result<Engine> engine = Engine::open(kSync);
  const Result<CompiledComponent> code =
      CompiledComponent::compile(*engine, assemble("(component (type (stream u8)))"));
  ASSERT_FALSE(code);
  EXPECT_EQ(code.error().front().code, "run-engine");
}

}  // namespace
}  // namespace tenon::engine::code_test
