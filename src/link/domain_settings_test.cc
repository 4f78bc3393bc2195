// The effect of a domain's settings in a run, and that they do not affect other domains.
#include "link/domain_settings.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <thread>

#include "api/functions.h"
#include "link/link.h"
#include "tests/support/call_test.h"
#include "tests/support/test_units.h"

namespace tenon::domain_settings_test {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::StartsWith;

// f(0) traps, f(1) returns the number of calls in this life, else f(n) is n + 1.
constexpr std::string_view kCount = R"(
    (if (i32.eqz (local.get 0)) (then unreachable))
    (global.set $state (i32.add (global.get $state) (i32.const 1)))
    (if (result i32) (i32.eq (local.get 0) (i32.const 1))
      (then (global.get $state))
      (else (i32.add (local.get 0) (i32.const 1)))))";
constexpr std::string_view kIsolated = "isolated = true";

class DomainSettingsInRuns : public UnitsTest {
 protected:
  // `near` and `far`, each in a domain of its own beside the root's.
  CompositionBuilder two(std::string_view near, std::string_view far) {
    add("near", near, kIsolated);
    add("far", far, kIsolated);
    add("root", function_unit("", "test:u/root", "(local.get 0)"));
    return make_builder("root");
  }
  static std::string ask(const Composition& composition, std::string_view unit, std::uint32_t n) {
    return describe_outcome(composition.unit(unit)->call("", "f", std::vector{Value::u32(n)}));
  }
};

TEST_F(DomainSettingsInRuns, RestartsAreAvailableAgainAfterTheirWindow) {
  add("tax", function_unit("", "test:u/tax", kCount), kIsolated);
  say("[domains.tax]\nrestart = { on-trap = true, max = 1, within = \"50ms\" }");
  const Composition shop = build("tax");
  const auto f = [&](std::uint32_t n) { return describe_outcome(call(shop, "test:u/tax", n)); };
  EXPECT_THAT(f(0), StartsWith("trap: "));
  EXPECT_EQ(f(1), "1");
  EXPECT_THAT(f(0), StartsWith("trap: "));
  // Whether it is refused depends on the time; in the end it is not.
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  std::string answer = f(1);
  while (answer != "1" && std::chrono::steady_clock::now() < give_up) {
    EXPECT_THAT(answer, StartsWith("ended: the domain `tax` has ended: "));
    std::this_thread::yield();
    answer = f(1);
  }
  EXPECT_EQ(answer, "1");
}

// Grows its table by `n` elements; returns the previous size, or -1.
constexpr std::string_view kTable = R"(
    (core module $code
      (table $t 1 funcref)
      (func (export "f") (param i32) (result i32)
        (table.grow $t (ref.null func) (local.get 0))))
    (core instance $i (instantiate $code)))";

TEST_F(DomainSettingsInRuns, TablesAreLimitedInTheirDomain) {
  CompositionBuilder builder =
      two(core_unit(kTable, "test:u/near"), core_unit(kTable, "test:u/far"));
  builder.limits("far").tables = 10;
  const Result<Composition> composition = builder.build();
  ASSERT_TRUE(composition) << composition.error().front().message;
  EXPECT_EQ(ask(*composition, "far", 8), "1");
  EXPECT_EQ(ask(*composition, "far", 2), "4294967295");
  EXPECT_EQ(ask(*composition, "far", 1), "9");
  EXPECT_EQ(ask(*composition, "near", 1000), "1");
  EXPECT_EQ(ask(*composition, "near", 1000), "1001");
}

// A component with two core instances.
constexpr std::string_view kTwoInstances = R"(
    (core module $code (func (export "f") (param i32) (result i32) (local.get 0)))
    (core instance $more (instantiate $code))
    (core instance $i (instantiate $code)))";

