// Resources of units of other compositions. The thread sanitizer runs this.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "tenon/builder.h"
#include "tenon/function.h"
#include "tenon/host.h"
#include "tests/support/call_test.h"
#include "tests/support/test_units.h"

namespace tenon::running_unit_handles_test {
namespace {

using testing::Each;
using testing::HasSubstr;
using testing::StartsWith;

using Names = std::initializer_list<const char*>;

// -- Guests of tests/guests/domains: `front` calls `lib` and `keeper`, `keeper` calls `lib`.

class RunningUnitsAndHandles : public UnitsTest {
 protected:
  // Each unit is in a domain of its own, which restarts.
  CompositionBuilder make(std::string_view name, Names units) {
    CompositionBuilder builder;
    builder.set_name(name);
    for (const char* unit : units) {
      builder.add_component(unit, domain_guest(unit));
      builder.restart(unit, {.max = 9});
    }
    builder.set_root(*units.begin());
    builder.isolate_all();
    return builder;
  }
  // `lib` and `keeper`.
  Composition build_shop() { return built(make("shop", {"keeper", "lib"})); }
  // `front`, with these units of `shop`.
  Composition build_store(const Composition& shop, Names shared = {"keeper", "lib"},
                          Names own = {"front"}) {
    CompositionBuilder builder = make("store", own);
    for (const char* unit : shared) builder.add_unit(unit, *shop.unit(unit));
    return built(std::move(builder));
  }
  static std::uint32_t alive(const Composition& shop) {
    return *(**shop.unit("lib")->call("demo:domains/lib", "alive", {})).get_if<std::uint32_t>();
  }
  // The number of resources that are held outside of their own domain, as counted by a refused swap.
  static std::size_t in_use(Composition& shop) {
    const Result<void> swapped = shop.swap("lib", domain_guest("lib"));
    std::size_t count = 0;
    if (!swapped)
      for (const Note& note : swapped.error().front().notes)
        count += std::strtoul(note.text.c_str(), nullptr, 10);
    return count;
  }
};

TEST_F(RunningUnitsAndHandles, WorkAsInOneComposition) {
  const Composition single = built(make("one", {"front", "keeper", "lib"}));
  const Composition first = build_shop();
  const Composition both = build_store(first);
  const Composition second = build_shop();
  // The keeper belongs to `store`, and passes resources on that it does not make.
  const Composition lib_alone = build_store(second, {"lib"}, {"front", "keeper"});
  for (const std::string_view text : kFrontCalls) {
    const std::string expected = call_front(single, text);
    EXPECT_EQ(call_front(both, text), expected) << text;
    EXPECT_EQ(call_front(lib_alone, text), expected) << text;
  }
}

TEST_F(RunningUnitsAndHandles, ManyLeaveNothingBehind) {
  Composition shop = build_shop();
  std::vector<TraceCall> traced;
  BuildOptions options;
  options.trace_calls = [&](const TraceCall& call) { traced.push_back(call); };
  CompositionBuilder builder = make("store", {"front"});
  for (const char* unit : {"keeper", "lib"}) builder.add_unit(unit, *shop.unit(unit));
  const Composition seen = *builder.build(options);
  EXPECT_EQ(call_front(seen, "churn(10000)"), "0");
  EXPECT_EQ(traced.back().handles, 0U);
  EXPECT_THAT(traced.front().result, StartsWith("<demo:domains/lib@1.0.0.counter #"));
  EXPECT_EQ(traced.front().handles, 1U);
  EXPECT_EQ(call_front(seen, "loop-own(10000)"), "49995000");
  EXPECT_EQ(traced.back().handles, 0U);
  const Composition store = build_store(shop);
  EXPECT_EQ(call_front(store, "loop-borrow(10000)"), "10000");
  EXPECT_EQ(in_use(shop), 0U);
  EXPECT_EQ(alive(shop), 0U);
}

TEST_F(RunningUnitsAndHandles, AreDroppedWhenTheirHolderIsGone) {
  Composition shop = build_shop();
  std::optional<Composition> store = build_store(shop);
  EXPECT_EQ(call_front(*store, "hold(3)"), "()");
  EXPECT_EQ(call_front(*store, "keep(5)"), "()");
  EXPECT_EQ(alive(shop), 2U);
  EXPECT_EQ(in_use(shop), 2U);
  store.reset();
  // The resources of the shop's keeper are separate.
  EXPECT_EQ(alive(shop), 1U);
  const Composition other = build_store(shop);
  EXPECT_EQ(call_front(other, "take()"), "some(6)");
  EXPECT_EQ(alive(shop), 0U);
  EXPECT_EQ(in_use(shop), 0U);
}

TEST_F(RunningUnitsAndHandles, AreDroppedWhenTheirHolderTraps) {
  Composition shop = build_shop();
  const Composition store = build_store(shop);
  EXPECT_EQ(call_front(store, "hold(3)"), "()");
  EXPECT_THAT(call_front(store, "swallow(4)"), HasSubstr("`keeper` trapped"));
  EXPECT_EQ(alive(shop), 0U);
  EXPECT_EQ(call_front(store, "hold(3)"), "()");
  EXPECT_EQ(call_front(store, "next()"), "4");
}

TEST_F(RunningUnitsAndHandles, OutliveTheOtherComposition) {
  std::optional<Composition> shop = build_shop();
  const Composition store = build_store(*shop);
  EXPECT_EQ(call_front(store, "hold(3)"), "()");
  shop.reset();
  EXPECT_EQ(call_front(store, "next()"), "4");
  EXPECT_EQ(call_front(store, "alive()"), "1");
  EXPECT_EQ(call_front(store, "churn(10)"), "1");
}

TEST_F(RunningUnitsAndHandles, AreStaleAfterTheirDomainEnded) {
  const Composition shop = build_shop();
  const Composition store = build_store(shop);
  EXPECT_EQ(call_front(store, "hold(3)"), "()");
  EXPECT_FALSE(shop.unit("lib")->call("demo:domains/lib", "boom", {}));
  EXPECT_THAT(call_front(store, "next()"),
              HasSubstr("a handle of `demo:domains/lib@1.0.0.counter` that is stale: the domain "
                        "`lib` ended after it was made"));
  // The caller has ended, the callee has not.
  EXPECT_EQ(call_front(store, "next()"), "0");
  EXPECT_EQ(call_front(store, "hold(3)"), "()");
  EXPECT_EQ(alive(shop), 1U);
  EXPECT_EQ(call_front(store, "churn(3)"), "1");
}

TEST_F(RunningUnitsAndHandles, AreStaleAfterASwap) {
  Composition shop = build_shop();
  const Composition store = build_store(shop);
  EXPECT_EQ(call_front(store, "hold(3)"), "()");
  EXPECT_TRUE(shop.swap("lib", domain_guest("lib"), {.handles = SwapHandles::MakeStale}));
  EXPECT_THAT(call_front(store, "next()"), HasSubstr("that is stale: the domain `lib` ended"));
  EXPECT_EQ(call_front(store, "merge(3, 4)"), "8");
}

TEST_F(RunningUnitsAndHandles, ADestructorThatTrapsIsReportedToTheNextCaller) {
  const Composition shop = build_shop();
  const Composition store = build_store(shop);
  EXPECT_EQ(call_front(store, "hold(3)"), "()");
  EXPECT_EQ(call_front(store, "drop-bad()"), "()");
  EXPECT_THAT(call_front(store, "next()"), HasSubstr("that is stale: the domain `lib` ended"));
  EXPECT_EQ(alive(shop), 0U);
}

TEST_F(RunningUnitsAndHandles, AFunctionOfTheProgramReturnsThose) {
  constexpr std::string_view kKeeper = "demo:domains/keeper";
  Composition shop = build_shop();
  const auto make_counter = *shop.unit("lib")->function<Resource(std::uint32_t)>(
      "demo:domains/lib", "[constructor]counter");
  CompositionBuilder builder = make("store", {"front"});
  builder.add_unit("lib", *shop.unit("lib"));
  builder.add_host_function(kKeeper, "take",
                            [&]() -> std::optional<Resource> { return *make_counter(7); });
  builder.add_host_function(kKeeper, "keep", [](Resource) {});
  builder.add_host_function(kKeeper, "keep-all", [](std::vector<Resource>) { return 0U; });
  builder.add_host_function(kKeeper, "sum", [](const Resource&, Borrow) { return 0U; });
  builder.add_host_function(kKeeper, "swallow", [](Resource) {});
  const Composition store = built(std::move(builder));
  EXPECT_EQ(call_front(store, "take()"), "some(8)");
  EXPECT_EQ(alive(shop), 0U);
  EXPECT_EQ(in_use(shop), 0U);
}

TEST_F(RunningUnitsAndHandles, OneResourceHasOneComposition) {
  const Composition shop = build_shop();
  CompositionBuilder builder = make("store", {"front", "lib"});
  builder.add_unit("keeper", *shop.unit("keeper"));
  const Result<Plan> plan = builder.plan();
  ASSERT_FALSE(plan);
  EXPECT_THAT(texts(plan.error()), Each(StartsWith("resolve-resource-split: ")));
}

TEST_F(RunningUnitsAndHandles, EachOfTwoThreadsHoldsItsOwn) {
  constexpr int kRounds = 50;
  Composition shop = build_shop();
  std::vector<Composition> stores;
  for (int i = 0; i < 2; ++i) stores.push_back(build_store(shop));
  std::vector<std::string> wrong(stores.size());
  {
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < stores.size(); ++i)
      threads.emplace_back([&, i] {
        const auto expect = [&](std::string_view text, std::string_view expected) {
          const std::string is = call_front(stores[i], text);
          if (is != expected) wrong[i] += fmt::format("{}: {} ", text, is);
        };
        for (int round = 0; round < kRounds; ++round) {
          expect("hold(3)", "()");
          expect("next()", "4");
          expect("merge(3, 4)", "8");
          expect("sum(1, 2)", "5");
          expect("consume(9)", "9");
        }
      });
    for (int round = 0; round < kRounds; ++round) {
      CallResult<Resource> counter = (*shop.unit("lib")->function<Resource(std::uint32_t)>(
          "demo:domains/lib", "[constructor]counter"))(7);
      EXPECT_TRUE(counter);
    }
    for (std::thread& thread : threads) thread.join();
  }
  EXPECT_THAT(wrong, Each(""));
  EXPECT_EQ(alive(shop), 2U);
  stores.pop_back();
  EXPECT_EQ(alive(shop), 1U);
  stores.pop_back();
  EXPECT_EQ(alive(shop), 0U);
  EXPECT_EQ(in_use(shop), 0U);
}

}  // namespace
}  // namespace tenon::running_unit_handles_test
