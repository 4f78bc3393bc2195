// Packages that break the rules: each call fails clearly or works, the other units continue, and an
// ended package restarts if it is allowed to.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tenon/builder.h"
#include "tenon/host.h"
#include "tests/support/package_test.h"
#include "tests/support/test_scale.h"
#include "tests/support/test_units.h"

namespace tenon::package_hostile_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

std::string c_guest(std::string_view name) { return package_guest("c", name); }

// `hostile`, and `sink`, which others call.
Composition build_hostile(std::string_view guest, const Restart& restart) {
  CompositionBuilder builder;
  builder.add_package("hostile", c_guest(guest)).add_package("sink", c_guest("sink"));
  builder.limits("hostile").call_timeout = 30s;
  builder.restart("hostile", restart);
  return built(builder);
}

// The result of a call of a hostile package.
struct Outcome {
  std::string_view function;
  std::string_view text;  // a part of the failure, or the whole result
  bool goes_on = false;   // whether the package can be called after it
};

constexpr Outcome kHostileResults[] = {
    {"outside", "trap: hostile#outside: it returned 16 bytes at 2147418112, which is not in its"},
    {"wraps", "trap: hostile#wraps: it returned 32 bytes at 4294967280, which is not in its"},
    {"huge", "trap: hostile#huge: it returned 2147483648 bytes at 1024, which is not in its"},
    {"nothing", "trap: hostile#nothing: its result does not match its type: malformed CGRF"},
    {"status-1", "trap: hostile#status-1: it returned the unknown status 1"},
    {"status-7", "trap: hostile#status-7: it returned the unknown status 7"},
    {"not-utf8", "guest error: hostile#not-utf8: bad \\", true},
    {"silent-error", "guest error: hostile#silent-error: no reason was given", true},
    {"outside-error", "trap: hostile#outside-error: it returned 64 bytes at 4294901760"},
    {"not-a-value", "trap: hostile#not-a-value: its result does not match its type"},
    {"counts-too-much", "trap: hostile#counts-too-much: its result does not match its type"},
    {"list-too-long", "trap: hostile#list-too-long: its result does not match its type"},
    {"deep", "trap: hostile#deep: its result does not match its type"},
    {"cycle", "trap: hostile#cycle: its result does not match its type"},
    {"lies",
     "trap: hostile#lies: its result does not match its type: $: expected s64, found bool"}};

TEST(HostilePackages, EachInvalidResultIsRejectedWithItsReason) {
  for (const Outcome& outcome : kHostileResults) {
    const Composition composition = build_hostile("hostile_results", {.max = 0});
    EXPECT_THAT(call_unit(composition, "hostile", outcome.function, Value::s64(1)),
                HasSubstr(outcome.text));
    EXPECT_EQ(call_unit(composition, "sink", "size", Value::s64(1)), "32");
    EXPECT_THAT(call_unit(composition, "hostile", "not-utf8", Value::s64(1)),
                HasSubstr(outcome.goes_on ? "guest error: " : "ended: "))
        << outcome.function;
  }
}

TEST(HostilePackages, PackagesRestartAfterEachResult) {
  const Composition composition = build_hostile("hostile_results", {.max = 1000});
  for (int round = 0; round < 3; ++round) {
    for (const Outcome& outcome : kHostileResults) {
      EXPECT_THAT(call_unit(composition, "hostile", outcome.function, Value::s64(1)),
                  HasSubstr(outcome.text));
      EXPECT_THAT(call_unit(composition, "hostile", "silent-error", Value::s64(1)),
                  HasSubstr("no reason was given"));
    }
  }
}

// A consumer that passes results on without reading them.
TEST(HostilePackages, ForwardedResultsAreCheckedByTheLastConsumer) {
  for (const Outcome& outcome : kHostileResults) {
    // `front` has no types, so it can return the bool of `lies` like any other value.
    if (outcome.function == "lies") continue;
    CompositionBuilder builder;
    builder.add_package("front", c_guest("forward"))
        .add_package("hostile", c_guest("hostile_results"));
    for (const char* const unit : {"front", "hostile"}) builder.limits(unit).call_timeout = 30s;
    builder.restart("front", {.max = 1000});
    builder.wire({.consumer = "front",
                  .import = "next.pass",
                  .provider = "hostile",
                  .export_name = std::string(outcome.function)});
    const Composition composition = built(builder);
    EXPECT_THAT(call_unit(composition, "front", "pass", Value::s64(1)),
                StartsWith(outcome.goes_on ? "guest error: " : "trap: "))
        << outcome.function;
  }
}

