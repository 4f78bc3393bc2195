// The cost of calls of async functions. With the loop inside the guest: calls between two domains of
// a composition (`bridged`), and in the same run between the same two components in one store
// (`one_store`), where the engine makes them alone. From the program: calls that are started and
// waited for.
//
// The argument is the number of calls that are started before the first of them is waited for.
// `async_add` and `async_add_stackful` return at once, so that the caller never waits;
// `async_add_later` returns in a later turn of its task.
//
// items_per_second counts calls.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <vector>

#include "pair_of_guests.h"

namespace tenon::bench {
namespace {

using Add = std::uint32_t(std::uint32_t, std::uint32_t);

constexpr std::uint32_t kCalls = 1'000;

void measure(benchmark::State& state, const char* function, Isolated isolated) {
  const Result<Composition> pair =
      build_pair(assemble_file("async_caller.wat"), assemble_file("async_callee.wat"), isolated);
  if (!pair) return state.SkipWithError(pair.error().front().message.c_str());
  const auto run = pair->function<Add>("", function);
  const auto size = static_cast<std::uint32_t>(state.range(0));
  for (auto _ : state) {
    const CallResult<std::uint32_t> sum = (*run)(kCalls, size);
    if (!sum) return state.SkipWithError(sum.error().message.c_str());
    state.counters["answer"] = *sum;
    // The calls of a burst return 3, 4, 5 and so on.
    if (*sum != size * 3 + size * (size - 1) / 2) return state.SkipWithError("a wrong sum");
  }
  count_calls(state, kCalls);
}

void bridged(benchmark::State& state, const char* function) {
  measure(state, function, Isolated::Yes);
}
void one_store(benchmark::State& state, const char* function) {
  measure(state, function, Isolated::No);
}

Composition& callee() {
  static Composition made = [] {
    CompositionBuilder builder;
    builder.add_component("callee", TENON_SOURCE_DIR "/bench/guests/async_callee.wat");
    Result<Composition> built = builder.build();
    if (built) return *std::move(built);
    std::fprintf(stderr, "%s\n", built.error().front().message.c_str());
    std::exit(1);
  }();
  return made;
}

void start_export(benchmark::State& state, const char* function) {
  const auto add = callee().function<Add>("", function);
  if (!add) return state.SkipWithError(add.error().front().message.c_str());
  const auto size = static_cast<std::uint32_t>(state.range(0));
  std::vector<Task<CallResult<std::uint32_t>>> tasks;
  tasks.reserve(size);
  for (auto _ : state) {
    std::uint32_t sum = 0;
    for (std::uint32_t i = 0; i < size; ++i) tasks.push_back(add->start(i, 3));
    for (auto& task : tasks) {
      const std::optional<CallResult<std::uint32_t>> result = task.wait();
      if (!result || !*result) return state.SkipWithError("a call failed");
      sum += **result;
    }
    tasks.clear();
    if (sum != size * 3 + size * (size - 1) / 2) return state.SkipWithError("a wrong sum");
  }
  count_calls(state, size);
}

// The blocking call of the same functions.
void call_export(benchmark::State& state, const char* function) {
  const auto add = callee().function<Add>("", function);
  if (!add) return state.SkipWithError(add.error().front().message.c_str());
  std::uint32_t sum = 0;
  for (auto _ : state) sum = *(*add)(sum, 3);
  benchmark::DoNotOptimize(sum);
  count_calls(state, 1);
}

BENCHMARK_CAPTURE(bridged, async_add, "run-add")->Arg(1);
BENCHMARK_CAPTURE(one_store, async_add, "run-add")->Arg(1);
BENCHMARK_CAPTURE(bridged, async_add_stackful, "run-add-stackful")->Arg(1);
BENCHMARK_CAPTURE(one_store, async_add_stackful, "run-add-stackful")->Arg(1);
BENCHMARK_CAPTURE(bridged, async_add_later, "run-add-later")->Arg(1)->Arg(1000);
BENCHMARK_CAPTURE(one_store, async_add_later, "run-add-later")->Arg(1)->Arg(1000);
BENCHMARK_CAPTURE(start_export, async_add, "add")->Arg(1)->Arg(1000);
BENCHMARK_CAPTURE(start_export, async_add_later, "add-later")->Arg(1)->Arg(1000);
BENCHMARK_CAPTURE(call_export, async_add, "add");

}  // namespace
}  // namespace tenon::bench
