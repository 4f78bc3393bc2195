// The cost of a call between two stores, where a guest calls a host function that calls another
// guest: raw calls, compared with the engine's own values through wasmtime's C API in the same run.
// The loop is inside the guest.
//
// items_per_second counts calls.
#include "engine/raw_call.h"

#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "engine/code.h"
#include "engine/engine.h"
#include "engine/linker.h"
#include "engine/store.h"
#include "engine/wat.h"
#include "support/try.h"
#include "tree_peer.h"

namespace tenon::bench {
namespace {

using namespace tenon::engine;
using Done = Result<void, CallError>;

constexpr std::uint32_t kCalls = 10'000;

constexpr std::string_view kCaller = R"((component
    (core module $libc_code
      (memory (export "memory") 64)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 0x200000)))
    (core instance $libc (instantiate $libc_code))
    (import "add" (func $add (param "a" u32) (param "b" u32) (result u32)))
    (import "echo" (func $echo (param "bytes" (list u8)) (result (list u8))))
    (core func $add' (canon lower (func $add)))
    (core func $echo' (canon lower (func $echo) (memory $libc "memory")
      (realloc (func $libc "realloc"))))
    (core module $code
      (import "" "add" (func $add (param i32 i32) (result i32)))
      (import "" "echo" (func $echo (param i32 i32 i32)))
      (func (export "run-add") (param $n i32) (param i32) (result i32) (local $sum i32)
        (loop $next
          (local.set $sum (call $add (local.get $sum) (i32.const 3)))
          (local.set $n (i32.sub (local.get $n) (i32.const 1)))
          (br_if $next (local.get $n)))
        (local.get $sum))
      (func (export "run-echo") (param $n i32) (param $size i32) (result i32)
        (loop $next
          (call $echo (i32.const 0x10000) (local.get $size) (i32.const 16))
          (local.set $n (i32.sub (local.get $n) (i32.const 1)))
          (br_if $next (local.get $n)))
        (local.get $size)))
    (core instance $core (instantiate $code (with "" (instance
      (export "add" (func $add')) (export "echo" (func $echo'))))))
    (func (export "run-add") (param "n" u32) (param "size" u32) (result u32)
      (canon lift (core func $core "run-add")))
    (func (export "run-echo") (param "n" u32) (param "size" u32) (result u32)
      (canon lift (core func $core "run-echo")))))";

constexpr std::string_view kCallee = R"((component
    (core module $code
      (memory (export "memory") 64)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 0x10000))
      (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
      (func (export "echo") (param i32 i32) (result i32)
        (i32.store (i32.const 16) (local.get 0))
        (i32.store (i32.const 20) (local.get 1))
        (i32.const 16)))
    (core instance $core (instantiate $code))
    (func (export "add") (param "a" u32) (param "b" u32) (result u32)
      (canon lift (core func $core "add")))
    (func (export "echo") (param "bytes" (list u8)) (result (list u8))
      (canon lift (core func $core "echo") (memory $core "memory")
        (realloc (func $core "realloc"))))))";

template <class T, class E>
T expect(Result<T, E> result) {
  if (result) return *std::move(result);
  if constexpr (requires { result.error().message; }) {
    std::fprintf(stderr, "%s\n", result.error().message.c_str());
  }
  std::exit(1);
}

struct Guest {
  Guest()
      : engine(expect(Engine::open({}))),
        store(expect(Store::open(engine, {}))),
        linker(Linker::make(engine)) {}

  void start(std::string_view text) {
    const std::vector<std::uint8_t> wasm = expect(wat_to_wasm("bench.wat", text));
    instance.emplace(
        expect(linker.instantiate(store, expect(CompiledComponent::compile(engine, wasm)))));
  }
  RawFunction find(std::string_view name, FlatCounts counts) {
    const std::string_view path[] = {name};
    return expect(RawFunction::find(store, *instance, path, counts));
  }

  Engine engine;
  Store store;
  Linker linker;
  std::optional<Instance> instance;
};

struct Add final : RawCall {
  explicit Add(HostCall& from) : host(from) {}
  Done lower(GuestSide&, std::span<FlatValue> params) override {
    params[0] = host.params()[0];
    params[1] = host.params()[1];
    return {};
  }
  Done lift(GuestSide&, std::span<const FlatValue> result) override {
    host.set_result(result[0]);
    return {};
  }
  HostCall& host;
};

