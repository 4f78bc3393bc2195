// Units of a composition that runs, as units of another. The thread sanitizer runs this.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "runtime/active_call.h"
#include "tenon/builder.h"
#include "tenon/function.h"
#include "tenon/host.h"
#include "tenon/inspect.h"
#include "tests/support/call_test.h"
#include "tests/support/test_units.h"

namespace tenon::running_unit_test {
namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

// f(0) traps, f(1) never returns, f(2) returns the number of calls, else f(n) is n + 1.
constexpr std::string_view kTax = R"(
    (if (i32.eqz (local.get 0)) (then unreachable))
    (loop $again (br_if $again (i32.eq (local.get 0) (i32.const 1))))
    (global.set $state (i32.add (global.get $state) (i32.const 1)))
    (if (result i32) (i32.eq (local.get 0) (i32.const 2))
      (then (global.get $state))
      (else (i32.add (local.get 0) (i32.const 1)))))";
constexpr std::string_view kCallOn = "(call $f (local.get 0))";

class RunningUnits : public UnitsTest {
 protected:
  CompositionBuilder named(std::string_view name, std::string_view root) {
    CompositionBuilder builder = make_builder(root);
    builder.set_name(name);
    start_over();
    return builder;
  }

  // `tax` in a domain of its own. tables: further tables of the manifest.
  Composition build_shop(std::string_view tables = {}) {
    add("tax", function_unit("", "test:u/tax", kTax), "isolated = true");
    say(tables);
    return built(named("shop", "tax"));
  }
  // `cart`, which calls `tax` of `shop`.
  CompositionBuilder cart_builder(const Composition& shop, std::string_view tables = {}) {
    add("cart", function_unit("test:u/tax", "test:u/cart", kCallOn));
    say(tables);
    CompositionBuilder builder = named("store", "cart");
    builder.add_unit("tax", *shop.unit("tax"));
    return builder;
  }
  Composition build_cart(const Composition& shop, std::string_view tables = {}) {
    return built(cart_builder(shop, tables));
  }
};

std::string first_text(const Diagnostics& problems) {
  return fmt::format("{}: {}", problems.front().code, problems.front().message);
}

template <class T>
std::string problem_of(const Result<T>& result) {
  return result ? std::string("fine") : first_text(result.error());
}

TEST_F(RunningUnits, AreCalledInTheirComposition) {
  const Composition shop = build_shop();
  const Composition cart = build_cart(shop);
  const Composition other = build_cart(shop);
  EXPECT_EQ(describe_outcome(call(cart, "test:u/cart", 7)), "8");
  EXPECT_EQ(describe_outcome(call(shop, "test:u/tax", 2)), "2");
  EXPECT_EQ(describe_outcome(call(other, "test:u/cart", 2)), "3");
  EXPECT_EQ(describe_outcome(call(cart, "test:u/cart", 2)), "4");
}

TEST_F(RunningUnits, AreInThePlanAndOutsideOfItsDomains) {
  const Composition shop = build_shop();
  CompositionBuilder builder = cart_builder(shop);
  builder.isolate_all();
  const Plan plan = *builder.plan();
  ASSERT_EQ(plan.edges.size(), 1U);
  EXPECT_EQ(plan.edges[0].provider, "tax");
  EXPECT_EQ(plan.edges[0].kind, EdgeKind::Bridged);
  EXPECT_THAT(plan.edges[0].notes, Contains("to the domain shop:tax of another composition"));
  ASSERT_EQ(plan.units.size(), 2U);
  EXPECT_EQ(plan.units[1].name, "tax");
  EXPECT_EQ(plan.units[1].kind, UnitKind::Component);
  EXPECT_EQ(plan.units[1].domain, "shop:tax");
  EXPECT_THAT(plan.units[1].imports, IsEmpty());
  ASSERT_EQ(plan.domains.size(), 1U);
  EXPECT_THAT(plan.domains[0].units, ElementsAre("cart"));
  EXPECT_THAT(plan.order, ElementsAre("cart"));
  EXPECT_EQ(plan.root, "cart");
}

TEST_F(RunningUnits, OfANestedCompositionKeepTheirKind) {
  add("inner", function_unit("", "test:u/tax", kTax));
  CompositionBuilder outer;
  outer.set_name("shop");
  outer.add_composition("tax", named("inner", "inner"));
  outer.isolate("tax");
  const Composition shop = built(std::move(outer));
  const Composition cart = build_cart(shop);
  EXPECT_EQ(cart.plan().units[1].kind, UnitKind::Composition);
  EXPECT_EQ(describe_outcome(call(cart, "test:u/cart", 7)), "8");
  // It has no file, but a lock names it.
  EXPECT_THAT(*cart_builder(shop).make_lock("tenon.lock"),
              HasSubstr("[[unit]]\nname = \"tax\"\nkind = \"composition\"\n"));
}

