// Builders and plans of the C API whose allocations fail.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

#include "tenon/tenon_c.h"
#include "tests/memory/c_units.h"
#include "tests/support/c_api.h"
#include "tests/support/call_test.h"
#include "tests/support/failing_memory.h"
#include "tests/support/temporary_folder.h"

namespace tenon::c_api_test::builder_test {
namespace {

using failing_memory::call_failing;
using failing_memory::ends_process;
using failing_memory::expect_no_allocation;
using failing_memory::fail_each;
using failing_memory::kNoMemory;
using failing_memory::Later;
using failing_memory::stride;

// A table of functions of the program.
const tenon_func_def kFunction = {
    "acme:math/lib", "twice",
    [](void*, tenon_call*, const tenon_value* args, std::size_t, tenon_value* result) {
      *result = tenon_value_u32(static_cast<std::uint32_t>(args[0].of.u * 2));
      return 0;
    },
    0, TENON_PURE};
const tenon_host_module kModule = {sizeof kModule,
                                   TENON_HOST_ABI_MAJOR,
                                   TENON_HOST_ABI_MINOR,
                                   TENON_CONCURRENT,
                                   "math",
                                   "1.0.0",
                                   nullptr,
                                   nullptr,
                                   &kFunction,
                                   1,
                                   nullptr,
                                   0};
constexpr const char* kModuleWit =
    "package acme:math@1.0.0; interface lib { twice: func(n: u32) -> u32; } world math { export "
    "lib; }";

TEST(BuilderInC, IsMade) {
  tenon_builder* builder = nullptr;
  fail_each([&] { return builder = CALL(tenon_builder_new)(); },
            {.clean = [&] { tenon_builder_delete(builder); }});
  builder = tenon_builder_new();
  expect_no_allocation([&] { CALL(tenon_builder_delete)(builder); });
}

TEST(BuilderInC, Plans) {
  const Builder builder = make_pair();
  tenon_plan* plan = nullptr;
  fail_each([&] { return CALL(tenon_builder_plan)(builder.get(), &plan); },
            {.clean = [&] { tenon_plan_delete(plan); }, .stride = stride(3)});
  const Builder app(tenon_builder_new());
  add_unit(app, "app", kConsumer);
  fail_each([&] { return CALL(tenon_builder_plan)(app.get(), &plan); },
            {.expected = "resolve-no-provider: ", .stride = stride(3)});
  tenon_imports* imports = nullptr;
  fail_each([&] { return CALL(tenon_builder_imports)(app.get(), &imports); },
            {.clean = [&] { tenon_imports_delete(imports); }, .stride = stride(3)});
  ASSERT_EQ(take(tenon_builder_imports(app.get(), &imports)), "");
  expect_no_allocation([&] {
    EXPECT_EQ(CALL(tenon_imports_count)(imports), 1U);
    const tenon_function* const import = CALL(tenon_imports_function)(imports, 0);
    EXPECT_STREQ(CALL(tenon_function_unit)(import), "app");
    EXPECT_STREQ(tenon_function_wit(import), "twice: func(n: u32) -> u32;");
    CALL(tenon_imports_delete)(imports);
  });
  fail_each(
      [&] { return CALL(tenon_builder_explain_import)(builder.get(), "no:such/name", nullptr); },
      {.expected = "api-usage: "});
  char* json = nullptr;
  fail_each(
      [&] { return CALL(tenon_builder_explain_import)(builder.get(), "no:such/name", &json); },
      {.expected = "resolve-wire-unused: ", .stride = stride(3)});
}

TEST(BuilderInC, Composes) {
  const Builder builder = make_pair();
  std::uint8_t* bytes = nullptr;
  std::size_t size = 0;
  fail_each([&] { return CALL(tenon_builder_compose)(builder.get(), &bytes, &size); },
            {.clean = [&] { tenon_free(bytes); }, .stride = stride(3)});
  ASSERT_EQ(take(tenon_builder_compose(builder.get(), &bytes, &size)), "");
  expect_no_allocation([&] { CALL(tenon_free)(bytes); });
}

TEST(BuilderInC, Links) {
  const TemporaryFolder cache;
  for (const bool isolates : {false, true}) {
    const Builder builder = make_pair();
    if (isolates) tenon_builder_isolate(builder.get(), "lib");
    if (!isolates) tenon_builder_set_cache(builder.get(), cache.path().c_str());
    tenon_composition* composition = nullptr;
    fail_each([&] { return CALL(tenon_builder_build)(builder.get(), &composition); },
              {.clean = [&] { tenon_composition_delete(composition); },
               .stride = stride(isolates ? 61 : 31)});
  }
}

TEST(BuilderInC, Prepares) {
  const TemporaryFolder cache;
  const Builder builder = make_pair();
  tenon_builder_set_cache(builder.get(), cache.path().c_str());
  fail_each([&] { return CALL(tenon_builder_prepare)(builder.get()); }, {.stride = stride(31)});
}

TEST(BuilderInC, ShowsPlans) {
  const Builder builder = make_pair();
  tenon_plan* plan = nullptr;
  ASSERT_EQ(take(tenon_builder_plan(builder.get(), &plan)), "");
  char* text = nullptr;
  const auto frees = [&] { tenon_free(text); };
  fail_each([&] { return CALL(tenon_plan_text)(plan, &text); }, {.clean = frees});
  fail_each([&] { return CALL(tenon_plan_json)(plan, nullptr); }, {.expected = "api-usage: "});
  // Graphviz is not there.
  const std::string path = ::getenv("PATH");
  const TemporaryFolder none;
  ::setenv("PATH", none.path().c_str(), 1);
  fail_each([&] { return CALL(tenon_plan_svg)(plan, &text); },
            {.clean = frees, .expected = "config-usage: "});
  ::setenv("PATH", path.c_str(), 1);
  expect_no_allocation([&] { CALL(tenon_plan_delete)(plan); });
}

TEST(BuilderInC, ReadsFiles) {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder.path() / "deps" / "demo");
  std::filesystem::copy(domain_guest("lib"), folder.path() / "deps" / "demo" / "lib.wasm");
  const std::string wac =
      folder.write("shop.wac", "package demo:shop;\nlet lib = new demo:lib {};\nexport lib...;\n");
  const std::string argument = "lib=" + domain_guest("lib");
  const std::string missing = folder.path() / "none.toml";
  Builder builder(tenon_builder_new());
  const auto renews = [&] { builder.reset(tenon_builder_new()); };
  fail_each([&] { return CALL(tenon_builder_read_wac)(builder.get(), wac.c_str(), nullptr); },
            {.clean = renews, .stride = stride(3)});
  fail_each([&] { return CALL(tenon_builder_add_argument)(builder.get(), argument.c_str()); },
            {.clean = renews});
  fail_each([&] { return CALL(tenon_builder_read_manifest)(builder.get(), missing.c_str()); },
            {.clean = renews, .expected = "read-file: "});
  fail_each(
      [&] { return CALL(tenon_builder_read_manifest_text)(builder.get(), nullptr, 0, nullptr); },
      {.clean = renews, .expected = "api-usage: "});
  fail_each([&] { return CALL(tenon_builder_read_hosts)(builder.get(), missing.c_str()); },
            {.clean = renews, .expected = "read-file: "});
}

// A builder that has no memory for a file is as before: the file can be read again.
TEST(BuilderInC, ReadsAFileAgain) {
  const std::string argument = "lib=" + domain_guest("lib");
  for (std::size_t n = 1;; ++n) {
    const Builder builder(tenon_builder_new());
    const auto add = [&] { return tenon_builder_add_argument(builder.get(), argument.c_str()); };
    const auto outcome = call_failing(n, add);
    if (!outcome.has_failed) break;
    EXPECT_EQ(outcome.problem.empty() ? "" : take(add()), "") << "allocation " << n;
    tenon_plan* plan = nullptr;
    EXPECT_EQ(take(tenon_builder_plan(builder.get(), &plan)), "") << "allocation " << n;
    tenon_plan_delete(plan);
  }
}

// JSON ends the process, as docs/c-api.md says: nlohmann-json needs memory to delete a tree, in functions that are
// noexcept. If this fails, the library has changed: move the function to the tests above.
TEST(BuilderInC, NeedsMemoryForJson) {
  const Builder builder = make_pair();
  tenon_plan* plan = nullptr;
  ASSERT_EQ(take(tenon_builder_plan(builder.get(), &plan)), "");
  EXPECT_TRUE(ends_process([&] {
    char* json = nullptr;
    tenon_error_delete(CALL(tenon_plan_json)(plan, &json));
  }));
  tenon_plan_delete(plan);
  EXPECT_TRUE(ends_process([&] {
    char* json = nullptr;
    tenon_error_delete(CALL(tenon_builder_explain_import)(builder.get(), "acme:math/lib", &json));
  }));
  const Builder app(tenon_builder_new());
  add_unit(app, "app", kConsumer);
  std::vector<Problem> problems;
  for (int i = 0; i < 1000; ++i) problems.emplace_back(tenon_builder_plan(app.get(), &plan));
  EXPECT_TRUE(ends_process([&] {
    (void)CALL(tenon_error_json)(problems.back().get());
    problems.pop_back();
  }));
}

TEST(BuilderInC, ReadsToml) {
  const TemporaryFolder folder;
  const std::string manifest = folder.write("tenon.toml", "schema = 1\n");
  const std::string hosts = folder.write("hosts.toml", "");
  Builder builder(tenon_builder_new());
  const auto renew = [&] { builder.reset(tenon_builder_new()); };
  fail_each([&] { return CALL(tenon_builder_read_manifest)(builder.get(), manifest.c_str()); },
            {.clean = renew});
  fail_each(
      [&] { return CALL(tenon_builder_read_manifest_text)(builder.get(), "schema = 1", 10, "/"); },
      {.clean = renew});
  fail_each([&] { return CALL(tenon_builder_read_hosts)(builder.get(), hosts.c_str()); },
            {.clean = renew});
  // The manifest of a table is TOML.
  add_unit(builder, "app", kConsumer);
  tenon_builder_add_host_module(builder.get(), "math", &kModule, kModuleWit, nullptr);
  tenon_plan* plan = nullptr;
  fail_each([&] { return CALL(tenon_builder_plan)(builder.get(), &plan); },
            {.clean = [&] { tenon_plan_delete(plan); }, .stride = stride(7)});
}

// A builder that lost a setting must not build.
TEST(BuilderInC, DoesNotLoseASetting) {
  static int drops = 0;
  const auto drop = [](void*) { ++drops; };
  const auto log = [](void*, const char*, std::size_t) {};
  const tenon_fn function = [](void*, tenon_call*, const tenon_value*, std::size_t,
                               tenon_value*) -> std::int32_t { return 0; };
  const char* const via[] = {"tenon:log"};
  tenon_wire wire = TENON_WIRE_INIT;
  wire.import = "acme:math/lib-that-is-long-enough@1.0.0";
  wire.via = via;
  wire.nvia = 1;
  const tenon_process_options process = TENON_PROCESS_OPTIONS_INIT;
  const tenon_executor executor{[](void*, void (*run)(void*), void* work) { run(work); }, nullptr};
  const std::function<void(tenon_builder*)> settings[] = {
      [](tenon_builder* b) { CALL(tenon_builder_set_name)(b, "a name that is not a short one"); },
      [](tenon_builder* b) {
        CALL(tenon_builder_add_component)(b, "app", "no/such/file.wasm", nullptr);
      },
      [](tenon_builder* b) {
        CALL(tenon_builder_add_component_bytes)(b, "app", "\0asm", 4, nullptr);
      },
      [](tenon_builder* b) { CALL(tenon_builder_add_host_bundle)(b, "sqlite", "no/such/folder"); },
      [](tenon_builder* b) {
        CALL(tenon_builder_add_remote)(b, "r", "tcp://h:1", "acme:a/b,acme:c/d");
      },
      [&](tenon_builder* b) { CALL(tenon_builder_wire)(b, &wire); },
      [](tenon_builder* b) { CALL(tenon_builder_hide)(b, "lib", "acme:math/lib@1.0.0.twice"); },
      [](tenon_builder* b) { CALL(tenon_builder_hide)(b, nullptr, nullptr); },
      [](tenon_builder* b) { CALL(tenon_builder_isolate)(b, "a unit with a name that is long"); },
      [](tenon_builder* b) { CALL(tenon_builder_isolate_all)(b); },
      [](tenon_builder* b) { CALL(tenon_builder_set_root)(b, "a unit with a name that is long"); },
      [](tenon_builder* b) {
        CALL(tenon_builder_add_host_module)(b, "math", &kModule, kModuleWit, nullptr);
      },
      [](tenon_builder* b) { CALL(tenon_builder_grant_directory)(b, "main", "ro:/tmp::/data"); },
      [](tenon_builder* b) { CALL(tenon_builder_grant_variable)(b, nullptr, "NAME", "value"); },
      [](tenon_builder* b) { CALL(tenon_builder_set_limit)(b, "main", "colour", "1"); },
      [](tenon_builder* b) { CALL(tenon_builder_restart)(b, "a domain with a long name", 1, 1); },
      [](tenon_builder* b) {
        CALL(tenon_builder_add_program_argument)(b, "main", "--a-long-flag");
      },
      [](tenon_builder* b) {
        CALL(tenon_builder_add_package)(b, "pact", "no/such/pack.wasm", nullptr);
      },
      [](tenon_builder* b) {
        CALL(tenon_builder_add_package_bytes)(b, "pact", "\0asm", 4, nullptr);
      },
      [](tenon_builder* b) { CALL(tenon_builder_allow_interrupt)(b); },
      [](tenon_builder* b) { CALL(tenon_builder_allow_threads)(b); },
      [](tenon_builder* b) { CALL(tenon_builder_allow_unresolved)(b); },
      [](tenon_builder* b) { CALL(tenon_builder_export_all)(b); },
      [](tenon_builder* b) {
        CALL(tenon_builder_export_item)(b, "lib", "acme:math/lib@1.0.0", "low");
      },
      [](tenon_builder* b) {
        CALL(tenon_builder_expose)(b, "a unit with a long name", "acme:a/b");
      },
      [](tenon_builder* b) { CALL(tenon_builder_forbid_native)(b); },
      [](tenon_builder* b) { CALL(tenon_builder_grant_network)(b, "main", "example.org:443"); },
      [](tenon_builder* b) { CALL(tenon_builder_inherit_stdio)(b); },
      [](tenon_builder* b) { CALL(tenon_builder_place)(b, "a unit with a long name", "far away"); },
      [](tenon_builder* b) { CALL(tenon_builder_require_pins)(b); },
      [&](tenon_builder* b) {
        CALL(tenon_builder_run_in_process)(b, "a host with a name", &process);
      },
      [](tenon_builder* b) {
        CALL(tenon_builder_set_config)(b, "app", "greeting", "hello, everybody");
      },
      [](tenon_builder* b) {
        CALL(tenon_builder_set_host_config)(b, "sqlite", "path", "a/long/path");
      },
      [](tenon_builder* b) { CALL(tenon_builder_set_process_program)(b, "/a/path/that/is/long"); },
      [](tenon_builder* b) { CALL(tenon_builder_set_threads)(b, 2); },
      [](tenon_builder* b) { CALL(tenon_builder_trust)(b); },
      [](tenon_builder* b) { CALL(tenon_builder_trust_path)(b, "a/path/that/is/long/enough"); },
      [](tenon_builder* b) { CALL(tenon_builder_set_cache)(b, "a/folder/with/a/long/path"); },
      [&](tenon_builder* b) { CALL(tenon_builder_set_executor)(b, &executor); },
      [&](tenon_builder* b) { CALL(tenon_builder_on_log)(b, log, &drops, drop); },
      [&](tenon_builder* b) { CALL(tenon_builder_on_trace)(b, log, &drops, drop); },
      [&](tenon_builder* b) {
        CALL(tenon_builder_add_function)(b, "acme:math/lib", "twice", function, &drops, drop);
      },
      [&](tenon_builder* b) {
        CALL(tenon_builder_add_async_function)(b, "acme:math/lib", "twice", function, &drops, drop);
      },
      [&](tenon_builder* b) {
        CALL(tenon_builder_add_resource)(b, "acme:math/lib", "thing", nullptr, &drops, drop);
      }};
  const int with_drop = 5;
  int expected_drops = 0;
  for (std::size_t i = 0; i < std::size(settings); ++i) {
    for (const Later later : {Later::Succeeds, Later::Fails}) {
      SCOPED_TRACE(
          fmt::format("setting {}{}", i, later == Later::Fails ? ", and all later ones" : ""));
      for (std::size_t n = 1;; ++n) {
        Builder builder(tenon_builder_new());
        const auto set = [&] { settings[i](builder.get()); };
        const bool has_failed = call_failing(n, set, later).has_failed;
        if (has_failed) {
          tenon_plan* plan = nullptr;
          EXPECT_EQ(take(tenon_builder_plan(builder.get(), &plan)), kNoMemory);
          tenon_plan_delete(plan);
        }
        builder.reset();
        if (i + with_drop >= std::size(settings)) ++expected_drops;
        ASSERT_EQ(drops, expected_drops) << "allocation " << n;
        if (!has_failed) break;
      }
    }
  }
}

}  // namespace
}  // namespace tenon::c_api_test::builder_test
