// Units and settings of a builder in C, and what they do in the composition.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tenon/tenon_c.h"
#include "tests/support/c_api.h"
#include "tests/support/package_test.h"
#include "tests/support/sanitizers.h"
#include "tests/support/temporary_folder.h"

extern "C" const tenon_host_module* tenon_host_module_domains(void);

namespace tenon::c_api_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

std::string read_source(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(std::string(TENON_SOURCE_DIR "/") + path).rdbuf();
  return text.str();
}

std::string guest(const char* name) {
  return std::string(TENON_SOURCE_DIR "/tests/guests/wasm/") + name + ".wasm";
}

// The problem of a build; "" if there is none.
std::string build_problem(const Builder& builder) {
  tenon_composition* built = nullptr;
  const std::string problem = take(tenon_builder_build(builder.get(), &built));
  tenon_composition_delete(built);
  return problem;
}

Builder make_front() {
  Builder builder = make_guests({"front", "keeper", "lib"});
  tenon_builder_set_root(builder.get(), "front");
  return builder;
}

TEST(CSettings, TablesOfFunctionsAreUnits) {
  const Builder builder = make_guests({"front", "keeper"});
  tenon_builder_set_root(builder.get(), "front");
  const std::string wit = read_source("tests/guests/domains/wit/domains.wit");
  const std::string manifest = read_source("tests/bundles/domains/host.toml");
  tenon_builder_add_host_module(builder.get(), "lib", tenon_host_module_domains(), wit.c_str(),
                                manifest.c_str());
  tenon_builder_set_host_config(builder.get(), "lib", "start", "7");
  tenon_builder_forbid_native(builder.get());  // no library is loaded
  tenon_builder_require_pins(builder.get());
  EXPECT_EQ(call(build(builder), "front.calls()"), "8");
}

TEST(CSettings, ATableNeedsNoManifest) {
  static const tenon_func_def functions[] = {
      {"acme:math/lib", "twice",
       [](void*, tenon_call*, const tenon_value* args, size_t, tenon_value* result) {
         *result = tenon_value_u32(static_cast<std::uint32_t>(args[0].of.u * 2));
         return 0;
       },
       0, TENON_PURE}};
  static const tenon_host_module module = {sizeof module,
                                           TENON_HOST_ABI_MAJOR,
                                           TENON_HOST_ABI_MINOR,
                                           TENON_CONCURRENT,
                                           "math",
                                           "1.0.0",
                                           nullptr,
                                           nullptr,
                                           functions,
                                           1,
                                           nullptr,
                                           0};
  const Bytes user = assemble(R"((component
    (import "acme:math/lib" (instance $lib (export "twice" (func (param "n" u32) (result u32)))))
    (core func $twice (canon lower (func $lib "twice")))
    (core module $code (import "" "twice" (func $twice (param i32) (result i32)))
      (func (export "f") (param i32) (result i32) (call $twice (local.get 0))))
    (core instance $i (instantiate $code (with "" (instance (export "twice" (func $twice))))))
    (func (export "f") (param "n" u32) (result u32) (canon lift (core func $i "f")))))");
  const Builder builder(tenon_builder_new());
  tenon_builder_add_component_bytes(builder.get(), "user", user.data(), user.size(), nullptr);
  tenon_builder_add_host_module(
      builder.get(), "math", &module,
      "package acme:math; interface lib { twice: func(n: u32) -> u32; } world math { export lib; }",
      nullptr);
  EXPECT_EQ(call(build(builder), "f(21)"), "42");
  tenon_builder_add_host_module(builder.get(), "none", nullptr, "", nullptr);
  EXPECT_THAT(build_problem(builder), HasSubstr("`tenon_builder_add_host_module` got NULL"));
}

// The crashing bundle of tests/bundles, whose functions are those of the composition.
Builder make_crash() {
  Builder builder(tenon_builder_new());
  const Bytes user = assemble(R"((component
    (import "test:crash/api@1.0.0" (instance $api
      (export "add" (func (param "a" u32) (param "b" u32) (result u32)))
      (export "abort" (func))
      (export "make-socket" (func (result u32)))))
    (export "crash" (instance $api))))");
  tenon_builder_add_component_bytes(builder.get(), "user", user.data(), user.size(), nullptr);
  tenon_builder_add_host_bundle(builder.get(), "crash", TENON_BINARY_DIR "/bundles/crash");
  tenon_builder_set_root(builder.get(), "user");
  tenon_builder_restart(builder.get(), nullptr, 100, 0);
  return builder;
}