TEST_F(DomainSettingsInRuns, InstancesAreLimitedInTheirDomain) {
  if (has_async_guests()) GTEST_SKIP() << "async guests have more core instances";
  for (const bool limits_near : {true, false}) {
    start_over();
    CompositionBuilder builder = two(core_unit(kTwoInstances, "test:u/near"),
                                     function_unit("", "test:u/far", "(local.get 0)"));
    builder.limits(limits_near ? "near" : "far").instances = 1;
    const Result<Composition> composition = builder.build();
    ASSERT_EQ(composition.has_value(), !limits_near);
    if (limits_near) {
      EXPECT_EQ(composition.error().front().code, "run-engine");
      EXPECT_THAT(composition.error().front().message, HasSubstr("instance"));
      EXPECT_THAT(composition.error().front().hints,
                  Contains(HasSubstr("`instances` of the domain `near`")));
    } else {
      EXPECT_EQ(ask(*composition, "near", 7), "7");
      EXPECT_EQ(ask(*composition, "far", 7), "7");
    }
  }
}

// Returns the number of environment variables that it sees.
constexpr std::string_view kEnvironment = R"(
    (import "wasi:cli/environment@0.2.0" (instance $wasi
      (export "get-environment" (func (result (list (tuple string string)))))))
    (core module $libc
      (memory (export "memory") 1)
      (global $next (mut i32) (i32.const 1024))
      (func (export "realloc") (param i32 i32 i32) (param $size i32) (result i32)
        (global.set $next (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
        (global.get $next)
        (global.set $next (i32.add (global.get $next) (local.get $size)))))
    (core instance $libc (instantiate $libc))
    (core func $get (canon lower (func $wasi "get-environment")
      (memory $libc "memory") (realloc (func $libc "realloc"))))
    (core module $code
      (import "libc" "memory" (memory 1))
      (import "wasi" "get" (func $get (param i32)))
      (func (export "f") (param i32) (result i32)
        (call $get (i32.const 16))
        (i32.load (i32.const 20))))
    (core instance $i (instantiate $code (with "libc" (instance $libc))
      (with "wasi" (instance (export "get" (func $get)))))))";

TEST_F(DomainSettingsInRuns, GrantsAreThoseOfTheDomain) {
  CompositionBuilder builder =
      two(core_unit(kEnvironment, "test:u/near"), core_unit(kEnvironment, "test:u/far"));
  builder.grants("far").env = {{"A", "1"}, {"B", "2"}};
  const Result<Composition> composition = builder.build();
  ASSERT_TRUE(composition) << composition.error().front().message;
  EXPECT_EQ(ask(*composition, "near", 0), "0");
  EXPECT_EQ(ask(*composition, "far", 0), "2");
}

// -- Domains of equal components, which share their code.

class EqualComponents : public DomainSettingsInRuns {
 protected:
  // `one` and `other` have the same bytes, in addition to the root; `more` and `much` provide their
  // imports.
  CompositionBuilder equal() {
    const std::string same =
        function_unit("test:u/price", "test:u/cart", "(call $f (local.get 0))");
    add("more", function_unit("", "test:u/price", kMore), kIsolated);
    add("much", function_unit("", "test:u/price", kMuch), kIsolated);
    add("one", same, kIsolated);
    add("other", same, kIsolated);
    say("[[wire]]\nconsumer = \"one\"\nimport = \"test:u/price\"\nprovider = \"more\"\n"
        "[[wire]]\nconsumer = \"other\"\nimport = \"test:u/price\"\nprovider = \"much\"");
    add("root", function_unit("", "test:u/root", kMore));
    return make_builder("root");
  }

 private:
  static constexpr std::string_view kMore = "(i32.add (local.get 0) (i32.const 1))";
  static constexpr std::string_view kMuch = "(i32.add (local.get 0) (i32.const 1000))";
};

TEST_F(EqualComponents, AreCompiledOnceAndEachCallsItsOwnProvider) {
  const TemporaryFolder cache;
  const Result<Composition> composition =
      equal().build({.cache_dir = cache.path().string(), .link_form = LinkForm::Embedded});
  ASSERT_TRUE(composition) << composition.error().front().message;
  std::size_t compiled = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(cache.path()))
    if (file.path().extension() == ".code") ++compiled;
  EXPECT_EQ(composition->plan().domains.size(), 5U);
  EXPECT_EQ(compiled, 4U);
  EXPECT_EQ(ask(*composition, "one", 1), "2");
  EXPECT_EQ(ask(*composition, "other", 1), "1001");
  EXPECT_EQ(ask(*composition, "one", 2), "3");
}