// The imports of a running unit are not imports of this composition.
TEST_F(RunningUnits, CallTheirOwnProviders) {
  add("base", function_unit("", "test:u/base", kTax));
  add("tax", function_unit("test:u/base", "test:u/tax", kCallOn), "isolated = true");
  const Composition shop = built(named("shop", "tax"));
  const Composition cart = build_cart(shop);
  EXPECT_EQ(describe_outcome(call(cart, "test:u/cart", 7)), "8");
  EXPECT_THAT(describe_outcome(call(cart, "test:u/cart", 0)), StartsWith("trap: "));
}

TEST_F(RunningUnits, ATrapEndsTheCallerTooAndShowsTheFramesOfBoth) {
  const Composition shop = build_shop("[domains.tax]\nrestart = { on-trap = true, max = 1 }");
  const Composition cart =
      build_cart(shop, "[domains.main]\nrestart = { on-trap = true, max = 9 }");
  const auto failed = call(cart, "test:u/cart", 0);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, CallFailure::Kind::Trap);
  EXPECT_EQ(failed.error().unit, "tax");
  EXPECT_EQ(failed.error().function, "test:u/tax#f");
  std::vector<std::string> frames;
  for (const CallFailure::Frame& frame : failed.error().backtrace) frames.push_back(frame.unit);
  EXPECT_THAT(frames, ElementsAre("tax", "cart"));
  // Both were restarted, the callee for the last time.
  EXPECT_EQ(describe_outcome(call(cart, "test:u/cart", 2)), "1");
  EXPECT_THAT(describe_outcome(call(shop, "test:u/tax", 0)), StartsWith("trap: "));
  EXPECT_THAT(describe_outcome(call(cart, "test:u/cart", 7)),
              StartsWith("ended: the domain `tax` has ended: "));
}

// `f: func(n: u32) -> result<u32, string>`: the provider traps for 0, the consumer calls it.
std::string result_unit(bool is_provider) {
  const std::string_view type = R"((func (param "n" u32) (result (result u32 (error string)))))";
  return fmt::format(
      R"((component
  {0}
  (core module $libc
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024)))
  (core instance $libc (instantiate $libc))
  {1}
  (core module $code
    (import "libc" "memory" (memory 1))
    {2}
  (core instance $i (instantiate $code (with "libc" (instance $libc)) {3}))
  (func $out (param "n" u32) (result (result u32 (error string)))
    (canon lift (core func $i "f") (memory $libc "memory") (realloc (func $libc "realloc"))))
  (instance $exported (export "f" (func $out)))
  (export "{4}" (instance $exported))))",
      is_provider ? ""
                  : fmt::format(R"((import "test:u/tax" (instance $needs (export "f" {}))))", type),
      is_provider ? "" : R"((core func $f (canon lower (func $needs "f")
                        (memory $libc "memory") (realloc (func $libc "realloc")))))",
      is_provider ? R"((func (export "f") (param i32) (result i32)
                      (if (i32.eqz (local.get 0)) (then unreachable))
                      (i32.store8 (i32.const 16) (i32.const 0))
                      (i32.store (i32.const 20) (local.get 0))
                      (i32.const 16))))"
                  : R"((import "needs" "f" (func $f (param i32 i32)))
                    (func (export "f") (param i32) (result i32)
                      (call $f (local.get 0) (i32.const 16))
                      (i32.const 16))))",
      is_provider ? "" : R"((with "needs" (instance (export "f" (func $f)))))",
      is_provider ? "test:u/tax" : "test:u/cart");
}

TEST_F(RunningUnits, AFailureIsAValueWhereTheResultCanCarryIt) {
  add("tax", result_unit(true), "isolated = true");
  const Composition shop = built(named("shop", "tax"));
  add("cart", result_unit(false));
  CompositionBuilder builder = named("store", "cart");
  builder.add_unit("tax", *shop.unit("tax"));
  const Composition cart = built(std::move(builder));
  const auto ask = [&](std::uint32_t n) {
    const auto result = call(cart, "test:u/cart", n);
    return result ? print_wave(**result) : result.error().message;
  };
  EXPECT_EQ(ask(5), "ok(5)");
  EXPECT_THAT(ask(0), StartsWith("err(\"`tax` trapped in `test:u/tax#f`"));
  EXPECT_THAT(ask(5), HasSubstr("the domain `tax` has ended"));
}

TEST_F(RunningUnits, ADeadlineOfTheCallerEndsTheirCall) {
  const Composition shop = build_shop("[domains.tax]\ncall-timeout = \"1h\"");
  const Composition cart = build_cart(shop, "[domains.main]\ncall-timeout = \"20ms\"");
  const auto late = call(cart, "test:u/cart", 1);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind, CallFailure::Kind::Deadline);
  EXPECT_EQ(late.error().unit, "tax");
  EXPECT_EQ(late.error().domain, "main");
  EXPECT_THAT(late.error().limits, ElementsAre("call-timeout"));
  EXPECT_THAT(describe_outcome(call(shop, "test:u/tax", 7)), StartsWith("ended: "));
}

TEST_F(RunningUnits, ADeadlineThatCouldNotEndTheirCallsIsRefused) {
  const Composition shop = build_shop();
  CompositionBuilder builder = cart_builder(shop, "[domains.main]\ncall-timeout = \"20ms\"");
  EXPECT_THAT(problem_of(builder.plan()),
              StartsWith("config-value: neither a deadline nor an interrupt can end the calls of "
                         "`tax`: its composition `shop` allows neither"));
}