// Nested pairs, 60 deep: each node is read once, but the tree would have 2^60 values.
TEST(HostilePackages, ASharedValueIsPassedOnWithoutExpansion) {
  if (kHasAddressSanitizer && !tests_everything())
    GTEST_SKIP() << "takes a minute under a sanitizer: ./dev test --all";
  CompositionBuilder builder;
  builder.add_package("front", c_guest("forward"))
      .add_package("hostile", c_guest("hostile_results"));
  builder.add_package("sink", c_guest("sink"));
  builder.wire({.consumer = "front",
                .import = "next.pass",
                .provider = "hostile",
                .export_name = "doubles"});
  builder.limits("front").call_timeout = 30s;
  const Composition composition = built(builder);
  EXPECT_THAT(call_unit(composition, "front", "pass", Value::s64(1)),
              AllOf(HasSubstr("trap: front#pass: "), HasSubstr("too much memory")));
}

TEST(HostilePackages, CallsOfImportsThatBreakTheRulesEndTheCaller) {
  constexpr Outcome kOutcomes[] = {
      {"fine", "7", true},
      {"outside", "trap: hostile#outside: "},
      {"negative", "trap: hostile#negative: "},
      {"slots-outside", "trap: hostile#slots-outside: "},
      {"slots-in-argument", "7", true},
      {"slots-unaligned", "7", true},
      {"not-a-value", "trap: hostile#not-a-value: its result does not match its type"},
      {"tells", "7", true},
      {"twice", "7", true}};
  for (const Outcome& outcome : kOutcomes) {
    CompositionBuilder builder;
    builder.add_package("hostile", c_guest("hostile_calls")).add_package("sink", c_guest("sink"));
    builder.limits("hostile").call_timeout = 30s;
    builder.restart("hostile", {.max = 1});
    builder.wire(
        {.consumer = "hostile", .import = "next.pass", .provider = "sink", .export_name = "pass"});
    const Composition composition = built(builder);
    const std::string result = call_unit(composition, "hostile", outcome.function, Value::s64(7));
    if (outcome.goes_on)
      EXPECT_EQ(result, outcome.text) << outcome.function;
    else
      EXPECT_THAT(result, StartsWith(outcome.text));
    EXPECT_EQ(call_unit(composition, "hostile", "fine", Value::s64(8)), "8") << outcome.function;
    EXPECT_EQ(call_unit(composition, "sink", "pass", Value::s64(9)), "9") << outcome.function;
  }
}

// The same, provided by a function of the program.
TEST(HostilePackages, ArgumentsForTheProgramAreReadWithCare) {
  CompositionBuilder builder;
  builder.add_package("hostile", c_guest("hostile_calls"));
  builder.limits("hostile").call_timeout = 30s;
  builder.restart("hostile", {.max = 100});
  int calls = 0;
  builder.add_host_function("next", "pass", [&calls](std::span<const Value> values) {
    ++calls;
    return values[0];
  });
  const Composition composition = built(builder);
  for (const std::string_view name : {"outside", "negative", "slots-outside"})
    EXPECT_THAT(call_unit(composition, "hostile", name, Value::s64(7)),
                HasSubstr("trap: hostile#"));
  EXPECT_THAT(call_unit(composition, "hostile", "not-a-value", Value::s64(7)),
              HasSubstr("the values that it passed do not match its type: malformed CGRF"));
  EXPECT_EQ(calls, 0);
  for (const std::string_view name : {"fine", "slots-in-argument", "slots-unaligned", "tells"})
    EXPECT_EQ(call_unit(composition, "hostile", name, Value::s64(7)), "7") << name;
  EXPECT_EQ(call_unit(composition, "hostile", "twice", Value::s64(7)), "7");
  EXPECT_EQ(calls, 6);
}

// --- Allocators ---

