// The cost of one call between two components of one domain, with the loop inside the guest: the
// pair as tenon links and runs it, compared with the same pair, nested in a handwritten component
// and run with the engine's defaults.
//
// items_per_second counts calls.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "engine_peer.h"
#include "tenon/builder.h"
#include "tenon/composition.h"

namespace tenon::bench {
namespace {

constexpr std::uint32_t kCalls = 1'000'000;

std::string guest(const char* name) {
  return std::string(TENON_SOURCE_DIR "/tests/guests/wasm/") + name;
}

// The client and the provider, linked.
const std::vector<std::uint8_t>& composed_pair() {
  static const std::vector<std::uint8_t> bytes = [] {
    CompositionBuilder builder;
    builder.add_component("adder", guest("adder.wasm"));
    builder.add_component("adder-client", guest("adder-client.wasm"));
    Result<std::vector<std::uint8_t>> made = builder.compose();
    if (!made) {
      std::fprintf(stderr, "%s\n", made.error().front().message.c_str());
      std::exit(1);
    }
    return *std::move(made);
  }();
  return bytes;
}

void call_in_loop(benchmark::State& state, Peer peer, const char* function) {
  PeerInstance pair(peer, composed_pair());
  for (auto _ : state) benchmark::DoNotOptimize(pair.call(function, kCalls));
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * kCalls);
}

// The pair as tenon links it by reference.
void call_by_reference(benchmark::State& state) {
  CompositionBuilder builder;
  builder.add_component("adder", guest("adder.wasm"));
  builder.add_component("adder-client", guest("adder-client.wasm"));
  BuildOptions options;
  options.link_form = LinkForm::Reference;
  Result<Composition> pair = builder.build(options);
  if (!pair) return state.SkipWithError(pair.error().front().message.c_str());
  const std::vector<Value> calls = {Value::u32(kCalls)};
  for (auto _ : state)
    if (!pair->call("", "run-add", calls)) return state.SkipWithError("the call failed");
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * kCalls);
}

BENCHMARK(call_by_reference)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(call_in_loop, add_not_inlined, Peer::NoInlining, "run-add")
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(call_in_loop, add_default, Peer::Default, "run-add")
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(call_in_loop, add_tenon, Peer::Tenon, "run-add")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(call_in_loop, bytes_default, Peer::Default, "run-bytes")
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(call_in_loop, bytes_tenon, Peer::Tenon, "run-bytes")
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tenon::bench