TEST(CSettings, BundlesHaveProcesses) {
  const Builder builder = make_crash();
  tenon_process_options process = TENON_PROCESS_OPTIONS_INIT;
  process.no_files = process.no_network = 1;
  process.memory = 256 << 20;
  process.cpu_milliseconds = 5000;
  process.descriptors = 32;
  process.restarts = 1;
  process.within_milliseconds = UINT64_MAX;
  tenon_builder_run_in_process(builder.get(), "crash", &process);
  tenon_plan* plan = nullptr;
  ASSERT_EQ(take(tenon_builder_plan(builder.get(), &plan)), "");
  char* text = nullptr;
  EXPECT_EQ(take(tenon_plan_text(plan, &text)), "");
  EXPECT_THAT(Text(text).get(), HasSubstr("in a process of its own: no files, no network, memory "
                                          "256MiB, cpu 5s, descriptors 32, restarts 1 within"));
  tenon_plan_delete(plan);
  // It reserves more memory, and reports signals by itself.
  if (kHasAddressSanitizer) return;
  const BuiltComposition composition = build(builder);
  EXPECT_EQ(call(composition, "crash.add(2, 3)"), "5");
  EXPECT_EQ(call(composition, "crash.make-socket()"), std::to_string(EPERM));
  EXPECT_THAT(call(composition, "crash.abort()"), HasSubstr("was ended by SIGABRT"));
  EXPECT_EQ(call(composition, "crash.add(2, 3)"), "5");  // another process
  EXPECT_THAT(call(composition, "crash.abort()"), HasSubstr("was ended by SIGABRT"));
  EXPECT_THAT(call(composition, "crash.add(2, 3)"), HasSubstr("has been restarted once"));
}

TEST(CSettings, ProcessesHaveAProgram) {
  const Builder builder = make_crash();
  tenon_builder_run_in_process(builder.get(), "crash", nullptr);
  EXPECT_EQ(call(build(builder), "crash.make-socket()"), "0");
  tenon_builder_set_process_program(builder.get(), "/bin/true");
  EXPECT_THAT(call(build(builder), "crash.add(2, 3)"), HasSubstr("its process ended by itself"));
  tenon_builder_run_in_process(builder.get(), "crush", nullptr);
  EXPECT_THAT(build_problem(builder), StartsWith("host-config: "));
  tenon_builder_run_in_process(builder.get(), nullptr, nullptr);
  EXPECT_EQ(build_problem(builder),
            "api-usage: `tenon_builder_run_in_process` got NULL where it needs text");
  char name[] = "program";
  char* const argv[] = {name, nullptr};
  int code = 1;
  EXPECT_EQ(tenon_run_bundle_process(1, argv, &code), 0);
  EXPECT_EQ(code, 0);
}

TEST(CSettings, UnitsHaveAConfiguration) {
  const Builder builder(tenon_builder_new());
  const std::string services = TENON_SOURCE_DIR "/tests/guests/bundles/wasm/services.wasm";
  tenon_builder_add_component(builder.get(), "services", services.c_str(), nullptr);
  tenon_builder_allow_unresolved(builder.get());
  tenon_builder_set_config(builder.get(), "services", "greeting", "hello");
  EXPECT_EQ(call(build(builder), "whole-config()"), R"([("greeting", "hello")])");
  tenon_builder_set_config(builder.get(), "service", "greeting", "hello");
  EXPECT_THAT(build_problem(builder),
              StartsWith("config-value: `service.greeting` is for `service`"));
}

TEST(CSettings, PackagesAndArgumentsAreUnits) {
  const std::string collections = package_guest("0.21.0", "collections");
  const std::string client = package_guest("0.24.1", "collections_client");
  const Builder builder(tenon_builder_new());
  tenon_builder_add_package(builder.get(), "collections", collections.c_str(), nullptr);
  const std::string bytes = [&] {
    std::stringstream text;
    text << std::ifstream(client).rdbuf();
    return text.str();
  }();
  tenon_builder_add_package_bytes(builder.get(), "client", bytes.data(), bytes.size(), nullptr);
  EXPECT_EQ(call(build(builder), R"(most(["a", "b", "b"]))"),
            call(
                [&] {
                  const Builder other(tenon_builder_new());
                  EXPECT_EQ(take(tenon_builder_add_argument(other.get(), client.c_str())), "");
                  EXPECT_EQ(take(tenon_builder_add_argument(other.get(), collections.c_str())), "");
                  return build(other);
                }(),
                R"(most(["a", "b", "b"]))"));
  EXPECT_EQ(take(tenon_builder_add_argument(builder.get(), "no/such/file.wasm")), "");
  EXPECT_THAT(build_problem(builder), StartsWith("read-file: "));
}