TEST_F(RunningUnits, RunAsLongAsTheirConsumers) {
  std::optional<Composition> shop = build_shop();
  const Function own = *shop->find_function("test:u/tax", "f");
  std::optional<Composition> cart = build_cart(*shop);
  const std::vector<Value> seven{Value::u32(7)};
  shop.reset();
  EXPECT_EQ(describe_outcome(call(*cart, "test:u/cart", 7)), "8");
  EXPECT_EQ(describe_outcome(own.call(seven)), "8");
  cart.reset();
  EXPECT_THAT(describe_outcome(own.call(seven)), HasSubstr("is gone"));
}

TEST_F(RunningUnits, OfADestroyedCompositionAreRejected) {
  std::optional<Composition> shop = build_shop();
  const Unit tax = *shop->unit("tax");
  shop.reset();
  CompositionBuilder builder;
  builder.add_unit("tax", tax);
  EXPECT_EQ(problem_of(builder.plan()), "run-no-unit: the composition of `tax` is gone");
}

TEST_F(RunningUnits, AreSwappedByTheirComposition) {
  Composition shop = build_shop();
  std::optional<Composition> cart = build_cart(shop);
  EXPECT_EQ(describe_outcome(call(*cart, "test:u/cart", 7)), "8");
  const std::string ten =
      write("ten", function_unit("", "test:u/tax", "(i32.add (local.get 0) (i32.const 10))"));
  EXPECT_EQ(problem_of(shop.swap("tax", ten)), "fine");
  EXPECT_EQ(describe_outcome(call(*cart, "test:u/cart", 7)), "17");
  EXPECT_EQ(problem_of(cart->swap("tax", ten)),
            "run-swap: `tax` cannot be swapped: it belongs to another composition; swap it there");
  // Its own units can be swapped as usual.
  const std::string twice = write(
      "twice", function_unit("test:u/tax", "test:u/cart", "(call $f (call $f (local.get 0)))"));
  add("cart", function_unit("test:u/tax", "test:u/cart", kCallOn), "isolated = true");
  CompositionBuilder isolated = named("store", "cart");
  isolated.add_unit("tax", *shop.unit("tax"));
  Composition other = built(std::move(isolated));
  EXPECT_EQ(problem_of(other.swap("cart", twice)), "fine");
  EXPECT_EQ(describe_outcome(call(other, "test:u/cart", 7)), "27");
}

// A unit with functions in two interfaces, `b` before `a` if it is turned.
std::string two_interfaces(bool is_turned, bool has_both = true) {
  const auto add = [](std::string_view name, int more) {
    return fmt::format(R"(
  (core module ${0}m (func (export "f") (param i32) (result i32)
    (i32.add (local.get 0) (i32.const {1}))))
  (core instance ${0}i (instantiate ${0}m))
  (func ${0}f (param "n" u32) (result u32) (canon lift (core func ${0}i "f")))
  (instance ${0} (export "f" (func ${0}f)))
  (export "test:u/{0}" (instance ${0})))",
                       name, more);
  };
  const std::string a = has_both ? add("a", 1) : "";
  const std::string b = add("b", 2);
  return fmt::format("(component {} {})", is_turned ? b : a, is_turned ? a : b);
}

TEST_F(RunningUnits, KeepTheirFunctionsInASwapAsLongAsOthersUseThem) {
  if (has_async_guests()) GTEST_SKIP() << "its units are written for synchronous types";
  add("root", function_unit("", "test:u/root", kTax));
  add("pair", two_interfaces(false), "isolated = true");
  Composition shop = built(named("shop", "root"));
  add("cart", function_unit("test:u/b", "test:u/cart", kCallOn));
  CompositionBuilder builder = named("store", "cart");
  builder.add_unit("pair", *shop.unit("pair"));
  std::optional<Composition> cart = built(std::move(builder));
  const std::string turned = write("turned", two_interfaces(true));
  const std::string less = write("less", two_interfaces(false, false));
  EXPECT_EQ(problem_of(shop.swap("pair", less)),
            "run-swap: `pair` cannot be swapped: it would not export `test:u/a#f`");
  EXPECT_THAT(problem_of(shop.swap("pair", turned)),
              StartsWith("run-swap: `pair` cannot be swapped: the place of `test:u/a#f` among its "
                         "exports would change"));
  EXPECT_EQ(describe_outcome(call(*cart, "test:u/cart", 7)), "9");
  cart.reset();
  EXPECT_EQ(problem_of(shop.swap("pair", turned)), "fine");
  EXPECT_EQ(problem_of(shop.swap("pair", less)), "fine");
}

// The function of `a` takes a number; that of `b` takes a text and returns its length.
std::string number_and_text(bool is_turned) {
  constexpr std::string_view kA = R"(
  (func $af (param "n" u32) (result u32) (canon lift (core func $i "more")))
  (instance $a (export "f" (func $af)))
  (export "test:u/a" (instance $a)))";
  constexpr std::string_view kB = R"(
  (func $bf (param "s" string) (result u32)
    (canon lift (core func $i "length") (memory $i "memory") (realloc (func $i "realloc"))))
  (instance $b (export "f" (func $bf)))
  (export "test:u/b" (instance $b)))";
  return fmt::format(R"((component
  (core module $code
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
    (func (export "more") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
    (func (export "length") (param i32 i32) (result i32) (local.get 1)))
  (core instance $i (instantiate $code)) {} {}))",
                     is_turned ? kB : kA, is_turned ? kA : kB);
}

