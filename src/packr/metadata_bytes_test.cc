#include "packr/metadata_bytes.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/wat.h"
#include "packr/metadata.h"
#include "packr/shared_graph.h"

namespace tenon::packr::metadata_bytes_test {
namespace {

namespace fs = std::filesystem;

using Bytes = std::vector<std::uint8_t>;

class FindMetadata : public testing::Test {
 protected:
  FindMetadata() {
    SharedGraph graph;
    const auto function =
        graph.record({{"interface", graph.text("math")}, {"name", graph.text("double")}});
    value_ = graph.finish(graph.record({{"exports", graph.list_of(NodeKind::Record, {function})}}));
    for (const std::uint8_t byte : value_) text_ += fmt::format("\\{:02x}", byte);
  }

  // A module with a memory and a `__pack_types` of this body; `%d` stands for the metadata, `%n`
  // for its size.
  void build(std::string_view body, std::string_view rest) {
    std::string text = fmt::format(
        R"((module (memory (export "memory") 1)
             (func (export "__pack_types") (param i32 i32) (result i32) {}) {}))",
        body, rest);
    build_module(std::move(text));
  }
  void build_module(std::string text) {
    for (const auto& [name, value] :
         {std::pair{std::string_view("%d"), text_},
          std::pair{std::string_view("%n"), fmt::format("{}", value_.size())}})
      for (std::size_t at = 0; (at = text.find(name, at)) != text.npos; at += value.size())
        text.replace(at, name.size(), value);
    auto bytes = engine::wat_to_wasm("test.wat", text);
    ASSERT_TRUE(bytes) << text;
    module_ = *std::move(bytes);
  }
  [[nodiscard]] std::optional<Bytes> find() const { return find_metadata(module_); }
  // find_metadata finds nothing, and call_metadata returns the metadata.
  void expect_call_needed() const {
    EXPECT_FALSE(find());
    const auto called = call_metadata(module_);
    ASSERT_TRUE(called) << called.error().front().message;
    EXPECT_EQ(*called, value_);
  }

  static constexpr std::string_view kStores =
      "(i32.store (local.get 0) (i32.const 1024)) (i32.store (local.get 1) (i32.const %n)) "
      "(i32.const 0)";
  static constexpr std::string_view kData = R"((data (i32.const 1024) "%d"))";

  Bytes value_;
  std::string text_;
  Bytes module_;
};

TEST_F(FindMetadata, ReadsTheDataThatTwoStoresReferTo) {
  build(kStores, kData);
  EXPECT_EQ(find(), value_);
  types::Types types;
  const auto read = read_metadata(*find(), types);
  ASSERT_TRUE(read);
  ASSERT_EQ(read->exports.size(), 1U);
  EXPECT_EQ(read->exports[0].interface, "math");
  EXPECT_EQ(read->exports[0].name, "double");
}

TEST_F(FindMetadata, FollowsLocalsAndReturn) {
  build(R"((local i32) (local.set 2 (local.get 1)) (drop (i32.const 5))
           (i32.store (local.get 2) (i32.const %n))
           (i32.store (local.get 0) (local.tee 2 (i32.const 1024))) (return (i32.const 0)))",
        kData);
  EXPECT_EQ(find(), value_);
}

TEST_F(FindMetadata, ReadsDataFromSeveralSegments) {
  build(
      "(i32.store (local.get 0) (i32.const 1030)) (i32.store (local.get 1) (i32.const %n)) "
      "(i32.const 0)",
      R"((data (i32.const 1000) "before") (data (i32.const 1024) "abcdef%dghi"))");
  EXPECT_EQ(find(), value_);
}

TEST_F(FindMetadata, MetadataFromAStartFunctionNeedsACall) {
  build(kStores, R"((func $start (memory.init $d (i32.const 1024) (i32.const 0) (i32.const %n)))
                    (start $start) (data $d "%d"))");
  expect_call_needed();
  // Nor does it help that a segment of something else is nearby.
  build(kStores, R"((func $start (memory.init $d (i32.const 1024) (i32.const 0) (i32.const %n)))
                    (start $start) (data $d "%d") (data (i32.const 1030) "x"))");
  expect_call_needed();
}

