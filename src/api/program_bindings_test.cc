// Code of `tenon bindgen cpp` (tests/bindings/gen) in calls to units, and by units to the program: resources,
// tasks and errors. value_table_test.cc passes values of all types.
#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/wat.h"
#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/host.h"
#include "tests/bindings/gen/counters.h"
#include "tests/bindings/gen/keeper.h"
#include "tests/bindings/gen/visitor.h"
#include "tests/support/async_gate.h"
#include "tests/support/bundle_test.h"

namespace tenon::program_bindings_test {
namespace {

class ProgramBindings : public Bundles {};

template <class T>
T need(CallResult<T> result) {
  EXPECT_TRUE(result) << (result ? "" : result.error().message);
  return *std::move(result);
}

TEST_F(ProgramBindings, ResourcesOfUnitsAreObjects) {
  CompositionBuilder builder;
  builder.add_component("lib", domain_guest("lib"));
  builder.add_component("keeper", domain_guest("keeper"));
  builder.export_item("lib", "demo:domains/lib@1.0.0");
  builder.export_item("keeper", "demo:domains/keeper@1.0.0");
  const Result<Composition> composition = builder.build();
  ASSERT_TRUE(composition) << whole_text(composition.error());
  const Result<counters::instance> found = counters::instance::find(*composition);
  ASSERT_TRUE(found) << whole_text(found.error());
  const counters::exports::lib::functions& lib = found->lib;
  {
    counters::exports::lib::counter a = need(lib.make_counter(3));
    counters::exports::lib::counter b = need(lib.make_counter(40));
    const std::uint32_t first = need(a.next());
    EXPECT_EQ(need(a.next()), first + 1);
    EXPECT_TRUE(b.peek(a));
    EXPECT_EQ(need(lib.alive()), 2U);
    counters::exports::lib::counter merged = need(lib.counter_merge(std::move(a), std::move(b)));
    EXPECT_TRUE(a.is_empty());
    EXPECT_EQ(need(lib.alive()), 1U);
    EXPECT_TRUE(lib.consume(std::move(merged)));
    const counters::exports::lib::counter last = need(lib.make_counter(1));
    EXPECT_EQ(need(lib.alive()), 1U);

    // As parts of other values.
    std::vector<counters::exports::lib::counter> all;
    for (const std::uint32_t start : {5U, 7U}) all.push_back(need(lib.make_counter(start)));
    EXPECT_TRUE(found->keeper.keep_all(std::move(all)));
    ASSERT_TRUE(found->keeper.keep(need(lib.make_counter(9))));
    std::optional<counters::exports::lib::counter> taken = need(found->keeper.take());
    ASSERT_TRUE(taken);
    EXPECT_TRUE(taken->next());
    while (need(found->keeper.take())) {
    }
  }
  EXPECT_EQ(need(lib.alive()), 0U);
  const CallResult<std::uint32_t> nothing = counters::exports::lib::counter().next();
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().kind, CallFailure::Kind::BadCall);
  EXPECT_EQ(nothing.error().function, "demo:domains/lib@1.0.0#[method]counter.next");
}

class Counter final : public keeper::lib::counter {
 public:
  explicit Counter(std::uint32_t value) : value_(value) {}
  std::uint32_t next() override { return ++value_; }
  std::uint32_t peek(counter& other) override { return other.next(); }

