// Units for the tests of failing memory.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/wat.h"
#include "support/files.h"
#include "tenon/builder.h"
#include "tenon/composition.h"

namespace tenon::memory_test {

// Two units: `f` of the consumer is `twice` of the provider.
inline constexpr const char* kProvider = R"((component
  (core module $code (func (export "twice") (param i32) (result i32)
    (i32.mul (local.get 0) (i32.const 2))))
  (core instance $core (instantiate $code))
  (func $twice (param "n" u32) (result u32) (canon lift (core func $core "twice")))
  (instance $api (export "twice" (func $twice)))
  (export "acme:math/lib@1.0.0" (instance $api))))";
inline constexpr const char* kConsumer = R"((component
  (import "acme:math/lib@1.0.0" (instance $lib
    (export "twice" (func (param "n" u32) (result u32)))))
  (core func $twice (canon lower (func $lib "twice")))
  (core module $code (import "" "twice" (func $twice (param i32) (result i32)))
    (func (export "f") (param i32) (result i32) (call $twice (local.get 0))))
  (core instance $i (instantiate $code (with "" (instance (export "twice" (func $twice))))))
  (func (export "f") (param "n" u32) (result u32) (canon lift (core func $i "f")))))";

inline Bytes assemble(std::string_view text) {
  auto bytes = engine::wat_to_wasm("unit.wat", std::string(text));
  EXPECT_TRUE(bytes);
  return *std::move(bytes);
}

inline CompositionBuilder make_pair() {
  CompositionBuilder builder;
  builder.add_component("app", assemble(kConsumer));
  builder.add_component("lib", assemble(kProvider));
  return builder;
}

// A composition whose domains start again each time that they have ended.
inline Composition build_again(CompositionBuilder& builder) {
  builder.restart_all({.max = UINT32_MAX});
  Result<Composition> built = builder.build();
  EXPECT_TRUE(built) << built.error().front().message;
  return *std::move(built);
}

}  // namespace tenon::memory_test
