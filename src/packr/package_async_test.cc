// Packages of packr's async form.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/wat.h"
#include "tenon/builder.h"
#include "tenon/function.h"
#include "tenon/host.h"
#include "tests/support/package_test.h"
#include "tests/support/test_units.h"

namespace tenon::package_async_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

void expect_works(const Composition& composition) {
  const auto call = [&](std::string_view function, std::int64_t n) {
    return call_unit(composition, "async", function, Value::s64(n));
  };
  for (const std::int64_t n : {5, 6, -1}) {
    EXPECT_EQ(call("process", n), fmt::format("{}", 2 * n + 1));
    EXPECT_EQ(call("four-times", n), fmt::format("{}", 4 * n));
    EXPECT_EQ(call("same", n), fmt::format("{}", n));
    EXPECT_EQ(call("both", n), fmt::format("{}", 4 * n));
  }
}

TEST(PackageAsync, ImportsFromPackagesOfEachVersion) {
  for (const std::string_view version : {"0.5.4", "0.21.0", "0.24.1"}) {
    SCOPED_TRACE(version);
    CompositionBuilder builder;
    builder.add_package("async", package_guest("0.24.1", "async_adder"))
        .add_package("math", package_guest(version, "math"));
    expect_works(built(builder));
  }
}

TEST(PackageAsync, ImportsFromTheProgram) {
  CompositionBuilder builder;
  builder.add_package("async", package_guest("0.24.1", "async_adder"));
  builder.add_host_function("math", "double", [](std::int64_t n) { return 2 * n; });
  expect_works(built(builder));
}

TEST(PackageAsync, ImportsFromAComponent) {
  const auto math = engine::wat_to_wasm("math.wat", R"((component
    (core module $code (func (export "double") (param i64) (result i64)
      (i64.mul (local.get 0) (i64.const 2))))
    (core instance $i (instantiate $code))
    (func $double (param "n" s64) (result s64) (canon lift (core func $i "double")))
    (instance $math (export "double" (func $double)))
    (export "math" (instance $math))))");
  ASSERT_TRUE(math) << whole_text(math.error());
  CompositionBuilder builder;
  builder.add_package("async", package_guest("0.24.1", "async_adder")).add_component("math", *math);
  expect_works(built(builder));
}

TEST(PackageAsync, ProvidesFunctionsToPackages) {
  for (const std::string_view version : {"0.5.4", "0.21.0", "0.24.1"}) {
    CompositionBuilder builder;
    builder.add_package("adder", package_guest(version, "adder"))
        .add_package("async", package_guest("0.24.1", "async_adder"))
        .add_package("math", package_guest(version, "math"));
    builder.wire({.consumer = "adder",
                  .import = "math.double",
                  .provider = "async",
                  .export_name = "four-times"});
    builder.wire({.consumer = "async", .import = "math.double", .provider = "math"});
    EXPECT_EQ(call_unit(built(builder), "adder", "process", Value::s64(5)), "21");
  }
}

// The package frees the results of its imports. A second free by the host would damage its heap.
TEST(PackageAsync, IsCalledManyTimes) {
  CompositionBuilder builder;
  builder.add_package("async", package_guest("0.24.1", "async_adder"))
      .add_package("math", package_guest("0.24.1", "math"));
  const Composition composition = built(builder);
  for (std::int64_t n = 0; n < 2000; ++n)
    ASSERT_EQ(call_unit(composition, "async", "four-times", Value::s64(n)),
              fmt::format("{}", 4 * n));
}

TEST(PackageAsync, AWaitForNothingIsADeadlock) {
  CompositionBuilder builder;
  builder.add_package("async", package_guest("0.24.1", "async_adder"))
      .add_package("math", package_guest("0.24.1", "math"));
  builder.restart("async", {.max = 1});
  const Composition composition = built(builder);
  EXPECT_THAT(call_unit(composition, "async", "never", Value::s64(1)),
              AllOf(HasSubstr("trap: async#never: deadlock"), HasSubstr("its function waits")));
  // The task that waits is gone with the life of the package.
  EXPECT_EQ(call_unit(composition, "async", "process", Value::s64(5)), "11");
}

TEST(PackageAsync, TrapsAndFailuresOfImportsEndIt) {
  CompositionBuilder builder;
  builder.add_package("async", package_guest("0.24.1", "async_adder"));
  builder.add_host_function("math", "double", [](std::int64_t n) -> HostResult<std::int64_t> {
    if (n == 13) return Trap{"unlucky"};
    return 2 * n;
  });
  EXPECT_THAT(call_unit(built(builder), "async", "panics", Value::s64(1)),
              HasSubstr("trap: async#panics"));
  EXPECT_THAT(call_unit(built(builder), "async", "process", Value::s64(13)), HasSubstr("unlucky"));
}

}  // namespace
}  // namespace tenon::package_async_test
