// Builders, plans and the texts of the C++ API whose allocations fail.
#include "tenon/builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <iterator>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tenon/composition.h"
#include "tenon/host.h"
#include "tenon/middleware.h"
#include "tenon/plan.h"
#include "tenon/trace.h"
#include "tests/memory/small_units.h"
#include "tests/support/call_test.h"
#include "tests/support/failing_memory.h"
#include "tests/support/temporary_folder.h"

namespace tenon::memory_test::builder_test {
namespace {

using namespace std::chrono_literals;
using failing_memory::call_failing;
using failing_memory::expect_no_allocation;
using failing_memory::fail_each;
using failing_memory::FailingAllocation;
using failing_memory::stride;

TEST(BuilderInCpp, PlansAndExplains) {
  CompositionBuilder builder = make_pair();
  fail_each([&] { return builder.plan(); }, {.stride = stride(3)});
  fail_each([&] { return builder.explain_import("acme:math/lib"); }, {.stride = stride(3)});
  fail_each([&] { return builder.explain_import("no:such/name"); },
            {.expected = "resolve-wire-unused: ", .stride = stride(3)});
  fail_each([&] { return builder.imports(); }, {.stride = stride(3)});
  fail_each([&] { return builder.host_interfaces(); });
  fail_each([&] { return builder.make_lock("/tmp/tenon.lock"); }, {.stride = stride(3)});
  fail_each([&] { return builder.compose({.sections = ComposeOptions::Sections::Strip}); },
            {.stride = stride(3)});
  fail_each([&] { return builder.prepare({}); }, {.stride = stride(31)});
  const Result<Plan> plan = builder.plan();
  ASSERT_TRUE(plan);
  fail_each([&] { return Plan(*plan); });
}

// With everything that can stand between two units.
TEST(BuilderInCpp, PlansEdgesOfAllKinds) {
  CompositionBuilder builder = make_pair();
  builder.isolate("lib");
  builder.add_middleware("slowly", {.kind = Middleware::Kind::Limit, .rate = CallRate()});
  builder.wire({.consumer = "app", .import = "acme:math/lib", .via = {"slowly", "tenon:log"}});
  builder.limits("lib").call_timeout = std::chrono::seconds(10);
  builder.grants("lib").env.emplace_back("NAME", "a value that is not a short one");
  fail_each([&] { return builder.plan(); }, {.stride = stride(3)});
  fail_each([&] { return builder.build(); }, {.stride = stride(67)});
  CompositionBuilder host;
  host.add_component("app", assemble(kConsumer));
  host.add_host_function("acme:math/lib", "twice", [](std::uint32_t n) { return 2 * n; });
  fail_each([&] { return host.plan(); }, {.stride = stride(3)});
  fail_each([&] { return host.build(); }, {.stride = stride(31)});
  // The unit of another composition.
  CompositionBuilder inner = make_pair();
  inner.isolate("lib");
  const Composition running = build_again(inner);
  const Result<Unit> unit = running.unit("lib");
  ASSERT_TRUE(unit);
  CompositionBuilder outer;
  outer.add_component("app", assemble(kConsumer));
  outer.add_unit("lib", *unit);
  fail_each([&] { return outer.build(); }, {.stride = stride(37)});
}

struct Counter {
  std::uint32_t count = 0;
};

// A builder is as before, or has the setting, so the setter can be called again.
TEST(BuilderInCpp, SettersCanBeCalledAgain) {
  const Bytes provider = assemble(kProvider);
  const Bytes consumer = assemble(kConsumer);
  const std::function<void(CompositionBuilder&)> setters[] = {
      [](CompositionBuilder& b) { b.set_name("a name that is not a short one"); },
      [](CompositionBuilder& b) { b.set_root("app"); },
      [](CompositionBuilder& b) { b.wire({.consumer = "app", .import = "acme:math/lib"}); },
      [](CompositionBuilder& b) { b.hide("lib", "acme:math/lib.no-such-function"); },
      [](CompositionBuilder& b) { b.export_item("lib", "acme:math/lib", "acme:other/name"); },
      [](CompositionBuilder& b) { b.place("lib", "a domain with a long name"); },
      [](CompositionBuilder& b) { b.isolate("lib"); },
      [](CompositionBuilder& b) { b.restart("lib", {.max = 3}); },
      [](CompositionBuilder& b) { b.set_config("app", "a key that is long", "a long value"); },
      [](CompositionBuilder& b) { b.grants("lib").net.emplace_back("a-long-host.example:443"); },
      [](CompositionBuilder& b) { b.limits("a domain with a long name").fuel = 7; },
      [](CompositionBuilder& b) { b.trust_path("/a/path/that/is/long/enough"); },
      [](CompositionBuilder& b) {
        b.set_host_folders(std::vector<std::string>{"/no/such/folder"});
      },
      [](CompositionBuilder& b) { b.set_host_config("a host bundle", "path", "a/long/path"); },
      [](CompositionBuilder& b) { b.run_in_process("a host bundle with a name"); },
      [](CompositionBuilder& b) { b.add_remote("remote", "tcp://h:1", {.interfaces = {"a:b/c"}}); },
      [](CompositionBuilder& b) {
        b.add_host_function("acme:log/log", "write", [](const std::string&) {});
      },
      [](CompositionBuilder& b) {
        b.add_host_function(
            HostFunction(host_function("acme:log/log", "read", [] { return std::string(); })));
      },
      [](CompositionBuilder& b) {
        HostResource<Counter> counter("acme:counters/a-long-name", "counter");
        counter.constructor([] { return std::make_shared<Counter>(); })
            .method("next", [](Counter& self) { return ++self.count; })
            .static_function("a-long-name", [] { return std::string(); });
        b.add_host_resource(counter);
      },
      [](CompositionBuilder& b) { b.prepare_http(7); },
      [](CompositionBuilder& b) { b.restart_all({.max = 3}); },
      [](CompositionBuilder& b) { b.add_middleware("limited", {.kind = Middleware::Kind::Limit}); },
      [](CompositionBuilder& b) {
        b.add_http_route({.path = "/a/path/*", .host = "example.org", .unit = "app"});
      },
      [](CompositionBuilder& b) {
        b.add_http_handler([](HttpRequest, HttpNext next) { return next({}); });
      },
      [](CompositionBuilder& b) {
        b.add_http_client([](HttpRequest, HttpNext next) { return next({}); });
      },
      [](CompositionBuilder& b) { (void)b.manifest_requests(); },
      [](CompositionBuilder& b) { b.set_plan_cache("/a/folder/with/a/long/path"); }};
  const auto describe = [](const Result<Plan>& plan) {
    return plan ? "planned" : plan.error().front().message;
  };
  for (std::size_t i = 0; i < std::size(setters); ++i) {
    SCOPED_TRACE(i);
    const auto set = [&](CompositionBuilder& b) { setters[i](b); };
    CompositionBuilder expected;
    expected.add_component("app", consumer).add_component("lib", provider);
    set(expected);
    const std::string outcome = describe(expected.plan());
    for (std::size_t n = 1;; ++n) {
      CompositionBuilder builder;
      builder.add_component("app", consumer).add_component("lib", provider);
      const auto call = [&] { set(builder); };
      const failing_memory::Outcome attempt = call_failing(n, call);
      if (!attempt.has_failed) break;
      if (!attempt.problem.empty()) set(builder);
      EXPECT_EQ(describe(builder.plan()), outcome) << "allocation " << n;
    }
  }
}

TEST(BuilderInCpp, HasSettingsThatNeedNoMemory) {
  CompositionBuilder builder;
  expect_no_allocation([&] {
    builder.allow_setenv().set_stream_buffer(7).count_time_from(std::chrono::steady_clock::now());
    (void)builder.timeout();
  });
}

// Without memory, both builders can only be destroyed.
TEST(BuilderInCpp, TakesCompositions) {
  std::optional<CompositionBuilder> inner;
  std::optional<CompositionBuilder> outer;
  const auto renews = [&] {
    inner.emplace(make_pair()).isolate("lib");
    outer.emplace();
  };
  renews();
  fail_each(
      [&] {
        outer->add_composition("pair", std::move(*inner));
        return outer->plan();
      },
      {.clean = renews, .stride = stride(7)});
}

TEST(BuilderInCpp, ReadsWac) {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder.path() / "packages" / "demo");
  std::filesystem::copy(domain_guest("lib"), folder.path() / "packages" / "demo" / "lib.wasm");
  const std::string wac =
      folder.write("shop.wac", "package demo:shop;\nlet lib = new demo:lib {};\nexport lib...;\n");
  const WacOptions options{.folder = folder.path() / "packages"};
  std::optional<CompositionBuilder> builder(std::in_place);
  const auto renews = [&] { builder.emplace(); };
  fail_each([&] { return builder->read_wac(wac, options); },
            {.clean = renews, .stride = stride(3)});
  const std::string broken = folder.write("broken.wac", "package demo:shop;\nlet lib = ;\n");
  fail_each([&] { return builder->read_wac(broken, options); },
            {.clean = renews, .expected = "wac-syntax: "});
}

TEST(TextsInCpp, ArePrintedAndParsed) {
  CompositionBuilder app;
  app.add_component("app", assemble(kConsumer));
  const Result<Plan> plan = app.plan();
  ASSERT_FALSE(plan);
  fail_each([&] { return print_diagnostics(plan.error()); });
  fail_each([&] { return Diagnostics(plan.error()); });
  fail_each([] { return all_diagnostic_codes(); });
  CallFailure failure;
  failure.message = "a message that is longer than a short string";
  failure.backtrace.push_back({.unit = "app", .function = "f", .module = "m", .offset = 7});
  fail_each([&] { (void)failure_diagnostic(failure); });
  fail_each([] { return Grants::parse_directory("ro:/a/folder/of/the/host::/data"); });
  fail_each([] { return Grants::parse_directory("ro:"); }, {.expected = "config-value: "});
  fail_each([] { return Grants::check_network("a-long-name.example.org:443"); });
  fail_each([] { return Grants::check_http("https://api.example.com:8443"); });
  fail_each([] { return Limits::parse_size("much"); }, {.expected = "config-value: "});
  fail_each([] { return Limits::parse_duration("soon"); }, {.expected = "config-value: "});
  fail_each([] { return Limits::parse_count("some"); }, {.expected = "config-value: "});
  fail_each([] { return CallRate::parse("10/s"); });
  fail_each([] { return CallRate::parse("often"); }, {.expected = "config-value: "});
  const TraceContext context = TraceContext::make();
  fail_each([&] { return print_traceparent(context); });
  fail_each([&] { return parse_traceparent(std::string(print_traceparent(context))); });
}

TEST(CompositionInCpp, SwapsUnits) {
  CompositionBuilder builder = make_pair();
  builder.isolate_all();
  Composition composition = build_again(builder);
  const auto f = composition.function<std::uint32_t(std::uint32_t)>("", "f");
  ASSERT_TRUE(f) << f.error().front().message;
  const std::vector<SwapUnit> units = {{.name = "app", .bytes = assemble(kConsumer)},
                                       {.name = "lib", .bytes = assemble(kProvider)}};
  std::size_t lost = 0;
  for (const bool is_trial : {false, true})
    fail_each(
        [&] {
          return composition.swap(
              units, {.is_trial = is_trial,
                      .on_losses = [&](const SwapLosses& losses) { lost = losses.units.size(); }});
        },
        {.clean = [&] { EXPECT_EQ(*(*f)(3), 6U); }, .stride = stride(61)});
  EXPECT_EQ(lost, 2U);
}

// The text of a unit with another number, or with another start.
std::string change(std::string text, const char* from, const char* to) {
  return text.replace(text.find(from), std::string_view(from).size(), to);
}

class ExchangesInCpp : public testing::Test {
 protected:
  ExchangesInCpp() {
    CompositionBuilder builder = make_pair();
    builder.isolate_all();
    Result<Composition> built = builder.build();
    EXPECT_TRUE(built) << built.error().front().message;
    all_.emplace(*std::move(built));
    f_ = *all_->function<std::uint32_t(std::uint32_t)>("", "f");
  }