 private:
  std::uint32_t value_;
};

// Provides the imports of tests/guests/domains/keeper.
class Counters final : public keeper::lib::host {
 public:
  using Pointer = std::shared_ptr<keeper::lib::counter>;
  Pointer make_counter(std::uint32_t start) override { return std::make_shared<Counter>(start); }
  Pointer counter_merge(Pointer a, Pointer /*b*/) override { return a; }
  std::uint32_t add(std::uint32_t a, std::uint32_t b) override { return a + b; }
  std::string echo(std::string_view s) override { return std::string(s); }
  std::vector<std::uint8_t> echo_bytes(std::span<const std::uint8_t> /*bytes*/) override {
    return {};
  }
  std::vector<keeper::lib::point> echo_points(std::vector<keeper::lib::point> points) override {
    return points;
  }
  std::vector<keeper::lib::named> echo_named(std::vector<keeper::lib::named> named) override {
    return named;
  }
  std::tuple<std::optional<std::string>, Expected<std::uint8_t, std::string>,
             std::tuple<char32_t, bool, std::int64_t>, keeper::lib::trouble, keeper::lib::marks>
  echo_mixed(std::optional<std::string> a, Expected<std::uint8_t, std::string> b,
             std::tuple<char32_t, bool, std::int64_t> c, keeper::lib::trouble d,
             keeper::lib::marks e) override {
    return {a, b, c, d, e};
  }
  std::uint32_t calls() override { return 0; }
  void boom() override { throw std::runtime_error("boom"); }
  void spin() override {}
  std::uint32_t grow(std::uint32_t pages) override { return pages; }
  Expected<std::uint32_t, std::string> check_text(std::uint32_t n) override { return n; }
  Expected<std::uint32_t, keeper::lib::trouble> check_trouble(std::uint32_t n) override {
    return n;
  }
  Expected<std::uint32_t, keeper::lib::reason> check_reason(std::uint32_t n) override { return n; }
  std::uint32_t alive() override { return 0; }
  std::uint32_t consume(Pointer c) override { return c->next(); }
  Pointer make_bad() override { return nullptr; }
};

TEST_F(ProgramBindings, ResourcesOfTheProgramAreItsObjects) {
  CompositionBuilder builder;
  keeper::lib::provide(builder, std::make_shared<Counters>(), {"keeper"});
  builder.add_component("keeper", domain_guest("keeper"));
  const Result<Composition> composition = builder.build();
  ASSERT_TRUE(composition) << whole_text(composition.error());
  const Result<keeper::instance> found = keeper::instance::find(*composition);
  ASSERT_TRUE(found) << whole_text(found.error());
  const keeper::exports::keeper::functions& units = found->keeper;
  const auto kept = std::make_shared<Counter>(1);
  ASSERT_TRUE(units.keep(kept));
  EXPECT_EQ(need(units.kept()), 1U);
  EXPECT_EQ(need(units.take()), std::optional<std::shared_ptr<keeper::lib::counter>>(kept));
  EXPECT_GT(need(units.sum(kept, std::make_shared<Counter>(5))), 0U);
  const std::vector<std::shared_ptr<keeper::lib::counter>> two = {kept,
                                                                  std::make_shared<Counter>(9)};
  EXPECT_TRUE(units.keep_all(two));
}

class Holder final : public visitor::world::host {
 public:
  Task<std::uint32_t> hold(std::uint32_t number) override { co_return number + 1; }
};

TEST_F(ProgramBindings, AsyncFunctionsAreTasks) {
  CompositionBuilder builder;
  visitor::world::provide(builder, std::make_shared<Holder>());
  builder.add_component("visitor", *engine::wat_to_wasm("visitor.wat", kVisitor));
  const Result<Composition> composition = builder.build();
  ASSERT_TRUE(composition) << whole_text(composition.error());
  const Result<visitor::instance> found = visitor::instance::find(*composition);
  ASSERT_TRUE(found) << whole_text(found.error());
  Task<CallResult<std::uint32_t>> visit = found->world.visit(41);
  EXPECT_EQ(need(*visit.wait()), 42U);
}

TEST_F(ProgramBindings, AllProblemsAreReportedAtOnce) {
  CompositionBuilder builder;
  builder.add_component("echo", TENON_SOURCE_DIR "/tests/values/gen/same.wat");
  const Composition composition = build(std::move(builder));
  const Result<counters::instance> found = counters::instance::find(composition);
  ASSERT_FALSE(found);
  EXPECT_GE(found.error().size(), 20U);
  EXPECT_EQ(found.error().front().code, "run-no-function");
}

}  // namespace
}  // namespace tenon::program_bindings_test
