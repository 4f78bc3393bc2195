// The memory of the C API: each allocation that a function makes fails once, and what is called a million times does
// not grow.
//
// The program replaces `operator new`, so it sees the allocations of the C layer and of the C++ library, on the thread
// that calls. The engine allocates by malloc, and ends the process if that fails. So do toml++ (its functions are
// noexcept) and nlohmann-json (a tree cannot be deleted without memory): texts of TOML and JSON, and pictures, are not
// tested. Neither is what async functions do after they have started.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <malloc.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <new>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "capi/error.h"
#include "tenon/tenon_c.h"
#include "tests/support/async_gate.h"
#include "tests/support/c_api.h"
#include "tests/support/sanitizers.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_scale.h"

namespace {

// Objects that were allocated by `operator new`, and not deleted.
std::atomic<std::int64_t> g_alive = 0;

// Allocations of this thread until one fails; 0: none fails.
thread_local std::size_t g_left = 0;
thread_local bool g_all_fail = false;  // those after it as well
thread_local bool g_has_failed = false;

bool is_failing() {
  if (g_left == 0 || --g_left != 0) return false;
  g_has_failed = true;
  if (g_all_fail) g_left = 1;
  return true;
}

void* allocate(std::size_t size, std::size_t align) noexcept {
  if (is_failing()) return nullptr;
  void* const memory = align <= alignof(std::max_align_t)
                           ? std::malloc(size)
                           : std::aligned_alloc(align, (size + align - 1) / align * align);
  if (memory != nullptr) ++g_alive;
  return memory;
}

void* allocate_or_throw(std::size_t size, std::size_t align) {
  void* const memory = allocate(size, align);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void release(void* memory) noexcept {
  if (memory != nullptr) --g_alive;
  std::free(memory);
}

}  // namespace

void* operator new(std::size_t size) { return allocate_or_throw(size, 1); }
void* operator new[](std::size_t size) { return allocate_or_throw(size, 1); }
void* operator new(std::size_t size, std::align_val_t align) {
  return allocate_or_throw(size, static_cast<std::size_t>(align));
}
void* operator new[](std::size_t size, std::align_val_t align) {
  return allocate_or_throw(size, static_cast<std::size_t>(align));
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return allocate(size, 1); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return allocate(size, 1); }
void operator delete(void* memory) noexcept { release(memory); }
void operator delete[](void* memory) noexcept { release(memory); }
void operator delete(void* memory, std::size_t) noexcept { release(memory); }
void operator delete[](void* memory, std::size_t) noexcept { release(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { release(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { release(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { release(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { release(memory); }

namespace tenon::c_api_test {
namespace {

using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;
using testing::Matcher;
using testing::StartsWith;

constexpr const char* kLib = "demo:domains/lib";

// A function of the C API whose allocations fail, one after the other.
struct Attempt {
  std::function<tenon_error*()> call;   // the function alone
  std::function<void()> clean = [] {};  // deletes what it returned
  const char* expected = "";            // how its error begins if nothing fails; "": it succeeds
  std::size_t stride = 1;               // each n-th allocation fails
};

// Calls a function with its first allocation failing, then with its second one, and so on, until none fails. Each call
// must succeed, or report that there is no memory, and the next one must work.
void fail_each(const Attempt& attempt) {
  const auto call = [&](std::size_t failing) {
    g_has_failed = false;
    g_left = failing;
    tenon_error* const error = attempt.call();
    g_left = 0;
    const std::string problem = take(error);
    attempt.clean();
    return problem;
  };
  const Matcher<const std::string&> is_expected =
      *attempt.expected == '\0' ? Matcher<const std::string&>("")
                                : Matcher<const std::string&>(StartsWith(attempt.expected));
  // If a guest was running, its domain has ended.
  const Matcher<const std::string&> is_reported =
      AnyOf(is_expected, "api-memory: out of memory",
            AllOf(StartsWith("run-trap: "), HasSubstr("out of memory")));
  std::int64_t alive = 0;
  // Caches grow in the first rounds.
  for (int round = 0; round < 5; ++round) {
    alive = g_alive;
    for (std::size_t n = 1;; n += attempt.stride) {
      const std::string problem = call(n);
      if (!g_has_failed) break;
      ASSERT_THAT(problem, is_reported) << "allocation " << n;
      ASSERT_THAT(call(0), is_expected) << "after allocation " << n;
    }
    if (g_alive <= alive) return;
  }
  FAIL() << g_alive - alive << " objects are not deleted";
}

// Two small units.
constexpr const char* kProvider = R"((component
  (core module $code (func (export "twice") (param i32) (result i32)
    (i32.mul (local.get 0) (i32.const 2))))
  (core instance $core (instantiate $code))
  (func $twice (param "n" u32) (result u32) (canon lift (core func $core "twice")))
  (instance $api (export "twice" (func $twice)))
  (export "acme:math/lib@1.0.0" (instance $api))))";
constexpr const char* kConsumer = R"((component
  (import "acme:math/lib@1.0.0" (instance $lib
    (export "twice" (func (param "n" u32) (result u32)))))
  (core func $twice (canon lower (func $lib "twice")))
  (core module $code (import "" "twice" (func $twice (param i32) (result i32)))
    (func (export "f") (param i32) (result i32) (call $twice (local.get 0))))
  (core instance $i (instantiate $code (with "" (instance (export "twice" (func $twice))))))
  (func (export "f") (param "n" u32) (result u32) (canon lift (core func $i "f")))))";

void add_unit(const Builder& builder, const char* name, const char* text) {
  const Bytes bytes = assemble(text);
  tenon_builder_add_component_bytes(builder.get(), name, bytes.data(), bytes.size(), nullptr);
}

Builder make_pair() {
  Builder builder(tenon_builder_new());
  add_unit(builder, "app", kConsumer);
  add_unit(builder, "lib", kProvider);
  return builder;
}

// A composition whose domains start again each time that they have ended.
BuiltComposition build_again(const Builder& builder) {
  tenon_builder_restart(builder.get(), nullptr, UINT32_MAX, 0);
  return build(builder);
}

// In a short run, a few of the allocations of what takes long.
std::size_t stride(std::size_t most) {
  return tests_everything() ? 1 : kHasAddressSanitizer ? 5 * most : most;
}

TEST(FailingAllocations, OfPlans) {
  const Builder builder = make_pair();
  tenon_plan* plan = nullptr;
  fail_each({.call = [&] { return tenon_builder_plan(builder.get(), &plan); },
             .clean = [&] { tenon_plan_delete(plan); },
             .stride = stride(3)});
  std::uint8_t* bytes = nullptr;
  std::size_t size = 0;
  fail_each({.call = [&] { return tenon_builder_compose(builder.get(), &bytes, &size); },
             .clean = [&] { tenon_free(bytes); },
             .stride = stride(3)});
  ASSERT_EQ(take(tenon_builder_plan(builder.get(), &plan)), "");
  char* text = nullptr;
  fail_each(
      {.call = [&] { return tenon_plan_text(plan, &text); }, .clean = [&] { tenon_free(text); }});
  tenon_plan_delete(plan);
  const Builder app(tenon_builder_new());
  add_unit(app, "app", kConsumer);
  fail_each({.call = [&] { return tenon_builder_plan(app.get(), &plan); },
             .expected = "resolve-no-provider: ",
             .stride = stride(3)});
  tenon_imports* imports = nullptr;
  fail_each({.call = [&] { return tenon_builder_imports(app.get(), &imports); },
             .clean = [&] { tenon_imports_delete(imports); },
             .stride = stride(3)});
}

TEST(FailingAllocations, OfLinks) {
  const TemporaryFolder cache;
  for (const bool isolates : {false, true}) {
    const Builder builder = make_pair();
    if (isolates) tenon_builder_isolate(builder.get(), "lib");
    if (!isolates) tenon_builder_set_cache(builder.get(), cache.path().c_str());
    tenon_composition* composition = nullptr;
    fail_each({.call = [&] { return tenon_builder_build(builder.get(), &composition); },
               .clean = [&] { tenon_composition_delete(composition); },
               .stride = stride(isolates ? 61 : 31)});
  }
}

TEST(FailingAllocations, OfPreparations) {
  const TemporaryFolder cache;
  const Builder builder = make_pair();
  tenon_builder_set_cache(builder.get(), cache.path().c_str());
  fail_each({.call = [&] { return tenon_builder_prepare(builder.get()); }, .stride = stride(31)});
}

TEST(FailingAllocations, OfSwaps) {
  const Builder builder = make_pair();
  tenon_builder_isolate(builder.get(), "lib");
  const BuiltComposition composition = build_again(builder);
  const FoundFunction function = find(composition, "", "f");
  const Bytes bytes = assemble(kProvider);
  fail_each({.call =
                 [&] {
                   return tenon_composition_swap_bytes(composition.get(), "lib", bytes.data(),
                                                       bytes.size(), nullptr);
                 },
             .clean =
                 [&] {
                   const std::uint64_t param = 3;
                   std::uint64_t twice = 0;
                   EXPECT_EQ(take(tenon_function_call_flat(function.get(), &param, 1, &twice)), "");
                   EXPECT_EQ(twice, 6U);
                 },
             .stride = stride(61)});
}

TEST(FailingAllocations, OfServers) {
  const TemporaryFolder folder;
  const std::string address = "unix:" + (folder.path() / "s").string();
  const Builder builder(tenon_builder_new());
  add_unit(builder, "lib", kProvider);
  const BuiltComposition composition = build(builder);
  tenon_server* server = nullptr;
  fail_each(
      {.call =
           [&] { return tenon_composition_serve(composition.get(), address.c_str(), 0, &server); },
       .clean =
           [&] {
             // What is left of the server before.
             (void)tenon_composition_run_for(composition.get(), 1'000'000);
             tenon_server_delete(server);
           }});
}

// A builder that lost a setting must not build.
TEST(FailingAllocations, OfSettings) {
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
      [](tenon_builder* b) { tenon_builder_set_name(b, "a name that is not a short one"); },
      [](tenon_builder* b) { tenon_builder_add_component(b, "app", "no/such/file.wasm", nullptr); },
      [](tenon_builder* b) { tenon_builder_add_component_bytes(b, "app", "\0asm", 4, nullptr); },
      [](tenon_builder* b) { tenon_builder_add_host_bundle(b, "sqlite", "no/such/folder"); },
      [](tenon_builder* b) { tenon_builder_add_remote(b, "r", "tcp://h:1", "acme:a/b,acme:c/d"); },
      [&](tenon_builder* b) { tenon_builder_wire(b, &wire); },
      [](tenon_builder* b) { tenon_builder_hide(b, "lib", "acme:math/lib@1.0.0.twice"); },
      [](tenon_builder* b) { tenon_builder_hide(b, nullptr, nullptr); },
      [](tenon_builder* b) { tenon_builder_isolate(b, "a unit with a name that is long"); },
      [](tenon_builder* b) { tenon_builder_grant_directory(b, "main", "ro:/tmp::/data"); },
      [](tenon_builder* b) { tenon_builder_grant_variable(b, nullptr, "NAME", "value"); },
      [](tenon_builder* b) { tenon_builder_set_limit(b, "main", "colour", "1"); },
      [](tenon_builder* b) { tenon_builder_restart(b, "a domain with a long name", 1, 1); },
      [](tenon_builder* b) { tenon_builder_add_program_argument(b, "main", "--a-long-flag"); },
      [](tenon_builder* b) { tenon_builder_add_package(b, "pact", "no/such/pack.wasm", nullptr); },
      [](tenon_builder* b) { tenon_builder_add_package_bytes(b, "pact", "\0asm", 4, nullptr); },
      [](tenon_builder* b) { tenon_builder_allow_interrupt(b); },
      [](tenon_builder* b) { tenon_builder_allow_threads(b); },
      [](tenon_builder* b) { tenon_builder_allow_unresolved(b); },
      [](tenon_builder* b) { tenon_builder_export_all(b); },
      [](tenon_builder* b) { tenon_builder_export_item(b, "lib", "acme:math/lib@1.0.0", "low"); },
      [](tenon_builder* b) { tenon_builder_expose(b, "a unit with a long name", "acme:a/b"); },
      [](tenon_builder* b) { tenon_builder_forbid_native(b); },
      [](tenon_builder* b) { tenon_builder_grant_network(b, "main", "example.org:443"); },
      [](tenon_builder* b) { tenon_builder_inherit_stdio(b); },
      [](tenon_builder* b) { tenon_builder_place(b, "a unit with a long name", "far away"); },
      [](tenon_builder* b) { tenon_builder_require_pins(b); },
      [&](tenon_builder* b) { tenon_builder_run_in_process(b, "a host with a name", &process); },
      [](tenon_builder* b) { tenon_builder_set_config(b, "app", "greeting", "hello, everybody"); },
      [](tenon_builder* b) { tenon_builder_set_host_config(b, "sqlite", "path", "a/long/path"); },
      [](tenon_builder* b) { tenon_builder_set_process_program(b, "/a/path/that/is/long"); },
      [](tenon_builder* b) { tenon_builder_set_threads(b, 2); },
      [](tenon_builder* b) { tenon_builder_trust(b); },
      [](tenon_builder* b) { tenon_builder_trust_path(b, "a/path/that/is/long/enough"); },
      [](tenon_builder* b) { tenon_builder_set_cache(b, "a/folder/with/a/long/path"); },
      [&](tenon_builder* b) { tenon_builder_set_executor(b, &executor); },
      [&](tenon_builder* b) { tenon_builder_on_log(b, log, &drops, drop); },
      [&](tenon_builder* b) { tenon_builder_on_trace(b, log, &drops, drop); },
      [&](tenon_builder* b) {
        tenon_builder_add_function(b, "acme:math/lib", "twice", function, &drops, drop);
      },
      [&](tenon_builder* b) {
        tenon_builder_add_async_function(b, "acme:math/lib", "twice", function, &drops, drop);
      },
      [&](tenon_builder* b) {
        tenon_builder_add_resource(b, "acme:math/lib", "thing", nullptr, &drops, drop);
      }};
  const int with_drop = 5;
  int expected_drops = 0;
  for (std::size_t i = 0; i < std::size(settings); ++i) {
    for (const bool all : {false, true}) {
      SCOPED_TRACE(fmt::format("setting {}{}", i, all ? ", all allocations" : ""));
      for (std::size_t n = 1;; ++n) {
        Builder builder(tenon_builder_new());
        g_has_failed = false;
        g_all_fail = all;
        g_left = n;
        settings[i](builder.get());
        g_left = 0;
        tenon_plan* plan = nullptr;
        if (g_has_failed) {
          EXPECT_EQ(take(tenon_builder_plan(builder.get(), &plan)), "api-memory: out of memory");
        }
        tenon_plan_delete(plan);
        builder.reset();
        if (i + with_drop >= std::size(settings)) ++expected_drops;
        ASSERT_EQ(drops, expected_drops) << "allocation " << n;
        if (!g_has_failed) break;
      }
    }
  }
  g_all_fail = false;
}

TEST(FailingAllocations, OfLookUps) {
  const BuiltComposition composition = [] {
    const Builder builder = make_pair();
    tenon_builder_isolate(builder.get(), "lib");
    return build(builder);
  }();
  tenon_function* function = nullptr;
  const auto deletes = [&] { tenon_function_delete(function); };
  fail_each(
      {.call = [&] { return tenon_composition_function(composition.get(), "", "f", &function); },
       .clean = deletes});
  fail_each(
      {.call = [&] { return tenon_composition_function(composition.get(), "", "g", &function); },
       .expected = "run-no-function: "});
  fail_each({.call = [&] { return tenon_composition_function_at(composition.get(), 0, &function); },
             .clean = deletes});
  tenon_unit* unit = nullptr;
  fail_each({.call = [&] { return tenon_composition_unit(composition.get(), "lib", &unit); },
             .clean = [&] { tenon_unit_delete(unit); }});
  fail_each({.call = [&] { return tenon_composition_unit_at(composition.get(), 0, &unit); },
             .clean = [&] { tenon_unit_delete(unit); }});
  ASSERT_EQ(take(tenon_composition_unit(composition.get(), "lib", &unit)), "");
  fail_each({.call = [&] { return tenon_unit_function(unit, "", "twice", &function); },
             .clean = deletes});
  fail_each({.call = [&] { return tenon_unit_function_at(unit, 0, &function); }, .clean = deletes});
  tenon_unit_delete(unit);
}

// Arguments of all kinds.
class CallsOfLib : public testing::Test {
 protected:
  // Calls a function in each way.
  void call(const BuiltComposition& composition, const char* name,
            const std::vector<tenon_value>& args) {
    SCOPED_TRACE(name);
    const FoundFunction function = find(composition, "", name);
    const Arena arena(tenon_arena_new());
    tenon_value result;
    const auto resets = [&] { tenon_arena_reset(arena.get()); };
    fail_each({.call =
                   [&] {
                     return tenon_function_call(function.get(), args.data(), args.size(),
                                                arena.get(), &result);
                   },
               .clean = resets});
    fail_each({.call = [&] {
      return tenon_function_call(function.get(), args.data(), args.size(), nullptr, nullptr);
    }});
    fail_each({.call =
                   [&] {
                     return tenon_function_call(function.get(), args.data(), args.size() - 1,
                                                arena.get(), &result);
                   },
               .clean = resets,
               .expected = "value-type: "});
    // The error of a call that was started belongs to `done`.
    tenon_error* ended = nullptr;
    const auto done = [](void* user, tenon_error* error, const tenon_value*) {
      *static_cast<tenon_error**>(user) = error;
    };
    tenon_task* task = nullptr;
    fail_each({.call =
                   [&] {
                     ended = nullptr;
                     tenon_error* const error = tenon_function_start(
                         function.get(), args.data(), args.size(), done, &ended, &task);
                     return error != nullptr ? error : ended;
                   },
               .clean = [&] { tenon_task_delete(task); }});
  }

  void call_all(const BuiltComposition& composition) {
    call(composition, "add", {tenon_value_u32(3), tenon_value_u32(4)});
    call(composition, "echo", {tenon_value_string("hello", 5)});
    const std::string large(100'000, 'x');
    call(composition, "echo", {tenon_value_string(large.data(), large.size())});
    const std::array<std::uint8_t, 4> bytes = {0, 255, 7, 9};
    call(composition, "echo-bytes", {tenon_value_packed(TENON_U8, bytes.data(), bytes.size())});
    std::array<tenon_value, 3> point = {tenon_value_u32(1), tenon_value_u64(UINT64_MAX),
                                        tenon_value_f64(-0.5)};
    tenon_value record = tenon_value_items(TENON_RECORD, point.data(), 3);
    call(composition, "echo-points", {tenon_value_items(TENON_LIST, &record, 1)});
    tenon_value text = tenon_value_string("x", 1);
    std::array<tenon_value, 3> tuple = {tenon_value_char('c'), tenon_value_bool(1),
                                        tenon_value_s64(-5)};
    call(composition, "echo-mixed",
         {tenon_value_option(&text), tenon_value_case(TENON_RESULT, 1, &text),
          tenon_value_items(TENON_TUPLE, tuple.data(), 3),
          tenon_value_case(TENON_VARIANT, 0, &text), tenon_value_flags(5)});
  }

  void fail(const BuiltComposition& composition, const char* name) {
    const FoundFunction boom = find(composition, "", name);
    fail_each(
        {.call = [&] { return tenon_function_call(boom.get(), nullptr, 0, nullptr, nullptr); },
         .expected = "run-trap: "});
  }
};

TEST_F(CallsOfLib, FailWithoutMemory) {
  const BuiltComposition lib = build_again(make_guests({"lib"}));
  call_all(lib);
  fail(lib, "boom");
  call(lib, "[constructor]counter", {tenon_value_u32(3)});
}

TEST_F(CallsOfLib, BetweenDomainsFailWithoutMemory) {
  const Builder builder = make_guests({"front", "keeper", "lib"});
  tenon_builder_set_root(builder.get(), "front");
  tenon_builder_isolate_all(builder.get());
  const BuiltComposition front = build_again(builder);
  call_all(front);
  call(front, "merge", {tenon_value_u32(3), tenon_value_u32(4)});
  call(front, "keep-all", {tenon_value_items(TENON_LIST, nullptr, 0)});
  fail(front, "boom");
}

// Functions of the program in the place of `lib`.
void add_library(const Builder& builder) {
  const auto add = [&](const char* name, tenon_fn function) {
    tenon_builder_add_function(builder.get(), kLib, name, function, nullptr, nullptr);
  };
  for (const char* name : {"echo", "echo-bytes", "echo-points", "echo-named", "calls", "grow",
                           "check-text", "check-trouble", "check-reason", "alive", "consume"})
    add(name,
        [](void*, tenon_call*, const tenon_value* args, std::size_t,
           tenon_value* result) -> std::int32_t {
          *result = args[0];
          return 0;
        });
  add("echo-mixed",
      [](void*, tenon_call* call, const tenon_value* args, std::size_t count,
         tenon_value* result) -> std::int32_t {
        auto* const items = static_cast<tenon_value*>(
            tenon_host()->alloc(call, count * sizeof(tenon_value), alignof(tenon_value)));
        if (items == nullptr) return 1;
        std::memcpy(items, args, count * sizeof(tenon_value));
        *result = tenon_value_items(TENON_TUPLE, items, count);
        return 0;
      });
  add("add",
      [](void*, tenon_call*, const tenon_value* args, std::size_t,
         tenon_value* result) -> std::int32_t {
        *result = tenon_value_u32(static_cast<std::uint32_t>(args[0].of.u + args[1].of.u));
        return 0;
      });
  for (const char* name : {"boom", "spin"})
    add(name, [](void*, tenon_call* call, const tenon_value*, std::size_t, tenon_value*) {
      return tenon_host()->trap(call, "it went off %d times, which is a long message", 2);
    });
  // The object is a number.
  for (const char* name : {"[constructor]counter", "make-bad"})
    add(name,
        [](void*, tenon_call*, const tenon_value*, std::size_t,
           tenon_value* result) -> std::int32_t {
          *result = tenon_value_own(&g_alive);
          return 0;
        });
  for (const char* name : {"[method]counter.next", "[method]counter.peek"})
    add(name,
        [](void*, tenon_call*, const tenon_value*, std::size_t,
           tenon_value* result) -> std::int32_t {
          *result = tenon_value_u32(7);
          return 0;
        });
  add("[static]counter.merge",
      [](void*, tenon_call*, const tenon_value*, std::size_t, tenon_value* result) -> std::int32_t {
        *result = tenon_value_own(&g_alive);
        return 0;
      });
  tenon_builder_add_resource(builder.get(), kLib, "counter", nullptr, nullptr, nullptr);
}

TEST_F(CallsOfLib, OfFunctionsInCFailWithoutMemory) {
  const Builder builder = make_guests({"front", "keeper"});
  add_library(builder);
  tenon_builder_set_root(builder.get(), "front");
  const BuiltComposition front = build_again(builder);
  call_all(front);
  call(front, "merge", {tenon_value_u32(3), tenon_value_u32(4)});
  fail(front, "boom");
}

TEST_F(CallsOfLib, InTextFailWithoutMemory) {
  const BuiltComposition lib = build_again(make_guests({"lib"}));
  char* text = nullptr;
  const auto call_text = [&](const char* call, const char* expected) {
    fail_each({.call = [&] { return tenon_composition_call(lib.get(), call, &text); },
               .clean = [&] { tenon_free(text); },
               .expected = expected});
  };
  call_text(R"(echo-mixed(some("x"), err("e"), ('c', true, -5), gone("g"), {red, blue}))", "");
  call_text("echo-points([{x: 1, y: 2, z: nan}, {x: 2, y: 3, z: -0.5}])", "");
  const FoundFunction points = find(lib, kLib, "echo-points");
  const auto call_json = [&](std::string_view args, const char* expected) {
    fail_each({.call =
                   [&] {
                     return tenon_function_call_json(points.get(), args.data(), args.size(), &text);
                   },
               .clean = [&] { tenon_free(text); },
               .expected = expected});
  };
  call_json(R"([[{"x": 1, "y": 2, "z": 0.5}, {"x": 1, "y": 2, "z": 0.5}]])", "");
  call_json("[[{}", "value-syntax: ");
  call_json(R"([["]"]])", "value-type: ");
  call_text("add(1, ", "value-syntax: ");
  call_text("add(1, -1)", "value-range: ");
  call_text("ad(1)", "run-no-function: ");
}

TEST_F(CallsOfLib, OfResourcesFailWithoutMemory) {
  const BuiltComposition lib = build_again(make_guests({"lib"}));
  const FoundFunction make = find(lib, kLib, "[constructor]counter");
  const FoundFunction next = find(lib, kLib, "[method]counter.next");
  const Arena arena(tenon_arena_new());
  const tenon_value start = tenon_value_u32(1);
  tenon_value counter;
  ASSERT_EQ(take(tenon_function_call(make.get(), &start, 1, arena.get(), &counter)), "");
  tenon_resource* kept = nullptr;
  fail_each({.call =
                 [&] {
                   kept = tenon_resource_keep(static_cast<tenon_resource*>(counter.of.rep));
                   return kept == nullptr ? capi::out_of_memory() : nullptr;
                 },
             .clean = [&] { tenon_resource_delete(kept); }});
  const tenon_value borrow = tenon_value_borrow(counter.of.rep);
  fail_each(
      {.call = [&] { return tenon_function_call(next.get(), &borrow, 1, nullptr, nullptr); }});
}

TEST(FailingAllocations, OfTasks) {
  const Builder builder(tenon_builder_new());
  add_unit(builder, "gate", kGate);
  const BuiltComposition gate = build_again(builder);
  const FoundFunction hold = find(gate, "", "hold");
  const FoundFunction release = find(gate, "", "release");
  tenon_error* ended = nullptr;
  const auto done = [](void* user, tenon_error* error, const tenon_value*) {
    *static_cast<tenon_error**>(user) = error;
  };
  const tenon_value arg = tenon_value_u32(1);
  tenon_task* task = nullptr;
  fail_each({.call =
                 [&] {
                   task = nullptr;
                   ended = nullptr;
                   return tenon_function_start(hold.get(), &arg, 1, done, &ended, &task);
                 },
             .clean =
                 [&] {
                   EXPECT_EQ(take(tenon_function_call(release.get(), nullptr, 0, nullptr, nullptr)),
                             "");
                   tenon_task_wait(task, 1'000'000'000);
                   tenon_task_delete(task);
                   EXPECT_EQ(take(ended), "");
                 }});
}

TEST(FailingAllocations, OfErrors) {
  const Builder app(tenon_builder_new());
  add_unit(app, "app", kConsumer);
  for (const bool all : {false, true})
    for (std::size_t n = 1;; ++n) {
      tenon_plan* plan = nullptr;
      const Problem problem(tenon_builder_plan(app.get(), &plan));
      g_has_failed = false;
      g_all_fail = all;
      g_left = n;
      const std::string_view text = tenon_error_text(problem.get());
      g_left = 0;
      if (!g_has_failed) break;
      // The message alone. Later there is more.
      EXPECT_EQ(text, tenon_error_message(problem.get()));
      EXPECT_THAT(tenon_error_text(problem.get()), HasSubstr("error[resolve-no-provider]"));
    }
  for (const bool all : {false, true})
    for (std::size_t n = 1;; ++n) {
      g_has_failed = false;
      g_all_fail = all;
      g_left = n;
      tenon_error* const error = tenon_builder_build(nullptr, nullptr);
      g_left = 0;
      EXPECT_THAT(take(error), AnyOf("api-memory: out of memory", StartsWith("api-usage: ")));
      if (!g_has_failed) break;
    }
  g_all_fail = false;
}

TEST(FailingAllocations, OfObjects) {
  for (std::size_t n = 1;; ++n) {
    g_has_failed = false;
    g_left = n;
    tenon_builder* const builder = tenon_builder_new();
    tenon_arena* const arena = tenon_arena_new();
    void* const memory = tenon_arena_alloc(arena, 100'000, 8);
    char* const text = tenon_explain_code("run-trap");
    g_left = 0;
    const bool is_complete =
        builder != nullptr && arena != nullptr && memory != nullptr && text != nullptr;
    EXPECT_EQ(is_complete, !g_has_failed) << "allocation " << n;
    tenon_builder_delete(builder);
    tenon_arena_delete(arena);
    tenon_free(text);
    if (!g_has_failed) break;
  }
}

// --- Growth

struct Memory {
  std::int64_t objects;   // of C++
  std::int64_t heap;      // in bytes, the engine's as well
  std::int64_t resident;  // in bytes
};

Memory measure() {
  const struct mallinfo2 heap = mallinfo2();
  std::int64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages >> pages;
  return {g_alive, static_cast<std::int64_t>(heap.uordblks + heap.hblkhd),
          pages * sysconf(_SC_PAGESIZE)};
}

// Calls a function so often, of which the first tenth may grow caches. In a long run, ten times as often.
template <class F>
void expect_no_growth(std::uint32_t count, F&& call) {
  count = repetitions(tests_everything() ? 10 * count : count);
  Memory before = {};
  for (std::uint32_t i = 0; i < count; ++i) {
    if (i == count / 10) before = measure();
    ASSERT_TRUE(call(i));
  }
  const Memory after = measure();
  EXPECT_LE(after.objects, before.objects + 10);
  if (kHasAddressSanitizer) return;  // it keeps what was freed
  EXPECT_LE(after.heap, before.heap + (64 << 10));
  EXPECT_LE(after.resident, before.resident + (1 << 20));
}

class Growth : public testing::Test {
 protected:
  Growth() {
    const Builder builder = make_guests({"lib"});
    lib_ = build_again(builder);
  }
  // Whether a call succeeds.
  bool call(const FoundFunction& function, std::vector<tenon_value> args) {
    tenon_arena_reset(arena_.get());
    return tenon_function_call(function.get(), args.data(), args.size(), arena_.get(), &result_) ==
           nullptr;
  }

  BuiltComposition lib_;
  Arena arena_{tenon_arena_new()};
  tenon_value result_ = {};
};

TEST_F(Growth, NumbersAndTextsDoNotGrow) {
  const FoundFunction add = find(lib_, kLib, "add");
  expect_no_growth(1'000'000, [&](std::uint32_t i) {
    const std::uint64_t params[] = {i, 1};
    std::uint64_t sum = 0;
    return tenon_function_call_flat(add.get(), params, 2, &sum) == nullptr && sum == i + 1;
  });
  const FoundFunction echo = find(lib_, kLib, "echo");
  const std::string text(64, 'x');
  const tenon_value arg = tenon_value_string(text.data(), text.size());
  expect_no_growth(300'000, [&](std::uint32_t) {
    tenon_arena_reset(arena_.get());
    return tenon_function_call(echo.get(), &arg, 1, arena_.get(), &result_) == nullptr;
  });
}

TEST_F(Growth, RecordsAndTextOfCallsDoNotGrow) {
  const FoundFunction echo = find(lib_, kLib, "echo-named");
  std::array<tenon_value, 3> named = {tenon_value_u32(1), tenon_value_string("name", 4),
                                      tenon_value_f64(0.5)};
  std::array<tenon_value, 8> records;
  records.fill(tenon_value_items(TENON_RECORD, named.data(), named.size()));
  const tenon_value list = tenon_value_items(TENON_LIST, records.data(), records.size());
  expect_no_growth(50'000, [&](std::uint32_t) {
    tenon_arena_reset(arena_.get());
    return tenon_function_call(echo.get(), &list, 1, arena_.get(), &result_) == nullptr;
  });
  const FoundFunction add = find(lib_, kLib, "add");
  expect_no_growth(10'000, [&](std::uint32_t) {
    char* json = nullptr;
    char* wave = nullptr;
    const bool is_called = tenon_function_call_json(add.get(), "[7, 8]", 6, &json) == nullptr &&
                           tenon_composition_call(lib_.get(), "add(1, 2)", &wave) == nullptr;
    tenon_free(json);
    tenon_free(wave);
    return is_called;
  });
}

TEST_F(Growth, ErrorsDoNotGrow) {
  const FoundFunction add = find(lib_, kLib, "add");
  const FoundFunction boom = find(lib_, kLib, "boom");
  expect_no_growth(20'000, [&](std::uint32_t) {
    return take(tenon_function_call(add.get(), nullptr, 0, nullptr, nullptr))
        .starts_with("value-type");
  });
  // The domain starts again for each.
  expect_no_growth(2'000, [&](std::uint32_t) {
    const Problem problem(tenon_function_call(boom.get(), nullptr, 0, nullptr, nullptr));
    return tenon_error_text(problem.get()) != nullptr &&
           tenon_error_json(problem.get()) != nullptr &&
           tenon_error_failure(problem.get()) != nullptr;
  });
}

TEST_F(Growth, ResourcesAndTasksDoNotGrow) {
  const FoundFunction make = find(lib_, kLib, "[constructor]counter");
  const FoundFunction next = find(lib_, kLib, "[method]counter.next");
  const tenon_value start = tenon_value_u32(1);
  expect_no_growth(50'000, [&](std::uint32_t i) {
    if (i % 100 == 0) tenon_arena_reset(arena_.get());
    if (tenon_function_call(make.get(), &start, 1, arena_.get(), &result_) != nullptr) return false;
    tenon_resource* const kept = tenon_resource_keep(static_cast<tenon_resource*>(result_.of.rep));
    const tenon_value borrow = tenon_value_borrow(kept);
    const bool is_called =
        tenon_function_call(next.get(), &borrow, 1, nullptr, &result_) == nullptr;
    tenon_resource_delete(kept);
    return is_called && result_.of.u == 2;
  });
  const FoundFunction add = find(lib_, kLib, "add");
  const tenon_value args[] = {tenon_value_u32(3), tenon_value_u32(4)};
  expect_no_growth(30'000, [&](std::uint32_t) {
    tenon_task* task = nullptr;
    std::uint64_t sum = 0;
    const auto done = [](void* user, tenon_error*, const tenon_value* result) {
      *static_cast<std::uint64_t*>(user) = result != nullptr ? result->of.u : 0;
    };
    if (tenon_function_start(add.get(), args, 2, done, &sum, &task) != nullptr) return false;
    tenon_task_wait(task, UINT64_MAX);
    tenon_task_delete(task);
    return sum == 7;
  });
}

TEST_F(Growth, CallsOfFunctionsInCDoNotGrow) {
  const Builder builder = make_guests({"front", "keeper"});
  add_library(builder);
  tenon_builder_set_root(builder.get(), "front");
  const BuiltComposition front = build(builder);
  const FoundFunction add = find(front, "", "add");
  expect_no_growth(100'000, [&](std::uint32_t i) {
    const std::uint64_t params[] = {i, 1};
    std::uint64_t sum = 0;
    return tenon_function_call_flat(add.get(), params, 2, &sum) == nullptr && sum == i + 1;
  });
  const FoundFunction echo = find(front, "", "echo");
  const tenon_value arg = tenon_value_string("hello", 5);
  expect_no_growth(50'000, [&](std::uint32_t) {
    tenon_arena_reset(arena_.get());
    return tenon_function_call(echo.get(), &arg, 1, arena_.get(), &result_) == nullptr;
  });
}

TEST_F(Growth, LinksDoNotGrow) {
  const TemporaryFolder cache;
  const Builder builder = make_pair();
  tenon_builder_set_cache(builder.get(), cache.path().c_str());
  expect_no_growth(200, [&](std::uint32_t) {
    const BuiltComposition composition = build(builder);
    return call(find(composition, "", "f"), {tenon_value_u32(2)});
  });
}

}  // namespace
}  // namespace tenon::c_api_test