TEST_F(FindMetadata, MetadataFromConstructorsNeedsACall) {
  build(R"((i32.store (local.get 0) (i32.const 1024))
           (i32.store (local.get 1) (i32.load (i32.const 8))) (i32.const 0))",
        R"((func (export "__wasm_call_ctors") (i32.store (i32.const 8) (i32.const %n)))
           (data (i32.const 1024) "%d"))");
  expect_call_needed();
}

TEST_F(FindMetadata, IgnoresDataOfOtherMemories) {
  build(kStores, R"((memory $other 1) (data (i32.const 1024) "%d")
                    (data (memory $other) (i32.const 1024) "something else"))");
  EXPECT_EQ(find(), value_);
  build_module(R"((module (memory $other 1) (memory $own 1) (export "memory" (memory $own))
      (func (export "__pack_types") (param i32 i32) (result i32)
        (i32.store $own (local.get 0) (i32.const 1024))
        (i32.store $own (local.get 1) (i32.const %n)) (i32.const 0))
      (data (memory $own) (i32.const 1024) "%d")))");
  expect_call_needed();
}

TEST_F(FindMetadata, OtherFunctionBodiesNeedACall) {
  // In this order: a status that is not zero, a missing store, an offset, a block, a loop.
  const std::string_view bodies[] = {
      "(i32.store (local.get 0) (i32.const 1024)) (i32.store (local.get 1) (i32.const %n)) "
      "(i32.const -1)",
      "(i32.store (local.get 0) (i32.const 1024)) (i32.const 0)",
      "(i32.store offset=4 (local.get 0) (i32.const 1024)) (i32.store (local.get 1) (i32.const "
      "%n)) (i32.const 0)",
      "(i32.store (local.get 0) (i32.const 1024)) (i32.store (local.get 1) (i32.const %n)) "
      "(block) (i32.const 0)",
      "(loop (br 0)) (i32.const 0)"};
  for (const std::string_view body : bodies) {
    build(body, kData);
    EXPECT_FALSE(find()) << body;
  }
}

TEST_F(FindMetadata, FindsNothingForAnImportedFunctionOrLargeSizes) {
  build_module(R"((module (import "a" "b" (func $f (param i32 i32) (result i32)))
      (memory (export "memory") 1) (export "__pack_types" (func $f)) (data (i32.const 1024) "%d")))");
  EXPECT_FALSE(find());
  build(
      "(i32.store (local.get 0) (i32.const -4)) (i32.store (local.get 1) (i32.const -1)) "
      "(i32.const 0)",
      kData);
  EXPECT_FALSE(find());
}

TEST_F(FindMetadata, AcceptsOrRejectsDamagedModules) {
  build(kStores, kData);
  const Bytes good = module_;
  std::size_t found = 0;
  for (std::size_t at = 0; at < good.size(); ++at)
    for (const int change : {0x01, 0x40, 0x80, 0xff}) {
      Bytes bad = good;
      bad[at] = static_cast<std::uint8_t>(bad[at] ^ change);
      if (find_metadata(bad)) ++found;
    }
  EXPECT_GT(found, 0U);  // some bytes do not matter
  EXPECT_LT(found, 4 * good.size());
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_FALSE(find_metadata(std::span(good).first(size))) << size;
}

const fs::path kGuests = TENON_SOURCE_DIR "/tests/guests/packr/wasm";

Bytes read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(MetadataBytes, AreTheSameWithAndWithoutACall) {
  std::size_t count = 0;
  const auto compare = [&](const fs::path& path) {
    const Bytes bytes = read_file(path);
    const auto metadata = find_metadata(bytes);
    if (!metadata) return;
    ++count;
    const auto called = call_metadata(bytes);
    ASSERT_TRUE(called) << path;
    EXPECT_EQ(*metadata, *called) << path;
  };
  for (const auto& entry : fs::directory_iterator(kGuests / "c")) compare(entry.path());
  EXPECT_GE(count, 15u);
  const std::size_t count_of_c = count;
  for (const std::string_view set : {"0.5.4", "0.21.0", "0.24.1"})
    compare(kGuests / set / "adder.wasm");
  EXPECT_EQ(count, count_of_c + 3);
}

}  // namespace
}  // namespace tenon::packr::metadata_bytes_test
