// The cost of calls of core modules, which packages are: calls of an export by the host, and calls
// from a guest to a guest of another store through a host function. The peer, in the same run, uses
// the engine's C API directly.
//
// items_per_second counts calls.
#include "engine/core_call.h"

#include <benchmark/benchmark.h>
#include <wasmtime.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/core_instance.h"
#include "engine/core_module.h"
#include "engine/engine.h"
#include "engine/store.h"
#include "engine/wat.h"

namespace tenon::bench {
namespace {

using namespace tenon::engine;
using enum CoreValueType;
using Done = Result<void, CallError>;

constexpr std::uint32_t kCalls = 10'000;

constexpr std::string_view kCallee = R"((module (memory (export "memory") 1)
    (func (export "f") (param i32 i32 i32 i32) (result i32) (i32.const 0))))";

constexpr std::string_view kCaller = R"((module
    (import "back" "f" (func $f (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (func (export "run") (param $n i32) (result i32)
      (loop $next
        (drop (call $f (i32.const 0) (i32.const 16) (i32.const 32) (i32.const 36)))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br_if $next (local.get $n)))
      (local.get $n))))";

const CoreFunctionType kFour = {.params = {I32, I32, I32, I32}, .results = {I32}};
const CoreFunctionType kOne = {.params = {I32}, .results = {I32}};

template <class T, class E>
T expect(Result<T, E> result) {
  if (result) return *std::move(result);
  if constexpr (requires { result.error().message; })
    std::fprintf(stderr, "%s\n", result.error().message.c_str());
  else
    std::fprintf(stderr, "%s\n", result.error().front().message.c_str());
  std::exit(1);
}

std::vector<std::uint8_t> assemble(std::string_view text) {
  return expect(wat_to_wasm("bench.wat", text));
}

EngineConfig config_of(Interruption interruption) { return {.interruption = interruption}; }

struct Guest {
  explicit Guest(Interruption interruption)
      : engine(expect(Engine::open(config_of(interruption)))),
        store(expect(Store::open_bare(engine))) {}

  void start(std::string_view text, std::vector<CoreHostImport> imports = {}) {
    const CompiledModule code = expect(CompiledModule::compile(engine, assemble(text)));
    instance.emplace(expect(CoreInstance::instantiate(store, code, std::move(imports))));
  }
  CoreFunction find(std::string_view name, const CoreFunctionType& type) {
    return expect(instance->find_function(store, name, type));
  }

  Engine engine;
  Store store;
  std::optional<CoreInstance> instance;
};

std::array<FlatValue, 4> four_values() {
  return {FlatValue::of_u32(0), FlatValue::of_u32(16), FlatValue::of_u32(32),
          FlatValue::of_u32(36)};
}

void export_from_host(benchmark::State& state, Interruption interruption) {
  Guest guest(interruption);
  guest.start(kCallee);
  const CoreFunction function = guest.find("f", kFour);
  for (auto _ : state) {
    std::array values = four_values();
    if (!function.call(guest.store, values)) std::exit(1);
    benchmark::DoNotOptimize(values);
  }
  state.SetItemsProcessed(state.iterations());
}

void memory_of_guest(benchmark::State& state) {
  Guest guest(Interruption::No);
  guest.start(kCallee);
  for (auto _ : state) benchmark::DoNotOptimize(guest.instance->memory(guest.store));
  state.SetItemsProcessed(state.iterations());
}

// Runs the caller's loop, with `function` as its import.
void run_loop(benchmark::State& state, Guest& caller, std::unique_ptr<CoreHostFunction> function) {
  std::vector<CoreHostImport> imports;
  imports.push_back(
      {.module = "back", .field = "f", .type = kFour, .function = std::move(function)});
  caller.start(kCaller, std::move(imports));
  const CoreFunction run = caller.find("run", kOne);
  for (auto _ : state) {
    std::array values = {FlatValue::of_u32(kCalls)};
    if (!run.call(caller.store, values)) std::exit(1);
    benchmark::DoNotOptimize(values);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * kCalls);
}

struct Nothing final : CoreHostFunction {
  Done call(CoreCaller&, std::span<FlatValue> values) override {
    values[0] = FlatValue::of_u32(0);
    return {};
  }
};

struct LookAtMemory final : CoreHostFunction {
  Done call(CoreCaller& caller, std::span<FlatValue> values) override {
    values[0] = FlatValue::of_u32(static_cast<std::uint32_t>(caller.memory().size()));
    return {};
  }
};

struct CallOther final : CoreHostFunction {
  CallOther(CoreFunction into, Store& in) : function(into), store(in) {}
  Done call(CoreCaller&, std::span<FlatValue> values) override {
    if (auto called = function.call(store, values); !called)
      return CallError::make(called.error().message);
    return {};
  }
  CoreFunction function;
  Store& store;
};

template <class Function>
void host_function(benchmark::State& state) {
  Guest caller(Interruption::No);
  run_loop(state, caller, std::make_unique<Function>());
}

void guest_to_guest(benchmark::State& state, Interruption interruption) {
  Guest callee(interruption);
  callee.start(kCallee);
  Guest caller(interruption);
  run_loop(state, caller, std::make_unique<CallOther>(callee.find("f", kFour), callee.store));
}

