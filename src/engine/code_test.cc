#include "engine/code.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "engine/test_components.h"
#include "tests/support/temporary_folder.h"

namespace tenon::engine::code_test {
namespace {

using testing::HasSubstr;

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
  const Result<CompiledComponent> mapped = load(*engine, *image);
  const Result<CompiledComponent> copied = CompiledComponent::deserialize_trusted(*engine, *image);
  for (const Result<CompiledComponent>* loaded : {&mapped, &copied}) {
    ASSERT_TRUE(*loaded);
    Result<Store> store = Store::open(*engine, {});
    const Result<Instance, Failure> instance = Linker::make(*engine).instantiate(*store, **loaded);
    ASSERT_TRUE(instance);
    EXPECT_EQ(instance->run_command(*store, "wasi:cli/run@0.2.3")->exit_code, 1);
  }
}

TEST(CompiledComponent, IsBoundToOneConfiguration) {
  const Result<Engine> engine = Engine::open(kSync);
  const Result<Engine> other = Engine::open(kAsync);
  const Bytes image = *CompiledComponent::compile(*engine, command("i32.const 1"))->serialize();
  const Result<CompiledComponent> loaded = load(*other, image);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().front().code, "run-engine");
}

TEST(CompiledComponent, RefusesBytesThatAreNotCode) {
  const Result<Engine> engine = Engine::open(kSync);
  const Bytes bytes(100, 7);
  EXPECT_FALSE(load(*engine, bytes));
  EXPECT_FALSE(load(*engine, {}));
  EXPECT_FALSE(CompiledComponent::deserialize_trusted(*engine, bytes));
  EXPECT_FALSE(CompiledComponent::deserialize_trusted(*engine, {}));
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

TEST(CompiledComponent, DisabledFeaturesAreTheEnginesFault) {
  const Result<Engine> engine = Engine::open(kSync);
  const Result<CompiledComponent> code =
      CompiledComponent::compile(*engine, assemble("(component (type (stream u8)))"));
  ASSERT_FALSE(code);
  EXPECT_EQ(code.error().front().code, "run-engine");
}

Diagnostic refused(std::span<const std::uint8_t> bytes) {
  const Result<void> result = validate_component(bytes);
  if (result) {
    ADD_FAILURE() << "it is valid";
    return {};
  }
  return result.error().front();
}

TEST(Validate, AcceptsAComponent) {
  EXPECT_TRUE(validate_component(assemble("(component)")));
  EXPECT_TRUE(validate_component(guest("hello")));
}

// Features that are off by default in the engine, or need concurrency. All of them compile, too.
TEST(Validate, AcceptsTheWholeGrammar) {
  for (const char* text : {
           R"((component (type (func async (param "a" (stream u8)) (result (future string))))))",
           R"((component (type (func (result error-context)))))",
           R"((component (type (list u8 4))))",
           R"((component (type (map string u32))))",
           R"((component (core func (canon error-context.drop))))",
           R"((component (core func (canon thread.yield))))",
           R"((component (import "one" (implements "acme:tax/lib@1.0.0") (instance))))",
       }) {
    const Bytes bytes = assemble(text);
    const Result<void> result = validate_component(bytes);
    EXPECT_TRUE(result) << text << ": " << result.error().front().message;
    const Result<Engine> engine = Engine::open(kAsync);
    EXPECT_TRUE(CompiledComponent::compile(*engine, bytes)) << text;
  }
}

TEST(Validate, ReportsTheOffsetOfAnInvalidComponent) {
  Bytes bytes = assemble(R"((component (type (func (param "a" u8)))))");
  bytes.back() = 0x05;  // the parameter's type: a type index out of range
  const Diagnostic problem = refused(bytes);
  EXPECT_EQ(problem.code, "read-invalid");
  ASSERT_TRUE(problem.where.offset.has_value());
  EXPECT_LT(*problem.where.offset, bytes.size());
  EXPECT_GT(*problem.where.offset, 8u);
}

TEST(Validate, RefusesACoreModule) {
  EXPECT_THAT(refused(assemble("(module)")).message, HasSubstr("core module"));
}

TEST(Validate, RefusesEveryTruncation) {
  const Bytes bytes = guest("adder");
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const std::span<const std::uint8_t> part = std::span(bytes).first(size);
    // A prefix that ends after a section is a valid component.
    const Result<void> result = validate_component(part);
    if (!result) {
      EXPECT_EQ(result.error().front().code, "read-invalid");
    }
  }
  EXPECT_EQ(refused({}).code, "read-invalid");
}

}  // namespace
}  // namespace tenon::engine::code_test
