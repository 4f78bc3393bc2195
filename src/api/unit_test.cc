// Units of running compositions, called by the program.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/function.h"
#include "tenon/host.h"
#include "tests/support/call_test.h"

namespace tenon::unit_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kLib = "demo:domains/lib";

CompositionBuilder make_builder(const UnitOptions& lib) {
  CompositionBuilder builder;
  builder.add_component("front", domain_guest("front"));
  builder.add_component("keeper", domain_guest("keeper"));
  builder.add_component("lib", domain_guest("lib"), lib);
  builder.set_root("front");
  return builder;
}

std::vector<std::string> names(const std::vector<Unit>& units) {
  std::vector<std::string> names;
  for (const Unit& unit : units) names.push_back(unit.name());
  return names;
}

TEST(Units, EveryExportOfAReachableUnitCanBeCalled) {
  for (const bool isolates : {false, true}) {
    CompositionBuilder builder = make_builder({.reachable = Reachable::Yes});
    if (isolates) builder.isolate_all();
    Result<Composition> composition = builder.build();
    ASSERT_TRUE(composition) << composition.error().front().message;
    if (isolates)
      EXPECT_THAT(names(composition->units()), ElementsAre("front", "keeper", "lib"));
    else
      EXPECT_THAT(names(composition->units()), ElementsAre("lib"));
    const Result<Unit> lib = composition->unit("lib");
    ASSERT_TRUE(lib) << lib.error().front().message;
    const auto add = lib->function<std::uint32_t(std::uint32_t, std::uint32_t)>(kLib, "add");
    ASSERT_TRUE(add) << add.error().front().message;
    EXPECT_EQ(*(*add)(2, 3), 5U);
    // It is the instance that the others call.
    EXPECT_EQ(call_front(*composition, "calls()"), "1");
    EXPECT_EQ(**lib->call("lib", "calls", {}), Value::u32(2));
    EXPECT_EQ(call_front(*composition, "calls()"), "3");
    // All functions are available, even if no unit imports them.
    std::vector<std::string> functions;
    for (const Function& function : lib->functions()) functions.push_back(function.name());
    EXPECT_THAT(functions, testing::Contains("[static]counter.merge"));
    EXPECT_THAT(functions, testing::Contains("spin"));
    EXPECT_EQ(functions.size(), 20U);
    const auto no_function = lib->find_function("", "ad");
    ASSERT_FALSE(no_function);
    EXPECT_EQ(no_function.error().front().message, "`lib` exports no function `ad`");
  }
}

TEST(Units, ResourcesPassBetweenUnits) {
  CompositionBuilder builder = make_builder({});
  builder.isolate_all();
  Result<Composition> composition = builder.build();
  ASSERT_TRUE(composition) << composition.error().front().message;
  const Unit lib = *composition->unit("lib");
  const Unit keeper = *composition->unit("keeper");
  const auto open = lib.function<Resource(std::uint32_t)>(kLib, "[constructor]counter");
  const auto next = lib.function<std::uint32_t(Borrow)>(kLib, "[method]counter.next");
  const auto keep = keeper.function<void(Resource)>("demo:domains/keeper", "keep");
  ASSERT_TRUE(open) << open.error().front().message;
  ASSERT_TRUE(keep) << keep.error().front().message;
  CallResult<Resource> counter = (*open)(10);
  ASSERT_TRUE(counter);
  EXPECT_EQ(*(*next)(*counter), 11U);
  EXPECT_TRUE((*keep)(*std::move(counter)));
  EXPECT_EQ(call_front(*composition, "take()"), "some(12)");
}

TEST(Units, ASwappedUnitStillReturnsItsFunctions) {
  CompositionBuilder builder = make_builder({});
  builder.isolate("lib");
  Result<Composition> composition = builder.build();
  ASSERT_TRUE(composition) << composition.error().front().message;
  const Unit lib = *composition->unit("lib");
  EXPECT_EQ(**lib.call("", "calls", {}), Value::u32(1));
  ASSERT_TRUE(composition->swap("lib", domain_guest("lib")));
  EXPECT_EQ(**lib.call("", "calls", {}), Value::u32(1));
}

