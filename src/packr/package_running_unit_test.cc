// Packages and units of other compositions: packages call units of other compositions, and are called
// as such.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "tenon/builder.h"
#include "tenon/host.h"
#include "tests/support/package_test.h"
#include "tests/support/test_units.h"

namespace tenon::package_running_unit_test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

// Doubles a number; traps for 0, and returns the number of calls for -1.
constexpr std::string_view kMath = R"((component
  (core module $code
    (global $calls (mut i64) (i64.const 0))
    (func (export "double") (param i64) (result i64)
      (global.set $calls (i64.add (global.get $calls) (i64.const 1)))
      (if (i64.eqz (local.get 0)) (then unreachable))
      (if (result i64) (i64.eq (local.get 0) (i64.const -1)) (then (global.get $calls))
        (else (i64.mul (local.get 0) (i64.const 2))))))
  (core instance $i (instantiate $code))
  (func $double (param "n" s64) (result s64) (canon lift (core func $i "double")))
  (instance $math (export "double" (func $double)))
  (export "math" (instance $math))))";

class PackagesAndRunningUnits : public UnitsTest {
 protected:
  // `math`, a component that other compositions use.
  Composition build_shop() {
    CompositionBuilder builder;
    builder.set_name("shop");
    builder.add_component("math", write("math", kMath));
    builder.isolate("math");
    builder.restart("math", {.max = 100});
    return built(builder);
  }
  static Composition build_package_shop(std::string_view package) {
    CompositionBuilder builder;
    builder.set_name("shop");
    builder.add_package("math", package_guest("0.21.0", package));
    return built(builder);
  }
  static CompositionBuilder store_builder(const Composition& shop) {
    CompositionBuilder builder;
    builder.set_name("store");
    builder.add_unit("math", *shop.unit("math"));
    return builder;
  }
  // The package `adder`, which calls `math` of `shop`.
  static Composition build_store(const Composition& shop) {
    CompositionBuilder builder = store_builder(shop);
    builder.add_package("adder", package_guest("0.21.0", "adder"));
    builder.restart("adder", {.max = 100});
    return built(builder);
  }
  static std::string process(const Composition& store, std::int64_t n) {
    return call_unit(store, "adder", "process", Value::s64(n));
  }
};

TEST_F(PackagesAndRunningUnits, APackageCallsAComponentInItsComposition) {
  const Composition shop = build_shop();
  const Composition store = build_store(shop);
  const Composition other = build_store(shop);
  EXPECT_EQ(process(store, 5), "11");
  EXPECT_EQ(process(other, 6), "13");
  EXPECT_EQ(call_unit(shop, "math", "math#double", Value::s64(-1)), "3");
}

TEST_F(PackagesAndRunningUnits, TheCompositionRunsAsLongAsItsConsumers) {
  const Composition store = build_store(build_shop());
  EXPECT_EQ(process(store, 5), "11");
}

TEST_F(PackagesAndRunningUnits, AFailureNamesTheUnit) {
  const Composition shop = build_shop();
  const Composition store = build_store(shop);
  EXPECT_THAT(process(store, 0),
              AllOf(HasSubstr("trap: math#math#double"), HasSubstr("unreachable")));
  EXPECT_EQ(process(store, 5), "11");
}

TEST_F(PackagesAndRunningUnits, ASwapInTheOtherCompositionTakesEffect) {
  Composition shop = build_shop();
  const Composition store = build_store(shop);
  EXPECT_EQ(process(store, 5), "11");
  const Result<void> swapped = shop.swap("math", write("same", kMath));
  ASSERT_TRUE(swapped) << whole_text(swapped.error());
  EXPECT_EQ(process(store, -1), "2");
}

TEST_F(PackagesAndRunningUnits, CallsAreTraced) {
  const Composition shop = build_shop();
  CompositionBuilder builder = store_builder(shop);
  builder.add_package("adder", package_guest("0.21.0", "adder"));
  std::vector<std::string> calls;
  BuildOptions options;
  options.trace_calls = [&](const TraceCall& call) {
    calls.push_back(fmt::format("{} -> {} {}({}) = {}", call.consumer, call.provider, call.function,
                                call.arguments, call.result));
  };
  const Result<Composition> store = builder.build(options);
  ASSERT_TRUE(store) << whole_text(store.error());
  EXPECT_EQ(process(*store, 5), "11");
  EXPECT_THAT(calls, ElementsAre("adder -> math math.double(5) = 10"));
}