TEST_F(RunningUnits, ReturnFunctionsThatASwapKeepsOrRefuses) {
  add("root", function_unit("", "test:u/root", kTax));
  add("pair", number_and_text(false), "isolated = true");
  Composition shop = built(named("shop", "root"));
  const Unit pair = *shop.unit("pair");
  const std::vector<Value> seven{Value::u32(7)};
  const Function more = *pair.find_function("test:u/a", "f");
  const auto typed = *pair.function<std::uint32_t(std::uint32_t)>("test:u/a", "f");
  const auto length = *pair.function<std::uint32_t(std::string_view)>("test:u/b", "f");
  const Function root = *shop.find_function("test:u/root", "f");
  ASSERT_EQ(problem_of(shop.swap("pair", write("same", number_and_text(false)))), "fine");
  EXPECT_EQ(describe_outcome(more.call(seven)), "8");
  EXPECT_EQ(*typed(7), 8U);
  EXPECT_EQ(*length("four"), 4U);
  ASSERT_EQ(problem_of(shop.swap("pair", write("turned", number_and_text(true)))), "fine");
  const auto expect_refused = [](const auto& called, std::string_view name) {
    ASSERT_FALSE(called);
    EXPECT_EQ(called.error().kind, CallFailure::Kind::BadCall);
    EXPECT_EQ(first_text(called.error().problems),
              fmt::format("run-no-function: `{}` was looked up before `pair` was swapped: look it "
                          "up again",
                          name));
  };
  for (int i = 0; i < 2; ++i) {
    expect_refused(more.call(seven), "test:u/a#f");
    expect_refused(typed(7), "test:u/a#f");
    expect_refused(length("four"), "test:u/b#f");
  }
  EXPECT_EQ(describe_outcome(pair.find_function("test:u/a", "f")->call(seven)), "8");
  EXPECT_EQ(*(*pair.function<std::uint32_t(std::string_view)>("test:u/b", "f"))("four"), 4U);
  // Every swap keeps the exports of the composition.
  EXPECT_EQ(describe_outcome(root.call(seven)), "8");
}

TEST_F(RunningUnits, AreNotSharedDuringASwap) {
  if (has_async_guests()) GTEST_SKIP() << "a start function cannot wait for an async call";
  std::optional<Composition> shop;
  std::string names;
  CompositionBuilder builder;
  builder.set_name("shop");
  builder.add_component(
      "tax", write("tax", function_unit("test:u/host", "test:u/tax", "(call $f (local.get 0))")));
  builder.add_host_function("test:u/host", "f", [&](std::uint32_t n) {
    if (n == 0) {
      CompositionBuilder consumer = cart_builder(*shop);
      names = problem_of(consumer.plan());
    }
    return n;
  });
  builder.isolate("tax");
  shop = built(std::move(builder));
  const std::string start =
      write("start", function_unit("test:u/host", "test:u/tax", "(local.get 0)",
                                   "(drop (call $f (i32.const 0)))"));
  EXPECT_EQ(problem_of(shop->swap("tax", start)), "fine");
  EXPECT_EQ(names, "run-swap: `tax` cannot be a unit of another composition while it is swapped");
  EXPECT_EQ(describe_outcome(call(build_cart(*shop), "test:u/cart", 7)), "7");
}

TEST_F(RunningUnits, CannotBePlacedOrStartedLazily) {
  const Composition shop = build_shop();
  CompositionBuilder placed = cart_builder(shop);
  placed.isolate("tax");
  EXPECT_EQ(problem_of(placed.plan()),
            "resolve-placement: `tax` cannot be placed: it runs in another composition, which has "
            "placed it");
  CompositionBuilder lazy = cart_builder(shop);
  lazy.wire({.consumer = "cart", .import = "test:u/tax", .provider = "tax", .lazy = true});
  EXPECT_THAT(problem_of(lazy.plan()), HasSubstr("`tax` runs in another composition already"));
  CompositionBuilder root = cart_builder(shop);
  root.set_root("tax");
  EXPECT_EQ(problem_of(root.plan()),
            "resolve-root: `tax` cannot be the root: it runs in another composition, which exports "
            "it");
  const Composition cart = build_cart(shop);
  const Result<Unit> unit = cart.unit("tax");
  ASSERT_FALSE(unit);
  EXPECT_THAT(unit.error().front().hints,
              ElementsAre("it belongs to another composition: call it through that one"));
}