// The plan is dropped after the start, and made again when it is asked for.
TEST(Units, ARunningCompositionHasThePlanOfItsBuilder) {
  CompositionBuilder builder = make_builder({});
  builder.isolate_all();
  builder.add_host_function("acme:log/log", "write", [](std::uint32_t) {});
  const Result<Plan> planned = builder.plan();
  Result<Composition> composition = builder.build();
  ASSERT_TRUE(planned && composition);
  EXPECT_EQ(call_front(*composition, "calls()"), "1");
  const Plan* const plan = &composition->plan();
  EXPECT_EQ(plan->units, planned->units);
  EXPECT_EQ(plan->domains, planned->domains);
  EXPECT_EQ(plan->edges, planned->edges);
  EXPECT_EQ(plan->notes.size(), composition->notes().size());
  EXPECT_EQ(plan, &composition->plan());
  // A backtrace names units and functions.
  const auto trapped = composition->unit("lib")->call("", "boom", {});
  ASSERT_FALSE(trapped);
  EXPECT_EQ(trapped.error().unit, "lib");
  ASSERT_FALSE(trapped.error().backtrace.empty());
  EXPECT_EQ(trapped.error().backtrace.front().unit, "lib");
}

TEST(Units, TheProgramSetsLimitsAndRestartsOfDomains) {
  CompositionBuilder builder = make_builder({});
  builder.isolate("lib");
  builder.limits("lib").memory = 4 << 20;
  builder.limits("lib").call_timeout = std::chrono::milliseconds(50);
  builder.restart("lib", {.max = 2});
  Result<Composition> composition = builder.build();
  ASSERT_TRUE(composition) << composition.error().front().message;
  const auto& domains = composition->plan().domains;
  const auto lib = std::ranges::find(domains, "lib", &PlanDomain::name);
  ASSERT_NE(lib, domains.end());
  EXPECT_EQ(lib->limits.memory, 4U << 20);
  EXPECT_EQ(lib->limits.restarts, 2U);
  const Unit unit = *composition->unit("lib");
  const Value pages = Value::u32(1000);
  EXPECT_EQ(**unit.call("", "grow", std::span(&pages, 1)), Value::u32(0));
  EXPECT_EQ(unit.call("", "spin", {}).error().kind, CallFailure::Kind::Deadline);
  EXPECT_EQ(**unit.call("", "calls", {}), Value::u32(1));
  builder.limits("no-domain").memory = 1;
  builder.limits("lib").timeout = std::chrono::seconds(10);
  const Result<Plan> plan = builder.plan();
  ASSERT_FALSE(plan);
  EXPECT_THAT(plan.error().front().message, HasSubstr("no-domain"));
}

TEST(Units, AnUnreachableUnitIsReported) {
  CompositionBuilder builder = make_builder({});
  builder.isolate("front");
  std::optional<Composition> composition(*builder.build());
  const Result<Unit> lib = composition->unit("lib");
  ASSERT_FALSE(lib);
  EXPECT_EQ(lib.error().front().code, "run-no-unit");
  EXPECT_THAT(lib.error().front().hints.front(), HasSubstr("Reachable::Yes"));
  const Result<Unit> none = composition->unit("fromt");
  ASSERT_FALSE(none);
  EXPECT_THAT(none.error().front().hints.front(), HasSubstr("`front`"));
  const Unit front = *composition->unit("front");
  composition.reset();
  EXPECT_THAT(front.functions(), IsEmpty());
  EXPECT_THAT(front.call("", "alive", {}).error().message, HasSubstr("is gone"));
}

}  // namespace
}  // namespace tenon::unit_test