void instantiate(benchmark::State& state) {
  const Engine engine = expect(Engine::open(config_of(Interruption::No)));
  const CompiledModule code = expect(CompiledModule::compile(engine, assemble(kCaller)));
  for (auto _ : state) {
    Store store = expect(Store::open_bare(engine));
    std::vector<CoreHostImport> imports;
    imports.push_back(
        {.module = "back", .field = "f", .type = kFour, .function = std::make_unique<Nothing>()});
    benchmark::DoNotOptimize(expect(CoreInstance::instantiate(store, code, std::move(imports))));
  }
  state.SetItemsProcessed(state.iterations());
}

// The same calls through the C API only, with the engine's default configuration for a guest that
// cannot be interrupted.
class Peer final {
 public:
  explicit Peer(std::string_view text, wasmtime_func_unchecked_callback_t callback = nullptr,
                Peer* callee = nullptr)
      : engine_(wasm_engine_new()), store_(wasmtime_store_new(engine_, nullptr, nullptr)) {
    const std::vector<std::uint8_t> wasm = assemble(text);
    wasmtime_module_t* module = nullptr;
    if (wasmtime_module_new(engine_, wasm.data(), wasm.size(), &module) != nullptr) std::exit(1);
    wasmtime_extern_t import = {.kind = WASMTIME_EXTERN_FUNC, .of = {}};
    if (callback != nullptr) define(callback, callee, import.of.func);
    wasm_trap_t* trap = nullptr;
    if (wasmtime_instance_new(context(), module, &import, callback != nullptr ? 1 : 0, &instance_,
                              &trap) != nullptr ||
        trap != nullptr)
      std::exit(1);
    wasmtime_module_delete(module);
  }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  ~Peer() {
    wasmtime_store_delete(store_);
    wasm_engine_delete(engine_);
  }

  void find(std::string_view name) {
    wasmtime_extern_t found = {};
    if (!wasmtime_instance_export_get(context(), &instance_, name.data(), name.size(), &found))
      std::exit(1);
    function_ = found.of.func;
  }
  void call(wasmtime_val_raw_t* values, std::size_t count) {
    wasm_trap_t* trap = nullptr;
    if (wasmtime_func_call_unchecked(wasmtime_store_context(store_), &function_, values, count,
                                     &trap) != nullptr ||
        trap != nullptr)
      std::exit(1);
  }

  static wasm_trap_t* forward(void* env, wasmtime_caller_t* /*caller*/, wasmtime_val_raw_t* values,
                              std::size_t count) {
    static_cast<Peer*>(env)->call(values, count);
    return nullptr;
  }
  static wasm_trap_t* do_nothing(void* /*env*/, wasmtime_caller_t* /*caller*/,
                                 wasmtime_val_raw_t* values, std::size_t /*count*/) {
    values[0].i32 = 0;
    return nullptr;
  }

 private:
  wasmtime_context_t* context() { return wasmtime_store_context(store_); }
  void define(wasmtime_func_unchecked_callback_t callback, Peer* callee, wasmtime_func_t& made) {
    wasm_valtype_t* types[] = {wasm_valtype_new(WASM_I32), wasm_valtype_new(WASM_I32),
                               wasm_valtype_new(WASM_I32), wasm_valtype_new(WASM_I32)};
    wasm_valtype_t* one[] = {wasm_valtype_new(WASM_I32)};
    wasm_valtype_vec_t params = {};
    wasm_valtype_vec_t results = {};
    wasm_valtype_vec_new(&params, 4, types);
    wasm_valtype_vec_new(&results, 1, one);
    wasm_functype_t* type = wasm_functype_new(&params, &results);
    wasmtime_func_new_unchecked(context(), type, callback, callee, nullptr, &made);
    wasm_functype_delete(type);
  }

  wasm_engine_t* engine_;
  wasmtime_store_t* store_;
  wasmtime_instance_t instance_ = {};
  wasmtime_func_t function_ = {};
};

void engine_export_from_host(benchmark::State& state) {
  Peer guest(kCallee);
  guest.find("f");
  for (auto _ : state) {
    wasmtime_val_raw_t values[4] = {};
    guest.call(values, 4);
    benchmark::DoNotOptimize(values);
  }
  state.SetItemsProcessed(state.iterations());
}

void run_peer(benchmark::State& state, Peer& caller) {
  caller.find("run");
  for (auto _ : state) {
    wasmtime_val_raw_t values[1] = {};
    values[0].i32 = kCalls;
    caller.call(values, 1);
    benchmark::DoNotOptimize(values);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * kCalls);
}

void engine_host_function(benchmark::State& state) {
  Peer caller(kCaller, Peer::do_nothing);
  run_peer(state, caller);
}

void engine_guest_to_guest(benchmark::State& state) {
  Peer callee(kCallee);
  callee.find("f");
  Peer caller(kCaller, Peer::forward, &callee);
  run_peer(state, caller);
}

BENCHMARK_CAPTURE(export_from_host, plain, Interruption::No);
BENCHMARK_CAPTURE(export_from_host, interruptible, Interruption::Yes);
BENCHMARK(engine_export_from_host);
BENCHMARK(host_function<Nothing>);
BENCHMARK(engine_host_function);
BENCHMARK(host_function<LookAtMemory>);
BENCHMARK(memory_of_guest);
BENCHMARK_CAPTURE(guest_to_guest, plain, Interruption::No);
BENCHMARK_CAPTURE(guest_to_guest, interruptible, Interruption::Yes);
BENCHMARK(engine_guest_to_guest);
BENCHMARK(instantiate);

}  // namespace
}  // namespace tenon::bench