TEST_F(RunningUnits, ComposeLeavesThemOpen) {
  const Composition shop = build_shop();
  CompositionBuilder builder = cart_builder(shop);
  builder.wire({.consumer = "cart", .import = "test:u/tax", .provider = "tax"});
  builder.hide("tax", "test:u/tax.g");
  EXPECT_THAT(problem_of(builder.plan()), HasSubstr("test:u/tax.g"));
  CompositionBuilder wired = cart_builder(shop);
  wired.wire({.consumer = "cart", .import = "test:u/tax", .provider = "tax"});
  const Result<std::vector<std::uint8_t>> bytes = wired.compose();
  ASSERT_TRUE(bytes) << bytes.error().front().message;
  CompositionBuilder around;
  around.add_component("cart", *bytes);
  around.add_unit("tax", *shop.unit("tax"));
  around.set_root("cart");
  EXPECT_EQ(describe_outcome(call(built(std::move(around)), "test:u/cart", 7)), "8");
  CompositionBuilder outer;
  outer.add_composition("cart", cart_builder(shop));
  EXPECT_EQ(problem_of(outer.plan()),
            "config-value: the composition `cart` is a unit, and so it cannot have units of other "
            "compositions");
}

TEST_F(RunningUnits, HiddenFunctionsAreNotProvided) {
  add("tax", function_unit("", "test:u/tax", kTax), "isolated = true\nhide = [\"test:u/tax.f\"]");
  const Result<Composition> shop = named("shop", "tax").build();
  ASSERT_TRUE(shop) << shop.error().front().message;
  CompositionBuilder builder = cart_builder(*shop);
  EXPECT_THAT(problem_of(builder.plan()), StartsWith("resolve-"));
}

// The composition exports only its root, `gate`.
TEST_F(RunningUnits, WhatAUnitThatIsNotExportedHidesIsNotProvided) {
  for (const std::string_view hidden : {"test:u/tax.f", "test:u/tax"}) {
    add("gate", function_unit("", "test:u/gate", kTax));
    add("tax", function_unit("", "test:u/tax", kTax),
        fmt::format("isolated = true\nhide = [\"{}\"]", hidden));
    const Composition shop = built(named("shop", "gate"));
    CompositionBuilder builder = cart_builder(shop);
    EXPECT_THAT(problem_of(builder.plan()), StartsWith("resolve-")) << hidden;
  }
}

// -- Calls that come back, and threads

constexpr std::string_view kHost = "test:u/host";

class RunningUnitsThatCallBack : public RunningUnits {
 protected:
  using Called = std::function<std::uint32_t(std::uint32_t)>;

  // `gate`, which calls a function of the program, and `tax`.
  Composition build_owner(std::string_view name, Called called) {
    add("gate", function_unit(kHost, "test:u/gate", kCallOn), "isolated = true");
    add("tax", function_unit("", "test:u/tax", kTax), "isolated = true");
    CompositionBuilder builder = named(name, "gate");
    builder.add_host_function(kHost, "f", std::move(called));
    return built(std::move(builder));
  }
  // The same with `cart`, which calls `provider` of `owner`.
  CompositionBuilder consumer_builder(std::string_view name, const Composition& owner,
                                      std::string_view provider, Called called) {
    add("gate", function_unit(kHost, "test:u/gate", kCallOn), "isolated = true");
    add("cart", function_unit(fmt::format("test:u/{}", provider), "test:u/cart", kCallOn),
        "isolated = true");
    CompositionBuilder builder = named(name, "gate");
    builder.export_all();
    builder.add_host_function(kHost, "f", std::move(called));
    builder.add_unit("other", *owner.unit(provider));
    if (provider == "gate")
      builder.wire({.consumer = "cart", .import = "test:u/gate", .provider = "other"});
    return builder;
  }
};

TEST_F(RunningUnitsThatCallBack, ACallThatComesBackIsRefused) {
  std::optional<Composition> store;
  std::string inner;
  const Composition shop = build_owner("shop", [&](std::uint32_t n) {
    inner = describe_outcome(call(*store, "test:u/cart", n));
    return n;
  });
  store = built(consumer_builder("store", shop, "gate", [](std::uint32_t n) { return n; }));
  EXPECT_EQ(describe_outcome(call(*store, "test:u/cart", 7)), "7");
  EXPECT_EQ(inner,
            "reentrance: a call in progress is re-entered: store:cart -> shop:gate -> store:cart");
}

TEST_F(RunningUnitsThatCallBack, CanBeAddedDuringACall) {
  std::optional<Composition> shop;
  std::optional<Composition> cart;
  shop = build_owner("shop", [&](std::uint32_t n) {
    cart = build_cart(*shop);
    return *(*call(*cart, "test:u/cart", n))->get_if<std::uint32_t>();
  });
  EXPECT_EQ(describe_outcome(call(*shop, "test:u/gate", 7)), "8");
  // It was left as often as it was entered, so others can enter.
  std::string other;
  std::thread([&] { other = describe_outcome(call(*cart, "test:u/cart", 8)); }).join();
  EXPECT_EQ(other, "9");
}

