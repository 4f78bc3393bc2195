// The cost of a call between two domains of a composition, with the loop inside the guest. Its
// peers, in the same run, are the same two components connected through the engine's own values
// (`tree`), and a copy of the bytes (`memcpy`).
//
// items_per_second counts calls.
#include <benchmark/benchmark.h>

#include <cstring>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "pair_of_guests.h"
#include "tree_peer.h"

namespace tenon::bench {
namespace {

// Every function returns its argument. List elements have 24 bytes.
constexpr const char* kFunctions[] = {"add", "bytes", "points", "named"};

constexpr std::string_view kPoint = "(list (tuple u32 u64 f64))";
constexpr std::string_view kNamed = "(list (tuple u32 string f64))";

// A realloc that allocates upwards from 2 MiB, and a `reset`.
constexpr std::string_view kLibc = R"(
    (core module $libc_code
      (memory (export "memory") 128)
      (global $top (mut i32) (i32.const 0x200000))
      (func (export "reset") (global.set $top (i32.const 0x200000)))
      (func (export "reset-after") (param i32) (global.set $top (i32.const 0x200000)))
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
        (local.set $at (i32.and (i32.add (global.get $top) (i32.const 7)) (i32.const -8)))
        (global.set $top (i32.add (local.get $at) (local.get 3)))
        (local.get $at)))
    (core instance $libc (instantiate $libc_code))
    (alias core export $libc "memory" (core memory $memory))
    (alias core export $libc "realloc" (core func $realloc))
    (alias core export $libc "reset" (core func $reset))
    (alias core export $libc "reset-after" (core func $after)))";

std::string type_of(std::string_view function) {
  if (function == "add") return R"((param "a" u32) (param "b" u32) (result u32))";
  const std::string list(function == "bytes"    ? "(list u8)"
                         : function == "points" ? kPoint
                                                : kNamed);
  return "(param \"l\" " + list + ") (result " + list + ")";
}

Bytes callee() {
  std::string text = "(component" + std::string(kLibc) + R"(
    (core module $code
      (import "libc" "memory" (memory 1))
      (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
      (func (export "echo") (param i32 i32) (result i32)
        (i32.store (i32.const 16) (local.get 0)) (i32.store (i32.const 20) (local.get 1))
        (i32.const 16)))
    (core instance $i (instantiate $code (with "libc" (instance $libc))))
    (func (export "add") )" +
                     type_of("add") + R"( (canon lift (core func $i "add"))))";
  for (const std::string_view name : {"bytes", "points", "named"}) {
    text += "(func (export \"" + std::string(name) + "\") " + type_of(name) + R"(
      (canon lift (core func $i "echo") (memory $memory) (realloc $realloc) (post-return $after))))";
  }
  return assemble(text + ")");
}