// One thread at a time can be in `shop`.
TEST_F(PackagesAndRunningUnits, ThreadsWaitForEachOther) {
  const Composition shop = build_shop();
  const Composition single = build_store(shop);
  const Composition two = build_store(shop);
  constexpr int kCalls = 200;
  const auto call_all = [](const Composition& store) {
    for (int i = 1; i <= kCalls; ++i) EXPECT_EQ(process(store, i), fmt::format("{}", 2 * i + 1));
  };
  std::thread other([&] { call_all(two); });
  call_all(single);
  other.join();
  EXPECT_EQ(call_unit(shop, "math", "math#double", Value::s64(-1)),
            fmt::format("{}", 2 * kCalls + 1));
}

// --- Packages of another composition ---

TEST_F(PackagesAndRunningUnits, AComponentCallsAPackageOfAnotherComposition) {
  const Composition shop = build_package_shop("math");
  CompositionBuilder builder = store_builder(shop);
  builder.add_component("adder", write("adder", kAdderComponent), {.reachable = Reachable::Yes});
  const Composition store = built(builder);
  EXPECT_EQ(process(store, 5), "11");
  EXPECT_EQ(call_unit(shop, "math", "math#double", Value::s64(4)), "8");
}

TEST_F(PackagesAndRunningUnits, APackageCallsAPackageOfAnotherComposition) {
  const Composition shop = build_package_shop("math");
  const Composition store = build_store(shop);
  const Composition other = build_store(shop);
  EXPECT_EQ(process(store, 5), "11");
  EXPECT_EQ(process(other, 6), "13");
}

TEST_F(PackagesAndRunningUnits, ThePackageRunsAsLongAsItsConsumers) {
  const Composition store = build_store(build_package_shop("math"));
  EXPECT_EQ(process(store, 5), "11");
}

// The two compositions have different names for the function: only `store` has this wire.
TEST_F(PackagesAndRunningUnits, AWireSelectsAFunctionOfAPackage) {
  const Composition shop = build_package_shop("doubler_typed");
  for (const bool is_component : {false, true}) {
    CompositionBuilder builder = store_builder(shop);
    if (is_component)
      builder.add_component("adder", write("adder", kAdderComponent),
                            {.reachable = Reachable::Yes});
    else
      builder.add_package("adder", package_guest("0.21.0", "adder"));
    builder.wire({.consumer = "adder",
                  .import = "math.double",
                  .provider = "math",
                  .export_name = "double"});
    EXPECT_EQ(process(built(builder), 5), "11");
  }
}

TEST_F(PackagesAndRunningUnits, AFailureOfAPackageNamesItAndItRestarts) {
  CompositionBuilder of_shop;
  of_shop.set_name("shop");
  of_shop.add_package("failing", package_guest("c", "alloc_traps"));
  of_shop.restart("failing", {.max = 100});
  const Composition shop = built(of_shop);
  CompositionBuilder builder;
  builder.set_name("store");
  builder.add_unit("failing", *shop.unit("failing"));
  builder.add_package("chain", package_guest("0.21.0", "chain"));
  builder.restart("chain", {.max = 100});
  builder.wire(
      {.consumer = "chain", .import = "next.call", .provider = "failing", .export_name = "pass"});
  const Composition store = built(builder);
  for (int i = 0; i < 3; ++i)
    EXPECT_THAT(call_unit(store, "chain", "call", Value::s64(1)),
                AllOf(HasSubstr("trap: failing#pass"), HasSubstr("unreachable")));
}

TEST_F(PackagesAndRunningUnits, ASwapOfAPackageTakesEffectInAllCompositions) {
  Composition shop = build_package_shop("math");
  const Composition store = build_store(shop);
  EXPECT_EQ(process(store, 5), "11");
  const Result<void> swapped = shop.swap("math", package_guest("0.5.4", "math"));
  ASSERT_TRUE(swapped) << whole_text(swapped.error());
  EXPECT_EQ(process(store, 6), "13");
}