TEST_F(RunningUnits, AThreadInEachComposition) {
  constexpr std::uint32_t kRounds = 2000;
  add("tax", function_unit("", "test:u/tax", kTax), "isolated = true");
  CompositionBuilder builder = named("shop", "tax");
  builder.add_component("lib", domain_guest("lib"), {.reachable = Reachable::Yes});
  builder.isolate("lib");
  const Composition shop = built(std::move(builder));
  const auto echo =
      shop.unit("lib")->function<std::string(std::string_view)>("demo:domains/lib", "echo");
  const auto open = shop.unit("lib")->function<Resource(std::uint32_t)>("demo:domains/lib",
                                                                        "[constructor]counter");
  ASSERT_TRUE(echo) << echo.error().front().message;
  std::vector<Composition> carts;
  for (int i = 0; i < 2; ++i) carts.push_back(build_cart(shop));
  std::vector<std::string> wrong(carts.size());
  {
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < carts.size(); ++i)
      threads.emplace_back([&, i] {
        for (std::uint32_t round = 3; round < kRounds; ++round) {
          const std::string is = describe_outcome(call(carts[i], "test:u/cart", round));
          if (is != fmt::format("{}", round + 1)) wrong[i] += is;
        }
      });
    for (std::uint32_t round = 3; round < kRounds; ++round) {
      const std::string text = fmt::format("round {}", round);
      EXPECT_EQ(*(*echo)(text), text);
      CallResult<Resource> counter = (*open)(round);
      EXPECT_TRUE(counter);
      EXPECT_EQ(describe_outcome(call(shop, "test:u/tax", round)), fmt::format("{}", round + 1));
    }
    for (std::thread& thread : threads) thread.join();
  }
  EXPECT_THAT(wrong, Each(""));
  EXPECT_EQ(describe_outcome(call(shop, "test:u/tax", 2)),
            fmt::format("{}", 3 * (kRounds - 3) + 1));
  EXPECT_EQ(**shop.unit("lib")->call("", "alive", {}), Value::u32(0));
}

// A rendezvous of two threads.
class Meeting final {
 public:
  void arrive() {
    ++arrived_;
    while (arrived_ < 2) std::this_thread::yield();
  }

 private:
  std::atomic<int> arrived_ = 0;
};

TEST_F(RunningUnitsThatCallBack, DeadlocksBetweenThreadsAreRefused) {
  Meeting meeting;
  std::optional<Function> into_store;
  std::optional<Function> into_shop;
  std::mutex mutex;
  std::vector<std::string> results;
  const auto meet_and_call = [&](const std::optional<Function>& function, std::uint32_t n) {
    meeting.arrive();
    const auto result = function->call(std::vector{Value::u32(n)});
    const std::lock_guard lock(mutex);
    results.push_back(describe_outcome(result));
    return n;
  };
  const Composition shop =
      build_owner("shop", [&](std::uint32_t n) { return meet_and_call(into_store, n); });
  const Composition store = built(consumer_builder(
      "store", shop, "tax", [&](std::uint32_t n) { return meet_and_call(into_shop, n); }));
  into_store = *store.find_function("test:u/cart", "f");
  into_shop = *store.find_function("test:u/cart", "f");
  std::thread in_shop([&] { EXPECT_EQ(describe_outcome(call(shop, "test:u/gate", 10)), "10"); });
  EXPECT_EQ(describe_outcome(call(store, "test:u/gate", 20)), "20");
  in_shop.join();
  ASSERT_EQ(results.size(), 2U);
  if (results[0].starts_with("reentrance")) std::swap(results[0], results[1]);
  EXPECT_THAT(
      results[1],
      testing::AnyOf("reentrance: threads would wait for each other: shop -> store -> shop",
                     "reentrance: threads would wait for each other: store -> shop -> store"));
  // The other thread continued; a bridged call that was refused has ended its caller, `cart`.
  EXPECT_THAT(results[0], testing::AnyOf("21", StartsWith("ended: ")));
}

class RunningUnitsWithHandles : public RunningUnitsThatCallBack {
 protected:
  // `gate` of an owner, and `lib`, which makes counters. tables: further tables of the manifest.
  Composition build_lib(Called called, std::string_view tables = {}) {
    add("gate", function_unit(kHost, "test:u/gate", kCallOn), "isolated = true");
    say(tables);
    CompositionBuilder builder = named("shop", "gate");
    builder.add_host_function(kHost, "f", std::move(called));
    builder.add_component("lib", domain_guest("lib"));
    builder.isolate("lib");
    return built(std::move(builder));
  }
  // `cart`, which calls `gate` of `shop`.
  Composition build_caller(const Composition& shop, std::string_view tables = {},
                           std::string_view body = kCallOn) {
    add("cart", function_unit("test:u/gate", "test:u/cart", body));
    say(tables);
    CompositionBuilder consumer = named("store", "cart");
    consumer.add_unit("gate", *shop.unit("gate"));
    return built(std::move(consumer));
  }
};

TEST_F(RunningUnitsWithHandles, AHandleIsDroppedWithoutWaiting) {
  Meeting begins;
  Meeting ends;
  const Composition shop = build_lib([&](std::uint32_t n) {
    begins.arrive();
    ends.arrive();
    return n;
  });
  const Unit lib = *shop.unit("lib");
  const auto open =
      lib.function<Resource(std::uint32_t)>("demo:domains/lib", "[constructor]counter");
  std::optional<Resource> counter = *(*open)(1);
  EXPECT_EQ(**lib.call("", "alive", {}), Value::u32(1));
  const Composition cart = build_caller(shop);
  std::thread other([&] { EXPECT_EQ(describe_outcome(call(cart, "test:u/cart", 7)), "7"); });
  begins.arrive();
  counter.reset();
  ends.arrive();
  other.join();
  EXPECT_EQ(**lib.call("", "alive", {}), Value::u32(0));
}