// Calls itself `n` times.
constexpr std::string_view kDescend = R"(
    (if (result i32) (i32.eqz (local.get 0))
      (then (i32.const 5))
      (else (call $self (i32.sub (local.get 0) (i32.const 1))))))";

TEST_F(EqualComponents, OneRunsOutOfFuelAlone) {
  CompositionBuilder builder =
      two(function_unit("", "test:u/f", kDescend), function_unit("", "test:u/f", kDescend));
  builder.limits("near").fuel = 1000;
  const Result<Composition> composition = builder.build();
  ASSERT_TRUE(composition) << composition.error().front().message;
  EXPECT_EQ(ask(*composition, "near", 3), "5");
  EXPECT_EQ(ask(*composition, "far", 1000), "5");
  EXPECT_THAT(ask(*composition, "near", 1000), HasSubstr("fuel"));
  EXPECT_EQ(ask(*composition, "far", 1000), "5");
}

TEST_F(EqualComponents, ARestartOfOneDoesNotAffectTheOther) {
  CompositionBuilder builder =
      two(function_unit("", "test:u/f", kCount), function_unit("", "test:u/f", kCount));
  builder.restart("near", {.max = 1});
  const Result<Composition> composition = builder.build();
  ASSERT_TRUE(composition) << composition.error().front().message;
  EXPECT_EQ(ask(*composition, "near", 1), "1");
  EXPECT_EQ(ask(*composition, "far", 1), "1");
  const auto failed = composition->unit("near")->call("", "f", std::vector{Value::u32(0)});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().unit, "near");
  EXPECT_EQ(ask(*composition, "far", 1), "2");
  EXPECT_EQ(ask(*composition, "near", 1), "1");
  EXPECT_EQ(ask(*composition, "far", 1), "3");
}

// -- The table of calls

TEST(CallTables, MakeTheCopyProgramOfAFunctionOnce) {
  link::Request request;
  request.name = "test";
  link::UnitRequest& unit = request.units.emplace_back();
  unit.name = "lib";
  unit.path = domain_guest("lib");
  link::PhaseClock clock;
  const auto running = link::run_link(request, RealFiles(), {}, clock);
  ASSERT_TRUE(running) << running.error().front().message;
  link::CallTable& calls = link::call_table(**running);
  ASSERT_FALSE(calls.functions().empty());
  const link::ExportedItem& item = calls.functions().front();
  const auto shape = calls.types().shape_of(item.function);
  ASSERT_TRUE(shape);
  const long users = shape->use_count();
  const Function first = api::make_function(*running, item);
  const Function second = api::make_function(*running, item);
  // The function, its callee and the form of its values hold it.
  EXPECT_EQ(shape->use_count(), users + 6);
  EXPECT_EQ(calls.types().shape_of(item.function)->get(), shape->get());
}

// A type is named by an interface that its unit imports, and by nothing that the composition exports.
TEST_F(DomainSettingsInRuns, TypesThatExportsMentionHaveNames) {
  constexpr std::string_view kUnit = R"((component
  (import "test:u/types" (instance $types
    (type $item' (record (field "n" u32)))
    (export "item" (type (eq $item')))))
  (alias export $types "item" (type $item))
  (core module $m (func (export "f") (param i32) (result i32) (local.get 0)))
  (core instance $i (instantiate $m))
  (func (export "f") (param "of" $item) (result u32) (canon lift (core func $i "f")))))";
  const Result<Composition> composition = two(kUnit, kUnit).build();
  ASSERT_TRUE(composition) << composition.error().front().message;
  const Result<Function> f = composition->unit("near")->find_function("", "f");
  ASSERT_TRUE(f) << f.error().front().message;
  EXPECT_EQ(f->type().params().front().type.name(), "item");
  EXPECT_EQ(f->type().wit("f"), "f: func(of: item) -> u32;");
}

}  // namespace
}  // namespace tenon::domain_settings_test