TEST(CSettings, WiresFiltersAndExports) {
  const Builder builder = make_front();
  tenon_builder_add_component(builder.get(), "other", domain_guest("lib").c_str(), nullptr);
  EXPECT_THAT(build_problem(builder), StartsWith("resolve-ambiguous"));
  tenon_wire wire = TENON_WIRE_INIT;
  wire.import = "demo:domains/lib";
  wire.provider = "other";
  tenon_builder_wire(builder.get(), &wire);
  tenon_builder_export_item(builder.get(), "other", "demo:domains/lib", nullptr);
  tenon_builder_set_name(builder.get(), "shop");
  const BuiltComposition composition = build(builder);
  EXPECT_EQ(call(composition, "front.calls()"), "1");
  EXPECT_EQ(call(composition, "lib.calls()"), "2");  // the same unit
  wire.target = 7;
  tenon_builder_wire(builder.get(), &wire);
  EXPECT_EQ(build_problem(builder), "api-usage: 7 is not a target of a wire");

  const Builder hidden = make_front();
  tenon_builder_hide(hidden.get(), "lib", "demo:domains/lib");
  EXPECT_THAT(build_problem(hidden), StartsWith("resolve-"));
  tenon_builder_allow_unresolved(hidden.get());
  EXPECT_THAT(call(build(hidden), "front.calls()"), StartsWith("run-open-import: "));
  const Builder exposed = make_front();
  tenon_builder_expose(exposed.get(), "lib", "demo:domains/keeper");
  EXPECT_THAT(build_problem(exposed), StartsWith("resolve-"));

  const Builder all = make_guests({"front", "keeper", "lib"});
  tenon_builder_export_all(all.get());
  EXPECT_EQ(call(build(all), "front.add(1, 2)"), "3");
}