// `make: func(rounds: u32) -> thing`, whose destructor takes as many rounds, and `dropped`.
std::string slow_drops() {
  return R"((component
  (core module $count
    (global $dropped (mut i32) (i32.const 0))
    (func (export "drop") (param $rounds i32)
      (loop $again
        (local.set $rounds (i32.sub (local.get $rounds) (i32.const 1)))
        (br_if $again (local.get $rounds)))
      (global.set $dropped (i32.add (global.get $dropped) (i32.const 1))))
    (func (export "dropped") (result i32) (global.get $dropped)))
  (core instance $count (instantiate $count))
  (type $thing (resource (rep i32) (dtor (func $count "drop"))))
  (core func $new (canon resource.new $thing))
  (func $make (param "rounds" u32) (result (own $thing)) (canon lift (core func $new)))
  (func $dropped (result u32) (canon lift (core func $count "dropped"))))" +
         export_thing("test:u/slow", R"((param "rounds" u32))", "dropped") + ")";
}

// The call that runs the destructor has a deadline, which does not apply to the destructor.
TEST_F(RunningUnitsWithHandles, ALateDropHasItsOwnDeadline) {
  Meeting begins;
  Meeting ends;
  add("slow", slow_drops(), "isolated = true");
  const Composition shop = build_lib(
      [&](std::uint32_t n) {
        begins.arrive();
        ends.arrive();
        // Until the deadline of `cart` has passed.
        const call::Deadline* const deadline = runtime::ActiveCall::innermost_deadline();
        EXPECT_NE(deadline, nullptr);
        while (deadline != nullptr && call::Clock::now() < deadline->at) std::this_thread::yield();
        return n;
      },
      "[domains.slow]\ncall-timeout = \"1h\"");
  const Unit slow = *shop.unit("slow");
  const auto make = slow.function<Resource(std::uint32_t)>("test:u/slow", "make");
  ASSERT_TRUE(make) << make.error().front().message;
  std::optional<Resource> thing = *(*make)(30'000'000);
  const Composition cart = build_caller(shop, "[domains.main]\ncall-timeout = \"20ms\"",
                                        "(call $f (local.get 0)) (loop $again (br $again))");
  std::string late;
  std::thread other([&] { late = describe_outcome(call(cart, "test:u/cart", 7)); });
  begins.arrive();
  thing.reset();
  ends.arrive();
  other.join();
  EXPECT_THAT(late, StartsWith("deadline: "));
  EXPECT_EQ(describe_outcome(slow.call("test:u/slow", "dropped", {})), "1");
}

// Counts the existing ones.
struct Token {
  explicit Token(std::atomic<int>& counted) : alive(counted) { ++alive; }
  Token(const Token&) = delete;
  Token& operator=(const Token&) = delete;
  ~Token() { --alive; }

  std::atomic<int>& alive;
};

// Another thread drops a resource that the start function passed to the program: the drop waits
// until the start function returns.
TEST_F(RunningUnits, AStartRunsInItsComposition) {
  if (has_async_guests()) GTEST_SKIP() << "its units are written for synchronous types";
  const Composition shop = build_shop();
  CompositionBuilder builder;
  builder.add_unit("tax", *shop.unit("tax"));
  builder.add_component("first", write("first", R"((component
    (import "test:u/tax" (instance $tax (export "f" (func (param "n" u32) (result u32)))))
    (import "test:u/host" (instance $host
      (export "token" (type $t (sub resource)))
      (export "make" (func (result (own $t))))
      (export "keep" (func (param "token" (own $t))))
      (export "wait" (func))))
    (core func $f (canon lower (func $tax "f")))
    (core func $make (canon lower (func $host "make")))
    (core func $keep (canon lower (func $host "keep")))
    (core func $wait (canon lower (func $host "wait")))
    (core module $code
      (import "" "f" (func $f (param i32) (result i32)))
      (import "" "make" (func $make (result i32)))
      (import "" "keep" (func $keep (param i32)))
      (import "" "wait" (func $wait))
      (func $start (call $keep (call $make)) (call $wait))
      (start $start)
      (func (export "f") (param i32) (result i32) (call $f (local.get 0))))
    (core instance $i (instantiate $code (with "" (instance
      (export "f" (func $f)) (export "make" (func $make)) (export "keep" (func $keep))
      (export "wait" (func $wait))))))
    (func (export "f") (param "n" u32) (result u32) (canon lift (core func $i "f")))))"));
  std::atomic<int> alive = 0;
  int alive_in_start = -1;
  std::optional<Value> kept;
  builder.add_host_resource(HostResource<Token>("test:u/host", "token"));
  builder.add_host_function("test:u/host", "make", [&] { return std::make_shared<Token>(alive); });
  builder.add_host_function("test:u/host", "keep",
                            [&](std::span<const Value> params) -> std::optional<Value> {
                              kept = params[0];
                              return std::nullopt;
                            });
  builder.add_host_function("test:u/host", "wait", [&] {
    std::thread([&] { kept.reset(); }).join();
    alive_in_start = alive;
  });
  builder.set_root("first");
  const Composition store = built(std::move(builder));
  EXPECT_EQ(alive_in_start, 1);
  EXPECT_EQ(alive, 0);
  EXPECT_EQ(describe_outcome(call(store, "", 7)), "8");
}

