// The cost of calls between a C++ program and a guest, with C++ types: calls of an export, calls of a
// function of the program with the loop inside the guest, and calls that each get a fresh instance. engine/examples/typed_peer.rs
// makes the same calls from Rust.
//
// items_per_second counts calls.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/function.h"
#include "tenon/host.h"

namespace tenon::bench {
namespace {

using Add = std::uint32_t(std::uint32_t, std::uint32_t);
using Run = std::uint32_t(std::uint32_t);

constexpr std::uint32_t kCalls = 10'000;

template <class T>
T need(Result<T> result) {
  if (result) return *std::move(result);
  std::fprintf(stderr, "%s\n", result.error()[0].message.c_str());
  std::exit(1);
}

Composition& guest() {
  static Composition made = [] {
    CompositionBuilder builder;
    builder.add_component("guest", TENON_SOURCE_DIR "/bench/guests/native.wat");
    builder.add_host_function("", "host-add",
                              [](std::uint32_t a, std::uint32_t b) { return a + b; });
    return need(builder.build());
  }();
  return made;
}

void call_export(benchmark::State& state) {
  const auto add = need(guest().function<Add>("", "add"));
  std::uint32_t sum = 0;
  for (auto _ : state) sum = *add(sum, 3);
  benchmark::DoNotOptimize(sum);
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}
BENCHMARK(call_export);

void call_host(benchmark::State& state) {
  const auto run = need(guest().function<Run>("", "run"));
  for (auto _ : state) benchmark::DoNotOptimize(*run(kCalls));
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * kCalls);
}
BENCHMARK(call_host);

// Each call gets a fresh instance of a pool.
void call_fresh(benchmark::State& state) {
  CompositionBuilder builder;
  builder.add_component("fresh", TENON_SOURCE_DIR "/bench/guests/fresh.wat", {.pool = 1});
  const Composition composition = need(builder.build());
  const auto twice = need(composition.function<Run>("", "twice"));
  for (auto _ : state) benchmark::DoNotOptimize(*twice(3));
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}
BENCHMARK(call_fresh);

}  // namespace
}  // namespace tenon::bench
