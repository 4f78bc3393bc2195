// Packages in packr's original form, in which the caller provides the buffer for a result.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/wat.h"
#include "tenon/builder.h"
#include "tests/support/package_test.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_units.h"

namespace tenon::package_abi_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string c_guest(std::string_view name) { return package_guest("c", name); }

Composition build_with_sink(std::string_view guest, PackageAbi abi) {
  CompositionBuilder builder;
  builder.add_package("old", c_guest(guest), {.abi = abi}).add_package("sink", c_guest("sink"));
  builder.restart("old", {.max = 1000});
  builder.wire(
      {.consumer = "old", .import = "next.pass", .provider = "sink", .export_name = "pass"});
  return built(builder);
}

TEST(PackageAbi, CallerBuffersPassValuesBothWays) {
  for (const std::string_view guest : {"caller_buffer", "caller_buffer_told"}) {
    const Composition composition = build_with_sink(guest, PackageAbi::CallerBuffer);
    const Value list = Value::list(std::vector<std::int64_t>{1, 2, 3});
    EXPECT_EQ(call_unit(composition, "old", "pass", list), "[1, 2, 3]") << guest;
    EXPECT_EQ(call_unit(composition, "old", "ask", Value::s64(7)), "7") << guest;
    for (int i = 0; i < 3; ++i)
      EXPECT_EQ(call_unit(composition, "old", "ask", Value::s64(i)), std::to_string(i));
  }
}

TEST(PackageAbi, MetadataTellsTheForm) {
  const Composition composition = build_with_sink("caller_buffer_told", PackageAbi::Detect);
  EXPECT_EQ(call_unit(composition, "old", "ask", Value::s64(7)), "7");
  EXPECT_THAT(call_unit(composition, "old", "ask", Value::string("x")), HasSubstr("value-type"));
}

TEST(PackageAbi, WithoutMetadataAndAllocatorTheFormMustBeStated) {
  CompositionBuilder builder;
  builder.add_package("old", c_guest("caller_buffer"));
  EXPECT_THAT(problems_of_plan(builder),
              AllOf(HasSubstr("pack-module: it has neither `__pack_alloc` nor metadata"),
                    HasSubstr("otherwise \"callee-buffer\": `UnitOptions::abi`")));
}

// Nothing in such a module tells that it is a package.
TEST(PackageAbi, AModuleThatCanBeAPackageIsToldHowToBeOne) {
  CompositionBuilder builder;
  builder.add_component("old", c_guest("caller_buffer"));
  EXPECT_THAT(problems_of_plan(builder),
              AllOf(HasSubstr("read-core-module: expected a component"),
                    HasSubstr("functions `(i32, i32, i32, i32) -> (i32)`"),
                    HasSubstr("`[packages.old]`"), HasSubstr("`abi = \"caller-buffer\"`")));
}

TEST(PackageAbi, OnlyPackagesHaveAForm) {
  CompositionBuilder builder;
  const auto adder = engine::wat_to_wasm("adder.wat", kAdderComponent);
  ASSERT_TRUE(adder);
  builder.add_component("a", *adder, {.abi = PackageAbi::CallerBuffer});
  EXPECT_THAT(problems_of_plan(builder),
              HasSubstr("config-value: `a` cannot have an `abi`: it is not a package"));
}

// The buffer of a package without an allocator has 32 KiB, of others 256 KiB.
TEST(PackageAbi, ResultsMustFitTheBuffer) {
  const Value fits = Value::list(std::vector<std::int64_t>(2000, 1));
  const Value large = Value::list(std::vector<std::int64_t>(40'000, 1));
  const Composition bare = build_with_sink("caller_buffer", PackageAbi::CallerBuffer);
  EXPECT_THAT(call_unit(bare, "old", "pass", large),
              HasSubstr("so it accepts at most 16384 bytes"));
  EXPECT_THAT(call_unit(bare, "old", "pass", fits), HasSubstr("[1, 1, "));
  const Composition allocating = build_with_sink("caller_buffer_told", PackageAbi::Detect);
  EXPECT_THAT(
      call_unit(allocating, "old", "pass", large),
      HasSubstr("guest error: old#pass: it returned -1 instead of the size of its result: it "
                "failed, or its buffer was too small"));
  EXPECT_THAT(call_unit(allocating, "old", "pass", fits), HasSubstr("[1, 1, "));
}

TEST(PackageAbi, EachBrokenRuleIsReported) {
  struct Outcome {
    std::string_view function;
    std::string_view text;
  };
  constexpr Outcome kOutcomes[] = {
      {"fails", "guest error: old#fails: it returned -7 instead of the size of its result"},
      {"too-long", "trap: old#too-long: it returned a result of "},
      {"empty", "trap: old#empty: its result does not match its type: malformed CGRF"},
      {"ask-small",
       "the result of its import `next.pass` has 32 bytes, and the buffer that it passed "
       "for it has 8"},
      {"ask-outside", "trap: old#ask-outside: "},
      {"ask-negative", "trap: old#ask-negative: "}};
  for (const std::string_view guest : {"caller_buffer", "caller_buffer_told"}) {
    const Composition composition = build_with_sink(guest, PackageAbi::CallerBuffer);
    for (const Outcome& outcome : kOutcomes) {
      EXPECT_THAT(call_unit(composition, "old", outcome.function, Value::s64(1)),
                  HasSubstr(outcome.text))
          << guest;
      EXPECT_EQ(call_unit(composition, "old", "ask", Value::s64(8)), "8") << outcome.function;
    }
  }
}

// Between packages of both forms, the bytes are copied once.
TEST(PackageAbi, PackagesOfBothFormsCallEachOther) {
  CompositionBuilder builder;
  builder.add_package("front", c_guest("forward"))
      .add_package("old", c_guest("caller_buffer"), {.abi = PackageAbi::CallerBuffer})
      .add_package("sink", c_guest("sink"));
  builder
      .wire({.consumer = "front", .import = "next.pass", .provider = "old", .export_name = "ask"})
      .wire({.consumer = "old", .import = "next.pass", .provider = "sink", .export_name = "copy"});
  EXPECT_EQ(call_unit(built(builder), "front", "pass", Value::string("both")), "\"both\"");
}

TEST(PackageAbi, ManifestsStateIt) {
  const TemporaryFolder folder;
  const auto write = [&](std::string_view abi) {
    return folder.write("tenon.toml",
                        fmt::format("schema = 1\n[packages.old]\npath = \"{}\"\nabi = "
                                    "\"{}\"\n",
                                    c_guest("caller_buffer"), abi));
  };
  CompositionBuilder builder;
  ASSERT_TRUE(builder.read_manifest(write("caller-buffer")));
  builder.add_host_function("next", "pass",
                            [](std::span<const Value> values) { return values[0]; });
  EXPECT_EQ(call_unit(built(builder), "old", "pass", Value::s64(7)), "7");
  CompositionBuilder wrong;
  const auto read = wrong.read_manifest(write("slots"));
  ASSERT_FALSE(read);
  EXPECT_THAT(whole_text(read.error()),
              HasSubstr("must be \"callee-buffer\" or \"caller-buffer\""));
}

}  // namespace
}  // namespace tenon::package_abi_test