Bytes caller() {
  std::string text = "(component";
  for (const std::string_view name : kFunctions)
    text += "(import \"" + std::string(name) + "\" (func $" + std::string(name) + " " +
            type_of(name) + "))";
  text += kLibc;
  std::string imports;
  std::string given;
  std::string runs;
  std::string exports;
  for (const std::string_view view : kFunctions) {
    const std::string name(view);
    const bool is_add = name == "add";
    text += "(core func $" + name + "' (canon lower (func $" + name + ")" +
            (is_add ? "" : "(memory $memory) (realloc $realloc)") + "))";
    imports += "(import \"f\" \"" + name + "\" (func $" + name +
               (is_add ? " (param i32 i32) (result i32)))" : " (param i32 i32 i32)))");
    given += "(export \"" + name + "\" (func $" + name + "'))";
    runs += "(func (export \"run-" + name + R"(") (param $n i32) (param $size i32) (result i32)
        (local $sum i32)
        (loop $next
          (call $reset))" +
            (is_add ? "(local.set $sum (call $add (local.get $sum) (i32.const 3)))"
                    : "(call $" + name + R"( (i32.const 0x10000) (local.get $size) (i32.const 16))
          (local.set $sum (i32.load (i32.const 20))))") +
            R"((local.set $n (i32.sub (local.get $n) (i32.const 1)))
          (br_if $next (local.get $n)))
        (local.get $sum)))";
    exports += "(func (export \"run-" + name +
               R"(") (param "n" u32) (param "size" u32) (result u32)
        (canon lift (core func $i "run-)" +
               name + "\")))";
  }
  text += R"((core module $code
      (import "libc" "memory" (memory 1))
      (import "libc" "reset" (func $reset)))" +
          imports + runs + R"(
      ;; The names are eight bytes each.
      (func $start (local $at i32)
        (local.set $at (i32.const 0x10000))
        (loop $next
          (i32.store offset=4 (local.get $at) (i32.const 0x8000))
          (i32.store offset=8 (local.get $at) (i32.const 8))
          (local.set $at (i32.add (local.get $at) (i32.const 24)))
          (br_if $next (i32.lt_u (local.get $at) (i32.const 0x15dc0)))))
      (start $start))
    (core instance $given )" +
          given + R"()
    (core instance $i (instantiate $code (with "libc" (instance $libc))
      (with "f" (instance $given)))))";
  return assemble(text + exports + ")");
}

void bridged(benchmark::State& state, const char* function, std::uint32_t calls) {
  run_bridged(state, caller(), callee(), function, calls);
}

// The same with middleware that never refuses a call.
void limited(benchmark::State& state, const char* function, std::uint32_t calls) {
  CompositionBuilder builder;
  builder.add_component("caller", caller());
  builder.add_component("callee", callee());
  builder.set_root("caller");
  builder.add_middleware("wide", {.kind = Middleware::Kind::Limit, .concurrency = 1000});
  builder.wire({.import = "add", .via = {"wide"}});
  builder.isolate_all();
  run_bridged(state, builder.build(), function, calls);
}

void tree(benchmark::State& state, const char* function, std::uint32_t calls) {
  TreePeer to;
  to.start(callee());
  TreePeer from;
  TreePeer::Edge edges[std::size(kFunctions)];
  for (std::size_t i = 0; i < std::size(kFunctions); ++i) from.define(kFunctions[i], to, edges[i]);
  from.start(caller());
  run_tree(state, from, function, calls);
}

// Copies in both directions, between the three buffers that a call uses: the caller's argument, the
// callee's copy, and the caller's result.
void memcpy_twice(benchmark::State& state) {
  const auto size = static_cast<std::size_t>(state.range(0));
  std::vector<std::uint8_t> given(size, 1);
  std::vector<std::uint8_t> taken(size);
  std::vector<std::uint8_t> returned(size);
  for (auto _ : state) {
    std::memcpy(taken.data(), given.data(), size);
    benchmark::ClobberMemory();
    std::memcpy(returned.data(), taken.data(), size);
    benchmark::ClobberMemory();
  }
  count_calls(state, 1);
}

constexpr int kMegabyte = 1 << 20;

BENCHMARK_CAPTURE(bridged, add, "run-add", 10'000)->Arg(0);
BENCHMARK_CAPTURE(limited, add, "run-add", 10'000)->Arg(0);
BENCHMARK_CAPTURE(tree, add, "run-add", 10'000)->Arg(0);
BENCHMARK_CAPTURE(bridged, bytes, "run-bytes", 20)->Arg(kMegabyte);
BENCHMARK(memcpy_twice)->Arg(kMegabyte);
BENCHMARK_CAPTURE(bridged, points, "run-points", 500)->Arg(1000);
BENCHMARK_CAPTURE(tree, points, "run-points", 5)->Arg(1000);
BENCHMARK_CAPTURE(bridged, named, "run-named", 100)->Arg(1000);
BENCHMARK_CAPTURE(tree, named, "run-named", 5)->Arg(1000);

}  // namespace
}  // namespace tenon::bench