TEST(CSettings, DomainsFailAloneAndStartAgain) {
  const Builder builder = make_front();
  tenon_builder_place(builder.get(), "lib", "library");
  tenon_builder_restart(builder.get(), "library", 1, 0);
  tenon_builder_restart(builder.get(), nullptr, 2, 60'000);
  const BuiltComposition composition = build(builder);
  EXPECT_EQ(call(composition, "front.calls()"), "1");
  EXPECT_THAT(call(composition, "front.check-text(0)"), HasSubstr("trapped"));
  EXPECT_EQ(call(composition, "front.calls()"), "1");  // another life
  tenon_unit* unit = nullptr;
  EXPECT_THAT(take(tenon_composition_unit_at(composition.get(), 5, &unit)),
              StartsWith("api-usage: "));
}

TEST(CSettings, CommandsGetWhatIsGranted) {
  const TemporaryFolder folder;
  const Builder builder(tenon_builder_new());
  tenon_builder_add_component(builder.get(), "hello", guest("hello").c_str(), nullptr);
  tenon_builder_add_program_argument(builder.get(), nullptr, "exit:7");
  tenon_builder_grant_variable(builder.get(), nullptr, "NAME", "value");
  tenon_builder_grant_directory(builder.get(), nullptr,
                                ("ro:" + folder.path().string() + "::/data").c_str());
  tenon_builder_grant_network(builder.get(), nullptr, "localhost:80");
  tenon_builder_inherit_stdio(builder.get());
  tenon_plan* plan = nullptr;
  ASSERT_EQ(take(tenon_builder_plan(builder.get(), &plan)), "");
  char* json = nullptr;
  EXPECT_EQ(take(tenon_plan_json(plan, &json)), "");
  const std::string shown = Text(json).get();
  for (const char* part : {"\"/data\"", "\"NAME\"", "localhost:80", "\"args\": 1"})
    EXPECT_THAT(shown, HasSubstr(part));
  tenon_plan_delete(plan);
  int code = 0;
  EXPECT_EQ(take(tenon_composition_run_command(build(builder).get(), &code)), "");
  EXPECT_EQ(code, 7);
  tenon_builder_grant_network(builder.get(), nullptr, "a b");
  tenon_builder_grant_directory(builder.get(), nullptr, "");
  EXPECT_THAT(build_problem(builder), StartsWith("config-value: "));
}

TEST(CSettings, CodeIsKeptInTheCache) {
  const TemporaryFolder folder;
  const std::string cache = (folder.path() / "cache").string();
  const Builder builder = make_front();
  tenon_builder_set_cache(builder.get(), cache.c_str());
  EXPECT_EQ(take(tenon_builder_prepare(builder.get())), "");
  EXPECT_FALSE(std::filesystem::is_empty(cache));
  EXPECT_EQ(call(build(builder), "front.add(1, 2)"), "3");
}

TEST(CSettings, ReadsFiles) {
  const TemporaryFolder folder;
  const auto write = [&](const char* name, const std::string& text) {
    const std::string path = (folder.path() / name).string();
    std::ofstream(path) << text;
    return path;
  };
  const std::string manifest =
      write("tenon.toml",
            fmt::format("schema = 1\n[components.lib]\npath = \"{}\"\n", domain_guest("lib")));
  const Builder from_manifest(tenon_builder_new());
  EXPECT_EQ(take(tenon_builder_read_manifest(from_manifest.get(), manifest.c_str())), "");
  tenon_builder_trust(from_manifest.get());
  EXPECT_EQ(call(build(from_manifest), "lib.add(1, 2)"), "3");
  const std::string wac =
      write("shop.wac", "package demo:shop;\nlet lib = new demo:lib {};\nexport lib...;\n");
  std::filesystem::create_directories(folder.path() / "deps" / "demo");
  std::filesystem::copy(domain_guest("lib"), folder.path() / "deps" / "demo" / "lib.wasm");
  const Builder from_wac(tenon_builder_new());
  EXPECT_EQ(take(tenon_builder_read_wac(from_wac.get(), wac.c_str(), nullptr)), "");
  EXPECT_EQ(call(build(from_wac), "lib.add(1, 2)"), "3");
  EXPECT_THAT(take(tenon_builder_read_hosts(from_wac.get(), "no/hosts.toml")),
              StartsWith("read-file: "));
  tenon_builder_trust_path(from_wac.get(), folder.path().c_str());
  tenon_builder_add_host_bundle(from_wac.get(), nullptr, "no/such/bundle");
  EXPECT_THAT(build_problem(from_wac),
              StartsWith("read-file: there is no file `no/such/bundle/host.toml`"));
}

TEST(CSettings, ServesAndUsesRemoteUnits) {
  const TemporaryFolder folder;
  const std::string address = "unix:" + (folder.path() / "lib.sock").string();
  const BuiltComposition lib = build(make_guests({"lib"}));
  tenon_server* server = nullptr;
  ASSERT_EQ(take(tenon_composition_serve(lib.get(), address.c_str(), 0, &server)), "");
  EXPECT_EQ(tenon_server_address(server, 0), address);
  EXPECT_EQ(tenon_server_address(server, 1), nullptr);
  std::thread serving([&] { EXPECT_EQ(tenon_server_run(server, 10'000), 1); });
  {
    const Bytes user = assemble(R"((component
      (import "demo:domains/lib@1.0.0" (instance $lib
        (export "add" (func (param "a" u32) (param "b" u32) (result u32)))))
      (core func $add (canon lower (func $lib "add")))
      (core module $code (import "" "add" (func $add (param i32 i32) (result i32)))
        (func (export "f") (param i32) (result i32) (call $add (local.get 0) (i32.const 1))))
      (core instance $i (instantiate $code (with "" (instance (export "add" (func $add))))))
      (func (export "f") (param "n" u32) (result u32) (canon lift (core func $i "f")))))");
    const Builder builder(tenon_builder_new());
    tenon_builder_add_component_bytes(builder.get(), "user", user.data(), user.size(), nullptr);
    tenon_builder_add_remote(builder.get(), "lib", address.c_str(), "demo:domains/lib@1.0.0,");
    EXPECT_EQ(call(build(builder), "f(41)"), "42");
  }
  tenon_server_stop(server);
  serving.join();
  tenon_server_delete(server);
  EXPECT_THAT(take(tenon_composition_serve(lib.get(), "nowhere", 0, &server)),
              StartsWith("remote-address: "));
}

TEST(CSettings, MiddlewareLogsToTheProgram) {
  const Builder builder = make_front();
  tenon_wire wire = TENON_WIRE_INIT;
  const char* via[] = {"tenon:log"};
  wire.import = "demo:domains/lib";
  wire.via = via;
  wire.nvia = 1;
  wire.consumer = "front";
  tenon_builder_wire(builder.get(), &wire);
  std::vector<std::string> lines;
  int dropped = 0;
  struct Log {
    std::vector<std::string>& lines;
    int& dropped;
  } log{lines, dropped};
  tenon_builder_on_log(
      builder.get(),
      [](void* user, const char* line, size_t size) {
        static_cast<Log*>(user)->lines.emplace_back(line, size);
      },
      &log, [](void* user) { ++static_cast<Log*>(user)->dropped; });
  EXPECT_EQ(call(build(builder), "front.add(1, 2)"), "3");
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_THAT(lines[0], HasSubstr("add(1, 2)"));
  tenon_builder_on_log(builder.get(), nullptr, nullptr, nullptr);
  EXPECT_EQ(dropped, 1);
}

TEST(CSettings, CallsAreInterruptedFromAnotherThread) {
  const Builder builder = make_guests({"lib"});
  tenon_builder_allow_interrupt(builder.get());
  tenon_builder_set_threads(builder.get(), 1);
  tenon_builder_allow_threads(builder.get());
  const BuiltComposition lib = build(builder);
  std::jthread other([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
      tenon_composition_interrupt(lib.get());
    }
  });
  EXPECT_THAT(call(lib, "spin()"), StartsWith("run-interrupted: "));
}

TEST(CSettings, DestructorsThatTrapAreReported) {
  const BuiltComposition lib = build(make_guests({"lib"}));
  EXPECT_EQ(take(tenon_composition_take_drop_failure(lib.get())), "");
  const FoundFunction make = find(lib, "demo:domains/lib", "make-bad");
  const Arena arena(tenon_arena_new());
  tenon_value counter;
  EXPECT_EQ(take(tenon_function_call(make.get(), nullptr, 0, arena.get(), &counter)), "");
  tenon_arena_reset(arena.get());
  EXPECT_THAT(take(tenon_composition_take_drop_failure(lib.get())), StartsWith("run-trap: "));
}

TEST(CSettings, ArenasKeepArguments) {
  const Arena arena(tenon_arena_new());
  auto* const items = static_cast<tenon_value*>(
      tenon_arena_alloc(arena.get(), 3 * sizeof(tenon_value), alignof(tenon_value)));
  ASSERT_NE(items, nullptr);
  EXPECT_EQ(items[2].kind, 0);  // zeroed
  EXPECT_EQ(tenon_arena_alloc(arena.get(), 1, 3), nullptr);
  EXPECT_EQ(tenon_arena_alloc(arena.get(), SIZE_MAX, 8), nullptr);
  EXPECT_EQ(tenon_arena_alloc(nullptr, 1, 1), nullptr);
}

TEST(CSettings, SwapsToBytes) {
  const Builder builder = make_front();
  tenon_builder_isolate(builder.get(), "lib");
  const BuiltComposition composition = build(builder);
  const std::string bytes = read_source("tests/guests/domains/wasm/lib.wasm");
  EXPECT_EQ(call(composition, "front.calls()"), "1");
  EXPECT_EQ(call(composition, "front.calls()"), "2");
  tenon_swap_options trial = TENON_SWAP_OPTIONS_INIT;
  trial.is_trial = 1;
  EXPECT_EQ(take(tenon_composition_swap_bytes(composition.get(), "lib", bytes.data(), bytes.size(),
                                              &trial)),
            "");
  EXPECT_EQ(call(composition, "front.calls()"), "3");
  EXPECT_EQ(take(tenon_composition_swap_bytes(composition.get(), "lib", bytes.data(), bytes.size(),
                                              nullptr)),
            "");
  EXPECT_EQ(call(composition, "front.calls()"), "1");
  tenon_unit* lib = nullptr;
  EXPECT_EQ(take(tenon_composition_unit_at(composition.get(), 0, &lib)), "");
  tenon_function* function = nullptr;
  EXPECT_EQ(take(tenon_unit_function_at(lib, 0, &function)), "");
  EXPECT_EQ(tenon_function_is_async(function), 0);
  tenon_function_delete(function);
  tenon_unit_delete(lib);
}

}  // namespace
}  // namespace tenon::c_api_test