  // Swaps units with each allocation failing from the time when calls end on. check: is called after each swap.
  void fail_exchange(const std::vector<SwapUnit>& units,
                     const std::function<void(bool has_swapped)>& check) {
    std::optional<FailingAllocation> failing(0);
    std::size_t at_losses = 0;
    const SwapOptions options{
        .on_losses = [&](const SwapLosses&) { at_losses = failing->count(); }};
    check(all_->swap(units, options).has_value());
    constexpr std::size_t kOfEnds = 300;  // while calls end, and units are compared
    bool has_failed = true;
    for (std::size_t n = at_losses - std::min(at_losses, kOfEnds); has_failed; ++n) {
      SCOPED_TRACE(n);
      bool has_swapped = false;
      failing.emplace(n);
      try {
        has_swapped = all_->swap(units, options).has_value();
      } catch (const std::bad_alloc&) {
      }
      failing->end();
      has_failed = failing->has_failed();
      check(has_swapped);
      if (HasFailure()) return;
    }
  }

  // The result of a call that waits while its unit is closed.
  [[nodiscard]] std::uint32_t call() const {
    auto task = f_->start(3);
    const auto result = task.wait(10s);
    return result && *result ? **result : 0;
  }

  const std::vector<SwapUnit> before_ = {{.name = "app", .bytes = assemble(kConsumer)},
                                         {.name = "lib", .bytes = assemble(kProvider)}};
  std::optional<Composition> all_;
  std::optional<TypedFunction<std::uint32_t(std::uint32_t)>> f_;
};

constexpr const char* kDoubles = "(i32.mul (local.get 0) (i32.const 2))";

TEST_F(ExchangesInCpp, ReplaceAllUnitsOrNone) {
  const std::vector<SwapUnit> units = {
      {.name = "app",
       .bytes = assemble(change(kConsumer, "(call $twice (local.get 0))",
                                "(i32.add (call $twice (local.get 0)) (i32.const 1000))"))},
      {.name = "lib",
       .bytes = assemble(change(kProvider, kDoubles, "(i32.mul (local.get 0) (i32.const 3))"))}};
  fail_exchange(units, [&](bool has_swapped) {
    const std::uint32_t result = call();
    EXPECT_TRUE(result == 1009 || (result == 6 && !has_swapped)) << result;
    EXPECT_TRUE(all_->swap(before_));
  });
}

// The new provider has started, and ends again, because its consumer does not start.
TEST_F(ExchangesInCpp, EndUnitsThatAreNotNeeded) {
  const std::vector<SwapUnit> units = {
      {.name = "app",
       .bytes = assemble(change(kConsumer, "(func (export \"f\")",
                                "(func $s unreachable) (start $s) (func (export \"f\")"))},
      {.name = "lib",
       .bytes = assemble(change(kProvider, kDoubles, "(i32.mul (local.get 0) (i32.const 3))"))}};
  fail_exchange(units, [&](bool has_swapped) {
    EXPECT_FALSE(has_swapped);
    EXPECT_EQ(call(), 6U);
  });
}

// A life that could not begin does not count as a restart.
TEST(DomainsInCpp, BeginLater) {
  for (const std::optional<std::chrono::milliseconds> within :
       {std::optional<std::chrono::milliseconds>(), std::optional<std::chrono::milliseconds>(1h)})
    for (std::size_t n = 1;; ++n) {
      SCOPED_TRACE(n);
      CompositionBuilder builder;
      builder.add_component(
          "lib", assemble(change(kProvider, kDoubles,
                                 "(if (i32.eqz (local.get 0)) (then unreachable)) (i32.mul "
                                 "(local.get 0) (i32.const 2))")));
      builder.restart_all({.max = 1, .within = within});
      Result<Composition> built = builder.build();
      ASSERT_TRUE(built) << built.error().front().message;
      const auto twice =
          built->function<std::uint32_t(std::uint32_t)>("acme:math/lib@1.0.0", "twice");
      ASSERT_TRUE(twice) << twice.error().front().message;
      EXPECT_FALSE((*twice)(0));
      const auto call = [&] { return (*twice)(3); };
      if (!call_failing(n, call).has_failed) break;
      const CallResult<std::uint32_t> later = call();
      ASSERT_TRUE(later) << later.error().message;
    }
}

TEST(BuilderInCpp, ReadsToml) {
  const TemporaryFolder folder;
  const std::string manifest = folder.write("tenon.toml", "schema = 1\n");
  fail_each([&] { return CompositionBuilder().read_manifest(manifest); });
  fail_each([] {
    return CompositionBuilder().export_host_bundle("math", TENON_SOURCE_DIR "/tests/bundles/math");
  });
  const Result<std::string> lock = make_pair().make_lock((folder.path() / "tenon.lock").string());
  ASSERT_TRUE(lock);
  const std::string path = folder.write("tenon.lock", *lock);
  std::optional<CompositionBuilder> locked(make_pair());
  fail_each([&] { return locked->require_lock(path); },
            {.clean = [&] { locked.emplace(make_pair()); }});
}

}  // namespace
}  // namespace tenon::memory_test::builder_test
