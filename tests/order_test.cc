// The composed bytes depend on the set of units, not on the order in which they are given.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "engine/code.h"
#include "engine/sha256.h"
#include "engine/wat.h"
#include "engine/wit_text.h"
#include "tenon/builder.h"

namespace tenon::order_test {
namespace {

constexpr const char* kPress[] = {"accesslog",   "archive", "cache",    "cli",
                                  "highlighter", "kv",      "markdown", "site"};

std::vector<std::uint8_t> compose_press(const std::vector<std::string>& names) {
  CompositionBuilder builder;
  for (const std::string& name : names)
    builder.add_component(name, TENON_SOURCE_DIR "/examples/press/wasm/" + name + ".wasm");
  Wire chain;
  chain.consumer = "cli";
  chain.import = "press:web/handler";
  chain.via = {"accesslog", "cache"};
  builder.wire(chain);
  Result<std::vector<std::uint8_t>> composed = builder.compose();
  if (!composed) {
    ADD_FAILURE() << composed.error().front().message;
    return {};
  }
  return *std::move(composed);
}

TEST(Order, DoesNotChangeTheBytes) {
  std::vector<std::string> names(std::begin(kPress), std::end(kPress));
  const std::string expected = engine::sha256_hex(compose_press(names));
  std::mt19937 random(7);
  for (int round = 0; round < 5; ++round) {
    std::shuffle(names.begin(), names.end(), random);
    EXPECT_EQ(engine::sha256_hex(compose_press(names)), expected);
  }
}

TEST(Order, ComposedWitKeepsUse) {
  const std::vector<std::string> names(std::begin(kPress), std::end(kPress));
  CompositionBuilder builder;
  for (const std::string& name : names)
    if (name == "site" || name == "kv" || name == "archive" || name == "markdown" ||
        name == "highlighter")
      builder.add_component(name, TENON_SOURCE_DIR "/examples/press/wasm/" + name + ".wasm");
  builder.export_item("archive", "press:kv/backup");
  const Result<std::vector<std::uint8_t>> composed = builder.compose();
  ASSERT_TRUE(composed) << composed.error().front().message;
  const Result<std::string> wit = engine::print_wit(*composed);
  ASSERT_TRUE(wit) << wit.error().front().message;
  EXPECT_NE(wit->find("use types.{request, response, error};"), std::string::npos) << *wit;
  EXPECT_NE(wit->find("use store.{bucket, error};"), std::string::npos) << *wit;
}

// Unit k of a chain: it imports the interface of unit k - 1 and exports its own.
std::vector<std::uint8_t> chain_unit(int k) {
  const std::string before = std::to_string(k - 1);
  const std::string text =
      k == 0 ? std::string(R"((component
  (core module $code (func (export "f") (result i32) i32.const 0))
  (core instance $run (instantiate $code))
  (func $f (result u32) (canon lift (core func $run "f")))
  (instance $lib (export "step" (func $f)))
  (export "chain:link/i0@1.0.0" (instance $lib))))")
             : R"((component
  (import "chain:link/i)" +
                   before +
                   R"(@1.0.0" (instance $from (export "step" (func (result u32)))))
  (alias export $from "step" (func $f))
  (instance $lib (export "step" (func $f)))
  (export "chain:link/i)" +
                   std::to_string(k) + R"(@1.0.0" (instance $lib))))";
  Result<std::vector<std::uint8_t>> made = engine::wat_to_wasm("unit.wat", text);
  return made ? *std::move(made) : std::vector<std::uint8_t>();
}

// More units than one level of a component can hold.
TEST(Order, ComposesTwelveHundredUnits) {
  CompositionBuilder builder;
  for (int k = 0; k < 1200; ++k) builder.add_component("u" + std::to_string(k), chain_unit(k));
  const Result<std::vector<std::uint8_t>> composed = builder.compose();
  ASSERT_TRUE(composed) << composed.error().front().message;
  EXPECT_TRUE(engine::validate_component(*composed));
}

}  // namespace
}  // namespace tenon::order_test
