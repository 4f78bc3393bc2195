// Counts memory allocations, by C++ and by Rust, in calls between domains, between a program and
// its guest, and of core modules. Prints one line for each kind of call, such as `bridged-add 0`,
// with the allocations of 1,000 calls after a warm-up.
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/core_instance.h"
#include "engine/core_module.h"
#include "engine/engine.h"
#include "engine/store.h"
#include "engine/wat.h"
#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/function.h"
#include "tenon/host.h"

namespace {

std::size_t allocations = 0;

}  // namespace

// Replaces the C library's functions, through which all code of the process allocates.
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* old, std::size_t size);
void* __libc_memalign(std::size_t align, std::size_t size);

void* malloc(std::size_t size) noexcept {
  ++allocations;
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) noexcept {
  ++allocations;
  return __libc_calloc(count, size);
}
void* realloc(void* old, std::size_t size) noexcept {
  ++allocations;
  return __libc_realloc(old, size);
}
void* memalign(std::size_t align, std::size_t size) noexcept {
  ++allocations;
  return __libc_memalign(align, size);
}
void* aligned_alloc(std::size_t align, std::size_t size) noexcept { return memalign(align, size); }
int posix_memalign(void** made, std::size_t align, std::size_t size) noexcept {
  *made = memalign(align, size);
  return *made == nullptr ? ENOMEM : 0;
}
}

namespace tenon::bench {
namespace {

constexpr std::uint32_t kCalls = 1000;

template <class T, class E>
T need(Result<T, E> result) {
  if (result) return *std::move(result);
  std::fprintf(stderr, "a call or a build failed\n");
  std::exit(1);
}

// Allocations on both sides of the calls.
template <class Call>
void measure(const char* name, Call&& call) {
  call();
  const std::size_t before = allocations;
  call();
  std::printf("%s %zu\n", name, allocations - before);
}

void measure_bridged() {
  CompositionBuilder builder;
  const std::string guests = TENON_SOURCE_DIR "/tests/guests/domains/wasm/";
  for (const char* unit : {"front", "lib", "keeper"})
    builder.add_component(unit, guests + unit + ".wasm");
  builder.set_root("front");
  builder.isolate_all();
  const Composition made = need(builder.build());
  const auto loop = [&](const char* name) {
    return need(made.function<std::uint32_t(std::uint32_t)>("front", name));
  };
  measure("bridged-add", [add = loop("loop-add")] { (void)need(add(kCalls)); });
  measure("bridged-borrow", [borrow = loop("loop-borrow")] { (void)need(borrow(kCalls)); });
  measure("bridged-own", [own = loop("loop-own")] { (void)need(own(kCalls)); });
}

void measure_native() {
  CompositionBuilder builder;
  builder.add_component("guest", TENON_SOURCE_DIR "/bench/guests/native.wat");
  builder.add_host_function("", "host-add", [](std::uint32_t a, std::uint32_t b) { return a + b; });
  const Composition made = need(builder.build());
  measure("export",
          [add = need(made.function<std::uint32_t(std::uint32_t, std::uint32_t)>("", "add"))] {
            for (std::uint32_t i = 0; i < kCalls; ++i) (void)need(add(i, 3));
          });
  measure("host", [run = need(made.function<std::uint32_t(std::uint32_t)>("", "run"))] {
    (void)need(run(kCalls));
  });
}

// Core modules: an export that the host calls, and a loop in a guest that calls a guest of another
// store.
struct CoreGuest {
  CoreGuest(std::string_view text, std::vector<engine::CoreHostImport> imports)
      : engine(need(engine::Engine::open({}))),
        store(need(engine::Store::open_bare(engine))),
        code(need(
            engine::CompiledModule::compile(engine, need(engine::wat_to_wasm("core.wat", text))))),
        instance(need(engine::CoreInstance::instantiate(store, code, std::move(imports)))) {}

  engine::CoreFunction find(std::string_view name) {
    return need(instance.find_function(
        store, name,
        {.params = {engine::CoreValueType::I32}, .results = {engine::CoreValueType::I32}}));
  }
  void call(const engine::CoreFunction& function, std::uint32_t param) {
    engine::FlatValue value = engine::FlatValue::of_u32(param);
    if (!function.call(store, {&value, 1})) std::exit(1);
  }

  engine::Engine engine;
  engine::Store store;
  engine::CompiledModule code;
  engine::CoreInstance instance;
};

struct Forward final : engine::CoreHostFunction {
  explicit Forward(CoreGuest& guest) : to(guest), function(guest.find("f")) {}
  Result<void, engine::CallError> call(engine::CoreCaller& caller,
                                       std::span<engine::FlatValue> values) override {
    caller.memory()[0] = to.instance.memory(to.store)[0];
    if (function.call(to.store, values)) return {};
    return engine::CallError::make("the call failed");
  }
  CoreGuest& to;
  engine::CoreFunction function;
};

void measure_core() {
  CoreGuest back(R"((module (memory (export "memory") 1)
    (func (export "f") (param i32) (result i32) (local.get 0))))",
                 {});
  std::vector<engine::CoreHostImport> imports;
  imports.push_back(
      {.module = "back",
       .field = "f",
       .type = {.params = {engine::CoreValueType::I32}, .results = {engine::CoreValueType::I32}},
       .function = std::make_unique<Forward>(back)});
  CoreGuest front(R"((module (import "back" "f" (func $f (param i32) (result i32)))
    (memory (export "memory") 1)
    (func (export "run") (param i32) (result i32)
      (loop $next
        (drop (call $f (local.get 0)))
        (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
        (br_if $next (local.get 0)))
      (local.get 0))))",
                  std::move(imports));
  measure("core-export", [&, f = back.find("f")] {
    for (std::uint32_t i = 0; i < kCalls; ++i) back.call(f, i);
  });
  measure("core-bridged", [&, run = front.find("run")] { front.call(run, kCalls); });
}

}  // namespace
}  // namespace tenon::bench

int main() {
  tenon::bench::measure_bridged();
  tenon::bench::measure_native();
  tenon::bench::measure_core();
}