TEST(HostilePackages, BrokenAllocatorsAreReported) {
  constexpr std::pair<std::string_view, std::string_view> kTold[] = {
      {"alloc_outside",
       "`__pack_alloc` returned 512 bytes at 4294967280, which is not in its memory"},
      {"alloc_traps", "unreachable"},
      {"alloc_zero", "`__pack_alloc` could not allocate 512 bytes"},
      {"free_traps", "unreachable"}};
  // Small values are in a block that is kept and never freed.
  const Value large = Value::string(std::string(10'000, 'x'));
  for (const auto& [guest, text] : kTold) {
    const Composition composition = build_hostile(guest, {.max = 2});
    for (int i = 0; i < 3; ++i)
      EXPECT_THAT(call_unit(composition, "hostile", "pass", large),
                  AllOf(HasSubstr("trap: hostile#pass: "), HasSubstr(text)))
          << guest;
    EXPECT_THAT(call_unit(composition, "hostile", "pass", Value::s64(7)),
                AllOf(HasSubstr("ended: "), HasSubstr("its 2 restarts are used up")));
    EXPECT_EQ(call_unit(composition, "sink", "pass", Value::s64(9)), "9");
  }
}

// The result of its own import, and its end, concern only itself.
TEST(HostilePackages, AProviderWithABrokenAllocatorEndsItsConsumerWithItsText) {
  CompositionBuilder builder;
  builder.add_package("front", c_guest("forward")).add_package("hostile", c_guest("alloc_zero"));
  builder.restart("front", {.max = 1});
  builder.wire(
      {.consumer = "front", .import = "next.pass", .provider = "hostile", .export_name = "pass"});
  EXPECT_THAT(call_unit(built(builder), "front", "pass", Value::s64(7)),
              AllOf(HasSubstr("trap: hostile#pass: "), HasSubstr("could not allocate")));
}

TEST(HostilePackages, WithoutAnAllocatorAddressesAreFixedAndBounded) {
  CompositionBuilder builder;
  builder.add_package("bare", c_guest("no_allocator"));
  const Composition composition = built(builder);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(call_unit(composition, "bare", "pass", Value::s64(7)), "7");
  const Value most = Value::list(std::vector<std::uint8_t>(16'000, 1));
  const auto passed = composition.unit("bare")->call("pass", most);
  ASSERT_TRUE(passed) << describe_outcome(passed);
  EXPECT_TRUE(**passed == most);
  EXPECT_THAT(
      call_unit(composition, "bare", "pass", Value::list(std::vector<std::uint8_t>(17'000, 1))),
      AllOf(HasSubstr("trap: bare#pass: it has no `__pack_alloc`, so it accepts at most"),
            HasSubstr("16384 bytes")));
}

TEST(HostilePackages, ConstructorsRunOnceInEachLife) {
  CompositionBuilder builder;
  builder.add_package("a", c_guest("constructors"));
  const Composition composition = built(builder);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(call_unit(composition, "a", "started"), "1");
}

// --- Metadata and modules ---

std::string problems_of_package(std::string_view guest) {
  CompositionBuilder builder;
  builder.add_package("a", c_guest(guest));
  return problems_of_plan(builder);
}

TEST(HostilePackages, InvalidMetadataIsAnErrorOfThePlan) {
  for (const std::string_view guest :
       {"broken_metadata", "failing_metadata", "lying_metadata", "outside_metadata"})
    EXPECT_THAT(problems_of_package(guest), HasSubstr("pack-metadata: ")) << guest;
  EXPECT_THAT(problems_of_package("lying_metadata"),
              HasSubstr("unknown type tag 99 at `exports[0].params[0].type`"));
  EXPECT_THAT(problems_of_package("failing_metadata"), HasSubstr("status 5"));
  EXPECT_THAT(problems_of_package("outside_metadata"), HasSubstr("not in its memory"));
}

TEST(HostilePackages, MetadataIsFoundAnywhereInTheModule) {
  CompositionBuilder builder;
  builder.add_package("a", c_guest("late_metadata"));
  const Composition composition = built(builder);
  EXPECT_EQ(call_unit(composition, "a", "double", Value::s64(21)), "42");
  EXPECT_THAT(call_unit(composition, "a", "double", Value::string("x")), HasSubstr("value-type"));
}

TEST(HostilePackages, WithoutMetadataValuesCanHaveAnyType) {
  CompositionBuilder builder;
  builder.add_package("a", c_guest("no_metadata"));
  const Composition composition = built(builder);
  for (const char* const text : {"7", "\"x\"", "[1, 2]", "{a: 1, b: true}"})
    EXPECT_EQ(call_text_of(composition, "a", fmt::format("pass({})", text)), text);
  EXPECT_EQ(call_unit(composition, "a", "pass", Value::s64(7)), "7");
  EXPECT_EQ(call_unit(composition, "a", "pass", Value::some(Value::string("x"))), "some(\"x\")");
}

TEST(HostilePackages, OtherModulesAreRejectedWithEachImport) {
  EXPECT_THAT(
      problems_of_package("raw_imports"),
      AllOf(HasSubstr("pack-module: "), HasSubstr("`host.alloc`, a function `(i32) -> (i32)`"),
            HasSubstr("`host.log`, a function `(i32, i32) -> ()`")));
  EXPECT_THAT(problems_of_package("imports_memory"),
              AllOf(HasSubstr("pack-module: "), HasSubstr("`env.memory`, a memory")));
}

}  // namespace
}  // namespace tenon::package_hostile_test