// Copies a list from one memory to the other; the two words at `slots` are its address and length.
Done copy_bytes(GuestSide& from, std::uint32_t at, std::uint32_t size, GuestSide& to,
                std::uint32_t& there) {
  TENON_TRY(there, to.allocate(size, 1));
  TENON_TRY(const auto source, from.bytes(at, size));
  TENON_TRY(const auto target, to.bytes(there, size));
  std::memcpy(target.data(), source.data(), size);
  return {};
}

struct Echo final : RawCall {
  explicit Echo(HostCall& from) : host(from) {}
  Done lower(GuestSide& callee, std::span<FlatValue> params) override {
    const std::uint32_t size = host.params()[1].u32();
    std::uint32_t at = 0;
    TENON_TRY_VOID(copy_bytes(host.caller(), host.params()[0].u32(), size, callee, at));
    params[0] = FlatValue::of_u32(at);
    params[1] = FlatValue::of_u32(size);
    return {};
  }
  Done lift(GuestSide& callee, std::span<const FlatValue> result) override {
    TENON_TRY(const auto pair, callee.bytes(result[0].u32(), 8, 4));
    std::uint32_t list[2];
    std::memcpy(list, pair.data(), sizeof list);
    TENON_TRY_VOID(copy_bytes(callee, list[0], list[1], host.caller(), list[0]));
    TENON_TRY(const auto tuple, host.result_bytes(8));
    std::memcpy(tuple.data(), list, sizeof list);
    return {};
  }
  HostCall& host;
};

template <class Body>
struct BridgeTo final : HostFunction {
  BridgeTo(RawFunction into, Store& in) : function(std::move(into)), store(in) {}
  Done call(HostCall& call) override {
    Body body(call);
    if (auto called = function.call(store, body); !called) {
      return CallError::make(called.error().message);
    }
    return {};
  }
  RawFunction function;
  Store& store;
};

struct Run final : RawCall {
  explicit Run(std::uint32_t bytes) : size(bytes) {}
  Done lower(GuestSide&, std::span<FlatValue> params) override {
    params[0] = FlatValue::of_u32(kCalls);
    params[1] = FlatValue::of_u32(size);
    return {};
  }
  Done lift(GuestSide&, std::span<const FlatValue> values) override {
    result = values[0].u32();
    return {};
  }
  std::uint32_t size;
  std::uint32_t result = 0;
};

void raw(benchmark::State& state, const char* function) {
  Guest callee;
  callee.start(kCallee);
  Guest caller;
  const bool defined =
      define_host_function(
          caller.linker, "", "add", {2, 1},
          std::make_unique<BridgeTo<Add>>(callee.find("add", {2, 1}), callee.store)) &&
      define_host_function(
          caller.linker, "", "echo", {2, kSpilled},
          std::make_unique<BridgeTo<Echo>>(callee.find("echo", {2, kSpilled}), callee.store));
  if (!defined) std::exit(1);
  caller.start(kCaller);
  const RawFunction run = caller.find(function, {2, 1});
  Run call(static_cast<std::uint32_t>(state.range(0)));
  for (auto _ : state) {
    if (!run.call(caller.store, call)) std::exit(1);
    benchmark::DoNotOptimize(call.result);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * kCalls);
}

void values(benchmark::State& state, const char* function) {
  TreePeer callee;
  callee.start(expect(wat_to_wasm("bench.wat", kCallee)));
  TreePeer caller;
  TreePeer::Edge edges[2];
  caller.define("add", callee, edges[0]);
  caller.define("echo", callee, edges[1]);
  caller.start(expect(wat_to_wasm("bench.wat", kCaller)));
  const wasmtime_component_func_t run = caller.find(function);
  for (auto _ : state) {
    benchmark::DoNotOptimize(caller.call(run, kCalls, static_cast<std::uint32_t>(state.range(0))));
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * kCalls);
}

BENCHMARK_CAPTURE(raw, add, "run-add")->Arg(0);
BENCHMARK_CAPTURE(values, add, "run-add")->Arg(0);
BENCHMARK_CAPTURE(raw, echo, "run-echo")->Arg(64)->Arg(65536);
BENCHMARK_CAPTURE(values, echo, "run-echo")->Arg(64)->Arg(512);

}  // namespace
}  // namespace tenon::bench