TEST_F(PackagesAndRunningUnits, BuffersCrossCompositions) {
  CompositionBuilder of_shop;
  of_shop.set_name("shop");
  of_shop.add_package("reader", package_guest("c", "buffer_reader"));
  const Composition shop = built(of_shop);
  CompositionBuilder builder;
  builder.set_name("store");
  builder.add_unit("reader", *shop.unit("reader"));
  builder.add_package("producer", package_guest("c", "buffer_producer"));
  builder.wire({.consumer = "producer",
                .import = "next.pass",
                .provider = "reader",
                .export_name = "length"});
  const Composition store = built(builder);
  EXPECT_EQ(call_unit(store, "producer", "send", Value::s64(100'000)), "100000");
}

TEST_F(PackagesAndRunningUnits, ThreadsWaitForEachOtherInAPackage) {
  const Composition shop = build_package_shop("math");
  const Composition single = build_store(shop);
  const Composition two = build_store(shop);
  constexpr int kCalls = 200;
  const auto call_all = [](const Composition& store) {
    for (int i = 1; i <= kCalls; ++i) EXPECT_EQ(process(store, i), fmt::format("{}", 2 * i + 1));
  };
  std::thread other([&] { call_all(two); });
  call_all(single);
  other.join();
}

// --- What is refused ---

TEST_F(PackagesAndRunningUnits, WhatAPackageHidesIsNotProvided) {
  for (const std::string_view hidden : {"math.double", "math"}) {
    CompositionBuilder of_shop;
    of_shop.set_name("shop");
    of_shop.add_package("math", package_guest("0.21.0", "math"));
    of_shop.hide("math", hidden);
    const Composition shop = built(of_shop);
    CompositionBuilder builder = store_builder(shop);
    builder.add_package("adder", package_guest("0.21.0", "adder"));
    EXPECT_THAT(problems_of_plan(builder), AllOf(HasSubstr("resolve-"), HasSubstr("`math`")));
    // A wire that names the function does not make it visible either.
    builder.wire({.consumer = "adder", .import = "math.double", .provider = "math"});
    EXPECT_THAT(problems_of_plan(builder), AllOf(HasSubstr("resolve-"), HasSubstr("`math`")));
  }
}

// The consumer does not import `same-note`.
TEST_F(PackagesAndRunningUnits, OtherFunctionsOfAPackageThatHidesOneAreProvided) {
  for (const std::string_view hidden : {"same-note", "same-string"}) {
    CompositionBuilder of_shop;
    of_shop.set_name("shop");
    of_shop.add_package("kinds", package_guest("0.21.0", "kinds"));
    of_shop.hide("kinds", fmt::format("acme:kinds/same.{}", hidden));
    const Composition shop = built(of_shop);
    CompositionBuilder builder;
    builder.set_name("store");
    builder.add_unit("kinds", *shop.unit("kinds"));
    builder.add_package("client", package_guest("0.21.0", "kinds_client"));
    if (hidden == "same-string") {
      EXPECT_THAT(problems_of_plan(builder), HasSubstr("resolve-"));
      continue;
    }
    EXPECT_EQ(call_unit(built(builder), "client", "string", Value::string("x")), "\"x\"");
  }
}

TEST_F(PackagesAndRunningUnits, AnUnusedPackageIsIgnored) {
  const Composition shop = build_package_shop("math");
  CompositionBuilder builder = store_builder(shop);
  builder.add_package("echo", package_guest("0.21.0", "echo"));
  const Composition store = built(builder);
  EXPECT_EQ(call_unit(store, "echo", "echo", Value::string("x")), "\"x\"");
  EXPECT_EQ(call_unit(shop, "math", "math#double", Value::s64(4)), "8");
}

TEST_F(PackagesAndRunningUnits, AComponentWithOtherTypesIsRejected) {
  const Composition shop = build_shop();
  CompositionBuilder builder = store_builder(shop);
  builder.add_package("logger", package_guest("0.21.0", "logger"));
  builder.wire(
      {.consumer = "logger", .import = "host.log", .provider = "math", .export_name = "math"});
  EXPECT_THAT(problems_of_plan(builder), AllOf(HasSubstr("`logger`"), HasSubstr("`math`")));
}

}  // namespace
}  // namespace tenon::package_running_unit_test