// One function with C++ types: a thread waits until another one has called it.
TEST_F(RunningUnitsThatCallBack, ATypedFunctionIsCalledByOneThreadAtATime) {
  constexpr std::uint32_t kRounds = 200;
  std::atomic<int> inside = 0;
  add("ask", result_unit(false), "isolated = true");
  CompositionBuilder builder = named("shop", "ask");
  builder.add_host_function("test:u/tax", "f",
                            [&](std::uint32_t n) -> Expected<std::uint32_t, std::string> {
                              EXPECT_EQ(++inside, 1);
                              // The other thread could enter at this point.
                              std::this_thread::yield();
                              --inside;
                              return n + 1;
                            });
  const Composition shop = built(std::move(builder));
  CompositionBuilder store;
  store.add_unit("ask", *shop.unit("ask"));
  const auto ask =
      shop.function<Expected<std::uint32_t, std::string>(std::uint32_t)>("test:u/cart", "f");
  ASSERT_TRUE(ask) << ask.error().front().message;
  Meeting begins;
  const auto ask_all = [&](std::uint32_t first) {
    begins.arrive();
    for (std::uint32_t n = first; n < first + kRounds; ++n) EXPECT_EQ(**(*ask)(n), n + 1);
  };
  std::thread other(ask_all, 1000);
  ask_all(1);
  other.join();
}

// It does not need the composition to be idle, and two threads can ask at once.
TEST_F(RunningUnitsWithHandles, FactsCanBeReadWhileOthersCall) {
  Meeting begins;
  Meeting ends;
  std::optional<Unit> lib;
  std::size_t function_count = 0;
  const Composition shop = build_lib([&](std::uint32_t n) {
    begins.arrive();
    function_count = lib->functions().size();
    EXPECT_TRUE(lib->find_function("demo:domains/lib", "echo"));
    ends.arrive();
    return n;
  });
  lib = *shop.unit("lib");
  const Composition cart = build_caller(shop);
  std::thread other([&] { EXPECT_EQ(describe_outcome(call(cart, "test:u/cart", 7)), "7"); });
  begins.arrive();
  const std::size_t count_here = lib->functions().size();
  EXPECT_TRUE(lib->find_function("demo:domains/lib", "add"));
  EXPECT_EQ(shop.functions().size(), 1U);
  EXPECT_EQ(shop.units().size(), 2U);
  EXPECT_EQ(shop.plan().units.size(), 3U);
  EXPECT_FALSE(shop.timeout());
  ends.arrive();
  other.join();
  EXPECT_EQ(count_here, function_count);
}

TEST_F(RunningUnits, CanBeCalledWhileASwapCompiles) {
  std::atomic<bool> is_swapping = false;
  std::promise<void> compiles;
  std::promise<void> goes_on;
  BuildOptions options;
  options.on_compile = [&](const CompileStep& /*step*/) {
    if (!is_swapping.exchange(false)) return;
    compiles.set_value();
    goes_on.get_future().wait();
  };
  add("tax", function_unit("", "test:u/tax", kTax), "isolated = true");
  say("[domains.tax]\ncall-timeout = \"1h\"");
  CompositionBuilder builder = named("shop", "tax");
  Composition shop = *builder.build(options);
  const Composition cart = build_cart(shop, "[domains.main]\ncall-timeout = \"1s\"");
  const std::string file =
      write("ten", function_unit("", "test:u/tax", "(i32.add (local.get 0) (i32.const 10))"));
  is_swapping = true;
  std::string swapped;
  std::thread other([&] { swapped = problem_of(shop.swap("tax", file)); });
  compiles.get_future().wait();
  EXPECT_EQ(describe_outcome(call(cart, "test:u/cart", 7)), "8");
  EXPECT_EQ(problem_of(shop.swap("tax", file)),
            "run-swap: `tax` cannot be swapped: another swap of its composition is in progress");
  goes_on.set_value();
  other.join();
  EXPECT_EQ(swapped, "fine");
  EXPECT_EQ(describe_outcome(call(cart, "test:u/cart", 7)), "17");
  // So is one of a new composition.
  EXPECT_EQ(describe_outcome(call(build_cart(shop), "test:u/cart", 7)), "17");
}

// A pipe without a writer would prevent all later swaps.
TEST_F(RunningUnits, AreSwappedForFilesOnly) {
  Composition shop = build_shop();
  const std::string pipe = write("pipe", "");
  std::filesystem::remove(pipe);
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THAT(problem_of(shop.swap("tax", pipe)), HasSubstr("it is not a regular file"));
}

}  // namespace
}  // namespace tenon::running_unit_test
